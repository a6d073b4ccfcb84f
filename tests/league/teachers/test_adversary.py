import json

import numpy as np
import pytest
import torch

from games import Categorical, Integer, Real, TaskSpace
from league.teachers.adversary import Adversary

SPACE = TaskSpace(
    {"x": Real(0.0, 1.0, 0.5), "n": Integer(1, 3, 1), "c": Categorical(("a", "b"), "a"), "m": Integer(1, 15, 1)}
)
OPTIONS = {"parts": 10, "rate": 3e-3, "entropy": 0.05, "epochs": 4}


def taught(reward, *, updates=40, seed=0, space=SPACE, **options):
    rng = np.random.default_rng(seed)
    adversary = Adversary(space, rng, **(OPTIONS | options))
    for _ in range(updates):
        moves = adversary.propose(rng, 64)
        adversary.learn(moves, np.array([reward(p) for p in moves.points]))
    return adversary, adversary.propose(np.random.default_rng(1), 500).points


def test_it_begins_with_the_even_distribution():
    adversary, _ = taught(None, updates=0)
    assert adversary.spread() == pytest.approx(1.0, abs=1e-6)
    moves = adversary.propose(np.random.default_rng(0), 4000)
    np.testing.assert_allclose(moves.points.mean(axis=0), 0.5, atol=0.02)
    np.testing.assert_allclose(moves.points.std(axis=0), 12**-0.5, atol=0.02)
    np.testing.assert_allclose(moves.log, -np.log(10 * 3 * 2 * 10), rtol=1e-5)
    assert moves.parts.max(axis=0).tolist() == [9, 2, 1, 9], "each of few values has a part of its own"
    np.testing.assert_array_equal(np.floor(moves.points * [10, 3, 2, 10]), moves.parts)


def test_it_learns_what_is_rewarded():
    _, points = taught(lambda p: float(0.6 < p[0] < 0.7) + float(p[1] > 2 / 3), updates=60)
    assert np.mean((points[:, 0] > 0.6) & (points[:, 0] < 0.7)) > 0.7
    assert np.mean(points[:, 1] > 2 / 3) > 0.9
    assert 0.2 < np.mean(points[:, 2]) < 0.8, "what changes nothing may stay"


def test_the_log_of_probabilities_is_that_of_what_is_drawn():
    adversary, _ = taught(lambda p: p[0], updates=15)
    moves = adversary.propose(np.random.default_rng(5), 3000)
    high = moves.parts[:, 0] == 9
    logs = adversary._logs(torch.from_numpy(moves.noise)).detach().numpy()
    chosen = sum(np.take_along_axis(logs[:, d], moves.parts[:, d : d + 1], axis=1)[:, 0] for d in range(4))
    np.testing.assert_allclose(moves.log, chosen, rtol=1e-5)
    assert high.mean() == pytest.approx(np.exp(logs[:, 0, 9]).mean(), abs=0.03)


def test_equal_rewards_leave_the_even_distribution():
    adversary, _ = taught(lambda p: 0.7)
    assert adversary.spread() > 0.99


def test_entropy_keeps_it_from_settling():
    spread = [taught(lambda p: p[0], updates=80, entropy=e)[0].spread() for e in (0.0, 0.5)]
    assert spread[1] > spread[0] + 0.1


def test_it_goes_on_from_its_state():
    adversary, _ = taught(lambda p: p[0], updates=3)
    again = Adversary(SPACE, np.random.default_rng(9), **OPTIONS)
    again.load_state_dict(json.loads(json.dumps(adversary.state_dict())))
    for one in (adversary, again):
        moves = one.propose(np.random.default_rng(2), 64)
        one.learn(moves, moves.points[:, 1])
    for a, b in zip(*(one.propose(np.random.default_rng(3), 20) for one in (adversary, again)), strict=True):
        np.testing.assert_array_equal(a, b)
