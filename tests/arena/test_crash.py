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


def timed(*arguments):
    began = time.monotonic()
    finish(*arguments)
    return time.monotonic() - began


def kill_until_done(rng, kills, shortest, longest, *arguments):
    """Start the command again and again, killing it each time; return how often it was killed."""
    done = 0
    while done < kills:
        process = start(*arguments)
        try:
            process.communicate(timeout=rng.uniform(shortest, longest))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            done += 1
        else:
            assert process.returncode == 0
            break
    finish(*arguments)
    return done


def recorded(folder):
    with Store(folder) as store:
        curves = {name: store.curve(name) for name in store.curve_names()}
        matches = sorted(store.matches(), key=lambda record: record.id)
        return matches, list(store.agents().items()), curves, store.checkpoint()


@pytest.mark.slow
def test_a_training_run_killed_twenty_times_ends_like_an_unbroken_one(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(CONFIGURATION))
    start_up = timed("train", str(file), "--set", "steps=1", "--run", str(tmp_path / "first"))
    seconds = timed("train", str(file), "--run", str(tmp_path / "whole"))
    longest = start_up + (seconds - start_up) / 12  # an attempt gets on by a 24th of the run on average, or less
    kills = kill_until_done(random.Random(1), 20, 0.5, longest, "train", str(file), "--run", str(tmp_path / "parts"))
    assert kills >= 20
    whole, parts = recorded(tmp_path / "whole"), recorded(tmp_path / "parts")
    assert {r.id for r in parts[0]} == {r.id for r in whole[0]}
    assert parts[:3] == whole[:3]
    weights = [
        load_file(tmp_path / run / "checkpoints" / end[3][1]) for run, end in (("whole", whole), ("parts", parts))
    ]
    assert weights[0].keys() == weights[1].keys()
    for name, array in weights[0].items():
        np.testing.assert_array_equal(weights[1][name], array, err_msg=name)


@pytest.mark.slow
def test_a_tournament_killed_ten_times_ends_like_an_unbroken_one(tmp_path):
    agents = ["random", "scripted:connect-four-rules?stray=0.3", "openspiel:mcts?simulations=50"]
    command = ["tournament", "openspiel/connect_four", *agents, "--seed", "3", "--slots", "16"]
    long = [*command, "--encounters", "2000"]
    start_up = timed(*command, "--encounters", "1", "--out", str(tmp_path / "first"))
    seconds = timed(*long, "--out", str(tmp_path / "whole"))
    longest = start_up + (seconds - start_up) / 12  # even if this machine is twice as fast from now on
    kills = kill_until_done(random.Random(2), 10, 0.3, longest, *long, "--out", str(tmp_path / "parts"))
    assert kills >= 10
    assert recorded(tmp_path / "parts")[:2] == recorded(tmp_path / "whole")[:2]
