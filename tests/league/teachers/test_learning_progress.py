import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from games import Categorical, InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.learning_progress import LearningProgress, reweighted, slope

SPACE = TaskSpace({"size": Integer(2, 6, 5), "map": Categorical(("a", "b", "c", "d"), "a")})
UNIT = Measure(low=0.0, high=1.0)


def teach(teacher, value, times, learner="me", **of):
    """Let a teacher teach; `value` says what a task gives at a time. Return how often each task was drawn by progress."""
    seen: Counter = Counter()
    for t in range(times):
        (p,) = teacher.ask(1, learner)
        seen[p.task] += p.origin == "progress"
        teacher.tell(Result(id=p.id, learner=learner, score=0.5, total_return=value(p.task, t), length=1, **of))
    return seen


def share(seen, chosen):
    return sum(n for task, n in seen.items() if chosen(task)) / seen.total()


def test_all_combinations_of_integers_and_choices():
    teacher = LearningProgress(SPACE, 0)
    assert len({*teacher.tasks}) == 20
    assert {p.task for p in teacher.ask(400)} == {*teacher.tasks}
    one = TaskSpace({"x": Real(2.0, 2.0, 2.0)})
    assert LearningProgress(one, 0).tasks == (one.task(),)
    assert LearningProgress(TaskSpace(), 0).tasks == (TaskSpace().task(),)


def test_a_list_of_tasks():
    space = TaskSpace({**SPACE, "speed": Real(0.0, 1.0, 0.5)})
    tasks = [{"size": 3, "speed": 0.1}, {"size": 4, "speed": 0.7}, {"size": 3, "speed": 0.1}]
    teacher = LearningProgress(space, 0, tasks=tasks)
    assert {p.task for p in teacher.ask(50)} == {space.task(tasks[0]), space.task(tasks[1])}, "exactly these"
    assert len(teacher.tasks) == 2
    assert teacher.max_seats(SimpleNamespace(seats=lambda task: ("seat",) * task["size"], max_seats=9)) == 4


@pytest.mark.parametrize("rule", ["bidirectional", "slope"])
def test_what_changes_is_drawn_for_better_and_for_worse(rule):
    """One task is being learned, one is being forgotten, the others are mastered or out of reach."""
    value = {"a": lambda t: t / 4000, "b": lambda t: 1.0 - t / 4000, "c": lambda t: 1.0, "d": lambda t: 0.0}
    space = TaskSpace({"map": SPACE["map"]})
    teacher = LearningProgress(space, 0, measure=UNIT, rule=rule)
    teach(teacher, lambda task, t: value[task["map"]](t), 500)
    seen = teach(teacher, lambda task, t: value[task["map"]](t + 500), 1500)
    assert share(seen, lambda task: task["map"] in "ab") > {"bidirectional": 0.65, "slope": 0.95}[rule]
    assert all(seen[space.task({"map": name})] > 100 for name in "ab")


def test_the_averages_by_the_slow_way():
    """Weighted means of what came: the weights of both averages, for one task."""
    space = TaskSpace({"map": Categorical(("a",), "a")})
    teacher, rng, memory = LearningProgress(space, 0, measure=UNIT, memory=10), np.random.default_rng(0), 10
    came = []
    for _ in range(50):
        came.append(rng.random())
        teach(teacher, lambda task, t: came[-1], 1)
        n, keep = len(came), 1 - 1 / memory
        fast = np.array([keep**age for age in range(n)][::-1])
        slow = np.array([(age + 1) * keep**age for age in range(n)][::-1])  # a geometric series folded with itself
        expected = [reweighted(float(w @ came / w.sum())) for w in (fast, slow)]
        assert teacher.metrics()["progress/greatest"] == pytest.approx(abs(expected[0] - expected[1]))


def test_a_first_success_is_no_progress():
    teacher = LearningProgress(SPACE, 0, measure=UNIT)
    teach(teacher, lambda task, t: 1.0, 200)
    assert teacher.metrics()["progress/greatest"] == pytest.approx(0.0, abs=1e-12)


def test_the_reweighting():
    """Kanitscheider et al. (2021), figure of the appendix: one half at 0.1."""
    assert reweighted(np.array([0.0, 0.1, 1.0])) == pytest.approx([0.0, 0.5, 1.0])
    p = np.linspace(0.0, 1.0, 50)
    assert (np.diff(reweighted(p)) > 0.0).all()
    assert reweighted(p) == pytest.approx(0.9 * p / (0.9 * p + 0.1 * (1.0 - p)))


def test_the_slope():
    rng = np.random.default_rng(0)
    for _ in range(20):
        x, y = np.sort(rng.random(8)) * 50, rng.random(8)
        assert slope(x, y) == pytest.approx(np.polyfit(x, y, 1)[0])
    assert slope(np.array([3.0]), np.array([1.0])) == 0.0


def test_the_slope_is_that_of_the_last_successes():
    space = TaskSpace({"map": Categorical(("a", "b"), "a")})
    teacher = LearningProgress(space, 0, measure=UNIT, rule="slope", memory=5, random=1.0)
    came: dict[str, list[tuple[int, float]]] = {"a": [], "b": []}
    rng = np.random.default_rng(1)
    for t in range(200):
        (p,) = teacher.ask(1)
        came[p.task["map"]].append((t, rng.random()))
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=came[p.task["map"]][-1][1], length=1))
        slopes = [np.polyfit(*zip(*c[-5:], strict=True), 1)[0] for c in came.values() if len(c) > 1]
        if slopes:
            assert teacher.metrics()["progress/greatest"] == pytest.approx(max(map(abs, slopes)))


def test_shares_saturate_as_published():
    teacher = LearningProgress(SPACE, 0, measure=UNIT)
    teach(teacher, lambda task, t: np.random.default_rng(t).random(), 600)
    (known,) = teacher._known.values()
    z = (known.progress - known.progress.mean()) / known.progress.std()
    weights = 1 / (1 + np.exp(1.2816 - z))
    assert teacher._shares("me") == pytest.approx(weights / weights.sum(), rel=1e-3)


def test_success_comes_before_return():
    """The return moves everywhere, success on one map only."""
    teacher = LearningProgress(SPACE, 0, random=0.0)
    rng = np.random.default_rng(0)
    seen: Counter = Counter()
    for t in range(800):
        (p,) = teacher.ask(1)
        seen[p.task["map"]] += t > 300
        success = float(rng.random() < 0.5) if p.task["map"] == "c" else 1.0
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=float(t), length=1, success=success))
    assert seen["c"] / seen.total() > 0.4


def test_each_learner_has_its_own_progress():
    teacher = LearningProgress(SPACE, 0, measure=UNIT, rule="slope")
    seen = {}
    for _ in range(2):  # what is drawn in the second turn counts
        for learner, moving in (("x", "a"), ("y", "d")):
            seen[learner] = teach(teacher, lambda task, t, m=moving: t / 600 if task["map"] == m else 0.5, 600, learner)
    assert share(seen["x"], lambda task: task["map"] == "a") > 0.8
    assert share(seen["y"], lambda task: task["map"] == "d") > 0.8


def test_opponents_are_told_apart():
    """Against each class all stays as it is; mixed up, every task would seem to move."""
    teacher = LearningProgress(SPACE, 0, measure=UNIT)
    for k in range(600):
        against = ("weak", "strong")[k % 7 % 2]
        teach(teacher, lambda task, t, a=against: float(a == "weak"), 1, opponents=against)
    assert teacher.metrics()["progress/greatest"] == pytest.approx(0.0, abs=1e-9)


def test_what_counts_is_the_class_that_was_met_lately():
    """One map moves against each class; the first class is met no more."""
    teacher = LearningProgress(SPACE, 0, measure=UNIT, rule="slope", random=1.0)

    def moves(name):
        return lambda task, t: t / 3000 if task["map"] == name else 0.5

    teach(teacher, moves("a"), 600, opponents="past")
    share_of_a = []
    for times in (300, 3000):
        teach(teacher, moves("b"), times, opponents="self")
        shares = teacher._shares("me")
        share_of_a.append(sum(s for s, task in zip(shares, teacher.tasks, strict=True) if task["map"] == "a"))
    average = sum(0.999**k for k in range(600)) * 0.999**300, sum(0.999**k for k in range(300))
    assert share_of_a[0] == pytest.approx(average[0] / sum(average), abs=0.01)
    assert share_of_a[1] < 0.06


def test_who_was_forgotten_begins_anew_and_many_learners_are_bounded():
    teacher = LearningProgress(SPACE, 0, measure=UNIT)
    for k in range(40):
        teach(teacher, lambda task, t: float(t), 2, f"learner {k}")
    assert len(teacher._known) == 16
    teacher.forget("learner 39")
    assert ("learner 39", "") not in teacher._known
    assert len(teacher._known) == 15


@pytest.mark.parametrize("rule", ["bidirectional", "slope"])
def test_state(rule):
    teacher, rng = LearningProgress(SPACE, 0, rule=rule), np.random.default_rng(0)
    for k in range(200):
        teach(teacher, lambda task, t: rng.random() * 50, 1, f"learner {k % 3}", opponents=("self", "past")[k % 2])
    waiting = teacher.ask(20)
    again = LearningProgress(SPACE, 1, rule=rule)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for k in range(100):
        first, second = teacher.ask(1, f"learner {k % 4}"), again.ask(1, f"learner {k % 4}")
        assert first == second
        told = Result(id=waiting[k % 20].id, learner=f"l {k % 3}", score=0.0, total_return=float(k), length=1)
        teacher.tell(told)
        again.tell(told)
    assert again.state_dict() == teacher.state_dict()
    assert again.sketch() == teacher.sketch()


def test_what_cannot_be_learned_from():
    teacher = LearningProgress(SPACE, 0)
    one, two = teacher.ask(2)
    for _ in range(2):
        teacher.tell(Result(id=one.id, learner="me", score=0.5, total_return=3.0, length=1))
    for id, value in ((999, 1.0), (two.id, float("nan")), (two.id, float("-inf"))):
        teacher.tell(Result(id=id, learner="me", score=0.5, total_return=value, length=1))
    figures = teacher.metrics()
    assert (figures["told"], figures["ignored"], figures["refused"]) == (1, 2, 2)
    proposals = teacher.ask(1000)
    for p in reversed(proposals):
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=3.0, length=1))
    assert len({p.task for p in teacher.ask(1000)}) == 20, "nothing moves, so all are drawn"


def test_the_sketch_is_of_the_tasks_that_are_drawn_most():
    teacher = LearningProgress(SPACE, 0, measure=UNIT, rule="slope")
    teach(teacher, lambda task, t: t / 600 if task == SPACE.task({"size": 3, "map": "b"}) else 0.5, 600)
    shapes = teacher.sketch()
    assert SPACE.from_unit(shapes[0]["point"]) == SPACE.task({"size": 3, "map": "b"})
    assert sum(s["weight"] for s in shapes) == pytest.approx(1.0)
    assert shapes[0]["weight"] == pytest.approx(0.8 + 0.2 / 20, abs=0.01)


@pytest.mark.parametrize(
    ("space", "options", "message"),
    [
        (SPACE, {"rule": "window"}, "rule must be bidirectional or slope, not 'window'"),
        (SPACE, {"memory": 1}, "memory must be at least 2, not 1"),
        (SPACE, {"random": 1.5}, "random must be from 0 to 1, not 1.5"),
        (SPACE, {"tasks": []}, r"needs tasks: a list of parameter values, not \[\]"),
        (SPACE, {"tasks": {"size": 3}}, "needs tasks: a list of parameter values, not"),
        (SPACE, {"tasks": [{"sizes": 3}]}, r"unknown task parameter 'sizes'; did you mean 'size'\?"),
        (SPACE, {"tasks": [{}] * 1001}, "tasks has 1001 of them, more than 1000"),
        (TaskSpace({"x": Real(0.0, 1.0, 0.5)}), {}, "parameter 'x' has endless values; list the tasks under tasks"),
        (TaskSpace({"n": Integer(1, 5000, 1)}), {}, "the space has 5000 tasks, more than 1000; list some under tasks"),
    ],
)
def test_wrong_options(space, options, message):
    with pytest.raises(InputError, match=message):
        LearningProgress(space, 0, **options)
