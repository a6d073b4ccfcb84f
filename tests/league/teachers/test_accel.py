import json

import numpy as np
import pytest

from games import Categorical, InputError, Integer, Real, TaskSpace
from league.teachers import Measure, Result, Uniform, ValueStatistics
from league.teachers.accel import Accel
from league.teachers.toy_world import ToyWorld, trial

SPACE = TaskSpace({"x": Real(0.0, 10.0, 1.0), "y": Real(0.0, 10.0, 1.0)})
SMALL = {"buffer": 60, "fill": 0.5, "batch": 8}


def result(p, loss, gained=0.0, **of):
    values = ValueStatistics(3, 0.0, loss, abs(loss), max(loss, 0.0), abs(loss))
    return Result(
        **({"id": p.id, "learner": "me", "score": 0.5, "total_return": gained, "length": 1, "values": values} | of)
    )


def teach(teacher, n, loss=lambda task: task["x"], gained=lambda task: 0.0):
    played = []
    for _ in range(n):
        (p,) = teacher.ask(1)
        teacher.tell(result(p, loss(p.task), gained(p.task)))
        played.append(p)
    return played


def test_it_beats_random_in_the_toy_world():
    """By p (1 - p) of the competence, from the corner where the first cell is; random levels master 16 per cent."""
    easy = {"high": {"x0": 0.2, "x1": 0.2}}
    world = ToyWorld(side=5)
    teacher = Accel(
        world.space,
        0,
        measure=Measure(low=0.0, high=1.0),
        score="success",
        priority="match",
        buffer=100,
        fill=0.1,
        staleness=0.3,
        scale=0.1,
        **easy,
    )
    edited = trial(teacher, world, episodes=5000)[-1]
    world = ToyWorld(side=5)
    assert edited > 2 * trial(Uniform(world.space, 0), world, episodes=5000)[-1]


def test_edits_lead_away_from_the_easy_start():
    teacher = Accel(SPACE, 0, **SMALL)
    played = teach(teacher, 3000)
    assert max(p.task["x"] for p in played if p.origin == "new") <= 2.0
    trained = [p.task["x"] for p in played[-500:] if p.train_allowed]
    assert np.mean(trained) > 8.0
    assert teacher.metrics()["edits"] > 5.0


def test_only_replays_are_learned_from_and_each_is_followed_by_an_edit():
    teacher = Accel(SPACE, 0, **SMALL)
    played = teach(teacher, 2000)
    assert {(p.origin, p.train_allowed) for p in played} == {("new", False), ("replay", True), ("edit", False)}
    replayed, edited = (sum(p.origin == origin for p in played) for origin in ("replay", "edit"))
    assert 0 <= replayed - edited < 16
    played = teach(Accel(SPACE, 0, **SMALL, edit=0.0), 1000)
    assert {p.origin for p in played} == {"new", "replay"}


def test_an_edit_differs_from_a_replayed_level_in_few_parameters():
    space = TaskSpace({f"x{k}": Real(0.0, 1.0, 0.5) for k in range(5)})
    played = teach(Accel(space, 0, **SMALL, edits=2, start=1.0), 400, loss=lambda task: task["x0"])
    replayed, edited = [], 0
    for p in played:
        values = np.array(list(p.task.values()))
        if p.origin == "replay":
            replayed.append(values)
        elif p.origin == "edit":
            edited += 1
            assert min((np.abs(values - parent) > 1e-9).sum() for parent in replayed) == 2
    assert edited > 100


@pytest.mark.parametrize(("faithful", "parents"), [(False, [9.0, 8.0, 7.0, 6.0]), (True, [0.0, 1.0, 2.0, 3.0])])
def test_the_easiest_of_a_batch_are_edited(faithful, parents):
    """Ten replays with returns 0 to 9: the four highest are the easiest; the released code takes the four lowest."""
    space = TaskSpace({"x": Real(0.0, 9.0, 0.0)})
    teacher = Accel(space, 0, buffer=100, fill=0.1, batch=10, replay=1.0, parents="easy", faithful=faithful, start=1.0)
    while len(teacher.buffer) < 10:
        teach(teacher, 1)
    for gained, p in enumerate(teacher.ask(10)):
        assert p.origin == "replay"
        teacher.tell(result(p, 0.0, float(gained)))
    assert [parent.ease for parent in teacher._queue] == [parents[k % 4] for k in range(10)]
    assert [p.origin for p in teacher.ask(10)] == ["edit"] * 10


def test_levels_remember_where_they_come_from():
    teacher = Accel(SPACE, 0, **SMALL)
    played = teach(teacher, 1500)
    hashes = {p.task.hash for p in played}
    edited = [level for level in teacher.buffer.levels if level.edits]
    assert len(edited) > 20
    assert all(level.parent in hashes and level.parent != level.key for level in edited)
    assert all(not level.parent for level in teacher.buffer.levels if not level.edits)


def test_the_easy_start_may_be_given():
    space = TaskSpace({"x": Real(0.0, 10.0, 9.5), "n": Integer(1, 5, 5), "c": Categorical(("a", "b", "c"), "b")})
    drawn = [p.task for p in Accel(space, 0).ask(300)]
    assert min(t["x"] for t in drawn) > 7.99
    assert {t["n"] for t in drawn} == {5}
    assert {t["c"] for t in drawn} == {"b"}
    drawn = [p.task for p in Accel(space, 0, low={"x": 3.0, "n": 2}, high={"n": 3}, start=1.0).ask(300)]
    assert min(t["x"] for t in drawn) >= 3.0
    assert max(t["x"] for t in drawn) > 9.0
    assert {t["n"] for t in drawn} == {2, 3}
    assert {t["c"] for t in drawn} == {"a", "b", "c"}


def test_many_replays_at_once_do_not_pile_up():
    teacher = Accel(SPACE, 0, **SMALL)
    teach(teacher, 100)
    for p in teacher.ask(2000):
        teacher.tell(result(p, 1.0))
    assert len(teacher._queue) <= 32


@pytest.mark.parametrize("parents", ["batch", "easy"])
def test_it_goes_on_from_its_state(parents):
    options = SMALL | {"parents": parents}
    teacher = Accel(SPACE, 3, **options)
    teach(teacher, 205)
    again = Accel(SPACE, 9, **options)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    for one in (teacher, again):
        teach(one, 61)
    assert again.ask(100) == teacher.ask(100)
    assert again.state_dict() == teacher.state_dict()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"parents": "all"}, "teacher 'accel': parents must be batch or easy, not 'all'"),
        ({"edits": 0}, "edits must be at least 1"),
        ({"scale": 0.0}, "scale must be above 0"),
        ({"edit": 2.0}, "edit must be from 0 to 1"),
        ({"score": "luck"}, "teacher 'accel': score must be"),
        ({"low": {"z": 1.0}}, "teacher 'accel': low has an unknown parameter 'z'"),
        ({"high": {"x": 11.0}}, "teacher 'accel': high of 'x' must be a number from"),
        ({"low": {"x": 5.0}, "high": {"x": 4.0}}, "low of 'x' is above its high"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(InputError, match=message):
        Accel(SPACE, 0, **options)
