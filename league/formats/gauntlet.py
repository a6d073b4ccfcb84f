"""Gauntlet: some agents meet everybody, the others meet only them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from games.errors import InputError
from league.formats.format import Field, Pair, Results, Verdict
from league.formats.round_robin import berger

__all__ = ["Gauntlet"]


class Gauntlet:
    """The first agents of the field meet everybody; the others, whose strengths are known, do not meet each other.

    It places new agents in a reference set at a cost that grows with the number of agents, not with its square. With s
    challengers among n agents an encounter is s n - s (s + 1) / 2 pairs, in the order of a Berger table from which all others
    are left out: in a round nobody plays twice, and a tournament that is cut short is nearly balanced. Groups are two agents,
    whatever the game's sides.

    Args:
        challengers: how many agents, from the first on, meet everybody.
        encounters: pairs of every group under each of the conditions; None never ends by itself.

    Raises:
        InputError: for less than one challenger or encounter.
    """

    def __init__(self, *, challengers: int = 1, encounters: int | None = 50) -> None:
        if challengers < 1:
            raise InputError(f"challengers of a gauntlet must be at least 1, not {challengers}")
        if encounters is not None and encounters < 1:
            raise InputError(f"encounters of a gauntlet must be at least 1, not {encounters}")
        self.challengers, self.encounters = challengers, encounters

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return all pairs, without waits; see `Format`."""
        field.need_opponents("a gauntlet")
        if self.challengers >= len(field.agents):
            raise InputError(
                f"a gauntlet of {self.challengers} challengers needs more agents than {len(field.agents)}: when all are"
                " challengers it is a round robin"
            )
        return self._pairs(field)

    def _pairs(self, field: Field) -> Iterator[Pair]:
        agents = field.agents
        rounds = len(agents) - 1 + len(agents) % 2
        for encounter in count() if self.encounters is None else range(self.encounters * field.conditions):
            for turn, first, second in berger(len(agents)):
                if min(first, second) < self.challengers:
                    home, away = (first, second) if encounter % 2 == 0 else (second, first)
                    yield Pair(encounter * rounds + turn, (agents[home], agents[away]))

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return None: the ratings say it all."""
        return None
