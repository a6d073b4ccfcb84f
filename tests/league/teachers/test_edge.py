import json

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.edge import Edge, _nearby, relevance
from league.teachers.toy_world import ToyWorld, trial

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})
UNIT = Measure(low=0.0, high=1.0)


def tell(teacher, reward, n, **of):
    for _ in range(n):
        (p,) = teacher.ask(1)
        gained = reward(np.array([p.task["x"], p.task["y"]]))
        teacher.tell(Result(**({"id": p.id, "learner": "me", "score": 0.5, "total_return": gained, "length": 1} | of)))


def points(teacher, n=300):
    return np.array([[p.task["x"], p.task["y"]] for p in teacher.ask(n)])


def test_it_beats_the_published_teachers_in_the_toy_world():
    """Their best: Covar-GMM with 72.0."""
    world = ToyWorld(side=5)
    assert trial(Edge(world.space, 0, measure=UNIT), world, episodes=5000)[-1] > 80.0


def test_it_stays_at_an_edge():
    teacher = Edge(SPACE, 0, measure=UNIT)
    tell(teacher, lambda p: float(p[0] < 0.4), 600)
    assert np.mean(np.abs(points(teacher)[:, 0] - 0.4) < 0.1) > 0.75


def test_what_moves_is_drawn_by_progress():
    teacher = Edge(SPACE, 0, measure=UNIT, signal="progress")
    clock = iter(range(10_000))
    tell(teacher, lambda p: next(clock) / 1000 if p[1] > 0.7 else 0.5, 800)
    assert np.mean(points(teacher)[:, 1] > 0.65) > 0.7


def test_progress_is_not_fooled_by_a_level_that_stays_in_the_middle():
    """A reward of 0.5 that never changes is learnable by p (1 - p), and no progress."""
    shares = {}
    for signal in ("learnability", "progress"):
        teacher, clock = Edge(SPACE, 0, measure=UNIT, signal=signal), iter(range(10_000))
        tell(teacher, lambda p, clock=clock: 0.5 if p[0] < 0.5 else 0.8 + 0.2 * (next(clock) / 1000), 600)
        shares[signal] = np.mean(points(teacher)[:, 0] < 0.45)
    assert shares["progress"] < 0.2 < shares["learnability"]


def test_a_parameter_without_effect_does_not_count():
    rng = np.random.default_rng(0)
    x = rng.random((500, 3))
    found = relevance(x, np.where(x[:, 0] < 0.5, 1.0, 0.0) + 0.1 * x[:, 1])
    assert found[0] == 1.0
    assert 0.001 < found[1] < 0.1
    assert found[2] < found[1]
    assert relevance(x, np.ones(500)).tolist() == [1.0, 1.0, 1.0]
    assert relevance(x[:5], x[:5, 0]).tolist() == [1.0, 1.0, 1.0], "too few to say"


def test_neighbours_by_the_slow_way():
    rng = np.random.default_rng(1)
    candidates, known, rewards = rng.random((20, 3)), rng.random((90, 3)), rng.random(90)
    times, scale = np.arange(90.0), np.array([1.0, 0.3, 0.01])
    mean, moved = _nearby(candidates, known, rewards, times, scale, 8)
    for c, m, v in zip(candidates, mean, moved, strict=True):
        near = np.argsort((scale * (known - c) ** 2).sum(axis=1))[:8]
        assert m == pytest.approx(rewards[near].mean())
        assert v == pytest.approx(abs(np.cov(times[near], rewards[near], bias=True)[0, 1]) / times[near].std())


def test_opponents_are_told_apart():
    """Against the weak all is won and against the strong all is lost; only together does it look like an edge."""

    def spread(teacher):
        return np.std(points(teacher, 400)[:, 0])

    apart, mixed = (Edge(SPACE, 0, measure=UNIT, random=0.0) for _ in range(2))
    rng = np.random.default_rng(5)
    for _ in range(800):
        weak = rng.random() < 0.5
        for teacher, opponents in ((apart, "weak" if weak else "strong"), (mixed, "")):
            (p,) = teacher.ask(1)
            edge = 0.2 < p.task["x"] < 0.3  # where alone the result hangs on the task
            gained = rng.random() if edge else float(weak)
            teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=gained, length=1, opponents=opponents))
    share = {
        name: np.mean(np.abs(points(t, 400)[:, 0] - 0.25) < 0.1) for name, t in (("apart", apart), ("mixed", mixed))
    }
    assert share["apart"] > 0.8
    assert share["mixed"] < 0.5


def test_a_learner_whose_weights_are_replaced_begins_anew():
    teacher = Edge(SPACE, 0, measure=UNIT)
    tell(teacher, lambda p: float(p[0] < 0.4), 200)
    teacher.forget("me")
    tell(teacher, lambda p: float(p[1] < 0.6), 600)
    assert np.mean(np.abs(points(teacher)[:, 1] - 0.6) < 0.1) > 0.7


def test_it_goes_on_from_its_state():
    teacher = Edge(SPACE, 3, measure=UNIT)
    tell(teacher, lambda p: float(p[0] < 0.4), 130)
    again = Edge(SPACE, 9, measure=UNIT)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        tell(one, lambda p: float(p[0] < 0.4), 100)
    assert again.ask(100) == teacher.ask(100)
    assert again.state_dict() == teacher.state_dict()


def test_many_keys_are_forgotten():
    teacher = Edge(SPACE, 0, measure=UNIT, window=50)
    for k in range(300):
        tell(teacher, lambda p: 0.5, 1, learner=f"l{k}")
    assert len(teacher._names) <= 52


def test_a_sketch_shows_the_edge():
    teacher = Edge(SPACE, 0, measure=UNIT)
    assert teacher.sketch() == []
    tell(teacher, lambda p: float(p[0] < 0.4), 600)
    shapes = teacher.sketch()
    assert json.loads(json.dumps(shapes)) == shapes
    assert 0.5 < sum(s["weight"] for s in shapes) <= 1.0
    assert abs(shapes[0]["point"][0] - 0.4) < 0.15


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 1}, "window must be at least 2, not 1"),
        ({"random": 1.5}, "random must be from 0 to 1"),
        ({"step": 0.0}, "step must be above 0"),
        ({"signal": "luck"}, "signal must be learnability, progress or both, not 'luck'"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Edge(SPACE, 0, **options)
