from types import SimpleNamespace

import pytest

from games import InputError, Integer, TaskSpace
from league.teachers import Fixed

SPACE = TaskSpace({"size": Integer(2, 9, 5)})


def sizes(teacher, n):
    return [p.task["size"] for p in teacher.ask(n)]


def test_the_default_task():
    assert sizes(Fixed(SPACE, 0), 2) == [5, 5]
    assert [dict(p.task) for p in Fixed(TaskSpace(), 0).ask(1)] == [{}]


def test_one_task():
    assert sizes(Fixed(SPACE, 0, tasks={"size": 7}), 2) == [7, 7]


def test_a_list_in_turn():
    teacher = Fixed(SPACE, 0, tasks=[{"size": 2}, {}, {"size": 9}])
    assert sizes(teacher, 2) + sizes(teacher, 3) == [2, 5, 9, 2, 5]


def test_only_the_listed_populations_need_room():
    game = SimpleNamespace(seats=lambda task: ("seat",) * task["size"], max_seats=9)
    assert Fixed(SPACE, 0, tasks=[{"size": 2}, {"size": 4}, {"size": 3}]).max_seats(game) == 4


@pytest.mark.parametrize(
    ("tasks", "message"),
    [
        ([], r"needs tasks: .* not \[\]"),
        ("size", "not 'size'"),
        ([5], r"not \[5\]"),
        ([{"size": 1}], "task parameter 'size' must be an integer from 2 to 9"),
        ([{"sizes": 3}], r"unknown task parameter 'sizes'; did you mean 'size'\?"),
    ],
)
def test_wrong_tasks(tasks, message):
    with pytest.raises(InputError, match=message):
        Fixed(SPACE, 0, tasks=tasks)
