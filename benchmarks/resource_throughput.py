"""Steps of the resource game on one core, 1024 worlds, observations written, against mpe2's simple_spread.

Actions are drawn beforehand on both sides. Ours count new matches in, which is one call every twenty steps. The peer has
three agents in one world and takes a dictionary of actions; figures are agent-steps on both sides.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import games
from benchmarks.harness import Moving, Work, absent, interleave, versions

WORLDS = 1024


def run(quick: bool) -> dict[str, Any]:
    rounds, seconds = (30, 0.05) if quick else (100, 0.1)
    moving = [Moving(f"resource, population {population}") for population in (6, 2, 48)]
    six, two, most = (resource(population, guard) for population, guard in zip((6, 2, 48), moving, strict=True))
    figures: dict[str, Any] = {"worlds": WORLDS, "population": 6}
    peer = None
    moving.append(Moving("simple_spread"))
    try:
        peer = spread(moving[-1])
        figures |= {"against": "mpe2 simple_spread_v3, 3 agents, parallel API", "versions": versions("mpe2")}
    except ImportError as error:
        figures |= absent(error)
        moving.pop()
    figures |= interleave(six, peer, rounds=rounds, seconds=seconds).fields("agent_steps")
    for population, work in ((2, two), (48, most)):
        alone = interleave(work, rounds=rounds // 5, seconds=seconds).fields("agent_steps")
        figures |= {f"population_{population}_{name}": value for name, value in alone.items()}
    for guard in moving:
        guard.check()
    return figures


def resource(population: int, moving: Moving) -> Work:
    """Return the work of playing one match in every world."""
    game = games.make("markov/resource-v0")
    vector = game.vector(WORLDS, games.Limits(seats=population))
    tasks = [game.task_space.task({"population": population})] * WORLDS
    slots, seeds = np.arange(WORLDS), np.arange(WORLDS, dtype=np.uint64)
    actions = np.random.default_rng(0).integers(0, 5, (20, WORLDS, population, 1)).astype(np.int32)

    def work() -> int:
        seeds[:] += np.uint64(WORLDS)
        vector.assign(slots, tasks, seeds)
        for action in actions:
            step = vector.step(action)
            moving.look(step.observation["entities"], int(np.count_nonzero(step.truncated)))
        return len(actions) * WORLDS * population

    return work


def spread(moving: Moving) -> Work:
    """Return the work of playing one episode of the peer."""
    from mpe2 import simple_spread_v3

    env = simple_spread_v3.parallel_env(N=3, max_cycles=25)
    actions = np.random.default_rng(0).integers(0, 5, (64, 3)).tolist()
    episodes = 0

    def work() -> int:
        nonlocal episodes
        env.reset(seed=episodes)
        episodes += 1
        done = 0
        while env.agents:
            acting = list(env.agents)  # the environment empties its own
            observations, *_ = env.step(dict(zip(acting, actions[done % 64], strict=True)))
            moving.look(observations[acting[0]], not env.agents)
            done += 1
        return 3 * done

    return work
