"""The likelihood of results, its maximum by Newton's method, and the covariance there.

All parameters are in log-odds, in one vector of length K: the strengths of the n agents, then the advantage of the first
seat and the parameter of the draw rule, where they are fitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from eval.bradley_terry.draws import DrawRule
from eval.bradley_terry.results import Results, total

__all__ = ["Likelihood"]

Array = NDArray[np.float64]

_ITERATIONS = 100
_FLAT = 1e-9  # of the information on one parameter, what is left when the others are unknown


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood of results under a draw rule.

    Attributes:
        results: the counts.
        rule: of draws.
        seat: whether an advantage of the first seat is fitted.
        anchors: agent to its fixed strength.
    """

    results: Results
    rule: DrawRule
    seat: bool
    anchors: Mapping[int, float]

    @property
    def size(self) -> int:
        """K."""
        return self.results.n + self.seat + self.rule.fitted

    def start(self) -> Array:
        """Return [K] where agents are equal and draws are as frequent as they were."""
        theta = np.zeros(self.size)
        theta[: self.results.n] = np.mean(list(self.anchors.values())) if self.anchors else 0.0
        for agent, strength in self.anchors.items():
            theta[agent] = strength
        if self.rule.fitted:
            theta[-1] = self.rule.start(self.results.draw_share())
        return theta

    def split(self, theta: Array) -> tuple[Array, float]:
        """Return [P] the difference of strengths of each pair, seats included, and the draw rule's parameter."""
        r = self.results
        delta = theta[r.first] - theta[r.second]
        if self.seat:
            delta = delta + theta[r.n] * r.seated
        return delta, float(theta[-1]) if self.rule.fitted else 0.0

    def value(self, theta: Array) -> float:
        """Return the log-likelihood."""
        counts, logs = self.results.counts, self.rule.log_probability(*self.split(theta))
        return float(np.einsum("po,po->", counts, logs))

    def gradient(self, by_delta: Array, by_h: Array) -> Array:
        """Return [K] from [P] derivatives of each pair by its delta and by h."""
        parts = [self._lift(by_delta)]
        if self.seat:
            parts.append(np.array([by_delta @ self.results.seated]))
        if self.rule.fitted:
            parts.append(np.array([by_h.sum()]))
        return np.concatenate(parts)

    def assemble(self, delta_delta: Array, delta_h: Array, h_h: Array) -> Array:
        """Return [K, K] the sum over pairs of a quadratic form [P] in delta and h, in terms of the parameters."""
        r, n = self.results, self.results.n
        matrix = np.zeros((self.size, self.size))
        between = np.bincount(r.first * n + r.second, weights=delta_delta, minlength=n * n).reshape(n, n)
        between += between.T
        np.negative(between, out=matrix[:n, :n])
        matrix[np.arange(n), np.arange(n)] += between.sum(axis=1)
        if self.seat:
            seated = delta_delta * r.seated
            matrix[n, :n] = matrix[:n, n] = self._lift(seated)
            matrix[n, n] = seated @ r.seated
        if self.rule.fitted:
            matrix[-1, :n] = matrix[:n, -1] = self._lift(delta_h)
            if self.seat:
                matrix[-1, n] = matrix[n, -1] = delta_h @ r.seated
            matrix[-1, -1] = h_h.sum()
        return matrix

    def information(self, theta: Array) -> Array:
        """Return [K, K] minus the second derivatives of the log-likelihood.

        It is the Fisher information, too, but for Rao and Kupper's rule, where that is its expectation.
        """
        return self.assemble(*self.rule.curvature(*self.split(theta), self.results.counts))

    def scatter(self, theta: Array, counts: Array) -> Array:
        """Return [K, K] the covariance of the gradient when every game of counts [P, 3] is independent of the others."""
        by_delta, by_h = self.rule.slopes(*self.split(theta))
        terms = (by_delta * by_delta, by_delta * by_h, by_h * by_h)
        return self.assemble(*(np.einsum("po,po->p", counts, term) for term in terms))

    def maximise(self, theta: Array, tolerance: float = 1e-10) -> Array:
        """Return [K] the maximum of the likelihood: Newton's method, with the step halved where it would lose.

        Args:
            theta: [K] where to start.
            tolerance: of the largest step, in log-odds.

        Raises:
            ValueError: when the seat advantage or the parameter of draws has no finite estimate.
        """
        value = self.value(theta)
        largest = np.inf
        for _ in range(_ITERATIONS):
            delta, h = self.split(theta)
            by_delta, by_h = self.rule.slopes(delta, h)
            counts = self.results.counts
            gradient = self.gradient(np.einsum("po,po->p", counts, by_delta), np.einsum("po,po->p", counts, by_h))
            step = self._solve(self.assemble(*self.rule.curvature(delta, h, counts)), gradient)
            while not (ahead := self.value(theta + step)) >= value - 1e-12 * abs(value):
                step /= 2.0
            theta, value = theta + step, ahead
            largest = float(np.max(np.abs(step)))
            if largest < tolerance:
                break
        if largest > 1e-6:
            raise self._unbounded()
        return theta if self.anchors else theta - self._gauge() * (theta @ self._gauge() / self.results.n)

    def covariance(self, information: Array) -> Array:
        """Return [K, K] the inverse of the information: zero for anchors; without any, for strengths of mean zero.

        Raises:
            ValueError: when the results do not tell the seat advantage or the parameter of draws from the strengths.
        """
        free = self._free()
        factor = self._factor(information)
        more = self.size - self.results.n
        if more and np.any(np.diag(factor[0])[-more:] ** 2 < _FLAT * np.diag(information)[-more:]):
            raise self._unbounded()
        found = np.zeros((self.size, self.size))
        found[np.ix_(free, free)] = cho_solve(factor, np.eye(len(free)))
        if not self.anchors:
            found -= np.outer(self._gauge(), self._gauge()) / self.results.n
        return found

    def _lift(self, values: Array) -> Array:
        """Return [n] the sum of values [P] over the pairs of an agent, with the sign of its side."""
        r = self.results
        return total(r.first, values, r.n) - total(r.second, values, r.n)

    def _free(self) -> NDArray[np.int64]:
        return np.setdiff1d(np.arange(self.size), list(self.anchors))

    def _gauge(self) -> Array:
        """Return [K] the direction that no result shows: all strengths up together."""
        return (np.arange(self.size) < self.results.n).astype(np.float64)

    def _factor(self, information: Array) -> tuple[Array, bool]:
        if self.anchors:
            free = self._free()
            information = information[np.ix_(free, free)]
        else:  # removes the null direction and leaves all others unchanged
            information = information.copy()
            information[: self.results.n, : self.results.n] += 1.0 / self.results.n
        try:
            return cho_factor(information, overwrite_a=True, check_finite=False)
        except LinAlgError:
            raise self._unbounded() from None

    def _solve(self, information: Array, gradient: Array) -> Array:
        step = np.zeros(self.size)
        free = self._free()
        step[free] = cho_solve(self._factor(information), gradient[free], check_finite=False)
        return step

    def _unbounded(self) -> ValueError:
        if self.size == self.results.n:
            return ValueError("the ratings have no maximum that could be found: a prior such as 0.5 would help")
        names = ["the advantage of the first seat"] * self.seat + ["the frequency of draws"] * self.rule.fitted
        return ValueError(
            f"the results do not fix {' and '.join(names)}: play pairs in both seat orders, add games or a prior"
            " such as 0.5, or leave it out"
        )
