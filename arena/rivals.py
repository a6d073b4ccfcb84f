"""A run against outsiders: the population of another run, and learners that do nothing but train against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from arena.build import plan
from arena.config import load
from arena.history import Frozen, history_of, spread
from arena.standings import Standings
from eval import Interval, bootstrap_table, relative_population_performance
from games import Game, InputError
from league.exploiter import Exploitation, exploit
from populations.agent import Agent
from populations.agents import load_agent

__all__ = ["Comparison", "compare", "exploited", "population_of", "told"]


def population_of(run: Path, count: int, game: Game) -> list[Agent]:
    """Load at most `count` snapshots of another run, spread evenly; their ids begin with the name of its folder.

    Raises:
        InputError: when there are none, or they cannot play the game.
    """
    found = []
    for agent in spread(history_of(run), count, game):
        reason = agent.policy.refuses(game)
        if reason:
            raise InputError(f"snapshot {agent.id} of {run} cannot play {game.name}: {reason}")
        found.append(replace(agent, id=f"{run.name}/{agent.id}"))
    return found


@dataclass(frozen=True)
class Comparison:
    """One population against another.

    Attributes:
        performance: relative population performance: what the best mixture of ours scores above one half against the best
            mixture of theirs; with a 95 % interval and the number of matches between the two.
        ours, theirs: how many agents each has.
    """

    performance: Interval
    ours: int
    theirs: int

    @property
    def sentence(self) -> str:
        """What it says, for people."""
        value = self.performance
        return (
            f"Relative population performance: {value.mean:+.3f} [{value.low:+.3f}, {value.high:+.3f}], the score above one"
            f" half of the best mixture of {self.ours} agents against the best of {self.theirs}; {value.count:,} matches, 95 %"
            " interval by resampled tables, matches taken as independent."
        )


def compare(standings: Standings, ours: Sequence[str], theirs: Sequence[str]) -> Comparison:
    """Return how one population does against another, from a tournament in which all of them met.

    Args:
        standings: of the tournament.
        ours: ids of the first population.
        theirs: ids of the second.
    """
    place = {line.agent: k for k, line in enumerate(standings.lines)}
    cells = np.ix_([place[name] for name in ours], [place[name] for name in theirs])
    count = standings.payoff.count[cells]
    points = np.where(count > 0, standings.payoff.mean[cells] * count, 0.0)
    found = bootstrap_table(relative_population_performance, points, np.zeros_like(points), count - points)
    value, low, high = (float(x) for x in (found.value, found.low, found.high))
    return Comparison(Interval(value, low, high, int(count.sum())), len(ours), len(theirs))


def exploited(run: Path, game: Game, target: Frozen, *, steps: int, seed: int) -> Exploitation:
    """Train exploiters of the make of a snapshot's own parent against it; see `league.exploiter.exploit`.

    Args:
        run: the folder of the run that the snapshot comes from.
        game: what it plays.
        target: the snapshot.
        steps: decisions of each exploiter.
        seed: of everything.
    """
    config, document = load(run / "config.yaml")
    parts, name = plan(config, document), str(target.lineage.parent)
    population = name if name in config.learners else name.rpartition(".")[0]
    return exploit(
        game,
        target.load(game),
        lambda number: parts.make(f"exploiter {number}", population, {}),
        weak=load_agent("random", game),
        tasks=config.tasks(game),
        steps=steps,
        seed=seed,
    )


def told(name: str, found: Exploitation) -> str:
    """Return what exploiters found, for people."""
    gain, control = found.gain, found.control
    nothing = " (they found no weakness; that proves none)" if gain.low <= 0.0 else ""
    return (
        f"Exploitability of {name}, from below: the best of {len(found.trials)} trained exploiters gains {gain.mean:.4f}"
        f" [{gain.low:.4f}, {gain.high:.4f}] a side on fresh seeds{nothing}; one with the same budget gains {control.mean:.4f}"
        f" [{control.low:.4f}, {control.high:.4f}] against random play."
    )
