"""The command `arena`: its subcommands, and what the person at the keyboard is told when something is wrong.

Nothing heavy is imported here: `arena --help` must not wait for torch. Each command imports what it needs when it runs.
"""

from __future__ import annotations

import gc
import os
import sqlite3
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from arena import commands
from arena.console import Interrupted

__all__ = ["app", "main"]

app = typer.Typer(
    name="arena",
    help="An arena where populations of agents meet, learn and are measured.\n\n"
    "Start with `arena games`, `arena play openspiel/tic_tac_toe random random`, or `arena demo`.",
    no_args_is_help=False,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for name, command in commands.COMMANDS.items():
    app.command(name)(command)
app.add_typer(commands.check, name="check")

_INTERRUPTED = 130
_EXTRAS = {"ray": "ray", "pysc2": "starcraft", "fastapi": "dashboard", "uvicorn": "dashboard", "pyarrow": "parquet"}


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"arena {version('arena-league')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 when all is well, 2 after a mistake of the user, 130 after Ctrl-C."""
    if arguments is not None:
        sys.argv = ["arena", *arguments]  # commands that were interrupted say how to repeat them
    for library in ("OMP", "OPENBLAS", "NUMBA"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")  # small batches: a second thread costs more than it gives
    # matches and their records come by the ten thousand, without cycles: searching every 700 objects for some costs a tenth
    gc.set_threshold(50_000, 20, 50)
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # it greets on stdout, which belongs to --json
    try:
        sys.path.append(os.getcwd())  # where agents such as python:my.bot:make may live
        code = app(prog_name="arena", standalone_mode=False) or 0
        if code == _INTERRUPTED:
            print("interrupted", file=sys.stderr)
    except Interrupted as stop:
        print(stop, file=sys.stderr)
        code = _INTERRUPTED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        code = _INTERRUPTED
    except BrokenPipeError:
        sys.stdout = None  # whoever read our output has left: nothing more to flush
        code = 1
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        print(f"error: {sentence}", file=sys.stderr)
        code = 2
    sys.exit(code)


def explain(error: Exception) -> str | None:
    """Return one line for a mistake of the user or the machine; None for a mistake of ours, which needs its traceback."""
    from games.errors import InputError

    if isinstance(error, InputError):
        return " ".join(str(error).split())
    if hasattr(error, "format_message"):  # the command line itself is wrong: an exception of typer or its click
        context = getattr(error, "ctx", None)
        hint = f" (see `{context.command_path} --help`)" if context is not None else ""
        return f"{error.format_message().rstrip('.')}{hint}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        extra = _EXTRAS.get(package)
        remedy = f"pip install 'arena-league[{extra}]'" if extra else f"pip install {package}"
        return f"this needs the Python package {package!r}, which is not installed; try `{remedy}`"
    if isinstance(error, MemoryError) or "allocate memory" in str(error):  # torch has no class of its own for it
        return "this machine has not enough memory for what was asked: fewer slots, or smaller networks, need less"
    if isinstance(error, FloatingPointError):  # a learner diverged
        return str(error)
    if isinstance(error, sqlite3.DatabaseError):
        return f"the records cannot be read or written: {error}; everything recorded before is unharmed"
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}"
    return None
