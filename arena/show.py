"""Standings as tables for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arena.console import Console
from arena.metagame import MetaGame
from arena.standings import Line, Standings
from league.formats import Verdict

META_COLUMNS = ("agent", ">Nash, %", ">weight, %", ">alpha-Rank, %")

__all__ = ["META_COLUMNS", "meta_rows", "ranks_text", "rating_text", "score_text", "show_standings", "verdict_table"]

_WIDEST = 12  # agents beyond which the payoff matrix does not fit a terminal


def show_standings(result: Standings, console: Console) -> None:
    """Print the leaderboard, how it was made, what the format says, and the payoff matrix."""
    rated = result.basis is not None
    faulty = any(line.faults for line in result.lines)
    shown = [">Elo", ">ranks"] if rated else []
    if any(line.games != line.wins + line.draws + line.losses for line in result.lines):
        shown.append(">games")
    shown.append(">W-D-L")
    shown += [*([">mean score"] if result.margins else []), *(["forfeits"] if faulty else [])]
    rows = [
        [place, line.agent, *(_CELLS[column](line) for column in shown)] for place, line in enumerate(result.lines, 1)
    ]
    console.table([">#", "agent", *shown], rows)
    for sentence in result.method:
        console.say(sentence)
    for fault in result.faults:
        console.say(f"{fault.matches:,} forfeits ({fault.reason}) of {fault.agent}: {fault.detail}")
    if result.verdict is not None:
        _show_verdict(result.verdict, console)
    if result.meta is not None:
        _show_meta(result.meta, [line.agent for line in result.lines], console)
    if 1 < len(result.lines) <= _WIDEST:
        _show_payoff(result, console)
    elif len(result.lines) > _WIDEST:
        console.say(f"The payoff matrix of {len(result.lines)} agents is in the report (--report) and in --json.")


def rating_text(line: Line) -> str:
    """Return a rating with its interval in words; an anchor has none."""
    if line.rating is None or line.low is None or line.high is None:
        return ""
    return f"{line.rating:+.0f} " + ("anchor" if line.low == line.high else f"[{line.low:+.0f}, {line.high:+.0f}]")


def ranks_text(line: Line) -> str:
    """Return the places that an agent may have."""
    if line.ranks is None:
        return ""
    low, high = line.ranks
    return str(low) if low == high else f"{low} to {high}"


def score_text(line: Line) -> str:
    """Return a mean score with its interval, if there is one."""
    score = line.score
    if score is None:
        return ""
    return f"{score.mean:.3g}" + (f" ± {score.high - score.mean:.2g}" if score.count > 1 else "")


def _faults_text(line: Line) -> str:
    """Return how many matches an agent forfeited, and why."""
    return ", ".join(f"{count:,} {reason}" for reason, count in line.faults.items())


def _cell(value: object) -> str:
    """Return a value of a format's own table: numbers short, and nothing for None."""
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def verdict_table(verdict: Verdict) -> tuple[list[str], list[list[str]]]:
    """Return columns and rows of a format's own table."""
    texts = [any(isinstance(row[k], str) for row in verdict.rows) for k in range(len(verdict.columns))]
    columns = [column if text else f">{column}" for column, text in zip(verdict.columns, texts, strict=True)]
    placed = enumerate(zip(verdict.order, verdict.rows, strict=True), 1)
    return [">#", "agent", *columns], [[str(k), agent, *map(_cell, row)] for k, (agent, row) in placed]


_CELLS: dict[str, Callable[[Line], str]] = {
    ">Elo": rating_text,
    ">ranks": ranks_text,
    ">games": lambda line: f"{line.games:,}",
    ">W-D-L": lambda line: f"{line.wins}-{line.draws}-{line.losses}",
    ">mean score": score_text,
    "forfeits": _faults_text,
}
"""Column of the leaderboard to what it says of an agent."""


def _show_verdict(verdict: Verdict, console: Console) -> None:
    console.say()
    console.table(*verdict_table(verdict))
    for sentence in verdict.sentences:
        console.say(sentence)


def meta_rows(meta: MetaGame, agents: Sequence[str]) -> list[list[object]]:
    """Return the table of a meta-game: agent, Nash average, weight, alpha-Rank; in per cent."""
    return [
        [
            agent,
            f"{100 * meta.nash[k]:+.1f} [{100 * meta.nash_low[k]:+.1f}, {100 * meta.nash_high[k]:+.1f}]",
            f"{100 * meta.weight[k]:.0f}",
            f"{100 * meta.alpha_rank[k]:.0f}",
        ]
        for k, agent in enumerate(agents)
    ]


def _show_meta(meta: MetaGame, agents: Sequence[str], console: Console) -> None:
    console.say("\nMeta-game:")
    if len(agents) <= _WIDEST:
        console.table(META_COLUMNS, meta_rows(meta, agents))
    for sentence in meta.sentences:
        console.say(sentence)


def _show_payoff(result: Standings, console: Console) -> None:
    payoff = result.payoff
    if not payoff.count.any():
        return
    count = len(result.lines)
    rows = []
    for i, line in enumerate(result.lines):
        cells = [
            ""
            if i == j or not payoff.count[i, j]
            else f"{100 * payoff.mean[i, j]:.0f} [{100 * payoff.low[i, j]:.0f}, {100 * payoff.high[i, j]:.0f}]"
            for j in range(count)
        ]
        rows.append([i + 1, line.agent, *cells])
    console.say("\nWhat rows score against columns, in % (a draw is half), with 95 % Wilson intervals:")
    console.table([">#", "agent", *(f">{k + 1}" for k in range(count))], rows)
