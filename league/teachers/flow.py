"""A conditional normalising flow: a density over the unit cube that can be drawn from, evaluated, and learned."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from league.teachers.networks import mlp

__all__ = ["Flow"]

LEAST = 1e-2
"""Least factor of a coupling."""
ROOM = 1e-4
"""Distance from the faces of the cube within which densities are those at that distance."""
ONE = float(np.log(np.expm1(1.0 - LEAST)))
"""Input for which the factor of a coupling is 1."""


class Flow(nn.Module):
    """RealNVP from standard normal noise to points of the unit cube, given a condition.

    Dinh, Sohl-Dickstein and Bengio (ICLR 2017). Each coupling leaves some coordinates as they are and moves the others by
    a factor and a shift that depend on those and on the condition. Couplings move the odd, then the even coordinates; a
    single coordinate moves by the condition alone. The last layer is the logistic function. As in Racaniere et al. (2020)
    factors come from a softplus instead of an exponential, which is steadier.

    Begins as the logistic function of the noise whose standard deviation is `spread`.

    Args:
        size: D, coordinates.
        couplings: how many.
        widths: of the hidden layers of each coupling.
        rng: for the weights.
        spread: 1.6 begins nearly uniform.
    """

    def __init__(
        self, size: int, couplings: int, widths: tuple[int, ...], rng: np.random.Generator, spread: float = 1.6
    ) -> None:
        super().__init__()
        self._spread = spread
        sizes = ((size + 1) // 2, size // 2)  # coordinates at even and at odd places
        self._moved = [1 - k % 2 if size > 1 else 0 for k in range(couplings)]  # which of the two a coupling moves
        self._order = torch.tensor(np.argsort(np.r_[0:size:2, 1:size:2]))
        networks = [mlp([sizes[1 - m] + 1, *widths, 2 * sizes[m]], rng, last=0.0) for m in self._moved]
        self._networks = nn.ModuleList(networks)

    def _coupling(self, k: int, kept: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return factors and shifts of the moved coordinates."""
        scale, shift = self._networks[k](torch.cat([kept, condition], dim=1)).chunk(2, dim=1)
        return LEAST + functional.softplus(scale + ONE), shift

    def _log_density(self, noise: Tensor, factors: list[Tensor], logits: Tensor) -> Tensor:
        """Return the logarithm [n] of the density of the points that noise became."""
        constant = noise.shape[1] * (0.5 * np.log(2 * np.pi) + np.log(self._spread))
        # the derivative of the logistic function s(x) is s(x) s(-x) = s(x)^2 exp(-x)
        slopes = 2.0 * functional.logsigmoid(logits) - logits
        logs = torch.cat([torch.cat(factors, dim=1).log(), slopes, 0.5 * noise.square()], dim=1)
        return -logs.sum(dim=1) - constant

    def forward(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return points [n, D] made of noise [n, D] under conditions [n, 1], and the logarithms [n] of their density."""
        point = self._spread * noise
        halves, factors = [point[:, 0::2], point[:, 1::2]], []
        for k, m in enumerate(self._moved):
            factor, shift = self._coupling(k, halves[1 - m], condition)
            halves[m] = halves[m] * factor + shift
            factors.append(factor)
        logits = torch.cat(halves, dim=1)[:, self._order]
        return torch.sigmoid(logits), self._log_density(noise, factors, logits)

    def infer(self, points: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return the noise [n, D] that points [n, D] are made of under conditions [n, 1], and their log-densities [n]."""
        logits = torch.logit(points, eps=ROOM)
        halves, factors = [logits[:, 0::2], logits[:, 1::2]], []
        for k, m in reversed(list(enumerate(self._moved))):
            factor, shift = self._coupling(k, halves[1 - m], condition)
            halves[m] = (halves[m] - shift) / factor
            factors.append(factor)
        noise = torch.cat(halves, dim=1)[:, self._order] / self._spread
        return noise, self._log_density(noise, factors, logits)
