"""Hidden layers whose weights go by the size of the population: a hypernetwork makes a part of them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

__all__ = ["SizedTorso"]

_STEPS = 6
"""The code tells sizes apart from 1 to about 128."""
_WIDTH = 16
"""Of the hypernetwork's hidden layer."""


class SizedTorso(nn.Module):
    """Tanh layers with weights for each size: features [R, width] and log(1 + n) [R, 1] to [R, hidden].

    After PAPO, population-size-aware policy optimisation (ICLR 2023), of which we know the abstract: the size of the
    population is encoded, a hypernetwork generates the policy for each size, and the size is an input, too. A layer here is

        y = tanh(W x + U (c(n) * V x) + s(n) + b)

    with W, V, U and b common to all sizes and c(n), of `rank` numbers, and s(n) from a hypernetwork of one hidden layer. That
    is a hypernetwork whose last layer mixes W and `rank` matrices of rank one, where the paper's makes all weights. So every
    row has the weights of its size in one product, whatever sizes are mixed in a batch, and what is learned for one size
    is not lost for those between and beyond. Value and policy both have such layers; encoders and heads have not.

    The size is encoded as tanh(log2(1 + n) - k) for k = 1 to 6: each number rises with the size and levels off, so a size
    that was never trained is near those on its side.
    """

    centres: Tensor

    def __init__(self, width: int, hidden: tuple[int, ...], rank: int) -> None:
        super().__init__()
        widths = (width, *hidden)
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, hidden, strict=False))
        self.down = nn.ModuleList(nn.Linear(a, rank, bias=False) for a in widths[:-1])
        self.up = nn.ModuleList(nn.Linear(rank, b, bias=False) for b in hidden)
        self.parts = [part for b in hidden for part in (rank, b)]
        self.code = nn.Linear(_STEPS, _WIDTH)
        self.made = nn.Linear(_WIDTH, sum(self.parts))
        self.register_buffer("centres", torch.arange(1.0, _STEPS + 1.0), persistent=False)

    def forward(self, x: Tensor, size: Tensor) -> Tensor:
        """Return [R, hidden]."""
        code = torch.tanh(size / math.log(2.0) - self.centres)
        made = self.made(torch.tanh(self.code(code))).split(self.parts, dim=1)
        layers = zip(self.layers, self.down, self.up, made[::2], made[1::2], strict=True)
        for layer, down, up, scale, shift in layers:
            x = torch.tanh(layer(x) + up(down(x) * scale) + shift)
        return x
