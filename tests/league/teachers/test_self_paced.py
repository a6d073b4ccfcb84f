import json

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Measure, Result, ValueStatistics
from league.teachers.self_paced import Gaussian, SelfPaced, divergence

UNIT = Measure(low=0.0, high=1.0)


def cube(size):
    return TaskSpace({f"x{k}": Real(0.0, 1.0, 0.5) for k in range(size)})


def corner(size):
    return {f"x{k}": 0.1 + 0.05 * k for k in range(size)}


def statistics(value):
    return ValueStatistics(decisions=1, value=value, advantage=0.0, absolute=0.0, positive=0.0, td=0.0)


def tell(teacher, worth, n, *, valued=False):
    for _ in range(n):
        (p,) = teacher.ask(1)
        value = float(worth(np.array(list(p.task.values()))))
        of = {"values": statistics(value), "total_return": 0.0} if valued else {"total_return": value}
        teacher.tell(Result(**({"id": p.id, "learner": "me", "score": 0.5, "length": 1} | of)))


def some_gaussian(rng, size):
    factor = np.tril(0.1 * rng.standard_normal((size, size)))
    np.fill_diagonal(factor, 0.1 + rng.random(size))
    return Gaussian(rng.random(size), factor)


def test_divergence_against_torch():
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    pairs = [(some_gaussian(rng, d), some_gaussian(rng, d)) for d in (1, 2, 5)]
    for pair in pairs:
        q, p = (
            torch.distributions.MultivariateNormal(torch.tensor(g.mean), scale_tril=torch.tensor(g.factor))
            for g in pair
        )
        assert divergence(*pair) == pytest.approx(torch.distributions.kl_divergence(q, p).item())
        points = rng.random((7, len(pair[0].mean)))
        theirs = q.log_prob(torch.tensor(points)).numpy() + 0.5 * points.shape[1] * np.log(2 * np.pi)
        assert pair[0].log_density(points) == pytest.approx(theirs)


@pytest.mark.parametrize(("size", "faithful"), [(1, False), (3, False), (10, False), (2, True)])
def test_where_all_is_worth_the_same_it_goes_to_all_tasks(size, faithful):
    every = 50 if not faithful else 1000  # without centring, chance is all that moves it: see the class
    teacher = SelfPaced(cube(size), 0, measure=UNIT, every=every, alpha_offset=0, start=corner(size), faithful=faithful)
    target, q = Gaussian(np.full(size, 0.5), 0.25 * np.eye(size)), teacher._q
    far = divergence(q, target)
    for _ in range(60 if not faithful else 12):
        tell(teacher, lambda p: 1.0, every)
        assert divergence(q, teacher._q) <= 0.2 + 1e-9
        q = teacher._q
    assert far > 0.5
    assert divergence(q, target) < (1e-3 if not faithful else 0.1)
    if not faithful:
        assert q.mean == pytest.approx(np.full(size, 0.5), abs=0.02)
        assert q.factor == pytest.approx(0.25 * np.eye(size), abs=0.02)


@pytest.mark.parametrize("faithful", [False, True])
def test_without_a_pull_the_mean_moves_where_it_is_worth_more(faithful):
    teacher = SelfPaced(
        cube(3), 1, measure=UNIT, alpha_offset=100, start={"x0": 0.5, "x1": 0.5, "x2": 0.5}, faithful=faithful
    )
    before = teacher._q
    tell(teacher, lambda p: np.clip(0.5 + 0.8 * (p[0] - 0.5) - 0.4 * (p[1] - 0.5), 0.0, 1.0), 5 * 250)
    moved = teacher._q.mean - before.mean
    assert moved[0] > 0.1
    assert moved[1] < -0.01
    assert abs(moved[2]) < 0.5 * moved[0]
    assert np.linalg.eigvalsh(teacher._q.factor @ teacher._q.factor.T).min() > 0.0


def test_one_step_is_the_natural_gradient_of_a_linear_value():
    """For V = g'x and no pull, the exact natural gradient of E_q[V] moves the mean along Sigma g and not the covariance."""
    teacher = SelfPaced(cube(2), 3, measure=UNIT, every=20_000, alpha_offset=9, start={}, initial_std=0.05, max_kl=0.01)
    tell(teacher, lambda p: 0.5 + 0.3 * (p[0] - 0.5) + 0.1 * (p[1] - 0.5), 20_000)
    moved = teacher._q.mean - 0.5
    assert moved[0] / moved[1] == pytest.approx(3.0, rel=0.1)
    # KL = |moved|^2 / (2 std^2) at the bound
    assert np.linalg.norm(moved) == pytest.approx(0.05 * np.sqrt(2 * 0.01), rel=0.1)


def test_it_begins_around_a_task_and_stays_there_while_the_rest_is_hard():
    """Worth something only near the corner where it began; it widens by little, but not to all tasks at once."""
    teacher = SelfPaced(cube(2), 0, measure=UNIT, every=100, alpha_offset=2, start={"x0": 0.1, "x1": 0.1})
    tell(teacher, lambda p: float((p < 0.35).all()), 1500)
    assert (teacher._q.mean < 0.45).all()
    drawn = np.array([list(p.task.values()) for p in teacher.ask(500)])
    assert np.mean((drawn < 0.35).all(axis=1)) > 0.4
    tell(teacher, lambda p: 1.0, 3000)
    assert divergence(teacher._q, teacher._p) < 0.05


def test_it_begins_with_all_tasks_and_draws_together_where_some_can_be_done():
    teacher = SelfPaced(cube(2), 0, measure=UNIT, every=200, alpha_offset=8)
    assert divergence(teacher._q, teacher._p) == 0.0
    tell(teacher, lambda p: float((p < 0.3).all()), 8 * 200)
    assert (teacher._q.mean < 0.35).all()
    published = SelfPaced(cube(2), 0, faithful=True)
    assert published._q.factor == pytest.approx(0.1 * np.eye(2))
    assert published._q.mean != pytest.approx([0.5, 0.5])


def test_negative_values_pull_as_well():
    """As published, alpha is 0 for good when no value is positive."""
    ends = {}
    for faithful in (False, True):
        teacher = SelfPaced(cube(2), 0, every=100, alpha_offset=0, start=corner(2), faithful=faithful)
        tell(teacher, lambda p: -100.0, 2000, valued=True)
        ends[faithful] = divergence(teacher._q, teacher._p)
        assert (teacher._alpha == 0.0) == faithful
    assert ends[False] < 0.01 < ends[True]


def test_values_count_before_returns():
    teacher = SelfPaced(cube(1), 0, alpha_offset=100, start={}, every=100)
    tell(teacher, lambda p: 5.0 * p[0], 600, valued=True)  # all returns are 0
    assert teacher._q.mean[0] > 0.6
    assert SelfPaced.needs_values


def test_late_results_are_weighed_by_where_they_were_drawn():
    teacher = SelfPaced(cube(2), 0, measure=UNIT, every=50, alpha_offset=0, start=corner(2))
    late = teacher.ask(300)
    tell(teacher, lambda p: 1.0, 2000)
    before = teacher._q
    for p in late:
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=1.0, length=1))
    assert divergence(before, teacher._q) < 0.05


def test_the_least_width_is_kept():
    wide, narrow = (
        SelfPaced(cube(1), 0, measure=UNIT, every=100, alpha_offset=100, start={}, least_std=s) for s in (0.08, 0.0)
    )
    for teacher in (wide, narrow):
        tell(teacher, lambda p: 1.0 - abs(p[0] - 0.5), 2500)
    assert wide._q.factor[0, 0] == pytest.approx(0.08, abs=1e-6)
    assert narrow._q.factor[0, 0] < 0.05


def test_it_goes_on_from_its_state():
    teacher = SelfPaced(cube(3), 3, every=40, alpha_offset=1)
    tell(teacher, lambda p: p[0], 130, valued=True)
    again = SelfPaced(cube(3), 9, every=40, alpha_offset=1)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        tell(one, lambda p: p[0], 100, valued=True)
    assert again.ask(100) == teacher.ask(100)
    assert again.state_dict() == teacher.state_dict()


def test_values_that_say_nothing():
    teacher = SelfPaced(cube(2), 0, every=10, alpha_offset=0)
    values = [float("nan"), float("inf"), 1e308, -1e308, 0.0]
    for k in range(200):
        (p,) = teacher.ask(1)
        worth = statistics(values[k % 5])
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=float(k), length=1, values=worth))
    assert all(np.isfinite(v) for v in teacher.metrics().values())
    assert np.isfinite(teacher._q.factor).all()


def test_a_sketch_is_the_ellipse():
    teacher = SelfPaced(cube(2), 0, start={})
    (shape,) = json.loads(json.dumps(teacher.sketch()))
    assert shape["mean"] == [0.5, 0.5]
    assert shape["covariance"] == pytest.approx(np.diag([0.01, 0.01]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"every": 1}, "every must be at least 2, not 1"),
        ({"alpha_offset": -1}, "alpha_offset must be at least 0"),
        ({"max_kl": 0.0}, "max_kl must be above 0"),
        ({"least_std": 0.2}, "least_std must be from 0 to initial_std and target_std, not 0.2"),
        ({"start": {"x9": 1.0}}, "unknown task parameter 'x9'"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        SelfPaced(cube(2), 0, **options)
