"""What every teacher promises, and how they are found."""

import json
from types import SimpleNamespace

import pytest

from games import InputError, Integer, Real, TaskSpace
from league.teachers import Result, teachers

SPACE = TaskSpace({"size": Integer(2, 9, 5), "speed": Real(0.0, 1.0, 0.5)})
GAME = SimpleNamespace(seats=lambda task: ("seat",) * task["size"], max_seats=9)


def test_ours_are_known():
    assert set(teachers.names()) >= {"fixed", "uniform"}
    with pytest.raises(InputError, match=r"unknown teacher 'uniforme'; did you mean 'uniform'\?"):
        teachers.make("uniforme", SPACE, 0)


@pytest.mark.parametrize("name", ["fixed", "uniform"])
class TestEveryTeacher:
    def test_proposes_tasks_of_the_space_under_fresh_ids(self, name):
        teacher = teachers.make(name, SPACE, 0)
        proposals = [*teacher.ask(3), *teacher.ask(0), *teacher.ask(4)]
        assert [p.id for p in proposals] == list(range(7))
        assert {p.origin for p in proposals} == {name}
        assert all(SPACE.task(p.task) == p.task for p in proposals)
        assert max(p.task["size"] for p in proposals) <= teacher.max_seats(GAME)

    def test_goes_on_from_its_state_as_json(self, name):
        teacher = teachers.make(name, SPACE, 1)
        for proposal in teacher.ask(5):
            teacher.tell(Result(id=proposal.id, learner="me", score=1.0, total_return=2.0, length=3))
        again = teachers.make(name, SPACE, 2)
        again.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
        assert again.ask(4) == teacher.ask(4)
        assert again.state_dict() == teacher.state_dict()
