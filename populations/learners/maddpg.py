"""Multi-agent deep deterministic policy gradient, with discrete actions and a relational critic."""

from __future__ import annotations

import numpy as np
import torch

from games import InputError
from populations.learners.off_policy import OffPolicy, one_hot
from populations.learners.off_policy_settings import MADDPGSettings
from populations.learners.replay_buffer import Transitions
from populations.networks.network import Network

__all__ = ["MADDPG"]


class MADDPG(OffPolicy):
    """The learner (Lowe et al. 2017, arXiv 1706.02275), for any number of agents.

    Its form is that of the attention baseline of Long et al. 2020 (arXiv 2003.10423): encoders that take any population, and
    weights that all seats of the learner share.

        y_i = r_i + discount * Q'_i(o', a'_1 .. a'_n),  a' drawn from the target policies
        L_Q = mean ( Q_i(o, a_1 .. a_n) - y_i )^2
        L_pi = mean ( -Q_i(o, a_1 .. a_i(theta) .. a_n) + c mean_a logits(a)^2 )

    where a_i(theta) is one-hot going forward and a Gumbel-softmax going backward (Jang et al. 2017, arXiv 1611.01144, the
    straight-through form), and the others' actions are those that were played. Learned policies are stochastic; the same
    noise that relaxes them explores. Differences from the released code: one gradient step per `replay.every` joint
    decisions instead of bursts, rewards divided by their deviation, values of one discrete action per decision only.

    Roles do not share weights where each is a learner of its own, as the league has it.
    """

    def __init__(self, network: Network, settings: MADDPGSettings | None = None, *, seed: int = 0) -> None:
        if network.prior is not None:
            raise InputError("maddpg learns a single mode: network relation must be nothing")
        self.settings = settings or MADDPGSettings()
        super().__init__(network, self.settings, own_action=True, seed=seed)

    def _step(self, drawn: Transitions, scale: float, progress: float, rng: np.random.Generator) -> dict[str, float]:
        s = self.settings
        now, after = self.seen(drawn.now), self.seen(drawn.after)
        with torch.no_grad():
            following = self.draw(self.logits(self.target_network, after), rng)
            value = self.target_critic(self.target_critic.encode(after.observation), following, after.here)
            target = self.targets(drawn, after, value, scale)
        taken = self.taken(drawn)
        estimate = self.critic(self.critic.encode(now.observation), taken, now.here)
        figures = self.descend_critic(estimate, target, drawn)

        logits, guess = self.decide(now)
        noise = torch.from_numpy(rng.gumbel(size=logits.shape).astype(np.float32))
        soft = torch.softmax((logits + noise) / s.relaxation, dim=2)
        own = one_hot(soft.argmax(dim=2), soft.shape[2]) + soft - soft.detach()
        with torch.no_grad():
            features = self.critic.encode(now.observation)
        worth = self.critic(features, taken, now.here, own)
        legal = torch.ones_like(logits) if now.mask is None else now.mask.float()
        size = (legal * logits.square()).sum(dim=2) / legal.sum(dim=2).clamp(min=1.0)
        figures |= self.descend_policy(s.logits * size - worth, guess, worth, now.here)
        return figures | {"entropy": self.entropy(torch.log_softmax(logits, dim=2), now.here)}
