import numpy as np
import pytest
import torch

from games import make
from league import driver
from league.crews import Crews
from league.match import Matchup, match_seed
from league.play import play
from populations.agent import Agent
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec
from populations.neural import NeuralPolicy


def network(game, seed, **spec):
    return NeuralPolicy(Network(NetworkSpec(**({"hidden": (16,)} | spec)), Layout.of(game), seed=seed))


def test_policies_of_others_are_left_alone_whatever_they_call_a_network():
    class Own:
        network = torch.nn.Linear(2, 2)

    class Changed(NeuralPolicy):
        pass

    game = make("openspiel/kuhn_poker")
    crews = Crews()
    for number, policy in enumerate([Own(), network(game, 1), Changed(network(game, 2).network), network(game, 3)]):
        crews.add(number, policy)
    np.testing.assert_array_equal(crews.leader(np.arange(4, dtype=np.int32)), [0, 1, 2, 1])


def test_only_frozen_networks_of_one_architecture_form_a_crew():
    game = make("openspiel/kuhn_poker")
    learner = network(game, 9)
    learner.learns = True
    crews = Crews()
    policies = [
        load_agent("random", game).policy,
        network(game, 1),
        learner,
        network(game, 2),
        network(game, 3, hidden=(8,)),
        network(game, 4),
    ]
    for number, policy in enumerate(policies):
        crews.add(number, policy)
    np.testing.assert_array_equal(crews.leader(np.array([-1, 0, 1, 2, 3, 4, 5], np.int32)), [-1, 0, 1, 2, 1, 4, 1])
    np.testing.assert_array_equal(crews.member, [0, 0, 0, 1, 0, 2])
    assert [crews.of(k) is None for k in (0, 1, 2, 4)] == [True, False, True, True]
    crews.add(6, network(game, 5))
    assert crews.of(1).act  # put together anew, with four members


@pytest.mark.parametrize("recurrent", [None, 8])
def test_a_crew_plays_like_its_members(recurrent, monkeypatch):
    torch.set_num_threads(1)
    game = make("openspiel/leduc_poker")
    names = [f"n{k}" for k in range(5)]
    agents = {n: Agent(n, n, network(game, k, recurrent=recurrent)) for k, n in enumerate(names)}
    agents["random"] = load_agent("random", game)
    ids = list(agents)
    task = game.task_space.task()
    asked = []
    for k in range(200):
        pair = (ids[k % 6], ids[(k // 6) % 6])
        asked.append(Matchup("t", k, task, pair, pair, match_seed(k)))
    together = {r.id: r for r in play(game, asked, agents, slots=32)}

    class Alone(Crews):
        def add(self, agent, policy):
            super().add(agent, None)

    monkeypatch.setattr(driver, "Crews", Alone)
    assert {r.id: r for r in play(game, asked, agents, slots=32)} == together
    assert len({r.scores for r in together.values()}) > 5
