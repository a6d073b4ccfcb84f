"""`python -m benchmarks`: list the benchmarks, or run one and print one JSON line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks.harness import benchmarks, report
from games.errors import InputError

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # peers import pygame, which greets


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code: 0, or 2 for a wrong name or file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed and learning.")
    parser.add_argument("name", nargs="?", help="what to run; left out, the benchmarks are listed")
    parser.add_argument(
        "--quick", action="store_true", help="fewer and shorter slices: at most 50 seconds, caches warm"
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="append the line to this file, too")
    options = parser.parse_args(arguments)
    if options.name is None:
        for name, description in benchmarks().items():
            print(f"{name:24}{description}")
        return 0
    try:
        line = json.dumps(_readable(report(options.name, quick=options.quick)))
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print(line, flush=True)
    if options.out is not None:
        try:
            with options.out.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            print(f"cannot write {options.out}: {error.strerror}", file=sys.stderr)
            return 2
    return 0


def _readable(value: object) -> object:
    """Round every number to six digits."""
    if isinstance(value, dict):
        return {key: _readable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_readable(entry) for entry in value]
    return float(f"{value:.6g}") if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
