"""Conditions and constraints of task spaces."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import Categorical, Constraint, InputError, Integer, Real, Task, TaskSpace, When

checked = settings(deadline=None, derandomize=True, max_examples=200)
PARAMETERS = {
    "spacing": Real(0.5, 6.0, 3.0),
    "stumps": Categorical((False, True), False),
    "level": Integer(0, 3, 0),
    "rough": Real(0.01, 1.0, 0.1, log=True),
}
CONDITIONS = {"spacing": When("stumps", (True,)), "stumps": When("level", (1, 3))}
TIED = TaskSpace(PARAMETERS, conditions=CONDITIONS)
ORDER = Constraint("low is at most high", lambda v: v["low"] <= v["high"])
FAR = Constraint("neither is between 4 and 5", lambda v: not 4 < v["low"] < 5 and not 4 < v["high"] < 5)
LOW_HIGH = {"low": Real(0.0, 10.0, 2.0), "high": Real(0.0, 10.0, 8.0), "n": Integer(1, 9, 3)}
RULED = TaskSpace(LOW_HIGH, constraints=(ORDER, FAR))
BOTH = TaskSpace(
    {**PARAMETERS, **LOW_HIGH},
    conditions=CONDITIONS | {"n": When("stumps", (True,))},
    constraints=(ORDER, Constraint("many stumps need space", lambda v: v["n"] <= 5 or v["spacing"] > 2)),
)
SPACES = pytest.mark.parametrize("space", [TIED, RULED, BOTH], ids=["conditions", "constraints", "both"])
POINT = st.lists(st.floats(0, 1), min_size=7, max_size=7)


@SPACES
@checked
@given(point=POINT)
def test_every_point_is_a_task_and_round_trips(space, point):
    task = space.from_unit(point[: len(space)])
    unit = space.to_unit(task)
    again = space.from_unit(unit)

    assert space.task(task) == task
    assert ((unit >= 0) & (unit <= 1)).all()
    for name, value in again.items():
        assert value == (pytest.approx(task[name], abs=1e-7) if isinstance(value, float) else task[name])
    assert space.from_unit(point[: len(space)]) == task


@SPACES
@checked
@given(point=POINT, seed=st.integers(0, 99), edits=st.integers(1, 8), scale=st.sampled_from((1e-3, 0.1, 3.0)))
def test_mutants_are_tasks(space, point, seed, edits, scale):
    task = space.from_unit(point[: len(space)])
    mutant = space.mutate(task, np.random.default_rng(seed), edits=edits, scale=scale)

    assert space.task(mutant) == mutant
    assert mutant != task
    assert mutant == space.mutate(task, np.random.default_rng(seed), edits=edits, scale=scale)


# Conditions


def test_what_means_nothing_has_its_default():
    assert TIED.task({"spacing": 5.0}) == TIED.task()
    assert TIED.task({"spacing": 5.0, "stumps": True}) == TIED.task(), "stumps mean nothing on level 0"
    full = TIED.task({"spacing": 5.0, "stumps": True, "level": 3})
    assert full == Task({"spacing": 5.0, "stumps": True, "level": 3, "rough": 0.1})
    assert TIED.task({**full, "level": 2}).hash == TIED.task({"level": 2}).hash
    assert TIED.active(full) == ("spacing", "stumps", "level", "rough")
    assert TIED.active(TIED.task()) == ("level", "rough")
    assert TIED.active({**full, "level": 2}) == ("level", "rough")


def test_a_coordinate_that_means_nothing_is_that_of_the_default():
    task = TIED.from_unit([0.9, 0.9, 0.1, 0.5])

    assert task["level"] == 0
    np.testing.assert_allclose(TIED.to_unit(task), TIED.to_unit(TIED.task()), atol=1e-12)


def test_a_value_out_of_its_range_is_refused_though_it_means_nothing():
    with pytest.raises(InputError, match="task parameter 'spacing' must be a number from"):
        TIED.task({"spacing": 9})


def test_only_what_means_something_is_edited():
    rng = np.random.default_rng(1)
    mutants = [TIED.mutate(TIED.task(), rng) for _ in range(200)]

    assert all(mutant["level"] > 0 or mutant["rough"] != 0.1 for mutant in mutants)
    assert {mutant["spacing"] for mutant in mutants} == {3.0}
    many = [TIED.mutate(TIED.task({"level": 3}), rng, edits=2) for _ in range(200)]
    assert any(mutant["spacing"] != 3.0 for mutant in many), "an edit may give the next one a meaning"


def test_one_is_not_true():
    space = TaskSpace(
        {"a": Categorical((1, True), 1), "b": Integer(0, 5, 2)},
        conditions={"b": When("a", (True,))},
    )
    assert space.task({"a": 1, "b": 4})["b"] == 2
    assert space.task({"a": True, "b": 4})["b"] == 4


@pytest.mark.parametrize(
    ("conditions", "text"),
    [
        (
            {"spacing": When("stump", (True,))},
            "the condition of task parameter 'spacing': there is no parameter 'stump' (there are: "
            "spacing, stumps, level, rough)",
        ),
        (
            {"space": When("stumps", (True,))},
            "the condition of task parameter 'space': there is no parameter 'space' (there are: spacing, stumps, level, rough)",
        ),
        (
            {"spacing": When("rough", (0.1,))},
            "the condition of task parameter 'spacing' must look at an integer or a categorical parameter, "
            "not at the real 'rough'",
        ),
        (
            {"spacing": When("level", (1, 4))},
            "the condition of task parameter 'spacing': 'level' must be an integer from 0 to 3, not 4",
        ),
        (
            {"rough": When("level", (1,)), "stumps": When("level", (1,)), "level": When("stumps", (True,))},
            "conditions of task parameters go in a circle: 'level' depends on 'stumps' depends on 'level'",
        ),
        ({"level": When("level", (1,))}, "conditions of task parameters go in a circle: 'level' depends on 'level'"),
    ],
)
def test_conditions_that_cannot_be_kept(conditions, text):
    with pytest.raises(InputError) as error:
        TaskSpace(PARAMETERS, conditions=conditions)

    assert str(error.value) == text


# Constraints


def test_a_task_that_breaks_a_rule_is_refused():
    with pytest.raises(InputError) as error:
        RULED.task({"low": 9.0})

    assert str(error.value) == "there is no task {'low': 9.0, 'high': 8.0, 'n': 3}: low is at most high"


def test_samples_are_uniform_where_the_rules_hold():
    rng = np.random.default_rng(0)
    tasks = [RULED.sample(rng) for _ in range(4000)]

    assert all(RULED.task(task) == task for task in tasks)
    # Of the half-square of area 50, the part with both below 4 has an area of 8, and 46 are left of the two bands' 9.5.
    share = np.mean([task["high"] < 4 for task in tasks])
    feasible = 50 - 4 * 1 - 0.5 - 5 * 1
    assert share == pytest.approx(8 / feasible, abs=0.03)


def test_a_point_that_breaks_a_rule_becomes_the_first_task_on_its_way_to_the_default():
    space = TaskSpace({k: LOW_HIGH[k] for k in ("low", "high")}, constraints=(ORDER,))
    task = space.from_unit([0.9, 0.1])  # on the way from (9, 1) to (2, 8), low = high = 5

    assert task["low"] == pytest.approx(5.0, abs=0.01)
    assert task["high"] == pytest.approx(5.0, abs=0.01)
    assert task["low"] <= task["high"]


def test_a_task_from_which_no_edit_leads_comes_back():
    sums = TaskSpace(
        {"a": Integer(0, 5, 2), "b": Integer(0, 5, 3)},
        constraints=(Constraint("a and b are 5 together", lambda v: v["a"] + v["b"] == 5),),
    )
    assert sums.mutate(sums.task(), np.random.default_rng(0)) == sums.task()
    assert sums.sample(np.random.default_rng(3)) in set(sums.every())


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            Constraint("low is at least 3", lambda v: v["low"] >= 3),
            "the default task {'low': 2.0, 'high': 8.0, 'n': 3} breaks a rule of its own space: low is at least 3",
        ),
        (
            Constraint("low is 2", lambda v: v["low"] == 2.0),
            "of 1000 random tasks no one keeps the rules of the space, which leave too little: low is 2",
        ),
    ],
)
def test_rules_that_leave_nothing(rule, text):
    with pytest.raises(InputError) as error:
        TaskSpace(LOW_HIGH, constraints=(rule,))

    assert str(error.value) == text


# All tasks


def test_every_task_comes_once():
    space = TaskSpace(
        {"a": Integer(0, 3, 0), "b": Categorical(("x", "y"), "x"), "c": Real(1.0, 1.0, 1.0)},
        conditions={"b": When("a", (1, 2))},
        constraints=(Constraint("a is not 2 with y", lambda v: (v["a"], v["b"]) != (2, "y")),),
    )
    assert [(t["a"], t["b"]) for t in space.every()] == [(0, "x"), (1, "x"), (1, "y"), (2, "x"), (3, "x")]
    assert list(TaskSpace().every()) == [Task()]
    with pytest.raises(ValueError, match="endless"):
        list(TIED.every())


# Other ranges


def test_other_ranges_keep_the_rules():
    space = BOTH.over({**BOTH, "level": Integer(0, 1, 0), "stumps": Categorical((False,), False)})

    assert space.conditions["stumps"] == When("level", (1,))
    assert space.conditions["spacing"] == When("stumps", ())
    assert space.constraints == BOTH.constraints
    assert space.task({"level": 1, "spacing": 5.0})["spacing"] == 3.0
    wider = BOTH.over({**BOTH, "opponents": Categorical(("weak", "strong"), "weak")})
    assert len(wider) == len(BOTH) + 1
    assert {wider.sample(np.random.default_rng(k))["opponents"] for k in range(20)} == {"weak", "strong"}


def test_defaults_that_break_a_rule_in_other_ranges_move():
    space = RULED.over({**RULED, "low": Real(6.0, 9.0, 6.0), "high": Real(0.0, 7.0, 0.0)})

    assert 6.0 <= space.task()["low"] <= space.task()["high"] <= 7.0
    with pytest.raises(InputError, match="leave no task that keeps the rules: low is at most high"):
        RULED.over({**RULED, "low": Real(6.0, 9.0, 6.0), "high": Real(0.0, 5.0, 0.0)})
