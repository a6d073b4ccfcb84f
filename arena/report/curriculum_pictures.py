"""Pictures of a curriculum: where tasks were set, why, and what came of them, over the run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots

from arena.report.curriculum import Curriculum
from arena.report.pictures import COLOURS, INK, Picture, style
from games import Parameter
from league.teachers.projection import Outline, outline, ticks

__all__ = ["curriculum_pictures"]

Array = NDArray[np.float64]
Pair = tuple[int, int]

WINDOWS, ACROSS = 6, 3  # parts of the run, and how many of them in a row
PAIRS = 2  # pairs of parameters that are shown
POINTS = 350  # of one window
SHAPES = 40  # of one sketch
TIMES = 48  # parts of the run, for shares
CELLS = 8  # parts of a parameter's range, for outcomes
LEAST = 3  # matches behind a mean
_SYMBOLS = ("circle", "diamond", "square", "cross", "triangle-up", "x", "star", "hexagon")
_SKETCH = "what the teacher believed"
_SHADES = [(0.0, "#f1eee4"), (0.5, "#7fa8c9"), (1.0, "#153e6b")]


def curriculum_pictures(found: Curriculum) -> Iterator[tuple[str, Picture]]:
    """Yield (heading, picture), the most telling first."""
    projection = found.projection()
    edges = np.linspace(0.0, max(found.steps.max(), 1.0), WINDOWS + 1)
    window = np.clip(np.searchsorted(edges, found.steps, side="right") - 1, 0, WINDOWS - 1)
    names = list(found.space)
    if len(projection.free) == 1:
        only = projection.free[0]
        yield f"Tasks over the run: {names[only]}", _strip(found, only)
        pairs: list[Pair] = []
    else:
        parts = [projection.divergence(found.points[window == w]) for w in range(WINDOWS)]
        far = {pair: sum(part[pair] for part in parts) for pair in parts[0]}
        pairs = sorted(far, key=lambda pair: -far[pair])[:PAIRS]
    for pair in pairs:
        yield f"Tasks over the run: {names[pair[0]]} and {names[pair[1]]}", _scatter(found, pair, window, edges)
    if len(set(found.origins)) > 1:
        yield "Why tasks were set", _shares(found)
    picture = _outcomes(found, pairs[0], window, edges) if pairs else _outcomes_over_time(found, projection.free[0])
    if picture is not None:
        yield f"Mean {found.measured} by task", picture


def _scatter(found: Curriculum, pair: Pair, window: NDArray[np.int64], edges: Array) -> Picture:
    figure = _panels(found, pair, edges, ACROSS)
    blurred = _blurred(found)
    kinds = _kinds(found)
    for w in range(WINDOWS):
        place = {"row": w // ACROSS + 1, "col": w % ACROSS + 1}
        rows = np.flatnonzero(window == w)
        rows = rows[np.isfinite(found.points[rows][:, pair]).all(axis=1)]
        rows = rows[_spread(len(rows), POINTS)]
        for k, kind in enumerate(kinds):
            chosen = rows[found.origins[rows] == kind]
            figure.add_trace(
                _dots(blurred[chosen][:, pair], k, kind, [_task(found, row, pair) for row in chosen]), **place
            )
        for shape, weight in _believed(found, edges[w], edges[w + 1], pair):
            figure.add_trace(_drawn(shape.path, weight), **place)
    _legend(figure, [*kinds, *([_SKETCH] if found.sketches else [])])
    shown = "Each dot is a task"
    if any(_grain(list(found.space.values())[d]) for d in pair):
        shown += ", moved a little within its value where values are whole or named"
    believed = (
        "; in black what the teacher believed at the end of the part: two standard deviations of a Gaussian, a box, or a "
        "task, thicker or larger the more often tasks come from it"
        if found.sketches
        else ""
    )
    return Picture(figure, f"{shown}{believed}.{_sampled(found)}", _in_words(found, pair, window))


def _strip(found: Curriculum, only: int) -> Picture:
    """One parameter over the steps of the run."""
    figure = go.Figure()
    blurred = _blurred(found)
    rows = np.flatnonzero(np.isfinite(found.points[:, only]))
    rows = rows[_spread(len(rows), WINDOWS * POINTS)]
    kinds = _kinds(found)
    for k, kind in enumerate(kinds):
        chosen = rows[found.origins[rows] == kind]
        places = np.stack([found.steps[chosen], blurred[chosen, only]], axis=1)
        figure.add_trace(_dots(places, k, kind, [_task(found, row, (only,)) for row in chosen]))
    drawn = [found.sketches[k] for k in _spread(len(found.sketches), 2 * WINDOWS)]
    for step, shapes in drawn:
        for shape, weight in _heaviest(shapes, (only, only)):
            low, high = shape.path[:, 0].min(), shape.path[:, 0].max()
            upright = [(step, low), (step, high)] if high > low else [(step, low)]
            figure.add_trace(_drawn(np.array(upright, dtype=float), weight))
    style(figure, height=380, left=70)
    _legend(figure, [*kinds, *([_SKETCH] if drawn else [])])
    figure.update_xaxes(title="steps")
    figure.update_yaxes(**_axis(found, only))
    believed = "; in black what the teacher believed now and then" if drawn else ""
    text = f"Each dot is a task{believed}.{_sampled(found)}"
    return Picture(figure, text, _in_words(found, (only,), (found.steps > found.steps.max() / 2).astype(np.int64)))


def _shares(found: Curriculum) -> Picture:
    figure = go.Figure()
    edges = np.linspace(0.0, found.steps.max() + 1e-9, min(TIMES, max(len(found.steps) // 20, 1)) + 1)
    total, _ = np.histogram(found.steps, edges)
    used = total > 0
    middle = (edges[:-1] + edges[1:])[used] / 2.0
    said = []
    for k, kind in enumerate(_kinds(found)):
        count, _ = np.histogram(found.steps[found.origins == kind], edges)
        share = 100.0 * count[used] / total[used]
        figure.add_trace(
            go.Scatter(
                x=middle,
                y=share,
                name=escape(kind),
                stackgroup="origins",
                mode="lines",
                line={"width": 0.8, "color": COLOURS[k % len(COLOURS)]},
                hovertemplate="%{x:,.0f} steps: %{y:.0f} %<extra>%{fullData.name}</extra>",
            )
        )
        said.append(f"{kind} {share[0]:.0f} per cent at first and {share[-1]:.0f} at last")
    style(figure, height=300, left=60)
    figure.update_xaxes(title="steps", range=[0.0, float(edges[-1])])
    figure.update_yaxes(title="tasks, %", range=[0, 100])
    return Picture(
        figure,
        f"The word that the teacher gave as its reason, as a share of the tasks.{_sampled(found)}",
        f"{'; '.join(said)}.",
    )


def _outcomes(found: Curriculum, pair: Pair, window: NDArray[np.int64], edges: Array) -> Picture | None:
    """Mean outcome over two parameters, in thirds of the run."""
    thirds = window * 3 // WINDOWS
    cells = [_cells(found, d) for d in pair]
    tables = [_means(found.points[thirds == t][:, pair], found.outcomes[thirds == t], cells) for t in range(3)]
    low, high = _range([mean for mean, _ in tables])
    if not high > low:
        return None
    figure = _panels(found, pair, edges[:: WINDOWS // 3], 3)
    for t, (mean, count) in enumerate(tables):
        figure.add_trace(_heat(_middles(cells[0]), _middles(cells[1]), mean, count), row=1, col=t + 1)
    figure.update_layout(height=310, margin_t=30, margin_r=90, coloraxis=_colours(found.measured, low, high))
    return Picture(
        figure, f"Cells of fewer than {LEAST} matches are left empty.{_sampled(found)}", _extremes(found, low, high)
    )


def _outcomes_over_time(found: Curriculum, only: int) -> Picture | None:
    """Mean outcome over the one parameter and the steps."""
    last = max(float(found.steps.max()), 1.0)
    cells = [2 * WINDOWS, _cells(found, only)]
    places = np.stack([found.steps / last, found.points[:, only]], axis=1)
    mean, count = _means(places, found.outcomes, cells)
    low, high = _range([mean])
    if not high > low:
        return None
    figure = go.Figure(_heat(_middles(cells[0]) * last, _middles(cells[1]), mean, count))
    style(figure, height=330, left=70)
    figure.update_layout(coloraxis=_colours(found.measured, low, high))
    figure.update_xaxes(title="steps", showgrid=False)
    figure.update_yaxes(**_axis(found, only), showgrid=False)
    return Picture(
        figure, f"Cells of fewer than {LEAST} matches are left empty.{_sampled(found)}", _extremes(found, low, high)
    )


# parts of pictures


def _panels(found: Curriculum, pair: Pair, edges: Array, across: int) -> go.Figure:
    """Return an empty panel for each part of the run, all with the same axes."""
    titles = [f"{_steps(start)} to {_steps(end)} steps" for start, end in pairwise(edges)]
    down = len(titles) // across
    figure = make_subplots(
        rows=down,
        cols=across,
        shared_xaxes=True,
        shared_yaxes=True,
        subplot_titles=titles,
        horizontal_spacing=0.025,
        vertical_spacing=0.09,
    )
    style(figure, height=90 + 250 * down, left=70)
    figure.update_layout(margin_t=70)
    figure.update_annotations(font={"size": 12, "color": INK})
    x, y = _axis(found, pair[0]), _axis(found, pair[1])
    figure.update_xaxes(**x | {"title": None}, showgrid=False, mirror=True, linewidth=1)
    figure.update_yaxes(**y | {"title": None}, showgrid=False, mirror=True, linewidth=1)
    figure.update_xaxes(title=x["title"], row=down)
    figure.update_yaxes(title=y["title"], col=1)
    return figure


def _axis(found: Curriculum, d: int) -> dict[str, object]:
    """Return the axis of a parameter: places are in the unit interval, ticks in its own units."""
    name, parameter = list(found.space.items())[d]
    marks = ticks(parameter)
    return {
        "title": escape(name),
        "range": [-0.03, 1.03],
        "tickvals": [place for place, _ in marks],
        "ticktext": [escape(label) for _, label in marks],
        "zeroline": False,
    }


def _dots(places: Array, k: int, kind: str, tasks: list[str]) -> go.Scatter:
    return go.Scatter(
        x=places[:, 0].round(4),
        y=places[:, 1].round(4),
        mode="markers",
        name=escape(kind),
        legendgroup=escape(kind),
        showlegend=False,
        marker={
            "size": 5,
            "opacity": 0.55,
            "color": COLOURS[k % len(COLOURS)],
            "symbol": _SYMBOLS[k % len(_SYMBOLS)],
            "line": {"width": 0},
        },
        text=tasks,
        hovertemplate="%{text}<extra>%{fullData.name}</extra>",
    )


def _drawn(path: Array, weight: float) -> go.Scatter:
    """Return a shape; `weight` is relative to the heaviest one."""
    looks = {"legendgroup": _SKETCH, "name": _SKETCH, "showlegend": False, "hoverinfo": "skip"}
    x, y = path.T.round(4)
    if len(path) == 1:
        marker = {"symbol": "circle-open", "size": 4 + 7 * weight, "color": INK, "line": {"width": 1.2}}
        return go.Scatter(x=x, y=y, mode="markers", marker=marker, **looks)
    line = {"color": INK, "width": 0.8 + 2.2 * weight}
    return go.Scatter(x=x, y=y, mode="lines", line=line, opacity=0.35 + 0.55 * weight, **looks)


def _legend(figure: go.Figure, names: Sequence[str]) -> None:
    """Add one entry for each kind of dot, and one for the shapes."""
    for k, name in enumerate(names):
        looks = (
            {"symbol": "circle-open", "color": INK}
            if name == _SKETCH
            else {"symbol": _SYMBOLS[k % len(_SYMBOLS)], "color": COLOURS[k % len(COLOURS)]}
        )
        label = escape(name)
        figure.add_trace(
            go.Scatter(x=[None], y=[None], mode="markers", name=label, legendgroup=label, marker=looks | {"size": 9})
        )
    figure.update_layout(legend={"y": 1.08, "itemsizing": "constant"}, showlegend=True)


def _heat(x: Array, y: Array, mean: Array, count: NDArray[np.int64]) -> go.Heatmap:
    return go.Heatmap(
        x=x,
        y=y,
        z=mean.T,
        customdata=count.T,
        coloraxis="coloraxis",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        hovertemplate="%{z:.3g}, mean of %{customdata:,} matches<extra></extra>",
    )


def _colours(measured: str, low: float, high: float) -> dict[str, object]:
    bar = {"title": {"text": measured}, "thickness": 12, "outlinewidth": 0}
    return {"colorscale": _SHADES, "cmin": low, "cmax": high, "colorbar": bar}


# numbers


def _kinds(found: Curriculum) -> list[str]:
    """Return the origins, the most frequent first."""
    names, counts = np.unique(found.origins, return_counts=True)
    return [str(names[k]) for k in np.argsort(-counts, kind="stable")]


def _grain(parameter: Parameter) -> float:
    """Return the part of the unit interval that one value owns; 0 for reals."""
    return 1.0 / parameter.count


def _blurred(found: Curriculum) -> Array:
    """Return the points, those of whole and named values moved a little, so that equal tasks do not hide each other."""
    grain = np.array([_grain(parameter) for parameter in found.space.values()])
    noise = np.random.default_rng(0).uniform(-0.35, 0.35, found.points.shape)
    moved: Array = found.points + grain * noise
    return moved


def _spread(n: int, most: int) -> NDArray[np.int64]:
    """Return at most so many of n numbers, evenly spread."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(np.int64)) if n else np.zeros(0, np.int64)


def _believed(found: Curriculum, low: float, high: float, pair: Pair) -> Iterator[tuple[Outline, float]]:
    """Yield (outline, weight relative to the heaviest) of the last sketch between two steps."""
    shapes = [shapes for step, shapes in found.sketches if low < step <= high][-1:]
    yield from _heaviest(shapes[0], pair) if shapes else ()


def _heaviest(shapes: Sequence[dict[str, Any]], pair: Pair) -> Iterator[tuple[Outline, float]]:
    best = sorted(shapes, key=lambda shape: -shape["weight"])[:SHAPES]
    most = best[0]["weight"] if best else 0.0
    for shape in best:
        yield outline(shape, pair), shape["weight"] / most if most > 0.0 else 1.0


def _cells(found: Curriculum, d: int) -> int:
    """Return in how many parts a parameter is cut for means."""
    count = list(found.space.values())[d].count
    return int(count) if count <= 1.5 * CELLS else CELLS


def _middles(cells: int) -> Array:
    middles: Array = (np.arange(cells) + 0.5) / cells
    return middles


def _means(places: Array, outcomes: Array, cells: Sequence[int]) -> tuple[Array, NDArray[np.int64]]:
    """Return the mean outcome in each cell of the unit square, NaN where it rests on too few, and on how many it rests."""
    good = np.isfinite(places).all(axis=1) & np.isfinite(outcomes)
    cell = np.minimum((places[good] * cells).astype(np.int64), np.array(cells) - 1)
    flat, size = cell[:, 0] * cells[1] + cell[:, 1], cells[0] * cells[1]
    count = np.bincount(flat, minlength=size)
    total = np.bincount(flat, outcomes[good], minlength=size)
    mean = np.where(count >= LEAST, total / np.maximum(count, 1), np.nan)
    return mean.reshape(*cells), count.reshape(*cells)


def _range(means: Sequence[Array]) -> tuple[float, float]:
    known = np.concatenate([mean[np.isfinite(mean)] for mean in means])
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


# words


def _task(found: Curriculum, row: int, where: Sequence[int]) -> str:
    parameters = list(found.space.items())
    values = [(name, p.from_unit(x)) for (name, p), x in ((parameters[d], found.points[row, d]) for d in where)]
    return "<br>".join(f"{escape(name)} {_value(value)}" for name, value in values)


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else escape(str(value))


def _sampled(found: Curriculum) -> str:
    shown = len(found.steps)
    return f" From {shown:,} of {found.matches:,} matches." if shown < found.matches else f" From {shown:,} matches."


def _in_words(found: Curriculum, where: Sequence[int], window: NDArray[np.int64]) -> str:
    """Return where tasks lay at first and at last."""
    said = []
    for d in where:
        name, parameter = list(found.space.items())[d]
        ends = [found.points[window == w, d] for w in (0, window.max())]
        first, last = (
            _value(parameter.from_unit(float(np.nanmedian(x)))) if np.isfinite(x).any() else "nowhere" for x in ends
        )
        said.append(f"{name} was {first} at first and {last} at last")
    return f"The median of {', of '.join(said)}."


def _steps(steps: float) -> str:
    for unit, name in ((1e6, "M"), (1e3, "k")):
        if steps >= unit:
            return f"{steps / unit:.3g} {name}"
    return f"{steps:.0f}"


def _extremes(found: Curriculum, low: float, high: float) -> str:
    return f"From {low:.3g} to {high:.3g}."
