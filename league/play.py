"""Play any list of matchups and yield their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from games import Game, InputError
from league.driver import Driver
from league.match import Matchup, Record
from populations.agent import Agent

__all__ = ["play"]


def play(
    game: Game,
    matchups: Iterable[Matchup],
    agents: Mapping[str, Agent],
    *,
    slots: int = 256,
    seats: int | None = None,
    steps: int | None = None,
) -> Iterator[Record]:
    """Play matchups in batches and yield records as the matches end.

    Every record depends on its matchup alone; only the order in which they come depends on `slots`.

    Args:
        game: the rules.
        matchups: what to play, read lazily.
        agents: agent id to agent, for every id in the matchups.
        slots: matches in flight.
        seats: the largest population in the matchups; default the game's largest.
        steps: truncate matches that are longer; None leaves it to the game.

    Raises:
        InputError: when an agent cannot play the game.
    """
    for name, agent in agents.items():
        reason = agent.policy.refuses(game)
        if reason:
            raise InputError(f"agent {name!r} cannot play {game.name}: {reason}")
    queue = iter(matchups)
    observe = any(agent.policy.observes for agent in agents.values())
    driver = Driver(
        game,
        agents,
        lambda: next(queue, None),
        slots=slots,
        seats=seats or game.max_seats,
        steps=steps,
        observe=observe,
    )
    try:
        while driver.refill():
            yield from driver.advance()
    finally:
        driver.vector.close()
