from __future__ import annotations

import numpy as np
import pytest
import torch

from games import InputError
from populations import snapshots
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.mra.policy import LatentPolicy, draw
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network
from populations.policy import Policy

K = 3


def policy(layout, *, recurrent=None, **options) -> LatentPolicy:
    spec = NetworkSpec(hidden=(16,), recurrent=recurrent, relation=RelationSpec(latents=K, floor=0.0))
    network = Network(spec, layout)
    torch.nn.init.normal_(network.policy_head.weight, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        network.prior.layers[2].bias += torch.tensor([0.0, 4.0, -4.0])
    return LatentPolicy(network, **options)


@pytest.fixture
def layout(entity_game) -> Layout:
    return Layout.of(entity_game(5))


def test_frequencies_of_latents_follow_the_prior() -> None:
    count, p = 60_000, np.array([0.1, 0.25, 0.65])
    log_prior = np.tile(np.log(p).astype(np.float32), (count, 1))
    z = draw(log_prior, np.arange(count, dtype=np.uint64) // 3, np.arange(count) % 3)
    expected = count * p
    assert (((np.bincount(z, minlength=3) - expected) ** 2) / expected).sum() < 16  # chi-squared, 2 degrees: 3e-4
    pairs = np.bincount(3 * z[::3] + z[1::3], minlength=9) / (count / 3)
    np.testing.assert_allclose(pairs, np.outer(p, p).ravel(), atol=0.02)  # seats of one match draw independently


def test_a_latent_depends_on_match_and_seat_alone(layout, make_rows) -> None:
    made, rows = policy(layout), make_rows(layout, 300)
    assert isinstance(made, Policy)
    first = made.begun(rows, made.initial_state(300))
    assert set(np.unique(first["latent"])) == {0, 1, 2}
    some = np.arange(7, 300, 11)
    alone = made.begun(rows.part(some), made.initial_state(len(some)))
    np.testing.assert_array_equal(alone["latent"], first["latent"][some])
    rows.step = rows.step + 5
    np.testing.assert_array_equal(made.begun(rows, made.initial_state(300))["latent"], first["latent"])
    rows.seat = rows.seat + 1
    assert (made.begun(rows, made.initial_state(300))["latent"] != first["latent"]).any()


@pytest.mark.parametrize("recurrent", [None, 5])
def test_a_latent_stays_for_the_match_and_decisions_tell_it(recurrent, layout, make_rows) -> None:
    made, rows = policy(layout, recurrent=recurrent, learns=True), make_rows(layout, 50)
    start = made.initial_state(50)
    first = made.act(rows, start)
    assert (start["latent"] == -1).all()  # what was given is left alone
    assert (first.before["latent"] >= 0).all()
    np.testing.assert_array_equal(first.state["latent"], first.before["latent"])
    assert first.before.keys() == first.state.keys() == start.keys()
    rows.observation["entity_mask"][:] = False  # all others die: neither latent nor population change
    rows.seed = rows.seed + np.uint64(1)
    second = made.act(rows, first.state)
    for name in ("latent", "sizes"):
        np.testing.assert_array_equal(second.before[name], first.state[name])
        np.testing.assert_array_equal(second.state[name], first.state[name])


def test_decides_by_the_latent_of_each_row(layout, make_rows) -> None:
    made, rows = policy(layout, learns=True), make_rows(layout, 90)
    mixed = made.act(rows, made.initial_state(90))
    latent = mixed.before["latent"]
    for z in range(K):
        fixed = LatentPolicy(made.network, learns=True, latent=z)
        one = fixed.act(rows, fixed.initial_state(90))
        assert (one.state["latent"] == z).all()
        for name in ("action", "log_prob", "value"):
            mine, theirs = getattr(mixed, name)[latent == z], getattr(one, name)[latent == z]
            np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(made.values(rows, made.initial_state(90)), mixed.value, rtol=1e-5)


def test_probabilities_are_averaged_over_latents(layout, make_rows) -> None:
    made, rows = policy(layout), make_rows(layout, 40)
    modes = [LatentPolicy(made.network, latent=z).probabilities(rows) for z in range(K)]
    state = made.begun(rows, made.initial_state(40))
    with torch.inference_mode():
        prior = made.network.prior(torch.from_numpy(state["sizes"])).exp().numpy()
    average = sum(prior[:, z : z + 1] * modes[z] for z in range(K))
    np.testing.assert_allclose(made.probabilities(rows), average, rtol=1e-4)
    known = made.probabilities(rows, state)
    np.testing.assert_allclose(known, np.stack(modes)[state["latent"], np.arange(40)], rtol=1e-4)


def test_a_copy_has_weights_of_its_own(layout, make_rows) -> None:
    made, rows = policy(layout, learns=True, latent=1), make_rows(layout, 30)
    copied = made.copy()
    before = made.act(rows, made.initial_state(30))
    made.network.policy_head.weight.data.zero_()
    after = copied.act(rows, copied.initial_state(30))
    np.testing.assert_array_equal(before.action, after.action)
    assert type(copied) is LatentPolicy
    assert after.value is None


def test_snapshots_keep_all_modes_and_one_may_be_chosen(entity_game, layout, make_rows, tmp_path) -> None:
    game = entity_game(5)
    made, rows = policy(layout), make_rows(layout, 60)
    snapshot = snapshots.save(made, tmp_path, game=game)
    agent = load_agent(f"snapshot:{snapshot.hash}", game, snapshots=tmp_path)
    assert type(agent.policy) is LatentPolicy
    assert agent.hash == snapshot.hash
    mine, theirs = made.act(rows, made.initial_state(60)), agent.policy.act(rows, agent.policy.initial_state(60))
    np.testing.assert_array_equal(mine.action, theirs.action)
    np.testing.assert_array_equal(mine.state["latent"], theirs.state["latent"])
    one = load_agent(f"snapshot:{snapshot.hash}?latent=2", game, snapshots=tmp_path)
    assert one.hash != agent.hash
    assert one.id == f"snapshot:{snapshot.hash}?latent=2"
    assert (one.policy.act(rows, one.policy.initial_state(60)).state["latent"] == 2).all()
    with pytest.raises(InputError, match="a policy's latent must be from 0 to 2, not 3"):
        load_agent(f"snapshot:{snapshot.hash}?latent=3", game, snapshots=tmp_path)


def test_a_network_of_one_mode_has_no_latent_to_choose(entity_game, layout, tmp_path) -> None:
    from populations.neural import NeuralPolicy

    game = entity_game(5)
    plain = snapshots.save(NeuralPolicy(Network(NetworkSpec(hidden=(8,)), layout)), tmp_path, game=game)
    with pytest.raises(InputError, match="has no latent to choose: its network has one mode"):
        load_agent(f"snapshot:{plain.hash}?latent=0", game, snapshots=tmp_path)


def test_plays_larger_populations_than_it_was_made_for(entity_game, layout, make_rows) -> None:
    made, larger = policy(layout), Layout.of(entity_game(47))
    assert made.refuses(entity_game(47)) is None
    rows = make_rows(larger, 12)
    assert made.act(rows, made.initial_state(12)).action.shape == (12, 1)
