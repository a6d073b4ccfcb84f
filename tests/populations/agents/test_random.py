from __future__ import annotations

import math

import numpy as np
import pytest
from gymnasium import spaces

from games import ActionLayout
from games.randomness import seat_stream, uniform
from populations.agents.random import RandomPolicy
from populations.layout import Layout
from populations.policy import Policy


def test_is_a_policy_that_needs_no_observations(make_rows) -> None:
    layout = ActionLayout((5,))
    policy, rows = RandomPolicy(layout), make_rows(Layout({}, layout), 10)
    assert isinstance(policy, Policy)
    assert not policy.observes
    assert policy.initial_state(4) == {}
    assert policy.act(rows, {}).state == {}


@pytest.mark.parametrize("legal", [None, 0.4])
def test_every_legal_action_of_every_head_is_equally_likely(legal, make_rows) -> None:
    layout, count = ActionLayout((3, 5)), 20000
    rows = make_rows(Layout({}, layout), count)
    if legal is not None:
        rows.mask = np.tile([True, False, True, False, True, True, True, False], (count, 1))
    policy = RandomPolicy(layout)
    action, p = policy.act(rows, {}).action, policy.probabilities(rows)
    assert action.dtype == np.int32
    np.testing.assert_allclose(p.sum(1), 2.0)
    for h, low in enumerate((0, 3)):
        size = layout.sizes[h]
        frequency = np.bincount(action[:, h], minlength=size) / count
        np.testing.assert_allclose(frequency, p[0, low : low + size], atol=4 * 0.5 / math.sqrt(count))
        if rows.mask is not None:
            assert not frequency[~rows.mask[0, low : low + size]].any()


def test_draws_from_the_seats_own_stream(make_rows) -> None:
    layout = ActionLayout((7, 4))
    rows = make_rows(Layout({}, layout), 200, legal=0.5)
    action = RandomPolicy(layout).act(rows, {}).action
    for r in range(200):
        for h, (low, size) in enumerate(((0, 7), (7, 4))):
            legal = np.flatnonzero(rows.mask[r, low : low + size])
            u = uniform(rows.seed[r], seat_stream(int(rows.seat[r])), rows.step[r], h)
            assert action[r, h] == legal[int(u * len(legal))]


def test_a_head_without_legal_actions_takes_0(make_rows) -> None:
    layout = ActionLayout((2, 3))
    rows = make_rows(Layout({}, layout), 1)
    rows.mask = np.array([[False, True, False, False, False]])
    policy = RandomPolicy(layout)
    assert policy.act(rows, {}).action.tolist() == [[1, 0]]
    assert policy.probabilities(rows).tolist() == [[0.0, 1.0, 0.0, 0.0, 0.0]]


def test_continuous_actions_are_uniform_between_their_bounds(make_rows) -> None:
    low = np.array([-2.0, -np.inf, 5.0, -np.inf], np.float32)
    high = np.array([4.0, 3.0, np.inf, np.inf], np.float32)
    layout = ActionLayout((), 4, low, high)
    action = RandomPolicy(layout).act(make_rows(Layout({}, layout), 5000), {}).action
    assert action.dtype == np.float32
    np.testing.assert_allclose(action.min(0), [-2, 2, 5, -1], atol=0.01)
    np.testing.assert_allclose(action.max(0), [4, 3, 6, 1], atol=0.01)
    np.testing.assert_allclose(action.mean(0), [1, 2.5, 5.5, 0], atol=0.15)


def test_refuses_actions_of_another_form(shape) -> None:
    policy = RandomPolicy(ActionLayout((5,)))
    assert policy.refuses(shape({}, spaces.Discrete(5))) is None
    assert policy.refuses(shape({}, spaces.Discrete(6))) == "it was made for actions of another form"
