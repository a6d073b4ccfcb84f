"""Bots in processes of their own: decisions a second, against a line that goes through a pipe and comes back.

The bare ping-pong is a child in plain Python that echoes lines, and a parent that writes one and reads one. Ours is the
bot of `examples/bots` that takes the first legal action of tic-tac-toe: every decision is an observation and the legal actions,
written, sent, parsed, answered, read and checked under a deadline. `ratio` has one match in flight and asks the policy alone,
`match_ratio` plays whole matches one at a time through the driver, and `batched_ratio` plays 256 at a time with the batched
form. Children run on a core of their own where there are two, since where the system puts them decides the speed of a pipe.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

import games
from benchmarks.harness import interleave
from games import Game, Limits
from league.match import Matchup
from league.play import play
from populations.agent import Agent
from populations.agents.uri import load_agent
from populations.policy import Rows

GAME = "openspiel/tic_tac_toe"
BOTS = Path(__file__).parents[1] / "examples" / "bots"
SLOTS = 256
ECHO = "import sys\nfor line in sys.stdin:\n    sys.stdout.write(line)\n    sys.stdout.flush()"


def run(quick: bool) -> dict[str, Any]:
    game, rounds = games.make(GAME), 8 if quick else 20
    with _cores() as children, _ping_pong(children) as bare:
        single, batched = (_agent(game, f"{name}.py", children) for name in ("first_legal", "first_legal_batched"))
        rates = interleave(_decisions(game, single), bare, rounds=rounds, seconds=0.2)
        matches = interleave(_matches(game, single, 1, 20), bare, rounds=rounds, seconds=0.2)
        many = interleave(_matches(game, batched, SLOTS, 8 * SLOTS), bare, rounds=rounds, seconds=0.2)
        for agent in (single, batched):
            agent.policy.close()  # type: ignore[attr-defined]
    assert matches.peer is not None
    assert many.peer is not None
    return {
        "against": "a bare pipe ping-pong between two Python programs, one line each way",
        **rates.fields("decisions"),
        "match_decisions_per_s": matches.ours.best,
        "match_ratio": matches.ours.best / matches.peer.best,
        "match_ratio_median": matches.ours.median / matches.peer.median,
        "batched_decisions_per_s": many.ours.best,
        "batched_ratio": many.ours.best / many.peer.best,
        "batched_ratio_median": many.ours.median / many.peer.median,
        "slots": SLOTS,
        "cores": 2 if children else 1,
    }


@contextlib.contextmanager
def _cores() -> Iterator[set[int]]:
    """Keep this process on one core and yield another one for its children; nothing where there is only one."""
    if not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2:
        yield set()
        return
    before = os.sched_getaffinity(0)
    ours, theirs = sorted(before)[:2]
    os.sched_setaffinity(0, {ours})
    try:
        yield {theirs}
    finally:
        os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _on(cores: set[int]) -> Iterator[None]:
    """What is started here runs on these cores."""
    before = os.sched_getaffinity(0) if cores else set()
    if cores:
        os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        if cores:
            os.sched_setaffinity(0, before)


@contextlib.contextmanager
def _ping_pong(cores: set[int]) -> Iterator[Any]:
    with _on(cores):
        child = subprocess.Popen([sys.executable, "-c", ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdin is not None
    assert child.stdout is not None
    write, flush, read, line = child.stdin.write, child.stdin.flush, child.stdout.readline, b"x" * 100 + b"\n"

    def bare() -> int:
        for _ in range(200):
            write(line)
            flush()
            if read() != line:
                raise RuntimeError("the line did not come back; the rate is void")
        return 200

    with child:
        yield bare
        child.stdin.close()


def _agent(game: Game, name: str, cores: set[int]) -> Agent:
    agent = load_agent(f"process:{shlex.quote(sys.executable)} {shlex.quote(str(BOTS / name))}", game)
    with _on(cores):
        agent.policy.start()  # type: ignore[attr-defined]
    return agent


def _decisions(game: Game, agent: Agent) -> Any:
    """Ask the policy for one row after another, as they come in one match after another."""
    vector, rng, seen = game.vector(1, Limits(seats=2)), np.random.default_rng(0), []
    zero = np.zeros(1, np.int64)
    for match in range(30):
        seed = np.array([match], np.uint64)
        view = vector.assign(zero, [game.task_space.task()], seed)
        for step in count():
            if not view.acting.any():
                break
            assert view.action_mask is not None
            seat = np.flatnonzero(view.acting[0])
            observation = {name: values[0, seat].copy() for name, values in view.observation.items()}
            seen.append(
                Rows(observation, view.action_mask[0, seat].copy(), seed, seat, zero + step, zero, vector),
            )
            legal = np.flatnonzero(view.action_mask[0, seat[0]])
            view = vector.step(np.full((1, 2, 1), rng.choice(legal), np.int32))
    rows = cycle(seen)

    def decide() -> int:
        for _ in range(200):
            row = next(rows)
            decision = agent.policy.act(row, {})
            assert row.mask is not None
            if decision.failures or decision.action[0, 0] != row.mask[0].argmax():
                raise RuntimeError(f"the bot did not take the first legal action ({decision}); the rate is void")
        return 200

    return decide


def _matches(game: Game, agent: Agent, slots: int, portion: int) -> Any:
    """Play matches of the agent against itself; the number of their steps is that of decisions."""
    task, ordinals = game.task_space.task(), count()

    def some() -> int:
        asked = [Matchup("bench", k, task, (agent.id,) * 2, (agent.hash,) * 2, k) for k in islice(ordinals, portion)]
        records = [*play(game, asked, {agent.id: agent}, slots=slots)]
        if any(record.fault is not None for record in records) or len(records) != portion:
            raise RuntimeError("a match was not played to its end; the rate is void")
        return sum(record.length for record in records)

    return some
