import json

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.riac import Riac, _alp
from league.teachers.toy_world import ToyWorld, trial

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})
UNIT = Measure(low=0.0, high=1.0)


def tell(teacher, reward, n, **of):
    for _ in range(n):
        (p,) = teacher.ask(1)
        gained = reward(np.array([p.task["x"], p.task["y"]]))
        teacher.tell(Result(**({"id": p.id, "learner": "me", "score": 0.5, "total_return": gained, "length": 1} | of)))


def test_the_toy_world():
    """By the reference 39.2 with a deviation of 3.0; 16 by chance."""
    world = ToyWorld(side=5)
    assert trial(Riac(world.space, 0, measure=UNIT), world, episodes=5000)[-1] >= 28.0


class TestProgress:
    @pytest.mark.parametrize("n", [3, 4, 10, 201])
    def test_of_one_owner(self, n):
        rewards = np.random.default_rng(n).random(n)
        half = n // 2
        expected = abs(rewards[: n - half].mean() - rewards[n - half :].mean())
        assert _alp(rewards, np.zeros(n, np.int64), n) == pytest.approx(expected)

    def test_of_too_few(self):
        assert _alp(np.array([0.0, 1.0]), np.zeros(2, np.int64), 2) == 0.0

    def test_of_several_is_the_mean_by_their_numbers(self):
        rng = np.random.default_rng(0)
        rewards, owners = rng.random(90), rng.integers(3, size=90)
        expected = sum(
            (owners == o).mean() * _alp(rewards[owners == o], np.zeros(90, np.int64), int((owners == o).sum()))
            for o in range(3)
        )
        assert _alp(rewards, owners, 90) == pytest.approx(expected)


def test_the_boxes_part_the_space_and_hold_what_lies_in_them():
    teacher, clock = Riac(SPACE, 0, measure=UNIT, region=60), iter(range(10**6))
    tell(teacher, lambda p: next(clock) / 3000 if p[0] > 0.5 else 0.2, 3000)
    assert teacher.boxes > 9
    leaves = [box for box in range(teacher.boxes) if teacher._children[box, 0] < 0]
    volume = sum(np.prod(teacher._high[box] - teacher._low[box]) for box in leaves)
    assert volume == pytest.approx(1.0)
    for box in range(teacher.boxes):
        held = teacher._points[box, : teacher._held[box]]
        assert (held >= teacher._low[box]).all()
        assert (held <= teacher._high[box]).all()
        assert (teacher._high[box] - teacher._low[box] >= 1 / 15 - 1e-9).all()


def test_tasks_go_where_results_change():
    teacher, clock = Riac(SPACE, 0, measure=UNIT, region=80), iter(range(10**6))
    tell(teacher, lambda p: next(clock) % 400 / 400 if p[1] > 0.7 else 0.5, 3000)
    asked = [p for p in teacher.ask(1000) if p.origin == "region"]
    assert np.mean([p.task["y"] > 0.65 for p in asked]) > 0.55


def test_shares_of_origins():
    teacher = Riac(SPACE, 0, measure=UNIT)
    tell(teacher, lambda p: p[0], 300)
    origins = [p.origin for p in teacher.ask(2000)]
    assert origins.count("mutation") / 2000 == pytest.approx(0.1, abs=0.03)
    assert origins.count("uniform") / 2000 == pytest.approx(0.2, abs=0.03)


def test_results_of_one_task_only_cannot_be_cut_and_do_not_hang():
    teacher = Riac(TaskSpace({"x": Real(2.0, 2.0, 2.0)}), 0, measure=UNIT, region=20)
    teacher._low[:], teacher._high[:] = 0.5, 0.5  # and so it draws one point
    for k in range(200):
        (p,) = teacher.ask(1)
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=k % 2, length=1))
    assert teacher._held[0] <= 21


def test_the_tree_stops_growing():
    teacher, rng = Riac(SPACE, 0, measure=UNIT, region=20, side=0.0, regions=15), np.random.default_rng(0)
    tell(teacher, lambda p: rng.random(), 3000)
    assert teacher.boxes == 15
    grown = Riac(SPACE, 0, measure=UNIT, region=20, side=0.0, regions=15, faithful=True)
    tell(grown, lambda p: rng.random(), 3000)
    assert grown.boxes > 15


def test_opponents_are_told_apart():
    def progress(apart):
        teacher = Riac(SPACE, 0, measure=UNIT, apart=apart)
        tell(teacher, lambda p: 0.0, 60, opponents="strong")
        tell(teacher, lambda p: 1.0, 60, opponents="weak")
        return teacher._progress[0]

    assert progress(True) == 0.0
    assert progress(False) == 1.0


def test_more_pairs_than_are_told_apart_leave_room_for_new_ones():
    teacher = Riac(SPACE, 0, measure=UNIT)
    for k in range(40):
        tell(teacher, lambda p: 0.5, 5, learner=f"l{k}")
    assert teacher._held[0] == 16 * 5
    assert set(teacher._owners[0, :80]) == set(range(16))


def test_what_is_forgotten_is_in_no_box():
    teacher = Riac(SPACE, 0, measure=UNIT, region=40)
    tell(teacher, lambda p: p[0], 300)
    tell(teacher, lambda p: p[0], 10, learner="other")
    teacher.forget("me")
    assert teacher._held[0] == 10
    assert teacher.boxes > 1


@pytest.mark.parametrize("options", [{}, {"faithful": True}])
def test_a_state_goes_through_json(options):
    one, other = (Riac(SPACE, seed, region=30, **options) for seed in (0, 1))
    rng = np.random.default_rng(0)
    for learner in ("me", "you"):
        tell(one, lambda p: float(p[0]) * rng.random(), 200, learner=learner)
    other.load_state_dict(json.loads(json.dumps(one.state_dict())))
    for _ in range(5):
        a, b = one.ask(40), other.ask(40)
        assert a == b
        for k, (p, q) in enumerate(zip(a, b, strict=True)):
            for teacher, proposal in ((one, p), (other, q)):
                teacher.tell(Result(id=proposal.id, learner="me", score=0.5, total_return=(k * 7 % 5) / 5, length=1))
    assert json.dumps(one.state_dict()) == json.dumps(other.state_dict())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"region": 3}, "region must be at least 4, not 3"),
        ({"attempts": 0}, "attempts must be at least 1, not 0"),
        ({"mutated": 0.7, "random": 0.5}, "mutated and random must not exceed 1 together, but are 1.2"),
        ({"side": 2.0}, "side must be from 0 to 1, not 2.0"),
        ({"step": 0.0}, "step must be above 0, not 0.0"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(InputError) as error:
        Riac(SPACE, 0, **options)
    assert str(error.value) == f"teacher 'riac': {message}"
