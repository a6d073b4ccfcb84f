"""The centralised critic: any number of agents, in any order, padded or not."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from populations.layout import Layout
from populations.networks.joint_critic import JointCritic


@pytest.fixture
def layout(entity_game) -> Layout:
    return Layout.of(entity_game(entities=5))


def joint(layout, make_rows, batch, agents, *, seed=0, actions=6):
    rows = make_rows(layout, batch * agents, seed=seed)
    observation = {n: torch.from_numpy(x).view(batch, agents, *x.shape[1:]) for n, x in rows.observation.items()}
    rng = np.random.default_rng(seed)
    action = torch.nn.functional.one_hot(torch.from_numpy(rng.integers(0, actions, (batch, agents))), actions).float()
    return observation, action, torch.ones(batch, agents, dtype=torch.bool)


@pytest.fixture(params=[False, True], ids=["all actions", "own action"])
def critic(request, layout) -> JointCritic:
    return JointCritic(layout, width=16, heads=2, own_action=request.param, seed=3)


def test_permuting_agents_permutes_their_values(critic, layout, make_rows):
    observation, action, here = joint(layout, make_rows, 4, 5)
    here[1, 2] = False
    value = critic(critic.encode(observation), action, here)
    order = torch.tensor([3, 0, 4, 2, 1])
    moved = {n: x[:, order] for n, x in observation.items()}
    again = critic(critic.encode(moved), action[:, order], here[:, order])
    torch.testing.assert_close(again, value[:, order])
    assert not torch.allclose(again, value)


def test_padding_equals_no_padding(critic, layout, make_rows):
    observation, action, here = joint(layout, make_rows, 4, 3)
    value = critic(critic.encode(observation), action, here)
    noise, other, nobody = joint(layout, make_rows, 4, 4, seed=9)
    wider = {n: torch.cat([x, noise[n]], dim=1) for n, x in observation.items()}
    padded = critic(
        critic.encode(wider), torch.cat([action, other], dim=1), torch.cat([here, torch.zeros_like(nobody)], dim=1)
    )
    torch.testing.assert_close(padded[:, :3], value)


@pytest.mark.parametrize("agents", [1, 2, 12, 48])
def test_any_number_of_agents(critic, layout, make_rows, agents):
    observation, action, here = joint(layout, make_rows, 2, agents)
    value = critic(critic.encode(observation), action, here)
    assert value.shape == ((2, agents) if critic.own_action else (2, agents, 6))
    assert torch.isfinite(value).all()


def test_of_others_the_actions_count_and_of_oneself_only_where_asked(critic, layout, make_rows):
    observation, action, here = joint(layout, make_rows, 3, 3)
    value = critic(critic.encode(observation), action, here)
    changed = action.clone()
    changed[:, 0] = action[:, 0].roll(1, dims=1)
    moved = critic(critic.encode(observation), changed, here)
    assert torch.equal(moved[:, 0], value[:, 0]) != critic.own_action
    assert not torch.allclose(moved[:, 1:], value[:, 1:])
    if critic.own_action:  # the others see what was played, the agent itself what it would do
        own = critic(critic.encode(observation), action, here, changed)
        torch.testing.assert_close(own[:, 1:], value[:, 1:])
        assert not torch.allclose(own[:, 0], value[:, 0])


def test_absent_agents_do_not_count(critic, layout, make_rows):
    observation, action, here = joint(layout, make_rows, 3, 3)
    here[:, 2] = False
    value = critic(critic.encode(observation), action, here)
    changed = action.clone()
    changed[:, 2] = action[:, 2].roll(1, dims=1)
    torch.testing.assert_close(critic(critic.encode(observation), changed, here)[:, :2], value[:, :2])


def test_latents_of_oneself_and_of_others_count(layout, make_rows):
    critic = JointCritic(layout, width=16, heads=2, latents=3, seed=3)
    observation, action, here = joint(layout, make_rows, 3, 2)
    latent = torch.tensor([[0, 1], [2, 2], [1, 0]])
    value = critic(critic.encode(observation, latent), action, here)
    changed = latent.clone()
    changed[:, 0] = (latent[:, 0] + 1) % 3
    moved = critic(critic.encode(observation, changed), action, here)
    assert not torch.isclose(moved, value).all(dim=2).any()


def test_first_weights_hang_on_the_seed_alone(layout):
    torch.manual_seed(0)
    first = JointCritic(layout, seed=5)
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    second = JointCritic(layout, seed=5)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), second.parameters(), strict=True))
    other = JointCritic(layout, seed=6)
    assert not torch.equal(first.query.weight, other.query.weight)
