"""The command line of a bot: words, as a shell would split them, that no shell ever sees."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from games import InputError

__all__ = ["Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """What is run.

    Attributes:
        words: the program and its arguments.
    """

    words: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Command:
        """Return the command that a text describes, with quotes and backslashes as in a shell, and nothing else of one.

        Raises:
            InputError: when a quote is left open, or there is no such program.
        """
        try:
            words = tuple(shlex.split(text))
        except ValueError as error:
            raise InputError(f"the command of agent 'process:{text}' cannot be read: {str(error).lower()}") from None
        if not words or not words[0]:
            raise InputError("agent 'process:' lacks a command: process:./bot --flag")
        if shutil.which(words[0]) is None:
            path = Path(words[0])
            if path.is_file():
                why = (
                    f"{words[0]} is no program: make it executable (chmod +x), or name what runs it (python {words[0]})"
                )
            else:
                where = f"in {Path.cwd()}" if "/" in words[0] else "on the PATH (write ./ before a program beside you)"
                why = f"there is no program {words[0]!r} {where}"
            raise InputError(f"agent 'process:{text}' cannot be started: {why}")
        return cls(words)

    @property
    def text(self) -> str:
        """The canonical text: `parse` gives the same words for it."""
        return shlex.join(self.words)

    def contents(self) -> Iterator[bytes]:
        """Yield the contents of all files that the words name, alone or after a `=`; what the PATH finds is left out."""
        for number, word in enumerate(self.words):
            for name in dict.fromkeys((word, word.partition("=")[2])):
                if name and Path(name).is_file() and (number or "/" in word):
                    yield Path(name).read_bytes()
