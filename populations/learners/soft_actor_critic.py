"""Multi-agent soft actor-critic for discrete actions."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from populations.learners.off_policy import OffPolicy, Seen
from populations.learners.off_policy_settings import SACSettings
from populations.learners.replay_buffer import Transitions
from populations.learners.schedule import at
from populations.networks.network import Network

__all__ = ["SoftActorCritic"]


class SoftActorCritic(OffPolicy):
    """The learner (Iqbal and Sha 2019, arXiv 1810.02912), for one network that all its seats share.

    It is the optimiser of returns in the released code of meta-representation agents (Zhang et al., arXiv 2108.12988).
    With alpha the temperature, pi' and Q' the targets, and actions of the others drawn from the policies,

        y_i = r_i + discount * sum_a pi'(a | o'_i) ( Q'_i(o', a'_-i, a) - alpha log pi'(a | o'_i) )
        L_Q = mean ( Q_i(o, a) - y_i )^2
        L_pi = mean sum_a pi(a | o_i) ( alpha log pi(a | o_i) - Q_i(o, a_-i, a) )

    Differences from the released code. Each agent's value goes towards that agent's target, not the sum towards the sum. What
    follows is judged by what was seen then, with the relations seen then. The expectations over an agent's own action are
    exact (Christodoulou 2019, arXiv 1910.07207, equations 10 to 12); `slope` has the two forms that draw it. Targets follow
    slowly. Nothing is added for entropy where nothing follows. Rewards are divided by their deviation and keep their mean.
    """

    def __init__(self, network: Network, settings: SACSettings | None = None, *, seed: int = 0) -> None:
        self.settings = settings or SACSettings()
        super().__init__(network, self.settings, own_action=False, seed=seed)

    def _step(self, drawn: Transitions, scale: float, progress: float, rng: np.random.Generator) -> dict[str, float]:
        alpha = at(self.settings.temperature, progress)
        now, after = self.seen(drawn.now), self.seen(drawn.after)
        with torch.no_grad():
            target = self.targets(drawn, after, self.next_value(after, alpha, rng), scale)
        taken = self.taken(drawn)
        estimate = (self.critic(self.critic.encode(now.observation, now.latent), taken, now.here) * taken).sum(dim=2)
        figures = self.descend_critic(estimate, target, drawn)

        logits, value = self.decide(now)
        log_policy = torch.log_softmax(logits, dim=2)
        chosen = self.draw(logits, rng)
        with torch.no_grad():
            worth = self.critic(self.critic.encode(now.observation, now.latent), chosen, now.here)
            soft_value = (log_policy.exp() * (worth - alpha * log_policy)).sum(dim=2)
        loss = self.policy_loss(log_policy, worth, chosen, alpha)
        figures |= self.descend_policy(loss, value, soft_value, now.here)
        return figures | {"entropy": self.entropy(log_policy, now.here)}

    def next_value(self, after: Seen, alpha: float, rng: np.random.Generator) -> Tensor:
        """Return what is expected of each agent from its next decision on, [B, S]; its entropy's worth is in it."""
        logits = self.logits(self.target_network, after)
        log_policy = torch.log_softmax(logits, dim=2)
        features = self.target_critic.encode(after.observation, after.latent)
        worth = self.target_critic(features, self.draw(logits, rng), after.here)
        return (log_policy.exp() * (worth - alpha * log_policy)).sum(dim=2)

    def policy_loss(self, log_policy: Tensor, worth: Tensor, chosen: Tensor, alpha: float) -> Tensor:
        """Return the loss of each agent [B, S]; its gradient is that of L_pi, or an unbiased estimate.

        Args:
            log_policy: [B, S, A].
            worth: [B, S, A], Q_i for each own action.
            chosen: [B, S, A], one-hot, drawn from the policy.
            alpha: the temperature.
        """
        cost = alpha * log_policy.detach() - worth
        policy = log_policy.exp()
        if self.settings.slope == "exact":
            return (policy * cost).sum(dim=2)
        cost_of_chosen = (chosen * cost).sum(dim=2)
        if self.settings.slope == "counterfactual":
            cost_of_chosen = cost_of_chosen - (policy.detach() * cost).sum(dim=2)
        return (chosen * log_policy).sum(dim=2) * cost_of_chosen
