"""A centralised value: what a match is worth to each of a learner's agents, seen with the eyes of all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from games import InputError
from populations.layout import Layout
from populations.learners.trajectories import Trajectories
from populations.learners.weights import load_moments, load_weights, moments, weights
from populations.networks.joint_critic import JointCritic

__all__ = ["CentralValue", "groups"]

_ACTIVATIONS = 1 << 18  # computed at once


def groups(*keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the rows that have all keys [R] in common, one group a line, [B, S] in ascending order; -1 fills the gaps."""
    order = np.lexsort(keys)
    rows = len(order)
    begins = np.ones(rows, np.bool_)
    for key in keys:
        begins[1:] &= key[order][1:] == key[order][:-1]
    begins[1:] = ~begins[1:]
    number = np.cumsum(begins) - 1
    start = np.flatnonzero(begins)
    place = np.arange(rows) - start[number]
    table = np.full((len(start), int(place.max(initial=-1)) + 1), -1, np.int64)
    table[number, place] = order
    return table


class CentralValue:
    """V_i(o_1 .. o_n, z_1 .. z_n) of every agent i, for PPO in the place of a value that each agent forms alone.

    Decisions that one learner took in one match at one step are judged together, by the attention of `JointCritic`; no actions
    go in, so that it is a value of states, as in Yu et al. 2022, "The surprising effectiveness of PPO in cooperative
    multi-agent games" (arXiv 2103.01955). It takes any number of agents. Seats that others hold are seen only as its own see
    them. Only learning needs it: agents act without.

    Args:
        layout: of the game.
        width: of its layers.
        latents: K, where agents have latents; 0 where not.
        seed: of its first weights.
    """

    def __init__(self, layout: Layout, *, width: int = 64, latents: int = 0, seed: int = 0) -> None:
        self.critic = JointCritic(layout, width=width, latents=latents, own_action=True, seed=seed)
        self._optimizer = torch.optim.Adam(self.critic.parameters(), eps=1e-5)
        self._largest = sum(encoder.largest for encoder in self.critic.encoders)  # type: ignore[misc]

    def judged(self, batch: Trajectories) -> Trajectories:
        """Return the batch with its values and bootstraps as this critic estimates them.

        Raises:
            InputError: when the batch does not tell matches, steps and what was seen after cuts.
        """
        if batch.match is None or batch.step is None:
            raise InputError("a central critic needs batches that tell match and step of each row")
        value = self._values(batch.observation, batch.state.get("latent"), groups(batch.step, batch.match))
        bootstrap = np.zeros(len(batch), np.float32)
        if batch.ahead is not None:
            row = batch.ahead.row
            latent = None if "latent" not in batch.state else batch.state["latent"][row]
            together = groups(batch.match[row])
            bootstrap[row] = self._values(batch.ahead.observation, latent, together)
        return replace(batch, value=value, bootstrap=bootstrap)

    def learn(
        self,
        batch: Trajectories,
        target: NDArray[np.float32],
        counts: NDArray[np.bool_],
        *,
        epochs: int,
        minibatches: int,
        rate: float,
        gradient_norm: float,
        rng: np.random.Generator,
    ) -> float:
        """Descend the squared error towards the targets.

        Args:
            batch: R decisions.
            target: [R], the returns.
            counts: [R], which rows to learn from; the others are only seen by those.
            epochs: passes.
            minibatches: steps a pass.
            rate: step size of Adam.
            gradient_norm: longer gradients are shortened to this.
            rng: shuffles.

        Returns:
            Half the mean squared error over all passes.
        """
        assert batch.match is not None
        assert batch.step is not None
        table = groups(batch.step, batch.match)
        table = table[(counts[np.maximum(table, 0)] & (table >= 0)).any(axis=1)]
        self._optimizer.param_groups[0]["lr"] = rate
        total = 0.0
        for _ in range(epochs):
            for chosen in np.array_split(rng.permutation(len(table)), min(minibatches, max(len(table), 1))):
                lines = table[chosen]
                kept = counts[np.maximum(lines, 0)] & (lines >= 0)
                rows = max(int(kept.sum()), 1)
                self._optimizer.zero_grad()
                for part in self._parts(lines):
                    estimate = self._estimate(batch.observation, batch.state.get("latent"), part)
                    of = torch.from_numpy(counts[np.maximum(part, 0)] & (part >= 0))
                    error = estimate - torch.from_numpy(target[np.maximum(part, 0)])
                    loss = 0.5 * (error.square() * of).sum() / rows
                    loss.backward()
                    total += float(loss.detach())
                norm = torch.nn.utils.clip_grad_norm_(self.critic.parameters(), gradient_norm)
                if not math.isfinite(float(norm)):
                    raise FloatingPointError(
                        "the gradient of the central critic is not finite: look for infinite rewards"
                    )
                self._optimizer.step()
        return total / (epochs * minibatches)

    def _parts(self, table: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        size = max(_ACTIVATIONS // (self._largest * max(table.shape[1], 1)), 16)
        return np.array_split(table, max(-(-len(table) // size), 1))

    def _values(
        self, observation: Mapping[str, NDArray[Any]], latent: NDArray[np.int64] | None, table: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        result = np.zeros(int((table >= 0).sum()), np.float32)
        with torch.inference_mode():
            for part in self._parts(table):
                here = part >= 0
                result[part[here]] = self._estimate(observation, latent, part).numpy()[here]
        return result

    def _estimate(
        self, observation: Mapping[str, NDArray[Any]], latent: NDArray[np.int64] | None, table: NDArray[np.int64]
    ) -> Tensor:
        rows = np.maximum(table, 0)
        seen = {name: torch.from_numpy(observation[name][rows]) for name in self.critic.layout.observation}
        modes = None if latent is None else torch.from_numpy(latent[rows])
        nothing = torch.zeros(*table.shape, self.critic.actions)
        return self.critic(self.critic.encode(seen, modes), nothing, torch.from_numpy(table >= 0))

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of weights and optimiser, as named arrays."""
        return weights("weights", self.critic) | moments("adam", self.critic, self._optimizer)

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        load_weights("weights", self.critic, state)
        load_moments("adam", self.critic, self._optimizer, state)
