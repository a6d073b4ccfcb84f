"""What agents that learn nothing get in the resource game: chance, greed and the stage equilibrium, 2 to 24 agents.

Return per agent and match of twenty steps, means over 200 matches with the same starts for everyone and 95 % bootstrap
intervals over matches. `normalised` puts greed on the scale whose 0 is the random agent and whose 1 is the assignment
controller (`league.yardstick`). Beside them stands the stage game: what agents would get who are in place from the first step
on (`games.markov.resource.nash`). The table is `results/resource-references.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import games
from eval import Interval, cluster_mean
from games.markov.resource.nash import table
from games.markov.resource.rules import HORIZON
from league.yardstick import Yardstick, self_play
from populations.agents import load_agent

RESULTS = Path(__file__).parent / "results"
GREEDY = "scripted:resource-greedy"
AGENTS = {
    "random": "random",
    "greedy, worth per way": GREEDY,
    "greedy, nearest": f"{GREEDY}?by=way",
    "greedy, most valuable": f"{GREEDY}?by=worth",
    "assignment": "scripted:resource-assignment",
}


def run(quick: bool) -> dict[str, Any]:
    populations = (3, 6, 12) if quick else tuple(range(2, 25))
    matches = 50 if quick else 200
    found = {population: measure(population, matches) for population in populations}
    if not quick:
        (RESULTS / "resource-references.md").write_text(_table(found), encoding="utf-8")
    return {
        "matches": matches,
        "returns_per_agent": {
            str(n): {name: [r.mean, r.low, r.high] for name, r in row.items()} for n, row in found.items()
        },
        "normalised": {
            str(n): {name: scale(row).normalised(row[name].mean) for name in list(AGENTS)[1:-1]}
            for n, row in found.items()
        },
    }


def measure(population: int, matches: int = 200, seed: int = 0) -> dict[str, Interval]:
    """Return agent to its return per agent and match."""
    game = games.make("markov/resource-v0")
    task = game.task_space.task({"population": population})
    returns = {
        name: self_play(game, load_agent(uri, game), task, matches=matches, seed=seed) for name, uri in AGENTS.items()
    }
    return {name: cluster_mean(values, np.arange(matches)) for name, values in returns.items()}


def scale(row: dict[str, Interval]) -> Yardstick:
    """Return the scale of one population."""
    return Yardstick(row["random"], row["assignment"])


def _table(found: dict[int, dict[str, Interval]]) -> str:
    stages = dict(zip(found, table(found), strict=True))
    lines = [
        f"| agents | {' | '.join(AGENTS)} | stage equilibrium | greedy, normalised |",
        "| ---: |" + " ---: |" * (len(AGENTS) + 2),
    ]
    for n, row in found.items():
        cells = [f"{r.mean:.2f} ({r.low:.2f} to {r.high:.2f})" for r in row.values()]
        normal = " / ".join(f"{scale(row).normalised(row[name].mean):.2f}" for name in list(AGENTS)[1:-1])
        lines.append(f"| {n} | {' | '.join(cells)} | {HORIZON * stages[n].share:.2f} | {normal} |")
    return "\n".join(lines) + "\n"
