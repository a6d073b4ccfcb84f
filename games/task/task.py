"""One task: the parameters of one world, its population and its goal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property

__all__ = ["Scalar", "Task"]

Scalar = bool | int | float | str


class Task(Mapping[str, Scalar]):
    """One point of a task space: an immutable, hashable mapping from parameter name to value.

    Two tasks are equal when their values are; `hash` is the same on every machine and names the task in records.
    """

    def __init__(self, values: Mapping[str, Scalar] | None = None) -> None:
        self._values = dict(sorted((values or {}).items()))

    def __getitem__(self, name: str) -> Scalar:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @cached_property
    def hash(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the task's canonical JSON."""
        return hashlib.sha256(self.json.encode()).hexdigest()[:16]

    @cached_property
    def json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(self._values, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Task:
        """Inverse of `json`."""
        return cls(json.loads(text))

    def __hash__(self) -> int:
        return hash(self.json)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self.json == other.json

    def __repr__(self) -> str:
        return f"Task({self._values})"
