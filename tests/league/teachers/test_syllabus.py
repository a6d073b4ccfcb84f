from types import SimpleNamespace

import pytest

from games import InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.syllabus import Syllabus

SPACE = TaskSpace({"size": Integer(2, 9, 5), "speed": Real(0.0, 1.0, 0.5)})
LAST = {"kind": "uniform"}


def stage(size, **until):
    return {"tasks": [{"size": size}], **({"until": until} if until else {})}


def sizes(teacher, n):
    return [p.task["size"] for p in teacher.ask(n)]


def play(teacher, value=0.0, length=1, n=1):
    """Play n tasks one after the other; return their origins."""
    proposals = []
    for _ in range(n):
        proposals += teacher.ask(1)
        tell(teacher, proposals[-1], value, length)
    return [p.origin for p in proposals]


def tell(teacher, proposal, value=0.0, length=1):
    teacher.tell(Result(id=proposal.id, learner="me", score=0.5, total_return=value, length=length))


def test_stages_by_tasks_set():
    teacher = Syllabus(SPACE, 0, stages=(stage(2, proposals=3), stage(3, proposals=1), stage(4)))
    assert sizes(teacher, 2) + sizes(teacher, 8) == [2, 2, 2, 3, 4, 4, 4, 4, 4, 4]
    assert teacher.metrics()["stage"] == 3


def test_stages_by_results():
    teacher = Syllabus(SPACE, 0, stages=(stage(2, results=2), stage(3, results=2), stage(4)))
    early = teacher.ask(5)
    assert {p.task["size"] for p in early} == {2}
    tell(teacher, early[3])
    assert sizes(teacher, 1) == [2]
    tell(teacher, early[0])
    (late,) = teacher.ask(1)
    assert late.task["size"] == 3
    for p in (early[1], early[2], early[4]):  # they belong to a stage that is over
        tell(teacher, p)
    assert sizes(teacher, 1) == [3]
    assert teacher.metrics()["results"] == 0
    assert teacher.inner["1"].state_dict()["counts"][1] == 5, "but its teacher is told"


def test_stages_by_steps():
    teacher = Syllabus(SPACE, 0, stages=(stage(2, steps=100), stage(3)))
    play(teacher, length=30, n=3)
    assert sizes(teacher, 1) == [2]
    play(teacher, length=10)
    assert sizes(teacher, 1) == [3]


def test_stages_by_what_is_reached():
    """The mean of the newest four: of these alone, and not before there are four."""
    teacher = Syllabus(SPACE, 0, stages=(stage(2, above=0.5, newest=4), stage(3, above=0.5, newest=4), LAST))
    play(teacher, 1.0, n=3)
    assert teacher.metrics()["stage"] == 1
    play(teacher, 0.0)
    assert teacher.metrics()["stage"] == 2, "0.75 on average"
    play(teacher, 1.0, n=3)
    assert teacher.metrics()["stage"] == 2, "and counted anew"
    play(teacher, -1.0)
    assert teacher.metrics()["stage"] == 2, "0.5 is not above"
    play(teacher, 1.0)
    assert teacher.metrics()["stage"] == 2, "1, 1, -1, 1"
    play(teacher, 1.0, n=3)
    assert teacher.metrics()["stage"] == 3


def test_values_are_what_the_measure_says():
    teacher = Syllabus(SPACE, 0, stages=(stage(2, above=0.4, newest=1), LAST), measure=Measure(of="score"))
    play(teacher, -100.0)
    assert teacher.metrics()["stage"] == 2


def test_all_of_one_end_or_one_of_several():
    both = Syllabus(SPACE, 0, stages=(stage(2, results=5, above=0.5, newest=2), LAST))
    play(both, 1.0, n=4)
    assert both.metrics()["stage"] == 1
    play(both, 1.0)
    assert both.metrics()["stage"] == 2
    first = {"tasks": [{"size": 2}], "until": [{"results": 5}, {"above": 0.5, "newest": 2}]}
    for value, results in ((1.0, 2), (0.0, 5)):
        either = Syllabus(SPACE, 0, stages=(first, LAST))
        play(either, value, n=results - 1)
        assert either.metrics()["stage"] == 1
        play(either, value)
        assert either.metrics()["stage"] == 2


def test_a_stage_is_a_teacher_or_a_box_or_tasks():
    stages = (
        {"kind": "edge", "window": 50, "until": {"proposals": 2}},
        {"low": {"size": 3}, "high": {"size": 4, "speed": 0.1}, "until": {"proposals": 200}},
        {"low": {"speed": 0.9}, "over": 10, "until": {"proposals": 2}},
        stage(7, proposals=2),
        LAST,
    )
    teacher = Syllabus(SPACE, 0, stages=stages)
    proposals = teacher.ask(210)
    origins = [p.origin for p in proposals]
    assert origins[:2] == ["1/uniform"] * 2
    assert {*origins[2:202]} == {"2/box"}
    assert {p.task["size"] for p in proposals[2:202]} == {3, 4}
    assert max(p.task["speed"] for p in proposals[2:202]) <= 0.1
    assert {p.task["speed"] > 0.9 for p in proposals[202:204]} == {True}
    assert [p.task["size"] for p in proposals[204:206]] == [7, 7]
    assert {*origins[206:]} == {"5/uniform"}


def test_an_annealed_box():
    teacher = Syllabus(SPACE, 0, stages=({"low": {"speed": 0.5}, "high": {"speed": 0.5}, "over": 100},))
    assert teacher.ask(1)[0].task["speed"] == 0.5
    play(teacher, n=50)
    assert teacher.sketch() == [{"low": [0.0, 0.25], "high": [1.0, 0.75], "weight": 1.0}]


def test_room_for_all_stages():
    game = SimpleNamespace(seats=lambda task: ("seat",) * task["size"], max_seats=9)
    assert Syllabus(SPACE, 0, stages=(stage(6, results=1), stage(3))).max_seats(game) == 6


@pytest.mark.parametrize(
    ("stages", "message"),
    [
        ((), "teacher 'syllabus' needs stages: a list"),
        ("uniform", "teacher 'syllabus' needs stages: a list"),
        (({"kind": "uniform"}, LAST), "stage 1: it needs until: when the next stage begins"),
        ((stage(2, results=1), stage(3, results=1)), "stage 2: the last stage stays, so it takes no until"),
        (
            ({"until": {"results": 1}}, LAST),
            "stage 1: it needs the kind of a teacher, tasks, or the low and high of a box",
        ),
        ((stage(2, result=1), LAST), r"stage 1: until has no 'result'; did you mean 'results'\?"),
        ((stage(2, results=0), LAST), "stage 1: until.results must be a whole number, at least 1, not 0"),
        ((stage(2, results=1.5), LAST), "stage 1: until.results must be a whole number, at least 1, not 1.5"),
        (
            (stage(2, above=0.5, newest=None), LAST),
            "stage 1: until.newest must be a whole number, at least 1, not None",
        ),
        ((stage(2, above="high"), LAST), "stage 1: until.above must be a number, not 'high'"),
        ((stage(2, newest=5), LAST), "stage 1: until must give proposals, results, steps or above"),
        (({"kind": "uniform", "until": 5}, LAST), "stage 1: until must be keys and values, or a list of those, not 5"),
        ((stage(2, results=1), {"kind": "edge", "window": 0}), "'syllabus', stage 2: teacher 'edge': window must be"),
        (
            (stage(1, results=1), LAST),
            "'syllabus', stage 1: task parameter 'size' must be an integer from 2 to 9, not 1",
        ),
    ],
)
def test_wrong_stages(stages, message):
    with pytest.raises(InputError, match=message):
        Syllabus(SPACE, 0, stages=stages)
