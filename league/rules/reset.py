"""When a learner begins anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from games import InputError
from populations.agent import Agent

__all__ = ["INITIAL", "Reset"]

INITIAL = "initial"
"""Stands for a learner's own first weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """After a snapshot was taken, a learner may lose what it has learned: it then looks for another way to win.

    In AlphaStar's league (Vinyals et al., Nature 2019, supplementary pseudocode) main exploiters always begin anew after a
    snapshot and league exploiters with probability 0.25. The pseudocode resets the weights before it copies them; here the
    snapshot comes first.

    Attributes:
        probability: of a reset after each snapshot.
        to: a frozen agent whose weights it takes, or None for its own first weights.
    """

    probability: float = 1.0
    to: Agent | None = None

    def __post_init__(self) -> None:
        if not 0.0 < self.probability <= 1.0:
            raise InputError(f"a reset's probability must be above 0 and at most 1, not {self.probability}")

    def due(self, rng: np.random.Generator) -> str | None:
        """Return why a reset is due, or None when it is not."""
        drawn = rng.random()
        if drawn >= self.probability:
            return None
        chance = "" if self.probability == 1.0 else f", with probability {self.probability:g} (drew {drawn:.3f})"
        return f"resets to {self.to.id if self.to else 'its first weights'} after a snapshot{chance}"
