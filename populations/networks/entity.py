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


class EntityEncoder(nn.Module):
    """Sums up the entities that a seat sees: `self` [R, F], `entities` [R, N, E], `entity_mask` [R, N] to [R, width + 1].

    Each entity goes through one layer together with the seat's own features, so it can form relative ones (a distance, a
    difference in strength). The results are then averaged, with weights from a single attention query of the seat
    (Vaswani et al. 2017, "Attention is all you need", equation 1) or with equal weights. Self-attention among the entities
    costs a hundred times more and is left out; so are the key and value projections, which a single query makes redundant:
    the query can absorb the one, the next layer the other. An average loses the number of entities, so its logarithm,
    log(1 + n), is added as one more feature. Without any entity all is zero.
    """

    def __init__(self, layout: Layout, width: int, pooling: Pooling) -> None:
        super().__init__()
        self.fields = layout.observation
        own, each = self.fields["self"].shape, self.fields["entities"].shape
        self.of_self = nn.Linear(math.prod(own), width)
        self.of_entity = nn.Linear(each[1], width, bias=False)
        self.query = nn.Linear(math.prod(own), width) if pooling == "attention" else None
        self.width = width + 1
        self.largest = each[0] * width

    def forward(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return [R, width]."""
        own = real(observation["self"], self.fields["self"]).flatten(1)
        entities = real(observation["entities"], self.fields["entities"])
        mask = observation["entity_mask"].bool()
        features = torch.tanh(self.of_entity(entities) + self.of_self(own).unsqueeze(1))
        count = mask.sum(dim=1, keepdim=True)
        if self.query is None:
            weights = mask / count.clamp(min=1)
        else:
            scores = torch.bmm(features, self.query(own).unsqueeze(2)).squeeze(2) / math.sqrt(features.shape[2])
            # a finite floor instead of minus infinity: a row without entities becomes zero, not NaN
            weights = torch.softmax(scores.masked_fill(~mask, -1e9), dim=1) * mask
        pooled = torch.bmm(weights.unsqueeze(1), features).squeeze(1)
        return torch.cat([pooled, torch.log1p(count.float())], dim=1)
