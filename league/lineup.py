"""Who sits where: sides of a task, agents put on them, and what became of each side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from games import Game, Task
from league.match import Record

__all__ = ["Result", "Side", "duels", "outcome", "seated", "sides"]


class Side(NamedTuple):
    """What became of one side of a match: its agent, and its mean score and return per seat."""

    agent: str
    score: float
    total_return: float


class Result(NamedTuple):
    """One side of a match against another: 1 point when it was better, 0.5 when equal."""

    agent: str
    opponent: str
    points: float


@lru_cache(maxsize=65536)
def sides(game: Game, task: Task) -> tuple[tuple[int, ...], ...]:
    """Return the seats of each side: seats of one team share a side, in order of their first seat."""
    teams: dict[int, list[int]] = {}
    for number, seat in enumerate(game.seats(task)):
        teams.setdefault(seat.team, []).append(number)
    return tuple(tuple(seats) for seats in teams.values())


def seated(game: Game, task: Task, agents: Sequence[str]) -> tuple[str, ...]:
    """Return the agent (or whatever names it) of each seat, given one per side."""
    groups = sides(game, task)
    if all(len(seats) == 1 for seats in groups):
        return tuple(agents)
    lineup = [""] * sum(map(len, groups))
    for agent, seats in zip(agents, groups, strict=True):
        for seat in seats:
            lineup[seat] = agent
    return tuple(lineup)


def outcome(game: Game, record: Record) -> list[Side]:
    """Return what became of each side; a side is named after the agent on its first seat."""
    agents, scores, returns = record.matchup.agents, record.scores, record.returns
    return [
        Side(agents[seats[0]], _mean(scores, seats), _mean(returns, seats))
        for seats in sides(game, record.matchup.task)
    ]


def duels(match: Sequence[Side]) -> Iterator[Result]:
    """Yield every ordered pair of different agents of a match."""
    for own in match:
        for other in match:
            if own.agent != other.agent:
                yield Result(
                    own.agent, other.agent, 0.5 + 0.5 * ((own.score > other.score) - (own.score < other.score))
                )


def _mean(values: Sequence[float], seats: tuple[int, ...]) -> float:
    return values[seats[0]] if len(seats) == 1 else sum(values[s] for s in seats) / len(seats)
