"""What all teachers with others inside promise, whatever is inside."""

import json
from types import SimpleNamespace

import pytest

from games import Categorical, InputError, Integer, Real, TaskSpace
from league.registry import Registry
from league.teachers import Forgets, Result, Sketches
from league.teachers.bandit import Bandit
from league.teachers.composite import blend, made
from league.teachers.mixture import Mixture
from league.teachers.pairs import Pairs
from league.teachers.per_learner import PerLearner
from league.teachers.syllabus import Syllabus

SPACE = TaskSpace({"size": Integer(2, 9, 5), "speed": Real(0.0, 1.0, 0.5), "map": Categorical(("a", "b"), "a")})
GAME = SimpleNamespace(seats=lambda task: ("seat",) * task["size"], max_seats=9)
EDGE = {"kind": "edge", "pool": 16, "refresh": 10, "window": 50}
TWO = {"any": {"kind": "uniform"}, "edge": EDGE}
KINDS = {
    "mixture": lambda seed, space=SPACE: Mixture(space, seed, teachers=TWO),
    "bandit": lambda seed, space=SPACE: Bandit(space, seed, teachers=TWO),
    "change": lambda seed, space=SPACE: Bandit(space, seed, teachers=TWO, rule={"kind": "thompson"}, signal="change"),
    "per_learner": lambda seed, space=SPACE: PerLearner(space, seed, inner=EDGE),
    "pairs": lambda seed, space=SPACE: Pairs(space, seed, inner=EDGE, opponents=("self", "past")),
    "syllabus": lambda seed, space=SPACE: Syllabus(
        space, seed, stages=({"kind": "uniform", "until": {"results": 30, "above": 0.1, "newest": 20}}, EDGE)
    ),
    "nested": lambda seed, space=SPACE: Mixture(
        space, seed, teachers={"a": {"kind": "uniform"}, "b": {"kind": "uniform"}}
    ),
}


def result(proposal, value=None, learner="me", **of):
    value = float(proposal.task.get("speed", 0.3)) if value is None else value
    of = {"opponents": proposal.opponents} | of
    return Result(id=proposal.id, learner=learner, score=0.5, total_return=value, length=3, **of)


@pytest.fixture(params=KINDS)
def make(request):
    return KINDS[request.param]


def test_tasks_of_the_space_under_fresh_ids(make):
    teacher = make(0)
    proposals = [*teacher.ask(3, "me"), *teacher.ask(0), *teacher.ask(200, "me")]
    assert [p.id for p in proposals] == list(range(203))
    assert all(SPACE.task(p.task) == p.task for p in proposals)
    assert len({p.task["speed"] for p in proposals}) == 203
    assert teacher.max_seats(GAME) == 9
    assert not teacher.needs_values
    assert teacher.players == ()
    assert isinstance(teacher, Sketches)
    assert isinstance(teacher, Forgets)


def test_it_goes_on_from_its_state_as_json(make):
    """With tasks in flight, of more than one learner, and after somebody was forgotten."""
    teacher = make(1)
    waiting = []
    for k in range(150):
        waiting += teacher.ask(1, f"learner {k % 3}")
        if k % 4 == 3:
            proposal = waiting.pop(k % len(waiting))
            teacher.tell(result(proposal, learner=f"learner {proposal.id % 3}"))
        if k == 100:
            teacher.forget("learner 1")
    again = make(2)
    again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    assert again.state_dict() == teacher.state_dict()
    for k in range(100):
        first, second = teacher.ask(1, f"learner {k % 3}"), again.ask(1, f"learner {k % 3}")
        assert first == second
        for told in (result(waiting[k % len(waiting)], learner=f"learner {k % 2}"), result(first[0])):
            teacher.tell(told)
            again.tell(told)
    assert again.state_dict() == teacher.state_dict()
    assert again.metrics() == teacher.metrics()
    assert again.sketch() == teacher.sketch()


def test_equal_seeds_propose_the_same_and_others_do_not(make):
    assert make(5).ask(20, "me") == make(5).ask(20, "me")
    assert make(5).ask(20, "me") != make(6).ask(20, "me")


def test_what_cannot_be_learned_from(make):
    teacher = make(3)
    one, two, three, four = teacher.ask(4, "me")
    teacher.tell(result(one))
    before = json.dumps(teacher.state_dict())
    counted = teacher.metrics()
    teacher.tell(result(one, 0.9))
    teacher.tell(Result(id=999, learner="me", score=0.5, total_return=1.0, length=1))
    teacher.tell(result(two, float("nan")))
    teacher.tell(result(three, float("inf")))
    figures = teacher.metrics()
    assert figures["ignored"] - counted["ignored"] == 2
    assert figures["refused"] - counted["refused"] == 2
    after = teacher.state_dict()
    after["ledger"]["counts"] = json.loads(before)["ledger"]["counts"]
    assert json.dumps(after) == before
    teacher.tell(result(two))  # the refused one may still come
    teacher.tell(result(four))
    assert teacher.metrics()["told"] == 3


def test_late_and_many_at_once(make):
    teacher = make(4)
    proposals = teacher.ask(1000, "me")
    for proposal in reversed(proposals):
        teacher.tell(result(proposal, 1.0))  # and constant
    assert teacher.metrics()["told"] == 1000
    assert len(teacher.ask(1000, "me")) == 1000


@pytest.mark.parametrize(
    "space", [TaskSpace(), TaskSpace({"x": Real(2.0, 2.0, 2.0), "n": Integer(1, 1, 1)})], ids=["empty", "one point"]
)
def test_spaces_of_one_task(make, space):
    teacher = make(0, space)
    for k in range(120):
        (proposal,) = teacher.ask(1, "me")
        assert proposal.task == space.task()
        teacher.tell(result(proposal, float(k)))
    assert teacher.metrics()["told"] == 120
    json.dumps(teacher.sketch())


def test_figures_of_the_inner_ones_are_under_their_names():
    teacher = Mixture(SPACE, 0, teachers=TWO)
    teacher.ask(40)
    figures = teacher.metrics()
    assert figures["any/asked"] + figures["edge/asked"] == figures["asked"] == 40
    assert figures["origin/any/uniform"] + figures["origin/edge/uniform"] == pytest.approx(1.0)


class Foreign:
    """All that the contract asks for, and nothing more."""

    needs_values = True

    def __init__(self, space, seed, *, player="random"):
        self.space, self.players, self.asked, self.told = space, (player,), 0, []

    def max_seats(self, game):
        return 4

    def ask(self, n, learner=""):
        from league.teachers import Proposal

        self.asked += n
        ids = range(1000 + self.asked - n, 1000 + self.asked)
        return [Proposal(k, self.space.task({"size": 4}), "ours", False, "past", self.players[0]) for k in ids]

    def tell(self, result):
        self.told.append(result.id)

    def metrics(self):
        return {"asked": float(self.asked)}

    def state_dict(self):
        return {"asked": self.asked}

    def load_state_dict(self, state):
        self.asked = state["asked"]


@pytest.fixture
def foreign(monkeypatch):
    find = Registry.find
    monkeypatch.setattr(Registry, "find", lambda self, name: Foreign if name == "foreign" else find(self, name))


def test_teachers_of_other_packages_will_do(foreign):
    parts = {"a": {"kind": "foreign"}, "b": {"kind": "foreign", "player": "scripted:x"}}
    for teacher in (
        Mixture(SPACE, 0, teachers=parts),
        Bandit(SPACE, 0, teachers=parts),
        Syllabus(SPACE, 0, stages=({**parts["a"], "until": {"proposals": 3}}, parts["b"])),
    ):
        assert teacher.needs_values
        assert teacher.players == ("random", "scripted:x")
        assert teacher.max_seats(GAME) == 4
        proposals = teacher.ask(20)
        for proposal in proposals:
            assert (proposal.train_allowed, proposal.opponents) == (False, "past")
            assert proposal.origin.endswith("/ours")
            teacher.tell(result(proposal, learner="antagonist"))
        inner = [*teacher.inner.values()]
        assert all(t.told == list(range(1000, 1000 + t.asked)) and t.asked for t in inner), "by their own ids"
        assert {p.player for p in proposals} == {"random", "scripted:x"}
        teacher.forget("me")
        assert teacher.sketch() == []
        json.dumps(teacher.state_dict())


def test_a_mistake_inside_says_where_it_is():
    for part, message in (
        ({"kind": "uniforn"}, r"^teacher 'x', there: unknown teacher 'uniforn'; did you mean 'uniform'\?"),
        (
            {"kind": "edge", "windows": 3},
            "^teacher 'x', there: unknown option 'windows' of teacher 'edge'; did you mean",
        ),
        ({"kind": "edge", "window": 1}, "^teacher 'x', there: teacher 'edge': window must be at least 2, not 1"),
        ({"kind": "edge", "window": "long"}, "^teacher 'x', there: option 'window' of teacher 'edge': .*not 'long'"),
        ({"kind": "uniform", "space": 3}, "^teacher 'x', there: unknown option 'space' of teacher 'uniform'"),
        ({"random": 0.1}, "^teacher 'x', there: a teacher must be given as its kind, with its options"),
        ("uniform", "^teacher 'x', there: a teacher must be given as its kind, .* not 'uniform'"),
    ):
        with pytest.raises(InputError, match=message):
            made("x", "there", part, SPACE, 0)


@pytest.mark.parametrize("kind", [Mixture, Bandit])
@pytest.mark.parametrize("teachers", [{}, [{"kind": "uniform"}], {"": {"kind": "uniform"}}])
def test_inner_teachers_have_names(kind, teachers):
    with pytest.raises(InputError, match="needs teachers: each by a name of its own, not"):
        kind(SPACE, 0, teachers=teachers)


def test_sketches_are_blended():
    shapes = [{"point": [0.1], "weight": 0.5}, {"point": [0.2], "weight": 0.3}]
    blended = blend([(0.2, shapes), (0.8, [{"low": [0.0], "high": [1.0], "weight": 1.0}])])
    assert [s["weight"] for s in blended] == pytest.approx([0.8, 0.1, 0.06])
    assert shapes[0]["weight"] == 0.5, "the inner one's own is not written to"
    assert len(blend([(1.0, shapes * 60)])) == 40
