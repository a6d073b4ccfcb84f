"""The nearest of many points, beside a look at all of them."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from league.teachers.neighbours import BUFFER, Growing, Window


def nearest(points, values, x):
    return values[int(np.argmin(((np.array(points) - x) ** 2).sum(axis=1)))]


def test_without_points_there_is_no_value():
    for kept in (Window(2, 5), Growing(2)):
        assert np.isnan(kept.nearest(np.zeros(2)))
        assert len(kept) == 0


@given(st.integers(1, 30), st.integers(0, 100), st.integers(1, 4))
def test_a_window_sees_the_newest(limit, count, size):
    rng = np.random.default_rng(count)
    kept, points, values = Window(size, limit), [], []
    for _ in range(count):
        points.append(rng.random(size))
        values.append(rng.random())
        kept.add(points[-1], values[-1])
        x = rng.random(size)
        assert kept.nearest(x) == nearest(points[-limit:], values[-limit:], x)
    assert len(kept) == min(limit, count)
    np.testing.assert_array_equal(kept.values, values[-limit:])


def test_the_newest_of_equals_counts():
    kept = Window(1, 3)
    for value in range(5):
        kept.add(np.zeros(1), value)
    assert kept.nearest(np.zeros(1)) == 4


@pytest.mark.parametrize("size", [1, 3])
def test_a_growing_history_sees_all(size):
    rng = np.random.default_rng(size)
    kept, points, values = Growing(size), [], []
    for k in range(7 * BUFFER + 10):
        points.append(rng.random(size))
        values.append(rng.random())
        kept.add(points[-1], values[-1])
        if k % 37 == 0:
            x = rng.random(size)
            assert kept.nearest(x) == nearest(points, values, x)
    assert len(kept) == 7 * BUFFER + 10
    assert [tree.n // BUFFER for _, tree in kept._trees] == [4, 2, 1]


@pytest.mark.parametrize("kind", [lambda: Window(2, 700), lambda: Growing(2)])
@pytest.mark.parametrize("count", [0, 3, 700, 5 * BUFFER + 3])
def test_a_state_goes_through_json(kind, count):
    rng = np.random.default_rng(0)
    kept = kind()
    for _ in range(count):
        kept.add(rng.random(2), rng.random())
    other = kind()
    other.load_state_dict(json.loads(json.dumps(kept.state_dict())))
    for _ in range(600):
        point, value, x = rng.random(2), rng.random(), rng.random(2)
        kept.add(point, value)
        other.add(point, value)
        assert kept.nearest(x) == other.nearest(x)
