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
from populations.policy import Decision, Rows, State
from populations.sampling import probabilities, sample, sample_normal

__all__ = ["NeuralPolicy", "tensors"]

_ACTIVATIONS = 1 << 20  # computed at once: layers of more than 4 MB cost more in page faults than the loop does


class NeuralPolicy:
    """A network that acts: softmax of its logits over the legal actions, or a normal distribution clipped to the bounds.

    Attributes:
        network: whose weights it uses; shared, not copied.
        learns: whether decisions carry a value (and a log-probability), which costs the value torso.
        greedy: always take the likeliest action.
        temperature: divides the logits (or multiplies the standard deviation).
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

    def initial_state(self, rows: int) -> State:
        """Return zeros [rows, H] for a network with memory, else nothing."""
        width = self.network.spec.recurrent
        return {} if width is None else {"hidden": np.zeros((rows, width), dtype=np.float32)}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        output = self.evaluate(rows, state, values=self.learns)
        log_std = (
            self.network.log_std().detach().unsqueeze(0).numpy() if self.network.layout.actions.continuous else None
        )
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

    def evaluate(self, rows: Rows, state: State, *, values: bool) -> Output:
        """Return the network's numbers for R rows, without gradients."""
        observation = tensors(rows.observation, self.network)
        hidden = torch.from_numpy(state["hidden"]) if self.network.core is not None else None
        with torch.inference_mode():
            return evaluate(self.network, observation, hidden, len(rows), values=values)

    def probabilities(self, rows: Rows, state: State | None = None) -> NDArray[np.float64]:
        """Return [R, A], the probability of every discrete action, head beside head: for tabulating a policy.

        Raises:
            ValueError: for continuous actions.
        """
        layout = self.network.layout.actions
        if layout.continuous:
            raise ValueError("continuous actions have densities, not probabilities")
        output = self.evaluate(rows, self.initial_state(len(rows)) if state is None else state, values=False)
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


def evaluate(
    network: Network, observation: Mapping[str, Tensor], hidden: Tensor | None, rows: int, *, values: bool
) -> Output:
    """Evaluate R rows, in pieces where they are many."""
    size = max(_ACTIVATIONS // network.largest, 64)
    if rows <= size:
        return network(observation, hidden, values=values)
    parts = []
    for low in range(0, rows, size):
        piece = slice(low, low + size)
        part = {name: array[piece] for name, array in observation.items()}
        parts.append(network(part, None if hidden is None else hidden[piece], values=values))
    policy, value, hiddens = zip(*parts, strict=True)
    return Output(torch.cat(policy), _joined(value), _joined(hiddens))


def _joined(parts: tuple[Tensor | None, ...]) -> Tensor | None:
    return None if parts[0] is None else torch.cat(parts)  # type: ignore[arg-type]
