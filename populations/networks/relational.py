"""The relational encoder: a latent chooses to whom a seat attends."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from games import InputError
from populations.layout import Layout
from populations.networks.entity import EntityEncoder
from populations.networks.flat import real
from populations.networks.spec import Pooling, RelationSpec

__all__ = ["RelationalEncoder"]

_HIDDEN = 32  # of the key and query networks, as in the released code
_HEAD = 16  # width of a key, so the dot product is divided by 4


class RelationalEncoder(nn.Module):
    """Sums up the entities that a seat sees by a relation graph that its latent chose: `latent` [R] int64 in 0 .. K - 1.

    Zhang, Shen, Han and Shen, "Learning Meta Representations for Agents in Multi-Agent Reinforcement Learning" (arXiv
    2108.12988), by their released code. For seat i with latent z, over entities j (all, or agents only),

        g_ij = softmax_j(key_z(own_i) . query(entity_j) / 4),    e_i = sum_j g_ij value_i(entity_j)

    Differences: the query has one head that all keys share (K keys and one query per entity instead of K of each: the cost
    hardly grows with K); a latent may stand for several graphs side by side (`RelationSpec.heads`); the value of an entity is
    formed together with the seat's own features, as in the entity encoder; the own embedding is always laid beside e_i, so a
    policy knows its own state and one agent alone is defined (e_i = 0); landmarks may be among the entities; and
    `RelationSpec.common` adds the entity encoder's attention, which no latent changes.

    `key` and `query` are phi of the paper, all else theta. They are Xavier-initialised: at PyTorch's own initialisation the
    modes differ so little that mutual information has no slope to climb.

    Attributes:
        frozen: whether gradients of `forward` stop at the graph: then learning from returns leaves phi alone.
        latents: K.
        width: of what it returns.
    """

    def __init__(
        self, layout: Layout, width: int, pooling: Pooling, spec: RelationSpec, *, size_input: bool = True
    ) -> None:
        super().__init__()
        self.fields, self.spec, self.latents = layout.observation, spec, spec.latents
        own, each = math.prod(self.fields["self"].shape), self.fields["entities"].shape[1]
        for name, columns, of, count in (
            ("kinds", spec.kinds, "entities have", each),
            ("roles", spec.roles, "self has", own),
        ):
            if max(columns, default=0) >= count:
                wrong = f"network relation {name} has column {max(columns)}"
                raise InputError(f"{wrong}, and {of} the columns 0 to {count - 1} in this game")
        self.entity = EntityEncoder(layout, width, pooling if spec.common else "mean", size_input=size_input)
        self.own = nn.Linear(own, width)
        self.key = nn.Sequential(
            nn.Linear(own, _HIDDEN), nn.ReLU(inplace=True), nn.Linear(_HIDDEN, spec.latents * spec.heads * _HEAD)
        )
        self.query = nn.Sequential(nn.Linear(each, _HIDDEN), nn.ReLU(inplace=True), nn.Linear(_HIDDEN, _HEAD))
        self.frozen = True
        self.width = (1 + spec.heads) * width + (self.entity.width if spec.common else size_input)
        self.largest = max(self.fields["entities"].shape[0] * max(width, _HIDDEN), self.width)

    def initialise(self, generator: torch.Generator) -> None:
        """Give `key` and `query` their first weights."""
        for module in (*self.key, *self.query):
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight, generator=generator)
                nn.init.zeros_(module.bias)

    def forward(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return [R, width] for each row's own `latent`."""
        latent = observation["latent"]
        own, features, mask = self._common(observation)
        chosen = latent.view(-1, 1, 1, 1).expand(-1, 1, self.spec.heads, _HEAD)
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            graph = self._graph(self._keys(observation).gather(1, chosen).squeeze(1), observation)
        seen = torch.bmm(graph, features).flatten(1)
        return torch.cat([own, self._pooled(features, mask), seen], dim=1)

    def modes(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return [R, K, width], what each row would be under every latent, in one pass."""
        own, features, mask = self._common(observation)
        graph = self._graph(self._keys(observation).flatten(1, 2), observation)
        seen = torch.bmm(graph, features).unflatten(1, (self.latents, -1)).flatten(2)
        common = torch.cat([own, self._pooled(features, mask)], dim=1)
        return torch.cat([common.unsqueeze(1).expand(-1, self.latents, -1), seen], dim=2)

    def graph(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return the relation graphs [R, K, N] of all latents: weights that sum to 1, or all 0 where nobody is there.

        Where a latent has several heads, it is their mean.
        """
        graph = self._graph(self._keys(observation).flatten(1, 2), observation)
        return graph.unflatten(1, (self.latents, -1)).mean(dim=2)

    def relation(self) -> list[nn.Parameter]:
        """Return phi, the weights that make the graph."""
        return [*self.key.parameters(), *self.query.parameters()]

    def _common(self, observation: Mapping[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        own = torch.tanh(self.own(real(observation["self"], self.fields["self"]).flatten(1)))
        return own, *self.entity.features(observation)

    def _pooled(self, features: Tensor, mask: Tensor) -> Tensor:
        if self.spec.common:
            return self.entity.pool(features, mask)
        size = torch.log1p(mask.sum(dim=1, keepdim=True).float())
        return size if self.entity.size_input else size[:, :0]

    def _keys(self, observation: Mapping[str, Tensor]) -> Tensor:
        own = real(observation["self"], self.fields["self"]).flatten(1)
        return self.key(own).view(len(own), self.latents, self.spec.heads, _HEAD)

    def _graph(self, keys: Tensor, observation: Mapping[str, Tensor]) -> Tensor:
        entities = real(observation["entities"], self.fields["entities"])
        there = observation["entity_mask"].bool()
        if self.spec.among == "agents":
            there = there & (entities[:, :, list(self.spec.kinds)] > 0).any(dim=2)
        there = there.unsqueeze(1)
        scores = torch.bmm(keys, self.query(entities).transpose(1, 2)) / math.sqrt(_HEAD)
        return torch.softmax(scores.masked_fill(~there, -1e9), dim=2) * there
