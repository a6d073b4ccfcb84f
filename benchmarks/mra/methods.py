"""The methods: configurations that differ in the learner alone, with as many decisions in all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from arena.build import plan
from arena.config import load
from league.store import Store
from league.training import Training

__all__ = ["METHODS", "TRAIN", "configuration", "train"]

TRAIN = (3, 6, 9)
"""Populations that are trained on, in turns."""

SETTINGS: dict[str, Any] = {"learning_rate": 2e-3, "entropy": 0.01, "reward_scale": 0.1}
"""Chosen for speed with PPO and attention, before any other method was run; the same for all that PPO trains."""


def _ppo(**network: Any) -> dict[str, Any]:
    return {"kind": "ppo", "network": {"hidden": [64, 64], **network}, "settings": SETTINGS}


def _mra(diversity: dict[str, Any] | None = None, **relation: Any) -> dict[str, Any]:
    network = {"hidden": [64, 64], "relation": {"latents": 6, "kinds": [0], **relation}}
    return {"kind": "mra", "network": network, "settings": SETTINGS, "diversity": diversity or {}}


METHODS: dict[str, dict[str, Any]] = {
    "MRA": _mra(),
    "MRA, no diversity": _mra({"relation_rate": 0.0}),
    "MRA, no task encoder": _mra({"task_rate": 0.0}),
    "MRA, one mode": _mra(latents=1),
    "PPO, attention": _ppo(),
    "PPO, mean pooling": _ppo(pooling="mean"),
    "PAPO, weights by size": _ppo(hyper=4),
    "Reptile": {**_ppo(), "kind": "reptile"},
    "specialist of 3": _ppo(),
    "specialist of 6": _ppo(),
    "specialist of 9": _ppo(),
}
"""Name to the learner's configuration."""

_SPECIALISTS = {f"specialist of {n}": (n,) for n in TRAIN}


def configuration(method: str, seed: int, steps: int) -> dict[str, Any]:
    """Return the configuration of one run."""
    return {
        "game": "markov/resource-v0",
        "seed": seed,
        "steps": steps,
        "slots": 128,
        "fragment": 20,
        "snapshot_every": steps,
        "teacher": {"kind": "fixed", "tasks": [{"population": n} for n in _SPECIALISTS.get(method, TRAIN)]},
        "matchmaker": {"kind": "self_play"},
        "learners": {"main": METHODS[method]},
        "evaluation": {"matches": 1, "past": 0},
        "checkpoint_seconds": 1e9,
    }


def train(method: str, seed: int, steps: int, measure: Callable[[Training], dict[str, Any]]) -> dict[str, Any]:
    """Train one learner and return what `measure` finds in the finished run."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.yaml"
        file.write_text(yaml.safe_dump(configuration(method, seed, steps)))
        with Store(Path(folder) / "run", write=True, create=True) as store:
            training = plan(*load(file)).training(store, tensorboard=False)
            try:
                training.run(lambda _: True)
                return measure(training)
            finally:
                training.close()
