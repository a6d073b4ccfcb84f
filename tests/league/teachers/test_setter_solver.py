import json

import numpy as np
import pytest
import torch

from games import InputError, Real, TaskSpace
from league.teachers import Result
from league.teachers.networks import tensor
from league.teachers.setter_solver import SetterSolver


def cube(size):
    return TaskSpace({f"x{k}": Real(0.0, 1.0, 0.5) for k in range(size)})


def point(proposal):
    return np.array(list(proposal.task.values()))


def slope(x):
    """Probability of success: the lower x0 + x1, the easier."""
    return 1.0 / (1.0 + np.exp((x[..., 0] + x[..., -1] - 1.1) / 0.15))


def tell(teacher, chance, n, seed=1):
    rng, proposals = np.random.default_rng(seed), []
    for _ in range(n):
        (p,) = teacher.ask(1)
        success = float(rng.random() < chance(point(p)))
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=success, length=1, success=success))
        proposals.append(p)
    return proposals


def set_for(teacher, feasibility, n=500):
    noise = tensor(np.random.default_rng(5).standard_normal((n, teacher.size)))
    with torch.no_grad():
        return teacher._flow(noise, torch.full((n, 1), feasibility))[0].numpy()


@pytest.mark.parametrize("size", [1, 2, 6])
def test_it_sets_tasks_as_hard_as_asked(size):
    teacher = SetterSolver(cube(size), 0)
    tell(teacher, slope, 5000)
    rates = [slope(set_for(teacher, f)).mean() for f in (0.1, 0.5, 0.9)]
    assert rates[0] < 0.4
    assert rates[2] > 0.65
    assert 0.35 < rates[1] < 0.65
    assert set_for(teacher, 0.5)[:, 0].std() > 0.04, "all tasks are the same"


def test_its_judge_learns_the_probability_of_success():
    teacher = SetterSolver(cube(3), 0)
    points = np.random.default_rng(3).random((1000, 3))

    def error():
        with torch.no_grad():
            judged = torch.sigmoid(teacher._judge.module(2.0 * tensor(points) - 1.0)).squeeze(1).numpy()
        return np.abs(judged - slope(points)).mean()

    before = error()
    tell(teacher, slope, 3000)
    assert error() < 0.09 < 0.3 < before


def test_the_mixture_of_what_it_sets_is_wide():
    teacher = SetterSolver(cube(2), 0)
    proposals = tell(teacher, slope, 4000)[-2000:]
    rates = slope(np.array([point(p) for p in proposals if p.origin == "set"]))
    assert np.histogram(rates, 4, (0.0, 1.0))[0].min() > 0.08 * len(rates)
    assert 120 < sum(p.origin == "uniform" for p in proposals) < 280


def test_coverage_spreads_tasks_that_are_all_the_same():
    teacher = SetterSolver(cube(2), 0)
    with torch.no_grad():
        for network in teacher._flow._networks:
            network[-1].bias[:1] = -3.0  # a factor of 0.05
    before = set_for(teacher, 0.5).std(axis=0)
    teacher._judge.module[-1].weight.data.zero_()  # a judge that finds all tasks alike
    for _ in range(200):
        teacher._setter.step(teacher._loss(np.arange(1)))  # of a task that was not solved
    assert (before < 0.05).all()
    assert (set_for(teacher, 0.5).std(axis=0) > 0.2).all()


@pytest.mark.parametrize("outcome", [0.0, 1.0])
@pytest.mark.parametrize("faithful", [False, True])
def test_where_all_or_nothing_is_solved_numbers_stay_finite(outcome, faithful):
    teacher = SetterSolver(cube(2), 0, every=20, faithful=faithful)
    tell(teacher, lambda x: outcome, 400)
    assert np.isfinite(set_for(teacher, 0.5)).all()
    assert teacher._setter.state_dict()["steps"] == 20 * teacher.setter_steps, "losses were not finite"
    assert all(torch.isfinite(p).all() for p in teacher._flow.parameters())


def test_as_published():
    teacher = SetterSolver(cube(2), 0, faithful=True)
    assert len(teacher._points) == 100
    assert teacher._flow._networks[0][0].out_features == 128
    before = teacher._setter.state_dict()
    assert {p.origin for p in tell(teacher, slope, 99)} == {"set"}
    assert teacher._setter.state_dict() == before
    tell(teacher, slope, 1)
    assert teacher._setter.state_dict()["steps"] == teacher._judge.state_dict()["steps"] == 1


def test_it_goes_on_from_its_state():
    teacher = SetterSolver(cube(2), 3, every=30)
    tell(teacher, slope, 331)
    again = SetterSolver(cube(2), 9, every=30)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        tell(one, slope, 300)
    assert again.ask(100) == teacher.ask(100)
    assert again.state_dict() == teacher.state_dict()


def test_the_same_seed_gives_the_same_tasks_whatever_torch_draws_elsewhere():
    torch.manual_seed(1)
    one = SetterSolver(cube(2), 3)
    torch.manual_seed(2)
    other = SetterSolver(cube(2), 3)
    assert one.ask(50) == other.ask(50) != SetterSolver(cube(2), 4).ask(50)


def test_a_sketch_shows_what_is_set_next():
    teacher = SetterSolver(cube(2), 0)
    assert teacher.sketch() == []
    teacher.ask(5)
    shapes = json.loads(json.dumps(teacher.sketch()))
    assert len(shapes) == 40
    assert sum(s["weight"] for s in shapes) == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 0}, "every must be at least 1, not 0"),
        ({"window": 50}, "window must be at least 100, not 50"),
        ({"setter_steps": 0}, "setter_steps must be at least 1"),
        ({"random": 2.0}, "random must be from 0 to 1"),
        ({"noise": -0.1}, "noise must be from 0 to 1"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        SetterSolver(cube(2), 0, **options)
