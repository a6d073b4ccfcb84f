"""What a score on a task is worth: the scale between two agents that are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval import Interval, cluster_mean
from games import Game, InputError, Task
from league.match import Matchup, match_seed
from league.play import play
from populations.agent import Agent

__all__ = ["Yardstick", "self_play", "yardstick"]

_STAGE = "yardstick"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a low and a high agent get on a task when each fills all of its seats.

    Attributes:
        low, high: return per seat, a mean over matches with its 95 % interval.
    """

    low: Interval
    high: Interval

    def normalised(self, value: float) -> float:
        """Return where a return per seat lies: 0 is the low agent, 1 the high one; both sides are open."""
        return (value - self.low.mean) / (self.high.mean - self.low.mean)


def yardstick(game: Game, task: Task, low: Agent, high: Agent, *, matches: int = 200, seed: int = 0) -> Yardstick:
    """Measure two agents on the same starts.

    Args:
        game: the rules.
        task: one of its tasks.
        low: what is worth 0, such as the random agent.
        high: what is worth 1, such as `scripted:resource-assignment`.
        matches: of each.
        seed: keys the starts; the same as that of whoever is measured against them.

    Raises:
        InputError: where the high agent gets no more than the low one, so that there is no scale; and see `self_play`.
    """
    both = [_interval(self_play(game, agent, task, matches=matches, seed=seed)) for agent in (low, high)]
    if not both[1].mean > both[0].mean:
        raise InputError(
            f"{high.id!r} gets {both[1].mean:.4g} a seat on {game.name} {dict(task)} and {low.id!r} {both[0].mean:.4g}: "
            "the agent that stands for 1 must get more"
        )
    return Yardstick(*both)


def self_play(game: Game, agent: Agent, task: Task, *, matches: int = 200, seed: int = 0) -> NDArray[np.float64]:
    """Return [matches], the return per seat of matches in which copies of one agent have all seats.

    Match k has the same seed whoever plays, so agents can be compared match by match.

    Raises:
        InputError: for less than one match, or an agent that cannot play the game.
    """
    if matches < 1:
        raise InputError(f"a mean rests on at least one match, not {matches}")
    seats = len(game.seats(task))
    names, hashes = (agent.id,) * seats, (agent.hash,) * seats
    asked = (Matchup(_STAGE, k, task, names, hashes, match_seed(seed, _STAGE, k)) for k in range(matches))
    found = np.zeros(matches)
    for record in play(game, asked, {agent.id: agent}, slots=min(matches, 256), seats=seats):
        found[record.matchup.ordinal] = np.mean(record.returns)
    return found


def _interval(values: NDArray[np.float64]) -> Interval:
    return cluster_mean(values, np.arange(len(values)))
