from __future__ import annotations

import numpy as np
import pytest
import torch

from games import ActionLayout, InputError
from populations.layout import Field, Layout
from populations.learners import CUT, ENDED, PENDING, PPOSettings, Trajectories
from populations.learners.mra import MRA
from populations.learners.ppo import PPO
from populations.mra import Diversity
from populations.mra.policy import LatentPolicy
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network

pytestmark = pytest.mark.filterwarnings("ignore:the 3 modes are still one")

LAYOUT = Layout(
    {"self": Field((3,), "float32"), "entities": Field((5, 4), "float32"), "entity_mask": Field((5,), "bool")},
    ActionLayout((4,)),
)


def learner(*, latents=3, recurrent=None, settings=None, seed=0, **diversity) -> MRA:
    spec = NetworkSpec(hidden=(16,), recurrent=recurrent, relation=RelationSpec(latents=latents))
    return MRA(Network(spec, LAYOUT, seed=seed), settings, Diversity(warmup=0.0, **diversity), seed=seed)


def played(made, make_rows, count=240, seed=0, reward=None) -> Trajectories:
    """One decision each, of matches that end there, or are cut, or are still open."""
    rows = make_rows(LAYOUT, count, seed=seed, legal=0.8)
    state = made.policy.initial_state(count)
    decision = made.policy.act(rows, state)
    rng = np.random.default_rng(seed)
    earned = rng.standard_normal(count).astype(np.float32) if reward is None else reward(rows, decision)
    follower = np.array([ENDED, CUT, ENDED, PENDING])[np.arange(count) % 4]
    return Trajectories(
        observation=dict(rows.observation),
        mask=rows.mask,
        action=decision.action,
        log_prob=decision.log_prob,
        value=decision.value,
        reward=earned.astype(np.float32),
        next=follower,
        bootstrap=np.where(follower == CUT, 0.3, 0.0).astype(np.float32),
        state=decision.before,
    )


def weights(network):
    return {n: p.detach().clone() for n, p in network.named_parameters()}


def moved(before, network):
    return {n for n, p in network.named_parameters() if not torch.equal(p, before[n])}


def test_step_a_is_ppo_under_the_latents_that_were_played(make_rows) -> None:
    """With one latent there is no step B, and PPO on the same rows gives the same weights, bit for bit."""
    one = learner(latents=1)
    other = PPO(Network(one.network.spec, LAYOUT), seed=0)
    other.network.relational.frozen = False
    other.policy = LatentPolicy(other.network, learns=True)
    batch = played(one, make_rows)
    figures = one.update(batch, 0.5)
    expected = other.update(batch, 0.5)
    assert figures == expected
    assert all(torch.equal(a, b) for a, b in zip(one.network.parameters(), other.network.parameters(), strict=True))


def test_ratios_begin_at_one(make_rows) -> None:
    made = learner(settings=PPOSettings(epochs=1, minibatches=1), relation_rate=0.0, task_rate=0.0)
    figures = made.update(played(made, make_rows), 0.5)
    assert figures["kl"] == pytest.approx(0.0, abs=1e-9)
    assert figures["clipped"] == 0.0


@pytest.mark.parametrize("returns", [False, True])
def test_which_weights_learn_from_what(returns, make_rows) -> None:
    made = learner(returns=returns, relation_rate=0.0, task_rate=0.0)
    before, batch = weights(made.network), played(made, make_rows)
    made.update(batch, 0.5)
    changed = moved(before, made.network)
    phi = {n for n in before if ".key." in n or ".query." in n}
    assert {n for n in before if n.startswith("prior")}.isdisjoint(changed)
    assert phi <= changed if returns else phi.isdisjoint(changed)
    assert "policy_head.weight" in changed
    before = weights(made.network)
    for _ in range(3):
        made.objective.update(
            made.policy.inputs(batch.observation, batch.state),
            batch.state["sizes"],
            batch.mask,
            rng=np.random.default_rng(0),
            progress=0.5,
        )
    assert not moved(before, made.network)


def test_learns_what_pays_in_every_mode(make_rows) -> None:
    """The action that pays is told by `self`."""

    def pays(rows, decision):
        return (decision.action[:, 0] == (rows.observation["self"][:, 0] > 0)).astype(np.float32)

    made = learner(settings=PPOSettings(learning_rate=1e-2))
    for k in range(20):
        made.update(played(made, make_rows, seed=k, reward=pays), k / 20)
    for z in range(3):
        policy = LatentPolicy(made.network, learns=True, latent=z)
        rows = make_rows(LAYOUT, 500, seed=99)
        decision = policy.act(rows, policy.initial_state(500))
        assert pays(rows, decision).mean() > 0.8


def test_figures_of_both_steps(make_rows) -> None:
    made = learner()
    figures = made.update(played(made, make_rows), 0.5)
    assert {
        "policy_loss",
        "entropy",
        "mi",
        "mode_divergence",
        "prior_entropy",
        "task_accuracy",
        "plateau",
    } <= figures.keys()
    assert all(np.isfinite(v) for v in figures.values())


@pytest.mark.parametrize("recurrent", [None, 6])
def test_goes_on_from_a_state_bit_for_bit(recurrent, make_rows) -> None:
    whole, first, second = (learner(recurrent=recurrent, relation_rate=1e-2) for _ in range(3))
    for k in range(4):
        whole.update(played(whole, make_rows, seed=k), k / 4)
    for k in range(2):
        first.update(played(first, make_rows, seed=k), k / 4)
    second.load_state_dict(first.state_dict())
    for k in (2, 3):
        second.update(played(second, make_rows, seed=k), k / 4)
    expected, got = whole.state_dict(), second.state_dict()
    assert expected.keys() == got.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(got[name], values, err_msg=name)


def test_a_frozen_one_plays_on_unchanged(make_rows) -> None:
    made = learner()
    frozen = made.freeze()
    assert type(frozen) is LatentPolicy
    rows = make_rows(LAYOUT, 60)
    before = frozen.act(rows, frozen.initial_state(60)).action
    made.update(played(made, make_rows), 0.5)
    np.testing.assert_array_equal(frozen.act(rows, frozen.initial_state(60)).action, before)
    again = learner(seed=5)
    again.adopt(frozen)
    np.testing.assert_array_equal(again.policy.act(rows, again.policy.initial_state(60)).action, before)


def test_needs_a_relation() -> None:
    with pytest.raises(InputError, match="mra needs a network with a relation"):
        MRA(Network(NetworkSpec(hidden=(16,)), LAYOUT))
