"""The contract of tournament formats: who meets whom, in the light of what came before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from games.errors import InputError

__all__ = ["Field", "Format", "Pair", "Played", "Results", "Verdict"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Who takes part, and under what conditions.

    Attributes:
        agents: distinct ids, the best seed first where seeds are known.
        sides: sides of a match (a seat each, or a team); 1 where all play together against nobody.
        conditions: how many combinations of task and opening there are; the pairs of a group go through them in turn.
        seed: of the tournament; all chance comes from it.
    """

    agents: tuple[str, ...]
    sides: int = 2
    conditions: int = 1
    seed: int = 0

    def need_opponents(self, name: str) -> None:
        """Raise unless agents can play against each other.

        Raises:
            InputError: for fewer than two sides or agents; names the format.
        """
        if self.sides < 2:
            raise InputError(f"{name} needs at least two sides that play against each other; here all share one side")
        if len(self.agents) < 2:
            raise InputError(f"{name} needs at least two agents, not {len(self.agents)}")


class Pair(NamedTuple):
    """A set of games under the same conditions (task, opening, seed) in which each agent has every side once.

    Two games with sides swapped, or k games that rotate k sides. It is the unit of statistics.

    Attributes:
        round: number of the round that it belongs to.
        group: agent per side in the first game; the others rotate them. At most as many as there are sides: fewer take turns
            around the table.
    """

    round: int
    group: tuple[str, ...]


class Played(NamedTuple):
    """A pair, and what came of it.

    Attributes:
        pair: what was asked.
        games: for each game the score of each agent, in the order of the pair's group (mean over its seats).
        failed: for each agent of the group, how many of the games it forfeited.
    """

    pair: Pair
    games: tuple[tuple[float, ...], ...]
    failed: tuple[int, ...]

    @property
    def points(self) -> tuple[float, ...]:
        """Of each agent of the group, 0 to 1: the mean over games and others of 1 for better, 0.5 for equal, 0 for worse.

        Those of two agents are multiples of a quarter: 0, 1/4, ... 1 for 0 to 2 points in two games.
        """
        totals = [0.0] * len(self.pair.group)
        for scores in self.games:
            for k, own in enumerate(scores):
                others = scores[:k] + scores[k + 1 :]
                totals[k] += sum(0.5 + 0.5 * ((own > other) - (own < other)) for other in others) / len(others)
        return tuple(total / len(self.games) for total in totals)


@dataclass
class Results:
    """What is known so far.

    Attributes:
        played: the pairs that are played out, by their number in the order in which they were asked for. All that were asked
            for are there after a format has waited; before that some may be missing.
    """

    played: dict[int, Played] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Played]:
        """Iterate in the order in which pairs were asked for."""
        return (self.played[number] for number in sorted(self.played))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a format itself says at the end, beside the ratings that every tournament has.

    Attributes:
        order: agents from first to last, ties in the order of the field.
        columns: names of what it has to say of every agent, such as "points" or "Buchholz".
        rows: for each agent of `order` the values of the columns.
        sentences: what was decided, and how.
    """

    order: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    sentences: tuple[str, ...] = ()


class Format(Protocol):
    """Who meets whom. Options are keyword-only parameters of its constructor; it keeps no state between calls.

    A format that never yields None may say so with an attribute `waits = False`: nothing is then kept for it.
    """

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Check the field, and return an iterator over the pairs to play, and None where all so far must be played out first.

        A format may look into `results`, which fill while it runs, only right after it has yielded None: then all that it
        asked for is there, and what it asks for next depends on nothing but the outcomes. So a tournament that was
        interrupted goes on as if it had not been.

        Raises:
            InputError: when this format cannot hold the field; at once, not when the first pair is taken.
        """
        ...

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return what the format says of the results so far; None when ratings say it all."""
        ...
