"""What the records of a tournament say: ratings, rates and scores with intervals, and who scored what against whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arena.metagame import MetaGame, meta_game
from arena.outcomes import Fault, Outcomes
from arena.ratings import Basis, rate
from eval import Interval, PayoffMatrix, Ratings, aggregate, payoff_matrix, rank_intervals
from eval.cluster_means import cluster_means
from games import Comparison, Game, InputError
from games.errors import suggestion
from league.formats import Verdict
from league.match import Reason

__all__ = ["Line", "Standings", "standings"]

_SHOWN = 20  # kinds of faults that are listed
_RANKS = (
    "Ranks: from the best to the worst place that the results allow, all of them at once with 95 % confidence (Holm)."
)
_MOST_SIDES = 8  # beyond which the advantage of seats is not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One agent of a leaderboard.

    Attributes:
        agent: its id.
        rating, low, high: in Elo, with its interval; None where the game or the results allow no ratings.
        ranks: the best and the worst place that the results allow; None without ratings.
        games: matches that it took part in and that count.
        wins, draws, losses: its comparisons with other agents, one for each of them that a match had.
        score: its mean score, with an interval; None when it has not played.
        faults: reason to number of matches that it forfeited.
        adjudicated: matches that a rule of the organiser ended.
    """

    agent: str
    rating: float | None
    low: float | None
    high: float | None
    ranks: tuple[int, int] | None
    games: int
    wins: int
    draws: int
    losses: int
    score: Interval | None
    faults: dict[str, int]
    adjudicated: int


@dataclass(frozen=True, kw_only=True)
class Standings:
    """A leaderboard and what it rests on.

    Attributes:
        lines: the best first.
        payoff: what rows scored against columns over both seat orders, in the order of `lines`.
        basis: how the ratings were made; None without ratings.
        method: the same and all else that one must know to read the tables, one sentence each.
        games: number of matches that count.
        endings: reason to number of matches.
        faults: the forfeits, the most frequent first; at most 20 kinds.
        margins: whether scores tell more than who won.
        seats: for each side of a match, what it scored against the other sides whoever sat there; empty where there are many.
        verdict: what the tournament's format says itself, or None.
        meta: the meta-game, its arrays in the order of `lines`; None where there are too few agents, or not all of them met.
    """

    lines: tuple[Line, ...]
    payoff: PayoffMatrix
    basis: Basis | None
    method: tuple[str, ...]
    games: int
    endings: dict[str, int]
    faults: tuple[Fault, ...]
    margins: bool
    seats: tuple[Interval, ...]
    verdict: Verdict | None
    meta: MetaGame | None

    def plain(self) -> dict[str, Any]:
        """Return everything as values for JSON."""
        return {
            "method": self.method,
            "basis": self.basis and asdict(self.basis),
            "games": self.games,
            "endings": self.endings,
            "leaderboard": [
                {
                    "agent": line.agent,
                    "rating": line.rating,
                    "interval": None if line.rating is None else [line.low, line.high],
                    "ranks": line.ranks,
                    "games": line.games,
                    "wins": line.wins,
                    "draws": line.draws,
                    "losses": line.losses,
                    "score": line.score and _interval(line.score),
                    "faults": line.faults,
                    "adjudicated": line.adjudicated,
                }
                for line in self.lines
            ],
            "seats": [_interval(seat) for seat in self.seats],
            "faults": [fault._asdict() for fault in self.faults],
            "verdict": self.verdict
            and {
                "table": [
                    {"agent": agent, **dict(zip(self.verdict.columns, row, strict=True))}
                    for agent, row in zip(self.verdict.order, self.verdict.rows, strict=True)
                ],
                "sentences": self.verdict.sentences,
            },
            "meta_game": self.meta and self.meta.plain(),
            "payoff": {
                "agents": [line.agent for line in self.lines],
                "rate": self.payoff.mean,
                "low": self.payoff.low,
                "high": self.payoff.high,
                "games": self.payoff.count,
            },
        }


def standings(
    game: Game, outcomes: Outcomes, *, anchor: str | None = None, verdict: Verdict | None = None
) -> Standings:
    """Count and rate.

    Args:
        game: the rules.
        outcomes: of the matches.
        anchor: agent whose rating is 0; by default the mean rating is 0.
        verdict: what the format says.

    Raises:
        InputError: when the anchor takes no part.
    """
    names, compared = outcomes.agents, outcomes.compared
    if anchor is not None and anchor not in names:
        raise InputError(f"the anchor {anchor!r} takes no part{suggestion(anchor, names)} (agents: {', '.join(names)})")
    if game.comparison is Comparison.COOPERATIVE:
        ratings, basis = None, None
        notes: tuple[str, ...] = ("All seats share one score: ranked by it.",)
    else:
        ratings, basis, notes = rate(outcomes, anchor)
    scores = cluster_means(*outcomes.scores, groups=len(names))
    key = [s.mean if s else -np.inf for s in scores] if ratings is None else ratings.rating.tolist()
    order = sorted(range(len(names)), key=lambda k: -key[k])
    position = np.argsort(order)
    payoff = payoff_matrix(
        position[compared.first], position[compared.second], compared.points, agents=len(names)
    ).pooled()
    wins, draws = aggregate(compared.first, compared.second, compared.points, agents=len(names))
    seats = _seats(game, outcomes)
    margins = ratings is None or not bool(np.isin(outcomes.scores.value, (-1.0, 0.0, 1.0)).all())
    method = [*([str(basis), _RANKS] if basis else []), *notes, *_remarks(outcomes, seats, margins)]
    return Standings(
        lines=_lines(outcomes, ratings, scores, order, wins, draws),
        payoff=payoff,
        basis=basis,
        method=tuple(method),
        games=outcomes.games,
        endings=outcomes.endings,
        faults=outcomes.faults[:_SHOWN],
        margins=margins,
        seats=seats,
        verdict=verdict,
        meta=None if ratings is None else meta_game(wins[np.ix_(order, order)], draws[np.ix_(order, order)]),
    )


def _lines(
    outcomes: Outcomes,
    ratings: Ratings | None,
    scores: Sequence[Interval | None],
    order: Sequence[int],
    wins: NDArray[np.float64],
    draws: NDArray[np.float64],
) -> tuple[Line, ...]:
    count = len(outcomes.agents)
    won, drawn, lost = wins.sum(axis=1), draws.sum(axis=1), wins.sum(axis=0)
    games = np.bincount(outcomes.scores.owner, minlength=count)
    ranks = None if ratings is None else rank_intervals(ratings)
    faults: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for fault in outcomes.faults:
        faults[fault.agent][fault.reason] += fault.matches
    return tuple(
        Line(
            agent=outcomes.agents[k],
            rating=None if ratings is None else float(ratings.rating[k]),
            low=None if ratings is None else float(ratings.low[k]),
            high=None if ratings is None else float(ratings.high[k]),
            ranks=None if ranks is None else (int(ranks.low[k]), int(ranks.high[k])),
            games=int(games[k]),
            wins=int(won[k]),
            draws=int(drawn[k]),
            losses=int(lost[k]),
            score=scores[k],
            faults=dict(faults[outcomes.agents[k]]),
            adjudicated=int(outcomes.adjudicated[k]),
        )
        for k in order
    )


def _seats(game: Game, outcomes: Outcomes) -> tuple[Interval, ...]:
    """Return what each side scored; nothing where sides are many or share their score."""
    if not 2 <= outcomes.sides <= _MOST_SIDES or game.comparison is Comparison.COOPERATIVE:
        return ()
    found = cluster_means(*outcomes.seats, groups=outcomes.sides)
    return tuple(seat for seat in found if seat is not None)


def _remarks(outcomes: Outcomes, seats: Sequence[Interval], margins: bool) -> list[str]:
    """Return what else one must know to read the tables."""
    remarks = ["Mean scores with 95 % intervals from the scatter between pairs (Student)."] if margins else []
    if outcomes.sides > 2:
        remarks.append(f"A match of up to {outcomes.sides} sides compares every two of its agents once.")
    if seats:
        told = ", ".join(f"{k}: {_percent(seat)}" for k, seat in enumerate(seats))
        remarks.append(f"Points by seat, whoever sits there: {told}.")
    left = {reason: count for reason, count in outcomes.endings.items() if not Reason(reason).counts}
    if left:
        remarks.append(f"Not counted: {', '.join(f'{count:,} {reason}' for reason, count in left.items())} matches.")
    return remarks


def _percent(x: Interval) -> str:
    return f"{100 * x.mean:.1f} %" + (f" [{100 * x.low:.1f}, {100 * x.high:.1f}]" if x.count > 1 else "")


def _interval(x: Interval) -> dict[str, Any]:
    return {"mean": x.mean, "interval": [x.low, x.high], "pairs": x.count}
