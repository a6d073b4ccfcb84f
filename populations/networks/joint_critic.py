"""The centralised critic: what a joint action is worth to each of any number of agents."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from populations.layout import Layout
from populations.networks.network import encoders_for
from populations.networks.spec import NetworkSpec

__all__ = ["JointCritic"]


class JointCritic(nn.Module):
    """Q_i(o, a) for every agent i of a joint decision, by attention over what the others see and do.

    Iqbal and Sha 2019, "Actor-attention-critic for multi-agent reinforcement learning" (arXiv 1810.02912), equations 5 and 6:

        Q_i(o, a_-i, .) = f(s(o_i), x_i),    x_i = sum_{j != i} w_ij v(o_j, a_j),    w_ij = softmax_j(q(o_i) . k(o_j, a_j))

    with several heads side by side, and all weights shared by all agents. Roles are columns of what agents see. A sum
    over others takes any number of them, none included, and any order; because it is an average, log(1 + their number) is
    added. Agents are told apart by nothing else, so a permutation of them permutes their values.

    Args:
        layout: of the game: one discrete action.
        width: of the hidden layers; a multiple of `heads`.
        heads: of the attention.
        latents: K, when agents have latents: what an agent is worth depends on its own, and on those of the others.
        own_action: whether i's own action goes in, and one value comes out, as in Lowe et al. 2017 (arXiv 1706.02275). Else
            there comes out a value for each of its actions.
        seed: of the first weights, which are orthogonal.
    """

    def __init__(
        self,
        layout: Layout,
        *,
        width: int = 64,
        heads: int = 4,
        latents: int = 0,
        own_action: bool = False,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.layout, self.heads, self.latents, self.own_action = layout, heads, latents, own_action
        self.actions = layout.actions.width
        with torch.random.fork_rng(devices=[]):
            self.encoders = nn.ModuleList(encoders_for(NetworkSpec(hidden=(width,)), layout))
            features = sum(encoder.width for encoder in self.encoders) + latents  # type: ignore[misc]
            self.self_layer = nn.Linear(features + (self.actions if own_action else 0), width)
            self.other_layer = nn.Linear(features + self.actions, width)
            self.query = nn.Linear(width, width, bias=False)
            self.key = nn.Linear(width, width, bias=False)
            self.value = nn.Linear(width, width)
            self.torso = nn.Linear(2 * width + 1, width)
            self.head = nn.Linear(width, 1 if own_action else self.actions)
        generator = torch.Generator().manual_seed(seed)
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Conv2d):
                gain = 1.0 if module in (self.query, self.key, self.head) else math.sqrt(2.0)
                nn.init.orthogonal_(module.weight, gain, generator=generator)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def encode(self, observation: Mapping[str, Tensor], latent: Tensor | None = None) -> Tensor:
        """Return the features [B, S, F] of what agents see, given as [B, S, ...], and of their latents [B, S]."""
        first = next(iter(observation.values()))
        rows = {name: values.flatten(0, 1) for name, values in observation.items()}
        parts = [encoder(rows).view(*first.shape[:2], -1) for encoder in self.encoders]
        if self.latents:
            assert latent is not None
            parts.append(nn.functional.one_hot(latent, self.latents).float())
        return torch.cat(parts, dim=2)

    def forward(self, features: Tensor, action: Tensor, here: Tensor, own: Tensor | None = None) -> Tensor:
        """Return values, [B, S, A], or [B, S] with `own_action`; they mean nothing where nobody is.

        Args:
            features: [B, S, F] from `encode`.
            action: [B, S, A] one-hot, what each agent does as the others see it.
            here: [B, S] bool, whether there is an agent.
            own: [B, S, A], what each does as it sees itself, with `own_action`; by default the same.
        """
        batch, agents, _ = features.shape
        seen = features
        if self.own_action:
            seen = torch.cat([features, action if own is None else own], dim=2)
        mine = torch.relu(self.self_layer(seen))
        theirs = torch.relu(self.other_layer(torch.cat([features, action], dim=2)))

        def split(x: Tensor) -> Tensor:
            return x.view(batch, agents, self.heads, -1).transpose(1, 2)

        query, key, value = split(self.query(mine)), split(self.key(theirs)), split(torch.relu(self.value(theirs)))
        others = here.unsqueeze(1) & ~torch.eye(agents, dtype=torch.bool)  # [b, i, j]: j is there, and not i
        # [b, head, j, i]: torch's softmax is several times slower over a short last axis than over any other
        there = others.transpose(1, 2).unsqueeze(1)
        scores = key @ query.transpose(2, 3) / math.sqrt(key.shape[3])
        # a finite floor instead of minus infinity: one agent alone gets zero, not NaN
        weights = torch.softmax(scores.masked_fill(~there, -1e9), dim=2) * there
        pooled = (weights.transpose(2, 3) @ value).transpose(1, 2).reshape(batch, agents, -1)
        count = torch.log1p(others.sum(dim=2, keepdim=True).float())
        out = self.head(torch.relu(self.torso(torch.cat([mine, pooled, count], dim=2))))
        return out.squeeze(2) if self.own_action else out
