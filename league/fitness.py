"""Fitness for population-based training: everybody meets the same reference agents, from the same seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from games import Game, Task
from league.evaluation import gauntlet, win_rates
from league.match import Matchup, Record
from league.play import play
from populations.agent import Agent

__all__ = ["Fitness"]


class Fitness:
    """The mean rate against a fixed set of agents.

    A rate means the same for every member of a population and at every time, which a raw return does not where opponents
    change, and which has no sign to trip over.

    Args:
        game: the rules.
        agents: agent id to agent: the reference set.
        matches: against each of them, rounded up to whole rounds of sides.
        tasks: used in turn.
        seed: of the first comparison; every comparison has seeds of its own, the same for all members.
        steps: truncate matches that are longer.
    """

    def __init__(
        self,
        game: Game,
        *,
        agents: Mapping[str, Agent],
        matches: int = 100,
        tasks: Sequence[Task],
        seed: int,
        steps: int | None = None,
    ) -> None:
        self.game, self.agents, self.matches = game, dict(agents), matches
        self.tasks, self.seed, self.steps = tuple(tasks), seed, steps

    def __call__(self, members: Sequence[Agent], comparison: int) -> tuple[list[Record], dict[str, float]]:
        """Return the records of a comparison, and every member's fitness.

        Args:
            members: whom to compare, as they are now.
            comparison: its number in the run.
        """

        def asked() -> Iterator[Matchup]:
            for member in members:
                yield from gauntlet(
                    self.game,
                    member,
                    list(self.agents.values()),
                    tasks=self.tasks,
                    matches=self.matches,
                    stage=f"fitness {comparison}",
                    seed=self.seed,
                )

        agents = self.agents | {member.id: member for member in members}
        records = list(play(self.game, asked(), agents, steps=self.steps))
        rates = {member.id: win_rates(self.game, member.id, records) for member in members}
        return records, {name: float(np.mean([*found.values()])) for name, found in rates.items()}
