import json
import random

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Result
from league.teachers.xland import Xland

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})


def result(p, success=0.0, **of):
    who = "the control" if p.player else "me"
    values = {"id": p.id, "learner": who, "score": 0.5, "total_return": success, "length": 1, "success": success}
    return Result(**(values | of))


def play(teacher, n, own, control, learner="me", seed=0):
    """Let both players succeed with probabilities that hang on the task."""
    luck, played = random.Random(seed), []
    for _ in range(n):
        (p,) = teacher.ask(1, learner)
        success = float(luck.random() < (control if p.player else own)(p.task))
        teacher.tell(result(p, success) if p.player else result(p, success, learner=learner))
        played.append((p, success))
    return played


def test_accepted_is_exactly_what_fulfils_the_conditions():
    teacher = Xland(SPACE, 0, keep=1000, episodes=4)
    tried = {}
    for p, success in play(teacher, 6000, lambda t: t["x"], lambda t: 0.6 * t["y"]):
        if p.origin in ("candidate", "control"):
            tried.setdefault(p.task, ([], []))[p.player != ""].append(success)
    accepted = {teacher.space.from_unit(point) for point in teacher._pupils["me"].buffer}
    decided = {task for task, (own, _) in tried.items() if len(own) == 4}
    expected = set()
    for task in decided:
        own, control = tried[task]
        if not 0 < sum(own) < 4:
            assert not control, "what the learner's own matches speak against costs no more"
            continue
        if len(control) < 4:
            continue  # not decided yet
        wins = sum(a > c for a in own for c in control) / 16
        if np.mean(control) <= 0.4 and wins > 0.1:
            expected.add(task)
    assert accepted == expected
    assert len(expected) > 100
    assert len(decided) > 2 * len(expected)


@pytest.mark.parametrize(
    ("own", "control", "accepted"),
    [
        ([1.0, 0.0], [0.0, 0.0], True),
        ([1.0, 1.0], [0.0, 0.0], False),  # always solved
        ([0.4, 0.5], [0.0, 0.0], False),  # never solved
        ([1.0, 0.0], [1.0, 0.0], False),  # the control player solves half of its matches
        ([0.55, 0.4], [0.5, 0.4], False),  # better by 0.15 in one pair of four, which is not above a quarter
        ([0.55, 0.45], [0.3, 0.4], True),  # better by more than 0.1 in two of four
        ([0.55, 0.45], [0.46, 0.4], False),  # only once
        ([1.0], None, None),  # not enough yet
        ([1.0, 0.0], [0.0], None),
    ],
)
def test_the_conditions(own, control, accepted):
    teacher = Xland(SPACE, 0, episodes=2, margin=0.1, better=0.25)
    assert teacher._verdict(own, control or []) is accepted


def test_what_is_learned_from_lies_where_the_conditions_hold():
    """The learner always wins below x = 0.3, never above 0.7; the control player wins where y is above 0.5."""

    def own(task):
        return float(task["x"] < 0.3) + 0.5 * (0.3 <= task["x"] <= 0.7)

    teacher = Xland(SPACE, 0, candidates=0.8)
    play(teacher, 1500, own, lambda t: float(t["y"] > 0.5))
    learned = [p.task for p in teacher.ask(500, "me") if p.train_allowed]
    assert len(learned) > 50
    assert all(0.3 <= t["x"] <= 0.7 and t["y"] <= 0.5 for t in learned)
    assert teacher.metrics()["accepted"] == pytest.approx(0.4 * 0.5, abs=0.08)


def test_who_plays_and_what_is_learned_from():
    teacher = Xland(SPACE, 0, control="scripted:idle")
    assert teacher.players == ("scripted:idle",)
    played = [p for p, _ in play(teacher, 600, lambda t: 0.5, lambda t: 0.0)]
    assert {(p.origin, p.player, p.train_allowed) for p in played} == {
        ("candidate", "", False),
        ("control", "scripted:idle", False),
        ("uniform", "", True),
        ("accepted", "", True),
    }
    first = [p.origin for p in played].index("accepted")
    assert "uniform" not in [p.origin for p in played[first:]]


def test_without_a_control_player_the_learner_decides_alone():
    teacher = Xland(SPACE, 0, control="")
    assert teacher.players == ()
    played = play(teacher, 400, lambda t: 0.5 * (t["x"] < 0.5), None)
    assert {p.origin for p, _ in played} == {"candidate", "uniform", "accepted"}
    assert all(point[0] < 0.5 for point in teacher._pupils["me"].buffer)


def test_candidates_and_buffer_are_bounded():
    teacher = Xland(SPACE, 0, keep=7, opened=5, patience=50)
    teacher.ask(1000, "me")
    assert len(teacher._pupils["me"].candidates) == 5
    play(teacher, 2000, lambda t: 0.5, lambda t: 0.0)
    assert len(teacher._pupils["me"].buffer) == 7


def test_lost_results_do_not_hold_it_up():
    teacher, luck = Xland(SPACE, 0, opened=2, patience=20), random.Random(0)
    for k in range(2000):
        (p,) = teacher.ask(1, "me")
        if k % 11:
            teacher.tell(result(p, float(not p.player and luck.random() < 0.5)))
    assert teacher.metrics()["levels"] > 5
    waiting = Xland(SPACE, 0, opened=2, patience=10**6)
    assert sum(p.origin == "candidate" for p in waiting.ask(300, "me")) == 10


def test_each_learner_has_its_own():
    teacher = Xland(SPACE, 0)
    play(teacher, 600, lambda t: 0.5 * (t["x"] < 0.5), lambda t: 0.0, learner="a")
    play(teacher, 600, lambda t: 0.5 * (t["x"] >= 0.5), lambda t: 0.0, learner="b")
    drawn = {n: [p.task["x"] for p in teacher.ask(60, n) if p.origin == "accepted"] for n in "ab"}
    assert max(drawn["a"]) < 0.5 <= min(drawn["b"])
    other = Xland(SPACE, 0, control="")
    play(other, 300, lambda t: 0.5, None, learner="a")
    levels = len(other._pupils["a"].buffer)
    for k in range(300):
        (p,) = other.ask(1, "a")
        other.tell(result(p, float(k % 3 == 0), learner="b"))
    assert len(other._pupils["a"].buffer) == levels, "results of others say nothing"
    teacher.forget("a")
    assert {p.origin for p in teacher.ask(60, "a")} == {"candidate", "uniform"}


def test_it_goes_on_from_its_state():
    teacher = Xland(SPACE, 3)
    play(teacher, 333, lambda t: t["x"], lambda t: 0.2)
    again = Xland(SPACE, 9)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        play(one, 61, lambda t: t["x"], lambda t: 0.2)
    assert again.ask(100, "me") == teacher.ask(100, "me")
    assert again.state_dict() == teacher.state_dict()


def test_a_sketch_shows_the_buffer():
    teacher = Xland(SPACE, 0)
    assert teacher.sketch() == []
    play(teacher, 300, lambda t: 0.5, lambda t: 0.0)
    shapes = teacher.sketch()
    assert json.loads(json.dumps(shapes)) == shapes
    assert sum(s["weight"] for s in shapes) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"episodes": 0}, "episodes must be at least 1"),
        ({"margin": 1.5}, "margin must be from 0 to 1"),
        ({"least": 0.5, "most": 0.5}, "least must be below most"),
        ({"candidates": -1}, "candidates must be from 0 to 1"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Xland(SPACE, 0, **options)
