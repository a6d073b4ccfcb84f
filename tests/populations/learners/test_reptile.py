from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from games import InputError
from populations.layout import Layout
from populations.learners import CUT, ENDED, Magnet, PPOSettings, Schedule, Trajectories
from populations.learners.learner import Adopts, Learner
from populations.learners.ppo import PPO
from populations.learners.reptile import Reptile, populations_in
from populations.networks import NetworkSpec
from populations.networks.network import Network

SETTINGS = PPOSettings(epochs=2, minibatches=2)


@pytest.fixture
def layout(entity_game) -> Layout:
    return Layout.of(entity_game(6))


def ppo(layout: Layout, seed: int = 0, settings: PPOSettings = SETTINGS) -> PPO:
    return PPO(Network(NetworkSpec(hidden=(8,)), layout, seed=seed), settings, seed=0)


@pytest.fixture
def batch(make_rows, layout) -> Callable[..., Trajectories]:
    """Decisions in matches of 2 rows each, whose seats see so many entities."""

    def make(learner: Learner, sizes: list[int], seed: int = 0) -> Trajectories:
        rows = make_rows(layout, 2 * len(sizes), seed=seed)
        seen = np.repeat(sizes, 2)[:, None]
        rows.observation["entity_mask"][:] = np.arange(6) < seen
        decision = learner.policy.act(rows, {})
        rng = np.random.default_rng(seed)
        follower = np.full(len(rows), ENDED)
        follower[::2] = np.arange(1, len(rows), 2)
        follower[3::4] = CUT
        return Trajectories(
            dict(rows.observation), None, decision.action, decision.log_prob, decision.value,
            rng.normal(size=len(rows)).astype(np.float32), follower,
            rng.normal(size=len(rows)).astype(np.float32) * (follower == CUT), match=np.repeat(np.arange(len(sizes)), 2),
        )  # fmt: skip

    return make


def weights(learner: PPO | Reptile) -> dict[str, np.ndarray]:
    return {n: x for n, x in learner.state_dict().items() if n.startswith("weights/")}


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a)


def test_is_a_learner_that_adopts(layout) -> None:
    learner: Learner = Reptile(ppo(layout))
    assert isinstance(learner, Adopts)


def test_one_population_at_rate_1_is_ppo_with_a_fresh_optimiser(layout, batch) -> None:
    meta, plain = Reptile(ppo(layout), rate=1.0), ppo(layout)
    for seed in range(2):
        given = batch(meta, [4] * 20, seed)
        plain.load_state_dict({n: x for n, x in plain.state_dict().items() if not n.startswith("adam/")})
        figures, expected = meta.update(given, 0.0), plain.update(given, 0.0)
        for name, value in weights(plain).items():
            np.testing.assert_allclose(weights(meta)[name], value, atol=1e-6)
        assert figures["populations"] == 1.0
        assert {n: figures[n] for n in expected} == pytest.approx(expected)


def test_goes_a_share_of_the_mean_way_of_inner_loops_that_see_one_population_each(layout, batch) -> None:
    meta = Reptile(ppo(layout), rate=0.25)
    before = weights(meta)
    given = batch(meta, [2] * 30 + [5] * 10 + [6] * 20)
    ends = []
    for number, size in enumerate((2, 5, 6)):
        inner = ppo(layout)
        inner.load_state_dict(before | {"updates": np.array(number)})
        inner.update(given.only(given.observation["entity_mask"].sum(1) == size), 0.0)
        ends.append(weights(inner))
    figures = meta.update(given, 0.0)
    square = 0.0
    for name, start in before.items():
        mean = np.mean([end[name] - start for end in ends], axis=0)
        np.testing.assert_allclose(weights(meta)[name], start + 0.25 * mean, atol=1e-6)
        square += float(((0.25 * mean) ** 2).sum())
    assert figures["populations"] == 3.0
    assert figures["outer_step"] == pytest.approx(square**0.5, rel=1e-4)
    assert figures["outer_step"] > 1e-4
    assert figures["rows"] == pytest.approx(120 / 3)


def test_a_population_is_the_most_that_was_seen_in_the_match(layout, batch) -> None:
    given = batch(Reptile(ppo(layout)), [3, 5, 3])
    given.observation["entity_mask"][0, 1:] = False  # two are dead
    assert populations_in(given).tolist() == [3, 3, 5, 5, 3, 3]
    given.match = None
    assert populations_in(given).tolist() == [1, 3, 5, 5, 3, 3]


def test_goes_on_bit_for_bit(layout, batch) -> None:
    first, second = Reptile(ppo(layout)), Reptile(ppo(layout, seed=1))
    first.update(batch(first, [2, 3, 3, 6]), 0.0)
    second.load_state_dict(first.state_dict())
    for seed in (1, 2):
        given = batch(first, [2, 3, 3, 6], seed)
        first.update(given, 0.5)
        second.update(given, 0.5)
    assert same(first.state_dict(), second.state_dict())


def test_the_rate_follows_its_schedule(layout, batch) -> None:
    meta, slow = (Reptile(ppo(layout), rate=Schedule(start=1.0, end=0.1)) for _ in range(2))
    given = batch(meta, [2, 3, 3, 6])
    fast_step, slow_step = meta.update(given, 0.0)["outer_step"], slow.update(given, 1.0)["outer_step"]
    assert slow_step == pytest.approx(0.1 * fast_step, rel=1e-5)


def test_snapshots_and_adoption_are_those_of_the_weights(layout, batch, make_rows) -> None:
    meta, other = Reptile(ppo(layout)), Reptile(ppo(layout, seed=1))
    meta.update(batch(meta, [2, 3]), 0.0)
    frozen = meta.freeze()
    other.adopt(frozen)
    assert same(weights(meta), weights(other))
    meta.update(batch(meta, [2, 3]), 0.0)
    rows = make_rows(layout, 9)
    np.testing.assert_array_equal(frozen.probabilities(rows), other.policy.probabilities(rows))


def test_mistakes_are_named(layout, flat_layout) -> None:
    with pytest.raises(InputError, match="reptile rate must be above 0 and at most 1, not 0"):
        Reptile(ppo(layout), rate=0.0)
    with pytest.raises(InputError, match="at most 1, not 2"):
        Reptile(ppo(layout), rate=Schedule(start=2.0, end=0.5))
    with pytest.raises(InputError, match="reptile has no magnet"):
        Reptile(ppo(layout, settings=PPOSettings(magnet=Magnet(rate=0.1))))
    with pytest.raises(InputError, match="this game shows none"):
        Reptile(PPO(Network(NetworkSpec(), flat_layout())))
