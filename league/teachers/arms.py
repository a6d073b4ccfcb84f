"""Bandits: rules that choose one of several arms again and again, and learn from rewards in [0, 1]."""

from __future__ import annotations

from math import e, isfinite, log
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from games import InputError
from league.registry import Registry

__all__ = ["UCB", "Arms", "Choice", "Exp3S", "Exp31", "Thompson", "arms"]

Array = NDArray[np.float64]


class Choice(NamedTuple):
    """An arm, and the probability with which it was chosen."""

    arm: int
    probability: float


class Arms(Protocol):
    """A rule for K arms. Rewards may come late and in any order, each with the probability that its choice had."""

    def choose(self, rng: np.random.Generator) -> Choice:
        """Return an arm; the probability is 1 where the rule does not use it."""
        ...

    def update(self, choice: Choice, reward: float) -> None:
        """Learn from a reward in [0, 1]."""
        ...

    def shares(self) -> Array:
        """Return the probability [K] of each arm to be chosen next."""
        ...

    def state_dict(self) -> list[Any]:
        """Return plain JSON values."""
        ...

    def load_state_dict(self, state: list[Any]) -> None:
        """Go back to a state."""
        ...


def softmax(w: Array) -> Array:
    """Return exp(w) over its sum."""
    x = np.exp(w - w.max())
    shares: Array = x / x.sum()
    return shares


def drawn(p: Array, rng: np.random.Generator) -> Choice:
    """Return an arm drawn with probabilities p [K]."""
    arm = min(int(np.searchsorted(np.cumsum(p), rng.random() * p.sum(), side="right")), len(p) - 1)
    return Choice(arm, float(p[arm]))


class Exp3S:
    """EXP3.S in the form of Graves et al., "Automated curriculum learning for neural networks" (2017, arXiv 1704.03003).

    With r in [-1, 1] and the probability p with which arm i was chosen:

        p      = (1 - epsilon) softmax(w) + epsilon / K
        v_j    = w_j + rate r / p  for j = i, else w_j
        w_j    = log((1 - alpha) exp(v_j) + alpha / (K - 1) sum over k != j of exp(v_k))

    Published: rate 0.001, epsilon 0.05, and alpha = 1/t at the t-th choice, for runs of about a million choices. Ours learns
    faster by default, and never stops to look for arms that became good. Only differences of w matter, so the greatest is
    kept at 0.

    Args:
        arms: K.
        rate: of learning.
        epsilon: share of the uniform distribution.
        memory: alpha is 1 / memory: how many rewards it may take to find that an arm became good; None for 1/t.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(self, arms: int, *, rate: float = 0.05, epsilon: float = 0.05, memory: int | None = 500) -> None:
        if not _number(rate) or not rate > 0.0:
            raise InputError(f"rule 'exp3s': rate must be above 0, not {rate!r}")
        if not _number(epsilon) or not 0.0 < epsilon <= 1.0:
            raise InputError(f"rule 'exp3s': epsilon must be above 0 and at most 1, not {epsilon!r}")
        _check_memory("exp3s", memory)
        self.w = np.zeros(arms)
        self._rate, self._epsilon, self._memory = rate, epsilon, memory
        self._count = 0

    def shares(self) -> Array:
        """Return p."""
        return (1.0 - self._epsilon) * softmax(self.w) + self._epsilon / len(self.w)

    def choose(self, rng: np.random.Generator) -> Choice:
        """Return an arm by p."""
        return drawn(self.shares(), rng)

    def update(self, choice: Choice, reward: float) -> None:
        """Move the weights; a reward in [0, 1] stands for 2 reward - 1."""
        self._count += 1
        self.w[choice.arm] += self._rate * (2.0 * reward - 1.0) / choice.probability
        if len(self.w) > 1:
            alpha = 1.0 / (self._count + 1 if self._memory is None else self._memory)
            x = softmax(self.w)
            # the sum over the others is the whole less one's own; no weight falls below what another arm's share leaves it
            self.w = np.log(np.maximum((1.0 - alpha) * x + alpha / (len(x) - 1) * (1.0 - x), 1e-300))
        self.w -= self.w.max()

    def state_dict(self) -> list[Any]:
        """Return the weights and the count of rewards."""
        return [self.w.tolist(), self._count]

    def load_state_dict(self, state: list[Any]) -> None:
        """Go back to a state."""
        self.w, self._count = np.array(state[0]), state[1]


class Exp31:
    """EXP3.1 of Auer, Cesa-Bianchi, Freund and Schapire, "The nonstochastic multiarmed bandit problem" (2002), section 4.

    EXP3 in epochs r, begun anew whenever the estimated gain G of an arm outgrows what the epoch was made for:

        g      = K ln K / (e - 1) 4^r,  gamma = min(1, sqrt(K ln K / ((e - 1) g)))
        p      = (1 - gamma) softmax(w) + gamma / K
        w_i   += gamma / K reward / p_i,  G_i += reward / p_i
        r     += 1, w = 0  while max G > g - K / gamma

    It needs no parameter and no horizon, and is good against any fixed arm in hindsight, not after a switch.

    Args:
        arms: K.
    """

    def __init__(self, arms: int) -> None:
        self.w, self.gain, self.epoch = np.zeros(arms), np.zeros(arms), 0
        self._advance()

    @property
    def gamma(self) -> float:
        """Share of the uniform distribution in this epoch."""
        return 2.0**-self.epoch  # K ln K / (e - 1) over g is 4^-r

    def _advance(self) -> None:
        k = len(self.w)
        while k > 1 and self.gain.max() > k * log(k) / (e - 1.0) * 4.0**self.epoch - k / self.gamma:
            self.epoch += 1
            self.w = np.zeros(k)

    def shares(self) -> Array:
        """Return p."""
        return (1.0 - self.gamma) * softmax(self.w) + self.gamma / len(self.w)

    def choose(self, rng: np.random.Generator) -> Choice:
        """Return an arm by p."""
        return drawn(self.shares(), rng)

    def update(self, choice: Choice, reward: float) -> None:
        """Add to the weight and the gain of the arm."""
        estimate = reward / choice.probability
        self.w[choice.arm] += self.gamma / len(self.w) * estimate
        self.gain[choice.arm] += estimate
        self._advance()

    def state_dict(self) -> list[Any]:
        """Return weights, gains and epoch."""
        return [self.w.tolist(), self.gain.tolist(), self.epoch]

    def load_state_dict(self, state: list[Any]) -> None:
        """Go back to a state."""
        self.w, self.gain, self.epoch = np.array(state[0]), np.array(state[1]), state[2]


class UCB:
    """Discounted UCB of Garivier and Moulines, "On upper-confidence bound policies" (2011, arXiv 0805.3415).

    With discounted counts N and sums S of rewards, all multiplied by gamma = 1 - 1/memory at each reward:

        choose the greatest  S_i / N_i + 2 sqrt(log(sum N) / (2 N_i)),  arms without rewards first, ties by chance

    Without discount this is UCB1 of Auer, Cesa-Bianchi and Fischer (2002).

    Args:
        arms: K.
        memory: rewards that count; None for all.

    Raises:
        InputError: for a memory below 2.
    """

    def __init__(self, arms: int, *, memory: int | None = 500) -> None:
        _check_memory("ucb", memory)
        self.count, self.sum = np.zeros(arms), np.zeros(arms)
        self._keep = 1.0 if memory is None else 1.0 - 1.0 / memory

    @property
    def index(self) -> Array:
        """Upper bounds [K]; infinite for arms without rewards."""
        bounds = np.full(len(self.count), np.inf)
        known = self.count > 1e-12
        n = self.count[known]
        bounds[known] = (
            self.sum[known] / n + 2.0 * np.sqrt(max(log(self.count.sum()), 0.0) / (2.0 * n)) if n.size else 0.0
        )
        return bounds

    def _best(self) -> NDArray[np.intp]:
        index = self.index
        return np.flatnonzero(index == index.max())

    def shares(self) -> Array:
        """Return equal shares for the best arms."""
        best = self._best()
        p = np.zeros(len(self.count))
        p[best] = 1.0 / len(best)
        return p

    def choose(self, rng: np.random.Generator) -> Choice:
        """Return one of the best arms."""
        best = self._best()
        return Choice(int(best[rng.integers(len(best))]), 1.0)

    def update(self, choice: Choice, reward: float) -> None:
        """Discount all, and add a reward."""
        self.count *= self._keep
        self.sum *= self._keep
        self.count[choice.arm] += 1.0
        self.sum[choice.arm] += reward

    def state_dict(self) -> list[Any]:
        """Return counts and sums."""
        return [self.count.tolist(), self.sum.tolist()]

    def load_state_dict(self, state: list[Any]) -> None:
        """Go back to a state."""
        self.count, self.sum = np.array(state[0]), np.array(state[1])


class Thompson:
    """Discounted Thompson sampling of Raj and Kalyani, "Taming non-stationary bandits" (2017, arXiv 1707.09727).

    With discounted sums S of rewards and F of what they lack to 1, multiplied by 1 - 1/memory at each reward:

        choose the greatest of  x_i ~ Beta(1 + S_i, 1 + F_i)

    The paper's rewards are 0 or 1; a reward between counts as that part of a success.

    Args:
        arms: K.
        memory: rewards that count; None for all.

    Raises:
        InputError: for a memory below 2.
    """

    def __init__(self, arms: int, *, memory: int | None = 500) -> None:
        _check_memory("thompson", memory)
        self.won, self.lost = np.zeros(arms), np.zeros(arms)
        self._keep = 1.0 if memory is None else 1.0 - 1.0 / memory

    def shares(self) -> Array:
        """Return the probabilities, by 1000 draws that are always the same."""
        x = np.random.default_rng(0).beta(1.0 + self.won, 1.0 + self.lost, (1000, len(self.won)))
        shares: Array = np.bincount(x.argmax(axis=1), minlength=len(self.won)) / len(x)
        return shares

    def choose(self, rng: np.random.Generator) -> Choice:
        """Return the arm with the greatest draw."""
        return Choice(int(rng.beta(1.0 + self.won, 1.0 + self.lost).argmax()), 1.0)

    def update(self, choice: Choice, reward: float) -> None:
        """Discount all, and add a reward."""
        self.won *= self._keep
        self.lost *= self._keep
        self.won[choice.arm] += reward
        self.lost[choice.arm] += 1.0 - reward

    def state_dict(self) -> list[Any]:
        """Return both sums."""
        return [self.won.tolist(), self.lost.tolist()]

    def load_state_dict(self, state: list[Any]) -> None:
        """Go back to a state."""
        self.won, self.lost = np.array(state[0]), np.array(state[1])


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _check_memory(rule: str, memory: Any) -> None:
    if memory is not None and (isinstance(memory, bool) or not isinstance(memory, int) or memory < 2):
        raise InputError(f"rule {rule!r}: memory must be a whole number, at least 2, or null, not {memory!r}")


arms: Registry[Arms] = Registry(
    "rule", "arena.bandits", {"exp3s": Exp3S, "exp3.1": Exp31, "thompson": Thompson, "ucb": UCB}
)
"""Rules by name."""
