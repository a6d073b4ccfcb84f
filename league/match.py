"""Matches as data: what is asked (`Matchup`) and what came of it (`Record`).

Both are named tuples: tens of thousands are made a second, and a frozen dataclass takes three times as long to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import NamedTuple

from games import Task

__all__ = ["NOTHING", "Matchup", "Reason", "Record", "match_seed"]

NOTHING: Mapping[str, float] = MappingProxyType({})
"""No metrics."""


class Reason(StrEnum):
    """Why a match ended; kept apart from its scores."""

    NORMAL = "normal"
    """By the rules of the game."""
    TRUNCATED = "truncated"
    """Cut by a limit of length."""
    ILLEGAL = "illegal"
    """A seat chose an action that its mask forbids: it forfeits."""
    CRASH = "crash"
    """A seat's policy failed: it forfeits."""
    TIMEOUT = "timeout"
    """A seat's answer came too late: it forfeits."""
    WITHDRAWN = "withdrawn"
    """A seat's agent had failed too often before: it forfeits, and nothing was played."""
    ADJUDICATED = "adjudicated"
    """Decided by a rule of the organiser before the game's own end."""
    INTERRUPTED = "interrupted"
    """Given up through nobody's fault; its scores are zeros and count for nothing."""

    @property
    def forfeit(self) -> bool:
        """Whether the scores come from a fault instead of from play."""
        return self in _FORFEITS

    @property
    def counts(self) -> bool:
        """Whether the scores say anything about how the agents play: those of a match that took place do."""
        return self is not Reason.INTERRUPTED and self is not Reason.WITHDRAWN


_FORFEITS = frozenset({Reason.ILLEGAL, Reason.CRASH, Reason.TIMEOUT, Reason.WITHDRAWN})


class Matchup(NamedTuple):
    """A task, and which agent has which seat: one match to be played.

    Attributes:
        stage: what the match is for (`train`, `evaluate`, a tournament's name). Part of its identity.
        ordinal: its number within the stage.
        task: the world.
        agents: agent id per seat.
        hashes: behaviour hash per seat (`populations.agent.Agent.hash`).
        seed: keys all randomness of the match.
        place: round, pair and game within a tournament. A pair is a set of games under the same conditions, in which every
            agent has every side once; it is the unit of statistics.
        opening: actions that are played for the seats to act before anyone is asked, in games where seats take turns.
        why: the rule that chose these opponents, in a few words. No part of the identity.
        origin: why a teacher chose the task, in a word; empty where none did. No part of the identity.
        learns: [seats] whether a learner there learns from this match; None where all do. No part of the identity.
    """

    stage: str
    ordinal: int
    task: Task
    agents: tuple[str, ...]
    hashes: tuple[str, ...]
    seed: int
    place: tuple[int, int, int] = (0, 0, 0)
    opening: tuple[int, ...] = ()
    why: str = ""
    learns: tuple[bool, ...] | None = None
    origin: str = ""

    @property
    def id(self) -> str:
        """20 hexadecimal digits that depend on all that was asked: the ordinal, then a hash.

        The ordinal comes first so that ids of matches that end together lie together in the index of the records.
        """
        turn, pair, game = self.place
        asked = f"{self.stage}|{self.ordinal}|{turn}|{pair}|{game}|{self.task.hash}|{','.join(self.hashes)}|{self.seed}"
        if self.opening:
            asked = f"{asked}|{self.opening}"
        return f"{self.ordinal:08x}{blake2b(asked.encode(), digest_size=6).hexdigest()}"


class Record(NamedTuple):
    """One match that was played to its end.

    Attributes:
        id: of the matchup.
        matchup: what was asked.
        scores: what ranks the seats (equal is a draw). After a forfeit: -1 for the seat at fault, else 1 (0 in
            cooperative games, where the fault of one costs all).
        returns: sum of rewards per seat until the end.
        length: steps.
        reason: why it ended.
        fault: seat at fault after a forfeit, else None.
        detail: one line about the fault, else empty.
        metrics: the game's own figures; empty after a forfeit.
        log: the last lines that the seat at fault wrote to stderr, else empty.
        replay: what was played, as `league.replay` packs it; empty where nobody asked to keep it.
    """

    id: str
    matchup: Matchup
    scores: tuple[float, ...]
    returns: tuple[float, ...]
    length: int
    reason: Reason
    fault: int | None = None
    detail: str = ""
    metrics: Mapping[str, float] = NOTHING
    log: str = ""
    replay: bytes = b""


def match_seed(*key: object) -> int:
    """Return 63 bits that depend on the whole key, the same on every machine: a seed for a match or a generator."""
    text = "|".join(map(str, key))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") >> 1
