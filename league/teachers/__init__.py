"""Which tasks are played. A teacher proposes tasks (`ask`) and is told what came of them (`tell`).

A new teacher is one file with a class that fulfils `Teacher`, and one line in `_CLASSES`; packages register theirs under
the entry point group `arena.teachers`.
"""

from collections.abc import Callable

from league.registry import Registry
from league.teachers.fixed import Fixed
from league.teachers.teacher import Proposal, Result, Teacher
from league.teachers.uniform import Uniform

__all__ = ["Fixed", "Proposal", "Result", "Teacher", "Uniform", "teachers"]

_CLASSES: dict[str, Callable[..., Teacher]] = {
    "fixed": Fixed,
    "uniform": Uniform,
}

teachers: Registry[Teacher] = Registry("teacher", "arena.teachers", _CLASSES)
"""Teachers by name: `teachers.make("fixed", game.task_space, 0, options={"tasks": [{"size": 5}]})`."""
