"""The league of AlphaStar: main agents, main exploiters and league exploiters, each with opponents of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from games.errors import InputError
from league.matchmakers.matchmaker import Choice, Pool
from league.matchmakers.pfsp import Weighting, probabilities
from league.matchmakers.share import share

__all__ = ["AlphaStar", "still_hard"]


class _Draw(NamedTuple):
    """What one branch of the rules draws from."""

    names: tuple[str, ...]
    likely: NDArray[np.float64]
    why: str
    shared: bool = True


class AlphaStar:
    """Chooses by the learner's role.

    From Vinyals et al., "Grandmaster level in StarCraft II using multi-agent reinforcement learning", Nature 2019
    (supplementary pseudocode):

    - `main`: half its matches against the whole history by PFSP (squared). Else against a live main, itself among them; but
      with a share of `verification` against a past exploiter that beats it, or against a past version of that main to
      which it loses again. Against a live main that is too strong it meets the past versions of it (variance).
    - `main_exploiter`: a live main; its past versions (variance) while it wins less than `hopeless` of those matches. The main
      does not learn from them.
    - `league_exploiter`: the whole history (linear, capped).

    Any other role chooses as `main` does. Ours differs from the pseudocode, whose text does not run as it stands: the search
    for the last version that is harder than the one before looks at numbers, not at the truth of an array; opponents that
    are all beaten always are equally likely in every branch, not only where a guard remembered it; an even share
    `epsilon` keeps estimates fresh. Fixed opponents belong to the history. In games of more sides a branch is drawn for the
    match, and each side by itself from it. Snapshots and resets are rules of the league, not of the matchmaker.

    Args:
        pfsp: share of a main's matches against the whole history.
        verification: share of a main's matches in which it looks for what it has forgotten.
        exploited: past exploiters are met when the lowest rate against them is below this.
        forgotten: past versions are met when the lowest rate against them is below this.
        too_strong: below this rate a main meets past versions of a live main instead of itself.
        hopeless: likewise, for main exploiters.
        epsilon: share of each draw from a history that is even over it.

    Raises:
        InputError: for numbers outside 0 to 1, or shares that sum to more than 1.
    """

    def __init__(
        self,
        *,
        pfsp: float = 0.5,
        verification: float = 0.15,
        exploited: float = 0.3,
        forgotten: float = 0.7,
        too_strong: float = 0.3,
        hopeless: float = 0.1,
        epsilon: float = 0.1,
    ) -> None:
        checked = partial(share, "alphastar")
        self.pfsp, self.verification = checked("pfsp", pfsp), checked("verification", verification)
        if self.pfsp + self.verification > 1.0:
            raise InputError(f"alphastar pfsp and verification must sum to at most 1, not {pfsp} + {verification}")
        self.exploited, self.forgotten = checked("exploited", exploited), checked("forgotten", forgotten)
        self.too_strong, self.hopeless = checked("too_strong", too_strong), checked("hopeless", hopeless)
        self.epsilon = checked("epsilon", epsilon)

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw a branch for every match, and every side of it by itself; see `Matchmaker`."""
        if not pool.frozen:
            return [Choice((learner,) * seats, "self-play")] * matches
        mains = pool.mains or (learner,)
        branches, lives = rng.random(matches).tolist(), rng.integers(len(mains), size=matches).tolist()
        places: dict[tuple[str, str], list[int]] = {}  # branch and live main -> the matches that it has
        for match, (branch, live) in enumerate(zip(branches, lives, strict=True)):
            places.setdefault(self._branch(pool.learners[learner], branch, mains[live]), []).append(match)
        found: dict[int, Choice] = {}
        for key, chosen in places.items():
            draw = self._draw(*key, learner, pool)
            drawn = rng.choice(len(draw.names), size=(len(chosen), seats), p=draw.likely).tolist()
            for match, sides in zip(chosen, drawn, strict=True):
                found[match] = Choice(tuple(draw.names[k] for k in sides), draw.why, draw.shared)
        return [found[match] for match in range(matches)]

    def _branch(self, role: str, chance: float, live: str) -> tuple[str, str]:
        if role == "league_exploiter":
            return "history", ""
        if role == "main_exploiter":
            return "target", live
        if chance < self.pfsp:
            return "pfsp", ""
        return "verification" if chance < self.pfsp + self.verification else "self-play", live

    def _draw(self, branch: str, live: str, learner: str, pool: Pool) -> _Draw:
        if branch == "history":
            return self._past(learner, pool.frozen, "linear_capped", "pfsp linear_capped over the history", pool)
        if branch == "pfsp":
            return self._past(learner, pool.frozen, "squared", "pfsp squared over the history", pool)
        if branch == "verification" and (found := self._verification(learner, live, pool)) is not None:
            return found
        exploits = branch == "target"
        bound = self.hopeless if exploits else self.too_strong
        history = pool.history(live)
        if pool.payoff.rate(learner, live) > bound or not history:
            if exploits:
                return _Draw((live,), np.ones(1), f"exploits {live}", False)
            return _Draw((live,), np.ones(1), "self-play" if live == learner else f"plays {live}")
        return self._past(learner, history, "variance", f"{live} is too strong: its past", pool)

    def _verification(self, learner: str, live: str, pool: Pool) -> _Draw | None:
        """Return who exploits the learner, else which version of a main it has forgotten how to beat, else None."""
        exploiters = pool.exploiters
        if exploiters and pool.payoff.rates(learner, exploiters).min() < self.exploited:
            return self._past(learner, exploiters, "squared", "verification: exploited", pool)
        versions = still_hard(pool.payoff.rates(learner, pool.history(live)), pool.history(live))
        if versions and pool.payoff.rates(learner, versions).min() < self.forgotten:
            return self._past(learner, versions, "squared", f"verification: forgot how to beat {live}", pool)
        return None

    def _past(self, learner: str, names: tuple[str, ...], weighting: Weighting, why: str, pool: Pool) -> _Draw:
        return _Draw(names, probabilities(pool.payoff.rates(learner, names), weighting, self.epsilon), why)


def still_hard(rates: NDArray[np.float64], versions: Sequence[str]) -> tuple[str, ...]:
    """Return the versions up to the last one that is easier than the one before it.

    Where the rate falls from version to version until the end, newer ones are harder: nothing older was forgotten.

    Args:
        rates: [n] of the learner against each version, in order of their making.
        versions: n ids.
    """
    rises = np.flatnonzero(np.diff(rates) > 0)
    return tuple(versions[: int(rises[-1]) + 2]) if len(rises) else ()
