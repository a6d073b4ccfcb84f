"""A teacher's state in a file."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from games import InputError

__all__ = ["load", "save"]


class _Has(Protocol):
    def state_dict(self) -> dict[str, Any]: ...

    def load_state_dict(self, state: Mapping[str, Any]) -> None: ...


def save(teacher: _Has, path: str | Path) -> None:
    """Write a teacher's state as JSON; a crash in the middle leaves what was there before.

    Args:
        teacher: a teacher, or the server of one.
        path: of the file.

    Raises:
        InputError: when it cannot be written.
    """
    path = Path(path)
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("w", encoding="utf-8") as file:
            json.dump(teacher.state_dict(), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise InputError(f"cannot write the teacher's state to {path}: {error.strerror}") from None


def load(teacher: _Has, path: str | Path) -> None:
    """Let a teacher, made with the same options, go back to the state in a file.

    Raises:
        InputError: when there is no state of such a teacher in the file.
    """
    try:
        state = json.loads(Path(path).read_text(encoding="utf-8"))
        teacher.load_state_dict(state)
    except OSError as error:
        raise InputError(f"cannot read the teacher's state from {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise InputError(f"{path} holds no state of this teacher ({type(error).__name__}: {error})") from None
