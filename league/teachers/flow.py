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
        self._kept: list[Tensor] = []
        self._moved: list[Tensor] = []
        networks = []
        for k in range(couplings):
            moved = np.arange(size) if size == 1 else np.arange((k + 1) % 2, size, 2)
            kept = np.setdiff1d(np.arange(size), moved)
            self._kept.append(torch.tensor(kept))
            self._moved.append(torch.tensor(moved))
            networks.append(mlp([len(kept) + 1, *widths, 2 * len(moved)], rng, last=0.0))
        self._networks = nn.ModuleList(networks)

    def _coupling(self, k: int, point: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return factors and shifts [n, moved]."""
        out = self._networks[k](torch.cat([point[:, self._kept[k]], condition], dim=1))
        scale, shift = out.chunk(2, dim=1)
        return LEAST + functional.softplus(scale + ONE), shift

    def forward(self, noise: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return points [n, D] made of noise [n, D] under conditions [n, 1], and the logarithms [n] of their density."""
        point = self._spread * noise
        log = -0.5 * noise.square().sum(dim=1) - noise.shape[1] * (0.5 * np.log(2 * np.pi) + np.log(self._spread))
        for k in range(len(self._networks)):
            factor, shift = self._coupling(k, point, condition)
            point = point.index_copy(1, self._moved[k], point[:, self._moved[k]] * factor + shift)
            log = log - factor.log().sum(dim=1)
        # the derivative of the logistic function s(x) is s(x) s(-x)
        log = log - (functional.logsigmoid(point) + functional.logsigmoid(-point)).sum(dim=1)
        return torch.sigmoid(point), log

    def infer(self, points: Tensor, condition: Tensor) -> tuple[Tensor, Tensor]:
        """Return the noise [n, D] that points [n, D] are made of under conditions [n, 1], and their log-densities [n]."""
        point = torch.logit(points, eps=ROOM)
        log = -(functional.logsigmoid(point) + functional.logsigmoid(-point)).sum(dim=1)
        for k in reversed(range(len(self._networks))):
            factor, shift = self._coupling(k, point, condition)
            point = point.index_copy(1, self._moved[k], (point[:, self._moved[k]] - shift) / factor)
            log = log - factor.log().sum(dim=1)
        noise = point / self._spread
        constant = noise.shape[1] * (0.5 * np.log(2 * np.pi) + np.log(self._spread))
        return noise, log - 0.5 * noise.square().sum(dim=1) - constant
