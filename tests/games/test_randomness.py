import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from games import randomness
from games.randomness import WORLD, bits, gumbel, integer, seat_stream, uniform

MASK = 2**64 - 1
LIMIT = 1e-4
"""Significance of the statistical tests. Their numbers are fixed, so each of them either always passes or never."""

KEYS = {  # what varies while the rest of the key stays
    "index": lambda n: (7, WORLD, 0, n),
    "step": lambda n: (7, WORLD, n, 0),
    "stream": lambda n: (7, n, 0, 0),
    "seed": lambda n: (n, WORLD, 0, 0),
    "high bits of the seed": lambda n: (n << 40, WORLD, 0, 0),
    "step and index": lambda n: (7, 1, n // 64, n % 64),
    "seed and stream": lambda n: (n // 16, n % 16, 3, 5),
}


@njit
def fill(keys, out):
    for k in range(len(out)):
        out[k] = bits(keys[k, 0], np.int64(keys[k, 1]), np.int64(keys[k, 2]), np.int64(keys[k, 3]))


def draw(key, count=40_000):
    out = np.zeros(count, np.uint64)
    fill(np.array([key(n) for n in range(count)], np.uint64), out)
    return out


def reference(seed: int, stream: int, step: int, index: int) -> int:
    """The generator in Python's integers: SplitMix64's finaliser chained over the words of the key."""
    golden, a, b = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB

    def mix(x):
        x = (x ^ (x >> 30)) * a & MASK
        x = (x ^ (x >> 27)) * b & MASK
        return x ^ (x >> 31)

    h = mix(seed + golden & MASK)
    for word, salt in ((stream, b), (step, a), (index, golden)):
        h = mix(h ^ (word * golden + salt & MASK))
    return h


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ((0, 0, 0, 0), 0x5C94C4A56AAAC993),
        ((1, 0, 0, 0), 0x93BDCCD0CE805C3F),
        ((0, 1, 0, 0), 0x813C2120E092134F),
        ((0, 0, 1, 0), 0xCF07A0AF30B29F03),
        ((0, 0, 0, 1), 0xA5585B8FF5687E7D),
        ((2**64 - 1, 49, 1000, 123456), 0xBF1680A9CBD1E987),
    ],
)
def test_golden_values(key, value):
    """Pinned for ever: every recorded match is replayed from these."""
    assert int(bits(np.uint64(key[0]), *key[1:])) == value


def test_against_integers_of_any_size():
    rng = np.random.default_rng(0)
    for _ in range(200):
        seed = int(rng.integers(2**64, dtype=np.uint64))
        stream, step, index = (int(x) for x in rng.integers(0, 2**31, 3))
        assert int(bits(np.uint64(seed), stream, step, index)) == reference(seed, stream, step, index)


def test_the_first_mix_is_that_of_splitmix64():
    """First output of SplitMix64 from state 0 is the finaliser of the golden constant; the value is widely published."""
    assert int(randomness._mix(np.uint64(0x9E3779B97F4A7C15))) == 0xE220A8397B1DCDAF


@pytest.mark.parametrize("seed", [0, 5, 2**63 - 1])
def test_a_seed_means_the_same_as_any_integer_type(seed):
    value = bits(np.uint64(seed), 1, 2, 3)

    assert bits(seed, 1, 2, 3) == value
    assert bits(np.int64(seed), np.int32(1), np.uint64(2), np.int64(3)) == value


def test_compiled_callers_get_the_same_numbers():
    keys = np.array([(n * 977, n % 50, n % 21, n) for n in range(100)], np.uint64)
    out = np.zeros(100, np.uint64)
    fill(keys, out)

    np.testing.assert_array_equal(out, [reference(*(int(x) for x in key)) for key in keys])


def test_seats_have_streams_of_their_own():
    assert len({WORLD, *(seat_stream(seat) for seat in range(48))}) == 49


@pytest.mark.parametrize("vary", KEYS)
def test_uniform_over_cells(vary):
    for shift in (0, 28, 56):  # low, middle and high bytes
        cells = np.bincount(draw(KEYS[vary]) >> np.uint64(shift) & np.uint64(255), minlength=256)
        assert stats.chisquare(cells).pvalue > LIMIT


@pytest.mark.parametrize("vary", KEYS)
def test_neighbours_are_independent(vary):
    """Pairs of adjacent keys over 16 x 16 cells."""
    cell = (draw(KEYS[vary]) >> np.uint64(60)).astype(np.int64)
    for lag in (1, 2, 16):
        pairs = np.bincount(cell[:-lag] * 16 + cell[lag:], minlength=256).reshape(16, 16)
        assert stats.chi2_contingency(pairs).pvalue > LIMIT


@pytest.mark.parametrize("vary", KEYS)
def test_no_number_comes_twice(vary):
    assert len(np.unique(draw(KEYS[vary]))) == 40_000


@pytest.mark.parametrize("word", range(4))
def test_each_bit_of_the_key_flips_half_of_the_bits(word):
    changed = []
    for trial in range(50):
        key = [trial * 10**9, trial % 49, trial, trial * 31]
        before = reference(*key)
        for bit in range(0, 31, 3):
            key[word] ^= 1 << bit
            changed.append((before ^ int(bits(np.uint64(key[0]), *key[1:]))).bit_count())
            key[word] ^= 1 << bit

    assert np.mean(changed) == pytest.approx(32, abs=0.5)
    assert min(changed) > 10


def test_uniform_lies_strictly_between_zero_and_one():
    assert (MASK >> 12) + 0.5 < 2**52  # the largest draw, still below one
    assert ((MASK >> 12) + 0.5) * 2.0**-52 == 1 - 2**-53
    for index in range(1000):
        u = uniform(np.uint64(3), WORLD, 0, index)
        assert u == ((reference(3, WORLD, 0, index) >> 12) + 0.5) / 2**52
        assert 0 < u < 1


@pytest.mark.parametrize("bound", [1, 2, 6, 52, 1000])
def test_integers_are_uniform_below_their_bound(bound):
    drawn = [integer(np.uint64(1), WORLD, 0, n, bound) for n in range(max(5000, 20 * bound))]

    assert min(drawn) >= 0
    assert max(drawn) < bound
    if bound > 1:
        assert stats.chisquare(np.bincount(drawn, minlength=bound)).pvalue > LIMIT


def test_gumbel_noise_has_its_distribution():
    drawn = [gumbel(np.uint64(1), 1, n, 0) for n in range(5000)]

    assert drawn[0] == -math.log(-math.log(uniform(np.uint64(1), 1, 0, 0)))
    assert stats.kstest(drawn, "gumbel_r").pvalue > LIMIT


def test_gumbel_noise_samples_from_softmax():
    logits = np.log([0.1, 0.2, 0.7])
    chosen = [int(np.argmax([logits[a] + gumbel(np.uint64(9), 1, n, a) for a in range(3)])) for n in range(10_000)]

    assert stats.chisquare(np.bincount(chosen), [1000, 2000, 7000]).pvalue > LIMIT
