"""PPO learns each game of the test kit a little: the contract carries what a learner needs."""

import numpy as np
import pytest
import torch

from games import make
from league.driver import Driver
from league.evaluation import gauntlet, win_rates
from league.match import Matchup, match_seed
from league.play import play
from league.rollout import Rollout
from populations.agent import Agent
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def trained(game, decisions, *, task=None, recurrent=None, slots=64, fragment=16):
    """Self-play with one learner on every seat; return it frozen, as an agent."""
    learner = PPO(
        Network(NetworkSpec(recurrent=recurrent), Layout.of(game), seed=1), PPOSettings(learning_rate=3e-3), seed=1
    )
    rng = np.random.default_rng(0)
    count = iter(range(10**9))

    def source():
        k = next(count)
        chosen = game.task_space.sample(rng) if task is None else task
        seats = ("me",) * len(game.seats(chosen))
        return Matchup("train", k, chosen, seats, seats, match_seed(1, k))

    driver = Driver(game, {"me": Agent("me", "me", learner.policy)}, source, slots=slots, seats=game.max_seats)
    rollout = Rollout(driver, {"me": learner})
    while rollout.decisions < decisions:
        _, batches = rollout.collect(fragment)
        learner.update(batches["me"], rollout.decisions / decisions)
    return Agent("me", "frozen", learner.freeze())


def mean_return(game, agent, task, matches=100):
    seats = (agent.id,) * len(game.seats(task))
    asked = [Matchup("test", k, task, seats, seats, match_seed("test", k)) for k in range(matches)]
    return np.mean([np.mean(r.returns) for r in play(game, asked, {agent.id: agent})])


@pytest.mark.parametrize(
    ("name", "decisions", "random_return", "enough"),
    [("testkit/commands-v0", 30_000, 1.25, 4.0), ("testkit/gridgoal-v0", 30_000, 0.30, 0.5)],
)
def test_alone(name, decisions, random_return, enough):
    game = make(name)
    task = game.task_space.task()
    assert mean_return(game, load_agent("random", game), task) == pytest.approx(random_return, abs=0.15)
    assert mean_return(game, trained(game, decisions, task=task), task) > enough


@pytest.mark.parametrize(
    ("name", "decisions", "enough"),
    [("testkit/teams-v0", 20_000, 0.9), ("testkit/skirmish-v0", 30_000, 0.6), ("testkit/dice-v0", 40_000, 0.6)],
)
def test_against_random(name, decisions, enough):
    game = make(name)
    agent, other = trained(game, decisions), load_agent("random", game)
    tasks = [game.task_space.task()]
    asked = gauntlet(game, agent, [other], tasks=tasks, matches=200, stage="test", seed=1)
    records = play(game, asked, {"me": agent, "random": other})
    assert win_rates(game, "me", records)["random"] > enough


def test_with_memory():
    game = make("openspiel/kuhn_poker")
    agent, other = trained(game, 20_000, recurrent=16), load_agent("random", game)
    asked = gauntlet(game, agent, [other], tasks=[game.task_space.task()], matches=2000, stage="test", seed=1)
    returns = [r.returns[r.matchup.agents.index("me")] for r in play(game, asked, {"me": agent, "random": other})]
    assert np.mean(returns) > 0.2
