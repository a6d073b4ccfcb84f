"""A policy over the unit cube that learns to propose what is rewarded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from games import TaskSpace
from league.teachers.networks import Trained, mlp, tensor

__all__ = ["Adversary", "Moves"]

Array = NDArray[np.float64]

NOISE = 8
"""Size of the noise that a proposal is conditioned on."""
HIDDEN = 64
"""Width of the hidden layer."""
CLIP = 0.2
"""How far the probability of a move may be changed by one update, as a share of what it was."""

FLOOR = 0.1
"""Added to the standard deviation that rewards are divided by, so that where all are nearly the same nothing is made of it."""


class Moves(NamedTuple):
    """Proposals with what is needed to learn from them.

    Attributes:
        points: [n, D] float64, in the unit cube.
        noise: [n, 8] float32.
        parts: [n, D] int64, which part of each parameter's range was chosen.
        log: [n] float32, log probability of these.
    """

    points: Array
    noise: NDArray[np.float32]
    parts: NDArray[np.int64]
    log: NDArray[np.float32]


class Adversary:
    """Chooses a part of each parameter's range, and any value within it.

    A network with one hidden layer maps noise to a categorical distribution over the parts of each parameter; through the
    noise the parameters may depend on each other. It begins as the even distribution, and learns by proximal policy
    optimisation (Schulman et al., arXiv 1707.06347) on single moves: there are no states, so the mean reward of a batch is
    the baseline.

    Args:
        space: of the tasks.
        rng: for the weights.
        parts: of a real parameter; an integer or a choice with no more values has one for each of them.
        rate: learning rate of Adam.
        entropy: how much the entropy of each parameter, as a share of the greatest, counts beside rewards of variance 1.
        epochs: steps of an update.
    """

    def __init__(
        self, space: TaskSpace, rng: np.random.Generator, *, parts: int, rate: float, entropy: float, epochs: int
    ) -> None:
        self._parts = np.array([int(min(parameter.count, parts)) for parameter in space.values()], np.int64)
        self._size, self._most = len(self._parts), int(self._parts.max(initial=1))
        self._barred = torch.from_numpy(np.arange(self._most)[None, :] >= self._parts[:, None])  # [D, parts]
        self._entropy, self._epochs = entropy, epochs
        self._network = Trained(mlp([NOISE, HIDDEN, max(self._size * self._most, 1)], rng, last=0.0), rate)

    def _logs(self, noise: Tensor) -> Tensor:
        """Return log probabilities [n, D, parts]."""
        logits: Tensor = self._network.module(noise)[:, : self._size * self._most]
        logits = logits.view(len(noise), self._size, self._most)
        return torch.log_softmax(logits.masked_fill(self._barred, -1e9), dim=2)

    def propose(self, rng: np.random.Generator, n: int) -> Moves:
        """Return n proposals."""
        noise = rng.standard_normal((n, NOISE)).astype(np.float32)
        with torch.no_grad():
            logs = self._logs(tensor(noise)).numpy()
        bounds = np.cumsum(np.exp(logs.astype(np.float64)), axis=2)
        drawn = rng.random((n, self._size, 1)) * bounds[:, :, -1:]
        parts = np.minimum((bounds <= drawn).sum(axis=2), self._parts - 1)
        points = (parts + rng.random((n, self._size))) / self._parts
        chosen = np.take_along_axis(logs, parts[:, :, None], axis=2)[:, :, 0]
        return Moves(points, noise, parts, chosen.sum(axis=1))

    def learn(self, moves: Moves, rewards: Array) -> None:
        """Make moves with more than the mean reward more probable.

        Args:
            moves: what was proposed, [n] of them; it may be a while ago.
            rewards: [n] of these, finite, of a size around 1.
        """
        gain = tensor((rewards - rewards.mean()) / (rewards.std() + FLOOR))
        noise, before = tensor(moves.noise), tensor(moves.log)
        parts = torch.from_numpy(moves.parts)[:, :, None]
        greatest = tensor(np.log(np.maximum(self._parts, 2)))
        for _ in range(self._epochs):
            logs = self._logs(noise)
            ratio = torch.exp((logs.gather(2, parts).sum(dim=(1, 2)) - before).clamp(-20.0, 20.0))
            bounded = torch.minimum(ratio * gain, ratio.clamp(1.0 - CLIP, 1.0 + CLIP) * gain)
            entropy = (-(logs.exp() * logs).sum(dim=2) / greatest).sum(dim=1)
            self._network.step(-bounded.mean() - self._entropy * entropy.mean())

    def spread(self) -> float:
        """Return the mean entropy of the parameters as a share of the greatest, by noise that is always the same."""
        if not self._size:
            return 0.0
        with torch.no_grad():
            logs = self._logs(tensor(np.random.default_rng(0).standard_normal((64, NOISE))))
            share = logs.exp().mean(dim=0)  # over the noise: what is proposed altogether
            entropy = -(share * share.clamp_min(1e-30).log()).sum(dim=1)
        return float((entropy.numpy() / np.log(np.maximum(self._parts, 2))).mean())

    def state_dict(self) -> dict[str, Any]:
        """Return the network as plain JSON values."""
        return self._network.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a network."""
        self._network.load_state_dict(state)
