"""Any OpenSpiel game behind our contract: `make("leduc_poker")`, `make("goofspiel(num_cards=4,imp_info=True)")`.

`game.py` reads a game's metadata, `vector.py` steps many of its states, `tree.py` flattens a small game for exact
measures. Ranges of parameters, as in `goofspiel(num_cards=3..6)`, make one game of many (`games/adapters/varied.py`). A game
that must be faster than OpenSpiel has a compiled twin, listed in `COMPILED` and checked against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pyspiel

from games.adapters.openspiel.connect_four import ConnectFourVector
from games.adapters.openspiel.game import Engine, OpenSpielGame, canonical, in_python, registered, unplayable
from games.adapters.openspiel.tree import Tree, tree
from games.adapters.openspiel.vector import OpenSpielVector
from games.adapters.ranges import parts, ranged
from games.adapters.varied import Varied
from games.errors import InputError
from games.game import Game

__all__ = ["COMPILED", "ConnectFourVector", "OpenSpielGame", "OpenSpielVector", "Tree", "make", "names", "tree"]

COMPILED: dict[str, Engine] = {"connect_four": ConnectFourVector}
"""Canonical game string to its compiled vector; all other games are stepped through OpenSpiel."""


def names() -> tuple[str, ...]:
    """Return the full names of all games that need no parameters, sorted. Reads metadata only; no game is loaded.

    Games written in Python are left out: OpenSpiel knows them only once somebody has imported them, and what is listed
    must not depend on that. They can be made by name all the same.
    """
    listed = (n for n, t in registered().items() if t.default_loadable and not unplayable(t) and not in_python(n))
    return tuple(sorted(f"openspiel/{name}" for name in listed))


def make(rest: str) -> Game:
    """Return the game that an OpenSpiel game string describes: an `OpenSpielGame`, or a `Varied` one for ranges.

    Args:
        rest: a name, or `name(parameter=value,...)`. Parameters that repeat the default are dropped from the game's name.
            Ranges of parameters (`num_cards=3..6`, see `games/adapters/ranges.py`) are task parameters.

    Raises:
        InputError: for an unknown game or parameter (with the nearest name), for parameters that OpenSpiel rejects (with
            its own reason), and for games that this adapter cannot play.
    """
    text = re.sub(r",\s+(?=\w+=)", ",", rest.strip())
    found = ranged(text)
    if found is None:
        return _one(rest, text)
    head, fixed = parts(_canonical(rest, found.base))
    named = replace(found, head=f"openspiel/{head}", fixed=fixed)
    return Varied(named.name, found.space, lambda task: make(found.at(task)), together=True)


def _one(rest: str, text: str) -> OpenSpielGame:
    name = _canonical(rest, text)
    with _reasons(rest):
        spiel = pyspiel.load_game(text)
    if why := unplayable(spiel.get_type()):
        raise InputError(f"openspiel/{name} cannot be played here: {why}")
    if not spiel.num_distinct_actions():
        raise InputError(f"openspiel/{name} cannot be played here: it has no actions")
    return OpenSpielGame(name, spiel, COMPILED.get(name, OpenSpielVector))


def _canonical(rest: str, text: str) -> str:
    with _reasons(rest):
        return canonical(pyspiel.game_parameters_from_string(text))


@contextmanager
def _reasons(rest: str) -> Iterator[None]:
    """Tell why OpenSpiel rejects what was asked for."""
    try:
        yield
    except pyspiel.SpielError as error:
        # OpenSpiel's checks begin with a place in its own source, of no use to the reader.
        reason = re.sub(r"^\S+\.(cc|h):\d+ ", "", str(error).strip()).replace("\n", "; ")
        raise InputError(f"OpenSpiel rejects {rest!r}: {reason}") from None
