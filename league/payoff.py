"""The payoff table: what is known of every pair of agents, and of every seat order.

It is a function of the match records, in the order of their booking, and can be rebuilt from them at any time.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from games import InputError
from league.elo import Elo
from league.joint import JointResults
from league.places import Places

__all__ = ["PayoffTable", "Tally"]

_ROWS = 1024  # agents whose rates against all others are kept at hand; learners ask, and there are few


class Tally(NamedTuple):
    """What is known of one pair in one seat order, from the side of `home`, which sits before `away`."""

    wins: float = 0.0
    draws: float = 0.0
    losses: float = 0.0
    home_return: float = 0.0  # summed over games
    away_return: float = 0.0

    @property
    def games(self) -> float:
        """How many, less what was forgotten."""
        return self.wins + self.draws + self.losses

    @property
    def points(self) -> float:
        """What home scored: wins and half the draws."""
        return self.wins + 0.5 * self.draws


class PayoffTable:
    """Wins, draws, losses and returns of pairs of agent ids.

    Learners change, so what is known of their pairs grows old. Two ways to forget, of which a table has one or none:
    `decay` counts old games less, `window` counts the last ones only.

    Args:
        decay: what earlier games of a pair are multiplied by at each new game of it; the table then remembers about
            1 / (1 - decay) games per pair (Vinyals et al., "Grandmaster level in StarCraft II using multi-agent
            reinforcement learning", Nature 2019, use 0.99). 1 forgets nothing.
        window: how many games of a pair are remembered, over both seat orders; None forgets nothing.
        minimum: games of a pair, less what was forgotten, before its rate is anything but 0.5.

    Attributes:
        joint: what line-ups of frozen agents earned.
        elo: ratings that move with every match.

    Raises:
        InputError: for a decay outside (0, 1], a window below 1, both of them, or a minimum below 0.
    """

    def __init__(self, *, decay: float = 1.0, window: int | None = None, minimum: float = 0.0) -> None:
        if not 0.0 < decay <= 1.0:
            raise InputError(f"payoff decay must be above 0 and at most 1, not {decay}")
        if window is not None and window < 1:
            raise InputError(f"payoff window must be at least 1 game, not {window}")
        if window is not None and decay < 1.0:
            raise InputError(f"a payoff table has a decay ({decay}) or a window ({window}), not both")
        if not minimum >= 0.0:
            raise InputError(f"payoff minimum must be 0 games or more, not {minimum}")
        self.decay, self.window, self.minimum = decay, window, minimum
        self.joint = JointResults()
        self.elo = Elo()
        self._tallies: dict[tuple[str, str], Tally] = {}
        self._last: dict[tuple[str, str], deque[tuple[str, str, Tally]]] = {}  # games in the window of each pair
        self._running: Counter[tuple[str, str]] = Counter()
        self._places = Places()
        self._rows: dict[str, NDArray[np.float64]] = {}  # rate against every place

    # what happens

    def start(self, agents: Sequence[str]) -> None:
        """Note that a match of these sides has begun: it counts as known when the least known is looked for."""
        for pair in combinations(agents, 2):
            self._running[_unordered(*pair)] += 1
        self.joint.start(tuple(agents))

    def finish(self, agents: Sequence[str]) -> None:
        """Note that a match is over, whether or not it is booked.

        Raises:
            ValueError: when no match of these sides was running.
        """
        self.joint.finish(tuple(agents))
        for pair in (_unordered(*pair) for pair in combinations(agents, 2)):
            self._running[pair] -= 1
            if not self._running[pair]:
                del self._running[pair]

    def update(self, home: str, away: str, outcome: float, returns: tuple[float, float] = (0.0, 0.0)) -> None:
        """Book one game of a pair.

        Args:
            home: agent with the earlier seat.
            away: agent with the later seat.
            outcome: 1 when home won, 0.5 for a draw, 0 when away won.
            returns: of home and away.
        """
        game = Tally(float(outcome == 1.0), float(outcome == 0.5), float(outcome == 0.0), *returns)
        self._forget_old(home, away, game)
        old = self._tallies.get((home, away))
        self._tallies[home, away] = game if old is None else Tally(*(a + b for a, b in zip(old, game, strict=True)))
        there, back = self._places.number(home), self._places.number(away)
        if home in self._rows:
            self._row(home)[back] = self.rate(home, away)
        if away in self._rows:
            self._row(away)[there] = self.rate(away, home)

    def _forget_old(self, home: str, away: str, game: Tally) -> None:
        if self.decay < 1.0:
            for pair in {(home, away), (away, home)} & self._tallies.keys():
                self._tallies[pair] = Tally(*(self.decay * x for x in self._tallies[pair]))
        elif self.window is not None:
            last = self._last.setdefault(_unordered(home, away), deque())
            last.append((home, away, game))
            if len(last) > self.window:
                first, second, oldest = last.popleft()
                known = self._tallies[first, second]
                self._tallies[first, second] = Tally(*(a - b for a, b in zip(known, oldest, strict=True)))

    def book(
        self,
        agents: Sequence[str],
        scores: Sequence[float],
        returns: Sequence[float] | None = None,
        *,
        frozen: bool = False,
    ) -> None:
        """Book a match of any number of sides (a seat each, or a team): one game for every two of them.

        Args:
            agents: agent of each side, in the order of seats.
            scores: of each side; the higher one of two has won, equal is a draw.
            returns: of each side.
            frozen: whether no agent of them ever changes; the joint result is then kept, too.
        """
        returns = returns or [0.0] * len(agents)
        points = [0.0] * len(agents)
        for i, j in combinations(range(len(agents)), 2):
            outcome = 0.5 if scores[i] == scores[j] else float(scores[i] > scores[j])
            self.update(agents[i], agents[j], outcome, (returns[i], returns[j]))
            points[i] += outcome
            points[j] += 1.0 - outcome
        if len(agents) > 1:
            self.elo.book(agents, scores)
        if frozen:
            others = max(len(agents) - 1, 1)
            self.joint.book(tuple(agents), [p / others for p in points], returns)

    def forget(self, agent: str) -> None:
        """Drop what is known of an agent's pairs: it has become another one, as after a reset of its weights."""
        for pair in [pair for pair in self._tallies if agent in pair]:
            del self._tallies[pair]
            self._last.pop(_unordered(*pair), None)
        self._rows.clear()

    # what is known

    def tally(self, home: str, away: str) -> Tally:
        """Return what is known of the pair in this seat order."""
        return self._tallies.get((home, away), Tally())

    def games(self, a: str, b: str) -> float:
        """Return how many games of the pair are known, in either seat order."""
        return self.tally(a, b).games + (self.tally(b, a).games if a != b else 0.0)

    def rate(self, a: str, b: str) -> float:
        """Return the mean score of a against b over both seat orders; 0.5 when too few games are known."""
        there, back = self.tally(a, b), self.tally(b, a)
        games = there.games + back.games
        return (there.points + back.losses + 0.5 * back.draws) / games if games and games >= self.minimum else 0.5

    def rates(self, a: str, others: Sequence[str]) -> NDArray[np.float64]:
        """Return the rates [n] of a against each of the others.

        Microseconds for thousands of others, when they are the same tuple again and again (see `Places`).
        """
        numbers = self._places.numbers(others)
        return self._row(a)[numbers]

    def _row(self, a: str) -> NDArray[np.float64]:
        """Return the rates of a against every place; what is booked goes into it."""
        row, places = self._rows.get(a), len(self._places)
        if row is None:
            if len(self._rows) >= _ROWS:
                del self._rows[next(iter(self._rows))]
            row = self._rows[a] = np.array([self.rate(a, b) for b in self._places])
        elif len(row) < places:  # who has a place since then has not met a, or would be in the row
            row = self._rows[a] = np.concatenate([row, np.full(places - len(row) + 64, 0.5)])
        return row

    def least_known(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return the pairs, those first of which the fewest games are known or running; equal ones stay in order."""
        return sorted(pairs, key=lambda pair: self.games(*pair) + self._running.get(_unordered(*pair), 0))

    def state_dict(self) -> dict[str, Any]:
        """Return the table as plain JSON values; `rows` are home, away and the figures of their tally."""
        return {
            "rows": [[home, away, *tally] for (home, away), tally in self._tallies.items()],
            "last": [[home, away, *game] for last in self._last.values() for home, away, game in last],
            "running": [[*pair, count] for pair, count in self._running.items()],
            "joint": self.joint.state_dict(),
            "elo": self.elo.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self._tallies = {(home, away): Tally(*figures) for home, away, *figures in state["rows"]}
        self._last = {}
        for home, away, *figures in state["last"]:
            self._last.setdefault(_unordered(home, away), deque()).append((home, away, Tally(*figures)))
        self._running = Counter({(a, b): count for a, b, count in state["running"]})
        self.joint.load_state_dict(state["joint"])
        self.elo.load_state_dict(state["elo"])
        self._rows.clear()
        for pair in self._tallies:
            for agent in pair:
                self._places.number(agent)


def _unordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)
