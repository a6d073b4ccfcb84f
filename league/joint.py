"""Joint results: what a whole line-up of agents earned together. Meta-games are made of them.

Pairs say enough where two sides meet; with more, what one earns depends on all the others. Line-ups are kept that never
change: those of frozen agents. Nothing that was learned of them grows old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Joint", "JointResults"]


class Joint(NamedTuple):
    """What is known of one line-up, in the order of its sides."""

    games: int
    returns: tuple[float, ...]
    """Mean return of each side."""
    points: tuple[float, ...]
    """Mean over games of the share of the other sides that a side beat; a draw is half a win."""


class JointResults:
    """A sparse map from line-ups (an agent id per side, in order) to what came of them.

    Attributes:
        version: another number after every change, for those that keep what they made of the results.
    """

    def __init__(self) -> None:
        self.version = 0
        self._sums: dict[tuple[str, ...], Joint] = {}  # sums where `Joint` has means
        self._running: Counter[tuple[str, ...]] = Counter()

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self._sums)

    def start(self, lineup: tuple[str, ...]) -> None:
        """Note that a match has begun."""
        self._running[lineup] += 1

    def finish(self, lineup: tuple[str, ...]) -> None:
        """Note that a match is over, whether or not it is booked.

        Raises:
            ValueError: when none was running.
        """
        if not self._running[lineup]:
            raise ValueError(f"no match of {', '.join(lineup)} has been started")
        self._running[lineup] -= 1
        if not self._running[lineup]:
            del self._running[lineup]

    def book(self, lineup: tuple[str, ...], points: Sequence[float], returns: Sequence[float]) -> None:
        """Book one match.

        Args:
            lineup: agent of each side.
            points: share of the other sides that each side beat.
            returns: of each side.
        """
        old = self._sums.get(lineup)
        if old is None:
            self._sums[lineup] = Joint(1, tuple(returns), tuple(points))
        else:
            self._sums[lineup] = Joint(
                old.games + 1,
                tuple(a + b for a, b in zip(old.returns, returns, strict=True)),
                tuple(a + b for a, b in zip(old.points, points, strict=True)),
            )
        self.version += 1

    def result(self, lineup: tuple[str, ...]) -> Joint | None:
        """Return what is known of a line-up; None when it was never booked."""
        found = self._sums.get(lineup)
        if found is None:
            return None
        n = found.games
        return Joint(n, tuple(x / n for x in found.returns), tuple(x / n for x in found.points))

    def known(self, lineup: tuple[str, ...]) -> int:
        """Return how many matches were booked, or are running."""
        found = self._sums.get(lineup)
        return (found.games if found else 0) + self._running.get(lineup, 0)

    def state_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values."""
        return {
            "sums": [[list(lineup), *map(_plain, sums)] for lineup, sums in self._sums.items()],
            "running": [[list(lineup), count] for lineup, count in self._running.items()],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self._sums = {
            tuple(lineup): Joint(games, tuple(returns), tuple(points))
            for lineup, games, returns, points in state["sums"]
        }
        self._running = Counter({tuple(lineup): count for lineup, count in state["running"]})
        self.version += 1


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
