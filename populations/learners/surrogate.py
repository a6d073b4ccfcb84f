"""The losses of PPO and their gradients by the network's outputs, row by row in one pass.

Autograd would go over the rows some thirty times; here the network alone is left to it. Every function adds its gradients
up for the loss per row times `weight`, so that calls on pieces of a minibatch sum to the mean over all of it.

With r the ratio of new to old probability, A the advantage, H the entropy of the policy, D its divergence KL(policy ||
magnet) and c, m their coefficients, the policy's loss is

    -min(r A, clip(r, 1 - e, 1 + e) A) - c H + m D

(Schulman et al. 2017, arXiv 1707.06347, equations 7 and 9; the magnet of Sokota et al. 2023, arXiv 2206.05825, equation 9,
with the clipping in the place of its proximal term).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from games.compiled import kernel
from populations.sampling import clipped_normal_log_prob, log_normal_tail

__all__ = ["FIGURES", "categorical", "normal", "squared_error"]

FIGURES = ("policy_loss", "entropy", "kl", "clipped", "magnet_kl", "value_loss")
"""What the functions sum up over rows in `figures` [6] float64: `kl` is the estimate (r - 1) - log r of KL(old || new)."""

_LOSS, _ENTROPY, _KL, _CLIPPED, _MAGNET, _VALUE = range(6)


@njit(inline="always")
def _ratio_loss(log_prob: float, old: float, advantage: float, clip: float, figures: Any) -> float:
    """Add up the clipped loss of one row; return its derivative by the log-probability."""
    ratio = math.exp(log_prob - old)
    outside = (advantage > 0.0 and ratio > 1.0 + clip) or (advantage < 0.0 and ratio < 1.0 - clip)
    figures[_LOSS] -= min(ratio * advantage, min(max(ratio, 1.0 - clip), 1.0 + clip) * advantage)
    figures[_KL] += ratio - 1.0 - (log_prob - old)
    if outside:
        figures[_CLIPPED] += 1.0
        return 0.0
    return -ratio * advantage


@kernel
def categorical(
    logits: Any, mask: Any, uses: Any, offsets: Any, action: Any, old: Any, advantage: Any, magnet: Any,
    clip: float, entropy_coefficient: float, magnet_coefficient: float, weight: float, gradient: Any, figures: Any,
) -> None:  # fmt: skip
    """Write the gradient of the policy's loss by discrete actions' logits.

    Argument heads count as far as the function that is drawn uses them: in the log-probability those of the taken function,
    in entropy and divergence all, weighted with the probability of a function that uses them.

    Args:
        logits: [M, A] float32.
        mask: [M, A] bool, or `ALL_LEGAL`.
        uses: [functions, heads] bool, or `NO_TABLE`.
        offsets: [heads + 1] where heads begin.
        action: [M, heads] int32.
        old: [M] float32, log-probability under the policy that acted.
        advantage: [M] float32.
        magnet: [M, A] float32 logits of the magnet, or [0, 0].
        clip: the e of the loss.
        entropy_coefficient: the c.
        magnet_coefficient: the m.
        weight: of one row.
        gradient: [M, A] float32, written.
        figures: sums over rows, added to.
    """
    heads = len(offsets) - 1
    masked, table, pulled = mask.shape[0] > 0, uses.shape[0] > 0, magnet.shape[0] > 0
    log_sum, magnet_sum = np.empty(heads), np.empty(heads)
    share, pull = np.empty(heads), np.empty(heads)
    c, m = entropy_coefficient, magnet_coefficient
    for r in range(logits.shape[0]):
        log_prob = 0.0
        for h in range(heads):
            low, high = offsets[h], offsets[h + 1]
            log_sum[h] = _log_sum(logits, mask, masked, r, low, high)
            magnet_sum[h] = _log_sum(magnet, mask, masked, r, low, high) if pulled else 0.0
            live = log_sum[h] > -np.inf
            share[h] = 1.0 if live else 0.0
            if live and (h == 0 or not table or uses[action[r, 0], h]):
                log_prob += logits[r, low + action[r, h]] - log_sum[h]
            if live and h > 0 and table:
                share[h] = 0.0
                for f in range(offsets[1]):
                    if uses[f, h] and (not masked or mask[r, f]):
                        share[h] += math.exp(logits[r, f] - log_sum[0])
            # pull = m D - c H of this head alone: the mean of x = (c + m) log p - m log q, whose gradient is p (x - pull)
            pull[h] = 0.0
            entropy, divergence = 0.0, 0.0
            for j in range(low, high):
                gradient[r, j] = 0.0
                if live and (not masked or mask[r, j]):
                    log_p = logits[r, j] - log_sum[h]
                    p = math.exp(log_p)
                    gradient[r, j] = p
                    entropy -= p * log_p
                    if pulled:
                        divergence += p * (log_p - (magnet[r, j] - magnet_sum[h]))
            pull[h] = m * divergence - c * entropy
            figures[_ENTROPY] += share[h] * entropy
            figures[_MAGNET] += share[h] * divergence
        slope = _ratio_loss(log_prob, old[r], advantage[r], clip, figures)
        for h in range(heads):
            low, high = offsets[h], offsets[h + 1]
            if log_sum[h] == -np.inf:
                continue
            taken = h == 0 or not table or uses[action[r, 0], h]
            for j in range(low, high):
                if masked and not mask[r, j]:
                    continue
                p = np.float64(gradient[r, j])
                log_p = logits[r, j] - log_sum[h]
                x = (c + m) * log_p
                if pulled:
                    x -= m * (magnet[r, j] - magnet_sum[h])
                g = share[h] * p * (x - pull[h])
                if h == 0 and table:  # the more likely a function, the more its arguments count
                    for k in range(1, heads):
                        g += p * ((1.0 if uses[j, k] else 0.0) - share[k]) * pull[k]
                if taken:
                    g += slope * ((1.0 if j - low == action[r, h] else 0.0) - p)
                gradient[r, j] = weight * g


@kernel
def _log_sum(logits: Any, mask: Any, masked: bool, r: int, low: int, high: int) -> float:
    """Logarithm of the summed exponentials of one head's legal logits; minus infinity when none is legal."""
    top = -np.inf
    for j in range(low, high):
        if not masked or mask[r, j]:
            top = max(top, np.float64(logits[r, j]))
    if top == -np.inf:
        return top
    total = 0.0
    for j in range(low, high):
        if not masked or mask[r, j]:
            total += math.exp(logits[r, j] - top)
    return top + math.log(total)


@kernel
def normal(
    mean: Any, log_std: Any, bounds: Any, action: Any, old: Any, advantage: Any, magnet: Any, magnet_log_std: Any,
    clip: float, entropy_coefficient: float, magnet_coefficient: float, weight: float,
    gradient: Any, std_gradient: Any, figures: Any,
) -> None:  # fmt: skip
    """Write the gradient of the policy's loss by the mean and the log standard deviation of continuous actions.

    Log-probabilities are those of clipped actions (`populations.sampling.sample_normal`); entropy and divergence those of the
    normal distributions before clipping, which have a closed form and bound those after it from above.

    Args:
        mean: [M, dimensions] float32.
        log_std: [dimensions] float32.
        bounds: [2, dimensions] float32, lower and upper.
        action: [M, dimensions] float32.
        old: [M] float32, log-probability under the policy that acted.
        advantage: [M] float32.
        magnet: [M, dimensions] float32 means of the magnet, or [0, 0].
        magnet_log_std: [dimensions] float32.
        clip: the e of the loss.
        entropy_coefficient: the c.
        magnet_coefficient: the m.
        weight: of one row.
        gradient: [M, dimensions] float32, written.
        std_gradient: [dimensions] float32, added to.
        figures: sums over rows, added to.
    """
    dimensions = mean.shape[1]
    pulled = magnet.shape[0] > 0
    by_mean, by_std = np.empty(dimensions), np.empty(dimensions)
    c, m = entropy_coefficient, magnet_coefficient
    for r in range(mean.shape[0]):
        log_prob = 0.0
        for i in range(dimensions):
            low, high, inverse = bounds[0, i], bounds[1, i], math.exp(-np.float64(log_std[i]))
            log_prob += clipped_normal_log_prob(action[r, i], mean[r, i], log_std[i], low, high)
            z = (action[r, i] - mean[r, i]) * inverse
            if low < action[r, i] < high:
                by_mean[i], by_std[i] = z * inverse, z * z - 1.0
            else:  # all of the tail beyond the bound: the derivative is the hazard rate of the normal distribution
                side = -1.0 if action[r, i] <= low else 1.0
                hazard = math.exp(-0.5 * z * z - 0.5 * math.log(2.0 * math.pi) - log_normal_tail(side * z))
                by_mean[i], by_std[i] = side * hazard * inverse, side * hazard * z
            figures[_ENTROPY] += log_std[i] + 0.5 * math.log(2.0 * math.pi * math.e)
        slope = _ratio_loss(log_prob, old[r], advantage[r], clip, figures)
        for i in range(dimensions):
            g, s = slope * by_mean[i], slope * by_std[i] - c
            if pulled:
                inverse = math.exp(-np.float64(magnet_log_std[i]))
                away = (mean[r, i] - magnet[r, i]) * inverse
                wide = math.exp(np.float64(log_std[i])) * inverse
                figures[_MAGNET] += 0.5 * (wide * wide + away * away - 1.0) - math.log(wide)
                g += m * away * inverse
                s += m * (wide * wide - 1.0)
            gradient[r, i] = weight * g
            std_gradient[i] += weight * s


@kernel
def squared_error(
    value: Any, target: Any, old: Any, clip: float, coefficient: float, weight: float, gradient: Any, figures: Any
) -> None:
    """Write the gradient of `coefficient` times half the squared error of values.

    Args:
        value: [M] float32.
        target: [M] float32 returns.
        old: [M] float32 values of the policy that acted.
        clip: the loss ignores what a value gains beyond this distance from its old one; infinite for no clipping.
        coefficient: of the loss.
        weight: of one row.
        gradient: [M] float32, written.
        figures: sums over rows, added to.
    """
    for r in range(len(value)):
        error = np.float64(value[r]) - target[r]
        near = min(max(np.float64(value[r]), old[r] - clip), old[r] + clip) - target[r]
        slope = error
        if near * near > error * error:  # the larger of both losses counts; the clipped one is flat
            slope = 0.0
            error = near
        figures[_VALUE] += 0.5 * error * error
        gradient[r] = weight * coefficient * slope
