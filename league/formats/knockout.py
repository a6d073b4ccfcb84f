"""Knockout: who loses an encounter is out."""

from __future__ import annotations

from collections.abc import Iterator

from league.formats.bracket import Bracket, Encounter, Seed, Winner, first_round
from league.formats.format import Field, Pair, Results, Verdict

__all__ = ["Knockout"]


class Knockout:
    """Single elimination: who loses an encounter is out, until one is left.

    The order of the field is the seeding: byes go to the first agents, and the first two can meet in the final only. (Some
    brackets let place k meet place k + n/2 in the first round; then the best can meet a middling agent while others rest.)
    Groups are two agents, whatever the game's sides.

    Args:
        pairs_per_round: pairs of an encounter.
        extensions: a level encounter goes on by up to so many pairs; then the better seed wins, and the verdict says so.

    Raises:
        InputError: for less than one pair, or a negative number of extensions.
    """

    def __init__(self, *, pairs_per_round: int = 4, extensions: int = 16) -> None:
        Bracket.check("a knockout", pairs_per_round, extensions)
        self.pairs_per_round, self.extensions = pairs_per_round, extensions

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return the pairs of round after round, with a wait after each; see `Format`."""
        field.need_opponents("a knockout")
        return self._bracket(field).play(field, results)

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return who came how far."""
        return self._bracket(field).verdict(field, results)

    def _bracket(self, field: Field) -> Bracket:
        return Bracket("the knockout", _encounters(len(field.agents)), self.pairs_per_round, self.extensions)


def _encounters(agents: int) -> list[Encounter]:
    size = 1 << (agents - 1).bit_length()
    found = [Encounter(_name(size), (Seed(one), Seed(other))) for one, other in first_round(size)]
    before = 0
    while (size := size // 2) > 1:
        begin, before = before, len(found)
        found += [Encounter(_name(size), (Winner(k), Winner(k + 1))) for k in range(begin, before, 2)]
    return found


def _name(size: int) -> str:
    """Return what the round with so many places is called."""
    return {2: "final", 4: "semi-final", 8: "quarter-final"}.get(size, f"round of {size}")
