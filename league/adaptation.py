"""Fast adaptation: how soon a frozen agent does better in games that it was not trained for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eval import Interval, cluster_mean
from games import Comparison, Game, InputError, Task
from league.driver import Driver
from league.lineup import outcome, seated, sides
from league.match import Matchup, match_seed
from league.play import play
from league.rollout import Rollout
from populations.agent import Agent
from populations.learners.learner import Adopts, Learner

__all__ = ["POINTS", "Curve", "Point", "adapt", "modes_of", "points"]

POINTS = (0, 1, 5, 10, 50, 100, 500, 1000, 5000)
"""Numbers of updates after which agents are measured."""
_ROUNDS = 32  # of all modes that are played at first when looking for the best; then twice as many, and so on


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What an agent was worth after some of its adaptation.

    Attributes:
        updates: of the learner; the other method had the same number of decisions to go by.
        decisions: seats' decisions that were played for it so far.
        value: mean return of a seat, over fresh matches that are the same for all points; a 95 % interval over rounds.
        gain: how much of that came since the agent was as it is, paired by round. No interval tells the luck of the one
            adaptation that was run; another seed does.
        modes: the mode that was chosen for each side; none where nothing is chosen.
    """

    updates: int
    decisions: int
    value: Interval
    gain: Interval
    modes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What one method made of an agent.

    Attributes:
        method: `gradient`, its learner goes on from its weights; `selection`, its weights stay, and for policies of several
            modes the one is chosen that did best.
        points: by growing number of updates.
    """

    method: Literal["gradient", "selection"]
    points: tuple[Point, ...]


def points(last: int) -> tuple[int, ...]:
    """Return 0, 1, 5, 10, 50, 100, ... as far as `last`, and `last`."""
    return (*(k for k in POINTS if k < last), last)


def adapt(
    game: Game,
    agent: Agent,
    learner: Learner,
    *,
    tasks: Sequence[Task],
    updates: Sequence[int],
    rounds: int = 100,
    slots: int = 128,
    fragment: int = 32,
    seed: int = 0,
) -> list[Curve]:
    """Let an agent adapt to tasks, and measure it on the way.

    By `gradient`, a learner begins with the agent's weights and a fresh optimiser and makes updates, each from one fragment;
    its schedules stay where they begin. Where the policy has several modes, by `selection` too: each mode plays the same
    matches until as many decisions were made as the learner had, and the one of the highest mean return is kept. In the end
    both are measured in other matches.

    Where each seat is for itself, or all are one team, the agent takes all seats, and the return is what it gets with copies of
    itself. Else, and where what one side gains another loses, it takes one side after the other while the agent as it was
    takes the rest, and modes are chosen for each side.

    Args:
        game: the rules.
        agent: a frozen agent; it is left as it is.
        learner: of the same network. It takes over the agent's weights, and is used up.
        tasks: used in turn; all with as many sides, unless the agent takes them all.
        updates: when to measure, in ascending order, from 0.
        rounds: of matches in each measurement.
        slots: matches in flight.
        fragment: steps of every slot between two updates.
        seed: of everything.

    Raises:
        InputError: when the agent cannot play the game, or the learner cannot begin with its weights.
    """
    if reason := agent.policy.refuses(game):
        raise InputError(f"agent {agent.id!r} cannot play {game.name}: {reason}")
    if not isinstance(learner, Adopts) or not hasattr(agent.policy, "network"):
        raise InputError(f"the learner of agent {agent.id!r} cannot begin with weights: it cannot adapt")
    if any(_alone(game, task) != _alone(game, tasks[0]) for task in tasks):
        raise InputError("tasks to adapt to must all be for one side, or all for several")
    learner.adopt(agent.policy)  # type: ignore[arg-type]  # it has a network
    trial = _Trial(game, agent, tasks)
    by_gradient, decisions = [], []
    for number, frozen in _trained(trial, learner, updates, slots, fragment, match_seed(seed, "learn")):
        decisions.append(number)
        by_gradient.append(trial.returns([frozen] * trial.sides, range(rounds), match_seed(seed, "measure"))[0])
    found = [Curve(method="gradient", points=_points(updates, decisions, by_gradient))]
    if modes := modes_of(agent):
        chosen = list(_selected(trial, modes, decisions, match_seed(seed, "select")))
        takers = [[modes[k] for k in choice] or [agent] * trial.sides for choice in chosen]
        by_choice = [trial.returns(t, range(rounds), match_seed(seed, "measure"))[0] for t in takers]
        found.append(Curve(method="selection", points=_points(updates, decisions, by_choice, chosen)))
    return found


def _alone(game: Game, task: Task) -> bool:
    """Return whether what the seats get together says how good they are."""
    if game.comparison in (Comparison.ZERO_SUM, Comparison.RANKED):
        return False
    groups = sides(game, task)
    return len(groups) == 1 or (
        all(len(seats) == 1 for seats in groups) and len({seat.kind for seat in game.seats(task)}) == 1
    )


class _Trial:
    """Matches on the tasks: of an agent that takes all seats, or one side after the other against the original."""

    def __init__(self, game: Game, original: Agent, tasks: Sequence[Task]) -> None:
        self.game, self.original, self.tasks = game, original, tuple(tasks)
        self.alone = _alone(game, tasks[0])
        self.sides = 1 if self.alone else max(len(sides(game, task)) for task in tasks)
        self.seats = max(len(game.seats(task)) for task in tasks)

    def matchups(self, takers: Sequence[Agent], rounds: Iterator[int] | range, seed: int) -> Iterator[Matchup]:
        """Yield the matches of some rounds; `takers` has the agent under test for each side."""
        for number in rounds:
            task = self.tasks[number % len(self.tasks)]
            groups = len(sides(self.game, task))
            for side in range(1 if self.alone else groups):
                lineup = [takers[side] if self.alone or k == side else self.original for k in range(groups)]
                ids, hashes = ([getattr(agent, name) for agent in lineup] for name in ("id", "hash"))
                yield Matchup(
                    "adapt",
                    number,
                    task,
                    seated(self.game, task, ids),
                    seated(self.game, task, hashes),
                    match_seed(seed, number),
                    (number, 0, side),
                )

    def returns(
        self, takers: Sequence[Agent], rounds: range, seed: int
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return [rounds, sides], the mean return of a tested seat, NaN where there was no match; and [rounds] decisions."""
        found = np.full((len(rounds), self.sides), np.nan)
        cost = np.zeros(len(rounds), dtype=np.int64)
        agents = {agent.id: agent for agent in (*takers, self.original)}
        for record in play(self.game, self.matchups(takers, rounds, seed), agents, seats=self.seats):
            number, _, side = record.matchup.place
            at, results = number - rounds.start, outcome(self.game, record)
            groups = sides(self.game, record.matchup.task)
            tested = range(len(groups)) if self.alone else (side,)
            seats = np.array([len(groups[k]) for k in tested])
            found[at, side] = np.average([results[k].total_return for k in tested], weights=seats)
            cost[at] += record.length * int(seats.sum())
        return found, cost


def _trained(
    trial: _Trial, learner: Learner, updates: Sequence[int], slots: int, fragment: int, seed: int
) -> Iterator[tuple[int, Agent]]:
    """Yield the decisions so far and the learner's policy after so many updates, in turn."""
    own = Agent("adapted", f"adapted-{seed}", learner.policy)
    asked = trial.matchups([own] * trial.sides, count(), seed)
    agents = {agent.id: agent for agent in (own, trial.original)}
    driver = Driver(trial.game, agents, lambda: next(asked), slots=slots, seats=trial.seats)
    rollout = Rollout(driver, {own.id: learner})
    done = 0
    try:
        for wanted in updates:
            while done < wanted:
                _, batches = rollout.collect(fragment)
                for batch in batches.values():
                    learner.update(batch, 0.0)
                done += 1
            yield rollout.decisions, Agent("adapted", f"adapted-{seed}-{done}", learner.freeze())
    finally:
        driver.vector.close()


def modes_of(agent: Agent) -> list[Agent]:
    """Return the agent in each of its modes; nothing where it has but one."""
    from populations.mra.policy import LatentPolicy  # torch is not needed to be imported

    policy = agent.policy
    if not isinstance(policy, LatentPolicy) or policy.latent is not None or policy.network.relational.latents < 2:
        return []
    options = {"greedy": policy.greedy, "temperature": policy.temperature}
    return [
        Agent(f"mode {z}", f"{agent.hash}-mode-{z}", LatentPolicy(policy.network, latent=z, **options))  # type: ignore[arg-type]
        for z in range(policy.network.relational.latents)
    ]


def _selected(trial: _Trial, modes: Sequence[Agent], budgets: Sequence[int], seed: int) -> Iterator[tuple[int, ...]]:
    """Yield the best mode for each side, as far as so many decisions tell; nothing while they do not pay for a round of all."""
    values = np.zeros((len(modes), 0, trial.sides))
    spent = np.zeros(0, dtype=np.int64)
    for budget in budgets:
        while spent.sum() <= budget and budget > 0:
            rounds = range(len(spent), max(2 * len(spent), _ROUNDS))
            told = [trial.returns([mode] * trial.sides, rounds, seed) for mode in modes]
            values = np.concatenate([values, np.stack([value for value, _ in told])], axis=1)
            spent = np.concatenate([spent, np.sum([cost for _, cost in told], axis=0)])
        affordable = int(np.searchsorted(np.cumsum(spent), budget, side="right"))
        means = np.nanmean(values[:, :affordable], axis=1) if affordable else np.zeros((0, 0))
        yield tuple(int(k) for k in means.argmax(axis=0)) if affordable else ()


def _points(
    updates: Sequence[int],
    decisions: Sequence[int],
    returns: Sequence[NDArray[np.float64]],
    chosen: Sequence[tuple[int, ...]] | None = None,
) -> tuple[Point, ...]:
    return tuple(
        Point(
            updates=number,
            decisions=decisions[k],
            value=_interval(returns[k]),
            gain=_interval(returns[k] - returns[0]),
            modes=chosen[k] if chosen is not None else (),
        )
        for k, number in enumerate(updates)
    )


def _interval(values: NDArray[np.float64]) -> Interval:
    rounds, side = np.nonzero(~np.isnan(values))
    return cluster_mean(values[rounds, side], rounds)
