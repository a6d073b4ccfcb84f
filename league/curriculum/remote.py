"""A teacher that lives in another process."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Mapping
from typing import Any, BinaryIO

from league.curriculum import wire
from league.curriculum.wire import Address, CurriculumError
from league.teachers import Proposal, Result

__all__ = ["RemoteTeacher"]


class RemoteTeacher:
    """Asks and tells the teacher that a `TeacherServer` serves.

    It connects when first used, and anew in a process that was forked; it may be pickled, so it can be made where environments
    are described and travel to where they are played. Threads take turns.

    Args:
        address: `TeacherServer.address`.
        timeout: seconds to wait for a connection, and for each answer.

    Raises:
        InputError: when the address is none.
    """

    def __init__(self, address: str, *, timeout: float = 60.0) -> None:
        self._address, self._timeout = Address.of(address), timeout
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._lines: BinaryIO | None = None
        self._hello: dict[str, Any] = {}
        self._process = os.getpid()

    @property
    def needs_values(self) -> bool:
        """Whether results should carry value statistics."""
        return bool(self._greeting()["needs_values"])

    @property
    def players(self) -> tuple[str, ...]:
        """Agents that its proposals may ask for in the learner's place."""
        return tuple(self._greeting()["players"])

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals for a learner.

        Raises:
            CurriculumError: when the teacher cannot be reached or does not answer in time, or has failed.
        """
        if n < 1:
            return []
        return [
            wire.proposal(values) for values in self._call({"call": "ask", "n": n, "learner": learner})["proposals"]
        ]

    def tell(self, result: Result) -> None:
        """Let the teacher learn from a result; `CurriculumError` as in `ask`."""
        self._call({"call": "tell", "result": wire.result_values(result)})

    def metrics(self) -> dict[str, float]:
        """Return the teacher's figures; `CurriculumError` as in `ask`."""
        metrics: dict[str, float] = self._call({"call": "metrics"})["metrics"]
        return metrics

    def close(self) -> None:
        """Hang up; the next call connects anew."""
        with self._lock:
            self._hang_up()

    def _greeting(self) -> dict[str, Any]:
        self._mine()
        with self._lock:
            self._connect()
            return self._hello

    def _call(self, message: Mapping[str, Any]) -> dict[str, Any]:
        self._mine()
        with self._lock:
            self._connect()
            answer = self._exchange(message)
        if "error" in answer:
            raise CurriculumError(answer["error"])
        return answer

    def _connect(self) -> None:
        if self._connection is not None:
            return
        try:
            self._connection = self._address.connect(self._timeout)
        except OSError as error:
            raise CurriculumError(f"no teacher at {self._where}: {error.strerror or error}") from None
        self._lines = self._connection.makefile("rb")
        self._hello = self._exchange({"hello": self._address.token, "protocol": wire.PROTOCOL})
        if "error" in self._hello:
            self._hang_up()
            raise CurriculumError(f"the teacher at {self._where} refuses: {self._hello['error']}")

    def _exchange(self, message: Mapping[str, Any]) -> dict[str, Any]:
        assert self._connection is not None
        assert self._lines is not None
        try:
            self._connection.sendall(wire.encode(message))
            line = self._lines.readline()
            if line.endswith(b"\n"):
                return wire.decode(line)
            problem = "has left"
        except TimeoutError:
            problem = f"did not answer within {self._timeout:g} s"
        except OSError as error:
            problem = f"cannot be reached: {error.strerror or error}"
        except ValueError:
            problem = "speaks another language"
        except BaseException:
            self._hang_up()  # Ctrl-C between question and answer: the next answer would be that of this question
            raise
        self._hang_up()
        raise CurriculumError(f"the teacher at {self._where} {problem}")

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._lines is not None:
            self._lines.close()
        self._connection = self._lines = None

    def _mine(self) -> None:
        """Leave the connection of the process that this one was forked from to that one."""
        if self._process != os.getpid():
            self._hang_up()
            self._begin()

    @property
    def _where(self) -> str:
        return str(self._address._replace(token="..." if self._address.token else ""))

    def __getstate__(self) -> tuple[str, float]:
        return str(self._address), self._timeout

    def __setstate__(self, state: tuple[str, float]) -> None:
        self._address, self._timeout = Address.of(state[0]), state[1]
        self._begin()
