import numpy as np
import pytest

from games import Categorical, Integer, Real, TaskSpace, When
from league.teachers.projection import Projection, outline, ticks

SPACE = TaskSpace(
    {
        "a": Real(0.0, 1.0, 0.5),
        "b": Integer(1, 4, 1),
        "c": Real(2.0, 2.0, 2.0),
        "d": Real(-1.0, 1.0, 0.0),
    }
)


def drawn(points):
    return [SPACE.from_unit(point) for point in points]


def test_the_pair_that_matters_is_the_one_that_is_not_uniform():
    rng = np.random.default_rng(0)
    points = rng.random((800, 4))
    projection = Projection(SPACE)
    assert projection.free == (0, 1, 3)
    even = projection.divergence(projection.points(drawn(points)))
    assert set(even) == {(0, 1), (0, 3), (1, 3)}
    assert max(even.values()) < 0.03
    points[:, 3] = points[:, 0]  # each by itself is uniform
    tied = projection.divergence(projection.points(drawn(points)))
    assert max(tied, key=tied.get) == (0, 3)
    assert tied[0, 3] == pytest.approx(np.log(6), abs=0.1)  # one of six parts of the one, given the other
    assert max(tied[0, 1], tied[1, 3]) < 0.03


def test_no_tasks_and_one_task():
    projection = Projection(SPACE)
    assert set(projection.divergence(projection.points([])).values()) == {0.0}
    assert min(projection.divergence(projection.points([SPACE.task()])).values()) >= 0.0
    assert Projection(TaskSpace({"n": Integer(2, 5, 2)})).divergence(np.zeros((3, 1))) == {}


def test_a_parameter_that_means_nothing_has_no_place():
    space = TaskSpace(
        {"kind": Categorical(("x", "y"), "x"), "size": Real(0.0, 1.0, 0.0)}, conditions={"size": When("kind", ("y",))}
    )
    points = Projection(space).points([space.task(), space.task({"kind": "y", "size": 1.0})])
    assert np.isnan(points[0, 1])
    assert points[1].tolist() == [0.75, 1.0]
    assert all(np.isfinite(list(Projection(space).divergence(points).values())))


def test_an_ellipse_is_two_standard_deviations_of_the_two_parameters():
    covariance = np.diag([0.01, 5.0, 0.04])
    covariance[0, 2] = covariance[2, 0] = 0.012
    shape = {"mean": [0.5, 9.0, 0.25], "covariance": covariance.tolist(), "weight": 0.5}
    kind, path, weight = outline(shape, (0, 2))
    assert (kind, weight) == ("ellipse", 0.5)
    np.testing.assert_allclose(path[0], path[-1], atol=1e-12)
    away = path - [0.5, 0.25]
    distance = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance[np.ix_([0, 2], [0, 2])]), away)
    np.testing.assert_allclose(distance, 4.0)
    flat = outline({"mean": [0.5, 0.5], "covariance": [[0.0, 0.0], [0.0, 0.0]], "weight": 1.0}, (0, 1))
    np.testing.assert_allclose(flat.path, 0.5)


def test_boxes_and_points():
    box = outline({"low": [0.0, 0.1, 0.2], "high": [1.0, 0.3, 0.8], "weight": 1}, (2, 1))
    assert box.path.tolist() == [[0.2, 0.1], [0.8, 0.1], [0.8, 0.3], [0.2, 0.3], [0.2, 0.1]]
    point = outline({"point": [0.0, 0.1, 0.2], "weight": 0.25}, (0, 2))
    assert (point.kind, point.path.tolist(), point.weight) == ("point", [[0.0, 0.2]], 0.25)


@pytest.mark.parametrize(
    ("parameter", "labels"),
    [
        (Real(0.0, 3.0, 1.0), ["0", "0.5", "1", "1.5", "2", "2.5", "3"]),
        (Real(-250.0, 1000.0, 0.0), ["0", "500", "1000"]),
        (Real(2.0, 2.0, 2.0), ["2"]),
        (Real(1e-4, 1e-1, 1e-3, log=True), ["0.0001", "0.001", "0.01", "0.1"]),
        (Real(3.0, 4.0, 3.0, log=True), ["3", "4"]),
        (Integer(2, 48, 6), ["10", "20", "30", "40"]),
        (Integer(1, 3, 1), ["1", "2", "3"]),
        (Integer(7, 7, 7), ["7"]),
        (Categorical(("walk", "a very long name", True), "walk"), ["walk", "a very long…", "True"]),
        (Categorical(tuple(range(12)), 0), ["0", "2", "4", "6", "8", "10"]),
    ],
)
def test_ticks(parameter, labels):
    found = ticks(parameter)
    assert [label for _, label in found] == labels
    places = [place for place, _ in found]
    assert places == sorted(places)
    assert all(0.0 <= place <= 1.0 for place in places)


def test_a_tick_stands_where_its_value_is():
    assert ticks(Integer(1, 3, 1))[0] == (pytest.approx(1 / 6), "1")
    assert ticks(Real(0.0, 2.0, 1.0))[-1] == (1.0, "2")
