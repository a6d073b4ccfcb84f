"""Means of many groups at once, from values that come in clusters, with intervals that know it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from eval.intervals import Interval

__all__ = ["cluster_means"]


def cluster_means(
    group: ArrayLike, values: ArrayLike, cluster: ArrayLike, *, groups: int, confidence: float = 0.95
) -> list[Interval | None]:
    """Return the mean of every group with an interval, where values of one cluster are not independent of each other.

    A mean over clusters of unequal size is a ratio: its variance is that of the totals of the clusters about what their
    sizes let expect (Cochran, "Sampling Techniques", 3rd edition 1977, equation 2.46, without the finite-population
    correction), and the interval is Student's with one degree of freedom less than there are clusters. That takes one pass
    where `cluster_mean` draws thousands of samples; both agree when clusters are many. One cluster tells nothing of
    its scatter, so the interval is then without bounds. Clusters that all agree give one without width, which is no proof.

    Args:
        group: [M] whole numbers from 0 to groups - 1: whose each value is.
        values: [M].
        cluster: [M] label of the cluster of each value.
        groups: how many there are.
        confidence: nominal coverage.

    Returns:
        For each group its interval; None where it has no values.

    Raises:
        ValueError: for unequal lengths, a group out of range, or a confidence out of range.
    """
    g, x, label = np.asarray(group, dtype=np.int64), np.asarray(values, dtype=np.float64), np.asarray(cluster)
    if g.ndim != 1 or g.shape != x.shape or g.shape != label.shape:
        raise ValueError(f"group, values and cluster must be of one length, not {g.shape}, {x.shape} and {label.shape}")
    if len(g) and (g.min() < 0 or g.max() >= groups):
        raise ValueError(f"groups must lie in 0 to {groups - 1}")
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must lie between 0 and 1, not {confidence}")
    _, place = np.unique(label, return_inverse=True)
    span = int(place.max(initial=0)) + 1
    key, index = np.unique(g * span + place, return_inverse=True)
    owner = key // span
    total, size = np.bincount(index, weights=x), np.bincount(index)
    count = np.bincount(g, minlength=groups)
    clusters = np.bincount(owner, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(g, weights=x, minlength=groups) / count
        rest = np.bincount(owner, weights=(total - mean[owner] * size) ** 2, minlength=groups)
        error: NDArray[np.float64] = np.sqrt(clusters / (clusters - 1.0) * rest) / count
        margin = stdtrit(clusters - 1.0, 0.5 + confidence / 2.0) * error
    margin = np.where(clusters > 1, margin, np.inf)
    return [
        Interval(float(mean[k]), float(mean[k] - margin[k]), float(mean[k] + margin[k]), int(clusters[k]))
        if count[k]
        else None
        for k in range(groups)
    ]
