"""The snapshots of a run, from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from games import Game, InputError
from league.exact import Exact
from league.store import Store
from populations.agent import Agent, Lineage
from populations.snapshots import load

__all__ = ["Frozen", "exact_nash_conv", "history_of", "latest_evaluation", "spread"]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A snapshot as the records name it, not loaded yet.

    Attributes:
        id: its name in the league, such as `main-003`.
        content: its hash.
        steps: the run's steps when it was frozen.
        lineage: where it comes from.
        folder: where its files lie.
    """

    id: str
    content: str
    steps: int
    lineage: Lineage
    folder: Path

    def load(self, game: Game) -> Agent:
        """Return the agent.

        Raises:
            InputError: when its files are missing, damaged or made for another game.
        """
        return Agent(self.id, self.content, load(self.folder, self.content, game=game).policy, self.lineage)


def history_of(run: Path) -> list[Frozen]:
    """Return the snapshots of a run in order of their making.

    Raises:
        InputError: when there are none.
    """
    with Store(run) as store:
        found = [
            Frozen(name, content, steps, lineage, run / "snapshots")
            for name, (content, steps, lineage) in store.agents().items()
            if lineage.role == "snapshot"
        ]
    if not found:
        raise InputError(f"{run} has no snapshots yet: `arena train` takes them")
    return found


def spread(history: Sequence[Frozen], count: int, game: Game) -> list[Agent]:
    """Load at most `count` snapshots, spread evenly over the history; the last one is among them."""
    last = len(history) - 1
    numbers = np.unique(np.linspace(last, 0, min(count, len(history))).round().astype(int))
    return [history[number].load(game) for number in numbers]


def latest_evaluation(run: Path) -> Path | None:
    """Return the folder of the evaluation that was written to last, or None."""
    found = [path.parent for path in (run / "evaluations").glob("*/league.sqlite")]
    return max(found, key=lambda folder: (folder / "league.sqlite").stat().st_mtime, default=None)


def exact_nash_conv(game: Game, history: Sequence[Frozen]) -> dict[str, dict[str, float]]:
    """Return, for each learner, the exact NashConv of its `last` snapshot and of the `average` over its `snapshots`.

    The average is over all snapshots that were trained at all, as a mixture drawn at the start of a match.

    Raises:
        InputError: when the game is too large, or not one of OpenSpiel.
    """
    exact = Exact(game)
    found = {}
    for learner in dict.fromkeys(frozen.lineage.parent for frozen in history):
        agents = [frozen.load(game) for frozen in history if frozen.lineage.parent == learner]
        trained = agents[1:] or agents  # the first one was taken before the first update
        found[str(learner)] = {
            "last": exact.nash_conv(trained[-1:]).value,
            "average": exact.nash_conv(trained).value,
            "snapshots": len(trained),
        }
    return found
