"""What learners with a replay buffer and a centralised critic have in common."""

from __future__ import annotations

import copy
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from games import InputError
from populations.learners.gae import advantages
from populations.learners.off_policy_settings import MADDPGSettings, SACSettings
from populations.learners.replay_buffer import Joint, ReplayBuffer, Transitions
from populations.learners.schedule import at
from populations.learners.trajectories import Trajectories
from populations.learners.weights import load_moments, load_weights, moments, weights
from populations.mra.policy import LatentPolicy
from populations.networks.joint_critic import JointCritic
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.policy import Rows, State

__all__ = ["OffPolicy", "Seen"]

_ILLEGAL = -1e9  # the logit of an action that may not be taken


@dataclass(slots=True)
class Seen:
    """One side of a batch of transitions as tensors.

    Attributes:
        inputs: what the policy's network reads, [B * S, ...].
        observation: what the critic reads, named tensors [B, S, ...].
        latent: [B, S] int64, or None.
        mask: [B, S, A] bool, or None.
        here: [B, S] bool.
    """

    inputs: dict[str, Tensor]
    observation: dict[str, Tensor]
    latent: Tensor | None
    mask: Tensor | None
    here: Tensor


class OffPolicy(ABC):
    """Keeps joint transitions and takes steps of a policy and a critic on draws of them; how is the subclass's affair.

    The policy is an ordinary network, so agents that are frozen know nothing of critics. Its own value head learns, beside
    the policy and without a part in it, what the critic thinks of the policy's decisions: that is what it reports as value.

    Every draw hangs on the seed and the number of the step, so a learner that is stored and loaded goes on bit for bit.

    Attributes:
        policy: acts with the current weights.
        network: the current weights of the policy, and target_network: those that follow them slowly.
        critic: the current weights of the critic, and target_critic.
        buffer: what was played.
        steps: of the optimisers so far.
        looks_ahead: it must see what came after cuts.
    """

    looks_ahead = True

    def __init__(
        self, network: Network, settings: SACSettings | MADDPGSettings, *, own_action: bool, seed: int = 0
    ) -> None:
        actions = network.layout.actions
        if actions.continuous or actions.heads != 1:
            raise InputError(
                "a centralised critic values one discrete action a decision, and this game takes other ones"
            )
        if network.core is not None:
            raise InputError("joint transitions are drawn one by one: network recurrent must be nothing")
        self.network, self._settings, self._seed = network, settings, seed
        self.policy = (NeuralPolicy if network.prior is None else LatentPolicy)(network, learns=True)
        self.critic = JointCritic(
            network.layout,
            width=settings.critic.width,
            heads=settings.critic.heads,
            latents=0 if network.prior is None or network.relational.latents == 1 else network.relational.latents,
            own_action=own_action,
            seed=seed,
        )
        self.buffer = ReplayBuffer(settings.replay.capacity)
        self.steps = 0
        self._owed = 0  # joint decisions that no step was taken for yet
        self._form_targets()
        self._of_policy = torch.optim.Adam(network.parameters(), eps=1e-5, fused=True)
        self._of_critic = torch.optim.Adam(self.critic.parameters(), eps=1e-5, fused=True)

    def _form_targets(self) -> None:
        self.target_network = copy.deepcopy(self.network).requires_grad_(False)
        self.target_critic = copy.deepcopy(self.critic).requires_grad_(False)

    def value(self, rows: Rows, state: State) -> NDArray[np.float32]:
        """Return [R] float32, the expected return of each row, in units of the scaled reward."""
        return self.policy.values(rows, state)

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Keep one batch, and take the steps that are due.

        Args:
            batch: decisions of `policy`.
            progress: share of the run that is done, 0 to 1.

        Returns:
            Means over the steps of the subclass's figures; joint decisions kept and steps taken.

        Raises:
            FloatingPointError: when a gradient is not finite. The weights are then as before the failed step.
        """
        s = self._settings
        self._owed += self.buffer.add(batch)
        kept, taken = self.buffer.count(), 0
        sums: dict[str, float] = {}
        if kept and self.buffer.moments >= s.replay.warmup:
            taken, self._owed = divmod(self._owed, s.replay.every)
            scale = self._scale()
            self._of_policy.param_groups[0]["lr"] = at(s.learning_rate, progress)
            self._of_critic.param_groups[0]["lr"] = at(s.critic.learning_rate, progress)
            for _ in range(taken):
                rng = self._rng()
                drawn = self.buffer.sample(s.replay.batch, rng, self._turn(rng))
                for name, figure in self._step(drawn, scale, progress, rng).items():
                    sums[name] = sums.get(name, 0.0) + figure
                self._follow()
                self.steps += 1
        figures = {name: total / taken for name, total in sums.items()}
        return figures | {"kept": float(kept), "steps": float(taken)}

    def advantages(self, batch: Trajectories, *, trace: float | None = None) -> NDArray[np.float32]:
        """Return advantage estimates [R] in units of the scaled reward, by the values that the policy reported.

        Args:
            batch: R decisions.
            trace: the lambda of the estimate; None for 0.95.
        """
        trace = 0.95 if trace is None else trace
        return advantages(batch, discount=self._settings.discount, trace=trace, scale=self._scale())

    def _scale(self) -> float:
        """Return what rewards are multiplied by: 1 where they hardly differ."""
        mean, spread = self.buffer.reward_scale()
        return 1.0 / spread if self._settings.normalize_rewards and spread > 1e-6 * max(1.0, abs(mean)) else 1.0

    @abstractmethod
    def _step(self, drawn: Transitions, scale: float, progress: float, rng: np.random.Generator) -> dict[str, float]:
        """Take one step of critic and policy on B joint transitions of one population.

        Args:
            drawn: the transitions.
            scale: multiplies rewards.
            progress: share of the run that is done.
            rng: for all that is drawn.
        """

    def _rng(self) -> np.random.Generator:
        return np.random.default_rng((self._seed, self.steps))

    def _turn(self, rng: np.random.Generator) -> int:
        """Choose a population, each as often as it is in the buffer: the draw is uniform, and yet needs no padding."""
        populations = self.buffer.populations()
        counts = np.array(list(populations.values()), np.float64)
        return int(rng.choice(list(populations), p=counts / counts.sum()))

    # parts of a step

    def seen(self, joint: Joint) -> Seen:
        """Return what agents saw at once as tensors."""
        layout = self.network.layout.observation
        flat = {name: _flat(joint.observation[name]) for name in layout}
        state = {name: _flat(values) for name, values in joint.state.items()}
        latent = torch.from_numpy(joint.state["latent"]) if "latent" in joint.state else None
        return Seen(
            self.policy.inputs(flat, state),
            {name: torch.from_numpy(joint.observation[name]) for name in layout},
            latent,
            None if joint.mask is None else torch.from_numpy(joint.mask),
            torch.from_numpy(joint.here),
        )

    def logits(self, network: Network, seen: Seen) -> Tensor:
        """Return a policy's masked logits [B, S, A]."""
        return self._masked(network(seen.inputs, values=False).policy, seen)

    def _masked(self, logits: Tensor, seen: Seen) -> Tensor:
        logits = logits.view(*seen.here.shape, -1)
        return logits if seen.mask is None else logits.masked_fill(~seen.mask, _ILLEGAL)

    def draw(self, logits: Tensor, rng: np.random.Generator) -> Tensor:
        """Return actions [B, S, A], one-hot, from the softmax of logits, by adding Gumbel noise."""
        noise = torch.from_numpy(rng.gumbel(size=logits.shape).astype(np.float32))
        return one_hot((logits.detach() + noise).argmax(dim=2), logits.shape[2])

    def taken(self, drawn: Transitions) -> Tensor:
        """Return the actions that were played [B, S, A], one-hot."""
        return one_hot(torch.from_numpy(drawn.action[:, :, 0]).long(), self.critic.actions)

    def targets(self, drawn: Transitions, after: Seen, value: Tensor, scale: float) -> Tensor:
        """Return y_i = r_i + discount * value_i [B, S], without the value where nothing follows."""
        reward = torch.from_numpy(drawn.reward) * scale
        return reward + self._settings.discount * value * after.here

    def descend_critic(self, estimate: Tensor, target: Tensor, drawn: Transitions) -> dict[str, float]:
        """Move each agent's estimate [B, S] towards its own target; return the figures."""
        weight = torch.from_numpy(drawn.complete).float()
        weight /= weight.sum().clamp(min=1.0)
        error = estimate - target
        loss = (weight * error.square()).sum()
        self._descend(self._of_critic, self.critic, loss)
        spread = (weight * (target - (weight * target).sum()).square()).sum()
        explained = 1.0 - float(loss.detach()) / float(spread) if float(spread) > 0.0 else 0.0
        return {"critic_loss": float(loss.detach()), "explained_variance": explained}

    def descend_policy(self, loss: Tensor, value: Tensor, target: Tensor, here: Tensor) -> dict[str, float]:
        """Descend the policy's loss; its value head goes towards what the critic thinks.

        Args:
            loss: of each agent, [B, S].
            value: what the value head says [B, S], with a gradient that reaches nothing of the policy's encoders.
            target: [B, S].
            here: [B, S] bool.
        """
        weight = here.float()
        weight /= weight.sum().clamp(min=1.0)
        total = (weight * loss).sum()
        error = (weight * (value - target.detach()).square()).sum()
        self._descend(self._of_policy, self.network, total + 0.5 * error)
        return {"policy_loss": float(total.detach()), "value_loss": float(error.detach())}

    def entropy(self, log_policy: Tensor, here: Tensor) -> float:
        """Return the mean entropy of the policies [B, S, A] of those who are there."""
        log_policy = log_policy.detach()
        entropy = -(log_policy.exp() * log_policy).sum(dim=2)
        return float((entropy * here).sum() / here.sum().clamp(min=1))

    def decide(self, seen: Seen) -> tuple[Tensor, Tensor]:
        """Return the policy's masked logits [B, S, A] and the value head's answer [B, S]."""
        features = self.network.encode(seen.inputs)
        logits = self.network.decide(features, values=False).policy
        value = self.network.decide(features.detach(), values=True).value
        assert value is not None
        return self._masked(logits, seen), value.view(seen.here.shape)

    def _descend(self, optimizer: torch.optim.Adam, module: nn.Module, loss: Tensor) -> None:
        """Take one step of a module's weights; no gradient is left behind, there or elsewhere."""
        optimizer.zero_grad()
        loss.backward(inputs=list(module.parameters()))
        norm = float(nn.utils.clip_grad_norm_(module.parameters(), self._settings.gradient_norm))
        if not math.isfinite(norm):
            raise FloatingPointError(
                f"the gradient of step {self.steps} is not finite: look for infinite rewards or observations"
            )
        optimizer.step()
        optimizer.zero_grad()

    def _follow(self) -> None:
        """Move the targets a little towards the present weights."""
        share = self._settings.critic.polyak
        with torch.no_grad():
            for target, module in ((self.target_network, self.network), (self.target_critic, self.critic)):
                torch._foreach_lerp_(list(target.parameters()), list(module.parameters()), share)

    # the rest of the contract

    def freeze(self) -> NeuralPolicy:
        """Return a policy with a copy of the current weights."""
        return self.policy.copy()

    def adopt(self, policy: NeuralPolicy) -> None:
        """Take over a policy's weights as the first ones, and as the target's. The critic and what is kept stay.

        Raises:
            InputError: when the network is another one.
        """
        theirs = policy.network
        if (theirs.spec, theirs.layout) != (self.network.spec, self.network.layout):
            raise InputError("the weights are of another network than the learner's")
        for network in (self.network, self.target_network):
            network.load_state_dict(theirs.state_dict())

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of weights, targets, optimisers, counters and the whole replay buffer, as named arrays."""
        state: dict[str, NDArray[Any]] = {"steps": np.array([self.steps, self._owed])}
        for name, module in self._modules().items():
            state |= weights(name, module)
        state |= moments("adam", self.network, self._of_policy)
        state |= moments("critic_adam", self.critic, self._of_critic)
        return state | {f"replay/{name}": values for name, values in self.buffer.state_dict().items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a learner of the same network and settings."""
        self.steps, self._owed = state["steps"].tolist()
        for name, module in self._modules().items():
            load_weights(name, module, state)
        load_moments("adam", self.network, self._of_policy, state)
        load_moments("critic_adam", self.critic, self._of_critic, state)
        self.buffer.load_state_dict(
            {name.removeprefix("replay/"): values for name, values in state.items() if name.startswith("replay/")}
        )

    def _modules(self) -> dict[str, nn.Module]:
        return {
            "weights": self.network,
            "target": self.target_network,
            "critic": self.critic,
            "target_critic": self.target_critic,
        }


def one_hot(action: Tensor, width: int) -> Tensor:
    """Return [..., width] float32 for actions [...]."""
    return nn.functional.one_hot(action, width).float()


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(-1, *values.shape[2:])
