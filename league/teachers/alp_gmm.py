"""The teacher that draws tasks where results lately differed from those nearby."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError, TaskSpace
from league.teachers.cube import Told
from league.teachers.gaussian_teacher import KEYS, GaussianTeacher, Key, key_of
from league.teachers.measure import Measure
from league.teachers.mixtures import Criterion, Gaussians
from league.teachers.neighbours import Growing, Neighbours, Window

__all__ = ["AlpGmm"]

HISTORY = 500
"""Results of a key among which the nearest is looked for, unless the options say otherwise."""
MOST = 20_000
"""The longest history: all of it is looked through."""
FEW = 5
"""With so many earlier results, or fewer, progress counts as 0."""


class AlpGmm(GaussianTeacher):
    """Draws tasks from Gaussians fitted to where results change (ALP-GMM).

    Portelas, Colas, Hofmann and Oudeyer, "Teacher algorithms for curriculum learning of Deep RL in continuously parameterized
    environments" (CoRL 2019, arXiv 1910.07224), algorithm 1. The absolute learning progress of a result with reward r on task
    x is

        ALP = |r - r'|,  r' the reward of the earlier result whose task is nearest to x

    and 0 while there are five earlier results or fewer. After each `fit_rate` results a mixture of Gaussians over (x, ALP) is
    fitted to these, with the number of components that the information criterion prefers. A task comes from a component
    chosen in proportion to its mean ALP (not to its weight), its ALP left out, clipped to the space.

    Where it differs from the published algorithm and the code of its authors (teachDeepRL), all of which `faithful`
    brings back:

    - The nearest is looked for among the newest 500 results, not all: others were got by a learner that is no more, and make
      mastered tasks look like progress. In the toy world this doubles what is mastered.
    - Distances and mixtures are in the unit cube, not in units of the parameters, so that no range counts more than another.
    - No more components are tried than half as many as there are rows for each column; the AICc counts the ALP's dimension
      and excludes mixtures with too many parameters.
    - The mixtures are fitted by our own code, ten times as fast, not by scikit-learn.

    In both modes, a fit that fails is tried again with 1e-4 on the variances, and given up without an error.

    Results of different learners, and against different classes of opponents, are not each other's neighbours: a change of
    opponents is no progress. Sixteen such pairs are remembered.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        fit_rate: results between two fits, and in each of them.
        components: least and greatest number of Gaussians that are tried.
        criterion: what decides between them.
        random: share of tasks drawn uniformly.
        history: newest results among which the nearest is looked for; None for 500, or all of them if `faithful`.
        apart: whether learners and classes of opponents are told apart.
        faithful: whether to do as published; about ten times slower.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        fit_rate: int = 250,
        components: tuple[int, int] = (2, 10),
        criterion: Criterion = "aic",
        random: float = 0.2,
        history: int | None = None,
        apart: bool = True,
        faithful: bool = False,
    ) -> None:
        super().__init__(
            space,
            seed,
            name="alp_gmm",
            found=1,
            measure=measure,
            fit_rate=fit_rate,
            components=components,
            criterion=criterion,
            random=random,
            apart=apart,
            faithful=faithful,
        )
        if history is not None and not FEW < history <= MOST:
            raise InputError(f"teacher 'alp_gmm': history must be from {FEW + 1} to {MOST}, not {history}")
        self._limit = history or (None if faithful else HISTORY)
        self._histories: dict[Key, Neighbours] = {}  # the newest last

    def learn(self, told: Told) -> None:
        """Find the learning progress of a result."""
        key = key_of(told.result, self.apart)
        history = self._histories.pop(key, None) or self._new_history()
        self._histories[key] = history
        if len(self._histories) > KEYS:
            del self._histories[next(iter(self._histories))]
        point = told.point * self._units
        progress = abs(told.reward - history.nearest(point)) if len(history) > FEW else 0.0
        history.add(point, told.reward)
        self.note(told, progress)

    def interest(self, model: Gaussians) -> NDArray[np.float64]:
        """Return the mean ALP of each component."""
        return np.maximum(model.means[:, self.size], 0.0)

    def forget(self, learner: str) -> None:
        """Drop the results that those of a learner would be compared with, since its weights were replaced."""
        self._histories = {key: h for key, h in self._histories.items() if self.apart and key[0] != learner}

    def _new_history(self) -> Neighbours:
        return Growing(self.size) if self._limit is None else Window(self.size, self._limit)

    def own_state(self) -> dict[str, Any]:
        """Return the histories beside what every teacher of its kind remembers."""
        histories = [[*key, history.state_dict()] for key, history in self._histories.items()]
        return super().own_state() | {"histories": histories}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to histories and a mixture."""
        super().load_own_state(state)
        self._histories = {}
        for learner, opponents, values in state["histories"]:
            self._histories[learner, opponents] = self._new_history()
            self._histories[learner, opponents].load_state_dict(values)
