from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from gymnasium import spaces

from games import ActionLayout, InputError
from populations import neural
from populations.layout import Layout
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.policy import Policy


def policy(layout, spec=None, **options) -> NeuralPolicy:
    network = Network(spec or NetworkSpec(hidden=(16,)), layout)
    torch.nn.init.normal_(network.policy_head.weight, generator=torch.Generator().manual_seed(1))
    return NeuralPolicy(network, **options)


def test_is_a_policy_that_looks_but_does_not_peek(flat_layout) -> None:
    made = policy(flat_layout())
    assert isinstance(made, Policy)
    assert made.observes
    assert not made.privileged
    assert made.initial_state(3) == {}


def test_actions_depend_on_the_key_and_not_on_the_batch(flat_layout, make_rows) -> None:
    made, rows = policy(flat_layout()), make_rows(flat_layout(), 200, legal=0.5)
    together = made.act(rows, {}).action
    for r in range(0, 200, 17):
        alone = make_rows(flat_layout(), 200, legal=0.5)
        for name in ("mask", "seed", "seat", "step", "slot"):
            setattr(alone, name, getattr(rows, name)[r : r + 1])
        alone.observation = {"x": rows.observation["x"][r : r + 1]}
        assert made.act(alone, {}).action.tolist() == [together[r].tolist()]
    rows.step = rows.step + 1
    assert (made.act(rows, {}).action != together).mean() > 0.2


def test_illegal_actions_are_never_taken(flat_layout, make_rows) -> None:
    rows = make_rows(flat_layout(), 1000, legal=0.3)
    action = policy(flat_layout()).act(rows, {}).action
    assert np.take_along_axis(rows.mask, action, axis=1).all()


def test_only_a_learner_reports_value_and_log_probability(flat_layout, make_rows) -> None:
    rows = make_rows(flat_layout(), 20)
    quiet, learning = policy(flat_layout()).act(rows, {}), policy(flat_layout(), learns=True).act(rows, {})
    assert quiet.log_prob is None
    assert quiet.value is None
    assert learning.log_prob.shape == learning.value.shape == (20,)
    assert learning.log_prob.dtype == learning.value.dtype == np.float32
    np.testing.assert_array_equal(quiet.action, learning.action)


def test_probabilities_are_those_of_the_actions_taken(flat_layout, make_rows) -> None:
    layout = flat_layout(actions=ActionLayout((3, 4)))
    rows = make_rows(layout, 300, legal=0.6)
    made = policy(layout, learns=True, temperature=0.7)
    p, decision = made.probabilities(rows), made.act(rows, {})
    assert p.shape == (300, 7)
    np.testing.assert_allclose(p[:, :3].sum(1), 1.0)
    np.testing.assert_allclose(p[:, 3:].sum(1), 1.0)
    assert not p[~rows.mask].any()
    chosen = np.take_along_axis(p, decision.action + np.array([0, 3]), axis=1)
    np.testing.assert_allclose(np.log(chosen).sum(1), decision.log_prob, atol=1e-5)


def test_greedy_puts_all_probability_on_the_action_it_takes(flat_layout, make_rows) -> None:
    layout = flat_layout(actions=ActionLayout((3, 4)))
    rows, made = make_rows(layout, 100, legal=0.6), policy(layout, greedy=True)
    p, action = made.probabilities(rows), made.act(rows, {}).action
    assert (p.sum(1) == 2.0).all()
    assert np.take_along_axis(p, action + np.array([0, 3]), axis=1).all()


def test_memory_goes_in_and_out(flat_layout, make_rows) -> None:
    made = policy(flat_layout(), NetworkSpec(hidden=(16,), recurrent=5))
    rows, state = make_rows(flat_layout(), 10), made.initial_state(10)
    assert state["hidden"].shape == (10, 5)
    first = made.act(rows, state)
    assert not state["hidden"].any()
    assert first.state["hidden"].all()
    assert not np.allclose(made.probabilities(rows, first.state), made.probabilities(rows))


def test_continuous_actions_stay_in_bounds_and_have_no_table(flat_layout, make_rows) -> None:
    layout = flat_layout(actions=ActionLayout((), 2, np.array([-1, 0], np.float32), np.array([1, 9], np.float32)))
    made = policy(layout, learns=True)
    decision = made.act(make_rows(layout, 500), {})
    assert decision.action.dtype == np.float32
    assert (decision.action >= [-1, 0]).all()
    assert (decision.action <= [1, 9]).all()
    assert np.isfinite(decision.log_prob).all()
    with pytest.raises(ValueError, match="densities, not probabilities"):
        made.probabilities(make_rows(layout, 2))


def test_many_rows_are_evaluated_in_pieces(flat_layout, make_rows, monkeypatch) -> None:
    spec = NetworkSpec(hidden=(16,), recurrent=5)
    made, rows = policy(flat_layout(), spec, learns=True), make_rows(flat_layout(), 500)
    whole = made.act(rows, made.initial_state(500))
    monkeypatch.setattr(neural, "_ACTIVATIONS", 1)
    pieces = made.act(rows, made.initial_state(500))
    np.testing.assert_allclose(pieces.value, whole.value, atol=1e-6)
    np.testing.assert_allclose(pieces.log_prob, whole.log_prob, atol=1e-5)
    np.testing.assert_allclose(pieces.state["hidden"], whole.state["hidden"], atol=1e-6)


def test_fewer_entities_than_in_the_layout(entity_game, make_rows) -> None:
    """A vector built for few seats shows fewer entities than the game can have."""
    rows = make_rows(Layout.of(entity_game(3)), 20)
    for kind in ("auto", "mlp"):
        made = policy(Layout.of(entity_game(7)), NetworkSpec(kind=kind, hidden=(16,)))
        assert made.act(rows, {}).action.shape == (20, 1)
        assert made.refuses(entity_game(3)) is None
    assert "was made for" in made.refuses(entity_game(8))


def test_refuses_other_games(flat_layout, shape) -> None:
    made = policy(flat_layout(7))
    x = {"x": spaces.Box(-np.inf, np.inf, (7,), np.float32)}
    assert made.refuses(shape(x, spaces.Discrete(4))) is None
    assert "sizes [5]" in made.refuses(shape(x, spaces.Discrete(5)))


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan])
def test_a_temperature_must_be_above_0(temperature, flat_layout) -> None:
    with pytest.raises(InputError, match="temperature must be above 0"):
        policy(flat_layout(), temperature=temperature)


def test_a_copy_has_its_own_weights(flat_layout, make_rows) -> None:
    made, rows = policy(flat_layout(), learns=True, temperature=0.5), make_rows(flat_layout(), 50)
    copy, before = made.copy(), made.act(rows, {}).action
    torch.nn.init.normal_(made.network.policy_head.bias, std=9.0)
    assert not copy.learns
    np.testing.assert_array_equal(copy.act(rows, {}).action, before)
    assert not np.array_equal(made.act(rows, {}).action, before)
