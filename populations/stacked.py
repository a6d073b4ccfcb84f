"""Many frozen policies of one architecture, evaluated as one batched product."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from populations.networks.network import Network
from populations.neural import NeuralPolicy, tensors
from populations.policy import Decision, Rows, State

__all__ = ["StackedPolicies", "architecture"]


def architecture(policy: NeuralPolicy) -> str:
    """Return a text that is the same for two policies exactly when they can be stacked."""
    network = policy.network
    form = (network.spec.to_json(), network.layout.to_json(), policy.greedy, policy.temperature)
    return json.dumps(form, sort_keys=True)


class StackedPolicies:
    """K frozen policies of one architecture that decide together, each for its own rows.

    Actions are those of the policies themselves, up to the rounding of floating-point sums. The fewer rows each member has,
    the more it pays: a step is a few large products instead of K times as many small ones. The product is as wide as the
    member with the most rows, so members with far more than their share are evaluated alone.

    Args:
        policies: at least one, all of one `architecture`.
    """

    def __init__(self, policies: Sequence[NeuralPolicy]) -> None:
        if len({architecture(policy) for policy in policies}) != 1:
            raise ValueError("stacked policies must be of one architecture")
        self._policies = list(policies)
        networks = [policy.network for policy in policies]
        self._network = copy.deepcopy(networks[0]).requires_grad_(False)
        _stack(self._network, networks)
        self._log_std: NDArray[np.float32] | None = None
        if self._network.layout.actions.continuous:
            self._log_std = np.stack([network.log_std().detach().numpy() for network in networks])

    def act(self, rows: Rows, state: State, member: NDArray[np.int64]) -> Decision:
        """Decide for every row.

        Args:
            rows: R rows, in any order.
            state: their recurrent states.
            member: [R], 0 to K - 1: whose row it is.

        Returns:
            Actions and states; no log-probabilities and values.
        """
        if not len(rows):
            return self._policies[0].act(rows, state)
        members = len(self._policies)
        order = np.argsort(member, kind="stable")
        groups = np.split(order, np.searchsorted(member[order], np.arange(1, members)))
        limit = max(2 * len(member) // members, 16)
        alone = [k for k, group in enumerate(groups) if len(group) > limit]
        outputs = [(groups[k], *_evaluate(self._policies[k].network, rows, state, groups[k])) for k in alone]
        together = [group if len(group) <= limit else group[:0] for group in groups]
        longest = max(len(group) for group in together)
        if longest:
            padded = np.zeros((members, longest), dtype=np.int64)  # row 0 fills the gaps
            there = np.arange(longest) < np.array([[len(group)] for group in together])
            padded[there] = np.concatenate(together)
            parts = _evaluate(self._network, rows, state, padded.ravel())
            outputs.append((padded[there], *(x[there.ravel()] for x in parts)))
        places, policy, *hidden = (np.concatenate(parts) for parts in zip(*outputs, strict=True))
        back = np.empty_like(places)
        back[places] = np.arange(len(places))
        log_std = None if self._log_std is None else self._log_std[member]
        action, _ = self._policies[0].draw(policy[back], log_std, rows)
        return Decision(action, {"hidden": hidden[0][back]} if hidden else {})


def _evaluate(network: Network, rows: Rows, state: State, chosen: NDArray[np.int64]) -> tuple[NDArray[np.float32], ...]:
    """Return what a network says about some rows: logits or means, and the next hidden state if it has one."""
    index = torch.from_numpy(chosen)
    observation = {n: x.index_select(0, index) for n, x in tensors(rows.observation, network).items()}
    hidden = torch.from_numpy(state["hidden"]).index_select(0, index) if state else None
    with torch.inference_mode():
        output = network(observation, hidden, values=False)
    return tuple(x.numpy() for x in (output.policy, output.hidden) if x is not None)


def _stack(module: nn.Module, originals: Sequence[nn.Module]) -> None:
    """Put stacked layers in the place of all layers with weights that a decision needs."""
    for name, child in list(module.named_children()):
        same = [getattr(original, name) for original in originals]
        layer = {nn.Linear: _Linear, nn.Conv2d: _Convolution, nn.GRU: _Memory}.get(type(child))
        if isinstance(module, Network) and name.startswith("value"):
            delattr(module, name)
        elif layer is not None:
            setattr(module, name, layer(same))
        else:
            _stack(child, same)


class _Linear(nn.Module):
    """K layers; the first axis of the input [K * M, ..., in] goes through them in K equal parts."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = torch.stack([layer.weight.detach().T for layer in layers])
        biases = [layer.bias.detach() for layer in layers if layer.bias is not None]
        self.bias = torch.stack(biases).unsqueeze(1) if biases else None

    def forward(self, x: Tensor) -> Tensor:
        members, width, out = self.weight.shape
        parts = x.reshape(members, x.numel() // (members * width), width)
        y = torch.bmm(parts, self.weight) if self.bias is None else torch.baddbmm(self.bias, parts, self.weight)
        return y.view(*x.shape[:-1], out)


class _Convolution(nn.Module):
    """K convolutions of [K * M, C, H, W], as one with K groups."""

    def __init__(self, layers: Sequence[nn.Conv2d]) -> None:
        super().__init__()
        self.members, self.stride, self.padding = len(layers), layers[0].stride, layers[0].padding
        self.weight = torch.cat([layer.weight.detach() for layer in layers])
        self.bias = torch.cat([layer.bias.detach() for layer in layers if layer.bias is not None])

    def forward(self, x: Tensor) -> Tensor:
        rows = len(x) // self.members
        side_by_side = x.view(self.members, rows, *x.shape[1:]).transpose(0, 1).flatten(1, 2)
        y = nn.functional.conv2d(side_by_side, self.weight, self.bias, self.stride, self.padding, groups=self.members)
        return y.view(rows, self.members, -1, *y.shape[2:]).transpose(0, 1).flatten(0, 1)


class _Memory(nn.Module):
    """One step of K gated recurrent units (Cho et al. 2014, arXiv 1406.1078, in the form that torch documents)."""

    def __init__(self, layers: Sequence[nn.GRU]) -> None:
        super().__init__()
        weights = [dict(layer.named_parameters()) for layer in layers]
        self.of_input = _Linear([_linear(w["weight_ih_l0"], w["bias_ih_l0"]) for w in weights])
        self.of_hidden = _Linear([_linear(w["weight_hh_l0"], w["bias_hh_l0"]) for w in weights])

    def forward(self, x: Tensor, hidden: Tensor) -> tuple[Tensor, Tensor]:
        given, kept = self.of_input(x[0]).chunk(3, dim=1), self.of_hidden(hidden[0]).chunk(3, dim=1)
        reset, update = torch.sigmoid(given[0] + kept[0]), torch.sigmoid(given[1] + kept[1])
        new = torch.tanh(given[2] + reset * kept[2])
        result = (new + update * (hidden[0] - new)).unsqueeze(0)
        return result, result


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    layer.weight, layer.bias = nn.Parameter(weight.detach()), nn.Parameter(bias.detach())
    return layer
