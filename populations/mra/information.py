"""How much an action tells of the latent that it was chosen under, in nats."""

from __future__ import annotations

import math

import torch
from torch import Tensor

__all__ = ["entropy", "jensen_shannon", "log_policy", "mutual_information", "sampled_information"]


def log_policy(logits: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return log pi(a | o, g_z), [R, K, A], from logits [R, K, A]; about -1e9 for actions that `mask` [R, A] forbids."""
    if mask is not None:
        logits = logits.masked_fill(~mask.unsqueeze(1), -1e9)
    return torch.log_softmax(logits, dim=2)


def mutual_information(log_prior: Tensor, log_policy: Tensor) -> Tensor:
    """Return I(A; Z | O = o) of each row, [R]: at least 0 and at most min(log K, log A).

    The exact form of Zhang et al. (arXiv 2108.12988), whose code samples it: the graph is a function of observation and
    latent, and the action depends on the latent by the graph only, so I(A; G | O) = I(A; Z | O)

        = sum_z p(z | m) KL( pi(. | o, g_z) || sum_z' p(z' | m) pi(. | o, g_z') )

    Args:
        log_prior: [R, K], log p(z | m).
        log_policy: [R, K, A], log pi(a | o, g_z).
    """
    joint = log_prior.unsqueeze(2) + log_policy
    mixture = torch.logsumexp(joint, dim=1, keepdim=True)
    return (joint.exp() * (log_policy - mixture)).sum(dim=(1, 2))


def sampled_information(
    log_prior: Tensor, log_policy: Tensor, generator: torch.Generator, *, samples: int = 5
) -> Tensor:
    """Return the estimate of the same that the released code ascends, one draw for each row, [R].

    z ~ p(. | m), a ~ pi(. | o, g_z), and `samples` further latents z_k ~ p(. | m):

        log( samples * pi(a | o, g_z) ) - log sum_k pi(a | o, g_z_k)

    Because z itself is not among the z_k, it is too large on average, the less so the more samples there are.

    Args:
        log_prior: [R, K].
        log_policy: [R, K, A].
        generator: for the draws.
        samples: K' of the paper.
    """
    prior = log_prior.exp()
    latent = torch.multinomial(prior, 1, generator=generator)
    others = torch.multinomial(prior, samples, replacement=True, generator=generator)
    rows = torch.arange(len(prior)).unsqueeze(1)
    own = log_policy[rows, latent].squeeze(1)
    action = torch.multinomial(own.exp(), 1, generator=generator)
    taken = log_policy.gather(2, action.unsqueeze(1).expand(-1, log_policy.shape[1], 1)).squeeze(2)
    return math.log(samples) + taken.gather(1, latent).squeeze(1) - torch.logsumexp(taken.gather(1, others), dim=1)


def jensen_shannon(log_policy: Tensor) -> Tensor:
    """Return [K, K], the mean over rows of the Jensen-Shannon divergence between each two modes; at most log 2."""
    left, right = log_policy.unsqueeze(2), log_policy.unsqueeze(1)
    middle = torch.logaddexp(left, right) - math.log(2.0)
    halves = left.exp() * (left - middle) + right.exp() * (right - middle)
    return 0.5 * halves.sum(dim=3).mean(dim=0)


def entropy(log_prior: Tensor) -> Tensor:
    """Return H(p(z | m)) of each row, [R], for log p(z | m), [R, K]."""
    return -(log_prior.exp() * log_prior).sum(dim=1)
