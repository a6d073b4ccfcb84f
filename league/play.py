"""Play any list of matchups and yield their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from games import Game, InputError
from league.adjudication import Adjudication
from league.driver import Driver
from league.match import Matchup, Record
from populations.agent import Agent

__all__ = ["play"]


def play(
    game: Game,
    matchups: Iterable[Matchup | None],
    agents: Mapping[str, Agent],
    *,
    slots: int = 256,
    seats: int | None = None,
    steps: int | None = None,
    judge: Adjudication | None = None,
    replays: bool = False,
) -> Iterator[Record]:
    """Play matchups in batches and yield records as the matches end.

    Every record depends on its matchup alone; only the order in which they come depends on `slots`.

    Args:
        game: the rules.
        matchups: what to play, read lazily: as many at a time as there are free slots. None among them means that what
            comes next depends on the matches in flight: it is asked again when some of them have ended and their records were
            taken. There must be some.
        agents: agent id to agent, for every id in the matchups.
        slots: matches in flight.
        seats: the largest population in the matchups; default the game's largest.
        steps: truncate matches that are longer; None leaves it to the game.
        judge: ends matches before the game does; None never.
        replays: whether records keep what was played.

    Raises:
        InputError: when an agent cannot play the game.
    """
    for name, agent in agents.items():
        reason = agent.policy.refuses(game)
        if reason:
            raise InputError(f"agent {name!r} cannot play {game.name}: {reason}")
    queue = iter(matchups)
    seats = seats or game.max_seats
    judging = None if judge is None else judge.judge(game, slots, seats)
    observe = any(agent.policy.observes for agent in agents.values()) or (judging is not None and judging.observes)
    driver = Driver(
        game,
        agents,
        lambda: next(queue, None),
        slots=slots,
        seats=seats,
        steps=steps,
        observe=observe,
        judge=judging,
        replays=replays,
    )
    try:
        while driver.refill():
            yield from driver.advance()
    finally:
        driver.vector.close()
