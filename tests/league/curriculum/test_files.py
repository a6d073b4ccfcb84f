import json

import pytest
from corridor import SPACE

from games import InputError
from league.curriculum import TeacherServer, load, save
from league.teachers import Result, teachers


def taught(count):
    teacher = teachers.make("edge", SPACE, 3)
    for p in teacher.ask(count):
        teacher.tell(Result(id=p.id, learner="me", score=0.5, total_return=float(p.task["slope"]), length=1))
    return teacher


def test_a_teacher_goes_on_where_it_was_saved(tmp_path):
    teacher = taught(300)
    with TeacherServer(teacher) as server:  # under its lock
        save(server, tmp_path / "state.json")
    again = teachers.make("edge", SPACE, 0)
    load(again, tmp_path / "state.json")
    assert again.ask(100) == teacher.ask(100)
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_a_save_that_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "state.json"
    save(taught(1), path)
    before = path.read_text()

    class Broken:
        def state_dict(self):
            raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match="No space left on device"):
        save(Broken(), path)
    assert path.read_text() == before
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]


def test_what_is_no_state_is_said(tmp_path):
    with pytest.raises(InputError, match="No such file"):
        load(taught(0), tmp_path / "none.json")
    for text in ("{", "[]", "{}", json.dumps({"generator": 1})):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(InputError, match="holds no state of this teacher"):
            load(taught(0), tmp_path / "bad.json")
    with pytest.raises(InputError, match="cannot write"):
        save(taught(0), tmp_path / "no" / "state.json")
