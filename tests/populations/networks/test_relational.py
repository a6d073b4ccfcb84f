from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from games import ActionLayout, InputError
from populations.layout import Field, Layout
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network
from populations.networks.relational import RelationalEncoder

LAYOUT = Layout(
    {"self": Field((3,), "float32"), "entities": Field((5, 4), "float32"), "entity_mask": Field((5,), "bool")},
    ActionLayout((6,)),
)
K = 4
SPECS = {
    "all": RelationSpec(latents=K, heads=1),
    "agents": RelationSpec(latents=K, heads=1, kinds=(0, 2), among="agents"),
    "common": RelationSpec(latents=K, common=True),
    "several heads": RelationSpec(latents=K, heads=3, kinds=(1,), among="agents"),
}


def network(spec: RelationSpec, seed: int = 0) -> Network:
    made = Network(NetworkSpec(hidden=(16,), relation=spec), LAYOUT, seed=seed)
    torch.nn.init.normal_(made.policy_head.weight, generator=torch.Generator().manual_seed(seed))
    return made


def observe(rows: int, entities: int, seed: int = 0) -> dict[str, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    return {
        "self": torch.randn(rows, 3, generator=g),
        "entities": torch.randn(rows, entities, 4, generator=g),
        "entity_mask": torch.rand(rows, entities, generator=g) < 0.7,
        "latent": torch.randint(0, K, (rows,), generator=g),
    }


def by_hand(e: RelationalEncoder, own, entities, z) -> torch.Tensor:
    """The chosen graph's part of one row, with plain loops over the agents that are there."""
    width = e.entity.second.out_features
    if not len(entities):
        return torch.zeros(width * e.spec.heads)
    value = [torch.relu(e.entity.second(torch.relu(e.entity.of_entity(x) + e.entity.of_self(own)))) for x in entities]
    parts = []
    for key in e.key(own).view(K, e.spec.heads, 16)[z]:
        weight = [torch.exp(key @ e.query(x) / 4) for x in entities]
        parts.append(sum(w * v for w, v in zip(weight, value, strict=True)) / sum(weight))
    return torch.cat(parts)


@pytest.mark.parametrize("name", SPECS)
@settings(derandomize=True, deadline=None, max_examples=10)
@given(entities=st.integers(0, 7), seed=st.integers(0, 99))
def test_agrees_with_loops_over_the_agents_that_are_there(name, entities, seed) -> None:
    e, seen = network(SPECS[name]).relational, observe(4, entities, seed)
    result = e(seen)
    width = e.entity.second.out_features
    for r in range(4):
        there = seen["entity_mask"][r].clone()
        if e.spec.among == "agents":
            there &= (seen["entities"][r][:, list(e.spec.kinds)] > 0).any(dim=1)
        expected = by_hand(e, seen["self"][r], seen["entities"][r][there], int(seen["latent"][r]))
        torch.testing.assert_close(result[r, -len(expected) :], expected, atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(result[r, :width], torch.tanh(e.own(seen["self"][r])))


@pytest.mark.parametrize("name", SPECS)
def test_permuting_others_permutes_the_graph_and_leaves_the_logits(name) -> None:
    net, seen = network(SPECS[name]), observe(9, 5)
    order = torch.tensor([3, 0, 4, 1, 2])
    shuffled = seen | {n: seen[n][:, order] for n in ("entities", "entity_mask")}
    torch.testing.assert_close(net.relational.graph(shuffled), net.relational.graph(seen)[:, :, order])
    torch.testing.assert_close(net(shuffled).policy, net(seen).policy)
    torch.testing.assert_close(net(shuffled).value, net(seen).value)


@pytest.mark.parametrize("name", SPECS)
def test_padding_does_not_matter(name) -> None:
    net, seen = network(SPECS[name]), observe(9, 5)
    padded = seen | {
        "entities": torch.cat([seen["entities"], torch.full((9, 3, 4), 1e6)], dim=1),
        "entity_mask": torch.cat([seen["entity_mask"], torch.zeros(9, 3, dtype=torch.bool)], dim=1),
    }
    torch.testing.assert_close(net(padded).policy, net(seen).policy)
    graph = net.relational.graph(padded)
    torch.testing.assert_close(graph[:, :, :5], net.relational.graph(seen))
    assert not graph[:, :, 5:].any()


@pytest.mark.parametrize("name", SPECS)
def test_the_same_weights_run_for_any_population(name) -> None:
    net = network(SPECS[name])
    for entities in (1, 2, 5, 8, 17, 47):
        seen = observe(6, entities, seed=entities)
        output = net(seen)
        assert output.policy.shape == (6, 6)
        assert torch.isfinite(output.policy).all()
        total = net.relational.graph(seen).sum(dim=2)
        torch.testing.assert_close(total, total.round())  # 1, or 0 where nobody is there


@pytest.mark.parametrize("name", SPECS)
def test_alone_the_graph_is_empty_and_every_mode_is_the_same(name) -> None:
    net = network(SPECS[name])
    seen = observe(4, 5)
    seen["entity_mask"][:] = False
    assert not net.relational.graph(seen).any()
    modes = net.modes(seen)
    torch.testing.assert_close(modes, modes[:, :1].expand_as(modes))
    assert (modes[0, 0] - modes[1, 0]).abs().max() > 1e-3  # but it knows its own state
    nobody = observe(4, 0)
    torch.testing.assert_close(net(nobody).policy, net(seen | {"self": nobody["self"]}).policy)


@pytest.mark.parametrize("name", SPECS)
def test_all_modes_in_one_pass_are_the_modes_one_by_one(name) -> None:
    net, seen = network(SPECS[name]), observe(9, 5)
    modes = net.modes(seen)
    assert modes.shape == (9, K, 6)
    for z in range(K):
        one = net(seen | {"latent": torch.full((9,), z)})
        torch.testing.assert_close(modes[:, z], one.policy, atol=1e-5, rtol=1e-4)
    assert (modes[:, 0] - modes[:, 1]).abs().max() > 1e-3


def test_modes_of_a_network_with_memory() -> None:
    net = Network(NetworkSpec(hidden=(16,), recurrent=5, relation=SPECS["all"]), LAYOUT)
    seen, hidden = observe(9, 5), torch.randn(9, 5)
    modes = net.modes(seen, hidden)
    for z in range(K):
        one = net(seen | {"latent": torch.full((9,), z)}, hidden)
        torch.testing.assert_close(modes[:, z], one.policy, atol=1e-6, rtol=1e-4)


def test_a_frozen_graph_takes_no_gradient_and_another_does() -> None:
    net, seen = network(SPECS["all"]), observe(9, 5)
    phi = net.relational.relation()
    loss = net(seen).policy.square().sum()
    assert all(g is None for g in torch.autograd.grad(loss, phi, allow_unused=True))
    net.relational.frozen = False
    loss = net(seen).policy.square().sum()
    assert all(g.abs().max() > 0 for g in torch.autograd.grad(loss, phi))


def test_the_graph_begins_as_xavier_says() -> None:
    key, query = network(SPECS["all"]).relational.key, network(SPECS["all"]).relational.query
    for layer in (key[0], key[2], query[0], query[2]):
        bound = (6 / (layer.in_features + layer.out_features)) ** 0.5
        assert 0.9 * bound < layer.weight.abs().max() <= bound
        assert not layer.bias.any()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"relation": {"latents": 0}}, "network relation latents must be at least 1, not 0"),
        ({"relation": {"heads": 0}}, "network relation heads must be at least 1, not 0"),
        ({"relation": {"among": "agents"}}, "among agents needs kinds"),
        ({"relation": {"among": "agent"}}, "network relation among must be one of all, agents, not 'agent'"),
        ({"relation": {"kinds": [1, 1]}}, "kinds must be different columns from 0, not [1, 1]"),
        ({"relation": {"roles": [-1]}}, "roles must be different columns from 0, not [-1]"),
        ({"relation": {"floor": 1.5}}, "floor must be from 0 to 1, not 1.5"),
        ({"relation": {"latent": 3}}, "a network's relation has no 'latent'; did you mean 'latents'?"),
        ({"relation": {}, "kind": "mlp"}, "network relation needs kind auto, not mlp"),
        ({"relation": {}, "hyper": 2}, "relation and hyper are two ways"),
    ],
)
def test_mistakes_are_named(options, message) -> None:
    with pytest.raises(InputError) as error:
        NetworkSpec.from_json(options)
    assert message in str(error.value)


def test_columns_and_games_that_do_not_fit_are_refused() -> None:
    flat = Layout({"x": Field((7,), "float32")}, ActionLayout((4,)))
    with pytest.raises(InputError, match="needs a game that shows self, entities and entity_mask"):
        Network(NetworkSpec(relation=RelationSpec()), flat)
    with pytest.raises(InputError, match=r"relation kinds has column 4, and entities have the columns 0 to 3"):
        Network(NetworkSpec(relation=RelationSpec(kinds=(0, 4))), LAYOUT)
    with pytest.raises(InputError, match=r"relation roles has column 3, and self has the columns 0 to 2"):
        Network(NetworkSpec(relation=RelationSpec(roles=(3,))), LAYOUT)


def test_goes_through_json_and_back() -> None:
    spec = NetworkSpec(relation=RelationSpec(latents=3, heads=2, kinds=(0, 1), roles=(2,), common=True, floor=0.5))
    assert NetworkSpec.from_json(spec.to_json()) == spec
    assert "relation" not in NetworkSpec().to_json()
