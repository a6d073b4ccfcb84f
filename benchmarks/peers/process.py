"""Talks to a peer in a process of its own: it works when it is told to, so that its slices take turns with ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

__all__ = ["Peer"]


class Peer:
    """A script beside this file that answers each line on its standard input with one JSON line.

    Its first line tells its `versions`. The interpreter is `ARENA_PEER_PYTHON`, or our own.

    Args:
        script: file name.

    Raises:
        ImportError: when the interpreter lacks what the peer needs.
    """

    def __init__(self, script: str) -> None:
        python = os.environ.get("ARENA_PEER_PYTHON", sys.executable)
        command = [python, str(Path(__file__).parent / script)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            self.versions: dict[str, str] = self._read()["versions"]
        except (KeyError, ValueError) as error:
            self.close()
            raise ImportError(f"{script} does not start with {python}") from error

    def work(self) -> dict[str, Any]:
        """Let it do one portion of its work and return what it reports."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line.startswith("{"):  # libraries print what they like; answers are objects
                answer: dict[str, Any] = json.loads(line)
                return answer
        raise ValueError("the peer has ended")

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
