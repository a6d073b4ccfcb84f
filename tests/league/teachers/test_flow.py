import numpy as np
import pytest
import torch

from league.teachers.flow import Flow
from league.teachers.networks import Trained, tensor


def stirred(size, couplings=4, seed=0):
    """A flow with weights that do something, in double precision."""
    rng = np.random.default_rng(seed)
    flow = Flow(size, couplings, (16, 16), rng).double()
    with torch.no_grad():
        for p in flow.parameters():
            p.copy_(torch.tensor(0.2 * rng.standard_normal(p.shape)))
    return flow, rng


@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_it_is_its_own_inverse(size):
    flow, rng = stirred(size)
    noise, condition = torch.tensor(rng.standard_normal((20, size))), torch.tensor(rng.random((20, 1)))
    points, logs = flow(noise, condition)
    inside = ((points > 2e-4) & (points < 1 - 2e-4)).all(dim=1)  # nearer to the faces they are clipped
    assert inside.sum() > 8
    back, again = flow.infer(points, condition)
    assert torch.allclose(back[inside], noise[inside], atol=1e-8)
    assert torch.allclose(again[inside], logs[inside], atol=1e-8)
    other, _ = flow(noise, condition + 0.3)
    assert (other - points).abs().max() > 1e-3, "the condition changes nothing"


@pytest.mark.parametrize("size", [1, 2, 5])
def test_its_density_against_the_jacobian(size):
    flow, rng = stirred(size, seed=1)
    noise, condition = torch.tensor(rng.standard_normal((1, size))), torch.tensor(rng.random((1, 1)))
    _, log = flow(noise, condition)
    jacobian = torch.autograd.functional.jacobian(lambda z: flow(z[None], condition)[0][0], noise[0])
    normal = torch.distributions.Normal(0.0, 1.0).log_prob(noise).sum()
    assert log.item() == pytest.approx((normal - torch.linalg.slogdet(jacobian)[1]).item())


def test_its_density_sums_to_one():
    flow, _ = stirred(2, seed=2)
    side = (torch.arange(400, dtype=torch.float64) + 0.5) / 400
    grid = torch.cartesian_prod(side, side)
    _, logs = flow.infer(grid, torch.full((len(grid), 1), 0.3, dtype=torch.float64))
    assert logs.exp().mean().item() == pytest.approx(1.0, abs=0.02)


def test_it_begins_nearly_uniform():
    rng = np.random.default_rng(0)
    points, logs = Flow(3, 4, (16,), rng)(tensor(rng.standard_normal((5000, 3))), torch.full((5000, 1), 0.5))
    share = np.array([np.histogram(x, 10, (0.0, 1.0))[0] for x in points.detach().numpy().T]) / 5000
    assert (np.abs(share - 0.1) < 0.03).all()
    assert abs(logs.mean().item()) < 0.2


def test_it_learns_a_density():
    """Points near a corner that the condition names."""
    rng = np.random.default_rng(0)
    flow = Trained(Flow(2, 4, (32,), rng), 3e-3)
    for _ in range(400):
        condition = rng.integers(2, size=(64, 1)).astype(float)
        points = 0.25 + 0.5 * condition + 0.05 * rng.standard_normal((64, 2))
        assert flow.step(-flow.module.infer(tensor(points), tensor(condition))[1].mean())
    for corner in (0.0, 1.0):
        drawn, _ = flow.module(tensor(rng.standard_normal((500, 2))), torch.full((500, 1), corner))
        drawn = drawn.detach().numpy()
        assert drawn.mean(axis=0) == pytest.approx(np.full(2, 0.25 + 0.5 * corner), abs=0.05)
        assert (drawn.std(axis=0) < 0.12).all()
