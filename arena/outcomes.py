"""The records of a tournament as arrays: who was compared with whom, who scored what, and how matches ended.

A hundred thousand records are taken apart in a fraction of a second: columns are read as they lie in the store, and no
`Record` is built.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from games import Game, Task
from league.lineup import sides
from league.match import Reason
from league.store import Store

__all__ = ["Comparisons", "Fault", "Outcomes", "Values", "outcomes_in"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Comparisons(NamedTuple):
    """Two agents of a match, C times: their numbers, the points of the first, and the pair of games that it belongs to."""

    first: Ints
    second: Ints
    points: Floats
    unit: Ints


class Values(NamedTuple):
    """What agents or sides got in matches, E times: whose it is, how much, and the pair of games that it belongs to."""

    owner: Ints
    value: Floats
    unit: Ints


class Fault(NamedTuple):
    """Forfeits of one agent that look alike, how many there are, and the end of its stderr in one of them."""

    agent: str
    reason: str
    detail: str
    matches: int
    log: str


T = TypeVar("T", Comparisons, Values)


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """What the matches of n agents say. Matches whose reason does not count show in `endings` and `faults` alone.

    Attributes:
        agents: n names; elsewhere agents are numbers.
        games: matches that count.
        pairs: pairs of games that they belong to: what is independent of each other.
        sides: of the largest match.
        compared: every two agents of every match once, the one of the earlier seat first. Who was better in more comparisons of
            their sides has won: 1 point, or 0.5 each for a draw.
        scores: of each agent in each of its matches, the mean over its sides.
        seats: of each side in each match, the share of the other sides that it beat.
        adjudicated: [n] matches of each agent that a rule of the organiser ended.
        endings: reason to number of matches.
        faults: the most frequent first.
    """

    agents: tuple[str, ...]
    games: int
    pairs: int
    sides: int
    compared: Comparisons
    scores: Values
    seats: Values
    adjudicated: Ints
    endings: dict[str, int]
    faults: tuple[Fault, ...]


def outcomes_in(store: Store, game: Game, agents: Sequence[str], stage: str) -> Outcomes:
    """Take the records of a stage apart.

    Args:
        store: where they are.
        game: the rules.
        agents: everyone who took part.
        stage: which records.
    """
    number = {name: k for k, name in enumerate(agents)}
    matches = list(_matches(store, game, number, stage))
    scores = _joined(Values, map(_scores, matches))
    return Outcomes(
        agents=tuple(agents),
        games=sum(len(match.unit) for match in matches),
        pairs=len(np.unique(scores.unit)),
        sides=max((match.agent.shape[1] for match in matches), default=0),
        compared=_joined(Comparisons, map(_compared, matches)),
        scores=scores,
        seats=_joined(Values, map(_seats, matches)),
        adjudicated=_adjudicated(store, number, stage),
        endings=dict(store.db.execute("select reason, count(*) from matches where stage = ? group by 1", (stage,))),
        faults=_faults(store, stage),
    )


class _Matches(NamedTuple):
    """M matches of one form: number of the agent and score of each side [M, sides], and the pair [M] they belong to."""

    agent: Ints
    score: Floats
    unit: Ints


def _matches(store: Store, game: Game, number: Mapping[str, int], stage: str) -> Iterator[_Matches]:
    """Yield the matches that count, those with the same sides together."""
    ignored = [reason.value for reason in Reason if not reason.counts]
    rows = store.db.execute(
        f"select task, lineup, pair, scores from matches where stage = ? and reason not in ({', '.join('?' * len(ignored))})",
        (stage, *ignored),
    ).fetchall()
    formed = {key: sides(game, Task.from_json(text)) for key, text in store.db.execute("select id, json from tasks")}
    lineups = dict(store.db.execute("select id, agents from lineups"))
    for form in dict.fromkeys(formed.values()):
        chosen = [row for row in rows if formed[row[0]] == form] if len(set(formed.values())) > 1 else rows
        if not chosen:
            continue
        _, lineup, unit, scores = zip(*chosen, strict=True)
        known, index = np.unique(lineup, return_inverse=True)
        seated = np.array([[number[name] for name in json.loads(lineups[key])] for key in known.tolist()])[index]
        score = np.array(json.loads(f"[{','.join(scores)}]"), dtype=np.float64)
        yield _Matches(
            agent=seated[:, [seats[0] for seats in form]],
            score=np.stack([score[:, seats].mean(axis=1) for seats in form], axis=1),
            unit=np.array(unit, dtype=np.int64),
        )


def _compared(matches: _Matches) -> Comparisons:
    agent, score, unit = matches
    one, other = np.triu_indices(agent.shape[1], 1)
    first, second = agent[:, one].ravel(), agent[:, other].ravel()
    balance = np.sign(score[:, one] - score[:, other]).ravel()
    match = np.repeat(np.arange(len(agent)), len(one))
    apart = first != second
    first, second, balance, match = first[apart], second[apart], balance[apart], match[apart]
    if len(one) > 1:  # two agents may meet several times at one table
        count = agent.max(initial=0) + 1
        low, high = np.minimum(first, second), np.maximum(first, second)
        _, met, index = np.unique((match * count + low) * count + high, return_index=True, return_inverse=True)
        total = np.bincount(index, weights=np.where(first == low, balance, -balance))
        first, second, match = first[met], second[met], match[met]  # as they met first: the earlier seat first
        balance = np.sign(np.where(first < second, total, -total))
    return Comparisons(first, second, 0.5 + 0.5 * balance, unit[match])


def _scores(matches: _Matches) -> Values:
    agent, score, unit = matches
    count = agent.max(initial=0) + 1
    key, index = np.unique(np.arange(len(agent))[:, None] * count + agent, return_inverse=True)
    index = index.ravel()
    return Values(key % count, np.bincount(index, weights=score.ravel()) / np.bincount(index), unit[key // count])


def _seats(matches: _Matches) -> Values:
    _, score, unit = matches
    count = score.shape[1]
    better = np.sign(score[:, :, None] - score[:, None, :]).sum(axis=2) / max(count - 1, 1)
    side = np.tile(np.arange(count), len(score))
    return Values(side, 0.5 + 0.5 * better.ravel(), np.repeat(unit, count))


def _joined(form: type[T], parts: Iterable[T]) -> T:
    """Put arrays of several forms of match together."""
    kinds = [np.float64 if name in ("points", "value") else np.int64 for name in form._fields]
    columns: list[Any] = [[np.zeros(0, kind)] for kind in kinds]
    for part in parts:
        for column, values in zip(columns, part, strict=True):
            column.append(values)
    return form(*map(np.concatenate, columns))


def _adjudicated(store: Store, number: Mapping[str, int], stage: str) -> Ints:
    count = np.zeros(len(number), np.int64)
    rows = store.db.execute(
        "select l.agents, count(*) from matches m join lineups l on l.id = m.lineup"
        " where stage = ? and reason = ? group by m.lineup",
        (stage, Reason.ADJUDICATED.value),
    )
    for agents, matches in rows:
        for name in set(json.loads(agents)):
            count[number[name]] += matches
    return count


def _faults(store: Store, stage: str) -> tuple[Fault, ...]:
    rows = store.db.execute(
        "select l.agents, fault, reason, detail, count(*), max(log) from matches m join lineups l on l.id = m.lineup"
        " where stage = ? and fault is not null group by m.lineup, fault, reason, detail",
        (stage,),
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    logs: dict[tuple[str, str, str], str] = {}
    for agents, seat, reason, detail, matches, log in rows:
        key = json.loads(agents)[seat], reason, detail
        counts[key] += matches
        logs[key] = logs.get(key) or log
    return tuple(Fault(*key, matches, logs[key]) for key, matches in counts.most_common())
