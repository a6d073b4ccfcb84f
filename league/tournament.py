"""Tournaments: a schedule of matches, played once each, whatever happens in between."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping

from games import Game
from league.match import Matchup, Record
from league.play import play
from league.store import Store
from populations.agent import Agent

__all__ = ["BATCH", "play_recorded"]

BATCH = 500
"""Matches per transaction."""


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
    known = store.match_ids()
    batch: list[Record] = []
    todo = (m for m in matchups if m.id not in known) if known else matchups
    try:
        for record in play(game, todo, agents, slots=slots, seats=seats, steps=steps):
            batch.append(record)
            if len(batch) >= BATCH:
                yield from _commit(store, batch)
                batch = []
    finally:
        done = list(_commit(store, batch))
    yield from done


def _commit(store: Store, batch: list[Record]) -> list[Record]:
    with store.transaction():
        store.add_matches(batch)
    return batch
