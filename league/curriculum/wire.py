"""What a teacher's server and its clients say to each other: JSON, one message a line.

A client begins with `{"hello": TOKEN, "protocol": 1}` and is told `{"needs_values": ..., "players": [...]}`. From then on each
of its messages gets one answer:

    {"call": "ask", "n": 1, "learner": ""}      {"proposals": [...]}
    {"call": "tell", "result": {...}}           {"told": true}
    {"call": "metrics"}                         {"metrics": {...}}

or `{"error": "one sentence"}`. Proposals and results have the fields of `league.teachers.Proposal` and `Result`.

An address is `unix:PATH`, or `tcp:HOST:PORT:TOKEN`.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, NamedTuple, TypeVar

from games import InputError, Task
from league.teachers import Proposal, Result, ValueStatistics

__all__ = [
    "LIMIT",
    "PROTOCOL",
    "Address",
    "CurriculumError",
    "decode",
    "encode",
    "proposal",
    "proposal_values",
    "result",
    "result_values",
]

PROTOCOL = 1
LIMIT = 1 << 20
"""Bytes of a message."""

T = TypeVar("T")


class CurriculumError(RuntimeError):
    """A teacher in another process cannot be reached, does not answer, or has failed."""


class Address(NamedTuple):
    """Where a teacher is served.

    Attributes:
        path: of the Unix socket; empty for TCP.
        host, port: for TCP.
        token: what a client must know; empty for a Unix socket, whose file only its owner may open.
    """

    path: str = ""
    host: str = ""
    port: int = 0
    token: str = ""

    def __str__(self) -> str:
        return f"unix:{self.path}" if self.path else f"tcp:{self.host}:{self.port}:{self.token}"

    @classmethod
    def of(cls, text: str) -> Address:
        """Return the address that a text names.

        Raises:
            InputError: when it names none.
        """
        kind, _, rest = text.partition(":")
        if kind == "unix" and rest:
            return cls(path=rest)
        parts = rest.split(":")
        if kind == "tcp" and len(parts) == 3 and parts[1].isdigit() and int(parts[1]) < 65536:
            return cls(host=parts[0], port=int(parts[1]), token=parts[2])
        raise InputError(f"{text!r} is no address of a teacher: it should be unix:PATH or tcp:HOST:PORT:TOKEN")

    def connect(self, timeout: float) -> socket.socket:
        """Return a connection.

        Args:
            timeout: seconds to wait for it, and for each answer.
        """
        if not self.path:
            connection = socket.create_connection((self.host, self.port), timeout)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # messages are short and waited for
            return connection
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout)
            connection.connect(self.path)
        except BaseException:
            connection.close()
            raise
        return connection


def encode(message: Mapping[str, Any]) -> bytes:
    """Return a message as a line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Return the message of a line.

    Raises:
        ValueError: for a line that is none.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("a message must be one line of JSON") from None
    if not isinstance(message, dict):
        raise ValueError("a message must be a JSON object")
    return message


def proposal_values(found: Proposal) -> dict[str, Any]:
    """Return a proposal as plain JSON values."""
    return {
        "id": found.id,
        "task": dict(found.task),
        "origin": found.origin,
        "train_allowed": found.train_allowed,
        "opponents": found.opponents,
        "player": found.player,
    }


def proposal(values: Any) -> Proposal:
    """Inverse of `proposal_values`; ValueError for anything else."""
    values = _object(values, "a proposal")
    return _made(Proposal, {**values, "task": Task(_object(values.get("task"), "a task"))})


def result(values: Any) -> Result:
    """Return the result that `dataclasses.asdict` made plain; ValueError for anything else."""
    values = _object(values, "a result")
    statistics = values.get("values")
    if statistics is not None:
        statistics = _made(ValueStatistics, _object(statistics, "the values of a result"))
    return _made(Result, {**values, "values": statistics})


def result_values(told: Result) -> dict[str, Any]:
    """Return a result as plain JSON values."""
    return asdict(told)


_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "str": (str,),
    "bool": (bool,),
    "float": (float, int),
    "float | None": (float, int, type(None)),
    "Task": (Task,),
    "ValueStatistics | None": (ValueStatistics, type(None)),
}


def _made(cls: type[T], values: dict[str, Any]) -> T:
    """Return a dataclass from values whose names and types are checked: they come from another process."""
    known: dict[str, Any] = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
    what = cls.__name__.lower()
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"a {what} has no field {name!r}")
        kinds = _TYPES[str(known[name].type)]
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError(f"{name} of a {what} must be {known[name].type}, not {str(value)[:40]!r}")
        checked[name] = _number(name, value) if float in kinds and value is not None else value
    try:
        return cls(**checked)
    except TypeError:
        raise ValueError(f"a {what} without some of its fields: it has only {', '.join(values) or 'none'}") from None


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} is too large a number") from None


def _object(values: Any, what: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ValueError(f"{what} must be an object, not {str(values)[:40]!r}")
    return values
