"""From what a network says to actions: masks, noise, log-probabilities, in one pass over the rows.

All noise comes from the seat's own counter-based stream (`games.randomness`), keyed by match seed, seat and step, so an
action depends on nothing but the match and the network's numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout
from games.compiled import kernel
from games.randomness import seat_stream, uniform
from populations.policy import Rows

__all__ = [
    "ALL_LEGAL",
    "NO_TABLE",
    "clipped_normal_log_prob",
    "log_normal_tail",
    "probabilities",
    "sample",
    "sample_normal",
]

ALL_LEGAL = np.zeros((0, 0), dtype=np.bool_)
"""Stands for "no mask" in compiled functions."""
NO_TABLE = np.zeros((0, 0), dtype=np.bool_)
"""Stands for "every head is always used" in compiled functions."""

_LOG_SQRT_TAU = 0.5 * math.log(2.0 * math.pi)


def sample(
    logits: NDArray[np.float32], rows: Rows, actions: ActionLayout, *, greedy: bool = False, temperature: float = 1.0
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Draw discrete actions from the masked softmax of logits, by adding Gumbel noise.

    Entry j of a row takes the noise `gumbel(seed, seat_stream(seat), step, j)`. The argument heads that the drawn function
    does not use, and heads without any legal action, take their first legal action (or 0) and carry no probability.

    Args:
        logits: [R, A], all heads side by side.
        rows: gives mask and keys.
        actions: the layout, discrete.
        greedy: take the likeliest action instead of drawing one.
        temperature: divides the logits.

    Returns:
        actions [R, heads] and their log-probabilities [R] under softmax(logits / temperature), also where greedy.
    """
    action = np.empty((len(logits), actions.heads), dtype=np.int32)
    log_prob = np.empty(len(logits), dtype=np.float32)
    mask = ALL_LEGAL if rows.mask is None else rows.mask
    uses = NO_TABLE if actions.uses is None else actions.uses
    keys = (rows.seed, rows.seat, rows.step)
    _sample(logits, mask, uses, actions.offsets, *keys, greedy, 1.0 / temperature, action, log_prob)
    return action, log_prob


@kernel
def _sample(
    logits: Any, mask: Any, uses: Any, offsets: Any, seed: Any, seat: Any, step: Any, greedy: bool, inverse: float,
    action: Any, log_prob: Any,
) -> None:  # fmt: skip
    masked = mask.shape[0] > 0
    for r in range(logits.shape[0]):
        stream = seat_stream(seat[r])
        total = 0.0
        for h in range(len(offsets) - 1):
            low, high = offsets[h], offsets[h + 1]
            first, best = -1, -1
            top = -np.inf
            for j in range(low, high):
                if not masked or mask[r, j]:
                    if first < 0:
                        first = j
                    if logits[r, j] > top:
                        top, best = np.float64(logits[r, j]), j
            used = h == 0 or uses.shape[0] == 0 or uses[action[r, 0], h]
            if first < 0 or not used:
                action[r, h] = max(first - low, 0)
                continue
            best = max(best, first)  # never outside the head, not even when a broken network says NaN
            # argmax(l + gumbel) = argmax(exp(l) / e) with e = -log(uniform), exponentially distributed: one logarithm less
            weight = 0.0
            race = -1.0
            for j in range(low, high):
                if not masked or mask[r, j]:
                    p = math.exp((logits[r, j] - top) * inverse)
                    weight += p
                    if not greedy:
                        speed = p / -math.log(uniform(seed[r], stream, step[r], j))
                        if speed > race:
                            race, best = speed, j
            action[r, h] = best - low
            total += (logits[r, best] - top) * inverse - math.log(weight)
        log_prob[r] = total


def probabilities(
    logits: NDArray[np.float32], mask: NDArray[np.bool_] | None, actions: ActionLayout, *, temperature: float = 1.0
) -> NDArray[np.float64]:
    """Return the masked softmax of every head, side by side: [R, A]; zero for what is illegal."""
    result = np.zeros(logits.shape, dtype=np.float64)
    _softmax(logits, ALL_LEGAL if mask is None else mask, actions.offsets, 1.0 / temperature, result)
    return result


@kernel
def _softmax(logits: Any, mask: Any, offsets: Any, inverse: float, result: Any) -> None:
    masked = mask.shape[0] > 0
    for r in range(logits.shape[0]):
        for h in range(len(offsets) - 1):
            top, weight = -np.inf, 0.0
            for j in range(offsets[h], offsets[h + 1]):
                if not masked or mask[r, j]:
                    top = max(top, logits[r, j])
            for j in range(offsets[h], offsets[h + 1]):
                if not masked or mask[r, j]:
                    result[r, j] = math.exp((logits[r, j] - top) * inverse)
                    weight += result[r, j]
            for j in range(offsets[h], offsets[h + 1]):
                if weight > 0.0:
                    result[r, j] /= weight


def sample_normal(
    mean: NDArray[np.float32],
    log_std: NDArray[np.float32],
    rows: Rows,
    actions: ActionLayout,
    *,
    greedy: bool = False,
    temperature: float = 1.0,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw continuous actions from a diagonal normal distribution and clip them to their bounds.

    Dimension i takes the noise of the Box-Muller transform of draws 2i and 2i + 1 of the seat's stream. The log-probability
    is that of the clipped action: the density inside the bounds, the whole tail at a bound (Fujita and Maeda 2018, "Clipped
    action policy gradient", arXiv 1802.07564, equation 8).

    Args:
        mean: [R, dimensions].
        log_std: [R, dimensions], or [1, dimensions] for all rows alike.
        rows: gives the keys.
        actions: the layout, continuous.
        greedy: take the mean instead of drawing.
        temperature: multiplies the standard deviation.

    Returns:
        actions [R, dimensions] and their log-probabilities [R].
    """
    action = np.empty(mean.shape, dtype=np.float32)
    log_prob = np.empty(len(mean), dtype=np.float32)
    keys = (rows.seed, rows.seat, rows.step)
    bounds = (actions.low, actions.high)
    _sample_normal(mean, log_std, *bounds, *keys, greedy, math.log(temperature), action, log_prob)
    return action, log_prob


@kernel
def _sample_normal(
    mean: Any, log_std: Any, low: Any, high: Any, seed: Any, seat: Any, step: Any, greedy: bool, widen: float,
    action: Any, log_prob: Any,
) -> None:  # fmt: skip
    for r in range(mean.shape[0]):
        stream = seat_stream(seat[r])
        total = 0.0
        s = min(r, log_std.shape[0] - 1)
        for i in range(mean.shape[1]):
            scale = log_std[s, i] + widen
            value = np.float64(mean[r, i])
            if not greedy:
                radius = math.sqrt(-2.0 * math.log(uniform(seed[r], stream, step[r], 2 * i)))
                value += (
                    math.exp(scale) * radius * math.cos(2.0 * math.pi * uniform(seed[r], stream, step[r], 2 * i + 1))
                )
            action[r, i] = min(max(value, low[i]), high[i])
            total += clipped_normal_log_prob(action[r, i], mean[r, i], scale, low[i], high[i])
        log_prob[r] = total


@kernel
def clipped_normal_log_prob(x: float, mean: float, log_std: float, low: float, high: float) -> float:
    """Log-probability of a normal variable clipped to [low, high]: a density inside, a mass at each bound."""
    z = (x - mean) * math.exp(-log_std)
    if x <= low:
        return log_normal_tail(-z)
    if x >= high:
        return log_normal_tail(z)
    return -0.5 * z * z - log_std - _LOG_SQRT_TAU


@kernel
def log_normal_tail(z: float) -> float:
    """Log of the probability that a standard normal variable exceeds z."""
    if z < 30.0:
        return math.log(0.5 * math.erfc(z / math.sqrt(2.0)))
    # erfc underflows; the first two terms of its asymptotic series are exact to 1e-6 here
    return -0.5 * z * z - math.log(z) - _LOG_SQRT_TAU + math.log1p(-1.0 / (z * z))
