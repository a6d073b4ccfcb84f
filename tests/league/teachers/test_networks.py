import json

import numpy as np
import pytest
import torch

from league.teachers.networks import Trained, linear, mlp, tensor


def made(seed=0, rms=False):
    return Trained(mlp([3, 16, 2], np.random.default_rng(seed), leak=0.1), 1e-2, rms=rms)


def fit(trained, steps, target=1.0):
    rng, losses = np.random.default_rng(7), []
    for _ in range(steps):
        loss = (trained.module(tensor(rng.random((8, 3)))) - target).square().mean()
        losses.append(loss.item())
        trained.step(loss)
    return losses


@pytest.mark.parametrize("rms", [False, True])
def test_it_learns_and_goes_on_from_its_state(rms):
    one, other = made(rms=rms), made(1, rms)
    losses = fit(one, 200)
    assert losses[-1] < 0.05 * losses[0]
    state = json.loads(json.dumps(one.state_dict()))
    other.load_state_dict(state)
    assert other.state_dict() == state
    assert fit(one, 30, 2.0) == fit(other, 30, 2.0)
    assert one.state_dict() == other.state_dict() != state


def test_a_state_of_before_the_first_step():
    one, other = made(), made(1)
    fit(other, 5)
    other.load_state_dict(json.loads(json.dumps(one.state_dict())))
    assert fit(one, 5) == fit(other, 5)


@pytest.mark.parametrize("rms", [False, True])
def test_steps_against_torch(rms):
    ours, plain = made(rms=rms), mlp([3, 16, 2], np.random.default_rng(0), leak=0.1)
    theirs = (
        torch.optim.RMSprop(plain.parameters(), 1e-2, alpha=0.9, eps=1e-10)
        if rms
        else torch.optim.Adam(plain.parameters(), 1e-2)
    )
    fit(ours, 20)
    rng = np.random.default_rng(7)
    for _ in range(20):
        theirs.zero_grad()
        (plain(tensor(rng.random((8, 3)))) - 1.0).square().mean().backward()
        theirs.step()
    for a, b in zip(ours.module.parameters(), plain.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-4)


def test_a_loss_that_is_not_finite_changes_nothing():
    trained = made()
    before = trained.state_dict()
    assert not trained.step(trained.module(torch.ones(1, 3)).sum() * float("nan"))
    assert trained.state_dict() == before


def test_weights_come_from_the_given_generator_alone():
    state = torch.random.get_rng_state()
    one, other = (linear(5, 4, np.random.default_rng(3)) for _ in range(2))
    assert torch.equal(one.weight, other.weight)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert one.weight.abs().max() <= 5**-0.5
    assert one.weight.abs().max() > 0.5 * 5**-0.5
    assert mlp([2, 4, 1], np.random.default_rng(0), last=0.0)(torch.ones(1, 2)).item() == 0.0
