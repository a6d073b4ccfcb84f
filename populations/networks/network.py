"""The network of a neural policy: encoders, an optional memory, and two heads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from games import ActionLayout, InputError
from populations.layout import ENTITY_FIELDS, Layout
from populations.networks.entity import EntityEncoder
from populations.networks.flat import Flat
from populations.networks.hyper import SizedTorso
from populations.networks.planes import PlanesEncoder
from populations.networks.prior import TaskEncoder
from populations.networks.relational import RelationalEncoder
from populations.networks.spec import NetworkSpec

__all__ = ["Network", "Output", "encoders_for"]


class Output(NamedTuple):
    """What a network says about R rows.

    Attributes:
        policy: [R, A] logits of all heads side by side, or [R, dimensions] means of continuous actions, in their units.
        value: [R] expected return, or None when it was not asked for.
        hidden: [R, H] next state of the memory, or None without memory.
    """

    policy: Tensor
    value: Tensor | None
    hidden: Tensor | None


class Network(nn.Module):
    """Encoders for each observation, laid side by side; then a GRU if wanted; then tanh layers and heads.

    With `spec.hyper` the weights of the tanh layers go by the number of entities of each row.

    Weights are orthogonal (Saxe et al. 2014, arXiv 1312.6120) with gain sqrt(2) before a tanh, 1 before the value and 0.01
    before the policy, which so begins almost uniform.

    Attributes:
        spec: what was asked for.
        layout: what it was made for.
        largest: the most activations that one row has in one layer, for choosing how many rows to compute at once.
    """

    largest: int
    centre: Tensor
    half_range: Tensor

    def __init__(self, spec: NetworkSpec, layout: Layout, *, seed: int = 0) -> None:
        super().__init__()
        self.spec, self.layout = spec, layout
        outputs = layout.actions.dimensions or layout.actions.width
        if spec.hyper is not None and not {"self", *ENTITY_FIELDS} <= layout.observation.keys():
            raise InputError("network hyper goes by the number of entities, and the seats of this game see none")
        with torch.random.fork_rng(devices=[]):  # the layers' own initialisation would advance the global generator
            encoders = encoders_for(spec, layout)
            self.encoders = nn.ModuleList(encoders)
            self.prior = None if spec.relation is None else TaskEncoder(spec.relation)
            width = sum(encoder.width for encoder in encoders)
            self.core = None if spec.recurrent is None else nn.GRU(width, spec.recurrent)
            width = spec.recurrent or width
            self.torso = _torso(width, spec)
            self.value_torso = None if spec.shared else _torso(width, spec)
            self.policy_head = nn.Linear(spec.hidden[-1], outputs)
            self.value_head = nn.Linear(spec.hidden[-1], 1)
        if layout.actions.continuous:
            self.raw_log_std = nn.Parameter(torch.full((outputs,), math.log(0.5)))
            centre, half = _range(layout.actions)
            self.register_buffer("centre", centre, persistent=False)
            self.register_buffer("half_range", half, persistent=False)
        self.largest = max(*spec.hidden, *(encoder.largest for encoder in encoders))
        self._initialise(torch.Generator().manual_seed(seed))

    @property
    def any_entities(self) -> bool:
        """Whether it takes any number of entities."""
        return any(isinstance(encoder, EntityEncoder | RelationalEncoder) for encoder in self.encoders)

    @property
    def relational(self) -> RelationalEncoder:
        """The encoder whose graph a latent chooses, in networks that have one."""
        return next(encoder for encoder in self.encoders if isinstance(encoder, RelationalEncoder))

    def modes(self, observation: Mapping[str, Tensor], hidden: Tensor | None = None) -> Tensor:
        """Return the policy's outputs under every latent, [R, K, A], in one pass; for networks with a relation."""
        latents = self.relational.latents
        parts = [
            encoder.modes(observation)
            if isinstance(encoder, RelationalEncoder)
            else encoder(observation).unsqueeze(1).expand(-1, latents, -1)
            for encoder in self.encoders
        ]
        features = torch.cat(parts, dim=2)
        if hidden is not None:
            hidden = hidden.repeat_interleave(latents, dim=0)
        return self.decide(features.flatten(0, 1), hidden, values=False).policy.view(len(features), latents, -1)

    def log_std(self) -> Tensor:
        """Return the logarithm of the standard deviation [dimensions] of continuous actions, in their units."""
        return self.raw_log_std + torch.log(self.half_range)

    def forward(
        self, observation: Mapping[str, Tensor], hidden: Tensor | None = None, *, values: bool = True
    ) -> Output:
        """Evaluate R rows.

        Args:
            observation: named tensors [R, ...] as the layout says.
            hidden: [R, H] state of the memory, for networks that have one.
            values: whether to compute values too.
        """
        return self.decide(self.encode(observation), hidden, values=values)

    def decide(self, features: Tensor, hidden: Tensor | None = None, *, values: bool = True) -> Output:
        """Evaluate R rows that are encoded already (`encode`)."""
        size = self._size(features)
        if self.core is not None:
            assert hidden is not None
            features, hidden = self.core(features.unsqueeze(0), hidden.unsqueeze(0))
            features, hidden = features.squeeze(0), hidden.squeeze(0)
        return Output(*self._heads(features, values, size), hidden)

    def unroll(self, observation: Mapping[str, Tensor], hidden: Tensor, sequence: Tensor, position: Tensor) -> Output:
        """Evaluate the M rows of S sequences, each from its first state; gradients flow back through time.

        Args:
            observation: named tensors [M, ...].
            hidden: [S, H], the state before the first row of each sequence.
            sequence: [M] int64, the sequence of each row.
            position: [M] int64, its place therein, from 0 without gaps.

        Returns:
            Policy and value of the M rows; no hidden state.
        """
        assert self.core is not None
        features = self.encode(observation)
        padded = features.new_zeros(int(position.max()) + 1, len(hidden), features.shape[1])
        padded = padded.index_put((position, sequence), features)
        out, _ = self.core(padded, hidden.unsqueeze(0))
        return Output(*self._heads(out[position, sequence], True, self._size(features)), None)

    @property
    def learns_encoding(self) -> bool:
        """Whether encoders have weights; if not, what they make of an observation never changes."""
        return any(True for _ in self.encoders.parameters())

    def encode(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return the features [R, width] of R rows."""
        parts = [encoder(observation) for encoder in self.encoders]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _size(self, features: Tensor) -> Tensor | None:
        """Return [R, 1], log(1 + number of entities), where weights go by it."""
        if self.spec.hyper is None:
            return None
        end = self.encoders[0].width  # the entity encoder is the first one, and that is its last feature
        assert isinstance(end, int)
        return features[:, end - 1 : end]

    def _heads(self, features: Tensor, values: bool, size: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        sized = () if size is None else (size,)
        torso = self.torso(features, *sized)
        policy = self.policy_head(torso)
        if self.layout.actions.continuous:
            policy = self.centre + self.half_range * policy
        if not values:
            return policy, None
        if self.value_torso is not None:
            torso = self.value_torso(features, *sized)
        return policy, self.value_head(torso).squeeze(-1)

    def _initialise(self, generator: torch.Generator) -> None:
        gains = {id(self.policy_head): 0.01, id(self.value_head): 1.0}
        for module in self.modules():
            gain = gains.get(id(module), math.sqrt(2.0))
            for name, weight in module.named_parameters(recurse=False):
                if weight.ndim > 1:
                    gain = 1.0 if isinstance(module, nn.GRU) else gain
                    nn.init.orthogonal_(weight, gain, generator=generator)
                elif name.startswith("bias"):
                    nn.init.zeros_(weight)
        if self.prior is not None:
            self.relational.initialise(generator)
            self.prior.initialise(generator)


Encoder = EntityEncoder | RelationalEncoder | PlanesEncoder | Flat


def encoders_for(spec: NetworkSpec, layout: Layout) -> list[Encoder]:
    """Return the encoders of a game's observations, chosen by their shapes.

    What no other encoder takes is flattened, and so is `self`, which the entity encoder also reads.

    Raises:
        InputError: for a relation where there are no entities.
    """
    fields, width = dict(layout.observation), spec.hidden[-1]
    chosen: list[Encoder] = []
    if spec.kind == "auto":
        entities = {"self", *ENTITY_FIELDS} <= fields.keys()
        if spec.relation is not None and not entities:
            raise InputError("network relation needs a game that shows self, entities and entity_mask")
        if entities:
            half = -(-width // 2)
            chosen.append(
                EntityEncoder(layout, half, spec.pooling, size_input=spec.size_input)
                if spec.relation is None
                else RelationalEncoder(layout, half, spec.pooling, spec.relation, size_input=spec.size_input)
            )
            for name in ENTITY_FIELDS:
                del fields[name]
        planes = {name: field for name, field in fields.items() if len(field.shape) == 3}
        chosen += [PlanesEncoder(name, field, width) for name, field in planes.items()]
        fields = {name: field for name, field in fields.items() if name not in planes}
    return [*chosen, Flat(fields)] if fields else chosen


class _Tanh(nn.Module):
    """In the place of what came before: a layer's own product is needed no more, and memory is what costs."""

    def forward(self, x: Tensor) -> Tensor:
        return x.tanh_()


def _torso(width: int, spec: NetworkSpec) -> nn.Sequential | SizedTorso:
    if spec.hyper is not None:
        return SizedTorso(width, spec.hidden, spec.hyper)
    widths = [width, *spec.hidden]
    layers = [(nn.Linear(a, b), _Tanh()) for a, b in zip(widths, spec.hidden, strict=False)]
    return nn.Sequential(*(module for pair in layers for module in pair))


def _range(actions: ActionLayout) -> tuple[Tensor, Tensor]:
    """Return centre and half length of each action's range; 0 and 1 where it has no end."""
    assert actions.low is not None
    assert actions.high is not None
    low, high = actions.low.astype(np.float64), actions.high.astype(np.float64)
    bounded = np.isfinite(low) & np.isfinite(high)
    low, high = np.where(bounded, low, -1.0), np.where(bounded, high, 1.0)
    centre, half = (low + high) / 2, (high - low) / 2
    return torch.from_numpy(centre.astype(np.float32)), torch.from_numpy(half.astype(np.float32))
