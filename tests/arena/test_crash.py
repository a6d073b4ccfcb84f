"""The real process, killed at random moments: what it recorded in the end is what an unbroken run records."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import yaml
from safetensors.numpy import load_file

from games import InputError
from league.store import Store

CONFIGURATION = {
    "game": "openspiel/leduc_poker",
    "seed": 7,
    "steps": 150_000,
    "slots": 64,
    "fragment": 8,
    "snapshot_every": 15_000,
    "checkpoint_seconds": 0.0,
    "matchmaker": {"kind": "pfsp", "self_play": 0.5},
    "learners": {"main": {"kind": "ppo", "network": {"hidden": [16, 16]}}, "second": {"kind": "ppo"}},
    "opponents": ["random"],
    "evaluation": {"opponents": ["random"], "matches": 20, "nash_conv": True},
}

CURRICULUM = {
    "game": "markov/resource-v0",
    "seed": 7,
    "steps": 120_000,
    "slots": 64,
    "fragment": 10,
    "snapshot_every": 30_000,
    "checkpoint_seconds": 0.0,
    "task_ranges": {"population": [2, 5]},
    "matchmaker": {"kind": "pfsp", "self_play": 0.5},
    "teacher": {
        "kind": "bandit",
        "teachers": {
            "gaussians": {"kind": "alp_gmm", "fit_rate": 100},
            "replay": {"kind": "accel", "buffer": 50},
            "edge": {"kind": "pairs", "inner": {"kind": "edge"}, "opponents": ["self", "past"]},
            "any": {"kind": "uniform"},
        },
    },
    "learners": {"main": {"kind": "ppo", "network": {"hidden": [16, 16], "pooling": "mean"}}},
    "evaluation": {"tasks": 8, "matches": 16, "past": 0},
}


def start(*arguments):
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "arena", *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*arguments):
    process = start(*arguments)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors


def kill_until_done(rng, kills, folder, share, *arguments):
    """Start the command again and again, killing it each time, the last time excepted.

    Every other kill falls at any time from the start on, the rest when so much more was committed: `share` says how much of
    the work a store holds. By time alone, a machine that becomes faster would be done before all kills have fallen.
    """
    for kill in range(kills):
        process = start(*arguments)
        goal = committed(folder, share) + rng.uniform(0, 0.6 / kills)
        deadline = time.monotonic() + (600 if kill % 2 else rng.uniform(0.3, 3.0))
        while process.poll() is None and committed(folder, share) < goal and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        _, errors = process.communicate()
        assert process.returncode == -signal.SIGKILL, errors or "it was done before it was killed"
    assert 0.1 < committed(folder, share) < 1
    finish(*arguments)


def committed(folder, share):
    try:
        with Store(folder) as store:
            return share(store)
    except InputError:  # its records are only being created
        return 0.0


def recorded(folder):
    with Store(folder) as store:
        curves = {name: store.curve(name) for name in store.curve_names()}
        matches = sorted(store.matches(), key=lambda record: record.id)
        return matches, list(store.agents().items()), curves, store.sketches(), store.checkpoint()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("configuration", "kills"), [(CONFIGURATION, 20), (CURRICULUM, 8)], ids=["league", "curriculum"]
)
def test_a_training_run_killed_again_and_again_ends_like_an_unbroken_one(configuration, kills, tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(configuration))
    finish("train", str(file), "--run", str(tmp_path / "whole"))

    def share(store):
        saved = store.checkpoint()
        return saved[0] / configuration["steps"] if saved else 0.0

    parts = tmp_path / "parts"
    kill_until_done(random.Random(1), kills, parts, share, "train", str(file), "--run", str(parts))
    whole, parts = recorded(tmp_path / "whole"), recorded(parts)
    assert {r.id for r in parts[0]} == {r.id for r in whole[0]}
    assert parts[:4] == whole[:4]
    weights = [
        load_file(tmp_path / run / "checkpoints" / end[4][1]) for run, end in (("whole", whole), ("parts", parts))
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, array in weights[0].items():
        np.testing.assert_array_equal(weights[1][name], array, err_msg=name)


@pytest.mark.slow
def test_a_tournament_killed_ten_times_ends_like_an_unbroken_one(tmp_path):
    agents = ["random", "scripted:connect-four-rules?stray=0.3", "openspiel:mcts?simulations=50"]
    command = ["tournament", "openspiel/connect_four", *agents, "--seed", "3", "--slots", "16", "--encounters", "2000"]
    finish(*command, "--out", str(tmp_path / "whole"))

    def share(store):
        return sum(store.count_matches().values()) / 12_000

    parts = tmp_path / "parts"
    kill_until_done(random.Random(2), 10, parts, share, *command, "--out", str(parts))
    assert recorded(parts)[:2] == recorded(tmp_path / "whole")[:2]
