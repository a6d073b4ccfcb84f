"""A league's self-play PPO on OpenSpiel's connect four, legal moves masked, against RLlib's PPO with light settings.

Ours is a whole training run as `arena train` makes it (payoff table, durable records, snapshots with their evaluation
against random), 64-64 network, 4 epochs. RLlib plays main against random with the same network and epochs. Figures are moves
of the game a second; slices of both take turns on the same two cores.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import torch
import yaml

from arena.build import plan
from arena.config import load
from benchmarks.harness import Rate, Rates, absent
from benchmarks.peers.process import Peer
from league.store import Store
from league.training import Progress

CONFIGURATION: dict[str, Any] = {
    "game": "openspiel/connect_four",
    "seed": 1,
    "steps": 10**9,
    "slots": 512,
    "fragment": 32,
    "snapshot_every": 500_000,
    "matchmaker": {"kind": "self_play"},
    "learners": {"main": {"kind": "ppo", "network": {"hidden": [64, 64]}, "settings": {"epochs": 4}, "threads": 2}},
    "evaluation": {"opponents": ["random"], "matches": 100},
}


def run(quick: bool) -> dict[str, Any]:
    rounds, seconds = (3, 4.0) if quick else (8, 10.0)
    figures: dict[str, Any] = {"cores": 2}
    with tempfile.TemporaryDirectory() as folder:
        league = _League(Path(folder))
        league.rate(2.0)
        ours: list[float] = []
        theirs: list[float] = []
        try:
            with Peer("rllib_connect_four.py") as peer:
                figures |= {
                    "against": "RLlib PPO, open_spiel connect_four against random, 2 runners, 64-64, 4 epochs, batch 4000",
                    "versions": peer.versions,
                }
                for _ in range(rounds):
                    ours.append(league.rate(seconds))
                    answer = peer.work()
                    theirs.append(answer["env_steps"] / answer["seconds"])
        except ImportError as error:
            figures |= absent(error)
            ours = [league.rate(seconds) for _ in range(rounds)]
        league.close()
    return figures | Rates(_rate(ours), _rate(theirs) if theirs else None).fields("env_steps") | league.shares()


def _rate(rates: list[float]) -> Rate:
    return Rate(max(rates), sorted(rates)[len(rates) // 2])


class _League:
    """A training run that is let go for some seconds at a time."""

    def __init__(self, folder: Path) -> None:
        torch.set_num_threads(1)
        file = folder / "league.yaml"
        file.write_text(yaml.safe_dump(CONFIGURATION))
        self._training = plan(*load(file)).training(Store(folder / "run", write=True, create=True))
        self._progress: Progress | None = None

    def rate(self, seconds: float) -> float:
        """Train for so long and return the moves a second."""
        start, before = time.perf_counter(), self._training.steps

        def watch(progress: Progress) -> bool:
            self._progress = progress
            return time.perf_counter() - start < seconds

        self._training.run(watch)
        return (self._training.steps - before) / (time.perf_counter() - start)

    def shares(self) -> dict[str, float]:
        """Return the share of time of each kind of work; raise when nothing was played to its end."""
        assert self._progress is not None
        if not self._progress.matches:
            raise RuntimeError("no match ended: the rate is void")
        total = sum(self._progress.seconds.values())
        return {f"share_{kind}": seconds / total for kind, seconds in self._progress.seconds.items()}

    def close(self) -> None:
        self._training.close()
        self._training.store.close()
