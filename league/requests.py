"""What a run is asked for while it trains: files in its folder, which the training picks up between two updates.

The training is the only writer of the records, so that whoever wants something of it leaves a note. The answer is an event:
its effect, and the note's id, are recorded in one transaction with the checkpoint, and the note is removed after that. After a
kill at any moment it is thus carried out once.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from games import InputError
from league.events import Event
from league.store import Store

__all__ = ["WISHES", "Request", "answer", "ask", "is_training", "pending", "settle"]

WISHES = ("add", "freeze", "remove", "branch")
"""What can be asked for."""

_FOLDER = "requests"


class Request(NamedTuple):
    """One note.

    Attributes:
        id: names it for ever; ids of later notes are greater.
        wish: one of `WISHES`; anything else is refused.
        agent: what it is about: a URI for `add`, else the name of a member.
    """

    id: str
    wish: str
    agent: str


def ask(run: Path, wish: str, agent: str) -> str:
    """Leave a note, whole or not at all, and return its id.

    Raises:
        InputError: when the folder cannot be written to.
    """
    name = f"{time.time_ns():020d}-{os.getpid()}"
    folder = run / _FOLDER
    draft = folder / f"{name}.part"
    try:
        folder.mkdir(exist_ok=True)
        with draft.open("w", encoding="utf-8") as file:
            json.dump({"wish": wish, "agent": agent}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / f"{name}.json")
    except OSError as error:
        raise InputError(f"cannot leave a request in {folder}: {error.strerror}") from None
    return name


def pending(run: Path) -> Iterator[Request]:
    """Yield the notes that are there, the oldest first."""
    try:
        names = sorted(entry.name for entry in os.scandir(run / _FOLDER) if entry.name.endswith(".json"))
    except FileNotFoundError:
        return
    for name in names:
        try:
            values = json.loads((run / _FOLDER / name).read_text(encoding="utf-8"))
            yield Request(name.removesuffix(".json"), str(values["wish"]), str(values["agent"]))
        except (OSError, ValueError, KeyError, TypeError):
            yield Request(name.removesuffix(".json"), "", "")


def settle(run: Path, request: str) -> None:
    """Remove a note whose answer is recorded."""
    (run / _FOLDER / f"{request}.json").unlink(missing_ok=True)


def answer(store: Store, request: str) -> Event | None:
    """Return the event that answers a note, or None when nothing is recorded yet."""
    row = store.db.execute(
        "select * from events where detail != '' and json_extract(detail, '$.request') = ?", (request,)
    ).fetchone()
    return Event(*row) if row else None


def is_training(run: Path) -> bool:
    """Return whether somebody writes to a run at this moment."""
    try:
        with (run / "writer.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
