"""Small networks of teachers: made from a numpy generator, and saved as plain JSON with what their optimiser remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from league.teachers.pack import pack, unpack

__all__ = ["Trained", "linear", "mlp", "tensor"]


def tensor(array: NDArray[Any]) -> Tensor:
    """Return an array as float32: a copy, whose place in memory is aligned as any other tensor's, so that sums round alike."""
    return torch.tensor(np.asarray(array), dtype=torch.float32)


def linear(inputs: int, outputs: int, rng: np.random.Generator, gain: float = 1.0) -> nn.Linear:
    """Return a linear layer, weights and biases uniform within gain / sqrt(inputs) as torch does with a gain of 1."""
    layer = nn.utils.skip_init(nn.Linear, inputs, outputs)  # torch's own would draw from its global generator
    bound = gain / max(inputs, 1) ** 0.5
    with torch.no_grad():
        layer.weight.copy_(tensor(rng.uniform(-bound, bound, (outputs, inputs))))
        layer.bias.copy_(tensor(rng.uniform(-bound, bound, outputs)))
    return layer


def mlp(widths: Sequence[int], rng: np.random.Generator, *, leak: float = 0.0, last: float = 1.0) -> nn.Sequential:
    """Return linear layers with rectifiers in between.

    Args:
        widths: of the input, each hidden layer, and the output.
        rng: for the weights.
        leak: slope of the rectifiers below 0.
        last: gain of the last layer; 0 lets the network begin as the constant 0.
    """
    layers: list[nn.Module] = []
    for k in range(1, len(widths)):
        final = k == len(widths) - 1
        layers.append(linear(widths[k - 1], widths[k], rng, last if final else 1.0))
        if not final:
            layers.append(nn.LeakyReLU(leak) if leak else nn.ReLU())
    return nn.Sequential(*layers)


class Trained:
    """A module and its optimiser: Adam (Kingma and Ba, ICLR 2015), or RMSprop (Tieleman and Hinton 2012).

    All weights lie in one vector, and an update is a few operations on it. For small networks that is several times faster
    than torch's optimisers, which go from layer to layer; the numbers are the same.

    Args:
        module: on the CPU; its parameters become views of the vector.
        rate: learning rate.
        rms: RMSprop in the place of Adam.
    """

    def __init__(self, module: nn.Module, rate: float, *, rms: bool = False) -> None:
        self.module, self._rate, self._rms = module, rate, rms
        self._parameters = list(module.parameters())
        self._weights = torch.cat([p.detach().flatten() for p in self._parameters])
        place = 0
        for p in self._parameters:
            p.data = self._weights[place : place + p.numel()].view(p.shape)
            place += p.numel()
        self._mean, self._square = torch.zeros_like(self._weights), torch.zeros_like(self._weights)
        self._steps = 0

    def step(self, loss: Tensor) -> bool:
        """Take a step down a loss, on the module's own parameters alone; return whether its gradient was finite.

        Nothing changes when it is not.
        """
        gradient = torch.cat([g.flatten() for g in torch.autograd.grad(loss, self._parameters)])
        if not isfinite(gradient.abs().sum().item()):
            return False
        self._steps += 1
        with torch.no_grad():
            decay = 0.9 if self._rms else 0.999
            self._square.mul_(decay).addcmul_(gradient, gradient, value=1.0 - decay)
            if self._rms:
                self._weights.addcdiv_(gradient, self._square.sqrt().add_(1e-10), value=-self._rate)
            else:
                self._mean.mul_(0.9).add_(gradient, alpha=0.1)
                rate = self._rate / (1.0 - 0.9**self._steps)
                root = self._square.sqrt().mul_((1.0 - 0.999**self._steps) ** -0.5).add_(1e-8)
                self._weights.addcdiv_(self._mean, root, value=-rate)
        return True

    def state_dict(self) -> dict[str, Any]:
        """Return weights and moments as plain JSON values."""
        return {
            "weights": pack(self._weights.numpy()),
            "mean": None if self._rms else pack(self._mean.numpy()),
            "square": pack(self._square.numpy()),
            "steps": self._steps,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to weights and moments."""
        with torch.no_grad():
            self._weights.copy_(tensor(unpack(state["weights"])))
            self._square.copy_(tensor(unpack(state["square"])))
            if not self._rms:
                self._mean.copy_(tensor(unpack(state["mean"])))
        self._steps = state["steps"]
