"""A match, shown in the terminal step by step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from arena.console import Console
from games import Step, VectorGame
from league.match import Record

__all__ = ["result_text", "watch"]

T = TypeVar("T")


def watch(
    vector: VectorGame,
    view: Callable[[], Step],
    advance: Callable[[], T | None],
    *,
    agents: Sequence[str],
    delay: float,
    console: Console,
) -> T:
    """Show slot 0 before every step and after the last; return what `advance` gives when the match is over.

    Args:
        vector: the match.
        view: what its seats see now.
        advance: plays a step; anything but None ends the show.
        agents: who sits where.
        delay: seconds to wait before each step.
        console: where to show it.
    """
    step = 0
    while True:
        acting = [seat for seat in range(len(agents)) if view().acting[0, seat]]
        console.say(f"\nstep {step}, to act: {', '.join(f'{seat} ({agents[seat]})' for seat in acting)}")
        console.say(vector.render(0))
        time.sleep(delay)
        done = advance()
        step += 1
        if done is not None:
            console.say(f"\nafter step {step}")
            console.say(vector.render(0))
            return done


def result_text(record: Record) -> str:
    """Return how a match ended, in one line."""
    seats = ", ".join(f"{agent} {score:g}" for agent, score in zip(record.matchup.agents, record.scores, strict=True))
    fault = "" if record.fault is None else f" by seat {record.fault}"
    detail = f": {record.detail}" if record.detail else ""
    figures = "".join(f", {name} {value:g}" for name, value in record.metrics.items())
    return f"\nresult after {record.length} steps ({record.reason.value}{fault}{detail}): {seats}{figures}"
