"""Bots that misbehave, written to a file each, and rows to ask them about."""

from __future__ import annotations

import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import games
from games import Limits, Task
from populations.agents import load_agent
from populations.policy import Rows

SCRIPT = """
import json, os, signal, subprocess, sys, time

def say(**message):
    sys.stdout.write(json.dumps(message) + "\\n")
    sys.stdout.flush()

def ready(**more):
    say(type="ready", protocol=1, **more)

def answer(action=None):
    say(id=m["id"], action=m["legal"][0] if action is None else action)

served = 0
{setup}
for line in sys.stdin:
    m = json.loads(line)
    if m["type"] == "hello":
        {hello}
    elif m["type"] == "act":
        {act}
        served += 1
    else:
        {bye}
        break
"""


@pytest.fixture(scope="session")
def tic_tac_toe() -> games.Game:
    return games.make("openspiel/tic_tac_toe")


@pytest.fixture
def marker() -> str:
    """A word that only the processes of one test have in their command lines."""
    return f"marker-{uuid.uuid4().hex}"


@pytest.fixture
def script(tmp_path) -> Any:
    """Write a bot: what it does at hello, when it is asked, and at the end, as Python code."""

    def write(act: str = "answer()", *, hello: str = "ready()", setup: str = "", bye: str = "pass") -> Path:
        indented = [code.replace("\n", "\n        ") for code in (hello, act, bye)]
        path = tmp_path / f"bot{len(list(tmp_path.iterdir()))}.py"
        path.write_text(SCRIPT.format(setup=setup, hello=indented[0], act=indented[1], bye=indented[2]))
        return path

    return write


@pytest.fixture
def bot(script, marker, tic_tac_toe) -> Any:
    """Make the policy of a bot; it is closed after the test."""
    made = []

    def make(*args: str, options: str = "move_seconds=5", game: games.Game = tic_tac_toe, **kwargs: str) -> Any:
        uri = f"process:{sys.executable} {script(*args, **kwargs)} {marker}?{options}"
        made.append(load_agent(uri, game).policy)
        return made[-1]

    yield make
    for policy in made:
        policy.close()


@pytest.fixture
def rows(tic_tac_toe) -> Any:
    """Return rows of matches of tic-tac-toe: seat 0 to move in the first position, one match a slot."""

    def make(count: int = 1, *, step: int = 0, game: games.Game = tic_tac_toe) -> Rows:
        vector = game.vector(count, Limits(seats=game.max_seats))
        seeds = np.arange(100, 100 + count, dtype=np.uint64)
        view = vector.assign(np.arange(count), [Task()] * count, seeds)
        return Rows(
            {name: values[:, 0].copy() for name, values in view.observation.items()},
            None if view.action_mask is None else view.action_mask[:, 0].copy(),
            seeds,
            np.zeros(count, np.int64),
            np.full(count, step),
            np.arange(count),
            vector,
        )

    return make


@pytest.fixture
def alive(marker) -> Any:
    """Return the processes with the marker in their command line, waiting for a moment until there are none."""

    def find(*, patience: float = 3.0) -> list[str]:
        last = time.monotonic() + patience
        while (found := _marked(marker)) and time.monotonic() < last:
            time.sleep(0.02)
        return found

    return find


def _marked(marker: str) -> list[str]:
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if marker in line:
            found.append(f"{pid}: {line}")
    return found
