import json
import math

import numpy as np
import pytest

from games import Categorical, InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result, ValueStatistics
from league.teachers.plr import Plr, _slope

SPACE = TaskSpace({"x": Real(0.0, 1.0, 0.5), "y": Real(0.0, 1.0, 0.5)})
SMALL = {"buffer": 40, "fill": 0.5}


def values(**of):
    return ValueStatistics(
        **({"decisions": 3, "value": 0.0, "advantage": 0, "absolute": 0, "positive": 0, "td": 0} | of)
    )


def result(p, gained=0.0, **of):
    return Result(**({"id": p.id, "learner": "me", "score": 0.5, "total_return": gained, "length": 1} | of))


def teach(teacher, n, loss=lambda task: task["x"], **of):
    for _ in range(n):
        (p,) = teacher.ask(1)
        teacher.tell(result(p, values=values(positive=loss(p.task)), **of))


def test_levels_with_more_to_learn_are_replayed():
    teacher = Plr(SPACE, 0, **SMALL, temperature=0.3, staleness=0.1)
    teach(teacher, 1000)
    replayed = [p.task["x"] for p in teacher.ask(400) if p.origin == "replay"]
    assert 150 < len(replayed) < 250
    assert np.mean(replayed) > 0.9


def test_nothing_is_replayed_before_the_buffer_is_filled():
    teacher = Plr(SPACE, 0, **SMALL, replay=1.0)
    teach(teacher, 19)
    assert {p.origin for p in teacher.ask(30)} == {"new"}
    teach(teacher, 1)
    assert {p.origin for p in teacher.ask(30)} == {"replay"}


def test_replay_may_be_proportionate():
    shares = []
    for decision in ("fixed", "proportionate"):
        teacher = Plr(SPACE, 0, buffer=40, fill=0.0, replay=0.9, decision=decision)
        for p in teacher.ask(8):
            teacher.tell(result(p, values=values(positive=1.0)))
        shares.append(np.mean([p.origin == "replay" for p in teacher.ask(1000)]))
    assert shares[0] == pytest.approx(0.9, abs=0.05)
    assert shares[1] == pytest.approx(8 / 40, abs=0.05)


def test_only_a_robust_one_forbids_to_learn_from_new_levels():
    for robust in (False, True):
        teacher = Plr(SPACE, 0, **SMALL, robust=robust)
        teach(teacher, 200)
        allowed = {(p.origin, p.train_allowed) for p in teacher.ask(200)}
        assert allowed == {("replay", True), ("new", not robust)}


def test_a_replayed_level_is_the_same_task():
    teacher = Plr(
        TaskSpace({"x": Real(-3.0, 9.0, 0.5), "n": Integer(1, 7, 2), "c": Categorical(("a", "b"), "a")}), 0, **SMALL
    )
    seen = set()
    for _ in range(300):
        (p,) = teacher.ask(1)
        assert p.origin == "new" or p.task.hash in seen
        seen.add(p.task.hash)
        teacher.tell(result(p, values=values(positive=0.5)))


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        ("positive_value_loss", 4.0),
        ("value_l1", 3.0),
        ("signed_value_loss", -2.0),
        ("one_step_td_error", 5.0),
        ("max_mc", 10.0 - 1.5),
        ("tscl_window", 0.0),
        ("success", 0.25),
        ("random", 0.0),
    ],
)
def test_scores(score, expected):
    teacher = Plr(SPACE, 0, score=score)
    (p,) = teacher.ask(1)
    told = values(value=1.5, advantage=-2.0, absolute=3.0, positive=4.0, td=5.0)
    teacher.tell(result(p, 10.0, values=told, success=0.25))
    assert teacher.buffer.scores.tolist() == [expected]
    assert teacher.needs_values == (score not in ("tscl_window", "success", "random"))


def one_level(**options):
    return Plr(TaskSpace({"c": Categorical(("only",), "only")}), 0, **options)


def told(teacher, *rows):
    for gained, of in rows:
        (p,) = teacher.ask(1)
        teacher.tell(result(p, gained, **of))
    return teacher.buffer.scores[0]


def test_max_mc_remembers_the_best_return_of_the_level_by_class_of_opponents():
    teacher = one_level(score="max_mc")
    assert told(teacher, (7.0, {"values": values(value=2.0)}), (1.0, {"values": values(value=3.0)})) == 4.0
    weak = (90.0, {"values": values(value=80.0), "opponents": "weak"})
    assert told(teacher, weak) == pytest.approx((4.0 + 10.0) / 2), "the best against the weak is nobody else's"


@pytest.mark.parametrize(
    "missing", [None, values(positive=math.nan, absolute=math.inf, advantage=-math.inf, value=math.nan)]
)
@pytest.mark.parametrize(
    ("score", "expected"),
    [("positive_value_loss", 0.0), ("value_l1", 3.0), ("signed_value_loss", -3.0), ("max_mc", 2.0)],
)
def test_without_value_estimates_the_returns_before_stand_for_them(score, expected, missing):
    """Returns 4, 6 and then 2: the baseline is 5. Of max_mc 4, 8 and 2: the best 8, the baseline 6."""
    teacher = one_level(score=score)
    rows = (4.0, 8.0, 2.0) if score == "max_mc" else (4.0, 6.0, 2.0)
    assert told(teacher, *((gained, {"values": missing}) for gained in rows)) == expected


def test_the_slope_of_returns():
    teacher = one_level(score="tscl_window", window=4)
    rows = [9.0, 1.0, 2.0, 5.0, 3.0]
    slope = abs(np.polyfit(range(4), rows[1:], 1)[0])
    assert told(teacher, *((gained, {}) for gained in rows)) == pytest.approx(slope)
    assert _slope([3.0]) == 0.0


def test_results_of_several_learners_count_the_same_in_any_order():
    rows = [
        (0.0, {"learner": "a", "version": 1, "values": values(positive=1.0)}),
        (0.0, {"learner": "a", "version": 1, "values": values(positive=3.0)}),
        (0.0, {"learner": "b", "version": 4, "values": values(positive=8.0)}),
    ]
    assert told(one_level(), *rows) == told(one_level(), *rows[::-1]) == 5.0
    last = one_level(faithful=True, buffer=1)
    assert told(last, *rows[:2]) == 3.0, "the last result wins"


def test_alpha_moves_the_score_slowly():
    rows = [(0.0, {"version": v, "values": values(positive=s)}) for v, s in ((1, 4.0), (2, 8.0), (3, 0.0))]
    assert told(one_level(alpha=0.25), *rows) == pytest.approx(0.75 * 5.0)


def test_a_space_of_few_tasks_is_filled():
    space = TaskSpace({"n": Integer(1, 3, 1), "c": Categorical(("a", "b"), "a")})
    teacher = Plr(space, 0)
    assert teacher.buffer.capacity == 6
    teach(teacher, 100, lambda task: 1.0)
    assert len(teacher.buffer) == 6
    assert {p.origin for p in teacher.ask(50)} == {"new", "replay"}
    faithful = Plr(space, 0, faithful=True)
    teach(faithful, 100, lambda task: 1.0)
    assert {p.origin for p in faithful.ask(50)} == {"new"}


def test_a_learner_that_is_somebody_else_now():
    teacher = one_level()
    told(teacher, (0.0, {"learner": "a", "values": values(positive=2.0)}))
    told(teacher, (0.0, {"learner": "b", "values": values(positive=8.0)}))
    teacher.forget("b")
    assert teacher.buffer.scores[0] == 2.0
    teacher.forget("a")
    assert teacher.buffer.scores[0] == 2.0, "nobody else thinks anything of it"
    assert told(teacher, (0.0, {"learner": "a", "values": values(positive=5.0)})) == 5.0


@pytest.mark.parametrize("score", ["positive_value_loss", "tscl_window"])
def test_it_goes_on_from_its_state(score):
    teacher = Plr(SPACE, 3, **SMALL, score=score)
    teach(teacher, 150)
    teach(teacher, 50, learner="you", version=3)
    again = Plr(SPACE, 9, **SMALL, score=score)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        teach(one, 60, version=4)
    assert again.ask(100) == teacher.ask(100)
    assert again.state_dict() == teacher.state_dict()


def test_a_sketch_shows_what_is_replayed():
    teacher = Plr(SPACE, 0, **SMALL)
    assert teacher.sketch() == []
    teach(teacher, 200)
    shapes = teacher.sketch()
    assert json.loads(json.dumps(shapes)) == shapes
    assert 0.9 < sum(s["weight"] for s in shapes) <= 1.0 + 1e-9
    assert teacher.metrics()["levels"] == 40.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"score": "luck"}, "score must be positive_value_loss, .* or random, not 'luck'"),
        ({"priority": "luck"}, "priority must be rank, .* or topk, not 'luck'"),
        ({"decision": "never"}, "decision must be fixed or proportionate"),
        ({"evict": "luck"}, "evict must be weight or score"),
        ({"staleness": 1.5}, "staleness must be from 0 to 1, not 1.5"),
        ({"fill": -0.5}, "fill must be from 0 to 1"),
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"buffer": 0}, "buffer must be at least 1, not 0"),
        ({"window": 1}, "window must be at least 2"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Plr(SPACE, 0, **options)


def test_success_is_measured():
    teacher = Plr(SPACE, 0, score="success", measure=Measure(success_above=5.0))
    (p,) = teacher.ask(1)
    teacher.tell(result(p, 6.0))
    assert teacher.buffer.scores.tolist() == [1.0]
