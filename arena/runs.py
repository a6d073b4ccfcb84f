"""The folder of a training run: claimed by one configuration, and gone on with by the same."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from arena.config import Config, difference, dump, load
from games import Game, InputError
from league.store import Store
from league.teachers import teachers

__all__ = ["claim", "config_of", "game_of", "open_run"]


def open_run(folder: Path) -> Store:
    """Open a folder for writing, as a new run or one to go on with.

    Raises:
        InputError: when it holds something else, has a writer, or cannot be written.
    """
    if folder.is_dir() and not (folder / "league.sqlite").exists() and any(folder.iterdir()):
        raise InputError(f"{folder} is not empty and holds no run; choose another folder")
    return Store(folder, write=True, create=True)


def claim(store: Store, config: Config) -> bool:
    """Make a folder this configuration's own, or check that it is; return whether there is something to go on with.

    Raises:
        InputError: when it holds a tournament, or a run of another configuration: naming the first key that differs.
    """
    path = store.folder / "config.yaml"
    kind = store.meta("kind")
    if kind not in (None, "training"):
        raise InputError(f"{store.folder} holds a {kind}; choose another folder")
    if path.exists():
        found = difference(load(path)[0], config)
        if found:
            raise InputError(f"{store.folder} holds a run of another configuration: {found}; choose another folder")
    if kind is None:
        with store.transaction():
            store.set_meta("kind", "training")
            store.set_meta("game", config.game)
            store.set_meta("arena", version("arena-league"))
    _write(path, f"# the complete configuration of this run\n{dump(config)}")
    return store.checkpoint() is not None


def config_of(folder: Path) -> Config:
    """Return the configuration of a run.

    Raises:
        InputError: when the folder holds none.
    """
    path = folder / "config.yaml"
    if not path.exists():
        raise InputError(f"{folder} holds no training run: it has no config.yaml")
    return load(path)[0]


def game_of(config: Config) -> Game:
    """Return the game of a run, with no more room than its tasks need: what its snapshots were made for."""
    game = config.rules()
    part = config.teacher
    teacher = teachers.make(part.kind, game.task_space, 0, options=part.options)  # no task is asked of it
    return config.room(game, teacher)


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    draft = path.with_suffix(".part")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
