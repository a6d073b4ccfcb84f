"""The task encoder: which latents suit which game."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from populations.networks.spec import RelationSpec

__all__ = ["TaskEncoder"]

_HIDDEN = 16
_STEEPNESS = 2.0  # of the first layer: populations that differ by a third must differ in what it says
_SOFTNESS = 4.0  # divides the logits, as in the released code: they move slowly away from uniform


class TaskEncoder(nn.Module):
    """p(z | m): the distribution of an agent's latent in a game whose population is m; psi of the paper.

    m is read from what the seat sees when the match begins: the logarithm of 1 + the number of entities of each kind
    (`RelationSpec.kinds`), and the columns of `self` that tell roles apart (`RelationSpec.roles`).

    Zhang et al. (arXiv 2108.12988), released code, where m is one number, n / 10. A logarithm keeps populations that are
    larger than all in training within reach, and the first layer begins as soft steps from few to many. A share `floor` of the
    distribution stays uniform, so its entropy has a lower bound.

    Attributes:
        sizes: M, how many numbers describe a game.
    """

    def __init__(self, spec: RelationSpec) -> None:
        super().__init__()
        self.spec = spec
        self.sizes = max(len(spec.kinds), 1) + len(spec.roles)
        self.layers = nn.Sequential(nn.Linear(self.sizes, _HIDDEN), nn.Tanh(), nn.Linear(_HIDDEN, spec.latents))

    def initialise(self, generator: torch.Generator) -> None:
        """Give it first weights: steps somewhere from 1 to 50 entities, and a distribution near the uniform one."""
        first, _, last = self.layers
        assert isinstance(first, nn.Linear)
        assert isinstance(last, nn.Linear)
        nn.init.normal_(first.weight, 0.0, _STEEPNESS, generator=generator)
        with torch.no_grad():
            where = torch.rand(_HIDDEN, self.sizes, generator=generator) * math.log(50.0)
            first.bias.copy_(-(first.weight * where).sum(dim=1))
        nn.init.orthogonal_(last.weight, generator=generator)
        nn.init.zeros_(last.bias)

    def forward(self, sizes: Tensor) -> Tensor:
        """Return log p(z | m), [R, K], for m [R, M]."""
        chosen = torch.log_softmax(self.layers(sizes) / _SOFTNESS, dim=1)
        floor = self.spec.floor
        if floor == 0.0:
            return chosen
        return torch.log((1.0 - floor) * chosen.exp() + floor / self.spec.latents)

    def sizes_of(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return m [R, M] float32 as these rows show it now."""
        there = observation["entity_mask"].bool()
        if self.spec.kinds:
            kind = observation["entities"][:, :, list(self.spec.kinds)] > 0
            counts = (kind & there.unsqueeze(2)).sum(dim=1)
        else:
            counts = there.sum(dim=1, keepdim=True)
        own = observation["self"].float().flatten(1)[:, list(self.spec.roles)]
        return torch.cat([torch.log1p(counts.float()), own], dim=1)
