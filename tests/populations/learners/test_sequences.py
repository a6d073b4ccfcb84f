from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from populations.learners.sequences import Sequences
from populations.learners.trajectories import CUT, ENDED, PENDING


def test_two_seats_interleaved_are_pulled_apart_and_cut() -> None:
    follower = np.array([2, 3, 4, ENDED, 6, PENDING, CUT])
    s = Sequences.cut(follower, 3)
    assert [s.rows[a:b].tolist() for a, b in pairwise(s.starts)] == [[0, 2, 4], [6], [1, 3]]


def test_gather_says_where_each_row_belongs() -> None:
    s = Sequences.cut(np.array([2, 3, 4, ENDED, 6, PENDING, CUT]), 3)
    rows, sequence, position, first = s.gather(np.array([2, 0]))
    assert rows.tolist() == [1, 3, 0, 2, 4]
    assert sequence.tolist() == [0, 0, 1, 1, 1]
    assert position.tolist() == [0, 1, 0, 1, 2]
    assert first.tolist() == [1, 0]


@settings(derandomize=True, deadline=None, max_examples=50)
@given(
    seats=st.lists(st.integers(0, 4), max_size=40), length=st.integers(1, 7), end=st.sampled_from([ENDED, CUT, PENDING])
)
def test_every_row_but_pending_ones_comes_once_in_its_own_order(seats, length, end) -> None:
    later = [[r for r in range(i + 1, len(seats)) if seats[r] == seats[i]] for i in range(len(seats))]
    follower = np.array([rows[0] if rows else end for rows in later], dtype=np.int64)
    s = Sequences.cut(follower, length)
    assert sorted(s.rows.tolist()) == np.flatnonzero(follower != PENDING).tolist()
    for a, b in pairwise(s.starts):
        piece = s.rows[a:b]
        assert 0 < len(piece) <= length
        assert all(follower[x] == y for x, y in pairwise(piece))
