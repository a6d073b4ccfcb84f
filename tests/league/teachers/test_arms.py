"""The formulas by a slow way, and what they are for: to find the best arm, and to find it again after a switch."""

import json
import math

import numpy as np
import pytest

from games import InputError
from league.teachers.arms import UCB, Choice, Exp3S, Exp31, Thompson, arms

RULES = ["exp3s", "exp3.1", "ucb", "thompson"]


def play(rule, means, times, rng):
    """Return which arms were chosen when rewards are 1 with these probabilities."""
    chosen = []
    for _ in range(times):
        choice = rule.choose(rng)
        rule.update(choice, float(rng.random() < means[choice.arm]))
        chosen.append(choice.arm)
    return np.array(chosen)


@pytest.mark.parametrize("name", RULES)
def test_the_best_arm_is_found(name):
    chosen = play(arms.make(name, 3), [0.2, 0.5, 0.8], 4000, np.random.default_rng(0))
    assert np.mean(chosen[-1000:] == 2) > 0.7
    assert {*chosen} == {0, 1, 2}


@pytest.mark.parametrize("name", ["exp3s", "ucb", "thompson"])
def test_it_is_found_again_after_a_switch(name):
    rule, rng = arms.make(name, 3), np.random.default_rng(1)
    assert np.mean(play(rule, [0.8, 0.5, 0.2], 3000, rng)[-500:] == 0) > 0.7
    assert np.mean(play(rule, [0.2, 0.5, 0.8], 1500, rng)[-500:] == 2) > 0.7


def test_without_forgetting_a_switch_takes_as_long_as_the_time_before():
    for forgetful, steady in ((UCB(2), UCB(2, memory=None)), (Thompson(2), Thompson(2, memory=None))):
        for rule in (forgetful, steady):
            play(rule, [0.9, 0.1], 6000, np.random.default_rng(2))
        late = [np.mean(play(rule, [0.3, 0.7], 1500, np.random.default_rng(3)) == 1) for rule in (forgetful, steady)]
        assert late[0] > late[1] + 0.3


def test_exp3s_by_the_formula():
    """Graves et al. (2017), equations 6 to 8, with the paper's 1/t and with a constant."""
    for memory in (None, 50):
        rule, rng = Exp3S(4, rate=0.1, epsilon=0.05, memory=memory), np.random.default_rng(0)
        w = [0.0] * 4
        for t in range(2, 60):
            choice, reward = rule.choose(rng), rng.random()
            p = 0.95 * math.exp(w[choice.arm]) / sum(map(math.exp, w)) + 0.05 / 4
            assert choice.probability == pytest.approx(p)
            v = [x + 0.1 * ((2 * reward - 1) / p if i == choice.arm else 0.0) for i, x in enumerate(w)]
            alpha = 1 / t if memory is None else 1 / memory
            others = [sum(math.exp(x) for k, x in enumerate(v) if k != i) for i in range(4)]
            w = [math.log((1 - alpha) * math.exp(x) + alpha / 3 * o) for x, o in zip(v, others, strict=True)]
            rule.update(choice, reward)
            assert rule.w == pytest.approx(np.array(w) - max(w))


def test_exp3s_stays_finite():
    rule = Exp3S(3, rate=100.0)
    for k in range(2000):
        rule.update(Choice(k % 2, 0.02), float(k % 2))
    assert np.isfinite(rule.w).all()
    assert rule.shares().sum() == pytest.approx(1.0)
    assert rule.shares().min() > 0.0


def test_exp31_by_the_formula():
    """Auer et al. (2002), figures 1 and 3; rewards of 1 of a single arm drive it through epochs."""
    rule, rng = Exp31(3), np.random.default_rng(0)
    scale = 3 * math.log(3) / (math.e - 1)
    gain, w, r = [0.0] * 3, [1.0] * 3, 0

    def parameters(r):
        g = scale * 4**r
        return g, min(1.0, math.sqrt(3 * math.log(3) / ((math.e - 1) * g)))

    epochs = set()
    for _ in range(3000):
        while max(gain) > parameters(r)[0] - 3 / parameters(r)[1]:
            r, w = r + 1, [1.0] * 3
        _, gamma = parameters(r)
        p = [(1 - gamma) * x / sum(w) + gamma / 3 for x in w]
        assert rule.shares() == pytest.approx(np.array(p))
        epochs.add(rule.epoch)
        choice = rule.choose(rng)
        reward = float(choice.arm == 1)
        rule.update(choice, reward)
        w[choice.arm] *= math.exp(gamma * reward / p[choice.arm] / 3)
        gain[choice.arm] += reward / p[choice.arm]
    assert len(epochs) >= 4


def test_ucb_by_the_formula():
    rule, rng = UCB(3, memory=40), np.random.default_rng(0)
    told: list[tuple[int, float]] = []
    for _ in range(3):
        assert rule.choose(rng).arm not in [a for a, _ in told], "those without rewards first"
        told.append((rule.choose(rng).arm, rng.random()))
        rule.update(Choice(told[-1][0], 1.0), told[-1][1])
    for _ in range(100):
        weights = [(1 - 1 / 40) ** age for age in range(len(told))][::-1]
        n = [sum(w for w, (a, _) in zip(weights, told, strict=True) if a == i) for i in range(3)]
        s = [sum(w * x for w, (a, x) in zip(weights, told, strict=True) if a == i) for i in range(3)]
        index = [s[i] / n[i] + 2 * math.sqrt(0.5 * math.log(sum(n)) / n[i]) for i in range(3)]
        assert rule.index == pytest.approx(index)
        choice = rule.choose(rng)
        assert choice.arm == int(np.argmax(index))
        told.append((choice.arm, rng.random()))
        rule.update(choice, told[-1][1])


def test_without_discount_it_is_ucb1():
    rule = UCB(2, memory=None)
    for arm, reward in ((0, 1.0), (1, 0.0), (0, 0.5)):
        rule.update(Choice(arm, 1.0), reward)
    assert rule.index == pytest.approx([0.75 + math.sqrt(2 * math.log(3) / 2), math.sqrt(2 * math.log(3) / 1)])


def test_thompson_by_the_formula():
    rule = Thompson(2, memory=10)
    for arm, reward in ((0, 1.0), (1, 0.25), (0, 0.0)):
        rule.update(Choice(arm, 1.0), reward)
    assert rule.won == pytest.approx([0.9**2, 0.25 * 0.9])
    assert rule.lost == pytest.approx([1.0, 0.75 * 0.9])
    x = np.random.default_rng(3).beta(1 + rule.won, 1 + rule.lost)
    assert rule.choose(np.random.default_rng(3)).arm == x.argmax()
    chosen = np.mean([rule.choose(np.random.default_rng(k)).arm for k in range(2000)])
    assert rule.shares()[1] == pytest.approx(chosen, abs=0.05)


@pytest.mark.parametrize("name", RULES)
def test_state_and_a_single_arm(name):
    rule, rng = arms.make(name, 3), np.random.default_rng(0)
    play(rule, [0.2, 0.5, 0.8], 300, rng)
    again = arms.make(name, 3)
    again.load_state_dict(json.loads(json.dumps(rule.state_dict())))
    assert again.state_dict() == rule.state_dict()
    assert (
        play(again, [0.5] * 3, 100, np.random.default_rng(1)) == play(rule, [0.5] * 3, 100, np.random.default_rng(1))
    ).all()
    assert {*play(arms.make(name, 1), [0.5], 100, rng)} == {0}
    assert arms.make(name, 1).shares() == pytest.approx([1.0])
    assert arms.make(name, 4).shares() == pytest.approx([0.25] * 4, abs=0.05)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("exp3s", {"rate": 0.0}, "rate must be above 0, not 0.0"),
        ("exp3s", {"rate": "fast"}, "rate must be above 0, not 'fast'"),
        ("exp3s", {"epsilon": 0.0}, "epsilon must be above 0 and at most 1, not 0.0"),
        ("exp3s", {"memory": 1}, "rule 'exp3s': memory must be a whole number, at least 2, or null, not 1"),
        ("ucb", {"memory": 2.5}, "rule 'ucb': memory must be a whole number"),
        ("thompson", {"memory": True}, "rule 'thompson': memory must be a whole number"),
        ("exp3.1", {"memory": 3}, "unknown option 'memory' of rule 'exp3.1'"),
        ("upc", {}, "unknown rule 'upc'"),
    ],
)
def test_wrong_options(name, options, message):
    with pytest.raises(InputError, match=message):
        arms.make(name, 3, options=options)
