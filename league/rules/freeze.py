"""When a snapshot of a learner is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from games import InputError
from league.matchmakers import Pool

__all__ = ["Every", "Freeze", "Mastery", "Occasion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a rule of freezing may look at.

    Attributes:
        learner: whom it is about.
        steps: decisions of all learners since its last snapshot, or since it entered.
        pool: who there is, and what is known of every pair.
    """

    learner: str
    steps: int
    pool: Pool


class Freeze(Protocol):
    """Decides when a snapshot of a learner is taken. Keeps nothing between calls."""

    def due(self, occasion: Occasion) -> str | None:
        """Return why a snapshot is due, with the figures that say so, or None when it is not."""
        ...


class Every:
    """After so many steps.

    Args:
        steps: decisions of all learners between two snapshots.

    Raises:
        InputError: for less than one step.
    """

    def __init__(self, *, steps: int) -> None:
        if steps < 1:
            raise InputError(f"a freeze rule's steps must be at least 1, not {steps}")
        self.steps = steps

    def due(self, occasion: Occasion) -> str | None:
        """Look at the steps alone; see `Freeze`."""
        if occasion.steps < self.steps:
            return None
        return f"{occasion.steps:,} steps since the last snapshot, one is due every {self.steps:,}"


class Mastery:
    """When it beats everybody that it is tested by, or has had its time.

    Not before `min_steps`; then as soon as its lowest rate over the test set is above `rate`; at `max_steps` in any case
    (Vinyals et al., "Grandmaster level in StarCraft II using multi-agent reinforcement learning", Nature 2019, supplementary
    pseudocode `ready_to_checkpoint`, there with 2e9 and 4e9 steps). Ours differs in `games`: a rate that rests on two games
    is no mastery. Fixed opponents are not among the test: they stand for nobody in the league.

    Args:
        min_steps: decisions of all learners before which nothing happens.
        max_steps: after which a snapshot is taken whatever the rates are.
        rate: wins plus half the draws, over games, that must be surpassed against each.
        games: of each pair, less what was forgotten, before its rate counts; until then it is one half.
        against: the test set: `frozen` is all snapshots, `mains` the live learners whose role is main. By default `mains`
            for a main exploiter, `frozen` for all others.

    Raises:
        InputError: for a rate outside 0 to 1, steps that are not 1 <= min_steps <= max_steps, negative games, or an unknown
            test set.
    """

    def __init__(
        self,
        *,
        min_steps: int,
        max_steps: int,
        rate: float = 0.7,
        games: float = 0.0,
        against: Literal["frozen", "mains"] | None = None,
    ) -> None:
        if not 1 <= min_steps <= max_steps:
            raise InputError(
                f"mastery needs 1 <= min_steps <= max_steps, not min_steps {min_steps} and max_steps {max_steps}"
            )
        if not 0.0 <= rate <= 1.0:
            raise InputError(f"mastery rate must be from 0 to 1, not {rate}")
        if not games >= 0.0:
            raise InputError(f"mastery games must be at least 0, not {games}")
        if against not in (None, "frozen", "mains"):
            raise InputError(f"mastery against must be frozen or mains, not {against!r}")
        self.min_steps, self.max_steps, self.rate, self.games, self.against = min_steps, max_steps, rate, games, against

    def due(self, occasion: Occasion) -> str | None:
        """Look at steps and rates; see `Freeze`."""
        if occasion.steps < self.min_steps:
            return None
        tested = self._tested(occasion.learner, occasion.pool)
        payoff = occasion.pool.payoff
        rates = [
            payoff.rate(occasion.learner, other) if payoff.games(occasion.learner, other) >= self.games else 0.5
            for other in tested
        ]
        since = f"{occasion.steps:,} steps since the last snapshot"
        if rates:
            lowest = min(rates)
            against = tested[rates.index(lowest)]
            figures = f"lowest rate of {len(rates)} is {lowest:.3f}, against {against}"
            if lowest > self.rate:
                return f"{figures}, above {self.rate:g}; {since}"
        else:
            figures = "nobody to be tested by"
        return f"{since}, at most {self.max_steps:,}; {figures}" if occasion.steps >= self.max_steps else None

    def _tested(self, learner: str, pool: Pool) -> list[str]:
        against = self.against or ("mains" if pool.learners.get(learner) == "main_exploiter" else "frozen")
        if against == "frozen":
            return list(pool.snapshots)
        return [name for name, role in pool.learners.items() if role == "main" and name != learner]
