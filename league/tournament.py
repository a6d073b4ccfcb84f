"""Tournaments: a schedule of matches, played once each, whatever happens in between."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping

from games import Game
from league.match import Matchup, Record
from league.play import play
from league.store import Store
from populations.agent import Agent

__all__ = ["BATCH", "SECONDS", "play_recorded"]

BATCH, SECONDS = 4096, 0.5
"""Matches per transaction at most, and the time that a record may wait for the others of its transaction."""


def play_recorded(
    game: Game,
    matchups: Iterable[Matchup],
    agents: Mapping[str, Agent],
    store: Store,
    *,
    slots: int = 256,
    seats: int | None = None,
    steps: int | None = None,
) -> Generator[Record]:
    """Play those matchups that are not recorded yet and yield each record once it is durable.

    Stopping at any moment loses no match that was yielded; calling again with the same matchups goes on where it stopped.

    Args:
        game: the rules.
        matchups: the schedule.
        agents: agent id to agent.
        store: where records go.
        slots: matches in flight.
        seats: the largest population in the matchups; default the game's largest.
        steps: truncate matches that are longer.
    """
    with store.transaction():
        for agent in agents.values():
            store.add_agent(agent, 0)
    batch: list[Record] = []
    started = time.monotonic()
    try:
        for record in play(game, _unplayed(matchups, store), agents, slots=slots, seats=seats, steps=steps):
            batch.append(record)
            if len(batch) >= BATCH or time.monotonic() - started > SECONDS:
                yield from _commit(store, batch)
                batch, started = [], time.monotonic()
    finally:
        done = list(_commit(store, batch))
    yield from done


def _commit(store: Store, batch: list[Record]) -> list[Record]:
    with store.transaction():
        store.add_matches(batch)
    return batch


def _unplayed(matchups: Iterable[Matchup], store: Store) -> Iterator[Matchup]:
    known: dict[str, set[str]] = {}
    for matchup in matchups:
        if matchup.stage not in known:
            known[matchup.stage] = store.match_ids(matchup.stage)
        if not known[matchup.stage] or matchup.id not in known[matchup.stage]:
            yield matchup
