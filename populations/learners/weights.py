"""Weights and the moments of Adam as named arrays, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

__all__ = ["load_moments", "load_weights", "moments", "weights"]


def weights(prefix: str, module: nn.Module) -> dict[str, NDArray[Any]]:
    """Return copies of a module's weights, under names that begin with the prefix and a slash."""
    return {f"{prefix}/{name}": w.detach().numpy().copy() for name, w in module.named_parameters()}


def load_weights(prefix: str, module: nn.Module, state: Mapping[str, NDArray[Any]]) -> None:
    """Inverse of `weights`."""
    for name, weight in module.named_parameters():
        weight.data.copy_(torch.from_numpy(state[f"{prefix}/{name}"]))


def moments(prefix: str, module: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, NDArray[Any]]:
    """Return copies of what an optimiser of all of a module's weights remembers."""
    return {
        f"{prefix}/{name}/{kind}": moment.numpy().copy()
        for name, weight in module.named_parameters()
        for kind, moment in optimizer.state.get(weight, {}).items()
    }


def load_moments(
    prefix: str, module: nn.Module, optimizer: torch.optim.Optimizer, state: Mapping[str, NDArray[Any]]
) -> None:
    """Inverse of `moments`."""
    found: dict[int, dict[str, Tensor]] = {}
    for index, (name, _) in enumerate(module.named_parameters()):
        start = f"{prefix}/{name}/"
        of = {n.removeprefix(start): torch.from_numpy(m.copy()) for n, m in state.items() if n.startswith(start)}
        if of:
            found[index] = of
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": found, "param_groups": groups})
