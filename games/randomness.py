"""Counter-based randomness: a number is a pure function of (match seed, stream, step, index).

Nothing has to be stored or advanced, so a match depends on its task, its agents and its seed, and never on its slot,
on the batch around it, on the number of workers or on a resume. Stream `WORLD` belongs to the rules of the game, stream
`seat_stream(s)` to whoever sits on seat s.

The generator chains the 64-bit finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014; constants of Stafford's variant 13) over the four words of the key. It is no cryptographic
generator.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["WORLD", "bits", "gumbel", "integer", "seat_stream", "uniform"]

WORLD = 0

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
_TO_UNIT = 1.0 / 4503599627370496.0  # 2 ** -52: one bit less than a float64 holds, so that 0 and 1 never occur


@njit(inline="always", cache=True)
def seat_stream(seat: int) -> int:
    """The stream of the policy on this seat."""
    return seat + 1


@njit(inline="always", cache=True)
def _mix(x: np.uint64) -> np.uint64:
    x = (x ^ (x >> _S30)) * _A
    x = (x ^ (x >> _S27)) * _B
    return x ^ (x >> _S31)


@njit(cache=True)
def bits(seed: np.uint64, stream: int, step: int, index: int) -> np.uint64:
    """64 random bits for this key."""
    h = _mix(np.uint64(seed) + _GOLDEN)
    h = _mix(h ^ (np.uint64(stream) * _GOLDEN + _B))
    h = _mix(h ^ (np.uint64(step) * _GOLDEN + _A))
    return _mix(h ^ (np.uint64(index) * _GOLDEN + _GOLDEN))


@njit(cache=True)
def uniform(seed: np.uint64, stream: int, step: int, index: int) -> float:
    """A float64 uniform on the open interval (0, 1)."""
    return (np.float64(bits(seed, stream, step, index) >> _S12) + 0.5) * _TO_UNIT


@njit(cache=True)
def integer(seed: np.uint64, stream: int, step: int, index: int, bound: int) -> int:
    """An integer uniform on 0 .. bound-1 (bias below bound / 2**52)."""
    return min(int(uniform(seed, stream, step, index) * bound), bound - 1)


@njit(cache=True)
def gumbel(seed: np.uint64, stream: int, step: int, index: int) -> float:
    """Standard Gumbel noise: argmax(logits + noise) samples from softmax(logits)."""
    return -np.log(-np.log(uniform(seed, stream, step, index)))
