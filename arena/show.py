"""Standings as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from arena.console import Console
from arena.standings import Line, Standings

__all__ = ["interval_text", "show_standings"]

_WIDEST = 12  # agents beyond which the payoff matrix does not fit a terminal


def show_standings(result: Standings, console: Console) -> None:
    """Print the leaderboard, how it was made, and the payoff matrix."""
    rated = result.lines[0].rating is not None if result.lines else False
    faulty = any(line.faults for line in result.lines)
    columns = [">#", "agent", *([">Elo", ">95 % interval"] if rated else []), ">games", ">won", ">drawn", ">lost"]
    columns += [">mean score", ">95 % interval", *(["forfeits"] if faulty else [])]
    console.table(columns, [_row(place, line, rated, faulty) for place, line in enumerate(result.lines, 1)])
    for sentence in result.method:
        console.say(sentence)
    for agent, reason, detail, count in result.faults:
        console.say(f"{count} forfeits ({reason}) of {agent}: {detail}")
    if 1 < len(result.lines) <= _WIDEST:
        _show_payoff(result, console)
    elif len(result.lines) > _WIDEST:
        console.say(f"The payoff matrix of {len(result.lines)} agents is in the report (--report) and in --json.")


def interval_text(line: Line) -> str:
    """Return the interval of a rating in words; an anchor has none."""
    return "anchor" if line.low == line.high else f"{line.low:+.0f} to {line.high:+.0f}"


def _row(place: int, line: Line, rated: bool, faulty: bool) -> Sequence[object]:
    rating = [f"{line.rating:+.0f}", interval_text(line)] if rated else []
    score = line.score
    mean = ["", ""] if score is None else [f"{score.mean:.3g}", f"{score.low:.3g} to {score.high:.3g}"]
    faults = [", ".join(f"{count} {reason}" for reason, count in line.faults.items())] if faulty else []
    return [place, line.agent, *rating, line.games, line.wins, line.draws, line.losses, *mean, *faults]


def _show_payoff(result: Standings, console: Console) -> None:
    payoff = result.payoff
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
