"""From folders to a file."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from arena.report.chapter import chapter_of
from arena.report.page import page
from games import InputError

__all__ = ["write_report"]

_PACKAGES = ("arena-league", "numpy", "numba", "torch", "open_spiel", "pettingzoo")


def write_report(folders: Sequence[Path], path: Path, *, title: str = "Arena report") -> Path:
    """Write one page about runs and tournaments, a chapter each, and return its path.

    Raises:
        InputError: when a folder holds neither, or the file cannot be written.
    """
    chapters = [chapter_of(folder) for folder in folders]
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    subtitle = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC. Python {platform.python_version()}, {versions}."
    text = page(title, subtitle, chapters)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write the report {path}: {error.strerror}") from None
    return path
