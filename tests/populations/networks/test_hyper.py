from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from gymnasium import spaces

from games import InputError
from populations import snapshots
from populations.layout import Layout
from populations.learners import ENDED, Trajectories
from populations.learners.ppo import PPO
from populations.networks import NetworkSpec
from populations.networks.hyper import SizedTorso
from populations.networks.network import Network
from populations.neural import NeuralPolicy, tensors

SPEC = NetworkSpec(hidden=(16, 8), hyper=4)


def sized(rows: int, size: int) -> torch.Tensor:
    return torch.full((rows, 1), math.log1p(size))


def weights_for(torso: SizedTorso, size: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The weight matrix and bias of each layer as one matrix for this size: what the factors stand for."""
    code = torch.tanh(torch.tensor([math.log2(1 + size) - k for k in range(1, 7)]))
    made = torso.made(torch.tanh(torso.code(code)))
    found, at = [], 0
    for layer, down, up in zip(torso.layers, torso.down, torso.up, strict=True):
        rank, width = down.out_features, layer.out_features
        scale, shift = made[at : at + rank], made[at + rank : at + rank + width]
        at += rank + width
        found.append((layer.weight + up.weight @ torch.diag(scale) @ down.weight, layer.bias + shift))
    assert at == len(made)
    return found


def test_every_size_has_plain_layers_with_weights_of_its_own() -> None:
    torch.manual_seed(0)
    torso = SizedTorso(5, (7, 3), 2)
    x = torch.randn(9, 5)
    seen = []
    for size in (2, 3, 12, 48):
        expected = x
        for weight, bias in weights_for(torso, size):
            expected = torch.tanh(expected @ weight.T + bias)
        torch.testing.assert_close(torso(x, sized(9, size)), expected)
        seen.append(expected)
    assert not any(torch.allclose(a, b, atol=1e-3) for a, b in itertools.pairwise(seen))


def test_sizes_may_be_mixed_in_a_batch() -> None:
    torso = SizedTorso(5, (7, 3), 2)
    x, sizes = torch.randn(6, 5), torch.tensor([3, 9, 3, 48, 9, 2])
    together = torso(x, torch.log1p(sizes.float()).unsqueeze(1))
    for r, size in enumerate(sizes.tolist()):
        torch.testing.assert_close(together[r : r + 1], torso(x[r : r + 1], sized(1, size)))


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("recurrent", [None, 6])
def test_the_size_is_the_number_of_entities_that_are_there(shared, recurrent, entity_game, make_rows) -> None:
    layout = Layout.of(entity_game())
    spec = NetworkSpec(hidden=(8,), hyper=4, shared=shared, recurrent=recurrent)
    network = Network(spec, layout)
    observation = tensors(make_rows(layout, 20).observation, network)
    hidden = None if recurrent is None else torch.zeros(20, recurrent)
    seen = []
    network.torso.register_forward_pre_hook(lambda _, given: seen.append(given[1]))
    network(observation, hidden)
    torch.testing.assert_close(seen[0][:, 0], torch.log1p(observation["entity_mask"].sum(1).float()))
    if recurrent is not None:
        row = torch.arange(20)
        network.unroll(observation, hidden, row, torch.zeros(20, dtype=torch.int64))
        torch.testing.assert_close(seen[1], seen[0])


def test_plays_more_entities_than_it_was_made_for(entity_game, make_rows) -> None:
    small, large = Layout.of(entity_game(5)), Layout.of(entity_game(40))
    network = Network(SPEC, small)
    rows = make_rows(large, 10)
    output = network({n: torch.from_numpy(x) for n, x in rows.observation.items()})
    assert torch.isfinite(output.policy).all()


def test_learns_comes_back_bit_for_bit_and_its_snapshots_load(entity_game, make_rows, tmp_path) -> None:
    game = entity_game()
    layout = Layout.of(game)
    first, second = (PPO(Network(SPEC, layout, seed=k), seed=0) for k in (0, 1))

    def step(learner: PPO, seed: int) -> None:
        rows = make_rows(layout, 64, seed=seed)
        made = learner.policy.act(rows, {})
        reward = np.random.default_rng(seed).normal(size=64).astype(np.float32)
        ended, nothing = np.full(64, ENDED), np.zeros(64, np.float32)
        batch = Trajectories(
            dict(rows.observation), None, made.action, made.log_prob, made.value, reward, ended, nothing
        )
        learner.update(batch, 0.0)

    before = {n: w.detach().clone() for n, w in first.network.named_parameters()}
    step(first, 0)
    unmoved = [n for n, w in first.network.named_parameters() if torch.equal(w, before[n])]
    assert not unmoved
    second.load_state_dict(first.state_dict())
    step(first, 1)
    step(second, 1)
    mine, theirs = first.state_dict(), second.state_dict()
    assert all(np.array_equal(mine[n], theirs[n]) for n in mine)
    frozen = first.freeze()
    loaded = snapshots.load(tmp_path, snapshots.save(frozen, tmp_path, game=game).hash, game=game).policy
    rows = make_rows(layout, 50, seed=2)
    assert isinstance(loaded, NeuralPolicy)
    np.testing.assert_array_equal(loaded.probabilities(rows), frozen.probabilities(rows))


def test_games_without_entities_are_refused(shape) -> None:
    layout = Layout.of(shape({"x": spaces.Box(-1, 1, (3,), np.float32)}, spaces.Discrete(2)))
    with pytest.raises(InputError, match="goes by the number of entities, and the seats of this game see none"):
        Network(SPEC, layout)
