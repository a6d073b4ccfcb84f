from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from games import ActionLayout, InputError
from populations.layout import Field, Layout
from populations.learners import CUT, ENDED, PENDING, Ahead, Trajectories
from populations.learners.central import CentralValue, groups
from populations.learners.learner import LooksAhead
from populations.learners.mra import MRA
from populations.mra import Diversity
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network

LAYOUT = Layout(
    {"self": Field((3,), "float32"), "entities": Field((4, 4), "float32"), "entity_mask": Field((4,), "bool")},
    ActionLayout((4,)),
)
SIZES = [1, 3, 2, 3] * 15  # agents of each match
FOLLOWS = [ENDED, CUT, PENDING, ENDED] * 15  # after its decision


def batch(make_rows, seed=0) -> Trajectories:
    """One joint decision of each match, rows in no order."""
    rng = np.random.default_rng(seed)
    match = rng.permutation(np.repeat(np.arange(len(SIZES)), SIZES))
    rows, after = make_rows(LAYOUT, len(match), seed=seed), make_rows(LAYOUT, len(match), seed=seed + 1)
    follower = np.array(FOLLOWS)[match]
    cut = np.flatnonzero(follower == CUT)
    return Trajectories(
        observation=dict(rows.observation), mask=None, action=np.zeros((len(match), 1), np.int32),
        log_prob=np.full(len(match), -1.4, np.float32), value=np.zeros(len(match), np.float32),
        reward=np.zeros(len(match), np.float32), next=follower, bootstrap=np.zeros(len(match), np.float32),
        state={"latent": rng.integers(0, 3, len(match)), "sizes": np.zeros((len(match), 1), np.float32)},
        match=match, step=match % 5, ahead=Ahead(cut, {n: x[cut] for n, x in after.observation.items()}, None),
    )  # fmt: skip


def test_groups_are_the_rows_with_all_keys_in_common() -> None:
    match, step = np.array([7, 3, 7, 7, 3, 7]), np.array([1, 0, 2, 1, 0, 1])
    found = sorted(tuple(line[line >= 0]) for line in groups(step, match))
    assert found == [(0, 3, 5), (1, 4), (2,)]
    assert groups(step, match).shape == (3, 3)
    assert groups(np.zeros(0, np.int64)).shape == (0, 0)


def test_a_value_depends_on_the_match_and_on_nothing_beside_it(make_rows) -> None:
    central, made = CentralValue(LAYOUT, width=16, latents=3), batch(make_rows)
    value = central.judged(made).value
    one = np.flatnonzero(made.match == 3)
    lone = groups(made.step[one], made.match[one])
    alone = central._values({n: x[one] for n, x in made.observation.items()}, made.state["latent"][one], lone)
    np.testing.assert_allclose(alone, value[one], rtol=1e-4, atol=1e-5)
    for what in ("self", "latent"):
        changed = batch(make_rows)
        (changed.state if what == "latent" else changed.observation)[what][one[0]] += 1
        if what == "latent":
            changed.state["latent"] %= 3
        moved = np.abs(central.judged(changed).value - value) > 1e-6
        assert moved[one].all()  # its team-mates see it
        assert not moved[made.match != 3].any()


def test_bootstraps_are_values_of_what_was_seen_after_cuts(make_rows) -> None:
    central, made = CentralValue(LAYOUT, width=16, latents=3), batch(make_rows)
    judged = central.judged(made)
    cut = made.next == CUT
    assert (judged.bootstrap[~cut] == 0).all()
    seen = replace(made, observation={n: x.copy() for n, x in made.observation.items()})
    for name, values in made.ahead.observation.items():
        seen.observation[name][made.ahead.row] = values
    np.testing.assert_allclose(judged.bootstrap[cut], central.judged(seen).value[cut], rtol=1e-4, atol=1e-5)


def test_learns_what_only_all_together_see(make_rows) -> None:
    """What the match is worth is the mean of a number that each agent sees of itself alone."""

    def worth(made):
        total = np.bincount(made.match, made.observation["self"][:, 0]) / np.bincount(made.match)
        return total[made.match].astype(np.float32)

    central = CentralValue(LAYOUT, width=16, latents=3)
    for k in range(60):
        made = batch(make_rows, seed=2 * k)
        options = {"epochs": 2, "minibatches": 2, "rate": 1e-2, "gradient_norm": 1.0}
        central.learn(made, worth(made), made.next != PENDING, rng=np.random.default_rng(k), **options)
    made = batch(make_rows, seed=1001)
    counts = np.array(SIZES)[made.match] > 1
    error = (central.judged(made).value - worth(made))[counts]
    assert np.var(error) < 0.3 * np.var(worth(made)[counts])


def test_needs_to_know_who_decided_together(make_rows) -> None:
    with pytest.raises(InputError, match="needs batches that tell match and step"):
        CentralValue(LAYOUT).judged(replace(batch(make_rows), step=None))


def learner(critic="central") -> MRA:
    spec = NetworkSpec(hidden=(16,), relation=RelationSpec(latents=3))
    return MRA(Network(spec, LAYOUT), None, Diversity(warmup=1.0), critic=critic)


def test_mra_learns_by_it_and_goes_on_from_a_state_bit_for_bit(make_rows) -> None:
    assert isinstance(learner(), LooksAhead)
    assert learner().looks_ahead
    assert not learner("own").looks_ahead
    whole, first, second = learner(), learner(), learner()
    start = {n: w.clone() for n, w in whole.central.critic.state_dict().items()}
    for k in range(4):
        assert "central_value_loss" in whole.update(batch(make_rows, seed=k), k / 4)
    assert any(not torch.equal(w, start[n]) for n, w in whole.central.critic.state_dict().items())
    for k in range(2):
        first.update(batch(make_rows, seed=k), k / 4)
    second.load_state_dict(first.state_dict())
    for k in (2, 3):
        second.update(batch(make_rows, seed=k), k / 4)
    expected, got = whole.state_dict(), second.state_dict()
    assert expected.keys() == got.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(got[name], values, err_msg=name)
