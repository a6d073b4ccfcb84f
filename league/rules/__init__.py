"""The rules of a league as data: what part a learner has in it, when it freezes, when it begins anew, how many snapshots stay.

A new rule of freezing is one class that fulfils `Freeze`, and one line in `_FREEZES`; packages register theirs under the entry
point group `arena.freezes`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from league.registry import Registry
from league.rules.freeze import Every, Freeze, Mastery, Occasion
from league.rules.reset import INITIAL, Reset
from league.rules.retire import Retire, weights

__all__ = ["INITIAL", "Every", "Freeze", "Mastery", "Occasion", "Reset", "Retire", "Rules", "freezes", "weights"]

_FREEZES: dict[str, Callable[..., Freeze]] = {"every": Every, "mastery": Mastery}

freezes: Registry[Freeze] = Registry("freeze rule", "arena.freezes", _FREEZES)
"""Rules of freezing by name: `freezes.make("every", options={"steps": 100_000})`."""

_LATE = frozenset({"main_exploiter", "league_exploiter"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for one learner.

    Attributes:
        role: its part in the league: main, main_exploiter, league_exploiter, or any other name. Matchmakers go by it.
        freeze: when a snapshot of it is taken, beside the one at the end of the run.
        reset: what becomes of it after a snapshot that `freeze` asked for; None leaves it as it is.
        retire: which of its snapshots leave the pool; None lets all stay.
        population: learners of one population have the same networks, and PBT compares them; by default its own name.
    """

    role: str = "main"
    freeze: Freeze
    reset: Reset | None = None
    retire: Retire | None = None
    population: str = ""

    @property
    def starts_frozen(self) -> bool:
        """Whether its first weights join the history, so that this is never empty: exploiters have nothing to add yet."""
        return self.role not in _LATE
