"""Policies of several modes: each agent plays a match by one latent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from games import InputError
from games.compiled import kernel
from games.randomness import gumbel, seat_stream
from populations.networks.network import Network
from populations.neural import NeuralPolicy, tensors
from populations.policy import Decision, Rows, State

__all__ = ["LatentPolicy", "draw"]

_BEFORE = -1  # the step of a seat's stream that its latent is drawn from: no decision is made there


class LatentPolicy(NeuralPolicy):
    """A network with a `RelationSpec` that acts, by one latent per agent and match.

    At its first decision in a match an agent reads the population m, draws z ~ p(z | m) from its seat's own stream, and keeps
    both: the state holds `latent` [R] int64 (-1 before that) and `sizes` [R, M] float32, m as the task encoder takes it. So a
    match depends on nothing but its task, its agents and its seed. Decisions say in `before` with which latent they were made.

    Attributes:
        latent: the z of every agent in every match, instead of drawing; None to draw.
    """

    def __init__(
        self,
        network: Network,
        *,
        learns: bool = False,
        greedy: bool = False,
        temperature: float = 1.0,
        latent: int | None = None,
    ) -> None:
        super().__init__(network, learns=learns, greedy=greedy, temperature=temperature)
        if latent is not None and not 0 <= latent < network.relational.latents:
            raise InputError(f"a policy's latent must be from 0 to {network.relational.latents - 1}, not {latent}")
        self.latent = latent

    def initial_state(self, rows: int) -> State:
        """Return the state before the latent is drawn."""
        assert self.network.prior is not None
        return super().initial_state(rows) | {
            "latent": np.full(rows, -1, np.int64),
            "sizes": np.zeros((rows, self.network.prior.sizes), np.float32),
        }

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row, by its latent."""
        begun = self.begun(rows, state)
        decision = super().act(rows, begun)
        decision.state |= {name: begun[name] for name in ("latent", "sizes")}
        decision.before = begun
        return decision

    def values(self, rows: Rows, state: State) -> NDArray[np.float32]:
        """Return [R] float32, the value of each row under its latent."""
        return super().values(rows, self.begun(rows, state))

    def inputs(self, observation: Mapping[str, NDArray[Any]], state: State) -> dict[str, Tensor]:
        """Return what the network reads, the latent among it."""
        return super().inputs(observation, state) | {"latent": torch.from_numpy(state["latent"])}

    def begun(self, rows: Rows, state: State) -> State:
        """Return the state with a latent in every row."""
        new = np.flatnonzero(state["latent"] < 0)
        if not len(new):
            return state
        prior = self.network.prior
        assert prior is not None
        seen = {n: x.index_select(0, torch.from_numpy(new)) for n, x in tensors(rows.observation, self.network).items()}
        with torch.inference_mode():
            sizes = prior.sizes_of(seen)
            log_prior = prior(sizes).numpy()
        latent, kept = state["latent"].copy(), state["sizes"].copy()
        kept[new] = sizes.numpy()
        latent[new] = draw(log_prior, rows.seed[new], rows.seat[new]) if self.latent is None else self.latent
        return state | {"latent": latent, "sizes": kept}

    def probabilities(self, rows: Rows, state: State | None = None) -> NDArray[np.float64]:
        """Return [R, A], the probability of every discrete action under each row's latent.

        Where no state is given and no latent is fixed, it is the average over latents, as p(z | m) weighs them.
        """
        if state is not None:
            return super().probabilities(rows, self.begun(rows, state))
        start = self.begun(rows, self.initial_state(len(rows)))
        prior = self.network.prior
        assert prior is not None
        if self.latent is not None:
            return super().probabilities(rows, start)
        with torch.inference_mode():
            weights = prior(torch.from_numpy(start["sizes"])).exp().double().numpy()
        result = np.zeros((len(rows), self.network.layout.actions.width))
        for z in range(weights.shape[1]):
            mode = start | {"latent": np.full(len(rows), z)}
            result += weights[:, z : z + 1] * super().probabilities(rows, mode)
        return result

    def copy(self) -> LatentPolicy:
        """Return a policy with a copy of the weights that reports neither values nor log-probabilities."""
        network = super().copy().network
        return LatentPolicy(network, greedy=self.greedy, temperature=self.temperature, latent=self.latent)


def draw(log_prior: NDArray[np.float32], seed: NDArray[np.uint64], seat: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw the latents [R] of agents in matches that begin, from the seats' own streams.

    Args:
        log_prior: [R, K], log p(z | m).
        seed: [R] of the matches.
        seat: [R].
    """
    latent = np.empty(len(log_prior), np.int64)
    _draw(log_prior, seed, seat, latent)
    return latent


@kernel
def _draw(log_prior: Any, seed: Any, seat: Any, latent: Any) -> None:
    for r in range(len(latent)):
        stream = seat_stream(seat[r])
        top = -np.inf
        for z in range(log_prior.shape[1]):
            score = log_prior[r, z] + gumbel(seed[r], stream, _BEFORE, z)
            if score > top:
                top = score
                latent[r] = z
