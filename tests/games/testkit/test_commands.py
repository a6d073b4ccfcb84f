import numpy as np
import pytest

NOOP, SELECT, MOVE = 0, 1, 2


def _beacon(view, slot=0):
    y, x = np.argwhere(view.observation["planes"][slot, 0, 1])[0]
    return int(x), int(y)


def _unit(view, slot=0):
    return int(view.observation["vector"][slot, 0, :2].argmax())


def test_one_match_by_hand(start):
    _, vector, view = start("commands-v0", commands=2)

    def order(*action):
        return vector.step(np.array([[action]], np.int32))

    unit, (x, y) = _unit(view), _beacon(view)
    assert view.action_mask[0, 0].tolist() == [True, True, False, unit == 0, unit == 1, *[True] * 16]
    assert view.observation["vector"][0, 0, 2:].tolist() == [0, 1]
    for wrong in ((MOVE, unit, x, y), (SELECT, 1 - unit, 0, 0)):  # not yet legal: nothing happens
        with pytest.raises(ValueError, match=r"testkit/commands-v0: illegal action \[.*\] \(slot 0, seat 0\)"):
            order(*wrong)
    assert (view.reward[0, 0], view.action_mask[0, 0, MOVE], _beacon(view)) == (0, False, (x, y))
    view = order(SELECT, unit, 0, 0)
    assert view.action_mask[0, 0, MOVE]
    assert view.observation["vector"][0, 0, 2:].tolist() == [1, 0.5]
    target = (7 if x < 4 else 0, y)
    view = order(MOVE, 0, *target)
    assert view.reward[0, 0] == pytest.approx(1 - abs(target[0] - x) / 14)
    assert (view.terminated[0], view.truncated[0]) == (True, False)
    assert view.score[0, 0] == pytest.approx(view.reward[0, 0])
    assert view.metrics["moves"][0] == 1
    assert np.argwhere(view.observation["planes"][0, 0, 0]).tolist() == [[target[1], target[0]]]
    picture = vector.render(0).splitlines()
    assert picture[target[1]][target[0]] == "u"


def test_the_beacon_is_everywhere_and_both_units_occur(start):
    _, _, view = start("commands-v0", range(2000))
    counts = view.observation["planes"][:, 0, 1].sum(axis=0)
    assert counts.sum() == 2000
    assert counts.min() > 10
    assert abs(view.observation["vector"][:, 0, 0].mean() - 0.5) < 0.05


def test_what_good_and_random_play_give(scores):
    def good(view, seat):
        actions = np.zeros((len(view.reward), 4), np.int32)
        actions[:, 0] = np.where(view.observation["vector"][:, 0, 2] > 0, MOVE, SELECT)
        actions[:, 1] = view.observation["vector"][:, 0, :2].argmax(axis=1)
        where = view.observation["planes"][:, 0, 1].reshape(-1, 64).argmax(axis=1)
        actions[:, 2], actions[:, 3] = where % 8, where // 8
        return actions

    assert scores("commands-v0", {0: good}, matches=50).tolist() == [[7.0]] * 50
    # Selected after t commands with probability 2^-t; then a third of the rest are moves, each worth 1 - 2 * 2.625 / 14.
    random = sum(0.5**t * (8 - t) / 3 for t in range(1, 9)) * (1 - 5.25 / 14)
    assert random == pytest.approx(1.25, abs=0.01)
    assert scores("commands-v0", {}).mean() == pytest.approx(random, abs=0.06)
