import copy
from dataclasses import fields

import numpy as np
import pytest

from games import Limits, Task
from games.adapters.openspiel import COMPILED, ConnectFourVector, OpenSpielVector, make

_DRAWN = [
    0,
    1,
    0,
    1,
    0,
    1,
    1,
    0,
    1,
    0,
    1,
    0,
    2,
    3,
    2,
    3,
    2,
    3,
    3,
    2,
    3,
    2,
    3,
    2,
    4,
    5,
    4,
    5,
    4,
    5,
    5,
    4,
    5,
    4,
    5,
    4,
] + [6] * 6


def _copy(view):
    return {field.name: copy.deepcopy(getattr(view, field.name)) for field in fields(view)}


def _rolled(mask, acting, rng):
    return np.where(acting, (mask * rng.random(mask.shape)).argmax(axis=2), -7)[..., None].astype(np.int32)


@pytest.mark.parametrize(
    ("steps", "observe", "seats"), [(None, True, 2), (9, True, 2), (None, False, 2), (None, True, 3)]
)
def test_it_is_openspiel_to_the_bit(vector, steps, observe, seats):
    """Every array of every step, over some five thousand random matches."""
    slots, rng = 256, np.random.default_rng(0)
    limits = {"steps": steps, "observe": observe, "seats": seats}
    ours, theirs = (
        vector("connect_four", range(slots), engine, **limits) for engine in (ConnectFourVector, OpenSpielVector)
    )
    a, b = (v.assign(np.arange(slots), [Task()] * slots, np.zeros(slots, np.uint64)) for v in (ours, theirs))
    ended = drawn = 0
    for step in range(150):
        np.testing.assert_equal(_copy(a), _copy(b))
        actions = _rolled(a.action_mask, a.acting, rng)
        a, b = ours.step(actions), theirs.step(actions)
        np.testing.assert_equal(_copy(a), _copy(b))
        over = np.flatnonzero(a.terminated | a.truncated)
        ended += len(over)
        drawn += np.sum(a.terminated & (a.score[:, 0] == 0))
        if step % 3 == 0:  # ended matches wait meanwhile
            over = np.flatnonzero(~a.acting.any(axis=1))
            a, b = (v.assign(over, [Task()] * len(over), np.zeros(len(over), np.uint64)) for v in (ours, theirs))
        if step % 29 == 0:
            for slot in range(0, slots, 9):
                assert ours.state(slot).history() == theirs.state(slot).history()
                assert ours.render(slot) == theirs.render(slot)
    assert ended > 1200
    assert drawn > 0 or steps


def test_a_full_board_is_a_draw(vector):
    board = vector("connect_four", [0], ConnectFourVector)
    for column in _DRAWN:
        view = board.step(np.full((1, 2, 1), column, dtype=np.int32))
    assert view.terminated.all()
    assert not view.score.any()
    assert board.state(0).is_terminal()
    assert board.state(0).returns() == [0, 0]


def test_the_limit_on_the_last_move_is_no_truncation(vector):
    board = vector("connect_four", [0], ConnectFourVector, steps=7)
    for column in (0, 1, 0, 1, 0, 1, 0):
        view = board.step(np.full((1, 2, 1), column, dtype=np.int32))
    assert view.terminated.all()
    assert not view.truncated.any()
    assert view.reward.tolist() == [[1, -1]]


def test_a_state_can_be_saved_and_loaded_in_the_middle(vector):
    rng = np.random.default_rng(1)
    first = vector("connect_four", range(40), ConnectFourVector, steps=30)
    view = first.load_state_dict(first.state_dict())
    for _ in range(32):
        second = vector("connect_four", range(40), ConnectFourVector, steps=30)
        again = second.load_state_dict(first.state_dict())
        for name in ("observation", "action_mask", "acting"):
            np.testing.assert_equal(getattr(again, name), getattr(view, name))
        assert not again.reward.any()
        assert not again.terminated.any()
        assert not again.truncated.any()
        actions = _rolled(view.action_mask, view.acting, rng)
        view = first.step(actions)
        np.testing.assert_equal(_copy(view), _copy(second.step(actions)))
    assert not view.acting.any()


def test_only_assigned_slots_are_loaded(vector):
    first = vector("connect_four", [0, 1], ConnectFourVector)
    first.step(np.full((2, 2, 1), 3, dtype=np.int32))
    second = ConnectFourVector(first.game, 2, first.limits)
    second.assign(np.array([1]), [Task()], np.zeros(1, dtype=np.uint64))
    assert second.load_state_dict(first.state_dict()).acting.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize("action", [-1, 1, 7])
def test_an_illegal_action_moves_nothing(vector, action):
    board = vector("connect_four", [0, 1], ConnectFourVector)
    for _ in range(6):
        board.step(np.array([[[0], [0]], [[1], [1]]], dtype=np.int32))
    with pytest.raises(ValueError, match=rf"connect_four: illegal action {action} \(slot 1, seat 0\)"):
        board.step(np.array([[[2], [2]], [[action], [0]]], dtype=np.int32))
    assert board.state(0).history() == [0] * 6


def test_it_is_used_for_the_default_board_only():
    assert COMPILED["connect_four"] is ConnectFourVector
    limits = Limits(seats=2)
    assert isinstance(make("connect_four").vector(2, limits), ConnectFourVector)
    assert isinstance(make("connect_four(rows=6)").vector(2, limits), ConnectFourVector)
    assert isinstance(make("connect_four(rows=5)").vector(2, limits), OpenSpielVector)
    assert isinstance(make("connect_four(egocentric_obs_tensor=True)").vector(2, limits), OpenSpielVector)
