"""What commands print: tables and sentences for people on stdout, progress on stderr, or JSON alone.

With `--json` stdout carries JSON and nothing else, whatever a game or an agent prints; everything else goes to stderr.
"""

from __future__ import annotations

import json
import math
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from typing import Annotated, Any

import typer

__all__ = ["Console", "Interrupted", "Json", "Meter", "clock", "opened", "plain", "same_command"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else.")]
_WIDE = 200  # columns of a table that is not printed to a terminal
_TEXT = 100  # of a paragraph, at most
_GAP = 3  # between columns of a table
_NAME, _LEAST = 20, 10  # characters of a name that keep in one line, and in a narrow terminal


def same_command() -> str:
    """Return the command that is running, as the user would type it again."""
    return f"arena {shlex.join(sys.argv[1:])}"


class Interrupted(Exception):
    """The user stopped the command; the text says what was saved and how to go on."""


@contextmanager
def opened(as_json: bool) -> Iterator[Console]:
    """Give a command its console."""
    console = Console(as_json)
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        yield console


class Console:
    """Prints for people or for programs.

    Args:
        as_json: for programs; `say` and `table` then print nothing, and `emit` prints.
    """

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._stdout = sys.stdout

    @property
    def width(self) -> int:
        """Columns for text: those of the terminal, up to what is pleasant to read."""
        return min(shutil.get_terminal_size((_TEXT, 24)).columns, _TEXT)

    def say(self, text: str = "") -> None:
        """Print a line for people."""
        if not self.as_json:
            print(text, file=self._stdout, flush=True)

    def emit(self, value: Any) -> None:
        """Print one JSON document, in one line, for programs."""
        if self.as_json:
            print(json.dumps(plain(value), allow_nan=False), file=self._stdout, flush=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Print a table for people. Columns whose name starts with `>` are set to the right."""
        if self.as_json:
            return
        from rich import box
        from rich.console import Console as RichConsole
        from rich.table import Table
        from rich.text import Text

        printer = RichConsole(file=self._stdout, width=None if self._stdout.isatty() else _WIDE, highlight=False)
        cells = [[str(cell) for cell in row] for row in rows]
        widths = [max(len(line[k]) for line in [columns, *cells]) for k in range(len(columns))]
        spare = printer.width - sum(widths) - _GAP * (len(columns) - 1)
        table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        for column, width in zip(columns, widths, strict=True):
            number = column.startswith(">")
            # names are folded, not cut, and keep some room: those of many agents begin alike
            room = None if number else max(min(width, _NAME, width + spare), min(width, _LEAST))
            table.add_column(
                column.removeprefix(">"), justify="right" if number else "left", overflow="fold", min_width=room
            )
        for row in cells:
            table.add_row(*map(Text, row))
        printer.print(table)

    @contextmanager
    def status(self) -> Iterator[Callable[[str], None]]:
        """Show one line on stderr that changes; nothing when stderr is not a terminal."""
        if not sys.stderr.isatty() or self.as_json:
            yield lambda _: None
            return
        from rich.console import Console as RichConsole
        from rich.status import Status
        from rich.text import Text

        with Status("", console=RichConsole(stderr=True)) as line:
            yield lambda text: line.update(Text(text))

    @contextmanager
    def meter(self, unit: str, total: int | None, *, done: int = 0) -> Iterator[Meter]:
        """Show progress on stderr: how much (of a known total), rate, time left; nothing when stderr is not a terminal."""
        if not sys.stderr.isatty() or self.as_json:
            yield Meter(unit, total, done)
            return
        from rich.console import Console as RichConsole
        from rich.progress import BarColumn, Progress, TextColumn

        columns = (BarColumn(16), TextColumn("{task.description}", markup=False))
        with Progress(*columns, console=RichConsole(stderr=True), transient=True, refresh_per_second=4) as bar:
            task = bar.add_task("", total=total, completed=done)

            def show(meter: Meter) -> None:
                bar.update(task, completed=meter.done, description=str(meter))

            yield Meter(unit, total, done, show)


class Meter:
    """How far something has come, and how fast.

    Args:
        unit: what is counted, in the plural.
        total: when it is done; None when nobody knows.
        done: what was there before this process began.
        show: called with the meter whenever it moved.
    """

    def __init__(self, unit: str, total: int | None, done: int, show: Callable[[Meter], None] = lambda _: None) -> None:
        self.unit, self.total, self.done = unit, total, done
        self._before, self._start, self._show = done, time.monotonic(), show
        self.note = ""

    def to(self, done: int, note: str = "") -> None:
        """Set how much is done, with a remark to show beside it."""
        self.done, self.note = done, note
        self._show(self)

    @property
    def rate(self) -> float:
        """Units per second in this process."""
        return (self.done - self._before) / max(time.monotonic() - self._start, 1e-9)

    @property
    def seconds_left(self) -> float | None:
        """At this rate; None before anything was done, and without a total."""
        return (self.total - self.done) / self.rate if self.total is not None and self.done > self._before else None

    def __str__(self) -> str:
        left = "" if self.seconds_left is None else f", {clock(self.seconds_left)} left"
        note = f" | {self.note}" if self.note else ""
        total = "" if self.total is None else f" of {self.total:,}"
        return f"{self.done:,}{total} {self.unit}, {self.rate:,.0f}/s{left}{note}"


def clock(seconds: float) -> str:
    """Return a duration as people write it: 42 s, 3:05 min, 2:10 h."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}:{whole % 60:02d} min"
    return f"{whole // 3600}:{whole % 3600 // 60:02d} h"


def plain(value: Any) -> Any:
    """Return a value as JSON can carry it: numbers that are not finite become null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # of numpy
        return plain(value.tolist())
    if isinstance(value, Iterable):
        return [plain(v) for v in value]
    return str(value)
