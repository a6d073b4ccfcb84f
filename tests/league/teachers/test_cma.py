import json

import numpy as np
import pytest

from league.teachers.cma import Cma


def search(function, size, *, generations=120, n=12, seed=0):
    rng = np.random.default_rng(seed)
    cma = Cma(rng.random(size), 0.3)
    for _ in range(generations):
        points = cma.ask(rng, n)
        cma.tell(points, np.array([function(p) for p in points]))
    return cma


@pytest.mark.parametrize("size", [1, 2, 5, 10])
def test_it_finds_the_minimum_of_a_sphere(size):
    target = np.linspace(0.2, 0.7, size)
    np.testing.assert_allclose(
        search(lambda p: ((p - target) ** 2).sum(), size, generations=200).mean, target, atol=1e-4
    )


def test_it_finds_the_minimum_of_a_narrow_turned_valley():
    """Condition number 10^4, axes at 45 degrees; only the covariance makes this quick."""
    along, across = np.array([1.0, 1.0]) / np.sqrt(2), np.array([1.0, -1.0]) / np.sqrt(2)
    target = np.array([0.3, 0.4])
    found = search(lambda p: ((p - target) @ along) ** 2 + 1e4 * ((p - target) @ across) ** 2, 2)
    np.testing.assert_allclose(found.mean, target, atol=1e-4)


def test_it_finds_a_minimum_in_a_corner():
    np.testing.assert_allclose(search(lambda p: p[0] - p[1], 2).mean, [0.0, 1.0], atol=1e-2)


def test_only_the_order_of_values_matters():
    one = search(lambda p: ((p - 0.4) ** 2).sum(), 3, generations=20)
    other = search(lambda p: np.exp(50 * ((p - 0.4) ** 2).sum()), 3, generations=20)
    np.testing.assert_array_equal(one.mean, other.mean)


@pytest.mark.parametrize("value", [lambda p: 1.0, lambda p: 1e300 * (-1) ** int(1e6 * p[0])])
def test_any_values_leave_it_in_the_cube(value):
    cma = search(value, 4, generations=300)
    points = cma.ask(np.random.default_rng(0), 50)
    assert np.isfinite(points).all()
    assert (points >= 0.0).all()
    assert (points <= 1.0).all()


def test_too_few_points_teach_nothing():
    cma = Cma(np.full(2, 0.5), 0.3)
    before = cma.state_dict()
    cma.tell(np.zeros((3, 2)), np.zeros(3))
    assert cma.state_dict() == before


def test_it_goes_on_from_its_state():
    cma = search(lambda p: (p**2).sum(), 3, generations=7)
    again = Cma.from_state(json.loads(json.dumps(cma.state_dict())))
    one, other = (c.ask(np.random.default_rng(1), 5) for c in (cma, again))
    np.testing.assert_array_equal(one, other)
    for c in (cma, again):
        c.tell(one, one.sum(axis=1))
    assert again.state_dict() == cma.state_dict()
