"""The encoder of pictures and maps: a small convolution."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from populations.layout import Field
from populations.networks.flat import real

__all__ = ["PlanesEncoder"]


class PlanesEncoder(nn.Module):
    """Convolves one array of three axes: [R, C, H, W] to [R, width].

    Names that begin with "planes" have their channels first. So have other arrays where the last two axes are equal; else the
    first two, or the two longest, are the sides: pictures and boards of Gymnasium and PettingZoo are [R, H, W, C].

    A 3x3 convolution of 16 channels, then of 32, halves both sides until none is longer than 8 (at least one convolution;
    small boards keep their size), and one layer brings the rest to `width`.
    """

    def __init__(self, name: str, field: Field, width: int) -> None:
        super().__init__()
        self.name, self.field = name, field
        first, middle, last = field.shape
        self.channels_first = name.startswith("planes") or middle == last or (first != middle and first < last)
        channels, high, wide = field.shape if self.channels_first else (field.shape[2], *field.shape[:2])
        layers: list[nn.Module] = []
        self.largest = 0
        while not layers or max(high, wide) > 8:
            stride = 2 if max(high, wide) > 8 else 1
            grown = 32 if layers else 16
            layers += [nn.Conv2d(channels, grown, 3, stride=stride, padding=1), nn.Tanh()]
            channels, high, wide = grown, -(-high // stride), -(-wide // stride)
            self.largest = max(self.largest, channels * high * wide)
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * high * wide, width), nn.Tanh())
        self.width = width

    def forward(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return [R, width]."""
        planes = real(observation[self.name], self.field)
        return self.layers(planes if self.channels_first else torch.movedim(planes, 3, 1))
