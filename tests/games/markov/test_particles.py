import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from numba import njit

from games.markov import particles


@njit
def push(squared, reach):
    return particles.push(squared, reach)


@njit
def advance(position, velocity, actions, strength, radius, force):
    count = position.shape[1]
    for i in range(count):
        force[i, 0], force[i, 1] = particles.drive(actions[i], strength)
    particles.repel(position, 0, count, radius, force)
    particles.integrate(position, velocity, 0, count, force)


def soft_contact(distance: float, reach: float) -> Decimal:
    """stiffness * margin * log(1 + exp((reach - distance) / margin)), in 60 digits."""
    getcontext().prec = 60
    margin = Decimal("0.001")
    return 100 * margin * (1 + ((Decimal(reach) - Decimal(distance)) / margin).exp()).ln()


@pytest.mark.parametrize("distance", [1e-6, 0.02, 0.0599, 0.0601, 0.09, 0.0999, 0.1, 0.1001, 0.11, 0.1399])
def test_contact_force_against_many_digits(distance):
    exact = soft_contact(distance, 0.1)

    assert push(distance**2, 0.1) * distance == pytest.approx(float(exact), rel=1e-11)


def test_dropped_forces_are_as_small_as_the_text_says():
    edge = 0.1 + particles.NEAR

    assert push(edge**2 * (1 + 1e-12), 0.1) == 0.0
    assert push(edge**2 * (1 - 1e-12), 0.1) > 0.0
    assert float(soft_contact(edge, 0.1)) < 4.3e-19


def test_two_bodies_on_one_spot_do_not_push():
    assert push(0.0, 0.1) == 0.0


def test_contacts_neither_add_nor_take_momentum():
    rng = np.random.default_rng(0)
    position = rng.uniform(-0.2, 0.2, (1, 20, 2))  # a crowd: almost all touch
    velocity = np.zeros((1, 20, 2))
    force = np.zeros((20, 2))

    advance(position, velocity, np.zeros(20, np.int32), 5.0, 0.05, force)

    assert np.abs(force).max() > 10
    np.testing.assert_allclose(force.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(velocity[0], 0.1 * force, rtol=1e-14)


def test_two_bodies_push_each_other_along_their_line():
    position = np.array([[[0.0, 0.0], [0.03, 0.04]]])
    force = np.zeros((2, 2))

    advance(position, np.zeros((1, 2, 2)), np.zeros(2, np.int32), 5.0, 0.05, force)

    np.testing.assert_allclose(force, [[-3.0, -4.0], [3.0, 4.0]], rtol=1e-9)  # 100 times a depth of 0.05


@pytest.mark.parametrize(("action", "direction"), [(0, (0, 0)), (1, (1, 0)), (2, (-1, 0)), (3, (0, 1)), (4, (0, -1))])
def test_a_push_and_then_rest_follow_the_closed_form(action, direction):
    """Velocity 0.5 * 0.75**t after a push of force 5, so the way is a geometric sum with the limit 0.2."""
    position, velocity, force = np.zeros((1, 1, 2)), np.zeros((1, 1, 2)), np.zeros((1, 2))

    for t in range(60):
        advance(position, velocity, np.array([action if t == 0 else 0]), 5.0, 0.05, force)

        np.testing.assert_allclose(velocity[0, 0], np.array(direction) * 0.5 * 0.75**t, rtol=1e-13, atol=0)
        np.testing.assert_allclose(
            position[0, 0], np.array(direction) * 0.2 * (1 - 0.75 ** (t + 1)), rtol=1e-13, atol=0
        )

    assert math.hypot(*position[0, 0]) == pytest.approx(0.2 if action else 0.0, rel=1e-6)
