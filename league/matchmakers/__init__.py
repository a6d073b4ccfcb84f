"""Who meets whom in training: a matchmaker chooses opponents for a learner.

A new matchmaker is one file with a class that fulfils `Matchmaker`, and one line in `_CLASSES`; packages register theirs
under the entry point group `arena.matchmakers`.
"""

from collections.abc import Callable

from league.matchmakers.fictitious import Fictitious
from league.matchmakers.matchmaker import Choice, Matchmaker, Mixes, NeedsResults, Pool
from league.matchmakers.pfsp import PFSP
from league.matchmakers.self_play import SelfPlay
from league.registry import Registry

__all__ = [
    "PFSP",
    "Choice",
    "Fictitious",
    "Matchmaker",
    "Mixes",
    "NeedsResults",
    "Pool",
    "SelfPlay",
    "matchmakers",
]

_CLASSES: dict[str, Callable[..., Matchmaker]] = {
    "fictitious": Fictitious,
    "pfsp": PFSP,
    "self_play": SelfPlay,
}

matchmakers: Registry[Matchmaker] = Registry("matchmaker", "arena.matchmakers", _CLASSES)
"""Matchmakers by name: `matchmakers.make("pfsp", options={"epsilon": 0.2})`."""
