"""Matches that are played for what they say: line-ups of frozen agents of which a matchmaker knows too little."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from games import Game, Task
from league.lineup import outcome, seated, sides
from league.match import Matchup, Record, match_seed
from league.matchmakers import NeedsResults
from league.members import Members
from league.play import play

__all__ = ["STAGE", "play_missing"]

STAGE = "payoff"
"""The stage on the records."""


def play_missing(
    game: Game,
    matchmaker: NeedsResults,
    members: Members,
    *,
    tasks: Sequence[Task],
    seed: int,
    first: int,
    steps: int | None = None,
) -> list[Record]:
    """Play and book what a matchmaker must know before it can choose; return the records.

    The k-th match of every line-up has the same seed and task, so that line-ups differ by their agents alone.

    Args:
        game: the rules.
        matchmaker: says which line-ups are missing.
        members: who can be met; the results go to its payoff table.
        tasks: used in turn, those with as many sides as the line-up.
        seed: of the run.
        first: ordinal of the first match.
        steps: truncate matches that are longer.
    """

    def wanted() -> Iterator[Matchup]:
        ordinal = first
        for count, fitting in by_sides.items():
            for lineup, missing in matchmaker.missing(members.pool, count):
                known = members.payoff.joint.known(lineup)
                for number in range(known, known + missing):
                    task = fitting[number % len(fitting)]
                    agents = seated(game, task, lineup)
                    hashes = tuple(members.agents[name].hash for name in agents)
                    yield Matchup(STAGE, ordinal, task, agents, hashes, match_seed(seed, STAGE, number))
                    ordinal += 1

    by_sides: dict[int, list[Task]] = {}
    for task in tasks:
        by_sides.setdefault(len(sides(game, task)), []).append(task)
    matchups = list(wanted())
    agents = {name: members.agents[name] for matchup in matchups for name in matchup.agents}
    records = list(play(game, matchups, agents, steps=steps)) if matchups else []
    for record in sorted(records, key=lambda record: record.matchup.ordinal):
        if record.reason.counts:
            met = outcome(game, record)
            names, scores = [side.agent for side in met], [side.score for side in met]
            members.payoff.book(names, scores, [side.total_return for side in met], frozen=True)
    return records
