from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from gymnasium import spaces

from games import InputError
from populations.layout import Layout
from populations.mra import Diversity
from populations.mra.information import log_policy, mutual_information
from populations.mra.objective import Objective
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network

K, ROWS = 4, 600

pytestmark = pytest.mark.filterwarnings("ignore:the 4 modes are still one")


def network(game, *, sensitive=True, **relation) -> Network:
    made = Network(NetworkSpec(hidden=(16,), relation=RelationSpec(latents=K, floor=0.1, **relation)), Layout.of(game))
    if sensitive:
        torch.nn.init.normal_(made.policy_head.weight, generator=torch.Generator().manual_seed(1))
    return made


def material(net, seed=0):
    """Rows of three games, of 1, 3 and 5 entities."""
    g = torch.Generator().manual_seed(seed)
    there = torch.tensor([1, 3, 5])[torch.arange(ROWS) % 3]
    seen = {
        "self": torch.randn(ROWS, 3, generator=g),
        "entities": torch.randn(ROWS, 5, 4, generator=g),
        "entity_mask": torch.arange(5) < there.unsqueeze(1),
        "latent": torch.zeros(ROWS, dtype=torch.int64),
    }
    return seen, net.prior.sizes_of(seen).numpy()


def groups(net):
    phi = {id(p) for p in net.relational.relation()}
    psi = {id(p) for p in net.prior.parameters()}
    return {n: "phi" if id(p) in phi else "psi" if id(p) in psi else "theta" for n, p in net.named_parameters()}


def updates(objective, seen, sizes, count, progress=0.5):
    rng = np.random.default_rng(0)
    return [objective.update(seen, sizes, None, rng=rng, progress=progress) for _ in range(count)]


@pytest.mark.parametrize(
    ("rates", "moved"),
    [
        ({"relation_rate": 1e-2, "task_rate": 0.0}, {"phi"}),
        ({"relation_rate": 0.0, "task_rate": 1e-2}, {"psi"}),
        ({"relation_rate": 1e-2, "task_rate": 1e-2}, {"phi", "psi"}),
        ({"relation_rate": 0.0, "task_rate": 0.0}, set()),
    ],
)
def test_each_term_reaches_its_own_weights_and_no_others(rates, moved, entity_game) -> None:
    net = network(entity_game(5))
    before = {n: p.detach().clone() for n, p in net.named_parameters()}
    seen, sizes = material(net)
    updates(Objective(net, Diversity(**rates)), seen, sizes, 3)
    of = groups(net)
    changed = {of[n] for n, p in net.named_parameters() if not torch.equal(p, before[n])}
    assert changed == moved
    assert all(p.grad is None for p in net.parameters())


def test_mutual_information_rises_and_is_the_exact_one(entity_game) -> None:
    net = network(entity_game(5))
    seen, sizes = material(net)
    with torch.no_grad():
        prior = net.prior(torch.from_numpy(sizes))
        expected = float(mutual_information(prior, log_policy(net.modes(seen))).mean())
    found = updates(Objective(net, Diversity(relation_rate=1e-2, rows=ROWS, enough=None)), seen, sizes, 40)
    assert found[0]["mi"] == pytest.approx(expected, rel=1e-4)
    assert found[-1]["mi"] > 3 * found[0]["mi"]
    assert 0.03 < found[-1]["mi"] < math.log(K)
    assert found[-1]["mode_divergence"] > found[0]["mode_divergence"]
    assert found[-1]["plateau"] == 0.0


def test_the_ascent_ends_where_it_is_enough(entity_game) -> None:
    net = network(entity_game(5))
    seen, sizes = material(net)
    settings = Diversity(relation_rate=1e-2, task_rate=0.0, rows=ROWS, enough=0.03)
    found = [f["mi"] for f in updates(Objective(net, settings), seen, sizes, 40)]
    assert found[-1] == pytest.approx(max(found), rel=1e-4)
    assert 0.03 <= found[-1] < 0.045  # the step that passes it is the last one


def test_latents_are_tied_to_games_as_far_as_the_floor_lets_them(entity_game) -> None:
    net = network(entity_game(5))
    seen, sizes = material(net)
    found = updates(Objective(net, Diversity(task_rate=3e-2, relation_rate=0.0, rows=300)), seen, sizes, 80)
    first, last = found[0], found[-1]
    assert first["task_accuracy"] < 0.6
    assert last["task_accuracy"] > 0.8
    assert last["task_accuracy_shuffled"] < last["task_accuracy"] - 0.2
    assert last["task_loss"] < first["task_loss"]
    assert last["prior_entropy"] < first["prior_entropy"]
    floor = 0.1
    top = 1 - floor + floor / K
    least = -top * math.log(top) - (K - 1) * floor / K * math.log(floor / K)
    assert last["prior_entropy"] > least - 1e-4


def test_nothing_moves_during_the_warm_up_but_it_is_measured(entity_game) -> None:
    net = network(entity_game(5))
    before = {n: p.detach().clone() for n, p in net.named_parameters()}
    seen, sizes = material(net)
    (found,) = updates(Objective(net, Diversity(warmup=0.3)), seen, sizes, 1, progress=0.29)
    assert found["mi"] > 0
    assert all(torch.equal(p, before[n]) for n, p in net.named_parameters())


def test_modes_that_stay_one_are_reported_loudly_once(entity_game) -> None:
    net = network(entity_game(5), sensitive=False)
    seen, sizes = material(net)
    objective = Objective(net, Diversity(relation_rate=1e-6))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (early,) = updates(objective, seen, sizes, 1, progress=0.2)
    assert early["plateau"] == 0.0
    with pytest.warns(RuntimeWarning, match="the 4 modes are still one") as caught:
        late = updates(objective, seen, sizes, 3, progress=0.9)
    assert len(caught) == 1
    assert [f["plateau"] for f in late] == [1.0] * 3


def test_one_latent_has_no_objective(entity_game) -> None:
    spec = NetworkSpec(hidden=(16,), relation=RelationSpec(latents=1))
    net = Network(spec, Layout.of(entity_game(5)))
    seen, sizes = material(net)
    before = {n: p.detach().clone() for n, p in net.named_parameters()}
    assert updates(Objective(net, Diversity()), seen, sizes, 2) == [{}, {}]
    assert all(torch.equal(p, before[n]) for n, p in net.named_parameters())


def test_goes_back_to_a_state_bit_for_bit(entity_game) -> None:
    seen, sizes = material(network(entity_game(5)))
    whole, half, again = (network(entity_game(5)) for _ in range(3))
    rng = np.random.default_rng(0)
    run = Objective(whole, Diversity(task_rate=1e-2))
    for _ in range(6):
        run.update(seen, sizes, None, rng=rng, progress=0.5)
    rng = np.random.default_rng(0)
    first = Objective(half, Diversity(task_rate=1e-2))
    for _ in range(3):
        first.update(seen, sizes, None, rng=rng, progress=0.5)
    again.load_state_dict(half.state_dict())
    second = Objective(again, Diversity(task_rate=1e-2), seed=9)
    second.load_state_dict(first.state_dict())
    for _ in range(3):
        second.update(seen, sizes, None, rng=rng, progress=0.5)
    for name, values in run.state_dict().items():
        np.testing.assert_array_equal(second.state_dict()[name], values, err_msg=name)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), again.parameters(), strict=True))


@pytest.mark.parametrize("actions", [spaces.MultiDiscrete([3, 2]), spaces.Box(-1, 1, (2,), np.float32)])
def test_other_actions_are_refused(actions, entity_game) -> None:
    with pytest.raises(InputError, match="modes are told apart by one discrete action"):
        Objective(network(entity_game(5, actions), sensitive=False), Diversity())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"relation_rate": -1.0}, "diversity relation_rate must be at least 0, not -1.0"),
        ({"steps": 0}, "diversity steps must be at least 1, not 0"),
        ({"warmup": 1.5}, "diversity warmup must be from 0 to 1, not 1.5"),
        ({"enough": 0.0}, "diversity enough must be above 0 nats, not 0.0"),
    ],
)
def test_mistakes_are_named(options, message) -> None:
    with pytest.raises(InputError, match=message):
        Diversity(**options)
