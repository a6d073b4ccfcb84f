"""Any OpenSpiel game behind our contract: `make("leduc_poker")`, `make("goofspiel(num_cards=4,imp_info=True)")`.

`game.py` reads a game's metadata, `vector.py` steps many of its states, `tree.py` flattens a small game for exact
measures. A game that must be faster than OpenSpiel has a compiled twin, listed in `COMPILED` and checked against it.
"""

from __future__ import annotations

import re

import pyspiel

from games.adapters.openspiel.connect_four import ConnectFourVector
from games.adapters.openspiel.game import Engine, OpenSpielGame, canonical, in_python, registered, unplayable
from games.adapters.openspiel.tree import Tree, tree
from games.adapters.openspiel.vector import OpenSpielVector
from games.errors import InputError

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


def make(rest: str) -> OpenSpielGame:
    """Return the game that an OpenSpiel game string describes.

    Args:
        rest: a name, or `name(parameter=value,...)`. Parameters that repeat the default are dropped from the game's name.

    Raises:
        InputError: for an unknown game or parameter (with the nearest name), for parameters that OpenSpiel rejects (with
            its own reason), and for games that this adapter cannot play.
    """
    text = re.sub(r",\s+(?=\w+=)", ",", rest.strip())
    try:
        name = canonical(pyspiel.game_parameters_from_string(text))
        spiel = pyspiel.load_game(text)
    except pyspiel.SpielError as error:
        # OpenSpiel's checks begin with a place in its own source, of no use to the reader.
        reason = re.sub(r"^\S+\.(cc|h):\d+ ", "", str(error).strip()).replace("\n", "; ")
        raise InputError(f"OpenSpiel rejects {rest!r}: {reason}") from None
    if why := unplayable(spiel.get_type()):
        raise InputError(f"openspiel/{name} cannot be played here: {why}")
    return OpenSpielGame(name, spiel, COMPILED.get(name, OpenSpielVector))
