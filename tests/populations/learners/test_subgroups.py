from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch.distributions import Categorical

from games import InputError
from populations.layout import Layout
from populations.learners import ENDED, Magnet, PPOSettings, Trajectories
from populations.learners.ppo import PPO
from populations.learners.subgroups import split
from populations.networks import NetworkSpec
from populations.networks.network import Network


def decided(ppo: PPO, rows, seed: int = 0) -> Trajectories:
    rng = np.random.default_rng(seed)
    state = ppo.policy.initial_state(len(rows))
    made = ppo.policy.act(rows, state)
    reward = rng.normal(size=len(rows)).astype(np.float32)
    ended, nothing = np.full(len(rows), ENDED), np.zeros(len(rows), np.float32)
    return Trajectories(
        dict(rows.observation), rows.mask, made.action, made.log_prob, made.value, reward, ended, nothing, state
    )


def test_halves_are_disjoint_and_make_up_the_whole() -> None:
    mask = np.random.default_rng(1).random((500, 7)) < 0.7
    within, between = split(mask, np.random.default_rng(0))
    assert not (within & between).any()
    assert ((within | between) == mask).all()


def test_groups_are_drawn_with_a_share_of_each_rows_own() -> None:
    """An entity is in the seat's group with probability E[p^2 + (1-p)^2] = 2/3, two are with E[p^3 + (1-p)^3] = 1/2."""
    within, _ = split(np.ones((100_000, 2), np.bool_), np.random.default_rng(0))
    assert within.mean() == pytest.approx(2 / 3, abs=0.005)
    assert within.all(axis=1).mean() == pytest.approx(1 / 2, abs=0.005)


def test_an_update_is_the_one_that_autograd_makes_of_both_losses(entity_game, make_rows) -> None:
    layout, spec = Layout.of(entity_game()), NetworkSpec(hidden=(8,))
    settings = PPOSettings(
        epochs=1, minibatches=1, entropy=0.02, gradient_norm=1e9, subgroups=0.3, normalize_advantages=False
    )
    ppo, twin = PPO(Network(spec, layout), settings, seed=5), Network(spec, layout)
    for network in (ppo.network, twin):  # a first policy is almost uniform, and nothing would be clipped
        torch.nn.init.normal_(network.policy_head.weight, generator=torch.Generator().manual_seed(0))
    batch = decided(ppo, make_rows(layout, 200))
    rng = np.random.default_rng((5, 0))
    masks = [batch.observation["entity_mask"], *split(batch.observation["entity_mask"], rng)]
    seen = [{n: torch.from_numpy(x) for n, x in (batch.observation | {"entity_mask": m}).items()} for m in masks]
    whole, one, other = (twin(observation) for observation in seen)
    target = torch.from_numpy(batch.reward)
    advantage = target - torch.from_numpy(batch.value)

    def loss(logits, value):
        policy = Categorical(logits=logits)
        ratio = (policy.log_prob(torch.from_numpy(batch.action[:, 0])) - torch.from_numpy(batch.log_prob)).exp()
        gain = torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage)
        return (-gain).mean(), (0.5 * (value - target) ** 2).mean(), policy.entropy().mean()

    means = ((one.policy + other.policy) / 2, (one.value + other.value) / 2)
    told = [loss(whole.policy, whole.value), loss(*means)]
    total = sum(w * (p + 0.5 * v - 0.02 * h) for w, (p, v, h) in zip((0.7, 0.3), told, strict=True))
    total.backward()
    expected = math.sqrt(sum(float((w.grad**2).sum()) for w in twin.parameters() if w.grad is not None))
    figures = ppo.update(batch, 0.0)
    assert figures["gradient_norm"] == pytest.approx(expected, rel=1e-4)
    assert figures["policy_loss"] == pytest.approx(told[0][0].item(), abs=1e-5)
    assert figures["subgroups_policy_loss"] == pytest.approx(told[1][0].item(), abs=1e-5)
    assert figures["subgroups_value_loss"] == pytest.approx(told[1][1].item(), rel=1e-4)
    assert abs(figures["subgroups_policy_loss"] - figures["policy_loss"]) > 1e-3
    for (name, mine), theirs in zip(ppo.network.named_parameters(), twin.parameters(), strict=True):
        step = mine.detach() - theirs.detach()
        strong = theirs.grad.abs() > 1e-4
        torch.testing.assert_close(step[strong], -1e-3 * theirs.grad[strong].sign(), rtol=0.15, atol=0.0, msg=name)


@pytest.mark.parametrize("kind", ["plain", "continuous", "memory", "magnet"])
def test_goes_on_bit_for_bit(kind, entity_game, make_rows) -> None:
    box = spaces.Box(-1.0, 1.0, (2,), np.float32)
    layout = Layout.of(entity_game(actions=box if kind == "continuous" else None))
    spec = NetworkSpec(hidden=(8,), recurrent=4 if kind == "memory" else None)
    settings = PPOSettings(subgroups=0.5, magnet=Magnet(rate=0.1) if kind == "magnet" else None)
    first, second = (PPO(Network(spec, layout, seed=seed), settings, threads=1 + seed) for seed in (0, 1))
    first.update(decided(first, make_rows(layout, 300)), 0.0)
    second.load_state_dict(first.state_dict())
    for seed in (1, 2):
        batch = decided(first, make_rows(layout, 300, seed=seed), seed)
        assert math.isfinite(first.update(batch, 0.5)["subgroups_value_loss"])
        second.update(batch, 0.5)
    mine, theirs = first.state_dict(), second.state_dict()
    assert all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_without_them_nothing_is_said_of_them(entity_game, make_rows) -> None:
    layout = Layout.of(entity_game())
    ppo = PPO(Network(NetworkSpec(hidden=(8,)), layout))
    assert not [n for n in ppo.update(decided(ppo, make_rows(layout, 20)), 0.0) if n.startswith("subgroups")]


@pytest.mark.parametrize("kind", ["mlp", "flat"])
def test_networks_without_an_encoder_of_entities_are_refused(kind, entity_game, flat_layout) -> None:
    layout = flat_layout() if kind == "flat" else Layout.of(entity_game())
    spec = NetworkSpec(kind="auto" if kind == "flat" else "mlp")
    with pytest.raises(InputError, match="this one has no encoder of entities"):
        PPO(Network(spec, layout), PPOSettings(subgroups=0.5))
    with pytest.raises(InputError, match=r"ppo subgroups must be from 0 to 1, not 1\.5"):
        PPOSettings(subgroups=1.5)
