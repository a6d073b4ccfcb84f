"""Mixtures of Gaussians with full covariances, fitted by expectation maximisation."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from games.compiled import kernel

__all__ = ["Criterion", "Fit", "Gaussians", "best_fit", "fit", "fit_as_sklearn", "fit_from", "penalty"]

Array = NDArray[np.float64]
Criterion = Literal["aic", "bic", "aicc"]

REGULARISATION = (1e-6, 1e-4)
"""What is added to variances; the second where the first is not enough."""
TOLERANCE, ITERATIONS = 1e-3, 100
"""The end of a fit: a gain in mean log-likelihood below this, or so many iterations; those of scikit-learn."""
LLOYD = 20
"""Iterations of k-means, at most, to begin a fit from."""


class Gaussians(NamedTuple):
    """A mixture of k Gaussians in D dimensions.

    Attributes:
        weights: [k], of sum 1.
        means: [k, D].
        factors: [k, D, D], lower triangular: L with covariance L L'.
    """

    weights: Array
    means: Array
    factors: Array

    @property
    def covariances(self) -> Array:
        """Covariances [k, D, D]."""
        return self.factors @ self.factors.transpose(0, 2, 1)


class Fit(NamedTuple):
    """A mixture and the log-likelihood of all the rows that it was fitted to."""

    gaussians: Gaussians
    log_likelihood: float


Fitter = Callable[[Array, int, np.random.Generator, float], Fit | None]
"""From rows [N, D], k, a generator and what is added to variances to a fit; None where a covariance collapses."""


def best_fit(
    rows: Array,
    candidates: Iterable[int],
    criterion: Criterion,
    rng: np.random.Generator,
    *,
    fitter: Fitter | None = None,
    counted: int | None = None,
) -> Gaussians | None:
    """Return the mixture whose number of components has the lowest information criterion.

    Args:
        rows: [N, D] float64.
        candidates: numbers of components. One that cannot be fitted, with more added to the variances neither, is left out.
        criterion: `aic`, `bic`, or `aicc`.
        rng: for the starting points.
        fitter: how each is fitted; `fit` by default.
        counted: dimensions that the penalty of `aicc` counts; None for all of them.

    Returns:
        None when no candidate can be fitted.
    """
    best, lowest = None, np.inf
    for k in candidates:
        for regularisation in REGULARISATION:
            found = (fitter or fit)(rows, k, rng, regularisation)
            if found is not None:
                break
        else:
            continue
        value = penalty(criterion, len(rows), k, rows.shape[1], counted=counted) - 2.0 * found.log_likelihood
        if best is None or value < lowest:
            best, lowest = found.gaussians, value
    return best


def penalty(criterion: Criterion, n: int, k: int, dimensions: int, *, counted: int | None = None) -> float:
    """Return what an information criterion adds to -2 log-likelihood for a mixture with p free parameters.

    `aic` adds 2 p (Akaike 1974), `bic` p log n (Schwarz 1978), `aicc` 2 p + 2 p (p + 1) / (n - p - 1) (Hurvich and Tsai
    1989), which is infinite where there are no more rows than parameters.

    Args:
        criterion: which.
        n: rows.
        k: components.
        dimensions: of a row.
        counted: dimensions that the last term of `aicc` counts, as if there were no others and whatever its sign; None for
            all of them.
    """
    p = _parameters(k, dimensions)
    if criterion == "bic":
        return p * float(np.log(n))
    if criterion == "aic":
        return 2.0 * p
    q = p if counted is None else _parameters(k, counted)
    room = n - q - 1
    if room == 0 or (counted is None and room < 0):
        return float("inf")
    return 2.0 * p + 2.0 * q * (q + 1) / room


def _parameters(k: int, dimensions: int) -> int:
    return k * (dimensions * (dimensions + 1) // 2 + dimensions + 1) - 1


def fit(rows: Array, k: int, rng: np.random.Generator, regularisation: float = REGULARISATION[0]) -> Fit | None:
    """Fit by expectation maximisation from the clusters of k-means, itself begun by k-means++.

    The steps and the end are those of scikit-learn's GaussianMixture, in compiled code for one thread; the start differs in
    its draws (one try for each new centre, no more than 20 iterations).

    Args:
        rows: [N, D] float64, N at least k.
        k: components.
        rng: for the first centres.
        regularisation: added to each variance.

    Returns:
        None where a covariance is not positive definite.
    """
    x = np.ascontiguousarray(rows.T)
    responsibility = np.zeros((k, len(rows)))
    _clusters(x, rng.random(k), responsibility)
    return fit_from(x, responsibility, regularisation)


def fit_from(x: Array, responsibility: Array, regularisation: float) -> Fit | None:
    """Fit from a start.

    Args:
        x: [D, N], the rows transposed.
        responsibility: [k, N], shares of the components in each row; overwritten.
        regularisation: added to each variance.
    """
    k, size = len(responsibility), len(x)
    gaussians = Gaussians(np.zeros(k), np.zeros((k, size)), np.zeros((k, size, size)))
    likelihood = _maximised(x, responsibility, regularisation, TOLERANCE, ITERATIONS, *gaussians)
    return Fit(gaussians, likelihood * x.shape[1]) if np.isfinite(likelihood) else None


def fit_as_sklearn(
    rows: Array, k: int, rng: np.random.Generator, regularisation: float = REGULARISATION[0]
) -> Fit | None:
    """Fit by scikit-learn, as teachDeepRL does; arguments and result as in `fit`."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    mixture = GaussianMixture(k, reg_covar=regularisation, random_state=int(rng.integers(2**31)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            mixture.fit(rows)
        factors = np.linalg.cholesky(mixture.covariances_)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return Fit(Gaussians(mixture.weights_, mixture.means_, factors), float(mixture.score(rows)) * len(rows))


@kernel
def _clusters(x, u, responsibility):  # type: ignore[no-untyped-def]
    """Write the clusters of x [D, N] by k-means, from k-means++ with the draws u [k]; none is left empty."""
    size, n = x.shape
    k = len(u)
    centres = np.zeros((k, size))
    label = np.full(n, -1)
    near = np.full(n, np.inf)
    count = np.zeros(k)
    for c in range(k):
        row = min(int(u[c] * n), n - 1)
        total = near.sum() if c else 0.0
        if total > 0.0:  # by squared distance from the nearest centre so far
            left = u[c] * total
            for i in range(n):
                left -= near[i]
                if left < 0.0:
                    row = i
                    break
        for d in range(size):
            centres[c, d] = x[d, row]
        _nearer(x, centres, c, near, label)
    for _ in range(LLOYD):
        _fill(label, near, count)
        centres[:] = 0.0
        for d in range(size):
            for i in range(n):
                centres[label[i], d] += x[d, i]
        before = label.copy()
        near[:] = np.inf
        for c in range(k):
            for d in range(size):
                centres[c, d] /= max(count[c], 1.0)
            _nearer(x, centres, c, near, label)
        changed = 0
        for i in range(n):
            changed += label[i] != before[i]
        if changed == 0:
            break
    _fill(label, near, count)
    responsibility[:] = 0.0
    for i in range(n):
        responsibility[label[i], i] = 1.0


@njit(inline="always")
def _fill(label, near, count):  # type: ignore[no-untyped-def]
    """Count the rows of each cluster; an empty one takes the row that is farthest from its centre."""
    count[:] = 0.0
    for i in range(len(label)):
        count[label[i]] += 1.0
    for c in range(len(count)):
        if count[c] == 0.0:
            row = -1
            for i in range(len(label)):
                if count[label[i]] > 1.0 and (row < 0 or near[i] > near[row]):
                    row = i
            if row >= 0:
                count[label[row]] -= 1.0
                count[c] = 1.0
                label[row] = c
                near[row] = 0.0


@njit(inline="always")
def _nearer(x, centres, c, near, label):  # type: ignore[no-untyped-def]
    """Give to centre c the rows to which it is the nearest so far."""
    size, n = x.shape
    distance = np.zeros(n)
    for d in range(size):
        middle = centres[c, d]
        for i in range(n):
            gap = x[d, i] - middle
            distance[i] += gap * gap
    for i in range(n):
        if distance[i] < near[i]:
            near[i] = distance[i]
            label[i] = c


@kernel
def _maximised(x, r, regularisation, tolerance, iterations, weights, means, factors):  # type: ignore[no-untyped-def]
    """Iterate from responsibilities r [k, N] and return the mean log-likelihood; NaN where a covariance collapses."""
    k = len(r)
    size = len(x)
    inverse = np.zeros((k, size, size))
    if not _maximise(x, r, regularisation, weights, means, factors, inverse):
        return np.nan
    last = -np.inf
    for _ in range(iterations):
        bound = _expect(x, r, weights, means, inverse)
        if not _maximise(x, r, regularisation, weights, means, factors, inverse):
            return np.nan
        if abs(bound - last) < tolerance:
            break
        last = bound
    return _expect(x, r, weights, means, inverse)


@njit(inline="always")
def _expect(x, r, weights, means, inverse):  # type: ignore[no-untyped-def]
    """Set r to the components' shares in each row and return the mean log-likelihood."""
    k, n = r.shape
    size = len(x)
    white = np.zeros(n)
    squares = np.zeros(n)
    for c in range(k):
        squares[:] = 0.0
        level = np.log(weights[c]) - 0.5 * size * np.log(2.0 * np.pi)
        for i in range(size):
            white[:] = 0.0
            for j in range(i + 1):
                factor, middle = inverse[c, i, j], means[c, j]
                for m in range(n):
                    white[m] += factor * (x[j, m] - middle)
            for m in range(n):
                squares[m] += white[m] * white[m]
            level += np.log(inverse[c, i, i])
        for m in range(n):
            r[c, m] = level - 0.5 * squares[m]
    total = 0.0
    for m in range(n):
        most = r[0, m]
        for c in range(1, k):
            most = max(most, r[c, m])
        mass = 0.0
        for c in range(k):
            r[c, m] = np.exp(r[c, m] - most)
            mass += r[c, m]
        for c in range(k):
            r[c, m] /= mass
        total += most + np.log(mass)
    return total / n


@njit(inline="always")
def _maximise(x, r, regularisation, weights, means, factors, inverse):  # type: ignore[no-untyped-def]
    """Set the parameters, and the inverses of the factors; False where a covariance is not positive definite."""
    k, n = r.shape
    size = len(x)
    weighted = np.zeros(n)
    whole = 0.0
    for c in range(k):
        share = 10.0 * 2.220446049250313e-16  # as scikit-learn does, so that none is 0
        for m in range(n):
            share += r[c, m]
        weights[c] = share
        whole += share
        for i in range(size):
            means[c, i] = _inner(r[c], x[i], 0.0) / share
        for i in range(size):
            middle = means[c, i]
            for m in range(n):
                weighted[m] = r[c, m] * (x[i, m] - middle)
            for j in range(i + 1):
                factors[c, i, j] = _inner(weighted, x[j], means[c, j]) / share
            factors[c, i, i] += regularisation
        if not _factorise(factors[c], inverse[c]):
            return False
    for c in range(k):
        weights[c] /= whole
    return True


@njit(inline="always")
def _inner(a, b, middle):  # type: ignore[no-untyped-def]
    """Return the sum of a (b - middle), in eight parts so that the processor need not wait for each addition."""
    n = len(a)
    even = n - n % 8
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    for m in range(0, even, 8):
        s0 += a[m] * (b[m] - middle)
        s1 += a[m + 1] * (b[m + 1] - middle)
        s2 += a[m + 2] * (b[m + 2] - middle)
        s3 += a[m + 3] * (b[m + 3] - middle)
        s4 += a[m + 4] * (b[m + 4] - middle)
        s5 += a[m + 5] * (b[m + 5] - middle)
        s6 += a[m + 6] * (b[m + 6] - middle)
        s7 += a[m + 7] * (b[m + 7] - middle)
    for m in range(even, n):
        s0 += a[m] * (b[m] - middle)
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))


@njit(inline="always")
def _factorise(matrix, inverse):  # type: ignore[no-untyped-def]
    """Replace the lower half of a matrix by its Cholesky factor, and set the inverse of that; False if there is none."""
    size = len(matrix)
    for i in range(size):
        for j in range(i + 1):
            value = matrix[i, j]
            for m in range(j):
                value -= matrix[i, m] * matrix[j, m]
            if i > j:
                matrix[i, j] = value / matrix[j, j]
            elif value > 0.0 and value < np.inf:
                matrix[i, i] = np.sqrt(value)
            else:
                return False
    for j in range(size):
        inverse[j, j] = 1.0 / matrix[j, j]
        for i in range(j + 1, size):
            value = 0.0
            for m in range(j, i):
                value -= matrix[i, m] * inverse[m, j]
            inverse[i, j] = value / matrix[i, i]
    return True
