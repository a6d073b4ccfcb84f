"""What the teachers have in common that draw tasks from a mixture of Gaussians."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from games import Categorical, InputError, Integer, TaskSpace
from league.teachers.checks import require_choice, require_least, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.mixtures import Criterion, Gaussians, best_fit, fit, fit_as_sklearn
from league.teachers.pack import pack, unpack
from league.teachers.teacher import Result

__all__ = ["KEYS", "GaussianTeacher", "key_of", "widths"]

Array = NDArray[np.float64]
Key = tuple[str, str]

KEYS = 16
"""Learners and opponent classes that are told apart; beyond, the one that was heard of longest ago is forgotten."""


def key_of(result: Result, apart: bool) -> Key:
    """Return what results must have in common to be compared: learner and class of opponents, or nothing."""
    return (result.learner, result.opponents) if apart else ("", "")


def widths(space: TaskSpace) -> Array:
    """Return how long each edge [D] of the unit cube is in units of the tasks; 1 where there is only one value."""
    found = []
    for parameter in space.values():
        if isinstance(parameter, Categorical):
            found.append(float(len(parameter.choices)))
        elif isinstance(parameter, Integer):
            found.append(float(parameter.high - parameter.low + 1))
        else:
            found.append((parameter.high - parameter.low) or 1.0)
    return np.array(found)


class GaussianTeacher(CubeTeacher):
    """Collects rows (task, and what was found there) and every `fit_rate` of them fits a mixture to draw tasks from.

    Until the first fit, and for a share of the tasks ever after, tasks are drawn uniformly. A fit that fails is tried with
    more added to the variances, then with other numbers of components; if none succeeds the last mixture stays.

    Args:
        space: the game's task space.
        seed: of its draws.
        name: of the teacher, for error messages.
        found: columns of a row beside the task.
        measure: how results are read.
        fit_rate: rows of a fit; each is used once.
        components: least and greatest number of Gaussians that are tried.
        criterion: what decides between them.
        random: share of tasks drawn uniformly.
        apart: whether results of different learners, or against different classes of opponents, are never compared.
        faithful: whether to do as published.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        name: str,
        found: int,
        measure: Measure,
        fit_rate: int,
        components: tuple[int, int],
        criterion: Criterion,
        random: float,
        apart: bool,
        faithful: bool,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        if len(components) != 2 or not 1 <= components[0] <= components[1]:
            raise InputError(
                f"teacher {name!r}: components must be the least and the greatest number, such as 2 and 10, not {components}"
            )
        require_least(name, fit_rate=(fit_rate, max(components[1], 2)))
        require_share(name, random=random)
        require_choice(name, "criterion", criterion, get_args(Criterion))
        self.apart, self.faithful, self.random, self._criterion = apart, faithful, random, criterion
        self._units = widths(space) if faithful else np.ones(self.size)
        self._rows = np.zeros((fit_rate, self.size + found))
        self._filled = 0
        self._model: Gaussians | None = None  # in units of the rows
        self._shares = np.zeros(0)  # of the components
        self._fits = 0
        # enough rows for each parameter of a component, or nearly; at least one candidate is left
        most = components[1] if faithful else max(fit_rate // (2 * (self.size + found)), components[0])
        self._candidates = range(components[0], min(components[1], most) + 1)

    @abstractmethod
    def interest(self, model: Gaussians) -> Array:
        """Return what speaks for each component [k], 0 or more; tasks are drawn in proportion."""

    def draw(self, learner: str) -> Draw:
        """Return a task from the mixture, or any task."""
        if self._model is None:
            return Draw(self.rng.random(self.size), "bootstrap")
        if self.rng.random() < self.random:
            return Draw(self.rng.random(self.size), "uniform")
        k = min(int(np.searchsorted(np.cumsum(self._shares), self.rng.random(), side="right")), len(self._shares) - 1)
        size = self.size
        # the task's part of a Gaussian over rows is a Gaussian by itself, and the leading part of a factor its factor
        point = self._model.means[k, :size] + self._model.factors[k, :size, :size] @ self.rng.standard_normal(size)
        return Draw(point / self._units, "component")

    def note(self, told: Told, *found: float) -> None:
        """Add a row, and fit when there are enough."""
        self._rows[self._filled, : self.size] = told.point * self._units
        self._rows[self._filled, self.size :] = found
        self._filled += 1
        if self._filled == len(self._rows):
            self._filled = 0
            self._fit()

    def rows(self) -> Array:
        """Return the rows of a full batch as they go into the fit."""
        return self._rows

    def _fit(self) -> None:
        model = best_fit(
            self.rows(),
            self._candidates,
            self._criterion,
            self.rng,
            fitter=fit_as_sklearn if self.faithful else fit,
            counted=self.size if self.faithful else None,
        )
        if model is None:
            return
        interest = self.interest(model)
        total = interest.sum()
        usable = np.isfinite(total) and total > 0.0
        self._shares = interest / total if usable else np.full(len(interest), 1.0 / len(interest))
        self._model = model
        self._fits += 1

    def own_metrics(self) -> dict[str, float]:
        """Return how many fits there were, how many components the last one has, and the greatest share of one."""
        figures = {"fits": float(self._fits), "components": float(len(self._shares))}
        return figures | ({"greatest_share": float(self._shares.max())} if len(self._shares) else {})

    def sketch(self) -> list[dict[str, Any]]:
        """Return an ellipse for each component."""
        if self._model is None:
            return []
        means = self._model.means[:, : self.size] / self._units
        covariances = self._model.covariances[:, : self.size, : self.size] / np.outer(self._units, self._units)
        return [
            {"mean": mean.tolist(), "covariance": covariance.tolist(), "weight": float((1.0 - self.random) * share)}
            for mean, covariance, share in zip(means, covariances, self._shares, strict=True)
        ]

    def own_state(self) -> dict[str, Any]:
        """Return the rows that wait for the next fit, and the mixture of the last one."""
        return {
            "rows": pack(self._rows[: self._filled]),
            "model": None if self._model is None else [pack(array) for array in self._model],
            "shares": pack(self._shares),
            "fits": self._fits,
        }

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to rows and a mixture."""
        rows = unpack(state["rows"])
        self._filled = len(rows)
        self._rows[: self._filled] = rows
        self._model = None if state["model"] is None else Gaussians(*map(unpack, state["model"]))
        self._shares, self._fits = unpack(state["shares"]), state["fits"]
