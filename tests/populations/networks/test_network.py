from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from games import ActionLayout
from populations.layout import Field, Layout
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import tensors


def flat(width: int = 7, actions: int = 4) -> Layout:
    return Layout({"x": Field((width,), "float32")}, ActionLayout((actions,)))


@pytest.mark.parametrize("shared", [False, True])
def test_mlp_is_the_plain_stack_of_its_layers(shared) -> None:
    network = Network(NetworkSpec(hidden=(8, 5), shared=shared), flat())
    x = torch.randn(11, 7)
    output = network({"x": x})

    def plain(torso, head):
        first, _, second, _ = torso
        return nn.Sequential(first, nn.Tanh(), second, nn.Tanh(), head)

    policy = plain(network.torso, network.policy_head)
    value = plain(network.torso if shared else network.value_torso, network.value_head)
    torch.testing.assert_close(output.policy, policy(x))
    torch.testing.assert_close(output.value, value(x)[:, 0])
    assert output.hidden is None
    assert network({"x": x}, values=False).value is None


def test_weights_are_orthogonal_with_their_gains_and_the_same_for_a_seed() -> None:
    network = Network(NetworkSpec(), flat(71, 5), seed=3)
    for layer, gain in ((network.torso[2], math.sqrt(2)), (network.policy_head, 0.01), (network.value_head, 1.0)):
        gram = layer.weight @ layer.weight.T
        torch.testing.assert_close(gram, gain**2 * torch.eye(len(gram)), atol=1e-5, rtol=1e-5)
        assert not layer.bias.any()
    again, other = Network(NetworkSpec(), flat(71, 5), seed=3), Network(NetworkSpec(), flat(71, 5), seed=4)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))
    assert not torch.equal(network.torso[0].weight, other.torso[0].weight)


def test_building_one_leaves_the_global_generator_alone() -> None:
    before = torch.get_rng_state()
    Network(NetworkSpec(recurrent=4), flat())
    assert torch.equal(before, torch.get_rng_state())


def test_the_first_policy_is_almost_uniform(make_rows) -> None:
    layout = flat(71, 5)
    output = Network(NetworkSpec(), layout)(tensors_of(layout, make_rows(layout, 50)))
    assert output.policy.abs().max() < 0.1


def tensors_of(layout, rows):
    return {name: torch.from_numpy(array) for name, array in rows.observation.items()}


def test_several_arrays_are_laid_side_by_side_in_the_order_of_their_names(shape) -> None:
    game = shape(
        {
            "b": spaces.Box(0, 255, (2, 2), np.uint8),
            "a": spaces.Box(-1, 1, (), np.float32),
            "c": spaces.Box(0, 4, (1,), np.int32),
        },
        spaces.Discrete(2),
    )
    encoder = Network(NetworkSpec(kind="mlp"), Layout.of(game)).encoders[0]
    observation = {
        "a": torch.tensor([0.5]),
        "b": torch.tensor([[[0, 51], [102, 255]]], dtype=torch.uint8),
        "c": torch.tensor([[3]], dtype=torch.int32),
    }
    torch.testing.assert_close(encoder(observation), torch.tensor([[0.5, 0.0, 0.2, 0.4, 1.0, 0.75]]))


def test_auto_chooses_encoders_by_shape(entity_game) -> None:
    game = entity_game(
        planes=spaces.Box(0, 1, (2, 6, 7), np.float32),
        view=spaces.Box(0, 255, (64, 48, 3), np.uint8),
        goal=spaces.Box(0, 1, (3,), np.float32),
    )
    network = Network(NetworkSpec(hidden=(16,)), Layout.of(game))
    assert [type(e).__name__ for e in network.encoders] == ["EntityEncoder", "PlanesEncoder", "PlanesEncoder", "Flat"]
    assert network.encoders[3].width == 3 + 3  # goal and self
    plain = Network(NetworkSpec(kind="mlp", hidden=(16,)), Layout.of(game))
    assert [type(e).__name__ for e in plain.encoders] == ["Flat"]
    assert plain.encoders[0].width == 3 + 3 + 5 * 4 + 5 + 2 * 6 * 7 + 64 * 48 * 3


def test_mlp_pads_missing_entities_with_zeros_and_refuses_more(entity_game, make_rows) -> None:
    layout = Layout.of(entity_game(5))
    network = Network(NetworkSpec(kind="mlp"), layout)
    full = tensors_of(layout, make_rows(layout, 9))
    full["entities"][:, 3:] = 0
    full["entity_mask"][:, 3:] = False
    short = full | {"entities": full["entities"][:, :3], "entity_mask": full["entity_mask"][:, :3]}
    torch.testing.assert_close(network(short).policy, network(full).policy)
    longer = full | {"entities": torch.zeros(9, 6, 4)}
    with pytest.raises(ValueError, match="'entities' holds 6 entities, but this network's width is made for 5"):
        network(longer)


def test_continuous_actions_get_means_in_their_own_units() -> None:
    low, high = np.array([0.0, -np.inf], np.float32), np.array([10.0, 3.0], np.float32)
    network = Network(NetworkSpec(), Layout({"x": Field((7,), "float32")}, ActionLayout((), 2, low, high)))
    mean = network({"x": torch.randn(6, 7)}).policy
    assert mean.shape == (6, 2)
    torch.testing.assert_close(mean, torch.tensor([5.0, 0.0]).expand(6, 2), atol=0.5, rtol=0.0)
    torch.testing.assert_close(network.log_std().exp(), torch.tensor([2.5, 0.5]))
    assert "centre" not in network.state_dict()


def test_memory_unrolled_over_sequences_equals_memory_stepped(make_rows) -> None:
    layout = flat()
    network = Network(NetworkSpec(recurrent=6), layout)
    lengths = [4, 1, 3]
    sequence = torch.tensor([s for s, n in enumerate(lengths) for _ in range(n)])
    position = torch.tensor([t for n in lengths for t in range(n)])
    x, start = torch.randn(8, 7), torch.randn(3, 6)
    together = network.unroll({"x": x}, start, sequence, position)
    row = 0
    for s, n in enumerate(lengths):
        hidden = start[s : s + 1]
        for _ in range(n):
            policy, value, hidden = network({"x": x[row : row + 1]}, hidden)
            torch.testing.assert_close(together.policy[row : row + 1], policy)
            torch.testing.assert_close(together.value[row : row + 1], value)
            row += 1


def test_any_layout_takes_no_rows_at_all(entity_game, make_rows) -> None:
    layout = Layout.of(
        entity_game(planes=spaces.Box(0, 1, (2, 3, 3), np.float32), bit=spaces.Box(0, 1, (), np.float32))
    )
    for kind in ("auto", "mlp"):
        network = Network(NetworkSpec(kind=kind), layout)
        output = network(tensors(make_rows(layout, 0).observation, network))
        assert output.policy.shape == (0, 6)
        assert output.value.shape == (0,)
