"""The options of PPO, apart from its code: configuration must not wait for torch."""

from __future__ import annotations

from dataclasses import dataclass

from games import InputError
from populations.learners.schedule import Schedule

__all__ = ["Magnet", "PPOSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnet:
    """A slowly moving copy of the policy towards which the policy is pulled by its divergence KL(policy || magnet).

    Magnetic mirror descent (Sokota et al. 2023, arXiv 2206.05825). Against itself a policy that follows its advantages alone
    goes round in circles; the pull damps them. There the magnet is uniform or follows the policy; here it begins as the
    first policy, which is almost uniform.

    Attributes:
        coefficient: of the divergence in the loss.
        rate: after every update the magnet's weights move this share of their way to the policy's; 0 keeps it.
        every: instead of that, it becomes the policy after every so many updates.
    """

    coefficient: float | Schedule = 0.05
    rate: float | None = None
    every: int | None = None

    def __post_init__(self) -> None:
        if (self.rate is None) == (self.every is None):
            raise InputError("a magnet moves either by a `rate` or `every` so many updates: give one of the two")
        if self.rate is not None and not 0.0 <= self.rate <= 1.0:
            raise InputError(f"magnet rate must be from 0 to 1, not {self.rate}")
        if self.every is not None and self.every < 1:
            raise InputError(f"magnet every must be at least 1 update, not {self.every}")
        _at_least("magnet coefficient", self.coefficient, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PPOSettings:
    """How PPO learns.

    Attributes:
        learning_rate: step size of Adam.
        epochs: passes over a batch.
        minibatches: optimiser steps a pass. Few large ones are faster than many small ones.
        discount: of the return after the next decision of the same seat.
        trace: lambda of generalised advantage estimation.
        clip: how far the probability of an action may move, as a ratio, before the loss goes flat.
        entropy: coefficient of the entropy bonus.
        value: coefficient of the value loss.
        value_clip: how far a value may move before its loss goes flat; None for no limit.
        gradient_norm: longer gradients are shortened to this.
        target_kl: no further pass begins when the last one's mean KL(old || new) is above this; None never stops early.
        reward_scale: multiplies rewards, so that returns have the order of 1. Values are in these units.
        normalize_advantages: to mean 0 and deviation 1 within a batch. Entropy and magnet then weigh the same at any scale of
            rewards, but also when nothing is left to gain.
        magnet: pull towards a slowly moving reference policy; None for plain PPO.
        subgroups: share of the loss that is REFIL's, on what random sub-groups of the entities say together (see
            `populations.learners.ppo.PPO`); for networks with an entity encoder, at three times the cost of a pass. 0.5 there.
        sequence: decisions through which gradients flow back, for networks with memory (all others ignore it).
    """

    learning_rate: float | Schedule = 1e-3
    epochs: int = 4
    minibatches: int = 4
    discount: float = 0.99
    trace: float = 0.95
    clip: float = 0.2
    entropy: float | Schedule = 0.01
    value: float = 0.5
    value_clip: float | None = None
    gradient_norm: float = 0.5
    target_kl: float | None = None
    reward_scale: float = 1.0
    normalize_advantages: bool = True
    magnet: Magnet | None = None
    subgroups: float = 0.0
    sequence: int = 16

    def __post_init__(self) -> None:
        for name in ("epochs", "minibatches", "sequence"):
            _at_least(name, getattr(self, name), 1)
        for name in ("learning_rate", "entropy", "value"):
            _at_least(name, getattr(self, name), 0.0)
        for name in ("clip", "value_clip", "gradient_norm", "target_kl", "reward_scale"):
            value = getattr(self, name)
            if value is not None and not value > 0.0:
                raise InputError(f"ppo {name} must be above 0, not {value}")
        for name in ("discount", "trace", "subgroups"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError(f"ppo {name} must be from 0 to 1, not {getattr(self, name)}")


def _at_least(name: str, value: float | Schedule, least: float) -> None:
    if not isinstance(value, Schedule) and not value >= least:
        raise InputError(f"ppo {name} must be at least {least:g}, not {value}")
