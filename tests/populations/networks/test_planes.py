from __future__ import annotations

import pytest
import torch

from populations.layout import Field
from populations.networks.planes import PlanesEncoder


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [
        ((2, 6, 7), [(16, 6, 7)]),
        ((1, 1, 1), [(16, 1, 1)]),
        ((3, 9, 4), [(16, 5, 2)]),
        ((3, 64, 48), [(16, 32, 24), (32, 16, 12), (32, 8, 6)]),
    ],
)
def test_sides_are_halved_until_none_is_longer_than_8(shape, sizes) -> None:
    encoder = PlanesEncoder("planes", Field(shape, "float32"), 10)
    x, seen = torch.randn(2, *shape), []
    for layer in encoder.layers:
        x = layer(x)
        if isinstance(layer, torch.nn.Conv2d):
            seen.append(tuple(x.shape[1:]))
    assert seen == sizes
    assert x.shape == (2, 10)
    assert encoder.largest == max(c * h * w for c, h, w in sizes)


@pytest.mark.parametrize(
    ("name", "shape", "first"),
    [
        ("planes", (27, 8, 9), True),
        ("view", (6, 7, 7), True),
        ("view", (12, 7, 7), True),
        ("view", (7, 7, 7), True),
        ("view", (3, 64, 48), True),
        ("view", (6, 7, 2), False),
        ("view", (8, 8, 111), False),
        ("view", (64, 48, 3), False),
    ],
)
def test_the_axis_of_the_channels(name, shape, first) -> None:
    encoder = PlanesEncoder(name, Field(shape, "float32"), 10)
    assert encoder.channels_first == first
    assert encoder.layers[0].in_channels == (shape[0] if first else shape[2])


def test_other_names_have_their_channels_last() -> None:
    picture = torch.randint(0, 256, (3, 20, 12, 2), dtype=torch.uint8)
    last = PlanesEncoder("view", Field((20, 12, 2), "uint8", 1 / 255), 10)
    first = PlanesEncoder("planes_2", Field((2, 20, 12), "uint8", 1 / 255), 10)
    first.load_state_dict(last.state_dict())
    torch.testing.assert_close(last({"view": picture}), first({"planes_2": picture.permute(0, 3, 1, 2).contiguous()}))
