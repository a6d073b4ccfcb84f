import numpy as np
import pytest

NORTH, EAST, SOUTH, WEST = range(4)


def _walls(size, x, y):
    around = np.arange(-3, 4)
    inside = lambda c: (around + c >= 0) & (around + c < size)  # noqa: E731
    return ~(inside(y)[:, None] & inside(x)[None, :])


def _cells(vector, size):
    lines = vector.render(0).splitlines()
    assert [len(line) for line in lines] == [size] * size
    return {letter: (x, y) for y, line in enumerate(lines) for x, letter in enumerate(line) if letter != "."}


@pytest.mark.parametrize("seed", range(8))
def test_the_view_is_centred_on_the_seat(start, seed):
    _, vector, view = start("gridgoal-v0", [seed], size=6, goals=4, seats=2)
    cells = _cells(vector, 6)
    assert sorted(cells) == ["0", "1", "a", "b", "c", "d"]  # all cells differ
    for seat in range(2):
        x, y = cells[str(seat)]
        expected = np.zeros((6, 7, 7), np.uint8)
        expected[0] = _walls(6, x, y)
        for plane, letter in enumerate([str(1 - seat), "a", "b", "c", "d"], start=1):
            column, row = cells[letter][0] - x + 3, cells[letter][1] - y + 3
            if 0 <= column < 7 and 0 <= row < 7:
                expected[plane, row, column] = 1
        np.testing.assert_array_equal(view.observation["view"][0, seat], expected)
        assert view.observation["goal"][0, seat].sum() == 1


def test_steps_and_walls(start):
    _, vector, _ = start("gridgoal-v0", [3], size=9, goals=1)
    x, y = _cells(vector, 9)["0"]
    for direction, (dx, dy) in ((NORTH, (0, -1)), (EAST, (1, 0)), (SOUTH, (0, 1)), (WEST, (-1, 0))):
        vector.step(np.array([[[direction]]], np.int32))
        x, y = min(max(x + dx, 0), 8), min(max(y + dy, 0), 8)
        assert _cells(vector, 9)["0"] == (x, y)
    for _ in range(9):
        view = vector.step(np.array([[[WEST]]], np.int32))
    assert _cells(vector, 9)["0"][0] == 0
    assert view.observation["view"][0, 0, 0, 3].tolist() == [1, 1, 1, 0, 0, 0, 0]


def _towards(vector, view, seat):
    cells = _cells(vector, int(vector.render(0).index("\n")))
    (x, y), (gx, gy) = cells[str(seat)], cells["abcd"[int(view.observation["goal"][0, seat].argmax())]]
    return (EAST if gx > x else WEST) if gx != x else (SOUTH if gy > y else NORTH), abs(gx - x) + abs(gy - y)


def test_who_arrives_is_paid_and_acts_no_more(start):
    _, vector, view = start("gridgoal-v0", [5], goals=4, seats=2)
    away = _towards(vector, view, 0)[1]
    for step in range(1, away + 1):
        action = _towards(vector, view, 0)[0]
        view = vector.step(np.array([[[action], [NORTH]]], np.int32))
        assert view.reward[0, 0] == pytest.approx(1 - 0.9 * away / 32 if step == away else 0)
    assert view.acting[0].tolist() == [False, True]
    assert not view.terminated[0]
    place = _cells(vector, 5)["0"]
    for _ in range(32 - away):
        view = vector.step(np.array([[[SOUTH], [NORTH]]], np.int32))
        assert view.reward[0, 0] == 0
    assert _cells(vector, 5)["0"] == place
    assert (view.terminated[0], view.truncated[0]) == (False, True)
    assert view.score[0].tolist() == pytest.approx([1 - 0.9 * away / 32, 0])
    assert view.metrics["arrived"][0] == 1


def test_the_match_ends_by_its_rules_when_all_have_arrived(start):
    _, vector, view = start("gridgoal-v0", [1])
    away = _towards(vector, view, 0)[1]
    for _ in range(away):
        assert not view.terminated[0]
        view = vector.step(np.array([[[_towards(vector, view, 0)[0]]]], np.int32))
    assert (view.terminated[0], view.truncated[0]) == (True, False)


def test_what_good_and_random_play_give(scores):
    def straight(view, seat):
        rng = np.random.default_rng(int(view.observation["view"].sum()))
        actions = rng.integers(4, size=(len(view.reward), 1))
        for slot, goal in enumerate(view.observation["goal"][:, seat].argmax(axis=1)):
            seen = np.argwhere(view.observation["view"][slot, seat, 2 + goal])
            if len(seen):
                dy, dx = seen[0] - 3
                actions[slot] = (EAST if dx > 0 else WEST) if dx else (SOUTH if dy > 0 else NORTH)
        return actions

    assert scores("gridgoal-v0", {0: straight}, matches=700).mean() == pytest.approx(0.89, abs=0.01)
    assert scores("gridgoal-v0", {}, matches=700).mean() == pytest.approx(0.30, abs=0.03)
