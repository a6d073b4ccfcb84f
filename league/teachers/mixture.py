"""The teacher that lets others take turns by chance, in fixed shares."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np

from games import InputError, TaskSpace
from games.errors import suggestion
from league.teachers.composite import Composite, Turn, made_by_name

__all__ = ["Mixture"]


class Mixture(Composite):
    """Draws each task from one of several teachers, in fixed shares.

    Args:
        space: the game's task space.
        seed: of its draws; the inner teachers have seeds made from it and their names.
        teachers: name to inner teacher: its kind, with its options beside it.
        weights: name to weight, for each of them; they need not sum to 1. By default all weigh the same.

    Raises:
        InputError: for an inner teacher that cannot be made, or weights that are negative, all zero or not one for each.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        teachers: Mapping[str, Mapping[str, Any]],
        weights: Mapping[str, float] | None = None,
    ) -> None:
        super().__init__(space, seed, made_by_name("mixture", teachers, space, seed))
        names = list(self.inner)
        weights = dict.fromkeys(names, 1.0) if weights is None else weights
        for name in weights:
            if name not in names:
                raise InputError(
                    f"teacher 'mixture': weights name {name!r}, but no teacher does{suggestion(name, names)}"
                )
        for name in names:
            if name not in weights:
                raise InputError(f"teacher 'mixture': weights must give one for each teacher, and {name!r} has none")
            if not (isfinite(weights[name]) and weights[name] >= 0.0):
                raise InputError(f"teacher 'mixture': the weight of {name!r} must be 0 or above, not {weights[name]}")
        total = sum(weights.values())
        if not total > 0.0:
            raise InputError("teacher 'mixture': one of the weights must be above 0")
        self._shares = {name: weights[name] / total for name in names}
        self._bounds = np.cumsum([*self._shares.values()])

    def turn(self, learner: str) -> Turn:
        """Return any of the teachers, by the weights."""
        # a share of 0 has no room between two bounds; the last bound may be a little below 1
        k = min(
            np.searchsorted(self._bounds, self.rng.random() * self._bounds[-1], side="right"), len(self._bounds) - 1
        )
        name = list(self._shares)[k]
        return Turn(name, self._shares[name])

    def shares(self) -> dict[str, float]:
        """Return the weights, as shares of their sum."""
        return self._shares
