"""Rows of the same match are found again, and others are not taken for it."""

from __future__ import annotations

import gc

import numpy as np

import games
from games import Limits
from populations.agents.matches import InFlight, Sitting
from populations.policy import Rows


def rows(slot, seat, seed, step, vector=None):
    n = len(slot)
    empty = np.zeros((n, 1))
    return Rows({"x": empty}, None, np.array(seed, np.uint64), np.array(seat), np.array(step), np.array(slot), vector)


def numbers(inflight, *columns, vector=None):
    return [sitting.number for sitting in inflight.look(rows(*columns, vector=vector))]


def test_a_sitting_is_a_slot_a_seat_and_a_seed():
    inflight = InFlight()
    assert numbers(inflight, [0, 0, 1], [0, 1, 0], [7, 7, 7], [0, 0, 0]) == [1, 2, 3]
    assert numbers(inflight, [1, 0, 0], [0, 1, 0], [7, 7, 7], [1, 1, 2]) == [3, 2, 1]
    assert inflight.over == []
    assert numbers(inflight, [0], [0], [8], [5]) == [4]  # another seed, even in mid-game (after an opening)
    assert numbers(inflight, [0], [1], [7], [1]) == [5]  # the same time again
    assert numbers(inflight, [1], [0], [7], [0]) == [6]  # back in time
    assert inflight.over == [1, 2, 3]


def test_vectors_are_told_apart_and_take_their_matches_with_them():
    game = games.make("openspiel/tic_tac_toe")
    one, two = (game.vector(1, Limits(seats=2)) for _ in range(2))
    inflight = InFlight()
    assert numbers(inflight, [0], [0], [7], [0], vector=one) == [1]
    assert numbers(inflight, [0], [0], [7], [0], vector=two) == [2]
    assert numbers(inflight, [0], [0], [7], [2], vector=one) == [1]
    del one
    gc.collect()
    assert len(inflight._tables) == 1


def test_memory_belongs_to_the_match():
    inflight = InFlight()
    (sitting,) = inflight.look(rows([0], [0], [7], [0]))
    sitting.memory = "plan"
    assert inflight.look(rows([0], [0], [7], [1]))[0].memory == "plan"
    assert inflight.look(rows([0], [0], [7], [0]))[0].memory is None


def test_chance_depends_on_seed_and_seat_alone():
    assert Sitting(1, 5, 0, 0).chance == Sitting(9, 5, 0, 3).chance
    drawn = {Sitting(0, seed, seat, 0).chance for seed in range(200) for seat in range(3)}
    assert len(drawn) == 600
    assert all(0 <= chance < 2**31 for chance in drawn)
    assert abs(np.mean([*drawn]) / 2**30 - 1) < 0.1
