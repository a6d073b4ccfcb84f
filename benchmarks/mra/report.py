"""Tables and pictures: interquartile means over seeds with 95 % bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.cells import Cell
from benchmarks.mra.measure import ADAPTED, HELD_OUT, UPDATES
from benchmarks.mra.methods import TRAIN
from eval import iqm, stratified_bootstrap

__all__ = ["picture", "summary", "table"]

References = Mapping[str, tuple[float, float]]
"""Population to what is worth 0 and 1."""


def summary(
    done: Sequence[tuple[Cell, dict[str, Any]]], methods: Sequence[str], references: References
) -> dict[str, Any]:
    """Return method to its figures: [interquartile mean, low, high] over seeds, of scores normalised by population.

    `train` and `held_out` are means over their populations, `worst` is the least of the held-out ones, `gap` the first less
    the second, `best_mode` what the best single latent gets on the held-out ones (an upper bound, for it is chosen there).
    """
    return {name: _one([figures for cell, figures in done if cell["method"] == name], references) for name in methods}


def _one(runs: Sequence[dict[str, Any]], references: References) -> dict[str, Any]:
    if not runs:
        return {}
    scores = [normalised(run["returns"], references) for run in runs]
    trained = [float(np.mean([s[str(n)] for n in TRAIN])) for s in scores]
    held = [float(np.mean([s[str(n)] for n in HELD_OUT])) for s in scores]
    found: dict[str, Any] = {
        "seeds": len(runs),
        "train": _interval(trained),
        "held_out": _interval(held),
        "worst": _interval([min(s[str(n)] for n in HELD_OUT) for s in scores]),
        "gap": _interval([a - b for a, b in zip(trained, held, strict=True)]),
        "by_population": {n: _interval([s[n] for s in scores]) for n in references},
    }
    if all(run["modes"] for run in runs):
        best = []
        for run in runs:
            modes = [normalised(returns, references) for returns in run["modes"].values()]
            best.append(float(np.mean([max(mode[str(n)] for mode in modes) for n in HELD_OUT])))
        found["best_mode"] = _interval(best)
    for name in runs[0]["monitors"]:
        found[name] = _interval([run["monitors"][name] for run in runs])
    low, high = references[str(ADAPTED)]
    for method in runs[0]["adaptation"]:
        curves = np.array([run["adaptation"][method] for run in runs])
        found[f"adapted_{method}"] = [_interval((column - low) / (high - low)) for column in curves.T]
    return found


def normalised(returns: Mapping[str, float], references: References) -> dict[str, float]:
    """Return population to (return - random) / (assignment - random)."""
    return {n: (value - references[n][0]) / (references[n][1] - references[n][0]) for n, value in returns.items()}


def _interval(values: Sequence[float] | np.ndarray) -> list[float]:
    """Return the interquartile mean and the 95 % percentile interval of its bootstrap over seeds."""
    table = np.asarray(values, np.float64)[:, np.newaxis]
    found = stratified_bootstrap(iqm, table)
    return [found.mean, found.low, found.high]


def table(figures: Mapping[str, Any]) -> str:
    """Return tables in Markdown."""
    titles = ("train", "held_out", "worst", "gap", "best_mode", "mi")
    lines = ["| method | seeds | " + " | ".join(titles) + " |", "| --- " * (len(titles) + 2) + "|"]
    order = sorted((name for name in figures if figures[name]), key=lambda name: -figures[name]["held_out"][0])
    for name in order:
        found = figures[name]
        lines.append(f"| {name} | {found['seeds']} | {' | '.join(_shown(found.get(title)) for title in titles)} |")
    populations = [*TRAIN, *HELD_OUT]
    lines += ["", "| method | " + " | ".join(f"n={n}" for n in populations) + " |"]
    lines.append("| --- " * (len(populations) + 1) + "|")
    for name in order:
        cells = [f"{figures[name]['by_population'][str(n)][0]:.2f}" for n in populations]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", f"| n={ADAPTED} after updates | " + " | ".join(map(str, UPDATES)) + " |"]
    lines.append("| --- " * (len(UPDATES) + 1) + "|")
    for name in order:
        for method in ("gradient", "selection"):
            if points := figures[name].get(f"adapted_{method}"):
                lines.append(f"| {name}, {method} | {' | '.join(_shown(point) for point in points)} |")
    return "\n".join(lines) + "\n"


def _shown(value: list[float] | None) -> str:
    return "" if value is None else f"{value[0]:.2f} ({value[1]:.2f} to {value[2]:.2f})"


def picture(figures: Mapping[str, Any]) -> Any:
    """Return the normalised score of each method over populations."""
    from plotly.graph_objects import Figure

    populations = sorted((*TRAIN, *HELD_OUT))
    figure = Figure()
    for name, found in figures.items():
        if found:
            points = np.array([found["by_population"][str(n)] for n in populations])
            error = {"array": points[:, 2] - points[:, 0], "arrayminus": points[:, 0] - points[:, 1]}
            figure.add_scatter(x=populations, y=points[:, 0], name=name, error_y=error)
    figure.update_layout(
        title=f"Normalised score by population; trained on {', '.join(map(str, TRAIN))}",
        xaxis_title="population",
        yaxis_title="0 is random, 1 the assignment controller",
        template="simple_white",
    )
    return figure
