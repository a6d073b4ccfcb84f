"""Reptile: first weights from which one population's game is learned fast, and all of them alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError
from populations.layout import ENTITY_FIELDS
from populations.learners.ppo import PPO
from populations.learners.schedule import Schedule, at
from populations.learners.trajectories import Trajectories
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.policy import Rows, State

__all__ = ["Reptile", "populations_in"]


class Reptile:
    """First-order meta-learning over populations (Nichol, Achiam and Schulman 2018, arXiv 1803.02999), around PPO.

    One update takes the decisions of every population in the batch by themselves. From the weights w it lets PPO learn from
    one population's alone, with a fresh optimiser and all its passes: these are the inner steps, which lead to w_m. Then

        w  <-  w + rate * mean over m of (w_m - w)

    (their algorithm 2, batched). Populations count equally, however many decisions they brought. The weights that act are w,
    so all inner steps start on-policy.

    A difference from the paper: inner steps are passes over one batch that w collected, not over data that w_m collects
    anew; PPO's clipping keeps them near to where that batch is good for.

    Populations are told apart by the most entities that a seat saw in a match: a game in which the number of other things
    differs too has more of them.

    Attributes:
        inner: the learner of the inner steps; its weights are w.
    """

    def __init__(self, inner: PPO, *, rate: float | Schedule = 0.1) -> None:
        for end in (rate.start, rate.end) if isinstance(rate, Schedule) else (rate,):
            if not 0.0 < end <= 1.0:
                raise InputError(f"reptile rate must be above 0 and at most 1, not {end}")
        if not set(ENTITY_FIELDS) <= inner.network.layout.observation.keys():
            raise InputError("reptile tells populations apart by the entities that a seat sees; this game shows none")
        if inner.settings.magnet is not None:
            raise InputError(
                "reptile has no magnet: the weights that its inner steps begin with hold them back already"
            )
        self.inner = inner
        self._rate = rate

    @property
    def network(self) -> Network:
        """The current weights."""
        return self.inner.network

    @property
    def policy(self) -> NeuralPolicy:
        """Acts with the current weights."""
        return self.inner.policy

    def value(self, rows: Rows, state: State) -> NDArray[np.float32]:
        """Return [R] float32, the expected return of each row, in units of the scaled reward."""
        return self.inner.value(rows, state)

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Learn from one batch.

        Args:
            batch: decisions of `policy`, made with the weights that it has now.
            progress: share of the run that is done, 0 to 1.

        Returns:
            PPO's figures, as means over populations (`rows` and `epochs` too); how many `populations` there were; and how far
            the weights moved, `outer_step`, as the length of the whole vector.

        Raises:
            FloatingPointError: when a gradient is not finite.
        """
        start = self.state_dict()
        weights = [name for name in start if name != "updates"]
        moved = {name: np.zeros_like(start[name]) for name in weights}
        sizes = populations_in(batch)
        found = np.unique(sizes)
        figures: dict[str, float] = {}
        for size in found:
            self.inner.load_state_dict(start | {"updates": np.array(self.inner.updates)})
            for name, value in self.inner.update(batch.only(sizes == size), progress).items():
                figures[name] = figures.get(name, 0.0) + value / len(found)
            learned = self.inner.state_dict()
            for name in weights:
                moved[name] += (learned[name] - start[name]) / np.float32(len(found))
        rate = np.float32(at(self._rate, progress))
        for name in weights:
            start[name] += rate * moved[name]
        self.load_state_dict(start | {"updates": np.array(self.inner.updates)})
        step = float(rate) * float(np.sqrt(sum(float(np.square(m, dtype=np.float64).sum()) for m in moved.values())))
        return figures | {"populations": float(len(found)), "outer_step": step}

    def advantages(self, batch: Trajectories, *, trace: float | None = None) -> NDArray[np.float32]:
        """Return generalised advantage estimates [R] in units of the scaled reward; 0 for pending rows."""
        return self.inner.advantages(batch, trace=trace)

    def freeze(self) -> NeuralPolicy:
        """Return a policy with a copy of the current weights."""
        return self.inner.freeze()

    def adopt(self, policy: NeuralPolicy) -> None:
        """Take over a policy's weights as the first ones.

        Raises:
            InputError: when the network is another one.
        """
        self.inner.adopt(policy)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of weights and the number of inner loops: optimisers live no longer than these."""
        return {name: array for name, array in self.inner.state_dict().items() if not name.startswith("adam/")}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self.inner.load_state_dict(state)


def populations_in(batch: Trajectories) -> NDArray[np.int64]:
    """Return [R] int64, the most entities that any seat saw in each row's match, as far as the batch shows it."""
    count = batch.observation["entity_mask"].sum(axis=1, dtype=np.int64)
    if batch.match is None:
        return count
    _, match = np.unique(batch.match, return_inverse=True)
    most = np.zeros(int(match.max(initial=-1)) + 1, dtype=np.int64)
    np.maximum.at(most, match, count)
    return most[match]
