from __future__ import annotations

import numpy as np
import pytest
import torch
from gymnasium import spaces

from games import ActionLayout
from populations.layout import Layout
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.policy import Rows
from populations.stacked import StackedPolicies, architecture


def policies(spec, layout, count, **options) -> list[NeuralPolicy]:
    networks = [Network(spec, layout, seed=seed) for seed in range(count)]
    for network in networks:  # a first policy is almost uniform: make them differ
        torch.nn.init.normal_(network.policy_head.weight, generator=torch.Generator().manual_seed(int(network.largest)))
        torch.nn.init.normal_(network.policy_head.bias)
    return [NeuralPolicy(network, **options) for network in networks]


def subset(rows: Rows, chosen) -> Rows:
    mask = None if rows.mask is None else rows.mask[chosen]
    observation = {name: array[chosen] for name, array in rows.observation.items()}
    return Rows(observation, mask, rows.seed[chosen], rows.seat[chosen], rows.step[chosen], rows.slot[chosen])


def one_by_one(members, rows, state, member):
    action, hidden = None, {}
    for k, policy in enumerate(members):
        mine = np.flatnonzero(member == k)
        decision = policy.act(subset(rows, mine), {n: x[mine] for n, x in state.items()})
        if action is None:
            action = np.zeros((len(rows), decision.action.shape[1]), decision.action.dtype)
            hidden = {n: np.zeros((len(rows), *x.shape[1:]), x.dtype) for n, x in decision.state.items()}
        action[mine] = decision.action
        for name, array in decision.state.items():
            hidden[name][mine] = array
    return action, hidden


SPECS = {
    "mlp": NetworkSpec(kind="mlp"),
    "shared": NetworkSpec(kind="mlp", shared=True),
    "attention": NetworkSpec(hidden=(16, 8)),
    "mean": NetworkSpec(hidden=(16,), pooling="mean"),
    "sized": NetworkSpec(hidden=(16, 8), hyper=4),
    "memory": NetworkSpec(hidden=(16,), recurrent=12),
}


@pytest.mark.parametrize("spread", ["even", "one member has most", "some have none"])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_decides_as_its_members_do(spec, spread, entity_game, make_rows) -> None:
    layout = Layout.of(entity_game(planes=spaces.Box(0, 1, (2, 12, 5), np.float32)))
    members = policies(spec, layout, 5)
    rows = make_rows(layout, 200, legal=0.6)
    rng = np.random.default_rng(0)
    share = {
        "even": [0.2] * 5,
        "one member has most": [0.05, 0.8, 0.05, 0.05, 0.05],
        "some have none": [0.5, 0, 0.5, 0, 0],
    }
    member = rng.choice(5, 200, p=share[spread])
    state = {n: rng.normal(size=x.shape).astype(np.float32) for n, x in members[0].initial_state(200).items()}
    action, hidden = one_by_one(members, rows, state, member)
    decision = StackedPolicies(members).act(rows, state, member)
    assert (decision.action == action).mean() > 0.99  # rounding may turn one in many draws
    assert len({tuple(action[member == k][:3, 0]) for k in set(member)}) > 1
    assert decision.state.keys() == hidden.keys()
    for name in hidden:
        np.testing.assert_allclose(decision.state[name], hidden[name], atol=1e-5)


def test_continuous_members_keep_their_own_deviations(make_rows, flat_layout) -> None:
    layout = flat_layout(actions=ActionLayout((), 2, np.full(2, -1.0, np.float32), np.full(2, 1.0, np.float32)))
    members = policies(NetworkSpec(), layout, 3)
    for k, policy in enumerate(members):
        torch.nn.init.constant_(policy.network.raw_log_std, -2.0 * k)
    rows, member = make_rows(layout, 60), np.arange(60) % 3
    action, _ = one_by_one(members, rows, {}, member)
    np.testing.assert_allclose(StackedPolicies(members).act(rows, {}, member).action, action, atol=1e-5)


def test_greedy_members_stay_greedy(make_rows, flat_layout) -> None:
    members = policies(NetworkSpec(), flat_layout(), 3, greedy=True)
    rows, member = make_rows(flat_layout(), 60), np.arange(60) % 3
    action, _ = one_by_one(members, rows, {}, member)
    np.testing.assert_array_equal(StackedPolicies(members).act(rows, {}, member).action, action)


def test_no_rows_no_actions(make_rows, flat_layout) -> None:
    stacked = StackedPolicies(policies(NetworkSpec(), flat_layout(), 2))
    assert stacked.act(make_rows(flat_layout(), 0), {}, np.zeros(0, np.int64)).action.shape == (0, 1)


def test_only_one_architecture_can_be_stacked(flat_layout) -> None:
    (a,), (b,) = policies(NetworkSpec(), flat_layout(), 1), policies(NetworkSpec(shared=True), flat_layout(), 1)
    (c,), (d,) = policies(NetworkSpec(), flat_layout(), 1, greedy=True), policies(NetworkSpec(), flat_layout(), 1)
    assert architecture(a) == architecture(d)
    assert len({architecture(p) for p in (a, b, c)}) == 3
    with pytest.raises(ValueError, match="must be of one architecture"):
        StackedPolicies([a, b])
