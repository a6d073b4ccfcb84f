"""The hand-written gradients against autograd and torch.distributions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Normal, kl_divergence

from games import ActionLayout
from populations.learners import surrogate
from populations.sampling import ALL_LEGAL, NO_TABLE

CLIP, ENTROPY, MAGNET, WEIGHT = 0.2, 0.03, 0.07, 0.25
ROWS = 200


def figures(sums) -> dict[str, float]:
    return dict(zip(surrogate.FIGURES, sums.tolist(), strict=True))


def clipped_loss(log_prob, old, advantage):
    ratio = (log_prob - old).exp()
    return -torch.minimum(ratio * advantage, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage)


def oracle(logits, mask, uses, layout, action, old, advantage, magnet):
    """The loss in torch, head by head."""
    heads, log_prob, entropy, divergence = [], 0.0, 0.0, 0.0
    for h, (low, size) in enumerate(zip(layout.offsets, layout.sizes, strict=False)):
        span = slice(low, low + size)
        legal = torch.ones(ROWS, size, dtype=torch.bool) if mask is None else torch.from_numpy(mask[:, span])
        p = Categorical(logits=logits[:, span].masked_fill(~legal, -1e30))
        q = None if magnet is None else Categorical(logits=magnet[:, span].masked_fill(~legal, -1e30))
        heads.append(p)
        taken, share = torch.ones(ROWS), torch.ones(ROWS)
        if uses is not None and h > 0:
            taken = torch.from_numpy(uses)[action[:, 0], h]
            share = (heads[0].probs * torch.from_numpy(uses[:, h])).sum(1)
        log_prob = log_prob + taken * p.log_prob(action[:, h])
        entropy = entropy + share * p.entropy()
        if q is not None:
            divergence = divergence + share * kl_divergence(p, q)
    return (
        clipped_loss(log_prob, old, advantage) - ENTROPY * entropy + MAGNET * divergence,
        entropy,
        divergence,
        log_prob,
    )


@pytest.mark.parametrize("pulled", [False, True])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("kind", ["single", "independent heads", "table"])
def test_categorical_agrees_with_autograd(kind, masked, pulled) -> None:
    rng = np.random.default_rng(3)
    layout = ActionLayout((5,) if kind == "single" else (4, 3, 6))
    uses = np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1]], dtype=bool) if kind == "table" else None
    logits = torch.tensor(rng.normal(size=(ROWS, layout.width)), dtype=torch.float32, requires_grad=True)
    magnet = torch.tensor(rng.normal(size=(ROWS, layout.width)), dtype=torch.float32) if pulled else None
    mask = rng.random((ROWS, layout.width)) < 0.6 if masked else None
    action = np.stack([rng.integers(0, n, ROWS) for n in layout.sizes], axis=1).astype(np.int32)
    if mask is not None:
        for h, low in enumerate(layout.offsets[:-1]):
            mask[np.arange(ROWS), low + action[:, h]] = True
    advantage = rng.normal(size=ROWS).astype(np.float32)
    with torch.no_grad():
        given = (torch.from_numpy(action), torch.zeros(ROWS), torch.from_numpy(advantage), magnet)
        old = oracle(logits, mask, uses, layout, *given)[3].numpy() + 0.3 * rng.normal(size=ROWS).astype(np.float32)
    given = (torch.from_numpy(action), torch.from_numpy(old), torch.from_numpy(advantage), magnet)
    loss, entropy, divergence, log_prob = oracle(logits, mask, uses, layout, *given)
    (WEIGHT * loss.sum()).backward()
    gradient, sums = np.empty((ROWS, layout.width), np.float32), np.zeros(6)
    surrogate.categorical(
        logits.detach().numpy(), ALL_LEGAL if mask is None else mask, NO_TABLE if uses is None else uses, layout.offsets,
        action, old, advantage, np.zeros((0, 0), np.float32) if magnet is None else magnet.numpy(),
        CLIP, ENTROPY, MAGNET if pulled else 0.0, WEIGHT, gradient, sums,
    )  # fmt: skip
    np.testing.assert_allclose(gradient, logits.grad, atol=2e-6)
    ours = figures(sums)
    assert ours["entropy"] == pytest.approx(entropy.sum().item(), rel=1e-5)
    assert ours["magnet_kl"] == pytest.approx(divergence.sum().item() if pulled else 0.0, rel=1e-4)
    ratio = (log_prob - torch.from_numpy(old)).exp().detach()
    assert ours["kl"] == pytest.approx((ratio - 1 - ratio.log()).sum().item(), rel=1e-3)
    assert ours["policy_loss"] == pytest.approx(
        clipped_loss(log_prob, given[1], given[2]).sum().item(), rel=1e-4, abs=1e-3
    )
    assert 0 < ours["clipped"] < ROWS


def test_heads_without_legal_actions_have_no_gradient_and_no_probability() -> None:
    logits = np.array([[0.3, -0.2, 1.0, 2.0]], np.float32)
    mask = np.array([[True, True, False, False]])
    gradient, sums = np.full((1, 4), np.nan, np.float32), np.zeros(6)
    old = np.log(np.exp(0.3) / (np.exp(0.3) + np.exp(-0.2))) * np.ones(1, np.float32)
    no_magnet = np.zeros((0, 0), np.float32)
    surrogate.categorical(
        logits, mask, NO_TABLE, np.array([0, 2, 4]), np.zeros((1, 2), np.int32), old, np.ones(1, np.float32), no_magnet,
        CLIP, 0.0, 0.0, 1.0, gradient, sums,
    )  # fmt: skip
    p = np.exp(old[0])
    np.testing.assert_allclose(gradient, [[-(1 - p), 1 - p, 0, 0]], rtol=1e-5)
    assert figures(sums)["kl"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("pulled", [False, True])
def test_normal_agrees_with_autograd(pulled) -> None:
    rng = np.random.default_rng(5)
    low, high = np.array([-1.0, -np.inf, 0.0], np.float32), np.array([1.0, np.inf, 0.5], np.float32)
    mean = torch.tensor(rng.normal(size=(ROWS, 3)), dtype=torch.float32, requires_grad=True)
    log_std = torch.tensor([-0.5, 0.2, -1.0], requires_grad=True)
    magnet, magnet_log_std = (
        torch.tensor(rng.normal(size=(ROWS, 3)), dtype=torch.float32),
        torch.tensor([-0.3, 0.0, -0.8]),
    )
    action = torch.from_numpy(np.clip(mean.detach().numpy() + rng.normal(size=(ROWS, 3)), low, high).astype(np.float32))
    advantage = torch.tensor(rng.normal(size=ROWS), dtype=torch.float32)

    def log_probability():
        p, lower, upper = Normal(mean.double(), log_std.double().exp()), torch.from_numpy(low), torch.from_numpy(high)
        below, above = action <= lower, action >= upper
        at_low = torch.log(p.cdf(torch.where(below, lower, 0).double()))
        at_high = torch.log(1 - p.cdf(torch.where(above, upper, 0).double()))
        return torch.where(below, at_low, torch.where(above, at_high, p.log_prob(action.double()))).sum(1)

    old = log_probability().detach() + 0.3 * torch.tensor(rng.normal(size=ROWS))
    p, q = Normal(mean, log_std.exp()), Normal(magnet, magnet_log_std.exp())
    loss = clipped_loss(log_probability(), old, advantage) - ENTROPY * p.entropy().sum(1)
    if pulled:
        loss = loss + MAGNET * kl_divergence(p, q).sum(1)
    (WEIGHT * loss.sum()).backward()
    gradient, std_gradient, sums = np.empty((ROWS, 3), np.float32), np.zeros(3, np.float32), np.zeros(6)
    surrogate.normal(
        mean.detach().numpy(), log_std.detach().numpy(), np.stack([low, high]), action.numpy(),
        old.numpy().astype(np.float32), advantage.numpy(), magnet.numpy() if pulled else np.zeros((0, 0), np.float32),
        magnet_log_std.numpy(), CLIP, ENTROPY, MAGNET if pulled else 0.0, WEIGHT, gradient, std_gradient, sums,
    )  # fmt: skip
    np.testing.assert_allclose(gradient, mean.grad, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(std_gradient, log_std.grad, rtol=1e-4, atol=1e-4)
    assert figures(sums)["entropy"] == pytest.approx(p.entropy().sum().item(), rel=1e-5)
    assert figures(sums)["magnet_kl"] == pytest.approx(kl_divergence(p, q).sum().item() if pulled else 0.0, rel=1e-4)


@pytest.mark.parametrize("clip", [np.inf, 0.3])
def test_squared_error_agrees_with_autograd(clip) -> None:
    rng = np.random.default_rng(7)
    value = torch.tensor(rng.normal(size=ROWS), dtype=torch.float32, requires_grad=True)
    target, old = (torch.tensor(rng.normal(size=ROWS), dtype=torch.float32) for _ in range(2))
    near = old + (value - old).clamp(-clip, clip)
    loss = 0.5 * torch.maximum((value - target) ** 2, (near - target) ** 2)
    (WEIGHT * 0.7 * loss.sum()).backward()
    gradient, sums = np.empty(ROWS, np.float32), np.zeros(6)
    arrays = (value.detach().numpy(), target.numpy(), old.numpy())
    surrogate.squared_error(*arrays, clip, 0.7, WEIGHT, gradient, sums)
    np.testing.assert_allclose(gradient, value.grad, atol=1e-6)
    assert figures(sums)["value_loss"] == pytest.approx(loss.sum().item(), rel=1e-5)
