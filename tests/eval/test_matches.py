import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.matches import aggregate

matches = st.lists(
    st.tuples(st.integers(0, 4), st.integers(1, 4), st.sampled_from([0.0, 0.5, 1.0])), min_size=1, max_size=40
)


@settings(deadline=None, derandomize=True)
@given(matches)
def test_counts_are_those_of_a_plain_loop(rows):
    first = [i for i, _, _ in rows]
    second = [(i + step) % 5 for i, step, _ in rows]
    score = [s for _, _, s in rows]
    wins, draws = np.zeros((5, 5)), np.zeros((5, 5))
    for i, j, s in zip(first, second, score, strict=True):
        if s == 1.0:
            wins[i, j] += 1
        elif s == 0.0:
            wins[j, i] += 1
        else:
            draws[i, j] += 1
            draws[j, i] += 1
    counted = aggregate(first, second, score, agents=5)
    assert np.array_equal(counted[0], wins)
    assert np.array_equal(counted[1], draws)


def test_the_largest_index_says_how_many_agents():
    wins, draws = aggregate([0], [2], [1.0])
    assert wins.shape == draws.shape == (3, 3)
    assert aggregate([], [], [])[0].shape == (0, 0)


@pytest.mark.parametrize(
    ("first", "second", "score", "agents", "message"),
    [
        ([0, 1], [1], [1.0], None, "one length"),
        ([0], [2], [1.0], 2, "0 to 1"),
        ([-1], [1], [1.0], 2, "0 to 1"),
        ([0], [1], [0.7], 2, "0.5 for a draw"),
        ([0], [1], [np.nan], 2, "0.5 for a draw"),
        ([1], [1], [1.0], 2, "against itself"),
    ],
)
def test_wrong_input(first, second, score, agents, message):
    with pytest.raises(ValueError, match=message):
        aggregate(first, second, score, agents=agents)
