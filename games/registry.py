"""Games by name. A name is `family/rest`; each family is one entry here or one entry point of the group `arena.games`.

A family is a module with two functions: `names() -> tuple[str, ...]`, the names that it offers (the full ones, and only
those that need no further parameters), and `make(rest: str) -> Game`, which raises `InputError` for what it does not know.
"""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from games.errors import InputError, suggestion
from games.game import Game

__all__ = ["families", "make", "names"]

_FAMILIES = {
    "gymnasium": "games.adapters.gymnasium",
    "markov": "games.markov",
    "openspiel": "games.adapters.openspiel",
    "pettingzoo": "games.adapters.pettingzoo",
    "testkit": "games.testkit",
}


@cache
def families() -> dict[str, str]:
    """Return family name to module name: our own, then what installed packages register under `arena.games`."""
    return _FAMILIES | {point.name: point.value for point in entry_points(group="arena.games")}


def _family(name: str) -> ModuleType:
    return importlib.import_module(families()[name])


def names(family: str | None = None) -> tuple[str, ...]:
    """Return the full names of all games, or of one family, sorted."""
    chosen = [family] if family else list(families())
    return tuple(sorted(name for f in chosen for name in _family(f).names()))


def make(name: str) -> Game:
    """Return the game with this full name, for example `openspiel/leduc_poker` or `markov/resource-v0`.

    Raises:
        InputError: for an unknown name, with the nearest known one.
    """
    family, slash, rest = name.partition("/")
    if not slash or family not in families():
        known = [*names(), *(f"{f}/" for f in families())]
        raise InputError(
            f"unknown game {name!r}{suggestion(name, known) or f': a name is FAMILY/GAME, families: {_list()}'}"
        )
    return _family(family).make(rest)


def _list() -> str:
    return ", ".join(families())
