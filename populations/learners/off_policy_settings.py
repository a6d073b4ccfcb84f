"""The options of the learners that learn from a replay buffer, apart from their code: configuration must not wait for torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from games import InputError
from games.errors import suggestion
from populations.learners.schedule import Schedule

__all__ = ["Critic", "MADDPGSettings", "Replay", "SACSettings"]

Slope = Literal["exact", "counterfactual", "sampled"]


def _at_least_0(name: str, value: float | Schedule) -> None:
    if not isinstance(value, Schedule) and not value >= 0.0:
        raise InputError(f"{name} must be at least 0, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is kept, and how often it is learned from.

    Attributes:
        capacity: decisions that are kept; with each lies what its seat saw.
        batch: joint decisions in one step of the optimisers. All of them are of one population, so nothing is padded; a
            population's turn comes as often as its share of what is kept.
        every: joint decisions that are played for each step.
        warmup: joint decisions before the first step.
    """

    capacity: int = 200_000
    batch: int = 128
    every: int = 10
    warmup: int = 1000

    def __post_init__(self) -> None:
        for name in ("capacity", "batch", "every", "warmup"):
            if getattr(self, name) < 1:
                raise InputError(f"replay {name} must be at least 1, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Critic:
    """The centralised critic (`populations.networks.joint_critic`).

    Attributes:
        width: of its hidden layers.
        heads: of its attention over the other agents; they divide the width.
        learning_rate: step size of Adam.
        polyak: share of their way to the present weights that the target's weights, and those of the target policy, move
            after every step; 1 copies them.
    """

    width: int = 64
    heads: int = 4
    learning_rate: float | Schedule = 1e-3
    polyak: float = 0.01

    def __post_init__(self) -> None:
        if self.width < 1 or self.heads < 1 or self.width % self.heads:
            raise InputError(f"critic width must be a multiple of its heads, not {self.width} with {self.heads} heads")
        if not 0.0 < self.polyak <= 1.0:
            raise InputError(f"critic polyak must be above 0 and at most 1, not {self.polyak}")
        _at_least_0("critic learning_rate", self.learning_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    learning_rate: float | Schedule = 3e-4
    discount: float = 0.9
    gradient_norm: float = 10.0
    normalize_rewards: bool = True
    critic: Critic = Critic()
    replay: Replay = Replay()

    def __post_init__(self) -> None:
        _at_least_0("learning_rate", self.learning_rate)
        if not 0.0 <= self.discount <= 1.0:
            raise InputError(f"discount must be from 0 to 1, not {self.discount}")
        if not self.gradient_norm > 0.0:
            raise InputError(f"gradient_norm must be above 0, not {self.gradient_norm}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SACSettings(_Common):
    """How multi-agent soft actor-critic learns.

    Attributes:
        learning_rate: step size of Adam for the policy.
        discount: of what comes after the next decision of the same seat.
        gradient_norm: longer gradients are shortened to this.
        normalize_rewards: divide rewards by the standard deviation of those that are kept, so that the temperature means the
            same in every game. Their mean stays: where matches end, to subtract it would change what is best.
        critic: the centralised critic.
        replay: what is kept, and how often it is learned from.
        temperature: alpha, the worth of one nat of entropy in units of the reward. The released code has 1/30 and a discount of
            0.95, with batches of 1024; with ours, policies grow certain before the critic knows which action is better.
        slope: of the policy: "exact", the expectation over an agent's own actions; "counterfactual", one drawn action against
            that expectation; "sampled", one drawn action against nothing.
    """

    temperature: float | Schedule = 0.1
    slope: Slope = "exact"

    def __post_init__(self) -> None:
        _Common.__post_init__(self)
        _at_least_0("temperature", self.temperature)
        if self.slope not in get_args(Slope):
            known = get_args(Slope)
            raise InputError(
                f"slope must be one of {', '.join(known)}, not {self.slope!r}{suggestion(self.slope, known)}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class MADDPGSettings(_Common):
    """How MADDPG learns.

    Attributes:
        learning_rate: step size of Adam for the policy.
        discount: of what comes after the next decision of the same seat.
        gradient_norm: longer gradients are shortened to this.
        normalize_rewards: divide rewards by the standard deviation of those that are kept.
        critic: the centralised critic.
        replay: what is kept, and how often it is learned from.
        relaxation: temperature of the Gumbel-softmax through which the policy's gradient flows.
        logits: coefficient of the logits' mean square in the policy's loss; it keeps the policy from becoming certain.
    """

    relaxation: float = 1.0
    logits: float = 1e-3

    def __post_init__(self) -> None:
        _Common.__post_init__(self)
        if not self.relaxation > 0.0:
            raise InputError(f"relaxation must be above 0, not {self.relaxation}")
        _at_least_0("logits", self.logits)
