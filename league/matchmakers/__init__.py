"""Who meets whom in training: a matchmaker chooses opponents for a learner.

A new matchmaker is one file with a class that fulfils `Matchmaker`, and one line in `_CLASSES`; packages register theirs
under the entry point group `arena.matchmakers`.
"""

from collections.abc import Callable

from league.matchmakers.alphastar import AlphaStar
from league.matchmakers.cross_play import CrossPlay
from league.matchmakers.elo_window import EloWindow
from league.matchmakers.fictitious import Fictitious
from league.matchmakers.matchmaker import Choice, Matchmaker, Mixes, NeedsResults, Pool
from league.matchmakers.pfsp import PFSP
from league.matchmakers.psro import PSRO
from league.matchmakers.self_play import SelfPlay
from league.registry import Registry

__all__ = [
    "PFSP",
    "PSRO",
    "AlphaStar",
    "Choice",
    "CrossPlay",
    "EloWindow",
    "Fictitious",
    "Matchmaker",
    "Mixes",
    "NeedsResults",
    "Pool",
    "SelfPlay",
    "matchmakers",
]

_CLASSES: dict[str, Callable[..., Matchmaker]] = {
    "alphastar": AlphaStar,
    "cross_play": CrossPlay,
    "elo_window": EloWindow,
    "fictitious": Fictitious,
    "pfsp": PFSP,
    "psro": PSRO,
    "self_play": SelfPlay,
}

matchmakers: Registry[Matchmaker] = Registry("matchmaker", "arena.matchmakers", _CLASSES)
"""Matchmakers by name: `matchmakers.make("pfsp", options={"epsilon": 0.2})`."""
