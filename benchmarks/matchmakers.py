"""Whom to meet in training: every matchmaker on three games without a best pure strategy, exploitability over time.

Tiny PPO learners with the same settings and the same number of decisions, five seeds. Measured exactly, at every snapshot: the
latest policy, and the matchmaker's own answer (its mixture where it has one, else the even average of all snapshots so far).
`motion` is how far the latest policy moves from one snapshot to the next. Every run is a line of
`results/cells/matchmakers.jsonl`; what is there is not run again. The table is `results/matchmakers.md`, the picture
`results/matchmakers.html`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from arena.build import plan
from arena.config import load
from benchmarks.cells import Cell, mean_interval, run_cells
from eval import nash_conv
from games import Game, Limits, Task, make
from games.markov.disc.nash import exploitability, project
from games.markov.matrix.nash import improvements
from league.exact import Exact
from league.matchmakers import Mixes, Pool
from league.store import Store
from league.training import Training
from populations.agent import Agent
from populations.policy import Policy, Rows, Tabular

SEEDS = (1, 2, 3, 4, 5)
STEPS, SNAPSHOT_EVERY = 150_000, 5_000
QUICK_STEPS, QUICK_SECONDS = 10_000, 35.0
RESULTS = Path(__file__).parent / "results"
DRAWS = 4096  # of a policy with continuous actions, for its mean

LEARNER: dict[str, Any] = {
    "kind": "ppo",
    "network": {"hidden": [16]},
    "settings": {"learning_rate": 3e-3, "entropy": 0.01},
}
"""All else as PPO is by default. What was varied (learning rate, entropy, size of a batch) was chosen by one thing only: that
the learner finds the best response to a fixed pure strategy between two snapshots, and the next one after the strategy changes;
a learner that has become deterministic does not."""

Strategy = NDArray[np.float64]
"""[2, D] what a policy plays on each seat, in a form whose averages are mixtures: probabilities, or the mean point."""


@dataclass(frozen=True)
class Contest:
    """A game of one step.

    Attributes:
        game: its name.
        task: values of its task.
        exploitability: mean over both seats of what the best answer gains against a strategy.
    """

    game: str
    task: dict[str, Any]
    exploitability: Callable[[Strategy], float]


def _blotto(strategy: Strategy) -> float:
    return nash_conv(Exact(make(CONTESTS["blotto"].game)).tree, strategy).value / 2


CONTESTS = {
    "biased_rps": Contest(
        "markov/matrix-v0", {"game": "biased_rps"}, lambda s: float(improvements("biased_rps", list(s)).sum() / 2)
    ),
    "blotto": Contest("openspiel/blotto(coins=5,fields=3,players=2)", {}, _blotto),
    "disc": Contest("markov/disc-v0", {}, lambda s: (exploitability(s[0]) + exploitability(s[1])) / 2),
}
"""Biased rock, paper, scissors; Blotto with 5 coins on 3 fields (21 pure strategies, none of them safe); the disc."""


def _league() -> dict[str, Any]:
    """One learner of each role; the exploiters freeze as often as the main agent, and begin anew."""
    often = {"kind": "every", "steps": SNAPSHOT_EVERY}
    return {
        "main": LEARNER,
        "hunter": LEARNER | {"role": "main_exploiter", "freeze": often, "reset": {}},
        "finder": LEARNER | {"role": "league_exploiter", "freeze": often, "reset": {"probability": 0.25}},
    }


MATCHMAKERS: dict[str, dict[str, Any]] = {
    "self_play": {"matchmaker": {"kind": "self_play"}},
    "fictitious": {"matchmaker": {"kind": "fictitious"}},
    "pfsp_squared": {"matchmaker": {"kind": "pfsp", "weighting": "squared"}},
    "pfsp_variance": {"matchmaker": {"kind": "pfsp", "weighting": "variance"}},
    "pfsp_linear": {"matchmaker": {"kind": "pfsp", "weighting": "linear"}},
    "delta_uniform": {"matchmaker": {"kind": "self_play", "delta": 0.5}},
    "elo_window": {"matchmaker": {"kind": "elo_window"}},
    "alphastar": {"matchmaker": {"kind": "alphastar"}, "learners": _league()},
    "psro_nash": {"matchmaker": {"kind": "psro", "solver": "nash"}},
    "psro_uniform": {"matchmaker": {"kind": "psro", "solver": "uniform"}},
    "psro_replicator": {"matchmaker": {"kind": "psro", "solver": "replicator"}},
    "psro_rectified": {"matchmaker": {"kind": "psro", "solver": "nash", "target": "rectified"}},
}
"""Name to the parts of a configuration that differ."""


def run(quick: bool) -> dict[str, Any]:
    cells = [
        {"game": game, "name": name, "seed": seed, "steps": QUICK_STEPS if quick else STEPS, **MATCHMAKERS[name]}
        for seed in (SEEDS[:1] if quick else SEEDS)
        for name in MATCHMAKERS
        for game in CONTESTS
    ]
    file = None if quick else RESULTS / "cells" / "matchmakers.jsonl"
    done = run_cells(train, cells, file=file, seconds=QUICK_SECONDS if quick else None)
    figures = {game: {name: _summary(done, game, name) for name in MATCHMAKERS} for game in CONTESTS}
    if file is not None:
        (RESULTS / "matchmakers.md").write_text(_table(figures), encoding="utf-8")
        _picture(done).write_html(RESULTS / "matchmakers.html", include_plotlyjs="cdn")
    return {"runs": len(done), "of": len(cells), **figures}


def train(cell: Cell) -> dict[str, Any]:
    """Return the curves of one run."""
    contest, steps = CONTESTS[cell["game"]], cell["steps"]
    configuration = {
        "game": contest.game,
        "seed": cell["seed"],
        "steps": steps,
        "slots": 128,
        "fragment": 1,
        "snapshot_every": SNAPSHOT_EVERY,
        "teacher": {"kind": "fixed", "tasks": contest.task},
        "learners": {"main": LEARNER},
        "evaluation": {"past": 0},
        "checkpoint_seconds": 1e9,
    } | {part: cell[part] for part in ("matchmaker", "learners", "league") if part in cell}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "run.yaml"
        file.write_text(yaml.safe_dump(configuration))
        with Store(Path(folder) / "run", write=True, create=True) as store:
            training = plan(*load(file)).training(store, tensorboard=False)
            try:
                return _watched(training, contest)
            finally:
                training.close()


def _watched(training: Training, contest: Contest) -> dict[str, Any]:
    game, task = training.game, training.game.task_space.task(contest.task)
    strategies: dict[str, Strategy] = {}
    curves: dict[str, list[float]] = {"steps": [], "latest": [], "answer": [], "motion": []}

    def watch(_: object) -> bool:
        members = training.members
        fresh = [name for name in members.pool.snapshots if name not in strategies]
        for name in fresh:
            strategies[name] = _strategy(game, task, members.agents[name])
        if any(members.pool.snapshots[name] == "main" for name in fresh):
            mine = [s for name, s in strategies.items() if members.pool.snapshots[name] == "main"]
            shares = _answer(training.matchmaker, members.pool)
            answer = np.tensordot([*shares.values()], [strategies[name] for name in shares], 1)
            curves["steps"].append(training.steps)
            curves["latest"].append(contest.exploitability(mine[-1]))
            curves["answer"].append(contest.exploitability(answer))
            curves["motion"].append(float(np.linalg.norm(mine[-1] - mine[-2], axis=1).mean()) if mine[1:] else 0.0)
        return True

    training.run(watch)
    watch(None)
    return {name: [round(x, 5) for x in values] for name, values in curves.items()}


def _answer(matchmaker: object, pool: Pool) -> dict[str, float]:
    """Return how a matchmaker would play the game: shares of snapshots."""
    if isinstance(matchmaker, Mixes):
        return {name: share for name, share in matchmaker.mixture(pool).items() if share > 0}
    mine = [name for name, parent in pool.snapshots.items() if parent == "main"]
    return dict.fromkeys(mine, 1 / len(mine))


def _strategy(game: Game, task: Task, agent: Agent) -> Strategy:
    """Return what an agent plays on both seats."""
    vector = game.vector(1, Limits(seats=2))
    view = vector.assign(np.zeros(1, np.int64), [task], np.zeros(1, np.uint64))
    if game.actions.continuous:
        return np.stack([_mean_point(agent.policy, _rows(view, np.full(DRAWS, seat))) for seat in range(2)])
    assert isinstance(agent.policy, Tabular)
    return np.asarray(agent.policy.probabilities(_rows(view, np.arange(2))))[:, : _width(view)]


def _rows(view: Any, seats: NDArray[np.int64]) -> Rows:
    count = len(seats)
    mask = None if view.action_mask is None else view.action_mask[0, seats]
    observation = {name: array[0, seats] for name, array in view.observation.items()}
    zeros = np.zeros(count, np.int64)
    return Rows(observation, mask, np.arange(count, dtype=np.uint64), seats, zeros, zeros)


def _width(view: Any) -> int:
    """The number of actions that the task has."""
    return int(view.action_mask[0, 0].sum())


def _mean_point(policy: Policy, rows: Rows) -> NDArray[np.float64]:
    points = policy.act(rows, policy.initial_state(len(rows))).action
    mean: NDArray[np.float64] = project(points).mean(axis=0)
    return mean


def _summary(done: list[tuple[Cell, dict[str, Any]]], game: str, name: str) -> dict[str, Any]:
    """Return [mean, low, high] over seeds: the latest policy and its motion over the last half of the runs, the last answer."""
    runs = [figures for cell, figures in done if cell["game"] == game and cell["name"] == name]
    if not runs:
        return {}
    half = [len(r["steps"]) // 2 for r in runs]
    return {
        "latest": mean_interval([float(np.mean(r["latest"][h:])) for r, h in zip(runs, half, strict=True)]),
        "answer": mean_interval([r["answer"][-1] for r in runs]),
        "motion": mean_interval([float(np.mean(r["motion"][h:])) for r, h in zip(runs, half, strict=True)]),
        "seconds": round(float(np.mean([r["seconds"] for r in runs])), 1),
    }


def _table(figures: dict[str, dict[str, Any]]) -> str:
    """Return a table in Markdown: mean over seeds and its 95 % interval."""
    columns = [(game, kind) for game in CONTESTS for kind in ("latest", "answer", "motion")]
    lines = ["| matchmaker | " + " | ".join(f"{game}: {kind}" for game, kind in columns) + " |"]
    lines.append("| --- " * (len(columns) + 1) + "|")
    for name in MATCHMAKERS:
        cells = [figures[game][name].get(kind) for game, kind in columns]
        shown = ["" if c is None else f"{c[0]:.3f} ({c[1]:.3f} to {c[2]:.3f})" for c in cells]
        lines.append(f"| `{name}` | {' | '.join(shown)} |")
    return "\n".join(lines) + "\n"


def _picture(done: list[tuple[Cell, dict[str, Any]]]) -> Any:
    """Return curves of exploitability, a column a game, a colour a matchmaker, means over seeds."""
    from plotly.colors import qualitative
    from plotly.subplots import make_subplots

    titles = [f"{game}: {kind}" for kind in ("latest policy", "the matchmaker's answer") for game in CONTESTS]
    figure = make_subplots(2, len(CONTESTS), subplot_titles=titles, shared_xaxes=True)
    grid = np.linspace(0, STEPS, 31)
    for number, name in enumerate(MATCHMAKERS):
        colour = qualitative.Dark24[number % len(qualitative.Dark24)]
        for column, game in enumerate(CONTESTS):
            runs = [found for cell, found in done if cell["game"] == game and cell["name"] == name]
            for row, kind in enumerate(("latest", "answer")):
                curves = [np.interp(grid, run["steps"], run[kind]) for run in runs]
                figure.add_scatter(
                    x=grid,
                    y=np.mean(curves, axis=0) if curves else [],
                    name=name,
                    legendgroup=name,
                    showlegend=row == column == 0,
                    line={"color": colour},
                    row=row + 1,
                    col=column + 1,
                )
    figure.update_layout(
        title=f"Exploitability (0 is equilibrium) over decisions, means over {len(SEEDS)} seeds",
        height=800,
        template="simple_white",
    )
    return figure
