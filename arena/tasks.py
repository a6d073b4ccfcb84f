"""Tasks as the command line gives them."""

from __future__ import annotations

from collections.abc import Sequence

from arena.draft import assigned
from games import Game, Task

__all__ = ["task_of"]


def task_of(game: Game, options: Sequence[str]) -> Task:
    """Return the task that `--task name=value` options describe, defaults elsewhere.

    Raises:
        InputError: for text that is no `name=value`, an unknown parameter or a value out of range.
    """
    example = f"{next(iter(game.task_space), 'size')}=5"
    return game.task_space.task(dict(assigned("--task", text, example) for text in options))
