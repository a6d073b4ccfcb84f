"""The plainest encoder: arrays laid side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from populations.layout import ENTITY_FIELDS, Field

__all__ = ["Flat", "real"]


def real(array: Tensor, field: Field) -> Tensor:
    """Return an observation array as float32, integers scaled as its field says."""
    array = array.float()
    return array if field.scale == 1.0 else array * field.scale


class Flat(nn.Module):
    """Flattens the named arrays of each row and lays them side by side: [R, ...] to [R, width] float32.

    Entity arrays with fewer entities than their field counts are padded with zeros.
    """

    def __init__(self, fields: Mapping[str, Field]) -> None:
        super().__init__()
        self.fields = dict(fields)
        self.sizes = {name: math.prod(field.shape) for name, field in fields.items()}
        self.width = sum(self.sizes.values())
        self.largest = self.width

    def forward(self, observation: Mapping[str, Tensor]) -> Tensor:
        """Return [R, width]."""
        parts = [self._row(observation[name], name, field) for name, field in self.fields.items()]
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)

    def _row(self, array: Tensor, name: str, field: Field) -> Tensor:
        array = real(array, field)
        if name in ENTITY_FIELDS:
            array = _padded(array, name, field.shape[0])
        return array.reshape(array.shape[0], self.sizes[name])


def _padded(array: Tensor, name: str, entities: int) -> Tensor:
    missing = entities - array.shape[1]
    if missing < 0:
        raise ValueError(f"{name!r} holds {array.shape[1]} entities, but this network's width is made for {entities}")
    return nn.functional.pad(array, (0, 0) * (array.ndim - 2) + (0, missing)) if missing else array
