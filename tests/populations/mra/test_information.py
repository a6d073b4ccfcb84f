from __future__ import annotations

import itertools
import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from populations.mra.information import entropy, jensen_shannon, log_policy, mutual_information, sampled_information


def random_modes(rows: int, latents: int, actions: int, seed: int, sharpness: float = 2.0):
    g = torch.Generator().manual_seed(seed)
    prior = torch.log_softmax(torch.randn(rows, latents, generator=g, dtype=torch.float64), dim=1)
    return prior, log_policy(sharpness * torch.randn(rows, latents, actions, generator=g, dtype=torch.float64))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(latents=st.integers(1, 7), actions=st.integers(1, 6), seed=st.integers(0, 999), sharpness=st.floats(0.0, 30.0))
def test_exact_form_agrees_with_its_definition_and_keeps_its_bounds(latents, actions, seed, sharpness) -> None:
    prior, modes = random_modes(3, latents, actions, seed, sharpness)
    result = mutual_information(prior, modes)
    p, pi = prior.exp(), modes.exp()
    for r in range(3):
        mixture = [sum(p[r, z] * pi[r, z, a] for z in range(latents)) for a in range(actions)]
        expected = sum(
            p[r, z] * pi[r, z, a] * (modes[r, z, a] - math.log(max(mixture[a], 1e-300)))
            for z, a in itertools.product(range(latents), range(actions))
        )
        assert float(result[r]) == pytest.approx(float(expected), abs=1e-9)
    assert (result > -1e-9).all()
    assert (result <= min(math.log(latents), math.log(actions)) + 1e-9).all()
    assert (result <= entropy(prior) + 1e-9).all()


def test_one_latent_says_nothing_and_disjoint_modes_say_all() -> None:
    prior, modes = random_modes(9, 1, 5, 0)
    torch.testing.assert_close(mutual_information(prior, modes), torch.zeros(9, dtype=torch.float64))
    uniform = torch.full((1, 3), -math.log(3))
    apart = log_policy(1e4 * torch.eye(3).unsqueeze(0))
    assert float(mutual_information(uniform, apart)) == pytest.approx(math.log(3), abs=1e-6)


def test_at_equal_modes_it_is_zero_and_so_is_its_slope() -> None:
    logits = torch.randn(4, 1, 5).expand(4, 6, 5).clone().requires_grad_()
    information = mutual_information(torch.full((4, 6), -math.log(6)), log_policy(logits)).sum()
    assert float(information.detach()) == pytest.approx(0.0, abs=1e-6)
    (slope,) = torch.autograd.grad(information, logits)
    assert slope.abs().max() < 1e-6


def test_illegal_actions_have_no_part() -> None:
    logits = torch.randn(5, 3, 4)
    mask = torch.tensor([[True, False, True, True]]).expand(5, 4)
    prior = torch.log_softmax(torch.randn(5, 3), dim=1)
    torch.testing.assert_close(
        mutual_information(prior, log_policy(logits, mask)),
        mutual_information(prior, log_policy(logits[:, :, [0, 2, 3]])),
    )


def expectation(prior: torch.Tensor, modes: torch.Tensor, samples: int) -> float:
    """The exact mean of the sampled estimator for one row, by going through all that can be drawn."""
    p, (latents, actions) = prior.exp(), modes.shape
    total = 0.0
    for z, a in itertools.product(range(latents), range(actions)):
        for others in itertools.product(range(latents), repeat=samples):
            chance = p[z] * modes[z, a].exp() * torch.prod(p[list(others)])
            average = torch.logsumexp(modes[list(others), a], dim=0) - math.log(samples)
            total += float(chance * (modes[z, a] - average))
    return total


@pytest.mark.parametrize("seed", range(3))
def test_sampled_form_has_its_exact_mean_which_is_above_the_truth_and_sinks_towards_it(seed) -> None:
    prior, modes = random_modes(1, 3, 4, seed)
    truth = float(mutual_information(prior, modes))
    means = [expectation(prior[0], modes[0], samples) for samples in (1, 2, 5)]
    assert means[0] > means[1] > means[2] > truth
    g = torch.Generator().manual_seed(seed)
    many = 40_000
    drawn = sampled_information(prior.expand(many, -1), modes.expand(many, -1, -1), g, samples=2)
    error = 4 * float(drawn.std()) / math.sqrt(many)
    assert float(drawn.mean()) == pytest.approx(means[1], abs=error)
    near = sampled_information(prior.expand(many, -1), modes.expand(many, -1, -1), g, samples=400)
    assert float(near.mean()) == pytest.approx(truth, abs=4 * float(near.std()) / math.sqrt(many) + 0.01)


def test_divergence_between_modes() -> None:
    _, modes = random_modes(6, 3, 5, 1)
    between = jensen_shannon(modes)
    torch.testing.assert_close(between, between.T)
    torch.testing.assert_close(between.diagonal(), torch.zeros(3, dtype=torch.float64))
    # of two modes it is the mutual information of a fair coin with what it chooses
    coin = torch.full((6, 2), -math.log(2), dtype=torch.float64)
    assert float(between[0, 2]) == pytest.approx(float(mutual_information(coin, modes[:, [0, 2]]).mean()))
    assert float(jensen_shannon(log_policy(1e4 * torch.eye(2).unsqueeze(0)))[0, 1]) == pytest.approx(math.log(2))
