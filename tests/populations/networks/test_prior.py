from __future__ import annotations

import math

import pytest
import torch

from populations.networks import RelationSpec
from populations.networks.prior import TaskEncoder


def seen() -> dict[str, torch.Tensor]:
    """Two seats: the first sees three of kind 0 and one of kind 2, the second one of each."""
    entities = torch.zeros(2, 5, 3)
    entities[0, [0, 1, 2], 0] = 1
    entities[0, 3, 2] = 1
    entities[1, 0, 0] = entities[1, 1, 2] = 1
    entities[1, 4, 2] = 1  # not there
    mask = torch.tensor([[True] * 5, [True, True, True, False, False]])
    return {"self": torch.tensor([[7.0, 1.0], [8.0, 0.0]]), "entities": entities, "entity_mask": mask}


def test_reads_the_population_and_the_role() -> None:
    prior = TaskEncoder(RelationSpec(kinds=(0, 2), roles=(1,)))
    assert prior.sizes == 3
    expected = torch.tensor([[math.log(4), math.log(2), 1], [math.log(2), math.log(2), 0]])
    torch.testing.assert_close(prior.sizes_of(seen()), expected)
    torch.testing.assert_close(TaskEncoder(RelationSpec()).sizes_of(seen()), torch.tensor([[6.0], [4.0]]).log())


@pytest.mark.parametrize("floor", [0.0, 0.3, 1.0])
def test_a_share_is_uniform_whatever_the_encoder_says(floor) -> None:
    prior = TaskEncoder(RelationSpec(latents=5, floor=floor))
    with torch.no_grad():
        prior.layers[2].bias[1] = 400.0
    p = prior(torch.randn(7, 1)).exp()
    torch.testing.assert_close(p.sum(dim=1), torch.ones(7))
    expected = torch.full((7, 5), floor / 5)
    expected[:, 1] += 1 - floor
    torch.testing.assert_close(p, expected)


def test_begins_near_uniform_and_depends_on_the_population() -> None:
    prior = TaskEncoder(RelationSpec())
    prior.initialise(torch.Generator().manual_seed(0))
    log_p = prior(torch.log1p(torch.tensor([[2.0], [5.0], [47.0]])))
    assert -(log_p.exp() * log_p).sum(dim=1).min() > 0.95 * math.log(6)
    assert (log_p[0] - log_p[1]).abs().max() > 0.05
    assert (log_p[0] - log_p[2]).abs().max() > 0.05
