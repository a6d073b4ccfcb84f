"""A teacher that environments in other processes can ask."""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import shutil
import socket
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from games import InputError
from league.curriculum import wire
from league.curriculum.wire import Address
from league.teachers import Proposal, Result, Teacher

__all__ = ["TeacherServer"]

MOST = 4_096
"""Proposals that may be asked for at once."""
GREETING = 10.0
"""Seconds within which a client must say who it is."""


class TeacherServer:
    """Serves a teacher to other processes on this machine, from a thread; a context manager.

    Each client has a thread, and one lock lets them at the teacher one after the other. The server can itself be asked and
    told like a teacher, under the same lock: while it runs, go through it and not around it. A client that dies takes only its
    own open proposals with it; one that talks nonsense is told so in a sentence. Messages are JSON lines (`wire.py`).

    Args:
        teacher: to be served.
        address: where: `unix:PATH`, `tcp` (loopback, any free port) or `tcp:PORT`. None takes a Unix socket in a new folder
            that only this user may enter, or TCP where the system has no such sockets.

    Attributes:
        address: to make a `RemoteTeacher` of. Over TCP a secret is part of it: whoever knows the address can ask.

    Raises:
        InputError: when the address is none, or is in use.
    """

    def __init__(self, teacher: Teacher, address: str | None = None) -> None:
        self._teacher, self._lock = teacher, threading.RLock()
        self._folder = ""
        self._listener, where = self._bind(address)
        self._listener.settimeout(1.0)  # some systems do not wake a thread whose listener is closed
        self.address = str(where)
        self._where = where
        self._clients: set[socket.socket] = set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._accept, name="teacher", daemon=True)
        self._thread.start()

    # as a teacher

    @property
    def needs_values(self) -> bool:
        """Whether results should carry value statistics."""
        return self._teacher.needs_values

    @property
    def players(self) -> tuple[str, ...]:
        """Agents that its proposals may ask for in the learner's place."""
        return self._teacher.players

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals for a learner."""
        with self._lock:
            return self._teacher.ask(n, learner)

    def tell(self, result: Result) -> None:
        """Let the teacher learn from a result."""
        with self._lock:
            self._teacher.tell(result)

    def metrics(self) -> dict[str, float]:
        """Return the teacher's figures."""
        with self._lock:
            return self._teacher.metrics()

    def state_dict(self) -> dict[str, Any]:
        """Return the teacher's state."""
        with self._lock:
            return self._teacher.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Let the teacher go back to a state."""
        with self._lock:
            self._teacher.load_state_dict(state)

    # as a server

    def __enter__(self) -> TeacherServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up on all clients and give the address free."""
        if self._closed.is_set():
            return
        self._closed.set()
        _hang_up(self._listener)
        for client in list(self._clients):
            _hang_up(client)
        self._thread.join()
        if self._where.path:
            Path(self._where.path).unlink(missing_ok=True)
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _bind(self, address: str | None) -> tuple[socket.socket, Address]:
        kind, _, rest = (address or ("unix:" if hasattr(socket, "AF_UNIX") else "tcp")).partition(":")
        if kind == "tcp" and (not rest or (rest.isdigit() and int(rest) < 65536)):
            try:
                listener = socket.create_server(("127.0.0.1", int(rest or 0)))
            except OSError as error:
                raise InputError(f"the teacher cannot be served at {address}: {error.strerror}") from None
            return listener, Address(host="127.0.0.1", port=listener.getsockname()[1], token=secrets.token_hex(16))
        if kind != "unix" or (address is not None and not rest):
            raise InputError(
                f"{address!r} is no address to serve a teacher at: it should be unix:PATH, tcp or tcp:PORT"
            )
        if address is None:
            self._folder = tempfile.mkdtemp(prefix="teacher-")
            rest = os.path.join(self._folder, "socket")
        listener = socket.socket(socket.AF_UNIX)
        try:
            _sweep(rest)
            listener.bind(rest)
            os.chmod(rest, 0o600)  # nobody can connect before `listen`
            listener.listen(128)
        except OSError as error:
            listener.close()
            raise InputError(f"the teacher cannot be served at unix:{rest}: {error.strerror or error}") from None
        return listener, Address(path=rest)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                if self._closed.wait(0.1):  # else out of file descriptors, say: try again
                    return
                continue
            self._clients.add(client)
            if self._closed.is_set():
                _hang_up(client)  # `close` may have missed it
                return
            threading.Thread(target=self._serve, args=(client,), name="teacher-client", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        try:
            with client, client.makefile("rb") as lines:
                client.settimeout(GREETING)
                answer = self._greet(lines.readline(wire.LIMIT))
                client.sendall(wire.encode(answer))
                client.settimeout(None)
                while "error" not in answer and (line := lines.readline(wire.LIMIT)):
                    whole = line.endswith(b"\n")
                    reply = self._answer(line) if whole else {"error": f"a message may have {wire.LIMIT} bytes"}
                    client.sendall(wire.encode(reply))
                    if not whole:
                        return
        except OSError:
            pass  # it left, or never said who it is
        finally:
            self._clients.discard(client)

    def _greet(self, line: bytes) -> dict[str, Any]:
        try:
            hello = wire.decode(line)
        except ValueError as error:
            return {"error": str(error)}
        if not hmac.compare_digest(str(hello.get("hello")).encode(errors="replace"), self._where.token.encode()):
            return {"error": "the address lacks the token of this server"}
        if hello.get("protocol") != wire.PROTOCOL:
            return {"error": f"this server speaks version {wire.PROTOCOL} of the protocol"}
        return {"needs_values": self.needs_values, "players": list(self.players)}

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            message = wire.decode(line)
            call = message.get("call")
            if call == "ask":
                n, learner = message.get("n", 1), message.get("learner", "")
                if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= MOST or not isinstance(learner, str):
                    raise ValueError(f"n of ask must be an integer from 1 to {MOST}, and learner a text")
            elif call == "tell":
                told = wire.result(message.get("result"))
            elif call != "metrics":
                raise ValueError(f"call must be ask, tell or metrics, not {str(call)[:40]!r}")
        except ValueError as error:
            return {"error": str(error)}
        try:
            if call == "ask":
                return {"proposals": [wire.proposal_values(proposal) for proposal in self.ask(n, learner)]}
            if call == "metrics":
                return {"metrics": self.metrics()}
            self.tell(told)
        except Exception as error:  # whatever a teacher does, the others go on
            return {"error": f"the teacher failed: {type(error).__name__}: {error}"}
        return {"told": True}


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def _sweep(path: str) -> None:
    """Remove a socket that a process which was killed left behind; one that still answers stays, and `bind` will refuse."""
    if not Path(path).is_socket():
        return
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.settimeout(1.0)
            probe.connect(path)
        except ConnectionRefusedError:
            Path(path).unlink(missing_ok=True)
