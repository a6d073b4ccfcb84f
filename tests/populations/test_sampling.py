from __future__ import annotations

import math

import numpy as np
import pytest

from games import ActionLayout
from games.randomness import gumbel, seat_stream, uniform
from populations.layout import Layout
from populations.sampling import clipped_normal_log_prob, log_normal_tail, probabilities, sample, sample_normal

STRUCTURED = ActionLayout((3, 4, 2), uses=np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype=bool))
LAYOUTS = {"one head": ActionLayout((6,)), "two heads": ActionLayout((3, 5)), "table": STRUCTURED}


def by_hand(logits, rows, layout, temperature=1.0):
    """Gumbel-max sampling as its definition says, one entry after the other."""
    actions, log_probs = [], []
    for r in range(len(rows)):
        total, chosen = 0.0, []
        for h, (low, size) in enumerate(zip(layout.offsets, layout.sizes, strict=False)):
            legal = [j for j in range(low, low + size) if rows.mask is None or rows.mask[r, j]]
            if h > 0 and layout.uses is not None and not layout.uses[chosen[0], h]:
                chosen.append(legal[0] - low)
                continue
            noise = [gumbel(rows.seed[r], seat_stream(int(rows.seat[r])), rows.step[r], j) for j in legal]
            scaled = [float(logits[r, j]) / temperature for j in legal]
            best = max(range(len(legal)), key=lambda i: scaled[i] + noise[i])
            chosen.append(legal[best] - low)
            total += scaled[best] - math.log(sum(math.exp(x) for x in scaled))
        actions.append(chosen)
        log_probs.append(total)
    return np.array(actions), np.array(log_probs)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("legal", [None, 0.5])
@pytest.mark.parametrize("temperature", [1.0, 0.4])
def test_sample_agrees_with_gumbel_noise_added_by_hand(layout, legal, temperature, make_rows) -> None:
    rows = make_rows(Layout({}, layout), 300, legal=legal)
    logits = (3 * np.random.default_rng(1).normal(size=(300, layout.width))).astype(np.float32)
    action, log_prob = sample(logits, rows, layout, temperature=temperature)
    expected, expected_log_prob = by_hand(logits, rows, layout, temperature)
    assert action.dtype == np.int32
    np.testing.assert_array_equal(action, expected)
    np.testing.assert_allclose(log_prob, expected_log_prob, atol=2e-6, rtol=2e-6)


def test_greedy_takes_the_likeliest_legal_action_of_each_head(make_rows) -> None:
    layout = LAYOUTS["two heads"]
    rows = make_rows(Layout({}, layout), 200, legal=0.5)
    logits = np.random.default_rng(1).normal(size=(200, 8)).astype(np.float32)
    action, log_prob = sample(logits, rows, layout, greedy=True)
    masked = np.where(rows.mask, logits, -np.inf)
    np.testing.assert_array_equal(action, np.stack([masked[:, :3].argmax(1), masked[:, 3:].argmax(1)], axis=1))
    p = probabilities(logits, rows.mask, layout)
    expected = np.log(p[:, :3].max(1) * p[:, 3:].max(1))
    np.testing.assert_allclose(log_prob, expected, atol=1e-6)


def test_frequencies_follow_the_masked_softmax(make_rows) -> None:
    layout, count = LAYOUTS["one head"], 20000
    rows = make_rows(Layout({}, layout), count)
    rows.mask = np.tile([True, False, True, True, False, True], (count, 1))
    logits = np.tile(np.array([0.0, 5.0, 1.0, -1.0, 9.0, 0.5], np.float32), (count, 1))
    action, _ = sample(logits, rows, layout)
    expected = probabilities(logits[:1], rows.mask[:1], layout)[0]
    frequency = np.bincount(action[:, 0], minlength=6) / count
    assert expected[1] == expected[4] == 0.0
    np.testing.assert_allclose(frequency, expected, atol=4 * 0.5 / math.sqrt(count))


def test_extreme_logits_keep_their_order_and_stay_finite(make_rows) -> None:
    layout = LAYOUTS["one head"]
    rows = make_rows(Layout({}, layout), 50)
    logits = np.tile(np.array([-3e38, 3e38, 0.0, -1e4, 1e4, 1.0], np.float32), (50, 1))
    action, log_prob = sample(logits, rows, layout)
    assert set(action[:, 0]) == {1}
    np.testing.assert_array_equal(log_prob, 0.0)


def test_a_broken_network_still_stays_within_the_head(make_rows) -> None:
    layout = LAYOUTS["two heads"]
    rows = make_rows(Layout({}, layout), 20, legal=0.5)
    action, log_prob = sample(np.full((20, 8), np.nan, np.float32), rows, layout)
    assert np.all(np.take_along_axis(rows.mask, action + np.array([0, 3]), axis=1))
    assert np.all(np.isnan(log_prob))


def test_a_head_without_legal_actions_takes_0_and_carries_no_probability(make_rows) -> None:
    layout = LAYOUTS["two heads"]
    rows = make_rows(Layout({}, layout), 1)
    rows.mask = np.array([[False, True, False, False, False, False, False, False]])
    action, log_prob = sample(np.zeros((1, 8), np.float32), rows, layout)
    assert action.tolist() == [[1, 0]]
    assert log_prob.tolist() == [0.0]


def test_probabilities_are_head_by_head_softmaxes() -> None:
    logits = np.log(np.array([[1.0, 3.0, 2.0, 2.0, 4.0]], np.float32))
    mask = np.array([[True, True, True, False, True]])
    result = probabilities(logits, mask, ActionLayout((2, 3)))
    np.testing.assert_allclose(result, [[0.25, 0.75, 1 / 3, 0.0, 2 / 3]], rtol=1e-6)
    squared = probabilities(logits, mask, ActionLayout((2, 3)), temperature=0.5)
    np.testing.assert_allclose(squared, [[0.1, 0.9, 0.2, 0.0, 0.8]], rtol=1e-6)


def test_normal_actions_take_their_noise_from_the_seats_stream(make_rows) -> None:
    low, high = np.array([-1.0, -np.inf], np.float32), np.array([1.0, np.inf], np.float32)
    layout = ActionLayout((), 2, low, high)
    rows = make_rows(Layout({}, layout), 100)
    mean = np.random.default_rng(2).normal(size=(100, 2)).astype(np.float32)
    log_std = np.array([0.1, -0.7], np.float32)
    action, log_prob = sample_normal(mean, log_std[None], rows, layout)
    for r in range(100):
        total = 0.0
        for i in range(2):
            draws = [uniform(rows.seed[r], seat_stream(int(rows.seat[r])), rows.step[r], 2 * i + k) for k in (0, 1)]
            std = math.exp(log_std[i])
            x = mean[r, i] + std * math.sqrt(-2 * math.log(draws[0])) * math.cos(2 * math.pi * draws[1])
            assert action[r, i] == pytest.approx(min(max(x, low[i]), high[i]), abs=1e-5)
            total += clipped_normal_log_prob(action[r, i], mean[r, i], log_std[i], low[i], high[i])
        assert log_prob[r] == pytest.approx(total, rel=1e-6)
    assert np.any(action[:, 0] == 1.0)
    assert np.any(np.abs(action[:, 1]) > 1.0)


def test_normal_greedy_is_the_clipped_mean_and_temperature_widens(make_rows) -> None:
    layout = ActionLayout((), 1, np.array([-1.0], np.float32), np.array([1.0], np.float32))
    rows = make_rows(Layout({}, layout), 4000)
    mean, log_std = np.full((4000, 1), 0.1, np.float32), np.array([[-3.0]], np.float32)
    greedy, _ = sample_normal(mean * 30, log_std, rows, layout, greedy=True)
    np.testing.assert_array_equal(greedy, 1.0)
    action, _ = sample_normal(mean, log_std, rows, layout, temperature=2.0)
    assert action.std() == pytest.approx(2 * math.exp(-3), rel=0.05)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (0.0, 0.5), (-np.inf, 0.0), (-np.inf, np.inf)])
def test_clipped_normal_is_a_distribution(low, high) -> None:
    mean, log_std = 0.2, -0.4
    inside = np.linspace(max(low, -8.0), min(high, 8.0), 200001)[1:-1]
    density = np.exp([clipped_normal_log_prob(x, mean, log_std, low, high) for x in inside])
    mass = density.sum() * (inside[1] - inside[0])
    mass += sum(math.exp(clipped_normal_log_prob(x, mean, log_std, low, high)) for x in (low, high) if math.isfinite(x))
    assert mass == pytest.approx(1.0, abs=1e-4)


def test_log_normal_tail_far_out() -> None:
    """Golden values of log(1 - Phi(z)) to 9 digits; the asymptotic branch takes over at 30."""
    assert log_normal_tail(0.0) == pytest.approx(math.log(0.5))
    assert log_normal_tail(-5.0) == pytest.approx(-2.866516129637633e-07, rel=1e-6)
    assert log_normal_tail(10.0) == pytest.approx(-53.23128515051247, rel=1e-9)
    assert log_normal_tail(29.999999) == pytest.approx(log_normal_tail(30.000001), rel=1e-6)
    assert log_normal_tail(100.0) == pytest.approx(-5005.524208694205, rel=1e-9)
