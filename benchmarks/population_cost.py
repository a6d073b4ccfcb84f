"""What an agent-step costs as populations grow: our particle games with 3 to 48 agents, one core, observations written.

Microseconds per agent-step, best slice. Every agent sees every other one, so what is written for one grows with the population
(`observed` numbers per agent), and so does what is computed for it: distances to all others, within a constant that `pairs`
gives, the nanoseconds per ordered pair of agents at the largest population.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import games
from benchmarks.harness import Moving, Work, interleave

POPULATIONS = (3, 6, 12, 24, 48)
AGENTS_AT_ONCE = 6144  # in all worlds together: as many rows, whatever the population
STEPS = 20


def _halves(first: str, second: str) -> Any:
    return lambda n: {first: n - n // 2, second: n // 2}


GAMES: dict[str, Any] = {
    "resource": lambda n: {"population": n},
    "pursuit": lambda n: {"predators": max(2 * n // 3, n - 16), "prey": min(n - 2 * n // 3, 16)},
    "grassland": _halves("sheep", "wolves"),
    "battle": _halves("left", "right"),
    "food": lambda n: {"population": n},
    "treasure": lambda n: {"collectors": n - max(n // 8, 1), "deposits": min(max(n // 8, 1), 4)},
}
"""Game to the task of a population."""
TREASURE_MOST = 24


def run(quick: bool) -> dict[str, Any]:
    rounds, seconds = (5, 0.03) if quick else (40, 0.1)
    figures: dict[str, Any] = {"rows": AGENTS_AT_ONCE}
    for name, task in GAMES.items():
        costs: dict[str, Any] = {}
        for population in POPULATIONS:
            if name == "treasure" and population > TREASURE_MOST:
                continue
            moving = Moving(f"{name}, population {population}")
            work, observed = play(f"markov/{name}-v0", task(population), moving)
            rate = interleave(work, rounds=rounds, seconds=seconds).fields("agent_steps")
            moving.check()
            costs[str(population)] = {
                "us": 1e6 / rate["agent_steps_per_s"],
                "median_us": 1e6 / rate["agent_steps_per_s_median"],
                "observed": observed,
            }
            largest = population
        costs["pairs_ns"] = 1000 * costs[str(largest)]["us"] / (largest - 1)
        figures[name] = costs
    return figures


def play(name: str, values: dict[str, int], moving: Moving) -> tuple[Work, int]:
    """Return the work of playing `STEPS` steps in every world, and how many numbers one agent sees."""
    game = games.make(name)
    task = game.task_space.task(values)
    seats = len(game.seats(task))
    worlds = max(AGENTS_AT_ONCE // seats, 1)
    vector = game.vector(worlds, games.Limits(seats=seats, steps=STEPS))
    slots, seeds = np.arange(worlds), np.arange(worlds, dtype=np.uint64)
    actions = np.random.default_rng(0).integers(0, game.actions.sizes[0], (STEPS, worlds, seats, 1)).astype(np.int32)

    def work() -> int:
        seeds[:] += np.uint64(worlds)
        vector.assign(slots, [task] * worlds, seeds)
        for action in actions:
            step = vector.step(action)
            ended = int(np.count_nonzero(step.truncated | step.terminated))
            moving.look(step.observation["entities"], ended)
        return STEPS * worlds * seats

    observed = sum(int(np.prod(box.shape or ())) for box in vector.observation_space.values())
    return work, observed
