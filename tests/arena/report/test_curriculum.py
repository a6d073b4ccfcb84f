import math

import numpy as np
import pytest

from arena.config import load
from arena.report.curriculum import OTHER, curriculum_of
from arena.report.curriculum_pictures import POINTS, WINDOWS, curriculum_pictures
from games import Task
from league.match import Matchup, Reason, Record
from league.store import Store

CONFIG = "game: markov/resource-v0\nsteps: 6000\nlearners: {main: {kind: ppo}}\nteacher: {kind: edge}\n"
SHAPES = [
    {"mean": [0.5, 0.5], "covariance": [[0.01, 0.0], [0.0, 0.02]], "weight": 0.5},
    {"low": [0.0, 0.1], "high": [0.5, 0.6], "weight": 0.3},
    {"point": [0.25, 0.75], "weight": 0.2},
]


def records(count, *, task, origin=lambda k: "edge" if k % 3 else "uniform", metrics=None):
    for k in range(count):
        asked = Matchup(
            "train", k, Task(task(k)), ("main", "old"), ("h", "g"), k, (0, k, 0), why="main: history", origin=origin(k)
        )
        reason = Reason.INTERRUPTED if k % 50 == 7 else Reason.NORMAL
        yield Record(asked.id, asked, (1.0, 0.0), (float(k), -1.0), 9, reason, metrics=(metrics or (lambda k: {}))(k))


@pytest.fixture
def read(tmp_path):
    """Write matches of a run that went on for 6000 steps, and read its curriculum."""

    def run(matches, sketches=(), config=CONFIG, asked=True):
        (tmp_path / "c.yaml").write_text(config)
        matches = list(matches)
        with Store(tmp_path / "run", write=True, create=True) as store, store.transaction():
            store.add_matches(matches)
            for step, shapes in sketches:
                store.add_sketch(step, shapes)
            if asked:
                for step in (2000, 6000):  # half of the matches were asked for in the last third
                    store.add_curves(step, {"teacher/asked": len(matches) * step / 6000})
            store.set_checkpoint(6000, "f", {})
        with Store(tmp_path / "run") as store:
            return curriculum_of(store, load(tmp_path / "c.yaml")[0])

    return run


def wide(k):
    return {"population": 2 + k % 47, "extent": 1.0 + 3.0 * (k * 0.618 % 1.0)}


def test_what_is_read_of_a_run(read):
    found = read(records(900, task=wide), [(1000, SHAPES), (6000, [*SHAPES, {"point": [0.5], "weight": 1.0}])])
    assert found.points.shape == (900, 2)
    assert found.points.min() >= 0.0
    assert found.points.max() <= 1.0
    np.testing.assert_allclose(found.steps[[0, 450]], [0.0, 3000.0])
    assert set(found.origins) == {"edge", "uniform"}
    assert found.measured == "return"
    assert math.isnan(found.outcomes[7])  # interrupted: nothing came of it
    assert found.outcomes[8] == 8.0  # of the seat of the learner
    assert [(step, len(shapes)) for step, shapes in found.sketches] == [(1000, 3), (6000, 3)]
    assert found.matches == 900


def test_without_the_teachers_count_time_goes_by_the_matches(read):
    assert read(records(900, task=wide), asked=False).steps[450] == pytest.approx(3000.0)


def test_success_where_the_game_tells_it(read):
    found = read(records(60, task=wide, metrics=lambda k: {"success": float(k % 2)}))
    assert found.measured == "success"
    assert found.outcomes[:4].tolist() == [0.0, 1.0, 0.0, 1.0]


def test_rare_origins_are_counted_together(read):
    found = read(records(300, task=wide, origin=lambda k: str(int(math.sqrt(k)))))
    assert len(set(found.origins)) == 8
    assert OTHER in found.origins


def test_a_run_on_one_task_has_no_curriculum(read, tmp_path):
    assert read(records(50, task=lambda k: {"population": 6, "extent": 1.0})) is None


def test_a_run_of_a_game_that_is_not_installed_has_none(read):
    assert read(records(50, task=wide), config=CONFIG.replace("markov/resource-v0", "markov/lost")) is None


def test_a_game_without_parameters_has_none(trained):
    with Store(trained) as store:
        assert curriculum_of(store, load(trained / "config.yaml")[0]) is None


def traces(picture, **like):
    return [t for t in picture.figure.data if all(getattr(t, key) == value for key, value in like.items())]


def test_two_parameters_over_time(read):
    found = read(records(6000, task=wide), [(step, SHAPES) for step in range(500, 6001, 500)])
    pictures = dict(curriculum_pictures(found))
    assert list(pictures) == ["Tasks over the run: population and extent", "Why tasks were set", "Mean return by task"]
    where, why, what = pictures.values()
    dots = [t for t in traces(where, mode="markers") if t.text is not None]
    assert len(dots) == 2 * WINDOWS
    assert WINDOWS * POINTS * 0.9 < sum(len(t.x) for t in dots) <= WINDOWS * POINTS
    assert dots[0].text[0].startswith("population ")
    assert len(traces(where, mode="lines")) == 2 * WINDOWS  # an ellipse and a box in each
    assert [t.name for t in where.figure.data if t.showlegend is not False] == [
        "edge",
        "uniform",
        "what the teacher believed",
    ]
    assert where.figure.layout.yaxis.ticktext == ("1", "1.5", "2", "2.5", "3", "3.5", "4")
    assert "standard deviations" in where.caption
    assert "at first and" in where.text
    shares = np.array([t.y for t in why.figure.data])
    np.testing.assert_allclose(shares.sum(axis=0), 100.0)
    np.testing.assert_allclose(shares[0].mean(), 200 / 3, atol=1)
    means = [np.nanmean(t.z) for t in what.figure.data]
    np.testing.assert_allclose(means, [1000, 3000, 5000], rtol=0.05)  # returns grow with time in these records


def test_one_parameter_over_time(read):
    ranges = "task_ranges: {population: [6, 6]}\n"
    found = read(records(900, task=lambda k: wide(k) | {"population": 6}), [(3000, SHAPES)], config=CONFIG + ranges)
    pictures = dict(curriculum_pictures(found))
    assert list(pictures) == ["Tasks over the run: extent", "Why tasks were set", "Mean return by task"]
    where = pictures["Tasks over the run: extent"]
    lines = traces(where, mode="lines")
    assert [tuple(line.x) for line in lines] == [(3000.0, 3000.0)] * 2
    np.testing.assert_allclose(sorted(lines[0].y), 0.5 + 2 * np.sqrt(0.02) * np.array([-1, 1]), atol=1e-4)
    assert sum(len(t.x) for t in where.figure.data if t.text is not None) == 900


def test_one_origin_and_equal_returns_have_no_pictures_of_their_own(read):
    found = read(
        records(90, task=wide, origin=lambda k: "uniform", metrics=lambda k: {"success": 1.0}),
    )
    assert list(dict(curriculum_pictures(found))) == ["Tasks over the run: population and extent"]


def test_a_run_has_the_chapter_and_says_what_its_pictures_show(arena, tmp_path):
    (tmp_path / "c.yaml").write_text(
        CONFIG + "slots: 16\nfragment: 16\ntask_ranges: {population: [2, 4]}\nmatchmaker: {kind: self_play}\n"
    )
    assert arena("train", "c.yaml", "--run", "run").code == 0
    arena("report", "run", "--out", "r.html")
    text = (tmp_path / "r.html").read_text()
    for part in (
        "<h3>Curriculum</h3>",
        'role="img" aria-label="Tasks over the run: population and extent. The median of population was ',
        "Why tasks were set",
    ):
        assert part in text
