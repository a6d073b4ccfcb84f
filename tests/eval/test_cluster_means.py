import math

import numpy as np
import pytest
from scipy import stats

from eval.cluster_means import cluster_means
from eval.intervals import cluster_mean


def test_clusters_of_one_value_give_the_interval_of_student():
    x = [1.0, 4.0, 2.0, 8.0]
    found = cluster_means([0] * 4, x, range(4), groups=1)[0]
    low, high = stats.t.interval(0.95, 3, loc=np.mean(x), scale=stats.sem(x))
    assert (found.mean, found.low, found.high) == pytest.approx((np.mean(x), low, high))
    assert found.count == 4


def test_values_of_one_cluster_count_once():
    once = cluster_means([0] * 4, [1.0, 4.0, 2.0, 8.0], range(4), groups=1)[0]
    doubled = cluster_means([0] * 8, [1.0, 4.0, 2.0, 8.0] * 2, [*range(4)] * 2, groups=1)[0]
    assert doubled == pytest.approx(once)


def test_many_clusters_agree_with_the_bootstrap():
    rng = np.random.default_rng(0)
    cluster = np.repeat(np.arange(300), rng.integers(1, 5, 300))
    x = rng.normal(size=300)[cluster] + rng.normal(size=len(cluster))
    one = cluster_means(np.zeros(len(x), int), x, cluster, groups=1)[0]
    other = cluster_mean(x, cluster)
    assert one.mean == pytest.approx(other.mean)
    assert one.low == pytest.approx(other.low, abs=0.01)
    assert one.high == pytest.approx(other.high, abs=0.01)


def test_groups_are_apart():
    rng = np.random.default_rng(1)
    group, cluster, x = rng.integers(0, 3, 500), rng.integers(0, 40, 500), rng.normal(size=500)
    together = cluster_means(group, x, cluster, groups=4)
    for k in range(3):
        mine = group == k
        assert cluster_means(np.zeros(mine.sum(), int), x[mine], cluster[mine], groups=1)[0] == pytest.approx(
            together[k]
        )
    assert together[3] is None


def test_one_cluster_tells_nothing_of_its_scatter():
    found = cluster_means([0, 0], [1.0, 2.0], [7, 7], groups=1)[0]
    assert (found.mean, found.count) == (1.5, 1)
    assert (found.low, found.high) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0], [1.0, 2.0], [0, 0]), "one length"),
        (([2], [1.0], [0]), "groups must lie in 0 to 1"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        cluster_means(*arguments, groups=2)
    with pytest.raises(ValueError, match="confidence"):
        cluster_means([0], [1.0], [0], groups=1, confidence=1.0)
