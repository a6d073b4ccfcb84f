"""Who meets whom. In training a matchmaker chooses opponents for a learner; in a tournament a schedule lists all games.

A new matchmaker is one file with a class that fulfils `Matchmaker`, and one line in `_CLASSES`; packages register theirs
under the entry point group `arena.matchmakers`.
"""

from collections.abc import Callable

from league.matchmakers.fictitious import Fictitious
from league.matchmakers.matchmaker import Matchmaker, Pool
from league.matchmakers.pfsp import PFSP
from league.matchmakers.round_robin import Pairing, schedule
from league.matchmakers.self_play import SelfPlay
from league.registry import Registry

__all__ = ["PFSP", "Fictitious", "Matchmaker", "Pairing", "Pool", "SelfPlay", "matchmakers", "schedule"]

_CLASSES: dict[str, Callable[..., Matchmaker]] = {
    "fictitious": Fictitious,
    "pfsp": PFSP,
    "self_play": SelfPlay,
}

matchmakers: Registry[Matchmaker] = Registry("matchmaker", "arena.matchmakers", _CLASSES)
"""Matchmakers by name: `matchmakers.make("pfsp", options={"epsilon": 0.2})`."""
