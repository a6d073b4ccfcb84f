import json

import numpy as np
import pytest

from arena.console import plain
from arena.metagame import meta_game


def table(rates, games=200):
    won = np.round(np.array(rates, dtype=float) * games)
    np.fill_diagonal(won, 0)
    return won, np.zeros_like(won)


def test_agents_that_beat_each_other_in_a_circle():
    found = meta_game(*table([[0.5, 0.8, 0.2], [0.2, 0.5, 0.8], [0.8, 0.2, 0.5]]))
    assert found.nash == pytest.approx([0, 0, 0], abs=1e-9)
    assert found.weight == pytest.approx([1 / 3] * 3)
    assert found.alpha_rank == pytest.approx([1 / 3] * 3)
    assert found.transitive < 0.05
    assert found.p_value < 0.05
    assert found.cycles == 1
    rate = (200 * 0.8 + 0.5) / 201 - 0.5
    assert found.diversity[0] == pytest.approx(rate / 3)
    assert "more than noise makes" in found.sentences[1]
    assert "no more than" not in found.sentences[1]


def test_agents_that_differ_in_strength_alone():
    strength = np.array([0.9, 0.3, -0.2, -1.0])
    rates = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
    won = np.triu(np.round(rates * 1000), 1)
    won += np.tril(1000 - won.T, -1)
    found = meta_game(won, np.zeros_like(won))
    assert found.weight == pytest.approx([1, 0, 0, 0], abs=1e-9)
    assert found.nash[0] == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(found.nash) < 0)
    assert np.all((found.nash_low <= found.nash) & (found.nash <= found.nash_high))
    assert found.alpha_rank[0] > 0.99
    assert found.transitive > 0.99
    assert found.p_value > 0.05
    assert found.diversity[0] == pytest.approx(0, abs=1e-9)
    assert "no more than noise makes" in found.sentences[1]


def test_it_needs_three_agents_who_all_met():
    won, drawn = table([[0.5, 0.8], [0.2, 0.5]])
    assert meta_game(won, drawn) is None
    won, drawn = table([[0.5, 0.8, 0.2], [0.2, 0.5, 0.0], [0.8, 0.0, 0.5]])
    assert meta_game(won, drawn) is None
    drawn[1, 2] = drawn[2, 1] = 4
    assert meta_game(won, drawn) is not None
    assert meta_game(np.ones((101, 101)) - np.eye(101), np.zeros((101, 101))) is None


def test_it_can_be_said_in_json():
    found = meta_game(*table([[0.5, 0.8, 0.2], [0.2, 0.5, 0.8], [0.8, 0.2, 0.5]]))
    said = json.loads(json.dumps(plain(found.plain()), allow_nan=False))
    assert said["nash"] == found.nash.tolist()
