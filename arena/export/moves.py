"""The matches of a tournament that can be played again, and those that cannot."""

from __future__ import annotations

from collections.abc import Iterator

from arena.contest import asked_in
from games import Game, InputError, make
from league.match import Reason, Record
from league.replay import Replay
from league.store import Store
from league.tournament import STAGE

__all__ = ["HOW", "Replays", "replay_of"]

HOW = (
    "a tournament keeps what was played only when it is asked for with --replays. Agents that draw their chance from the"
    " seat's stream alone play the same matches again: repeat the command with --replays and another --out"
)


class Replays:
    """Goes through the replays of a tournament.

    Attributes:
        game: the rules.
        matches: how many were given out.
        left_out: how many have no replay. Those of withdrawn agents were never played and are not among them.

    Raises:
        InputError: for a folder without a tournament, or without any replay.
    """

    def __init__(self, store: Store) -> None:
        asked = asked_in(store)
        self.game: Game = make(asked["game"])
        self.matches = self.left_out = 0
        self._steps: int | None = asked["steps"]
        self._store = store

    def __iter__(self) -> Iterator[Replay]:
        for record in self._store.matches(STAGE):
            data = self._store.replay(record.id)
            if data:
                self.matches += 1
                replay = Replay(self.game, record, data, steps=self._steps)
                try:
                    yield replay
                finally:
                    replay.close()
            elif record.reason is not Reason.WITHDRAWN:
                self.left_out += 1
        if not self.matches:
            raise InputError(f"{self._store.folder} holds no replays: {HOW}")


def replay_of(store: Store, match: str) -> Replay:
    """Return one match of a tournament.

    Args:
        store: the tournament.
        match: its id or the beginning of it, or its round, pair and game with dots between.

    Raises:
        InputError: when no match, or several, are called so, or it has no replay.
    """
    asked = asked_in(store)
    found = [record for record in store.matches(STAGE) if _called(record, match)]
    if not found:
        raise InputError(
            f"{store.folder} holds no match {match!r}: name its id, or its round, pair and game as in 0.12.1"
        )
    if len(found) > 1:
        ids = ", ".join(record.id for record in found[:3])
        raise InputError(f"{len(found):,} matches of {store.folder} begin with {match!r}: {ids}, ...; give more digits")
    data = store.replay(found[0].id)
    if not data and found[0].reason is Reason.WITHDRAWN:
        raise InputError(f"match {found[0].id} was not played: {found[0].detail}")
    if not data:
        raise InputError(f"match {found[0].id} has no replay: {HOW}")
    return Replay(make(asked["game"]), found[0], data, steps=asked["steps"])


def _called(record: Record, match: str) -> bool:
    return record.id.startswith(match) or ".".join(map(str, record.matchup.place)) == match
