"""A against B, until it is decided: a sequential probability ratio test over pairs of games."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Literal

from eval.sprt import Sprt as Test
from eval.sprt import Verdict as Stand
from games.errors import InputError
from league.formats.format import Field, Pair, Played, Results, Verdict

__all__ = ["Sprt"]


class Sprt:
    """Is the first agent better than the second? Plays until that is decided (see `eval.sprt`).

    H0 says that it is `elo0` better, H1 that it is `elo1` better. The unit is the pair of games, counted by its five outcomes.
    Pairs are played in batches and looked at in the order in which they were asked for: the first at which the test
    crosses a bound decides. The rest of its batch was played, is recorded, and does not count for the decision. Games that
    an agent forfeits are lost games; the verdict says how many there were.

    Args:
        elo0, elo1: the hypotheses, in Elo of the model.
        alpha, beta: chance to accept H1 when H0 is true, and H0 when H1 is true.
        model: "normalized" counts Elo per standard deviation of a game, so that the number of games does not depend on how
            many are drawn; "logistic" is ordinary Elo.
        max_pairs: undecided after so many; None never.
        batch: pairs between two looks.

    Raises:
        InputError: for hypotheses or error rates that allow no test, an unknown model, less than one pair.
    """

    def __init__(
        self,
        *,
        elo0: float = 0.0,
        elo1: float = 10.0,
        alpha: float = 0.05,
        beta: float = 0.05,
        model: Literal["normalized", "logistic"] = "normalized",
        max_pairs: int | None = 20_000,
        batch: int = 32,
    ) -> None:
        if model not in ("normalized", "logistic"):
            raise InputError(f"model of a sequential test must be 'normalized' or 'logistic', not {model!r}")
        try:
            self.test = Test(elo0=elo0, elo1=elo1, alpha=alpha, beta=beta, scale=model)
        except ValueError as error:
            raise InputError(f"sequential test: {error}") from None
        if max_pairs is not None and max_pairs < 1:
            raise InputError(f"max_pairs of a sequential test must be at least 1, not {max_pairs}")
        if batch < 1:
            raise InputError(f"batch of a sequential test must be at least 1, not {batch}")
        self.max_pairs, self.batch = max_pairs, batch

    def pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Return batches of pairs of the two, with a wait after each; see `Format`."""
        field.need_opponents("a sequential test")
        if len(field.agents) != 2:
            raise InputError(
                f"a sequential test compares two agents, not {len(field.agents)}; several need ratings: take round_robin or"
                " adaptive"
            )
        return self._pairs(field, results)

    def _pairs(self, field: Field, results: Results) -> Iterator[Pair | None]:
        walk = _Walk(self.test)
        asked = 0
        while not walk.decided and asked != self.max_pairs:
            begin, asked = (
                asked,
                asked + self.batch if self.max_pairs is None else min(asked + self.batch, self.max_pairs),
            )
            yield from (Pair(number, field.agents) for number in range(begin, asked))
            yield None
            for number in range(begin, asked):
                walk.step(results.played[number])

    def verdict(self, field: Field, results: Results) -> Verdict | None:
        """Return what was decided, after how many pairs, and what did not count."""
        walk = _Walk(self.test)
        for number in range(len(results.played)):
            if number not in results.played:  # cut short: later pairs can only be judged when this one is there
                break
            walk.step(results.played[number])
        return walk.told(field)


@dataclass
class _Walk:
    """A test on its way from pair to pair, until it is decided.

    Attributes:
        test: the hypotheses.
        counts: pairs by the points of the first agent: 0, 0.5, 1, 1.5, 2.
        failed: games that each agent forfeited.
        stand: after the last of them.
        late: pairs that came after the decision.
    """

    test: Test
    counts: list[int] = attribute(default_factory=lambda: [0] * 5)
    failed: list[int] = attribute(default_factory=lambda: [0, 0])
    stand: Stand | None = None
    late: int = 0

    @property
    def decided(self) -> bool:
        return self.stand is not None and self.stand.decision != "continue"

    def step(self, played: Played) -> None:
        """Count a pair, unless all is decided."""
        if self.decided:
            self.late += 1
            return
        self.counts[round(4 * played.points[0])] += 1
        self.failed = [before + more for before, more in zip(self.failed, played.failed, strict=True)]
        self.stand = self.test.test(self.counts)

    def told(self, field: Field) -> Verdict:
        """Return the verdict."""
        pairs = sum(self.counts)
        own = sum(count * half for count, half in zip(self.counts, (0.0, 0.5, 1.0, 1.5, 2.0), strict=True))
        points = {field.agents[0]: own, field.agents[1]: 2.0 * pairs - own}
        failed = dict(zip(field.agents, self.failed, strict=True))
        order = tuple(sorted(field.agents, key=lambda agent: -points[agent]))
        return Verdict(
            order=order,
            columns=("points", "games", "forfeited"),
            rows=tuple((points[agent], 2 * pairs, failed[agent]) for agent in order),
            sentences=tuple(self._sentences(field, pairs)),
        )

    def _sentences(self, field: Field, pairs: int) -> Iterator[str]:
        one, other = field.agents
        test, stand = self.test, self.stand
        if stand is None:
            yield "Undecided: no pair of games has been played."
            return
        claims = {"H0": test.elo0, "H1": test.elo1}
        end = (
            f"after {pairs:,} pairs the log-likelihood ratio is {stand.llr:.2f}, bounds {stand.lower:.2f} and"
            f" {stand.upper:.2f} (alpha {test.alpha:g}, beta {test.beta:g})"
        )
        if stand.decision == "continue":
            yield f"Undecided between {test.elo0:g} and {test.elo1:g} Elo ({test.scale}): {end}."
        else:
            yield (
                f"{stand.decision} is accepted, that {one} is {claims[stand.decision]:g} Elo ({test.scale}) better than"
                f" {other}: {end}."
            )
        told = ", ".join(f"{half:g}: {count}" for half, count in zip((0, 0.5, 1, 1.5, 2), self.counts, strict=True))
        yield f"Pairs by the points of {one}: {told}."
        if self.late:
            yield f"{self.late} pairs that were in play when it was decided do not count."
        if any(self.failed):
            yield f"Forfeited games count as lost: {self.failed[0]} of {one}, {self.failed[1]} of {other}."
        if self.decided:
            yield "Ratings from the same games lean to the side that won: for an estimate play a fresh match."
