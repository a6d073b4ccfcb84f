"""Round robin: everybody meets everybody, equally often and on equal terms.

Words: a *group* is the agents that meet (two of them, or as many as the game has sides). A *pair* is a set of games of one
group that share a seed, so that each agent has every seat once under the same conditions: two games with seats swapped, or
k games that rotate k seats. The pair is the unit of statistics. An *encounter* is one pair for every group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

from games.errors import InputError
from league.match import match_seed

__all__ = ["Pairing", "berger", "schedule"]


class Pairing(NamedTuple):
    """One game of a schedule.

    Attributes:
        round: number of the round, in which no agent plays two pairs.
        pair: number of the pair within the schedule.
        game: number of the game within its pair.
        seats: agent id per side.
        seed: of the match, the same for all games of a pair.
    """

    round: int
    pair: int
    game: int
    seats: tuple[str, ...]
    seed: int


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


def schedule(
    agents: Sequence[str], *, encounters: int = 1, seats: int = 2, maximum: int | None = None, seed: int = 0
) -> Iterator[Pairing]:
    """Return the games of a round robin, in order.

    Two sides follow the Berger table, whose first player begins in even encounters and whose second in odd ones. For more
    sides, every group of that size meets, in an order mixed by the seed. The order keeps a tournament that is cut short
    nearly balanced. The seed of a pair depends on the tournament's seed, the group and its encounter alone: neither
    the order of agents nor who else takes part changes it.

    Args:
        agents: distinct ids.
        encounters: pairs per group.
        seats: sides of the game (a seat each, or a team).
        maximum: at most so many groups an encounter; a sample in which all agents play equally often (counts differ by at
            most 1) takes the place of the full set where that is larger. By default every group meets.
        seed: of the tournament.

    Raises:
        InputError: for too few agents, an agent twice, or numbers below 1.
    """
    agents = tuple(agents)
    if len(set(agents)) < len(agents):
        twice = next(a for k, a in enumerate(agents) if a in agents[:k])
        raise InputError(f"agent {twice!r} takes part twice in the round robin: each id may be listed once")
    for name, value in (("encounters", encounters), ("seats", seats), ("maximum", 1 if maximum is None else maximum)):
        if value < 1:
            raise InputError(f"{name} of a round robin must be at least 1, not {value}")
    if len(agents) < seats:
        raise InputError(f"a round robin over {seats} seats needs at least {seats} agents, not {len(agents)}")
    return _games(_groups(agents, encounters, seats, maximum, seed), seed)


def _games(groups: Iterator[tuple[int, tuple[str, ...]]], seed: int) -> Iterator[Pairing]:
    met: Counter[tuple[str, ...]] = Counter()
    rotations: dict[tuple[str, ...], tuple[tuple[str, ...], list[tuple[str, ...]]]] = {}
    for pair, (turn, group) in enumerate(groups):
        if group not in rotations:
            rotations[group] = (tuple(sorted(group)), [group[k:] + group[:k] for k in range(len(group))])
        name, orders = rotations[group]
        shared = match_seed("round robin", seed, *name, met[name])
        met[name] += 1
        for game, order in enumerate(orders):
            yield Pairing(turn, pair, game, order, shared)


def _groups(
    agents: tuple[str, ...], encounters: int, seats: int, maximum: int | None, seed: int
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield (round, group); groups of two sides in the order of their seats in the first game."""
    n = len(agents)
    if maximum is not None and maximum < comb(n, seats):
        yield from enumerate(_sample(agents, encounters * maximum, seats, seed))
    elif seats == 2:
        rounds = n - 1 + n % 2
        for encounter in range(encounters):
            for turn, first, second in berger(n):
                home, away = (first, second) if encounter % 2 == 0 else (second, first)
                yield encounter * rounds + turn, (agents[home], agents[away])
    else:
        for encounter in range(encounters):
            mixed = sorted(combinations(agents, seats), key=lambda g: match_seed("order", seed, encounter, *sorted(g)))
            for turn, group in enumerate(mixed):
                yield encounter * len(mixed) + turn, group


def _sample(agents: tuple[str, ...], count: int, seats: int, seed: int) -> Iterator[tuple[str, ...]]:
    """Yield groups of those who played least, and among them of those who met least.

    A group may come again once others have caught up; it then has its next encounter.
    """
    played = dict.fromkeys(agents, 0)
    met: Counter[tuple[str, str]] = Counter()
    for number in range(count):
        chance = {a: match_seed("sample", seed, number, a) for a in agents}
        group: list[str] = []
        for _ in range(seats):
            free = (a for a in agents if a not in group)
            group.append(min(free, key=lambda a: (played[a], sum(met[a, b] for b in group), chance[a])))
        for a in group:
            played[a] += 1
            for b in group:
                met[a, b] += 1
        yield tuple(group)
