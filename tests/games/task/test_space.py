import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import Categorical, Constraint, InputError, Integer, Real, Task, TaskSpace

SPACE = TaskSpace(
    {
        "wind": Real(-1.5, 2.5, 0.0),
        "population": Integer(2, 48, 6),
        "map": Categorical(("plain", "ridge", "islands"), "plain"),
        "fog": Categorical((False, True), False),
    }
)
UNIT = st.lists(st.floats(0, 1), min_size=4, max_size=4)
checked = settings(deadline=None, derandomize=True, max_examples=200)


def test_defaults_and_values():
    assert SPACE.task() == Task({"wind": 0.0, "population": 6, "map": "plain", "fog": False})
    assert SPACE.task({"population": 48, "fog": True})["population"] == 48
    assert TaskSpace().task() == Task()


@checked
@given(point=UNIT)
def test_every_point_of_the_cube_is_a_task(point):
    task = SPACE.from_unit(point)

    assert SPACE.task(task) == task


@checked
@given(point=UNIT)
def test_to_the_cube_and_back(point):
    task = SPACE.from_unit(point)
    unit = SPACE.to_unit(task)
    again = SPACE.from_unit(unit)

    assert unit.shape == (4,)
    assert (unit >= 0).all()
    assert (unit <= 1).all()
    assert again["wind"] == pytest.approx(task["wind"], abs=1e-12)
    for name in ("population", "map", "fog"):
        assert again[name] == task[name]


@checked
@given(point=UNIT, seed=st.integers(0, 99), edits=st.integers(1, 6), scale=st.sampled_from((1e-6, 0.1, 30.0)))
def test_a_mutant_differs_in_as_many_parameters_as_were_edited(point, seed, edits, scale):
    task = SPACE.from_unit(point)
    mutant = SPACE.mutate(task, np.random.default_rng(seed), edits=edits, scale=scale)

    assert SPACE.task(mutant) == mutant
    assert sum(mutant[name] != task[name] for name in SPACE) == min(edits, 4)
    assert mutant == SPACE.mutate(task, np.random.default_rng(seed), edits=edits, scale=scale)


def test_steps_are_as_large_as_the_scale_says():
    rng = np.random.default_rng(0)
    wind = [SPACE["wind"].mutate(0.5, rng, 0.1) for _ in range(4000)]
    population = [SPACE["population"].mutate(25, rng, 0.1) for _ in range(4000)]
    choices = [SPACE["map"].mutate("ridge", rng, 0.1) for _ in range(4000)]

    assert np.std(wind) == pytest.approx(0.1 * 4.0, rel=0.05)
    assert np.mean(wind) == pytest.approx(0.5, abs=0.03)
    assert np.std(population) == pytest.approx(0.1 * 46, rel=0.05)
    assert np.mean(population) == pytest.approx(25, abs=0.3)
    assert choices.count("ridge") == 0
    assert choices.count("plain") == pytest.approx(2000, abs=150)


def test_a_parameter_of_one_value_is_never_edited():
    space = TaskSpace({"x": Real(3.0, 3.0, 3.0), "n": Integer(4, 4, 4), "c": Categorical(("a",), "a")})
    rng = np.random.default_rng(0)

    assert space.mutate(space.task(), rng, edits=3) == space.task()
    assert TaskSpace().mutate(Task(), rng) == Task()
    wider = TaskSpace({**space, "m": Integer(0, 1, 0)})
    assert all(wider.mutate(wider.task({"m": m}), rng)["m"] == 1 - m for m in (0, 1) for _ in range(20))


@pytest.mark.parametrize("options", [{"edits": 0}, {"scale": 0.0}, {"scale": float("nan")}])
def test_edits_that_change_nothing(options):
    with pytest.raises(InputError, match="changed by at least one edit of a scale above zero"):
        SPACE.mutate(SPACE.task(), np.random.default_rng(0), **options)


def test_each_integer_and_choice_owns_an_equal_part():
    grid = (np.arange(4700) + 0.5) / 4700
    values = [SPACE["population"].from_unit(x) for x in grid]
    choices = [SPACE["map"].from_unit(x) for x in (np.arange(300) + 0.5) / 300]

    assert np.bincount(values, minlength=49).tolist() == [0, 0] + [100] * 47
    assert [choices.count(choice) for choice in ("plain", "ridge", "islands")] == [100, 100, 100]


def test_the_ends_of_the_cube_are_the_ends_of_the_ranges():
    assert SPACE.from_unit([0, 0, 0, 0]) == Task({"wind": -1.5, "population": 2, "map": "plain", "fog": False})
    assert SPACE.from_unit([1, 1, 1, 1]) == Task({"wind": 2.5, "population": 48, "map": "islands", "fog": True})


def test_a_range_of_one_point():
    space = TaskSpace({"x": Real(3.0, 3.0, 3.0), "n": Integer(4, 4, 4)})

    assert space.from_unit([0.9, 0.9]) == space.task()
    np.testing.assert_array_equal(space.to_unit(space.task()), [0.5, 0.5])


def test_samples_fill_the_space_and_follow_the_generator():
    drawn = [SPACE.sample(np.random.default_rng(seed)) for seed in range(400)]

    assert drawn[7] == SPACE.sample(np.random.default_rng(7))
    assert {task["population"] for task in drawn} == set(range(2, 49))
    assert {(task["map"], task["fog"]) for task in drawn} == {
        (m, f) for m in SPACE["map"].choices for f in (False, True)
    }


def test_a_point_of_another_dimension():
    with pytest.raises(ValueError, match="has 4 coordinates, not 2"):
        SPACE.from_unit([0.5, 0.5])


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"population": 12.0}, 12),
        ({"population": np.int64(12)}, 12),
        ({"wind": 1}, 1.0),
        ({"wind": np.float32(0.5)}, 0.5),
        ({"map": "ridge"}, "ridge"),
    ],
)
def test_values_become_plain_ones(values, kept):
    (name,) = values
    value = SPACE.task(values)[name]

    assert value == kept
    assert type(value) is type(kept)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"populaton": 3},
            "unknown task parameter 'populaton'; did you mean 'population'? (this game has: wind, population, map, fog)",
        ),
        ({"zzz": 3}, "unknown task parameter 'zzz' (this game has: wind, population, map, fog)"),
        ({"population": 1}, "task parameter 'population' must be an integer from 2 to 48, not 1"),
        ({"population": 2.5}, "task parameter 'population' must be an integer from 2 to 48, not 2.5"),
        ({"population": True}, "task parameter 'population' must be an integer from 2 to 48, not True"),
        ({"population": "6"}, "task parameter 'population' must be an integer from 2 to 48, not '6'"),
        ({"wind": 3.0}, "task parameter 'wind' must be a number from -1.5 to 2.5, not 3.0"),
        ({"wind": float("nan")}, "task parameter 'wind' must be a number from -1.5 to 2.5, not nan"),
        ({"wind": False}, "task parameter 'wind' must be a number from -1.5 to 2.5, not False"),
        ({"map": "rigde"}, "task parameter 'map' must be one of 'plain', 'ridge', 'islands', not 'rigde'"),
        ({"fog": 1}, "task parameter 'fog' must be one of False, True, not 1"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(values, text):
    with pytest.raises(InputError) as error:
        SPACE.task(values)

    assert str(error.value) == text


def test_a_space_without_parameters_says_so():
    with pytest.raises(InputError, match=r"unknown task parameter 'size' \(this game has: none\)"):
        TaskSpace().task({"size": 3})


# Quasi-random tasks


@pytest.mark.parametrize("n", [0, 1, 5, 64, 100])
def test_as_many_quasi_random_tasks_as_were_asked_for(n):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tasks = SPACE.sobol(n, np.random.default_rng(0))

    assert len(tasks) == n
    assert all(SPACE.task(task) == task for task in tasks)
    assert tasks == SPACE.sobol(n, np.random.default_rng(0))
    assert TaskSpace().sobol(n, np.random.default_rng(0)) == [Task()] * n


def test_quasi_random_tasks_are_more_even_than_random_ones():
    cube = TaskSpace({name: Real(0.0, 1.0, 0.5) for name in "xy"})

    def spread(tasks):
        cells = np.zeros((8, 8))
        for task in tasks:
            cells[int(task["x"] * 8), int(task["y"] * 8)] += 1
        return cells.std()

    rng = np.random.default_rng(0)
    assert spread(cube.sobol(256, rng)) == 0.0
    assert spread([cube.sample(rng) for _ in range(256)]) > 1.0
    assert cube.sobol(4, np.random.default_rng(1)) != cube.sobol(4, np.random.default_rng(2))


def test_quasi_random_tasks_keep_the_rules():
    rule = Constraint("x is less than a tenth", lambda values: values["x"] < 0.1)
    space = TaskSpace({name: Real(0.0, 1.0, 0.05) for name in "xy"}, constraints=(rule,))
    tasks = space.sobol(50, np.random.default_rng(0))

    assert len(tasks) == len(set(tasks)) == 50
    assert max(task["x"] for task in tasks) < 0.1


def test_a_default_out_of_its_range():
    with pytest.raises(InputError, match="task parameter 'x' must be a number from"):
        TaskSpace({"x": Real(0.0, 1.0, 2.0)})
