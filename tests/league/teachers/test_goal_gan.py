import json

import numpy as np
import pytest

from games import InputError, Real, TaskSpace
from league.teachers import Result
from league.teachers.goal_gan import GoalGAN


def cube(size):
    return TaskSpace({f"x{k}": Real(0.0, 1.0, 0.5) for k in range(size)})


def point(proposal):
    return np.array(list(proposal.task.values()))


def told(proposal, success, **of):
    values = {
        "id": proposal.id,
        "learner": "me",
        "score": 0.5,
        "total_return": success,
        "length": 1,
        "success": success,
    }
    return Result(**(values | of))


def slope(x):
    """Probability of success; a band of tasks around x0 + x1 = 1.5 is neither easy nor hard."""
    return 1.0 / (1.0 + np.exp((x[0] + x[1] - 1.5) / 0.08))


def tell(teacher, chance, n, seed=1):
    rng, proposals = np.random.default_rng(seed), []
    for _ in range(n):
        (p,) = teacher.ask(1)
        teacher.tell(told(p, float(rng.random() < chance(point(p)))))
        proposals.append(p)
    return proposals


def share_of_good(points, chance):
    chances = np.array([chance(p) for p in points])
    return np.mean((chances >= 0.25) & (chances <= 0.75))


@pytest.mark.parametrize("size", [2, 6])
def test_what_it_generates_is_solved_sometimes(size):
    teacher = GoalGAN(cube(size), 0)
    tell(teacher, slope, 4500)
    generated = [point(p) for p in tell(teacher, slope, 1500, seed=2) if p.origin == "generated"]
    assert share_of_good(np.random.default_rng(0).random((2000, size)), slope) < 0.12
    assert share_of_good(generated, slope) > 0.4


def test_it_follows_a_learner_that_gets_better():
    teacher, reached = GoalGAN(cube(2), 0), []
    for shift in (-0.9, -0.6, -0.3, 0.0):
        chance = lambda x, shift=shift: slope(x - 0.5 * shift)  # noqa: E731
        proposals = tell(teacher, chance, 2500)
        reached.append(np.mean([point(p).sum() for p in proposals[-800:] if p.origin == "generated"]))
    assert np.diff(reached).min() > 0.05
    assert reached[-1] - reached[0] > 0.5


def test_it_begins_nearly_uniform():
    teacher = GoalGAN(cube(3), 0)
    assert {p.origin for p in teacher.ask(50)} == {"bootstrap"}
    generated = np.concatenate([0.5 + 0.5 * teacher._generate(teacher._noise()).detach().numpy() for _ in range(20)])
    share = np.array([np.histogram(x, 10, (0.0, 1.0))[0] for x in generated.T]) / len(generated)
    assert (np.abs(share - 0.1) < 0.06).all()


def test_each_task_is_played_several_times_and_labelled_once():
    teacher = GoalGAN(cube(2), 0, n_rollouts=3)
    proposals = teacher.ask(9)
    assert [p.task for p in proposals[:3]] == [proposals[0].task] * 3
    assert len({p.task for p in proposals}) == 3
    for p, success in zip(proposals, [0, 0, 0, 1, 0, 1, 1, 1, 1], strict=True):
        teacher.tell(told(p, float(success)))
    assert teacher._labelled == 3
    assert teacher._good[:3].tolist() == [0.0, 1.0, 0.0]
    assert teacher._archived == 1
    assert teacher._mastered[0] == pytest.approx(point(proposals[6]))
    teacher.tell(told(proposals[6], 1.0, learner="other"))
    assert teacher._labelled == 3, "one more learner's result comes late"


def test_what_is_mastered_is_set_again_and_kept_apart():
    teacher = GoalGAN(cube(2), 0, p_old=0.3, noise=0.0)
    tell(teacher, lambda x: 1.0, 500)
    mastered = [point(p) for p in tell(teacher, lambda x: 1.0, 500) if p.origin == "mastered"]
    known = teacher._mastered[: teacher._archived]
    assert 60 < len(mastered) < 200
    assert all(np.abs(known - x).sum(axis=1).min() < 1e-9 for x in mastered)
    gaps = np.linalg.norm(known[:, None] - known[None], axis=2)[np.triu_indices(len(known), 1)]
    assert gaps.min() > 0.01 * 2**0.5
    before = teacher._archived
    teacher._archive(known[0] + 0.001)
    assert teacher._archived == before


def test_without_a_good_task_nothing_is_trained():
    teacher = GoalGAN(cube(2), 0)
    before = teacher._generator.state_dict()
    tell(teacher, lambda x: 0.0, 400)
    assert teacher._labelled == 200
    assert teacher._generator.state_dict() == before
    assert teacher.metrics()["trainings"] == 0.0


def test_as_published():
    teacher = GoalGAN(cube(2), 0, faithful=True, update_size=40, iterations=5)
    widths = [tuple(p.shape) for p in teacher._generator.module.parameters()][::2]
    assert widths == [(256, 2), (256, 256), (2, 256)]
    assert teacher._discriminator.module[0].weight.shape == (128, 2)
    assert len(teacher._points) == 40
    assert {p.origin for p in tell(teacher, lambda x: 0.5, 200)} <= {"generated", "mastered"}
    assert teacher.metrics()["trainings"] >= 1.0
    assert GoalGAN(cube(2), 0, faithful=True).iterations == 250


def test_results_that_never_come():
    teacher = GoalGAN(cube(2), 0)
    teacher.ask(20_000)
    assert len(teacher._pending) == 4096
    tell(teacher, slope, 1000)
    assert teacher._labelled > 400


def test_it_goes_on_from_its_state():
    teacher = GoalGAN(cube(2), 3, update_size=30)
    tell(teacher, slope, 331)
    assert teacher._trainings
    again = GoalGAN(cube(2), 9, update_size=30)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        tell(one, slope, 300)
    assert again.ask(100) == teacher.ask(100)
    assert again.state_dict() == teacher.state_dict()


def test_a_sketch_shows_what_is_generated_next():
    teacher = GoalGAN(cube(2), 0)
    assert teacher.sketch() == []
    tell(teacher, slope, 1001)
    shapes = json.loads(json.dumps(teacher.sketch()))
    assert 1 <= len(shapes) <= 40
    assert sum(s["weight"] for s in shapes) == pytest.approx(0.9 * 0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_rollouts": 0}, "n_rollouts must be at least 1, not 0"),
        ({"window": 50}, "window must be at least 100, not 50"),
        ({"low": 0.8}, "low must be below high, both from 0 to 1, not 0.8 and 0.75"),
        ({"p_old": 1.5}, "p_old must be from 0 to 1"),
        ({"noise": -1.0}, "noise must be at least 0"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        GoalGAN(cube(2), 0, **options)
