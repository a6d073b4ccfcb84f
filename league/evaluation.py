"""Evaluation in the course of training: a frozen agent against fixed opponents and its own past."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from eval import fit_bradley_terry
from games import Comparison, Game, InputError, Task
from league.exact import Exact
from league.lineup import duels, outcome, seated, sides
from league.match import Matchup, Record, match_seed
from league.members import Members
from league.payoff import PayoffTable, Tally
from league.play import play
from populations.agent import Agent

__all__ = ["Evaluation", "gauntlet", "win_rates"]


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


def win_rates(game: Game, agent: str, records: Iterable[Record]) -> dict[str, float]:
    """Return opponent to the agent's rate against it: wins plus half the draws, over matches.

    With several opposing sides each of them counts.
    """
    points = defaultdict(list)
    for record in records:
        for result in duels(outcome(game, record)):
            if result.agent == agent:
                points[result.opponent].append(result.points)
    return {name: float(np.mean(values)) for name, values in points.items()}


class Evaluation:
    """Measures each new snapshot of a training run: against fixed opponents, against its own past, and exactly.

    Opponents are met on the tasks that have opposing sides, by nobody where no task has.

    Args:
        game: the rules.
        opponents: agent id to agent, whom every snapshot meets.
        held_out: the same; these must never join the pool, so that nothing is learned from them.
        past: how many of its own earlier snapshots it meets, spread evenly over its history.
        matches: per opponent.
        tasks: used in turn.
        seed: of the evaluation.
        steps: truncate matches that are longer.
        exact: measures NashConv where the game is small enough; None leaves it out.
    """

    def __init__(
        self,
        game: Game,
        *,
        opponents: Mapping[str, Agent],
        held_out: Mapping[str, Agent] | None = None,
        past: int = 2,
        matches: int = 200,
        tasks: Sequence[Task],
        seed: int,
        steps: int | None = None,
        exact: Exact | None = None,
    ) -> None:
        self.game, self.past, self.matches = game, past, matches
        self.held_out = dict(held_out or {})
        self.opponents = dict(opponents) | self.held_out
        self.tasks, self.seed, self.steps, self.exact = tuple(tasks), seed, steps, exact
        self._results = PayoffTable()

    @property
    def held_out_names(self) -> set[str]:
        """Ids and hashes of the agents that are held out: the same agent may have several ids."""
        return {text for agent in self.held_out.values() for text in (agent.id, agent.hash)}

    def __call__(self, agent: Agent, members: Members) -> tuple[list[Record], dict[str, float]]:
        """Measure a snapshot: return the records of its matches, and figures for the learning curves."""
        learner = agent.lineage.parent
        history = [members.agents[name] for name in members.frozen if members.parent(name) == learner]
        earlier = history[:-1]
        chosen = np.unique(np.linspace(0, len(earlier) - 1, min(self.past, len(earlier))).round().astype(int))
        opposed = [task for task in self.tasks if len(sides(self.game, task)) > 1]
        met = self.opponents | {earlier[k].id: earlier[k] for k in chosen} if opposed else {}
        asked = gauntlet(
            self.game,
            agent,
            list(met.values()),
            tasks=opposed,
            matches=self.matches,
            stage=f"evaluate {agent.id}",
            seed=self.seed,
        )
        records = list(play(self.game, asked, met | {agent.id: agent}, steps=self.steps)) if met else []
        alone, gained = self._alone(agent)
        rates = win_rates(self.game, agent.id, records)
        figures = {
            f"{learner}/{'held_out' if name in self.held_out else 'evaluation'}/{name}": rate
            for name, rate in rates.items()
            if name in self.opponents
        }
        figures |= {f"{learner}/{name}": value for name, value in gained.items()}
        for record in records:
            match = outcome(self.game, record)
            self._results.book([side.agent for side in match], [side.score for side in match])
        if records:
            figures[f"{learner}/rating"] = self._rating(agent.id, [*self.opponents, *(a.id for a in history)])
        if self.exact is not None:
            trained = history[1:] or history  # the first one was never trained
            figures[f"{learner}/nash_conv/last"] = self.exact.nash_conv([agent]).value
            figures[f"{learner}/nash_conv/average"] = self.exact.nash_conv(trained).value
        return records + alone, figures

    def _alone(self, agent: Agent) -> tuple[list[Record], dict[str, float]]:
        """Let a snapshot have every seat, where returns say something without an opponent; return what it gets of each kind.

        `return/mean` is per seat; `return/NAME` are the means of the game's own metrics.
        """
        if self.game.comparison in (Comparison.ZERO_SUM, Comparison.RANKED):
            return [], {}
        stage = f"evaluate {agent.id} alone"
        asked = []
        for number in range(self.matches):
            task = self.tasks[number % len(self.tasks)]
            seats = len(self.game.seats(task))
            seed = match_seed(self.seed, "alone", number)  # the same luck for every snapshot
            asked.append(Matchup(stage, number, task, (agent.id,) * seats, (agent.hash,) * seats, seed))
        records = list(play(self.game, asked, {agent.id: agent}, steps=self.steps))
        figures = {"return/mean": float(np.mean([np.mean(record.returns) for record in records]))}
        for name in self.game.metrics:
            told = [record.metrics[name] for record in records if name in record.metrics]
            if told:
                figures[f"return/{name}"] = float(np.mean(told))
        return records, figures

    def mixture(self, shares: Mapping[str, float], members: Members) -> dict[str, float]:
        """Measure a mixture of frozen agents: figures for the learning curves.

        Nothing where NashConv is not measured, or one of those agents cannot say how likely its actions are.

        Args:
            shares: agent id to its share.
            members: who they are.
        """
        played = {name: share for name, share in shares.items() if share > 0.0}
        if self.exact is None or not played:
            return {}
        try:
            found = self.exact.nash_conv([members.agents[name] for name in played], weights=list(played.values()))
        except InputError:
            return {}
        return {"league/nash_conv/mixture": found.value}

    def _rating(self, agent: str, names: Sequence[str]) -> float:
        """Return an agent's rating in Elo among all that was measured so far; the first of the names has 0."""
        # opponents that sit on several sides also met themselves, which says nothing
        tallies = [[self._results.tally(a, b) if a != b else Tally() for b in names] for a in names]
        wins = np.array([[t.wins for t in row] for row in tallies])
        losses = np.array([[t.losses for t in row] for row in tallies])
        draws = np.array([[t.draws for t in row] for row in tallies])
        ratings = fit_bradley_terry(wins + losses.T, draws + draws.T, anchor=(0, 0.0), prior=0.5)
        return float(ratings.rating[names.index(agent)])

    def state_dict(self) -> dict[str, Any]:
        """Return the results so far, as plain JSON values."""
        return self._results.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self._results.load_state_dict(state)
