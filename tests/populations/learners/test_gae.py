from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from populations.learners.gae import advantages
from populations.learners.trajectories import CUT, ENDED, PENDING, Trajectories


def batch(reward, value, follower, bootstrap) -> Trajectories:
    n = len(reward)
    zeros = np.zeros(n, np.float32)
    real = [np.asarray(x, np.float32) for x in (reward, value, bootstrap)]
    action = np.zeros((n, 1), np.int32)
    return Trajectories({}, None, action, zeros, real[1], real[0], np.asarray(follower, np.int64), real[2])


def by_definition(reward, value, follower, bootstrap, discount, trace):
    """Equation 16 as it is written: for each row, the discounted sum of the one-step errors that follow it."""
    result = []
    for start in range(len(reward)):
        total, factor, row = 0.0, 1.0, start
        while row >= 0 and follower[row] != PENDING:
            after = {ENDED: 0.0, CUT: bootstrap[row]}.get(follower[row])
            after = value[follower[row]] if after is None else after
            total += factor * (reward[row] + discount * after - value[row])
            factor *= discount * trace
            row = follower[row]
        result.append(total)
    return result


def test_one_decision_that_ends_is_worth_its_reward() -> None:
    assert advantages(batch([3.0], [1.0], [ENDED], [9.0]), discount=0.9, trace=0.9).tolist() == [2.0]


def test_a_cut_decision_goes_on_with_its_bootstrap() -> None:
    assert advantages(batch([3.0], [1.0], [CUT], [10.0]), discount=0.5, trace=0.9).tolist() == [7.0]


def test_a_pending_row_only_lends_its_value() -> None:
    result = advantages(batch([1.0, 99.0], [0.0, 4.0], [1, PENDING], [0.0, 0.0]), discount=0.5, trace=1.0)
    assert result.tolist() == [3.0, 0.0]


def test_full_trace_gives_the_return_and_no_trace_one_step() -> None:
    b = batch([1.0, 2.0, 4.0], [0.5, 0.25, 0.125], [1, 2, ENDED], [0.0] * 3)
    np.testing.assert_allclose(advantages(b, discount=1.0, trace=1.0), [7 - 0.5, 6 - 0.25, 4 - 0.125])
    np.testing.assert_allclose(advantages(b, discount=1.0, trace=0.0), [1 + 0.25 - 0.5, 2 + 0.125 - 0.25, 4 - 0.125])


def test_scale_multiplies_rewards_only() -> None:
    b = batch([2.0], [1.0], [CUT], [4.0])
    assert advantages(b, discount=0.5, trace=1.0, scale=10.0).tolist() == [20.0 + 2.0 - 1.0]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(data=st.data(), rows=st.integers(1, 30), discount=st.floats(0, 1), trace=st.floats(0, 1))
def test_agrees_with_the_definition_on_interleaved_seats(data, rows, discount, trace) -> None:
    seats = data.draw(st.lists(st.integers(0, 3), min_size=rows, max_size=rows))
    follower = np.full(rows, ENDED)
    for row in range(rows):
        later = [r for r in range(row + 1, rows) if seats[r] == seats[row]]
        ends = data.draw(st.sampled_from([ENDED, CUT, PENDING] if not later else [ENDED, CUT, 0, 0, 0]))
        follower[row] = later[0] if later and ends == 0 else ends
    rng = np.random.default_rng(rows)
    reward, value, bootstrap = rng.normal(size=(3, rows)).astype(np.float32)
    bootstrap *= follower == CUT
    ours = advantages(batch(reward, value, follower, bootstrap), discount=discount, trace=trace)
    np.testing.assert_allclose(
        ours, by_definition(reward, value, follower, bootstrap, discount, trace), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("rows", [0, 1])
def test_tiny_batches(rows) -> None:
    assert advantages(batch([0.0] * rows, [0.0] * rows, [ENDED] * rows, [0.0] * rows), discount=1, trace=1).shape == (
        rows,
    )
