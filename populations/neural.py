"""Policies that are networks."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from games import Game, InputError
from populations.networks.network import Network, Output
from populations.pieces import computed, pieces
from populations.policy import Decision, Rows, State
from populations.sampling import probabilities, sample, sample_normal

__all__ = ["NeuralPolicy", "tensors"]

_ACTIVATIONS = 1 << 18  # computed at once: layers of a megabyte stay in a core's cache


class NeuralPolicy:
    """A network that acts: softmax of its logits over the legal actions, or a normal distribution clipped to the bounds.

    Attributes:
        network: whose weights it uses; shared, not copied.
        learns: whether decisions carry a value (and a log-probability), which costs the value torso.
        greedy: always take the likeliest action.
        temperature: divides the logits (or multiplies the standard deviation).
        threads: that compute many rows side by side; the numbers are the same for any.
    """

    observes = True
    privileged = False

    def __init__(
        self, network: Network, *, learns: bool = False, greedy: bool = False, temperature: float = 1.0
    ) -> None:
        if not temperature > 0.0:
            raise InputError(f"a policy's temperature must be above 0, not {temperature}; for none at all, use greedy")
        self.network = network
        self.learns = learns
        self.greedy = greedy
        self.temperature = temperature
        self.threads = 1

    def initial_state(self, rows: int) -> State:
        """Return zeros [rows, H] for a network with memory, else nothing."""
        width = self.network.spec.recurrent
        return {} if width is None else {"hidden": np.zeros((rows, width), dtype=np.float32)}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row, in pieces where they are many."""
        parts = self._pieces(len(rows))
        if len(parts) == 1:
            return self._act(rows, state)
        decisions = computed(lambda p: self._act(rows.part(p), _part(state, p)), parts, self.threads)
        return _together(list(decisions))

    def _act(self, rows: Rows, state: State) -> Decision:
        output = self._evaluate(rows, state, values=self.learns)
        continuous = self.network.layout.actions.continuous
        log_std = self.network.log_std().detach().unsqueeze(0).numpy() if continuous else None
        action, log_prob = self.draw(output.policy.numpy(), log_std, rows)
        decision = Decision(action, {} if output.hidden is None else {"hidden": output.hidden.numpy()})
        if output.value is not None:
            decision.log_prob, decision.value = log_prob, output.value.numpy()
        return decision

    def draw(
        self, policy: NDArray[np.float32], log_std: NDArray[np.float32] | None, rows: Rows
    ) -> tuple[NDArray[Any], NDArray[np.float32]]:
        """Return actions [R, heads] and log-probabilities [R] for what a network says: logits, or means and deviations."""
        layout = self.network.layout.actions
        if log_std is None:
            return sample(policy, rows, layout, greedy=self.greedy, temperature=self.temperature)
        return sample_normal(policy, log_std, rows, layout, greedy=self.greedy, temperature=self.temperature)

    def values(self, rows: Rows, state: State) -> NDArray[np.float32]:
        """Return [R] float32, the value of each row."""

        def one(piece: slice) -> NDArray[np.float32]:
            value = self._evaluate(rows.part(piece), _part(state, piece), values=True).value
            assert value is not None
            return value.numpy()

        return np.concatenate(list(computed(one, self._pieces(len(rows)), self.threads)))

    def inputs(self, observation: Mapping[str, NDArray[Any]], state: State) -> dict[str, Tensor]:
        """Return all that the network reads of some rows but for its hidden state, as tensors that share their memory."""
        return tensors(observation, self.network)

    def _pieces(self, rows: int) -> list[slice]:
        return pieces(rows, max(_ACTIVATIONS // self.network.largest, 64)) or [slice(0, 0)]

    def _evaluate(self, rows: Rows, state: State, *, values: bool) -> Output:
        observation = self.inputs(rows.observation, state)
        hidden = torch.from_numpy(state["hidden"]) if self.network.core is not None else None
        with torch.inference_mode():
            return self.network(observation, hidden, values=values)

    def probabilities(self, rows: Rows, state: State | None = None) -> NDArray[np.float64]:
        """Return [R, A], the probability of every discrete action, head beside head: for tabulating a policy.

        Raises:
            ValueError: for continuous actions.
        """
        layout = self.network.layout.actions
        if layout.continuous:
            raise ValueError("continuous actions have densities, not probabilities")
        output = self._evaluate(rows, self.initial_state(len(rows)) if state is None else state, values=False)
        logits = output.policy.numpy()
        if not self.greedy:
            return probabilities(logits, rows.mask, layout, temperature=self.temperature)
        action, _ = sample(logits, rows, layout, greedy=True)
        result = np.zeros(logits.shape)
        np.put_along_axis(result, action + layout.offsets[:-1], 1.0, axis=1)
        return result

    def refuses(self, game: Game) -> str | None:
        """Return why the network cannot play this game: another layout of observations or actions."""
        return self.network.layout.mismatch(game, entities=self.network.any_entities)

    def copy(self) -> NeuralPolicy:
        """Return a policy with a copy of the weights that reports neither values nor log-probabilities."""
        network = copy.deepcopy(self.network).requires_grad_(False)
        return NeuralPolicy(network, greedy=self.greedy, temperature=self.temperature)


def tensors(observation: Mapping[str, NDArray[Any]], network: Network) -> dict[str, Tensor]:
    """Return the arrays that a network reads as tensors that share their memory."""
    return {name: torch.from_numpy(observation[name]) for name in network.layout.observation}


def _part(state: State, rows: slice) -> State:
    return {name: values[rows] for name, values in state.items()}


def _together(parts: list[Decision]) -> Decision:
    first = parts[0]
    return Decision(
        np.concatenate([part.action for part in parts]),
        {name: np.concatenate([part.state[name] for part in parts]) for name in first.state},
        None if first.log_prob is None else np.concatenate([p.log_prob for p in parts if p.log_prob is not None]),
        None if first.value is None else np.concatenate([p.value for p in parts if p.value is not None]),
    )
