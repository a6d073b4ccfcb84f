import numpy as np
import pytest

from games import Categorical, Integer, Real, Task, TaskSpace
from league.portrait import NEWEST, Portrait

SPACE = TaskSpace({"a": Real(0.0, 1.0, 0.5), "b": Integer(1, 9, 1), "c": Real(0.0, 10.0, 1.0)})
BLUE = (31, 95, 168)
ELLIPSE = {"mean": [0.75, 0.5, 0.75], "covariance": np.diag([0.01, 0.01, 0.01]).tolist(), "weight": 1.0}


def filled(space, points, origin="edge"):
    portrait = Portrait(space)
    portrait.add((space.from_unit(point), origin) for point in points)
    return portrait


def inside(pixels):
    """The panel, the part of the picture between its frame."""
    return pixels[36:352, 66:382].astype(int)


def coloured(pixels):
    """Where the panel is rather blue."""
    return (inside(pixels)[:, :, 2] - inside(pixels)[:, :, 0]) > 60


def dark(pixels):
    return inside(pixels).max(axis=2) < 120


def test_tasks_are_where_they_belong():
    points = np.random.default_rng(0).uniform((0.0, 0.0, 0.8), (0.2, 1.0, 1.0), (300, 3))  # a low, c high
    pixels = filled(SPACE, points).draw([])
    assert (pixels.dtype, pixels.shape) == (np.uint8, (404, 400, 3))
    blue = coloured(pixels)
    rows, columns = np.nonzero(blue)
    assert len(rows) > 500
    height, width = blue.shape
    assert rows.max() < 0.3 * height  # c upwards
    assert columns.max() < 0.3 * width  # a across, b is left out: it is uniform


def test_shapes_are_drawn_over_them():
    points = np.random.default_rng(0).uniform((0.0, 0.0, 0.0), (0.2, 1.0, 0.2), (300, 3))
    portrait = filled(SPACE, points)
    assert not dark(portrait.draw([])).any()
    shape = dark(portrait.draw([ELLIPSE]))
    rows, columns = np.nonzero(shape)
    assert np.mean(rows) / len(shape) == pytest.approx(0.265, abs=0.02)
    assert np.ptp(columns) / len(shape) == pytest.approx(4 * 0.1 * 0.94, abs=0.03)
    for other in ({"point": [0.5] * 3, "weight": 0.1}, {"low": [0.3] * 3, "high": [0.6] * 3, "weight": 0.0}):
        assert dark(portrait.draw([other])).any()


def test_one_parameter_is_drawn_over_time():
    space = TaskSpace({"a": Real(0.0, 1.0, 0.5), "fixed": Integer(3, 3, 3)})
    portrait = filled(space, [(x, 0.5) for x in np.linspace(0.0, 1.0, 200)])
    rows, columns = np.nonzero(coloured(portrait.draw([])))
    assert np.corrcoef(rows, columns)[0, 1] < -0.99  # upwards with time
    shape = {"mean": [0.5, 0.5], "covariance": [[0.01, 0.0], [0.0, 0.0]], "weight": 1.0}
    rows, columns = np.nonzero(dark(portrait.draw([shape])))
    assert np.ptp(columns) < 8
    assert np.ptp(rows) > 100


def test_nothing_to_see_gives_no_picture():
    assert Portrait(SPACE).draw([ELLIPSE]) is None
    assert filled(SPACE, [(0.5, 0.5, 0.5)] * 9).draw([]) is None
    only = Portrait(TaskSpace())
    only.add([(Task(), "only")] * 5)
    assert only.draw([]) is None


def test_what_is_remembered_and_drawn_is_bounded():
    space = TaskSpace({name: Categorical(("x", "y", "a long name of a choice"), "x") for name in "abcdef"})
    portrait = Portrait(space)
    rng = np.random.default_rng(0)
    portrait.add((space.sample(rng), f"a long word for a reason {k % 20}") for k in range(3 * NEWEST))
    shapes = [{"point": [0.5] * 6, "weight": 0.001 * k} for k in range(500)]
    assert portrait.draw(shapes).shape == (404, 400, 3)
    assert len(portrait._tasks) == NEWEST


def test_the_same_tasks_give_the_same_picture():
    points = np.random.default_rng(0).random((50, 3))
    np.testing.assert_array_equal(filled(SPACE, points).draw([ELLIPSE]), filled(SPACE, points).draw([ELLIPSE]))
