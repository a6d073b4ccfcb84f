"""Double elimination: who loses two encounters is out."""

from __future__ import annotations

from collections.abc import Iterator

from league.formats.bracket import Bracket, Encounter, Loser, Seed, Winner, first_round
from league.formats.format import Field, Pair, Results, Verdict

__all__ = ["DoubleElimination"]


class DoubleElimination:
    """Who loses twice is out: losers of the winners' bracket go on in a bracket of their own.

    With 2^k places the winners' bracket has k rounds and the losers' bracket 2 (k - 1): in turn its survivors meet each
    other, and those who have just lost in the winners' bracket, from the last to the first so that rematches come late. The
    winners of both meet in the grand final; when the one from the losers' bracket wins it, both have lost once, and a
    second one decides.
    Groups are two agents, whatever the game's sides; the order of the field is the seeding, as in a knockout.

    Args:
        pairs_per_round: pairs of an encounter.
        extensions: a level encounter goes on by up to so many pairs; then the better seed wins, and the verdict says so.

    Raises:
        InputError: for less than one pair, or a negative number of extensions.
    """

    def __init__(self, *, pairs_per_round: int = 4, extensions: int = 16) -> None:
        Bracket.check("a double elimination", pairs_per_round, extensions)
        self.pairs_per_round, self.extensions = pairs_per_round, extensions

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return the pairs of round after round, with a wait after each; see `Format`."""
        field.need_opponents("a double elimination")
        return self._bracket(field).play(field, results)

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return who came how far."""
        return self._bracket(field).verdict(field, results)

    def _bracket(self, field: Field) -> Bracket:
        return Bracket("the double elimination", _encounters(len(field.agents)), self.pairs_per_round, self.extensions)


def _encounters(agents: int) -> list[Encounter]:
    size = 1 << (agents - 1).bit_length()
    found = [Encounter("winners' round 1", (Seed(one), Seed(other))) for one, other in first_round(size)]
    winners = [*range(len(found))]
    alive: list[Winner | Loser] = [Loser(k) for k in winners]  # of the losers' bracket

    def add(name: str, *sides: tuple[Seed | Winner | Loser, Seed | Winner | Loser]) -> list[int]:
        found.extend(Encounter(name, pair) for pair in sides)
        return [*range(len(found) - len(sides), len(found))]

    turn = 1
    while len(winners) > 1:
        name = f"winners' round {turn + 1}"
        winners = add(name, *((Winner(a), Winner(b)) for a, b in zip(winners[::2], winners[1::2], strict=True)))
        name = f"losers' round {2 * turn - 1}"
        met = add(name, *zip(alive[::2], alive[1::2], strict=True))
        name = f"losers' round {2 * turn}"
        dropped = [Loser(k) for k in reversed(winners)]
        alive = [Winner(k) for k in add(name, *((Winner(a), b) for a, b in zip(met, dropped, strict=True)))]
        turn += 1
    (final,) = add("grand final", (Winner(winners[0]), alive[0]))
    found.append(Encounter("second grand final", (Winner(final), Loser(final)), upset=final))
    return found
