"""The pictures of a report, as plotly figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go

from arena.report.chapter import Chapter, Curve
from arena.standings import Standings
from eval import wilson

__all__ = ["COLOURS", "INK", "Picture", "curve_pictures", "leaderboard_picture", "payoff_picture", "style"]

COLOURS = ("#1f5fa8", "#c2571a", "#2b7a4b", "#8a4fa3", "#9a8218", "#5b6770", "#b23a5e", "#2a8c99")
INK, GRID = "#222", "#e4e4e0"
_POINTS = 1000  # of one line: more cannot be seen
_LOSSES = ("policy_loss", "value_loss", "entropy", "kl", "magnet_kl", "explained_variance", "clipped", "gradient_norm")


@dataclass(frozen=True)
class Picture:
    """A figure and one sentence that says how to read it.

    Attributes:
        figure: the figure.
        caption: the sentence, which stands below it.
        text: what it shows, for those who do not see it.
    """

    figure: go.Figure
    caption: str
    text: str = ""


def leaderboard_picture(result: Standings) -> Picture | None:
    """Ratings with their intervals, the best on top; None without ratings."""
    lines = [line for line in result.lines if line.rating is not None][::-1]
    if not lines:
        return None
    rating = np.array([line.rating for line in lines], dtype=float)
    low, high = (np.array([getattr(line, end) for line in lines], dtype=float) for end in ("low", "high"))
    figure = go.Figure(
        go.Scatter(
            x=rating,
            y=[escape(line.agent) for line in lines],
            mode="markers",
            marker={"size": 9, "color": COLOURS[0]},
            error_x={
                "type": "data",
                "array": high - rating,
                "arrayminus": rating - low,
                "color": COLOURS[0],
                "thickness": 1.6,
            },
            customdata=np.stack([low, high, [line.games for line in lines]], axis=1),
            hovertemplate="%{y}: %{x:.0f} Elo<br>95 %: %{customdata[0]:.0f} to %{customdata[1]:.0f}"
            "<br>%{customdata[2]:,} matches<extra></extra>",
        )
    )
    style(figure, height=90 + 30 * len(lines), left=20)
    figure.update_xaxes(title="Elo")
    figure.update_yaxes(automargin=True, ticksuffix="  ")
    return Picture(
        figure, "Ratings with 95 % intervals. Intervals of two agents may overlap although one is surely better."
    )


def payoff_picture(result: Standings) -> Picture | None:
    """What rows score against columns, the best agents first; None when nobody met anybody."""
    payoff = result.payoff
    if not payoff.count.any():
        return None
    names = [escape(line.agent) for line in result.lines]
    shown = payoff.mean.copy()
    np.fill_diagonal(shown, np.nan)
    count = len(names)
    small = count <= 16
    text = [
        [f"{100 * shown[i, j]:.0f}" if np.isfinite(shown[i, j]) else "" for j in range(count)] for i in range(count)
    ]
    detail = np.stack([payoff.count, 100 * payoff.low, 100 * payoff.high], axis=2)
    figure = go.Figure(
        go.Heatmap(
            z=100 * shown,
            x=names,
            y=names,
            zmin=0,
            zmax=100,
            colorscale=[(0.0, "#b2552a"), (0.5, "#f6f4ee"), (1.0, "#2a5f9e")],
            text=text if small else None,
            texttemplate="%{text}" if small else None,
            textfont={"size": 12},
            customdata=detail,
            hovertemplate="%{y} against %{x}<br>%{z:.1f} % [%{customdata[1]:.1f}, %{customdata[2]:.1f}]"
            "<br>%{customdata[0]:,} comparisons<extra></extra>",
            colorbar={"title": {"text": "%"}, "thickness": 12, "outlinewidth": 0},
            xgap=1,
            ygap=1,
            hoverongaps=False,
        )
    )
    side = min(max(30 * count, 150), 720)
    style(figure, height=side + 170, left=20)
    figure.update_xaxes(side="bottom", tickangle=-40, showgrid=False, automargin=True)
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return Picture(
        figure,
        "What the row scores against the column, in per cent: a draw counts half. Counts and 95 % intervals on hover.",
    )


def curve_pictures(chapter: Chapter) -> Iterator[tuple[str, Picture]]:
    """Yield (heading, picture) of the learning curves, the most telling first."""
    curves = {name: curve for name, curve in chapter.curves.items() if curve}
    nash = _select(curves, "nash_conv/")
    if nash:
        figure = _lines(nash, markers=True)
        figure.update_yaxes(title="NashConv", rangemode="tozero")
        yield (
            "NashConv",
            Picture(figure, "Exact, no sampling error: what best responses would gain, summed over players."),
        )
    measured = _select(curves, "evaluation/")
    if measured:
        figure = _lines(measured, markers=True, games=chapter.matches)
        figure.update_yaxes(title="score, %", range=[-3, 103])
        yield (
            "Snapshots against fixed opponents",
            Picture(
                figure, f"Score with 95 % Wilson intervals, {chapter.matches:,} matches a point; a draw counts half."
            ),
        )
    rates = _select(curves, "rate_against_")
    if rates:
        figure = _lines(rates, percent=True, smooth=True)
        figure.update_yaxes(title="score, %", range=[-3, 103])
        yield (
            "Score in training, by kind of opponent",
            Picture(figure, "Matches that ended in each fragment; lines are running means over 2 % of the run."),
        )
    rated = _select(curves, "rating")
    if rated:
        figure = _lines(rated, markers=True)
        figure.update_yaxes(title="Elo")
        yield (
            "Rating of each snapshot when it was taken",
            Picture(figure, "Among its fixed opponents and its own past, first opponent at 0; no interval was kept."),
        )
    for name in (*_LOSSES, *sorted({_figure(n) for n in curves} - set(_LOSSES))):
        chosen = {n: c for n, c in curves.items() if _figure(n) == name and not _drawn(n) and _moves(c)}
        if chosen:
            yield name.replace("_", " "), Picture(_lines(chosen, smooth=True), "")


def _figure(name: str) -> str:
    return name.partition("/")[2] or name


def _moves(curve: Curve) -> bool:
    """A figure that never changes is in the configuration, and no picture."""
    return len({value for _, value in curve}) > 1


def _drawn(name: str) -> bool:
    return _figure(name).startswith(("nash_conv/", "evaluation/", "rate_against_", "rating"))


def _select(curves: Mapping[str, Curve], start: str) -> dict[str, Curve]:
    """Return the curves of one group; the learner's name is dropped where there is only one."""
    found = {name: curve for name, curve in curves.items() if _figure(name).startswith(start)}
    alone = len({name.partition("/")[0] for name in found}) == 1
    return {(_figure(name) if alone else name).replace(start, "").strip("/"): curve for name, curve in found.items()}


def _lines(
    curves: Mapping[str, Curve], *, markers: bool = False, percent: bool = False, smooth: bool = False, games: int = 0
) -> go.Figure:
    figure = go.Figure()
    scale = 100.0 if percent or games else 1.0
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        x, y = np.array(curve, dtype=float).T
        error = None
        if games:
            low, high = wilson(y * games, games)
            error = {"type": "data", "array": scale * (high - y), "arrayminus": scale * (y - low), "thickness": 1.2}
        if smooth:
            y = _running_mean(y, max(len(y) // 50, 1))
        keep = np.unique(np.linspace(0, len(x) - 1, min(len(x), _POINTS)).round().astype(int))
        figure.add_trace(
            go.Scatter(
                x=x[keep],
                y=scale * y[keep],
                name=escape(name),
                mode="lines+markers" if markers else "lines",
                line={"color": colour, "width": 1.8},
                error_y=error,
                hovertemplate="%{x:,} steps: %{y:.4g}<extra>%{fullData.name}</extra>",
            )
        )
    style(figure, height=300, left=60)
    figure.update_layout(showlegend=len(curves) > 1 or bool(games))
    figure.update_xaxes(title="steps")
    return figure


def _running_mean(y: np.ndarray, width: int) -> np.ndarray:
    """Mean over the last `width` points; over fewer at the start."""
    total = np.concatenate([[0.0], np.cumsum(y)])
    end = np.arange(1, len(y) + 1)
    start = np.maximum(end - width, 0)
    mean: np.ndarray = (total[end] - total[start]) / (end - start)
    return mean


def style(figure: go.Figure, *, height: int, left: int) -> None:
    """Make a figure look like the others."""
    figure.update_layout(
        height=height,
        margin={"l": left, "r": 20, "t": 12, "b": 50},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, -apple-system, Segoe UI, Roboto, sans-serif", "size": 13, "color": INK},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0.0},
        hoverlabel={"bgcolor": "white"},
    )
    axis = {
        "gridcolor": GRID,
        "zerolinecolor": "#c8c8c2",
        "linecolor": "#c8c8c2",
        "ticks": "outside",
        "tickcolor": "#c8c8c2",
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
