"""Who sits where: sides of a task, and agents put on them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from games import Game, Task

__all__ = ["by_side", "seated", "sides"]


@lru_cache(maxsize=65536)
def sides(game: Game, task: Task) -> tuple[tuple[int, ...], ...]:
    """Return the seats of each side: seats of one team share a side, in order of their first seat."""
    teams: dict[int, list[int]] = {}
    for number, seat in enumerate(game.seats(task)):
        teams.setdefault(seat.team, []).append(number)
    return tuple(tuple(seats) for seats in teams.values())


def seated(game: Game, task: Task, agents: Sequence[str]) -> tuple[str, ...]:
    """Return the agent of each seat, given one agent per side."""
    groups = sides(game, task)
    lineup = [""] * sum(map(len, groups))
    for agent, seats in zip(agents, groups, strict=True):
        for seat in seats:
            lineup[seat] = agent
    return tuple(lineup)


def by_side(game: Game, task: Task, values: Sequence[float]) -> tuple[float, ...]:
    """Return the mean over each side's seats of a figure that is given per seat."""
    return tuple(sum(values[s] for s in seats) / len(seats) for seats in sides(game, task))
