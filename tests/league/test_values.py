import json

import numpy as np
import pytest

from league.teachers import ValueStatistics
from league.values import ValueSums
from populations.learners.gae import advantages
from populations.learners.trajectories import CUT, ENDED, PENDING, Trajectories


class Estimator:
    def advantages(self, batch, *, trace=None):
        return advantages(batch, discount=0.9, trace=0.8 if trace is None else trace)


def batch(match, follower, reward, value, bootstrap=None):
    n = len(match)
    return Trajectories(
        {},
        None,
        np.zeros((n, 1), np.int32),
        np.zeros(n, np.float32),
        np.array(value, np.float32),
        np.array(reward, np.float32),
        np.array(follower, np.int64),
        np.array(bootstrap if bootstrap is not None else [0.0] * n, np.float32),
        match=np.array(match, np.int64),
    )


def test_a_match_by_hand():
    # match 7: two decisions of one seat; match 9: one decision that is cut
    sums = ValueSums()
    sums.add("me", Estimator(), batch([7, 9, 7], [2, CUT, ENDED], [0.0, 1.0, 2.0], [1.0, 3.0, 1.5], [0.0, 4.0, 0.0]))
    last = 2.0 - 1.5
    delta = 0.9 * 1.5 - 1.0
    first = delta + 0.9 * 0.8 * last
    found = sums.take(7, "me")
    expected = ValueStatistics(2, 1.25, (first + last) / 2, (first + last) / 2, (first + last) / 2, (delta + last) / 2)
    assert found.decisions == 2
    assert [getattr(found, n) for n in found.__slots__] == pytest.approx(
        [getattr(expected, n) for n in found.__slots__]
    )
    other = sums.take(9, "me")
    assert other.advantage == pytest.approx(1.0 + 0.9 * 4.0 - 3.0)
    assert sums.take(9, "me") is None
    assert sums.take(7, "you") is None


def test_fragments_add_up_and_pending_decisions_count_once():
    whole, parts = ValueSums(), ValueSums()
    whole.add("me", Estimator(), batch([4, 4], [1, ENDED], [1.0, -1.0], [0.5, 0.25]))
    # the first fragment sees the first decision cut by its end, and the second one still waiting for its reward
    parts.add("me", Estimator(), batch([4, 4], [1, PENDING], [1.0, 0.0], [0.5, 0.25]))
    parts.load_state_dict(json.loads(json.dumps(parts.state_dict())))
    parts.add("me", Estimator(), batch([4], [ENDED], [-1.0], [0.25]))
    a, b = whole.take(4, "me"), parts.take(4, "me")
    assert (a.decisions, a.value, a.td) == (2, b.value, b.td)
    assert b.decisions == 2
    assert b.positive == pytest.approx((1.0 + 0.9 * 0.25 - 0.5) / 2)
