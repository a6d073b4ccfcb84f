"""The same rules on fewer tasks: parameters with narrower ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any

from games.at_most import SameRules, at_most
from games.errors import InputError, suggestion
from games.game import Game
from games.task import Categorical, Parameter, Scalar, TaskSpace

__all__ = ["narrowed"]

CORNERS = 4096
"""Tasks that are looked at to find the largest population."""


def narrowed(game: Game, ranges: Mapping[str, Sequence[Scalar]]) -> Game:
    """Return a game for those of its tasks whose parameters lie in these ranges.

    Its name and its rules stay as they are. A default that is out of its range becomes the nearest value inside it, or the
    first choice. Conditions and constraints of its task space hold as before.

    Args:
        game: whose rules.
        ranges: parameter to its lowest and highest value, or to the choices that are left of a categorical one.

    Raises:
        InputError: for an unknown parameter, a range that is not inside of its own, and ranges that leave no task.
    """
    if not ranges:
        return game
    space = game.task_space
    for name in ranges:
        if name not in space:
            known = ", ".join(space) or "none"
            raise InputError(f"unknown task parameter {name!r}{suggestion(name, space)} (this game has: {known})")
    narrower = {n: _narrow(n, p, ranges[n]) if n in ranges else p for n, p in space.items()}
    smaller = _Narrowed(game, space.over(narrower))
    return at_most(smaller, _most_seats(smaller))


class _Narrowed(SameRules):
    def __init__(self, game: Game, space: TaskSpace) -> None:
        super().__init__(game)
        self.task_space = space


def _narrow(name: str, parameter: Parameter, asked: Sequence[Scalar]) -> Parameter:
    where = f"the range of task parameter {name!r}"
    if not isinstance(asked, list | tuple) or not asked:
        raise InputError(f"{where} must be a list, not {asked!r}")
    try:
        values: list[Any] = [parameter.check(value) for value in asked]
    except ValueError as error:
        raise InputError(f"{where}: a value {error}") from None
    if isinstance(parameter, Categorical):
        default = parameter.default if parameter.default in values else values[0]
        return replace(parameter, choices=tuple(values), default=default)
    if len(values) != 2 or values[0] > values[1]:
        raise InputError(f"{where} must be its lowest and its highest value, not {list(asked)}")
    low, high = values
    return replace(parameter, low=low, high=high, default=min(max(parameter.default, low), high))


def _most_seats(game: Game) -> int:
    """Return the largest population at the ends of the ranges; the game's own where that is not known."""
    if game.task_space.conditions or game.task_space.constraints:
        return game.max_seats  # the largest may then be anywhere
    ends: dict[str, tuple[Scalar, ...]] = {
        name: p.choices if isinstance(p, Categorical) else (p.low, p.high) for name, p in game.task_space.items()
    }
    if prod(len(values) for values in ends.values()) > CORNERS:
        return game.max_seats
    corners = (dict(zip(ends, values, strict=True)) for values in product(*ends.values()))
    return max(len(game.seats(game.task_space.task(corner))) for corner in corners)
