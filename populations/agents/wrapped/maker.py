"""How more of the same are made: a new one for every seat of every match."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from games import Game, Scalar

__all__ = ["PLACE", "Maker"]

PLACE = ("seat", "seed")
"""What a factory may ask for beside the game and its options: the seat, and 31 bits for the chance of one match."""


class Maker:
    """Calls a factory for one seat of one match.

    Args:
        factory: is called as `factory(game, **options)`, with `seat` and `seed` where it names them and no option does.
        game: what is played.
        options: the agent's own.

    Attributes:
        named: the part of `PLACE` that the factory asks for.
    """

    def __init__(self, factory: Callable[..., Any], game: Game, options: Mapping[str, Scalar]) -> None:
        parameters = inspect.signature(factory).parameters
        self.named = tuple(name for name in PLACE if name in parameters and name not in options)
        self._factory, self._game, self._options = factory, game, options

    def __call__(self, seat: int, seed: int) -> Any:
        """Make one."""
        place = {"seat": seat, "seed": seed}
        return self._factory(self._game, **{name: place[name] for name in self.named}, **self._options)
