"""Whatever comes back, every teacher goes on setting tasks of its space."""

import json
import math
import random

import pytest

from games import Categorical, Integer, Real, TaskSpace
from league.teachers import Result, teachers

SPACES = {
    "plain": TaskSpace({"x": Real(0.0, 1.0, 0.5), "n": Integer(1, 5, 2)}),
    "one point": TaskSpace({"x": Real(2.0, 2.0, 2.0), "n": Integer(3, 3, 3), "c": Categorical(("a",), "a")}),
    "no parameters": TaskSpace(),
    "scales": TaskSpace({"small": Real(0.0, 1e-9, 0.0), "large": Real(-1e12, 1e12, 0.0), "n": Integer(1, 3, 1)}),
}
LISTED = TaskSpace({"n": Integer(1, 5, 2), "c": Categorical(("a", "b"), "a")})
OPTIONS = {
    "paired": {"protagonist": "me", "antagonist": "you"},
    "box": {"low": {}},
    "mixture": {"teachers": {"a": {"kind": "edge"}, "b": {"kind": "uniform"}}},
    "bandit": {"teachers": {"a": {"kind": "edge"}, "b": {"kind": "uniform"}}},
    "syllabus": {"stages": [{"kind": "uniform", "until": {"results": 5}}, {"kind": "edge"}]},
    "per_learner": {"inner": {"kind": "edge"}},
    "pairs": {"inner": {"kind": "edge"}, "opponents": ("past", "self")},
}
NAMES = teachers.names()


def make(name, space, seed=0):
    if name == "learning_progress" and any(isinstance(p, Real) for p in space.values()):
        pytest.skip("its tasks are a list, and this space has none")
    return teachers.make(name, space, seed, options=OPTIONS.get(name, {}))


def result(proposal, gained, **of):
    values = {"id": proposal.id, "learner": "me", "score": 0.5, "total_return": gained, "length": 3}
    return Result(**(values | {"opponents": proposal.opponents or "self"} | of))


def good(teacher, space, n=50):
    proposals = teacher.ask(n, "me")
    assert all(space.task(p.task) == p.task for p in proposals)
    json.dumps(teacher.state_dict())
    assert all(math.isfinite(v) for v in teacher.metrics().values())
    return proposals


@pytest.mark.parametrize("space", [*SPACES, "listed"])
@pytest.mark.parametrize("name", NAMES)
class TestEveryTeacher:
    @pytest.mark.parametrize(
        "gained",
        [
            lambda k: 1.0,
            lambda k: math.nan,
            lambda k: (-1) ** k * math.inf,
            lambda k: 1e300 * (-1) ** k,
            lambda k: k % 3,
        ],
        ids=["constant", "nan", "infinite", "huge", "varied"],
    )
    def test_any_returns(self, name, space, gained):
        tasks = SPACES.get(space, LISTED)
        teacher = make(name, tasks)
        for k in range(120):
            (proposal,) = teacher.ask(1, "me")
            teacher.tell(result(proposal, float(gained(k))))
        good(teacher, tasks)

    def test_a_thousand_at_once_in_any_order_and_some_never(self, name, space):
        tasks = SPACES.get(space, LISTED)
        teacher = make(name, tasks)
        proposals = teacher.ask(1000, "me")
        random.Random(1).shuffle(proposals)
        for k, proposal in enumerate(proposals[:900]):
            teacher.tell(result(proposal, k % 7 / 7))
        good(teacher, tasks)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_told_twice_or_of_nothing_changes_no_task(name):
    one, other = make(name, LISTED), make(name, LISTED)
    for k in range(200):
        pair = one.ask(1, "me")[0], other.ask(1, "me")[0]
        assert pair[0] == pair[1]
        for teacher, proposal in zip((one, other), pair, strict=True):
            teacher.tell(result(proposal, k % 5 / 5))
        other.tell(result(pair[1], 0.9))
        other.tell(result(pair[1], 0.1, id=10**9))
        other.tell(result(pair[1], math.nan, id=-1))
    assert one.ask(50, "me") == other.ask(50, "me")
