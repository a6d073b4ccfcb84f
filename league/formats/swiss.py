"""Swiss: in every round agents meet others who have done as well as they, and nobody drops out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import combinations
from math import ceil, log2
from typing import NamedTuple

import networkx

from games.errors import InputError
from league.formats.format import Field, Pair, Results, Verdict
from league.match import match_seed

__all__ = ["Rank", "Swiss", "matching", "rematch", "weights"]

_WHOLE = 64  # up to so many agents every two are looked at
_NEAR = 12  # beyond that, so many of the best opponents of each, and those next to it in rank
_CHANCE = 1 << 40  # ties between matchings are broken by this many different weights


class Swiss:
    """In every round agents meet others who have as many points, if possible some whom they have not met yet.

    Each round is the perfect matching of least weight over all agents (see `weights`): a rematch costs more than all else but
    is not forbidden, as a pairing that forbids them may find no opponents in the end. (The system is that of chess,
    simplified. Seats need no weight: a pair of games has both orders.) With an odd number the last of those who rested
    least rests, which counts as a won round. Groups are two agents, whatever the game's sides. The order of the field
    breaks ties.

    Args:
        rounds: default: the binary logarithm of the number of agents, rounded up. From about that many on the first place
            is decided.
        pairs_per_round: pairs of every group in a round. A round won in all games is one point.

    Raises:
        InputError: for less than one round or pair.
    """

    def __init__(self, *, rounds: int | None = None, pairs_per_round: int = 1) -> None:
        if rounds is not None and rounds < 1:
            raise InputError(f"rounds of a Swiss tournament must be at least 1, not {rounds}")
        if pairs_per_round < 1:
            raise InputError(f"pairs_per_round of a Swiss tournament must be at least 1, not {pairs_per_round}")
        self.rounds, self.pairs_per_round = rounds, pairs_per_round

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return the pairs of round after round, with a wait after each; see `Format`."""
        field.need_opponents("a Swiss tournament")
        return self._pairs(field, results)

    def _pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        table = _Table(field, self.pairs_per_round)
        for turn in range(self.rounds or ceil(log2(len(field.agents)))):
            yield from (Pair(turn, group) for group in table.draw(turn))
            yield None
            table.enter(results)

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return the table: by points, then Buchholz, Sonneborn-Berger, results among those who are level, and the field.

        Buchholz is the sum of the opponents' points; Sonneborn-Berger the sum of the opponents' points times the share won
        against them. A rest counts as a won round against somebody with as many points as oneself.
        """
        return _verdict(field, self.pairs_per_round, results)


class Rank(NamedTuple):
    """Where an agent stands when a round is drawn.

    Attributes:
        agent: its id.
        quarters: its points in quarters of a pair, whole numbers.
    """

    agent: str
    quarters: int


def weights(ranks: Sequence[Rank], met: Mapping[frozenset[str], int], key: object) -> dict[tuple[int, int], int]:
    """Return what it costs that two agents meet, by their places in the ranking.

    Each count weighs more than all that come after it together: rounds in which they met already; the square of the difference
    in points; the distance from the fold, which within a group of s with as many points lets place i meet place i + s/2, and
    otherwise neighbours in the ranking; and a number drawn from the key, so that the least weight is that of one matching
    alone, whatever algorithm finds it.

    Args:
        ranks: the best first.
        met: two agents to how often they met.
        key: of the draw.
    """
    n, dear = len(ranks), rematch(ranks)
    size = Counter(rank.quarters for rank in ranks)
    fold = _CHANCE * n
    points = fold * n * n
    found = {}
    for i, j in combinations(range(n), 2):
        one, other = ranks[i], ranks[j]
        same = one.quarters == other.quarters
        distance = abs(j - i - size[one.quarters] // 2) if same else j - i
        found[i, j] = (
            dear * met.get(frozenset((one.agent, other.agent)), 0)
            + points * (one.quarters - other.quarters) ** 2
            + fold * distance
            + match_seed("swiss", key, *sorted((one.agent, other.agent))) % _CHANCE
        )
    return found


def rematch(ranks: Sequence[Rank]) -> int:
    """Return what it costs that two agents meet again: more than any matching without rematches."""
    return _CHANCE * len(ranks) ** 4 * ((ranks[0].quarters - ranks[-1].quarters) ** 2 + 1)


def matching(n: int, weight: Mapping[tuple[int, int], int], *, dear: int) -> list[tuple[int, int]]:
    """Return the perfect matching of 0 to n - 1 (n even) with the least sum of weights, in order of the smaller numbers.

    Edmonds' blossom algorithm (Galil, "Efficient algorithms for finding maximum matching in graphs", ACM Computing Surveys
    1986) by networkx; its time grows with the cube of n. Among more than 64 only the cheapest partners of each and its
    neighbours are looked at, so that the sum may be a little above the least.

    Args:
        n: how many there are.
        weight: of (smaller, larger), for every two.
        dear: the weight of a partner who is to be avoided: as long as one is taken, more partners are looked at.
    """
    near = n if n <= _WHOLE else _NEAR
    while True:
        graph = networkx.Graph()
        graph.add_nodes_from(range(n))
        graph.add_weighted_edges_from((i, j, weight[i, j]) for i, j in _edges(n, weight, near))
        found = sorted((min(two), max(two)) for two in networkx.min_weight_matching(graph))
        if near >= n or all(weight[two] < dear for two in found):
            return found
        near *= 4


def _edges(n: int, weight: Mapping[tuple[int, int], int], near: int) -> list[tuple[int, int]]:
    """Return the edges to the `near` cheapest partners of each, and to its neighbours, so that there is a perfect matching."""
    if near >= n:
        return sorted(weight)
    kept = {(k, k + 1) for k in range(n - 1)}
    for i in range(n):
        edges = ((min(i, j), max(i, j)) for j in range(n) if j != i)
        kept.update(nsmallest(near, edges, key=weight.__getitem__))
    return sorted(kept)


class _Table:
    """Who has how many points, and met whom."""

    def __init__(self, field: Field, pairs_per_round: int) -> None:
        self._field, self._each = field, pairs_per_round
        self._place = {agent: place for place, agent in enumerate(field.agents)}
        self._quarters = dict.fromkeys(field.agents, 0)
        self._rests = dict.fromkeys(field.agents, 0)
        self._began: Counter[str] = Counter()  # how much more often an agent began than its opponent did
        self._met: Counter[frozenset[str]] = Counter()
        self._asked = 0  # pairs so far

    def draw(self, turn: int) -> list[tuple[str, str]]:
        """Return the groups of the pairs of a round."""
        agents = sorted(self._field.agents, key=lambda a: (-self._quarters[a], self._place[a]))
        if len(agents) % 2:
            resting = min(reversed(agents), key=lambda a: self._rests[a])
            agents.remove(resting)
            self._rests[resting] += 1
            self._quarters[resting] += 4 * self._each
        ranks = [Rank(agent, self._quarters[agent]) for agent in agents]
        key = (self._field.seed, turn)
        groups = []
        for i, j in matching(len(agents), weights(ranks, self._met, key), dear=rematch(ranks)):
            first, second = sorted(
                (agents[i], agents[j]), key=lambda a: (self._began[a], match_seed("begins", *key, a))
            )
            self._began.update({first: 1, second: -1})
            self._met[frozenset((first, second))] += 1
            groups.append((first, second))
        return [group if k % 2 == 0 else group[::-1] for k in range(self._each) for group in groups]

    def enter(self, results: Results) -> None:
        """Count the points of the round that was drawn last."""
        number = self._asked
        self._asked += len(self._field.agents) // 2 * self._each
        for played in map(results.played.__getitem__, range(number, self._asked)):
            for agent, points in zip(played.pair.group, played.points, strict=True):
                self._quarters[agent] += round(4 * points)


def _verdict(field: Field, each: int, results: Results) -> Verdict:
    """Return the table of results, with `each` pairs a round."""
    own = dict.fromkeys(field.agents, 0)
    rests = dict.fromkeys(field.agents, 0)
    met: dict[str, list[tuple[str, int]]] = {agent: [] for agent in field.agents}  # opponent, quarters won
    rounds: dict[int, list[str]] = defaultdict(list)  # number to agents, once for every pair
    for played in results:
        (first, second), (won, lost) = played.pair.group, (round(4 * points) for points in played.points)
        met[first].append((second, won))
        met[second].append((first, lost))
        rounds[played.pair.round] += played.pair.group
    full = [agents for agents in rounds.values() if len(agents) == len(field.agents) // 2 * 2 * each]
    for agents in full:
        for agent in set(field.agents).difference(agents):
            rests[agent] += 1
    for agent in field.agents:
        own[agent] = sum(won for _, won in met[agent]) + 4 * each * rests[agent]
    # all in whole numbers: `each` times, and for the second 4 times, what is shown
    buchholz = {a: sum(own[b] for b, _ in met[a]) + each * rests[a] * own[a] for a in field.agents}
    berger = {a: sum(own[b] * won for b, won in met[a]) + 4 * each * rests[a] * own[a] for a in field.agents}
    level: dict[tuple[int, int, int], set[str]] = defaultdict(set)
    for a in field.agents:
        level[own[a], buchholz[a], berger[a]].add(a)
    among = {a: sum(won for b, won in met[a] if b in level[own[a], buchholz[a], berger[a]]) for a in field.agents}
    order = sorted(field.agents, key=lambda a: (own[a], buchholz[a], berger[a], among[a]), reverse=True)
    unit = 4 * each
    rows = ((own[a] / unit, buchholz[a] / unit / each, berger[a] / unit / unit, rests[a]) for a in order)
    return Verdict(
        order=tuple(order),
        columns=("points", "Buchholz", "Sonneborn-Berger", "rests"),
        rows=tuple(tuple(round(value, 3) for value in row) for row in rows),
        sentences=tuple(_sentences(order, own, unit, len(full), len(rounds))) if rounds else (),
    )


def _sentences(order: Sequence[str], own: Mapping[str, int], unit: int, full: int, begun: int) -> Iterator[str]:
    first = order[0]
    level = [agent for agent in order[1:] if own[agent] == own[first]]
    points = f"{own[first] / unit:g} point{'s' * (own[first] != unit)}"
    leads = f"{first} is first with {points} after {full} complete round{'s' * (full != 1)}"
    ties = f", level with {', '.join(level)} and before them by Buchholz or what comes after it" if level else ""
    yield f"{leads}{ties}."
    if full < begun:
        yield "Points of a round that is not complete are counted, too; who rests in it is not known."
