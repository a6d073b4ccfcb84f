import json

import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.oracle import Oracle

SPACE = TaskSpace({"height": Real(0.0, 3.0, 1.0), "spacing": Real(0.0, 6.0, 3.0)})
WALKERS = {"falling": ("spacing",), "above": 230.0}


def tell(teacher, gained, n):
    for _ in range(n):
        (p,) = teacher.ask(1)
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=gained, length=1))


def ranges(teacher):
    tasks = [p.task for p in teacher.ask(2000)]
    return [(min(t[n] for t in tasks), max(t[n] for t in tasks)) for n in SPACE]


def test_it_begins_at_the_easy_ends():
    (h0, h1), (s0, s1) = ranges(Oracle(SPACE, 0, **WALKERS))
    assert (h0, h1) == pytest.approx((0.0, 0.5), abs=0.01)
    assert (s0, s1) == pytest.approx((5.0, 6.0), abs=0.02)


def test_it_moves_by_the_published_steps():
    teacher = Oracle(SPACE, 0, **WALKERS)
    tell(teacher, 231.0, 50)
    (h0, h1), (s0, s1) = ranges(teacher)
    assert (h0, h1) == pytest.approx((0.1, 0.6), abs=0.01)
    assert (s0, s1) == pytest.approx((4.8, 5.8), abs=0.02)


def test_it_stays_where_results_are_not_good_enough_and_stops_at_the_hard_ends():
    teacher = Oracle(SPACE, 0, **WALKERS)
    tell(teacher, 230.0, 500)
    assert teacher.own_metrics()["moved"] == 0.0
    tell(teacher, 300.0, 50 * 100)
    (h0, h1), (s0, s1) = ranges(teacher)
    assert (h0, h1) == pytest.approx((2.5, 3.0), abs=0.01)
    assert (s0, s1) == pytest.approx((0.0, 1.0), abs=0.02)


def test_each_batch_decides_by_itself():
    teacher = Oracle(SPACE, 0, **WALKERS)
    tell(teacher, 1000.0, 49)
    assert teacher.own_metrics()["moved"] == 0.0
    tell(teacher, -100_000.0, 1)
    tell(teacher, 231.0, 49)
    assert teacher.own_metrics()["moved"] == 0.0


def test_without_a_threshold_it_goes_by_the_range():
    teacher = Oracle(SPACE, 0, measure=Measure(low=0.0, high=10.0))
    tell(teacher, 8.0, 50)
    assert teacher.own_metrics()["moved"] == 0.0
    tell(teacher, 8.1, 50)
    assert teacher.own_metrics()["moved"] > 0.0


def test_what_is_fixed_is_drawn_from_all_of_its_range():
    (_, _), (s0, s1) = ranges(Oracle(SPACE, 0, fixed=("spacing",)))
    assert (s0, s1) == pytest.approx((0.0, 6.0), abs=0.02)


def test_a_state_goes_through_json():
    one, other = Oracle(SPACE, 0, **WALKERS), Oracle(SPACE, 1, **WALKERS)
    tell(one, 240.0, 333)
    other.load_state_dict(json.loads(json.dumps(one.state_dict())))
    for teacher in (one, other):
        tell(teacher, 240.0, 40)
    assert one.ask(100) == other.ask(100)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"falling": ("hight",)}, "falling: unknown task parameter 'hight'; did you mean 'height'?"),
        ({"width": 0.0}, "width must be above 0 and at most 1, not 0.0"),
        ({"step": 2.0}, "step must be above 0 and at most 1, not 2.0"),
        ({"window": 0}, "window must be at least 1, not 0"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(InputError) as error:
        Oracle(SPACE, 0, **options)
    assert str(error.value).startswith(f"teacher 'oracle': {message}")
