"""One running bot: lines to it, lines from it, a deadline for every wait, and an end that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
import weakref
from pathlib import Path
from typing import Literal

from populations.agents.process.command import Command
from populations.agents.process.limits import Limits

__all__ = ["Bot", "BotFailed"]

BYE = b'{"type":"bye"}\n'
LINE = 1 << 22
"""Bytes of the longest line that we read."""
LOG_LINES, LOG_CHARACTERS = 20, 2000
"""What is kept of stderr."""
_CHUNK = 1 << 16
_ENVIRONMENT = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "JAVA_HOME")
"""What a bot inherits of our environment: what programs need to run, and none of our secrets."""


class BotFailed(Exception):
    """A bot gave no answer that can be used.

    Attributes:
        reason: as in `populations.policy.Failure`.
        detail: one line.
    """

    def __init__(self, reason: Literal["crash", "timeout", "illegal"], detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Bot:
    """A bot under its supervisor, from its start until `stop`, `leave`, or the end of whoever holds it.

    Attributes:
        stderr_bytes: how much it wrote to stderr.
    """

    def __init__(self, command: Command, limits: Limits) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(Path(__file__).with_name("supervisor.py")), str(theirs.fileno())),
                    *(str(limits.memory_mb << 20), str(limits.cpu_seconds), str(limits.processes)),
                    *(str(limits.file_mb << 20), *command.words),
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                pass_fds=(theirs.fileno(),),
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
            )
        self._finalize = weakref.finalize(self, _close, self._process, ours, os.getpid())
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._err, self._control = self._process.stderr.fileno(), ours
        self._poll = select.poll()
        for fd in (self._in, self._out, self._err, ours.fileno()):
            os.set_blocking(fd, False)
        for fd in (self._out, self._err, ours.fileno()):
            self._poll.register(fd, select.POLLIN)
        self._unsent, self._waits = b"", False  # what the pipe would not take, and whether we wait until it does
        self._read = bytearray()
        self._closed: set[int] = set()
        self._tail = b""
        self._said = b""  # by the supervisor
        self.stderr_bytes = 0

    @property
    def log(self) -> str:
        """The last lines that it wrote to stderr."""
        lines = self._tail.decode(errors="replace").splitlines()[-LOG_LINES:]
        return "\n".join(lines)[-LOG_CHARACTERS:]

    @property
    def kept(self) -> str:
        """How the supervisor keeps it, `isolated` or `open: WHY`; empty until it has said so."""
        return self._said.partition(b"\n")[0].decode(errors="replace") if b"\n" in self._said else ""

    @property
    def surplus(self) -> bytes:
        """What it wrote beyond the lines that were received."""
        return bytes(self._read)

    def send(self, text: bytes) -> None:
        """Write as much as the pipe takes; the rest goes while we wait for answers."""
        if self._unsent:
            self._unsent += text
            return
        self._unsent = text
        self._flush()

    def receive(self, seconds: float) -> bytes:
        """Return the next line, without its end.

        Raises:
            BotFailed: when the bot ends or closes its output (crash), takes longer (timeout), or writes too
                long a line (illegal).
        """
        read, deadline, searched = self._read, time.monotonic() + seconds, 0
        while (end := read.find(b"\n", searched)) < 0:
            searched = len(read)
            if searched > LINE:
                raise BotFailed("illegal", f"its line has more than {LINE >> 20} MB")
            if self._out in self._closed:
                raise BotFailed("crash", self._end())
            left = deadline - time.monotonic()
            if left <= 0:
                half = ", but half a line (are lines ended, and flushed?)" if read else ""
                raise BotFailed("timeout", f"no answer within {seconds:g} s{half}")
            self._turn(left)
        line = bytes(read[:end])
        del read[: end + 1]
        return line

    def stop(self) -> None:
        """End the bot and all that it started, at once."""
        with contextlib.suppress(OSError):
            self._control.send(b"k")
        self._settle(5.0)
        self._finalize()

    def leave(self) -> str:
        """Say goodbye; the bot has a second to leave by itself. Return how it ended, as a clause that follows its name."""
        return self._finalize() or ""

    def _turn(self, seconds: float) -> None:
        """Wait until something can be read or written, and do so."""
        for fd, _ in self._poll.poll(seconds * 1000):
            if fd == self._in:
                self._flush()
                continue
            try:
                chunk = os.read(fd, _CHUNK)
            except OSError:
                chunk = b""
            if not chunk:
                self._poll.unregister(fd)
                self._closed.add(fd)
            elif fd == self._out:
                if len(self._read) <= LINE:
                    self._read += chunk
            elif fd == self._err:
                self.stderr_bytes += len(chunk)
                self._tail = (self._tail + chunk)[-4 * LOG_CHARACTERS :]
            else:
                self._said += chunk

    def _flush(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self._in, self._unsent) :]
        except BlockingIOError:
            pass
        except OSError:  # it closed its input: whether it answers all the same, we shall see
            self._unsent = b""
        if bool(self._unsent) != self._waits:
            self._waits = not self._waits
            if self._waits:
                self._poll.register(self._in, select.POLLOUT)
            else:
                self._poll.unregister(self._in)

    def _end(self) -> str:
        """Return how the bot ended, which the supervisor tells when nothing is left of it."""
        self._settle(1.0)
        said = self._said.decode(errors="replace").splitlines()
        return f"it {said[1]}" if len(said) > 1 else "it closed its output"

    def _settle(self, seconds: float) -> None:
        """Read on until the supervisor has left, and with it all that could still write."""
        last = time.monotonic() + seconds
        while not self._closed >= {self._control.fileno(), self._err} and (left := last - time.monotonic()) > 0:
            self._turn(left)


def _close(process: subprocess.Popen[bytes], control: socket.socket, owner: int) -> str:
    """Tell bot and supervisor that it is over, wait for the supervisor, which waits for the bot, and return its last word."""
    if os.getpid() != owner:  # a fork of the owner has copies of the pipes, and no bot
        return ""
    said = b""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    with control, contextlib.suppress(OSError):
        with contextlib.suppress(OSError):
            process.stdin.write(BYE)
        process.stdin.close()
        control.settimeout(10.0)
        control.shutdown(socket.SHUT_WR)
        while chunk := control.recv(_CHUNK):
            said += chunk
    process.kill()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return said.decode(errors="replace").strip().rpartition("\n")[2]
