"""What one trained agent is worth: every population, every mode, and after adaptation."""

from __future__ import annotations

from typing import Any

import numpy as np

from games import Game
from league.adaptation import adapt, modes_of
from league.training import Training
from league.yardstick import self_play
from populations.agent import Agent

__all__ = ["ADAPTED", "HELD_OUT", "MATCHES", "UPDATES", "measured"]

HELD_OUT = (4, 5, 8, 12, 18, 24)
"""Populations that nobody trains on: between those of the training, and beyond."""
ADAPTED, UPDATES = 12, (0, 1, 5, 10, 50)
"""The population that agents adapt to, and after how many updates they are measured."""
MATCHES = 200
MONITORS = ("mi", "prior_entropy", "mode_divergence", "task_accuracy", "task_accuracy_shuffled", "plateau")


def measured(training: Training, populations: tuple[int, ...], *, matches: int = MATCHES) -> dict[str, Any]:
    """Return figures of the last snapshot of a finished run.

    Args:
        training: the run, of one learner `main`.
        populations: that are played.
        matches: of each, with the same starts for all methods.

    Returns:
        `returns`: population to the mean return of a seat when copies of the agent have all seats, latents drawn as the
        agent does; `modes`: latent to the same on held-out populations (nothing for agents of one mode); `adaptation`: method
        to mean returns after `UPDATES`; `monitors`: the last values of the curves that tell of latents.
    """
    game, learner = training.game, training.members.learners["main"]
    agent = Agent("main", "main", learner.freeze())
    modes = modes_of(agent)
    curves = adapt(
        game,
        agent,
        learner,
        tasks=[game.task_space.task({"population": ADAPTED})],
        updates=UPDATES,
        rounds=matches,
        slots=32,
        fragment=20,
    )
    return {
        "returns": _returns(game, agent, populations, matches),
        "modes": {str(z): _returns(game, mode, HELD_OUT, matches) for z, mode in enumerate(modes)},
        "adaptation": {curve.method: [round(point.value.mean, 4) for point in curve.points] for curve in curves},
        "monitors": {name: curve[-1][1] for name in MONITORS if (curve := training.store.curve(f"main/{name}"))},
    }


def _returns(game: Game, agent: Agent, populations: tuple[int, ...], matches: int) -> dict[str, float]:
    found = {}
    for n in populations:
        values = self_play(game, agent, game.task_space.task({"population": n}), matches=matches)
        found[str(n)] = round(float(np.mean(values)), 4)
    return found
