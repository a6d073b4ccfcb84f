"""Policy-space response oracles: train against a mixture of the population that solves the game among its members."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from itertools import combinations_with_replacement, permutations
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from eval import meta_solvers
from games.errors import InputError, suggestion
from league.joint import JointResults
from league.matchmakers.matchmaker import Choice, Pool
from league.matchmakers.share import share

__all__ = ["PSRO", "meta_game"]

Solver = Literal["uniform", "nash", "replicator", "regret_matching", "alpha_rank", "cce"]
Target = Literal["full", "rectified"]
Outcome = Literal["return", "points"]
Array = NDArray[np.float64]

_SOLVERS: Mapping[str, Callable[..., Any]] = {
    "uniform": meta_solvers.uniform,
    "nash": meta_solvers.nash,
    "replicator": meta_solvers.replicator,
    "regret_matching": meta_solvers.regret_matching,
    "alpha_rank": partial(meta_solvers.alpha_rank, one_population=True),
    "cce": meta_solvers.cce,
}
_NOTHING = 1e-12
_LARGEST = 250_000  # profiles of a meta-game: beyond that it is neither played out nor solved


class PSRO:
    """The learner answers a mixture of all snapshots, which a meta-solver finds from what they earn against each other.

    Lanctot et al., "A unified game-theoretic approach to multiagent reinforcement learning", NeurIPS 2017. All sides draw from
    one population, whose members play every side, so the game among them is symmetric: what a policy earns is its mean over
    all seatings of a line-up. Opponents are drawn together from the joint distribution, given nothing of one's own side (the
    target of joint PSRO: Marris et al. 2021, arXiv 2106.09435). The oracle is the learner, which goes on from its weights.

    Args:
        solver: `nash` for two sides and zero-sum outcomes, `cce` for anything; also uniform, replicator, regret_matching,
            alpha_rank.
        target: `full`, or `rectified`: of those in the mixture only whom the learner's newest snapshot ties or beats (Balduzzi
            et al., "Open-ended learning in symmetric zero-sum games", ICML 2019).
        outcome: what counts in the game among snapshots: `return`, the sum of rewards, or `points`, the share of the other
            sides that a side beat, which has a constant sum whatever the rewards are.
        per_entry: matches of every seating of every line-up of snapshots.
        newest: the population is at most so many snapshots, the last ones; the meta-game grows with their number to the power
            of the sides.
        epsilon: share of the matches against an even draw of the population.
        self_play: share of the matches against the live learner.

    Raises:
        InputError: for unknown names, or numbers out of range.
    """

    def __init__(
        self,
        *,
        solver: Solver = "nash",
        target: Target = "full",
        outcome: Outcome = "return",
        per_entry: int = 100,
        newest: int = 50,
        epsilon: float = 0.0,
        self_play: float = 0.0,
    ) -> None:
        kinds = {"solver": (solver, Solver), "target": (target, Target), "outcome": (outcome, Outcome)}
        for name, (value, kind) in kinds.items():
            known = get_args(kind)
            if value not in known:
                raise InputError(
                    f"unknown psro {name} {value!r}{suggestion(str(value), known)} (known: {', '.join(known)})"
                )
        for name, number in (("per_entry", per_entry), ("newest", newest)):
            if isinstance(number, bool) or not number >= 1:
                raise InputError(f"psro {name} must be at least 1, not {number!r}")
        self.solver, self.target, self.outcome = solver, target, outcome
        self.per_entry, self.newest = per_entry, newest
        self.epsilon, self.self_play = share("psro", "epsilon", epsilon), share("psro", "self_play", self_play)
        if self.epsilon + self.self_play > 1.0:
            raise InputError(f"psro epsilon and self_play must sum to at most 1, not {epsilon} + {self_play}")
        # Only saves work: what was solved last, and for what.
        self._solved: tuple[Any, Array, Array, str] | None = None

    def population(self, pool: Pool) -> tuple[str, ...]:
        """Return the snapshots that the mixture is made of, in order of creation."""
        return tuple(pool.snapshots)[-self.newest :]

    def opponents(
        self, learner: str, seats: int, pool: Pool, rng: np.random.Generator, *, matches: int = 1
    ) -> list[Choice]:
        """Draw all opposing sides of a match together; see `Matchmaker`."""
        names = self.population(pool)
        if not names or not seats:
            return [Choice((learner,) * seats, "self-play")] * matches
        if len(names) ** (seats + 1) > _LARGEST:
            drawn = rng.integers(len(names), size=(matches, seats)).tolist()
            return [
                Choice(tuple(names[k] for k in lineup), "psro uniform, the meta-game is too large") for lineup in drawn
            ]
        joint, payoffs, why = self._solve(names, pool.payoff.joint, seats + 1)
        mine = [k for k, name in enumerate(names) if pool.snapshots[name] == learner]
        if self.target == "rectified" and mine:
            likely = meta_solvers.rectified(joint, payoffs, 0, mine[-1])
            why += ", rectified"
        else:
            likely = meta_solvers.opponents_given(joint, 0)
        likely = np.clip(likely, 0.0, None).ravel()
        drawn = rng.choice(len(likely), size=matches, p=likely / likely.sum())
        lineups = np.stack(np.unravel_index(drawn, (len(names),) * seats), axis=1)
        branch = rng.random(matches)
        even = branch < self.epsilon
        lineups[even] = rng.integers(len(names), size=(int(even.sum()), seats))
        live = (branch >= self.epsilon) & (branch < self.epsilon + self.self_play)
        found = []
        for k, lineup in enumerate(lineups.tolist()):
            if live[k]:
                found.append(Choice((learner,) * seats, "self-play"))
            else:
                found.append(Choice(tuple(names[j] for j in lineup), "psro even share" if even[k] else why))
        return found

    def missing(self, pool: Pool, sides: int) -> list[tuple[tuple[str, ...], int]]:
        """Return the line-ups whose results are too few, the least known first; see `NeedsResults`."""
        if sides < 2 or len(self.population(pool)) ** sides > _LARGEST:
            return []
        joint = pool.payoff.joint
        wanted = []
        for group in combinations_with_replacement(self.population(pool), sides):
            if len(set(group)) > 1:  # who meets only itself earns what symmetry says
                wanted += [
                    (lineup, self.per_entry - joint.known(lineup)) for lineup in sorted(set(permutations(group)))
                ]
        return sorted(((lineup, n) for lineup, n in wanted if n > 0), key=lambda entry: -entry[1])

    def mixture(self, pool: Pool) -> dict[str, float]:
        """Return each snapshot's share in the solution of the game of two sides; see `Mixes`."""
        names = self.population(pool)
        sides = next((len(lineup) for lineup in pool.payoff.joint), 2)
        if not names:
            return {}
        joint, _, _ = self._solve(names, pool.payoff.joint, sides)
        shares = np.mean(meta_solvers.marginals(joint), axis=0)
        return {name: float(p) for name, p in zip(names, shares, strict=True) if p > _NOTHING}

    def _solve(self, names: tuple[str, ...], results: JointResults, sides: int) -> tuple[Array, Array, str]:
        """Return the joint distribution [n, ...], the payoffs [sides, n, ...], and what was done."""
        key = (names, id(results), results.version, sides)
        if self._solved is not None and self._solved[0] == key:
            return self._solved[1:]
        payoffs = meta_game(names, results, sides, outcome=self.outcome)
        try:
            joint, why = np.asarray(_SOLVERS[self.solver](payoffs)), f"psro {self.solver}"
        except (ValueError, ArithmeticError, RuntimeError) as error:
            joint, why = meta_solvers.uniform(payoffs), f"psro uniform, since {self.solver} failed: {str(error)[:80]}"
        self._solved = (key, joint, payoffs, why)
        return joint, payoffs, why


def meta_game(names: tuple[str, ...], results: JointResults, sides: int, *, outcome: Outcome = "return") -> Array:
    """Return the payoffs [sides, n, ..., n] of the symmetric game in which every side chooses one of n agents.

    Results are averaged over all seatings of a line-up, and over equal agents in it. Line-ups that were never played are worth
    what was earned on average over all that were; so are those in which one agent meets only itself.

    Args:
        names: n agents.
        results: what line-ups of them earned.
        sides: of a match.
        outcome: what counts, see `PSRO`.
    """
    n = len(names)
    known: dict[tuple[int, ...], Array] = {}  # sorted line-up -> [n] mean of each agent in it
    for group in combinations_with_replacement(range(n), sides):
        earned, games = np.zeros(n), np.zeros(n)
        for lineup in set(permutations(group)) if len(set(group)) > 1 else ():
            result = results.result(tuple(names[k] for k in lineup))
            if result is not None:
                np.add.at(earned, [*lineup], result.returns if outcome == "return" else result.points)
                np.add.at(games, [*lineup], 1.0)
        if games.any():
            known[group] = np.divide(earned, games, out=np.zeros(n), where=games > 0)
    means = [mean[k] for group, mean in known.items() for k in group]
    payoffs = np.full((sides, *(n,) * sides), float(np.mean(means)) if means else 0.0)
    for group, mean in known.items():
        for lineup in set(permutations(group)):
            for side, k in enumerate(lineup):
                payoffs[(side, *lineup)] = mean[k]
    return payoffs
