"""The teacher that draws tasks where rewards rise with time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import TaskSpace
from league.teachers.cube import Told
from league.teachers.gaussian_teacher import GaussianTeacher, Key, key_of
from league.teachers.measure import Measure
from league.teachers.mixtures import Gaussians

__all__ = ["CovarGmm"]


class CovarGmm(GaussianTeacher):
    """Draws tasks from Gaussians fitted to where rewards rise with time (Covar-GMM).

    Moulin-Frier, Nguyen and Oudeyer, "Self-organization of early vocal development in infants and machines" (2014,
    PMC3893575), in the form that Portelas et al. (CoRL 2019, arXiv 1910.07224) compare with: after each `fit_rate` results a
    mixture of Gaussians over (x, t, r) is fitted to these, x being the task, t in [0, 1) the place of the result among them,
    r its reward. A task comes from a component chosen in proportion to

        max(0, cov(t, r)),  or |cov(t, r)| if `absolute`

    with t and r left out, clipped to the space; all components are equal if that is 0 for all. The Akaike criterion decides on
    the number of components.

    Where it differs from the code of Portelas et al. (teachDeepRL), which `faithful` brings back: mixtures are in the unit
    cube, not in units of the parameters; no more components are tried than half as many as there are rows for each
    column; and they are fitted by our own code, ten times as fast, not by scikit-learn. In both modes, a fit that fails
    is tried again with 1e-4 on the variances, and given up without an error.

    Rewards of different learners, and against different classes of opponents, are centred on their own mean within a batch:
    a change of opponents is no progress.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read.
        fit_rate: results between two fits, and in each of them.
        components: least and greatest number of Gaussians that are tried.
        random: share of tasks drawn uniformly.
        absolute: whether falling rewards count as much as rising ones.
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
        random: float = 0.2,
        absolute: bool = False,
        apart: bool = True,
        faithful: bool = False,
    ) -> None:
        super().__init__(
            space,
            seed,
            name="covar_gmm",
            found=2,
            measure=measure,
            fit_rate=fit_rate,
            components=components,
            criterion="aic",
            random=random,
            apart=apart,
            faithful=faithful,
        )
        self._absolute = absolute
        self._keys: list[Key] = []  # of the rows of this batch

    def learn(self, told: Told) -> None:
        """Add a result to the batch."""
        self._keys.append(key_of(told.result, self.apart))
        self.note(told, 0.0, told.reward)

    def rows(self) -> NDArray[np.float64]:
        """Return the batch with its times, rewards centred for each key if there are several."""
        rows = self._rows.copy()
        rows[:, -2] = np.arange(len(rows)) / len(rows)
        if len(set(self._keys)) > 1:
            numbers = np.unique(np.array(self._keys), axis=0, return_inverse=True)[1].ravel()
            means = np.bincount(numbers, rows[:, -1]) / np.bincount(numbers)
            rows[:, -1] -= means[numbers]
        self._keys = []
        return rows

    def interest(self, model: Gaussians) -> NDArray[np.float64]:
        """Return the covariance of time and reward in each component."""
        covariance = model.covariances[:, -2, -1]
        return np.abs(covariance) if self._absolute else np.maximum(covariance, 0.0)

    def forget(self, learner: str) -> None:
        """Drop the results of this batch that those of a learner would be compared with: its weights were replaced."""
        kept = [k for k, key in enumerate(self._keys) if self.apart and key[0] != learner]
        self._rows[: len(kept)] = self._rows[kept]
        self._keys, self._filled = [self._keys[k] for k in kept], len(kept)

    def own_state(self) -> dict[str, Any]:
        """Return the keys of the batch beside what every teacher of its kind remembers."""
        return super().own_state() | {"keys": [list(key) for key in self._keys]}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a batch and a mixture."""
        super().load_own_state(state)
        self._keys = [(learner, opponents) for learner, opponents in state["keys"]]
