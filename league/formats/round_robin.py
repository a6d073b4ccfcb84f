"""Round robin: everybody meets everybody, equally often and on equal terms.

Words: a *group* is the agents that meet (two of them, or as many as the game has sides). A *pair* is a set of games of one
group that share a seed, so that each agent has every seat once under the same conditions: two games with seats swapped, or
k games that rotate k seats. The pair is the unit of statistics. An *encounter* is one pair for every group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations, count
from math import comb

from games.errors import InputError
from league.formats.format import Field, Pair, Results, Verdict
from league.formats.precision import Comparisons, check_width, widest
from league.match import match_seed

__all__ = ["RoundRobin", "berger"]

_GROUPS = 20  # groups a round and agent, where more than two sides make too many of them


def berger(n: int) -> Iterator[tuple[int, int, int]]:
    """Yield (round, first, second) of a Berger table: n players 0 to n-1, each two meet once.

    Round by round nobody plays twice, and everybody is first about as often as second (counts differ by at most 1). With
    an odd n one player rests in each round.
    """
    size = n + n % 2
    last = size - 1
    for turn in range(last):
        # the table turns by size/2 each round; the last player stays and changes sides
        shift = turn * (size // 2)
        ring = [(k + shift) % last for k in range(last)]
        top = (ring[0], last) if turn % 2 == 0 else (last, ring[0])
        for first, second in (top, *((ring[k], ring[last - k]) for k in range(1, size // 2))):
            if max(first, second) < n:
                yield turn, first, second


class RoundRobin:
    """Everybody meets everybody, equally often and on equal terms.

    Two sides follow the Berger table, whose first player begins in even encounters and whose second in odd ones. For more
    sides, every group of that size meets, in an order mixed by the seed; where there are more than 20 groups an agent,
    a sample takes their place in which all agents play equally often (counts differ by at most 1). The order keeps a
    tournament that is cut short nearly balanced.

    Args:
        encounters: pairs of every group under each of the conditions; None never ends by itself.
        width: ends after the first encounter at which no 95 % interval of a rating is wider than so many Elo.

    Raises:
        InputError: for less than one encounter, or no positive width.
    """

    def __init__(self, *, encounters: int | None = 50, width: float | None = None) -> None:
        if encounters is not None and encounters < 1:
            raise InputError(f"encounters of a round robin must be at least 1, not {encounters}")
        check_width(width, "a round robin")
        self.encounters, self.width = encounters, width
        self.waits = width is not None

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return all pairs, with a wait after each encounter when there is a width; see `Format`."""
        seats = min(field.sides, len(field.agents))
        number = None if self.encounters is None else self.encounters * field.conditions
        groups, most = comb(len(field.agents), seats), _GROUPS * len(field.agents)
        maximum = most if seats > 2 and groups > most else None
        pairs = (Pair(*group) for group in _groups(field.agents, number, seats, maximum, field.seed))
        return pairs if self.width is None else self._until_narrow(pairs, maximum or groups, field, results)

    def _until_narrow(
        self, pairs: Iterator[Pair], groups: int, field: Field, results: Results
    ) -> Iterator[Pair | None]:
        """Yield pairs until intervals are narrow; `groups` of them are an encounter."""
        known = Comparisons(field.agents)
        for number, pair in enumerate(pairs, start=1):
            yield pair
            if number % groups == 0:
                yield None
                for played in range(number - groups, number):
                    known.add(played, results.played[played])
                if widest(known.ratings()) <= (self.width or 0.0):
                    return

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return None: the ratings say it all."""
        return None


def _groups(
    agents: tuple[str, ...], encounters: int | None, seats: int, maximum: int | None, seed: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (round, group); groups of two sides in the order of their seats in the first game."""
    n = len(agents)
    turns = count() if encounters is None else range(encounters)
    if maximum is not None and maximum < comb(n, seats):
        yield from enumerate(_sample(agents, encounters and encounters * maximum, seats, seed))
    elif seats == 2:
        rounds = n - 1 + n % 2
        for encounter in turns:
            for turn, first, second in berger(n):
                home, away = (first, second) if encounter % 2 == 0 else (second, first)
                yield encounter * rounds + turn, (agents[home], agents[away])
    else:
        for encounter in turns:
            mixed = sorted(combinations(agents, seats), key=lambda g: match_seed("order", seed, encounter, *sorted(g)))
            for turn, group in enumerate(mixed):
                yield encounter * len(mixed) + turn, group


def _sample(agents: tuple[str, ...], number: int | None, seats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield groups of those who played least, and among them of those who met least.

    A group may come again once others have caught up; it then has its next encounter.
    """
    played = dict.fromkeys(agents, 0)
    met: Counter[tuple[str, str]] = Counter()
    for turn in count() if number is None else range(number):
        chance = {a: match_seed("sample", seed, turn, a) for a in agents}
        group: list[str] = []
        for _ in range(seats):
            free = (a for a in agents if a not in group)
            group.append(min(free, key=lambda a: (played[a], sum(met[a, b] for b in group), chance[a])))
        for a in group:
            played[a] += 1
            for b in group:
                met[a, b] += 1
        yield tuple(group)
