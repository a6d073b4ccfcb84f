"""Rollout and update of a meta-representation learner, against PPO with a pooled encoder, one core.

Resource games of 3, 6 and 9 agents, 1024 rows or a little less in each, one learner on every seat; both make 4 epochs in 4
minibatches with 64-64 networks. MRA has six latents and all terms of its objective. `ratio` is MRA's agent-steps a second over
those of PPO with mean pooling, in slices that take turns; beside it stands PPO with attention.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

import games
from arena.algorithms import mra, ppo
from benchmarks.harness import interleave
from benchmarks.selfplay import SelfPlay
from games import Game
from populations.learners.learner import Learner
from populations.learners.ppo_settings import PPOSettings
from populations.mra import Diversity
from populations.networks import NetworkSpec, RelationSpec

POPULATIONS = (3, 6, 9)
ROWS, FRAGMENT = 1024, 20
SETTINGS = PPOSettings(epochs=4, minibatches=4)
WARM = Diversity(warmup=0.0)  # all terms from the first update on


def run(quick: bool) -> dict[str, Any]:
    torch.set_num_threads(1)
    rounds = 4 if quick else 15
    latent = partial(mra, seed=1, network=NetworkSpec(relation=RelationSpec()), settings=SETTINGS, diversity=WARM)
    pooled = partial(ppo, seed=1, network=NetworkSpec(pooling="mean"), settings=SETTINGS)
    attentive = partial(ppo, seed=1, network=NetworkSpec(), settings=SETTINGS)
    figures: dict[str, Any] = {"latents": RelationSpec().latents, "against": "PPO, mean pooling"}
    for population in POPULATIONS:
        ours, peer, other = (_selfplay(make, population) for make in (latent, pooled, attentive))
        of_mean = interleave(ours.work, peer.work, rounds=rounds, seconds=1.0).fields("agent_steps")
        of_attention = interleave(ours.work, other.work, rounds=rounds, seconds=1.0).fields("agent_steps")
        for play in (ours, peer, other):
            play.moving.check()
        figures[f"population_{population}"] = of_mean | {"ratio_attention": of_attention["ratio"]} | ours.shares()
    figures["ratio"] = min(figures[f"population_{n}"]["ratio"] for n in POPULATIONS)
    return figures


def _selfplay(learner: Callable[[Game], Learner], population: int) -> SelfPlay:
    return SelfPlay(
        games.make("markov/resource-v0"),
        {"population": population},
        slots=ROWS // population,
        fragment=FRAGMENT,
        learner=learner,
    )
