import json

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.paired import Paired, regret

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})
PAIR = {"protagonist": "pro", "antagonist": "ant"}
UNIT = Measure(low=0.0, high=1.0)


def result(p, gained, learner, **of):
    return Result(**({"id": p.id, "learner": learner, "score": 0.5, "total_return": gained, "length": 1} | of))


def play(teacher, n, returns, learners=("pro", "ant")):
    """Let the learners take turns; each has a return that hangs on the task."""
    played = []
    for k in range(n):
        learner = learners[k % len(learners)]
        (p,) = teacher.ask(1, learner)
        teacher.tell(result(p, returns[learner](p.task), learner))
        played.append(p)
    return played


def bump(task, x, y):
    return float(np.exp(-((task["x"] - x) ** 2 + (task["y"] - y) ** 2) / 0.1))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("paired", 0.9 - 0.3), ("flexible", 0.9 - 0.3), ("minimax", -0.4)],
)
def test_regret(kind, expected):
    assert regret(kind, [0.2, 0.4], [0.9, 0.1]) == pytest.approx(expected)


def test_regret_where_the_protagonist_is_better():
    assert regret("paired", [0.9, 0.7], [0.1, 0.3]) == 0.0
    assert regret("flexible", [0.9, 0.7], [0.1, 0.3]) == pytest.approx(0.9 - 0.2)


def test_the_adversary_finds_the_task_of_the_largest_regret():
    """The antagonist can do what is around (0.75, 0.25); nobody can do what is below x = 0.3; both do all else."""
    returns = {
        "ant": lambda t: 0.0 if t["x"] < 0.3 else 1.0,
        "pro": lambda t: 0.0 if t["x"] < 0.3 else 1.0 - bump(t, 0.75, 0.25),
    }
    teacher = Paired(SPACE, 0, **PAIR, measure=UNIT, batch=32, plays=1, random=0.0)
    early, late = play(teacher, 2000, returns)[:300], play(teacher, 2000, returns)[-300:]
    gap = [np.mean([returns["ant"](p.task) - returns["pro"](p.task) for p in some]) for some in (early, late)]
    assert gap[0] < 0.4
    assert gap[1] > 0.85
    assert teacher.metrics()["regret"] > 0.85


def test_minimax_finds_what_nobody_can_do():
    teacher = Paired(SPACE, 0, protagonist="pro", regret="minimax", measure=UNIT, batch=32, plays=1)
    played = play(teacher, 2500, {"pro": lambda t: 0.0 if t["x"] < 0.3 else 1.0}, ("pro",))
    assert np.mean([p.task["x"] < 0.3 for p in played[-200:]]) > 0.8


def test_both_play_the_same_tasks_as_often():
    teacher = Paired(SPACE, 0, **PAIR, plays=3, random=0.0, batch=8)
    played = {"pro": [], "ant": []}
    for k in range(240):
        learner = ("pro", "ant")[k % 2]
        (p,) = teacher.ask(1, learner)
        assert p.train_allowed
        assert p.origin == "adversary"
        played[learner].append(p.task)
        teacher.tell(result(p, 0.5, learner))
    assert played["pro"] == played["ant"]
    assert all(played["pro"].count(task) == 3 for task in played["pro"])
    assert teacher.metrics()["updates"] == 5.0


def test_results_in_any_order_count_the_same():
    teacher, rng = Paired(SPACE, 0, **PAIR, batch=8, plays=2, random=0.0), np.random.default_rng(0)
    asked = [(learner, p) for learner in ("pro", "ant") for p in teacher.ask(16, learner)]
    for k in rng.permutation(len(asked)):
        learner, p = asked[k]
        teacher.tell(result(p, 0.5, "somebody else in the match"))
        teacher.tell(result(p, float(learner == "ant"), learner))
    assert teacher.metrics()["updates"] == 1.0
    assert teacher.metrics()["regret"] == 1.0


def test_regret_does_not_hang_on_the_units_of_returns():
    taught = []
    for scale in (1.0, 1e6):
        teacher = Paired(SPACE, 0, **PAIR, batch=16, plays=1)
        returns = {"ant": lambda t, s=scale: s * t["x"], "pro": lambda t, s=scale: -s * t["y"]}
        taught.append([p.task for p in play(teacher, 400, returns)])
    assert taught[0] == taught[1]


def test_one_that_is_ahead_plays_open_tasks_again():
    teacher = Paired(SPACE, 0, **PAIR, batch=8, plays=1, random=0.0)
    played = play(teacher, 200, {"pro": lambda t: 0.5}, ("pro",))
    assert [p.origin for p in played] == ["adversary"] * 32 + ["again"] * 168
    assert {p.task for p in played[32:]} <= {p.task for p in played[:32]}
    caught = play(teacher, 32, {"ant": lambda t: 0.5}, ("ant",))
    assert [p.task for p in caught] == [p.task for p in played[:32]]
    assert teacher.metrics()["updates"] == 4.0


def test_lost_results_are_given_up():
    teacher = Paired(SPACE, 0, **PAIR, batch=8, plays=1, random=0.0, patience=100)
    teacher.ask(32, "pro")
    teacher.ask(32, "ant")
    assert {p.origin for p in teacher.ask(60, "pro")} == {"again"}
    play(teacher, 400, {"pro": lambda t: 0.0, "ant": lambda t: 1.0})
    assert teacher.metrics()["lost"] >= 32.0
    assert teacher.metrics()["updates"] > 10.0
    teacher.ask(5000, "pro")
    assert teacher.metrics()["open"] <= 32.0


def test_any_other_learner_plays_along():
    teacher = Paired(SPACE, 0, **PAIR, random=0.0)
    first = play(teacher, 20, {"": lambda t: 0.0, "third": lambda t: 0.0}, ("", "third"))
    assert {p.origin for p in first} == {"again"}
    assert teacher.metrics()["updates"] == 0.0


def test_it_goes_on_from_its_state():
    returns = {"ant": lambda t: t["x"], "pro": lambda t: t["y"]}
    teacher = Paired(SPACE, 3, **PAIR, batch=8)
    play(teacher, 333, returns)
    again = Paired(SPACE, 9, **PAIR, batch=8)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        play(one, 101, returns)
    for learner in ("pro", "ant", "third"):
        assert again.ask(50, learner) == teacher.ask(50, learner)
    assert again.state_dict() == teacher.state_dict()


def test_a_sketch_shows_what_the_adversary_would_propose():
    teacher = Paired(SPACE, 0, **PAIR)
    before = teacher.state_dict()
    shapes = teacher.sketch()
    assert json.loads(json.dumps(shapes)) == shapes
    assert sum(s["weight"] for s in shapes) == pytest.approx(0.9)
    assert teacher.state_dict() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"protagonist": ""}, "needs protagonist"),
        ({"antagonist": ""}, "regret 'paired' needs antagonist"),
        ({"regret": "minimax"}, "regret 'minimax' has no antagonist"),
        ({"antagonist": "pro"}, "must be two learners, not 'pro' twice"),
        ({"regret": "luck"}, "regret must be paired, flexible or minimax, not 'luck'"),
        ({"batch": 1}, "batch must be at least 2"),
        ({"random": 2.0}, "random must be from 0 to 1"),
        ({"rate": 0.0}, "rate must be above 0"),
        ({"entropy": -1.0}, "entropy must be at least 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Paired(SPACE, 0, **(PAIR | options))
