import json

import numpy as np
import pytest

from games import InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.adr import Adr

SPACE = TaskSpace({"x": Real(0.0, 10.0, 5.0), "y": Real(0.0, 1.0, 0.5)})
UNIT = Measure(low=0.0, high=1.0)


def tell(teacher, reward, n):
    for _ in range(n):
        (p,) = teacher.ask(1)
        gained = float(reward(p.task))
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=gained, length=1))


def test_it_begins_with_one_task():
    teacher = Adr(SPACE, 0, start={"x": 2.0})
    assert {(p.task["x"], p.task["y"]) for p in teacher.ask(50)} == {(2.0, 0.5)}


def test_it_widens_to_where_results_are_bad():
    teacher = Adr(SPACE, 0, measure=UNIT)
    tell(teacher, lambda task: 2.0 < task["x"] < 9.0, 6000)
    (low, high) = teacher.bounds
    assert low[0] == pytest.approx(0.2, abs=0.06)
    assert high[0] == pytest.approx(0.9, abs=0.06)
    assert (low[1], high[1]) == (0.0, 1.0), "nothing is bad there"


def test_it_shrinks_again():
    teacher = Adr(SPACE, 0, measure=UNIT)
    tell(teacher, lambda task: 1.0, 3000)
    wide = teacher.own_metrics()["width"]
    assert wide == pytest.approx(1.0)
    tell(teacher, lambda task: 0.0, 20_000)
    assert teacher.own_metrics()["width"] == pytest.approx(0.0, abs=1e-9)
    assert (teacher.bounds[0] <= teacher.bounds[1]).all()


def test_means_between_the_thresholds_change_nothing():
    teacher = Adr(SPACE, 0, measure=UNIT)
    tell(teacher, lambda task: 0.5, 500)
    assert teacher.own_metrics()["moves"] == 0.0


def test_thresholds_in_units_of_the_return():
    teacher = Adr(SPACE, 0, low=0.0, high=180.0)
    tell(teacher, lambda task: 179.0, 200)
    tell(teacher, lambda task: 1.0, 200)
    assert teacher.own_metrics()["moves"] == 0.0
    tell(teacher, lambda task: 180.0, 200)
    assert teacher.own_metrics()["moves"] > 0.0


def test_a_queue_is_of_one_bound():
    teacher = Adr(SPACE, 0, measure=UNIT, queue=5, boundary=1.0)
    before = teacher.bounds
    while (teacher.bounds == before).all():
        tell(teacher, lambda task: 1.0, 1)
    assert np.abs(teacher.bounds - before).max() == pytest.approx(0.05)


def test_results_from_before_a_move_are_left_out():
    teacher = Adr(SPACE, 0, measure=UNIT, queue=3)
    for p in teacher.ask(300):  # all of them at the first task, which is every bound
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=1.0, length=1))
    assert teacher.own_metrics()["moves"] == 4.0, "once for each bound"


def test_steps_as_published_are_in_the_units_of_the_parameters():
    ours, theirs = Adr(SPACE, 0, step=0.1), Adr(SPACE, 0, step=0.1, faithful=True)
    assert ours._steps.tolist() == [0.1, 0.1]
    assert theirs._steps.tolist() == pytest.approx([0.01, 0.1])


def test_integers_widen_too():
    teacher = Adr(TaskSpace({"n": Integer(1, 9, 5)}), 0, measure=UNIT)
    tell(teacher, lambda task: 3 <= task["n"] <= 7, 6000)
    seen = {p.task["n"] for p in teacher.ask(500)}
    assert {3, 4, 5, 6, 7} <= seen <= {2, 3, 4, 5, 6, 7, 8}


def test_a_state_goes_through_json():
    one, other = Adr(SPACE, 0, measure=UNIT), Adr(SPACE, 1, measure=UNIT)
    tell(one, lambda task: task["x"] < 7, 333)
    other.load_state_dict(json.loads(json.dumps(one.state_dict())))
    for teacher in (one, other):
        tell(teacher, lambda task: task["x"] < 7, 100)
    assert one.ask(100) == other.ask(100)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": 0.0}, "step must be above 0, not 0.0"),
        ({"boundary": 0.0}, "boundary must be above 0 and at most 1, not 0.0"),
        ({"queue": 0}, "queue must be at least 1, not 0"),
        ({"low": 2.0, "high": 1.0}, "low must be below high, not 2.0 and 1.0"),
        ({"start": {"x": 11}}, "start: task parameter 'x' must be a number from 0.0 to 10.0, not 11"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(InputError) as error:
        Adr(SPACE, 0, **options)
    assert str(error.value) == f"teacher 'adr': {message}"
