import numpy as np
import pytest

from games import InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result
from league.teachers.bandit import Bandit, _Nearest, _Ranks
from league.teachers.toy_world import ToyWorld, trial

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "n": Integer(0, 9, 0)})
LOW = {"kind": "box", "high": {"x": 0.4}}
HIGH = {"kind": "box", "low": {"x": 0.6}}


def teach(teacher, gained, times, learner="me", **of):
    """Let a teacher teach; `gained` says what a task gives at a time."""
    names = []
    for t in range(times):
        (p,) = teacher.ask(1, learner)
        teacher.tell(Result(id=p.id, learner=learner, score=0.5, total_return=gained(p.task["x"], t), length=1, **of))
        names.append(p.origin.split("/")[0])
    return names


def share(names, name):
    return sum(n == name for n in names) / len(names)


def gains(side, rng):
    """Noise on one side of the tasks, which looks like progress, and a constant on the other."""
    return lambda x, t: rng.random() if (x > 0.5) == (side == "high") else 0.5


@pytest.mark.parametrize("rule", ["exp3s", "exp3.1", "thompson", "ucb"])
def test_the_teacher_whose_tasks_move_is_chosen_and_another_after_a_switch(rule):
    rng = np.random.default_rng(0)
    teacher = Bandit(SPACE, 0, teachers={"low": LOW, "high": HIGH}, rule={"kind": rule})
    assert share(teach(teacher, gains("high", rng), 1500)[-500:], "high") > 0.7
    if rule != "exp3.1":  # which begins anew at each epoch, and competes with the best arm of all time
        assert teacher.shares()["high"] > 0.6
        assert share(teach(teacher, gains("low", rng), 2500)[-500:], "low") > 0.7


def test_change_is_signed():
    """The return rises on the tasks of one teacher and falls on those of the other."""
    teacher = Bandit(SPACE, 0, teachers={"low": LOW, "high": HIGH}, signal="change")
    names = teach(teacher, lambda x, t: t / 100 if x > 0.5 else -t / 100, 1200)
    assert share(names[-300:], "high") > 0.8
    both = Bandit(SPACE, 0, teachers={"low": LOW, "high": HIGH})
    assert 0.2 < share(teach(both, lambda x, t: t / 100 if x > 0.5 else -t / 100, 1200)[-300:], "high") < 0.8


def test_learners_and_opponents_are_never_compared():
    """Whoever plays has a constant return, so nobody learns; mixed up, one side of the tasks would seem to move."""
    for signal in ("progress", "change"):
        teacher = Bandit(SPACE, 0, teachers={"low": LOW, "high": HIGH}, signal=signal)
        for k in range(200):
            who, against = ("a", "b")[k % 2], ("past", "self")[k // 2 % 2]
            constant = {"a": 0.0, "b": 1.0}[who] + {"past": 0.0, "self": 5.0}[against]
            teach(teacher, lambda x, t, constant=constant: constant, 1, who, opponents=against)
        assert set(teacher._ranks.signals) == {0.0}


def test_a_change_is_one_on_the_tasks_of_the_same_teacher():
    teacher = Bandit(SPACE, 0, teachers={"low": LOW, "high": HIGH}, signal="change")
    teach(teacher, lambda x, t: float(x > 0.5), 200)
    assert set(teacher._ranks.signals) == {0.0}


def test_rewards_are_the_place_of_a_signal_among_the_newest():
    ranks, rng = _Ranks(), np.random.default_rng(0)
    seen: list[float] = []
    for k in range(1200):
        signal = float(rng.normal()) * (10.0 if k < 600 else 1.0)
        reward = ranks.reward(signal)
        if k > 1:
            low, high = np.quantile(seen[-500:], (0.2, 0.8))
            assert reward == pytest.approx(np.clip((signal - low) / (high - low), 0.0, 1.0))
        seen.append(signal)
    assert list(ranks.signals) == seen[-500:]


def test_rewards_where_most_signals_are_equal():
    ranks = _Ranks()
    assert [ranks.reward(s) for s in (0.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0, 0.0)] == [0.5] * 5 + [1.0, 0.0, 0.5]


def test_the_nearest_by_the_slow_way():
    near, rng = _Nearest(3), np.random.default_rng(0)
    rows: list[tuple] = []
    for _ in range(800):
        point, value, who, against = rng.random(3), rng.random(), rng.choice(["a", "b"]), rng.choice(["", "past"])
        mine = [r for r in rows[-500:] if r[2:] == (who, against)]
        expected = min(mine, key=lambda r: ((r[0] - point) ** 2).sum())[1] if mine else None
        assert near.find(point, who, against) == expected
        near.add(point, value, who, against)
        rows.append((point, value, who, against))
    near.forget("a")
    assert near.find(point, "a", "") is None
    assert near.find(point, "b", "") is not None


def test_who_was_forgotten_is_not_compared_with_the_past():
    for signal in ("progress", "change"):
        teacher = Bandit(SPACE, 0, teachers={"low": LOW}, signal=signal)
        teach(teacher, lambda x, t: 0.0, 10)
        teacher.forget("me")
        teach(teacher, lambda x, t: 1.0, 10)
        assert set(teacher._ranks.signals) == {0.0}
        assert len(teacher._ranks.signals) == 9 + 9


def test_what_is_remembered_of_many_learners_is_bounded():
    teacher = Bandit(SPACE, 0, teachers={"low": LOW, "high": HIGH}, signal="change")
    for k in range(400):
        teach(teacher, lambda x, t: 0.5, 2, f"learner {k}")
    assert len(teacher._last) <= 256


def test_it_keeps_up_with_the_better_teacher_of_the_toy_world():
    """One of the two can teach nothing: its box is locked for good."""
    world = ToyWorld(side=5)
    parts = {"edge": {"kind": "edge"}, "locked": {"kind": "box", "low": {"x0": 0.9, "x1": 0.9}}}
    both = Bandit(world.space, 0, teachers=parts, measure=Measure(low=0.0, high=1.0))
    assert trial(both, world, episodes=5000)[-1] > 60.0
    assert both.metrics()["edge/asked"] > 3 * both.metrics()["locked/asked"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"signal": "gain"}, "signal must be progress or change, not 'gain'"),
        ({"rule": {"kind": "exp3"}}, r"teacher 'bandit': unknown rule 'exp3'; did you mean 'exp3s'\?"),
        ({"rule": {"memory": 3}}, "rule must be its kind, with its options beside it, not"),
        ({"rule": {"kind": "ucb", "memory": 1}}, "teacher 'bandit': rule 'ucb': memory must be"),
        ({"teachers": {"low": {"kind": "bx"}}}, "teacher 'bandit', low: unknown teacher 'bx'"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Bandit(SPACE, 0, **({"teachers": {"low": LOW}} | options))
