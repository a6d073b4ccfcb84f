"""What match records say about agents: ratings, rates and scores with their intervals, and who scored what against whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from eval import (
    Disconnected,
    Interval,
    PayoffMatrix,
    Ratings,
    aggregate,
    bootstrap_bradley_terry,
    cluster_mean,
    fit_bradley_terry,
    payoff_matrix,
)
from games import Comparison, Game, InputError
from games.errors import suggestion
from league.lineup import duels, outcome
from league.match import Record

__all__ = ["Line", "Standings", "standings"]

_PRIOR = 0.5  # one virtual draw per pair
_SHOWN = 20  # kinds of faults that are listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One agent of a leaderboard.

    Attributes:
        agent: its id.
        rating, low, high: in Elo, with its interval; None where the game or the results allow no ratings.
        games: matches that it took part in.
        wins, draws, losses: its comparisons with other agents, one for each of them that a match had.
        score: its mean score, with an interval; None when it has not played.
        faults: reason to number of matches that it forfeited.
    """

    agent: str
    rating: float | None
    low: float | None
    high: float | None
    games: int
    wins: int
    draws: int
    losses: int
    score: Interval | None
    faults: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Standings:
    """A leaderboard and what it rests on.

    Attributes:
        lines: the best first.
        payoff: what rows scored against columns over both seat orders, in the order of `lines`.
        method: how the leaderboard was made, one sentence each.
        games: number of matches.
        faults: (agent, reason, detail, number of matches) of the forfeits, the most frequent first; at most 20.
    """

    lines: tuple[Line, ...]
    payoff: PayoffMatrix
    method: tuple[str, ...]
    games: int
    faults: tuple[tuple[str, str, str, int], ...]

    def plain(self) -> dict[str, Any]:
        """Return everything as values for JSON."""
        return {
            "method": self.method,
            "games": self.games,
            "leaderboard": [
                {
                    "agent": line.agent,
                    "rating": line.rating,
                    "interval": None if line.rating is None else [line.low, line.high],
                    "games": line.games,
                    "wins": line.wins,
                    "draws": line.draws,
                    "losses": line.losses,
                    "score": line.score and {"mean": line.score.mean, "interval": [line.score.low, line.score.high]},
                    "faults": line.faults,
                }
                for line in self.lines
            ],
            "faults": [
                {"agent": agent, "reason": reason, "detail": detail, "matches": count}
                for agent, reason, detail, count in self.faults
            ],
            "payoff": {
                "agents": [line.agent for line in self.lines],
                "rate": self.payoff.mean,
                "low": self.payoff.low,
                "high": self.payoff.high,
                "games": self.payoff.count,
            },
        }


def standings(game: Game, agents: Sequence[str], records: Iterable[Record], *, anchor: str | None = None) -> Standings:
    """Count and rate.

    Every match compares every two of its agents once: who was better in more comparisons of their sides has won.

    Args:
        game: the rules.
        agents: ids of those to list.
        records: their matches.
        anchor: agent whose rating is 0; by default the mean rating is 0.

    Raises:
        InputError: when the anchor takes no part.
    """
    names = list(agents)
    if anchor is not None and anchor not in names:
        raise InputError(f"the anchor {anchor!r} takes no part{suggestion(anchor, names)} (agents: {', '.join(names)})")
    results = _Results({name: number for number, name in enumerate(names)})
    for record in records:
        results.add(game, record)
    rated = game.comparison is not Comparison.COOPERATIVE
    ratings, method = _rate(names, results, anchor) if rated else (None, ["All seats share one score: ranked by it."])
    if results.most_sides > 2:
        method.append(f"A match of up to {results.most_sides} sides compares every two of its agents once.")
    scores = [results.score(k) for k in range(len(names))]
    key = [s.mean if s else -np.inf for s in scores] if ratings is None else ratings.rating.tolist()
    order = sorted(range(len(names)), key=lambda k: -key[k])
    position = np.argsort(order)
    payoff = payoff_matrix(
        position[results.first], position[results.second], results.points, agents=len(names)
    ).pooled()
    return Standings(
        lines=tuple(_line(names[k], k, results, ratings, scores[k]) for k in order),
        payoff=payoff,
        method=tuple(method),
        games=results.games,
        faults=tuple((*fault, count) for fault, count in results.details.most_common(_SHOWN)),
    )


@dataclass
class _Results:
    """Records, taken apart. `first`, `second`, `points`, `cluster` describe one comparison each."""

    numbers: dict[str, int]
    games: int = 0
    most_sides: int = 0
    first: list[int] = field(default_factory=list)
    second: list[int] = field(default_factory=list)
    points: list[float] = field(default_factory=list)
    cluster: list[int] = field(default_factory=list)
    scores: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    score_clusters: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    faults: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    details: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _clusters: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, game: Game, record: Record) -> None:
        self.games += 1
        asked = record.matchup
        # matches that share a seed and a task are not independent of each other
        cluster = self._clusters.setdefault((asked.seed, asked.task.hash), len(self._clusters))
        match = outcome(game, record)
        self.most_sides = max(self.most_sides, len(match))
        scores: dict[int, list[float]] = defaultdict(list)
        for side in match:
            scores[self.numbers[side.agent]].append(side.score)
        for number, own in scores.items():
            self.scores[number].append(sum(own) / len(own))
            self.score_clusters[number].append(cluster)
        compared: dict[tuple[int, int], float] = defaultdict(float)
        for result in duels(match):
            pair = self.numbers[result.agent], self.numbers[result.opponent]
            compared[pair] += result.points - 0.5
        for (a, b), balance in compared.items():
            if list(scores).index(a) < list(scores).index(b):  # each pair once, the earlier seat first
                self.first.append(a)
                self.second.append(b)
                self.points.append(0.5 + 0.5 * float(np.sign(balance)))
                self.cluster.append(cluster)
        if record.fault is not None:
            guilty = asked.agents[record.fault]
            self.faults[self.numbers[guilty]][record.reason.value] += 1
            self.details[guilty, record.reason.value, record.detail] += 1

    def score(self, number: int) -> Interval | None:
        values = self.scores[number]
        return cluster_mean(values, self.score_clusters[number]) if values else None

    def tables(self) -> tuple[Any, Any]:
        return aggregate(self.first, self.second, self.points, agents=len(self.numbers))


def _line(name: str, number: int, results: _Results, ratings: Ratings | None, score: Interval | None) -> Line:
    wins, draws = results.tables()
    rating = low = high = None
    if ratings is not None:
        rating, low, high = (float(x[number]) for x in (ratings.rating, ratings.low, ratings.high))
    return Line(
        agent=name,
        rating=rating,
        low=low,
        high=high,
        games=len(results.scores[number]),
        wins=int(wins[number].sum()),
        draws=int(draws[number].sum()),
        losses=int(wins[:, number].sum()),
        score=score,
        faults=dict(results.faults[number]),
    )


def _rate(names: list[str], results: _Results, anchor: str | None) -> tuple[Ratings | None, list[str]]:
    """Return ratings where there can be any, and sentences on how they were made."""
    if not results.points:
        return None, ["No agent has met another yet: there are no ratings."]
    fixed = None if anchor is None else (names.index(anchor), 0.0)
    scale = "the mean rating is 0" if anchor is None else f"{anchor} is the anchor at 0"
    method = [
        f"Bradley-Terry maximum likelihood from {results.games:,} matches, in Elo: 400 points are odds of ten to one,"
        f" {scale}; a draw counts as half a win for each."
    ]
    wins, draws = results.tables()
    units = len(set(results.cluster))
    try:
        ratings = bootstrap_bradley_terry(
            results.first, results.second, results.points, results.cluster, agents=len(names), anchor=fixed
        )
        method.append(
            f"95 % intervals by bootstrap over {units:,} seeds; matches that share a seed are drawn together."
        )
        return ratings, method
    except Disconnected:
        pass  # the results, or some resample of them, have no finite ratings
    try:
        ratings = fit_bradley_terry(wins, draws, anchor=fixed, method="fisher")
        method.append("95 % intervals from the Fisher information: there are too few matches for a bootstrap.")
        return ratings, method
    except Disconnected as apart:
        groups = apart.components
    try:
        ratings = fit_bradley_terry(wins, draws, anchor=fixed, prior=_PRIOR, method="fisher")
    except Disconnected:
        return None, ["Some agents have not met, directly or through others: there are no common ratings."]
    rated = ratings.rating
    ordered = sorted(groups, key=lambda group: -float(np.mean(rated[list(group)])))
    method += [
        "The results alone give no finite ratings: nobody below ever scored on those above in"
        f" {' > '.join(_named(group, names) for group in ordered)}.",
        "So one virtual draw was added to every pair that met, which draws ratings together; 95 % intervals from the"
        " Fisher information.",
    ]
    unbeaten = [n for k, n in enumerate(names) if not wins[:, k].any() and not draws[k].any() and wins[k].any()]
    winless = [n for k, n in enumerate(names) if not wins[k].any() and not draws[k].any() and wins[:, k].any()]
    if unbeaten:
        method.append(f"Won all matches: {', '.join(unbeaten)}.")
    if winless:
        method.append(f"Lost all matches: {', '.join(winless)}.")
    return ratings, method


def _named(group: Sequence[int], names: Sequence[str]) -> str:
    inside = ", ".join(names[k] for k in group)
    return inside if len(group) == 1 else f"{{{inside}}}"
