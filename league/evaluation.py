"""Evaluation in the course of training: a frozen agent against fixed opponents and its own past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from games import Game, Task
from league.lineup import by_side, seated, sides
from league.match import Matchup, Record, match_seed
from populations.agent import Agent

__all__ = ["gauntlet", "win_rates"]


def gauntlet(
    game: Game,
    agent: Agent,
    opponents: Sequence[Agent],
    *,
    tasks: Sequence[Task],
    matches: int,
    stage: str,
    seed: int,
) -> Iterator[Matchup]:
    """Yield matchups of one agent against each opponent.

    The agent takes each side in turn while copies of the opponent take the others; the matches of one such round share
    their seed, so that neither side has the better luck.

    Args:
        game: the rules.
        agent: the agent under test.
        opponents: whom it meets.
        tasks: used in turn.
        matches: per opponent, rounded up to whole rounds.
        stage: goes on the records.
        seed: of this evaluation.
    """
    ordinal = 0
    for opponent in opponents:
        played, number = 0, 0
        while played < matches:
            task = tasks[number % len(tasks)]
            count = len(sides(game, task))
            shared = match_seed(seed, stage, opponent.id, number)
            for side in range(count):
                lineup = [agent if k == side else opponent for k in range(count)]
                yield Matchup(
                    stage,
                    ordinal,
                    task,
                    seated(game, task, [a.id for a in lineup]),
                    seated(game, task, [a.hash for a in lineup]),
                    shared,
                )
                ordinal += 1
            played += count
            number += 1


def win_rates(game: Game, agent: str, records: Sequence[Record]) -> Mapping[str, float]:
    """Return opponent to the agent's rate against it: wins plus half the draws, over matches.

    With several opposing sides a match counts the share of them that the agent's side has beaten.
    """
    rates = defaultdict(list)
    for record in records:
        groups = sides(game, record.matchup.task)
        names = [record.matchup.agents[seats[0]] for seats in groups]
        scores = by_side(game, record.matchup.task, record.scores)
        if agent not in names:
            continue
        own = names.index(agent)
        for k, name in enumerate(names):
            if k != own and name != agent:
                rates[name].append(0.5 + 0.5 * float(np.sign(scores[own] - scores[k])))
    return {name: float(np.mean(values)) for name, values in rates.items()}
