"""Rollout and PPO update on the resource game, two cores, against Stable-Baselines3's PPO on CartPole.

Both make 4 epochs. Ours plays 1024 worlds of six agents, one learner on every seat, in 4 minibatches; the headline is a 64-64
network with a head for the policy and one for the value, the figures `two_networks_...` are a 64-64 network for each, as
the peer has it. The peer has its best settings for a CPU: 64 environments, batches of 256; more threads make it slower, so
it has one. Figures are decisions of the learner a second, records of matches included, on both sides. An observation has
82 numbers on our side, 4 on the peer's.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

import games
from arena.algorithms import ppo
from benchmarks.harness import Work, absent, interleave, versions
from benchmarks.selfplay import SelfPlay
from populations.learners.ppo_settings import PPOSettings
from populations.networks.spec import NetworkSpec

THREADS = 2


def run(quick: bool) -> dict[str, Any]:
    one, two = (_selfplay(shared) for shared in (True, False))
    figures: dict[str, Any] = {"cores": THREADS, "worlds": 1024, "population": 6}
    peer = None
    try:
        peer = cartpole()
        figures |= {
            "against": "Stable-Baselines3 PPO, CartPole-v1, 64 environments, batch 256, 4 epochs, 1 thread",
            "versions": versions("stable-baselines3", "gymnasium"),
        }
    except ImportError as error:
        figures |= absent(error)
    torch.set_num_threads(1)
    rounds = 6 if quick else 20
    figures |= interleave(one.work, peer, rounds=rounds, seconds=1.0).fields("agent_steps")
    separate = interleave(two.work, peer, rounds=rounds, seconds=1.0).fields("agent_steps")
    figures |= {f"two_networks_{name}": value for name, value in separate.items() if not name.startswith("peer")}
    for play in (one, two):
        play.moving.check()
    return figures | one.shares()


def _selfplay(shared: bool) -> SelfPlay:
    return SelfPlay(
        games.make("markov/resource-v0"),
        {"population": 6},
        slots=1024,
        fragment=20,
        learner=partial(
            ppo,
            seed=1,
            network=NetworkSpec(kind="mlp", hidden=(64, 64), shared=shared),
            settings=PPOSettings(epochs=4, minibatches=4),
            threads=THREADS,
        ),
    )


def cartpole() -> Work:
    """Return the work of one rollout and update of the peer."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    env = make_vec_env("CartPole-v1", n_envs=64)
    model = PPO("MlpPolicy", env, n_steps=32, batch_size=256, n_epochs=4, device="cpu", seed=1)
    model.learn(2048)

    def work() -> int:
        before = model.num_timesteps
        model.learn(2048, reset_num_timesteps=False)
        return model.num_timesteps - before

    return work
