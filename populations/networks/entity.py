"""The entity encoder: sees a set of entities, whatever their order and number."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from populations.layout import Layout
from populations.networks.flat import real
from populations.networks.spec import Pooling

__all__ = ["EntityEncoder"]

_HEADS = 4  # learn the resource game in half the updates that one needs; eight are hardly better


class EntityEncoder(nn.Module):
    """Sums up the entities that a seat sees: `self` [R, F], `entities` [R, N, E], `entity_mask` [R, N] to [R, width].

    Each entity goes through two layers together with the seat's own features, so it can form relative ones (a distance, a
    difference in strength). The results are averaged, with equal weights or with those of additive attention (Bahdanau et
    al. 2015, arXiv 1409.0473, appendix A.1.2), once for each of four heads. Self-attention among the entities costs a
    hundred times more and is left out. An average loses the number of entities, so its logarithm, log(1 + n), is added as the
    last feature, unless `size_input` is false. Without any entity all is zero.
    """

    def __init__(self, layout: Layout, width: int, pooling: Pooling, *, size_input: bool = True) -> None:
        super().__init__()
        self.fields = layout.observation
        own, each = self.fields["self"].shape, self.fields["entities"].shape
        self.of_self = nn.Linear(math.prod(own), width)
        self.of_entity = nn.Linear(each[1], width, bias=False)
        self.second = nn.Linear(width, width)
        self.score = nn.Linear(width, _HEADS) if pooling == "attention" else None
        self.size_input = size_input
        self.width = width * (1 if self.score is None else _HEADS) + size_input
        self.largest = max(each[0] * width, self.width)

    def forward(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return [R, width]."""
        features, mask = self.features(observation)
        return self.pool(features, mask)

    def features(self, observation: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Return what the seat makes of each entity, [R, N, W], and which are there, [R, N] bool."""
        own = real(observation["self"], self.fields["self"]).flatten(1)
        entities = real(observation["entities"], self.fields["entities"])
        features = torch.relu_(self.of_entity(entities).add_(self.of_self(own).unsqueeze(1)))
        return torch.relu_(self.second(features)), observation["entity_mask"].bool()

    def pool(self, features: Tensor, mask: Tensor) -> Tensor:
        """Sum up what `features` returned: [R, width]."""
        count = mask.sum(dim=1, keepdim=True)
        there = mask.unsqueeze(1)
        if self.score is None:
            weights = there / count.clamp(min=1).unsqueeze(2)
        else:
            # a finite floor instead of minus infinity: a row without entities becomes zero, not NaN
            scores = self.score(features).transpose(1, 2).masked_fill(~there, -1e9)
            weights = torch.softmax(scores, dim=2) * there
        pooled = torch.bmm(weights, features).flatten(1)
        return torch.cat([pooled, torch.log1p(count.float())], dim=1) if self.size_input else pooled
