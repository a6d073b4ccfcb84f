"""Tasks as the command line gives them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from arena.yaml_lines import Document, read, scalar
from games import Game, InputError, Task

__all__ = ["task_of", "tasks_of"]


def task_of(game: Game, options: Sequence[str]) -> Task:
    """Return the task that `--task name=value` options describe, defaults elsewhere.

    Raises:
        InputError: for text that is no `name=value`, an unknown parameter or a value out of range.
    """
    values = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not equals:
            raise InputError(f"--task {text}: must be NAME=VALUE, as in --task {next(iter(game.task_space), 'size')}=5")
        values[name.strip()] = scalar(value, f"--task {text}")
    return game.task_space.task(values)


def tasks_of(game: Game, options: Sequence[str], file: Path | None) -> tuple[Task, ...]:
    """Return one task from options, or all tasks of a YAML file that holds a list of them.

    Raises:
        InputError: for a wrong option or file, or when both are given.
    """
    if file is None:
        return (task_of(game, options),)
    if options:
        raise InputError("give either --task or --tasks, not both")
    document = read(file)
    if not isinstance(document.data, list) or not document.data:
        raise InputError(f"{file}: must be a list of tasks, as in `- {{{next(iter(game.task_space), 'size')}: 5}}`")
    return tuple(_task(game, values, document, number) for number, values in enumerate(document.data))


def _task(game: Game, values: object, document: Document, number: int) -> Task:
    if not isinstance(values, dict):
        raise InputError(f"{document.where((number,))}: a task must be keys and values, not {values!r}")
    try:
        return game.task_space.task(values)
    except InputError as error:
        raise InputError(f"{document.where((number,))}: {error}") from None
