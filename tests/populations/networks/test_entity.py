from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from games import ActionLayout
from populations.layout import Field, Layout
from populations.networks.entity import EntityEncoder

LAYOUT = Layout(
    {
        "self": Field((3,), "float32"),
        "entities": Field((5, 4), "float32"),
        "entity_mask": Field((5,), "bool"),
    },
    ActionLayout((2,)),
)


def encoder(pooling: str) -> EntityEncoder:
    torch.manual_seed(0)
    return EntityEncoder(LAYOUT, 8, pooling)


def observe(rows: int, entities: int, seed: int = 0) -> dict[str, torch.Tensor]:
    g = torch.Generator().manual_seed(seed)
    return {
        "self": torch.randn(rows, 3, generator=g),
        "entities": torch.randn(rows, entities, 4, generator=g),
        "entity_mask": torch.rand(rows, entities, generator=g) < 0.6,
    }


def by_hand(e: EntityEncoder, own, entities) -> torch.Tensor:
    """One row with plain loops over the entities that are there."""
    features = [torch.relu(e.second(torch.relu(e.of_entity(x) + e.of_self(own)))) for x in entities]
    heads = 1 if e.score is None else 4
    count = torch.tensor([math.log(1 + len(features))])
    if not features:
        return torch.cat([torch.zeros(8 * heads), count])
    parts = []
    for head in range(heads):
        weights = [1.0 if e.score is None else torch.exp(e.score(f)[head]) for f in features]
        parts.append(sum(w * f for w, f in zip(weights, features, strict=True)) / sum(weights))
    return torch.cat([*parts, count])


@pytest.mark.parametrize("pooling", ["attention", "mean"])
@settings(derandomize=True, deadline=None, max_examples=15)
@given(entities=st.integers(0, 7), seed=st.integers(0, 99))
def test_agrees_with_loops_over_the_entities_that_are_there(pooling, entities, seed) -> None:
    e, observation = encoder(pooling), observe(4, entities, seed)
    result = e(observation)
    for r in range(4):
        there = observation["entities"][r][observation["entity_mask"][r]]
        torch.testing.assert_close(result[r], by_hand(e, observation["self"][r], there))


@pytest.mark.parametrize("pooling", ["attention", "mean"])
def test_order_and_padding_do_not_matter(pooling) -> None:
    e, observation = encoder(pooling), observe(6, 5)
    order = torch.tensor([3, 0, 4, 1, 2])
    shuffled = observation | {n: observation[n][:, order] for n in ("entities", "entity_mask")}
    torch.testing.assert_close(e(shuffled), e(observation))
    padded = observation | {
        "entities": torch.cat([observation["entities"], torch.full((6, 2, 4), 1e6)], dim=1),
        "entity_mask": torch.cat([observation["entity_mask"], torch.zeros(6, 2, dtype=torch.bool)], dim=1),
    }
    torch.testing.assert_close(e(padded), e(observation))


@pytest.mark.parametrize("pooling", ["attention", "mean"])
def test_without_entities_all_is_zero_and_gradients_are_finite(pooling) -> None:
    e, observation = encoder(pooling), observe(3, 5)
    observation["entity_mask"][:] = False
    result = e(observation)
    assert not result.any()
    result.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in e.parameters() if p.grad is not None)
    assert e(observe(3, 0)).shape == (3, e.width)
    assert not e(observe(3, 0)).any()


def test_each_head_can_look_at_an_entity_of_its_own() -> None:
    e, observation = encoder("attention"), observe(1, 5)
    observation["entity_mask"][:] = True
    own = e.of_self(observation["self"][0])
    features = torch.relu(e.second(torch.relu(e.of_entity(observation["entities"][0]) + own)))
    with torch.no_grad():
        e.score.bias.zero_()
        e.score.weight.copy_(1e4 * torch.eye(8)[:4])
    seen = e(observation)[0, :-1].view(4, 8)
    for head in range(4):
        torch.testing.assert_close(seen[head, head], features[:, head].max(), atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("pooling", ["attention", "mean"])
def test_without_the_size_as_an_input_equal_entities_look_alike_in_any_number(pooling) -> None:
    torch.manual_seed(0)
    blind, seeing = (EntityEncoder(LAYOUT, 8, pooling, size_input=size_input) for size_input in (False, True))
    one = observe(1, 1)
    several = one | {"entities": one["entities"].expand(1, 4, 4)}
    for observation in (one, several):
        observation["entity_mask"] = torch.ones(1, observation["entities"].shape[1], dtype=torch.bool)
    torch.testing.assert_close(blind(one), blind(several))
    assert not torch.allclose(seeing(one), seeing(several))
    assert blind(one).shape[1] == blind.width == seeing.width - 1
