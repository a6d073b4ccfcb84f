from __future__ import annotations

import numpy as np
import pytest

from games import InputError
from populations.layout import Layout
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.policy import Decision, Failure
from populations.team import Team


def policies(layout, recurrent, count=3) -> list[NeuralPolicy]:
    spec = NetworkSpec(hidden=(8,), recurrent=recurrent)
    return [NeuralPolicy(Network(spec, layout, seed=seed), greedy=True) for seed in range(count)]


@pytest.mark.parametrize("recurrent", [None, 5])
def test_each_seat_has_the_policy_of_its_number(recurrent, entity_game, make_rows) -> None:
    layout = Layout.of(entity_game())
    members, rows = policies(layout, recurrent), make_rows(layout, 60, legal=0.5)
    team = Team(members)
    state = {
        n: np.random.default_rng(0).normal(size=x.shape).astype(x.dtype) for n, x in team.initial_state(60).items()
    }
    decision = team.act(rows, state)
    for r in range(60):
        here = np.array([r])
        alone = members[rows.seat[r] % 3].act(rows.part(here), {n: x[here] for n, x in state.items()})
        assert decision.action[r] == alone.action[0]
        for name, values in alone.state.items():
            np.testing.assert_allclose(decision.state[name][r], values[0], atol=1e-6)
    assert not len(team.act(rows.part(slice(0, 0)), {n: x[:0] for n, x in state.items()}).action)


def test_faults_are_told_with_the_rows_of_the_whole(entity_game, make_rows) -> None:
    layout = Layout.of(entity_game())

    class Broken(NeuralPolicy):
        def act(self, rows, state) -> Decision:
            made = super().act(rows, state)
            made.failures = {len(rows) - 1: Failure("crash", "it fell")}
            return made

    good, bad = policies(layout, None, 1)[0], Broken(Network(NetworkSpec(hidden=(8,)), layout))
    rows = make_rows(layout, 20)
    failures = Team([good, bad]).act(rows, {}).failures
    assert list(failures) == [int(np.flatnonzero(rows.seat % 2 == 1)[-1])]


def test_refuses_what_one_of_them_refuses(entity_game, flat_layout, shape) -> None:
    game = entity_game()
    fits, other = policies(Layout.of(game), None, 1)[0], NeuralPolicy(Network(NetworkSpec(), flat_layout()))
    assert Team([fits]).refuses(game) is None
    assert Team([fits, other]).refuses(game) == other.refuses(game)
    with pytest.raises(InputError, match="at least one policy"):
        Team([])
