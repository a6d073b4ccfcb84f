"""Adaptation in games where it is known what there is to gain: the lever game, Kuhn poker, and the resource game."""

import numpy as np
import pytest
import torch

from games import InputError, make
from games.at_most import at_most
from league import adaptation
from league.adaptation import adapt, points
from league.exact import Exact
from league.match import Matchup
from league.play import play
from populations.agent import Agent
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.mra.policy import LatentPolicy
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec, RelationSpec

LEVERS = make("markov/matrix-v0")
KUHN = make("openspiel/kuhn_poker")
RESOURCE = at_most(make("markov/resource-v0"), 3)
SMALL = NetworkSpec(hidden=(16,), shared=True)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def learner(game, rate=0.02, spec=SMALL, seed=0):
    settings = PPOSettings(learning_rate=rate, epochs=2, minibatches=2, discount=1.0, trace=1.0, entropy=0.0)
    return PPO(Network(spec, Layout.of(game), seed=seed), settings, seed=seed)


def frozen(game, spec=SMALL, seed=1):
    return Agent("agent", "agent", learner(game, spec=spec, seed=seed).freeze())


def levers(**options):
    options = {"updates": (0, 1, 40), "rounds": 300, "slots": 64, "fragment": 2} | options
    return adapt(LEVERS, frozen(LEVERS), learner(LEVERS), tasks=[LEVERS.task_space.task({"game": "levers"})], **options)


def test_points_are_those_below_the_last_and_the_last():
    assert points(50) == (0, 1, 5, 10, 50)
    assert points(7) == (0, 1, 5, 7)
    assert points(1) == (0, 1)


def test_a_game_for_all_is_learned_from_the_weights_of_the_agent():
    (curve,) = levers()

    assert curve.method == "gradient"
    first, second, last = curve.points
    assert [p.updates for p in curve.points] == [0, 1, 40]
    assert [p.decisions for p in curve.points] == [0, 256, 40 * 256]
    assert first.value.mean == pytest.approx(0.1, abs=0.05)  # ten levers, and a point for pulling the same one
    assert first.gain.mean == 0.0
    assert first.value.count == 300
    assert last.value.low > 0.5
    assert last.gain.mean == pytest.approx(last.value.mean - first.value.mean)
    assert last.gain.low > 0.3
    assert abs(second.gain.mean) < 0.1


def test_who_does_not_learn_gains_nothing_at_all():
    agent = frozen(LEVERS)
    before = {n: w.clone() for n, w in agent.policy.network.named_parameters()}
    task = LEVERS.task_space.task({"game": "levers"})
    (curve,) = adapt(LEVERS, agent, learner(LEVERS, rate=0.0), tasks=[task], updates=(0, 2), rounds=50)

    assert curve.points[1].gain.high == curve.points[1].gain.low == 0.0
    assert all(torch.equal(w, before[n]) for n, w in agent.policy.network.named_parameters())


def test_the_same_seed_gives_the_same_curve():
    first, second, other = (levers(updates=(0, 2), rounds=50, seed=seed) for seed in (3, 3, 4))

    assert first == second
    assert first != other


def test_where_sides_oppose_each_other_the_agent_as_it_was_is_met_on_each():
    agent = frozen(KUHN)
    measure = Exact(KUHN)
    best = measure.nash_conv([agent]).value / 2  # of a side, against the agent as it was

    task = KUHN.task_space.task()
    (curve,) = adapt(KUHN, agent, learner(KUHN), tasks=[task], updates=(0, 50), rounds=1500, slots=256, fragment=4)

    start, end = curve.points
    assert start.value.mean == pytest.approx(0.0, abs=0.1)
    assert 0.5 * best < end.value.mean < best + 0.1


RELATION = NetworkSpec(hidden=(8,), relation=RelationSpec(latents=3))


def test_a_policy_of_several_modes_has_each_of_them():
    policy = LatentPolicy(Network(RELATION, Layout.of(RESOURCE)))
    found = adaptation.modes_of(Agent("a", "a", policy))
    assert [mode.policy.latent for mode in found] == [0, 1, 2]
    assert len({mode.hash for mode in found}) == len({mode.id for mode in found}) == 3
    assert all(mode.policy.network is policy.network for mode in found)
    assert adaptation.modes_of(found[0]) == []
    assert adaptation.modes_of(frozen(RESOURCE)) == []


def test_the_best_mode_is_chosen_with_no_more_data_than_the_learner_had(monkeypatch):
    names = ("random", "scripted:resource-assignment", "random")
    modes = [load_agent(name, RESOURCE) for name in names]
    monkeypatch.setattr(adaptation, "modes_of", lambda agent: modes)
    task = RESOURCE.task_space.task({"population": 3})
    options = {"tasks": [task], "updates": (0, 1, 2), "rounds": 40, "slots": 3, "fragment": 20}
    gradient, selection = adapt(RESOURCE, frozen(RESOURCE), learner(RESOURCE, rate=0.0), **options)

    assert selection.method == "selection"
    assert [p.decisions for p in selection.points] == [p.decisions for p in gradient.points] == [0, 180, 360]
    # a round of three modes costs 180 decisions
    assert [p.modes for p in selection.points] == [(), (1,), (1,)]
    assert selection.points[0].value == gradient.points[0].value
    assert selection.points[1].gain.low > 2.0

    options["slots"] = 2  # 120 decisions an update
    _, poorer = adapt(RESOURCE, frozen(RESOURCE), learner(RESOURCE, rate=0.0), **options)
    assert [p.modes for p in poorer.points] == [(), (), (1,)]


def test_modes_are_chosen_for_each_side(monkeypatch):
    modes = [load_agent(name, KUHN) for name in ("scripted:first-legal", "random", "scripted:last-legal")]
    monkeypatch.setattr(adaptation, "modes_of", lambda agent: modes)
    task = KUHN.task_space.task()
    options = {"tasks": [task], "updates": (0, 20), "rounds": 50, "slots": 256, "fragment": 8}
    _, selection = adapt(KUHN, frozen(KUHN), learner(KUHN, rate=0.0), **options)
    chosen = selection.points[1].modes
    assert len(chosen) == 2
    against = [[_return_of(mode, frozen(KUHN), side) for mode in modes] for side in range(2)]
    for side, mode in enumerate(chosen):
        assert against[side][mode] > max(against[side]) - 0.15


def _return_of(mode, other, side):
    """Return what a mode gets on one side against another agent."""
    lineup = ("mode", "agent") if side == 0 else ("agent", "mode")
    agents = {"mode": Agent("mode", "mode", mode.policy), "agent": other}
    asked = (Matchup("t", k, KUHN.task_space.task(), lineup, lineup, k) for k in range(1500))
    return float(np.mean([record.returns[side] for record in play(KUHN, asked, agents)]))


def test_mistakes_are_named():
    task = RESOURCE.task_space.task({"population": 3})
    with pytest.raises(InputError, match="agent 'agent' cannot play"):
        adapt(RESOURCE, frozen(KUHN), learner(KUHN), tasks=[task], updates=(0, 1))
    with pytest.raises(InputError, match="the weights are of another network"):
        adapt(RESOURCE, frozen(RESOURCE), learner(RESOURCE, spec=NetworkSpec()), tasks=[task], updates=(0, 1))
    with pytest.raises(InputError, match="cannot begin with weights"):
        adapt(RESOURCE, load_agent("random", RESOURCE), learner(RESOURCE), tasks=[task], updates=(0, 1))
