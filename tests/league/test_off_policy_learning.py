"""Learners with a replay buffer solve small games in the league's own loop."""

from __future__ import annotations

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
from populations.learners.maddpg import MADDPG
from populations.learners.off_policy_settings import Critic, MADDPGSettings, Replay, SACSettings
from populations.learners.soft_actor_critic import SoftActorCritic
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec

CRITIC = Critic(width=32, heads=2, learning_rate=3e-3, polyak=0.05)
REPLAY = Replay(capacity=20_000, batch=64, every=8, warmup=200)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def make_learner(kind, game):
    network = Network(NetworkSpec(hidden=(32,)), Layout.of(game), seed=1)
    if kind == "maddpg":
        return MADDPG(network, MADDPGSettings(learning_rate=3e-3, critic=CRITIC, replay=REPLAY), seed=1)
    settings = SACSettings(learning_rate=3e-3, critic=CRITIC, replay=REPLAY, slope=kind)
    return SoftActorCritic(network, settings, seed=1)


def trained(kind, game, task, decisions):
    """Self-play with one learner on every seat; return it frozen, as an agent."""
    learner = make_learner(kind, game)
    seats = ("me",) * len(game.seats(task))
    count = iter(range(10**9))

    def source():
        k = next(count)
        return Matchup("train", k, task, seats, seats, match_seed(1, k))

    driver = Driver(game, {"me": Agent("me", "me", learner.policy)}, source, slots=32, seats=len(seats))
    rollout = Rollout(driver, {"me": learner})
    while rollout.decisions < decisions:
        _, batches = rollout.collect(10)
        learner.update(batches["me"], rollout.decisions / decisions)
    return Agent("me", "frozen", learner.freeze())


@pytest.mark.parametrize(
    ("kind", "table", "low", "high"),
    [
        *((kind, "prisoners_dilemma", 0.95, 1.2) for kind in ("exact", "counterfactual", "sampled", "maddpg")),
        *((kind, "stag_hunt", 2.9, 4.0) for kind in ("exact", "maddpg")),
        *((kind, "levers", 0.85, 1.0) for kind in ("exact", "maddpg")),
    ],
)
def test_matrix_games(kind, table, low, high):
    """Defection is dominant; a hunt ends in one of its equilibria, and so does the choice of a lever.

    By chance they would be paid 2.25, 2.5 and 0.1.
    """
    game = make("markov/matrix-v0")
    task = game.task_space.task({"game": table})
    agent = trained(kind, game, task, 6_000)
    asked = [Matchup("test", k, task, ("me", "me"), ("me", "me"), match_seed("test", k)) for k in range(200)]
    returns = [np.mean(r.returns) for r in play(game, asked, {"me": agent})]
    assert low <= np.mean(returns) <= high


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["exact", "maddpg"])
def test_units_that_die(kind):
    game = make("testkit/skirmish-v0")
    task = game.task_space.task()
    agent, other = trained(kind, game, task, 12_000), load_agent("random", game)
    asked = gauntlet(game, agent, [other], tasks=[task], matches=200, stage="test", seed=1)
    records = play(game, asked, {"me": agent, "random": other})
    assert win_rates(game, "me", records)["random"] > 0.6
