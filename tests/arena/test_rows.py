import pytest

from arena.rows import places


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((1, -1), [1, 2]), ((0, 0), [1, 1]), ((3, 5, 3, 1), [2, 1, 2, 4]), ((2,), [1])],
)
def test_equal_scores_share_the_better_place(scores, expected):
    assert places(scores) == expected
