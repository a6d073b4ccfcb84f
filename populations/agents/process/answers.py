"""The lines with which a bot answers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout
from populations.agents.process.bot import BotFailed

__all__ = ["Answers", "message", "short"]


class Answers:
    """Reads answers in games with one layout of actions."""

    def __init__(self, layout: ActionLayout) -> None:
        self.layout, self.single = layout, len(layout.sizes) == 1
        self._sizes, self._offsets = layout.sizes, layout.offsets.tolist()

    def row(self, line: bytes, number: int) -> Any:
        """Return the action in the answer to the request of this number, whatever it is.

        Raises:
            BotFailed: when the line is no such answer.
        """
        return _field(line, number, "action")

    def batch(self, line: bytes, number: int, rows: int) -> list[Any]:
        """Return the actions in the answer to a request of many rows, whatever they are.

        Raises:
            BotFailed: when the line is no such answer.
        """
        found = _field(line, number, "actions")
        if type(found) is not list or len(found) != rows:
            raise BotFailed(
                "illegal", f'"actions" must be a list with one entry for each of {rows} rows: {short(line)}'
            )
        return found

    def wrong(self, value: Any, mask: NDArray[np.bool_] | None) -> str:
        """Return what is wrong with an action, given the legal ones, or nothing."""
        heads = [value] if self.single else value
        if type(heads) is not list or len(heads) != self.layout.heads:
            return self._refusal(value)
        if self.layout.continuous:
            return self._wrong_numbers(heads)
        uses = self.layout.uses
        for head, number in enumerate(heads):
            used = head == 0 or uses is None or uses[heads[0], head]
            if type(number) is not int or abs(number) >> 31 or (used and not 0 <= number < self._sizes[head]):
                return self._refusal(value)
            if used and mask is not None and not mask[self._offsets[head] + number]:
                return f"action {value} is not legal here"
        return ""

    def fine(self, values: list[Any], mask: NDArray[np.bool_] | None) -> NDArray[np.int64] | None:
        """Return many actions as an array, if each is one whole number and legal; None means: look at them one by one."""
        if not self.single or set(map(type, values)) != {int}:
            return None
        try:
            chosen = np.array(values, np.int64)
        except OverflowError:
            return None
        if chosen.min() < 0 or chosen.max() >= self._sizes[0]:
            return None
        return chosen if mask is None or mask[np.arange(len(chosen)), chosen].all() else None

    def _wrong_numbers(self, values: list[Any]) -> str:
        assert self.layout.low is not None
        assert self.layout.high is not None
        for number, low, high in zip(values, self.layout.low.tolist(), self.layout.high.tolist(), strict=True):
            if type(number) not in (int, float) or not low <= number <= high:
                return self._refusal(values)
        return ""

    def _refusal(self, value: Any) -> str:
        if self.layout.continuous:
            wanted = f"a list of {self.layout.dimensions} numbers within their bounds"
        elif self.single:
            wanted = f"a whole number from 0 to {self._sizes[0] - 1}"
        else:
            wanted = f"a list of {self.layout.heads} whole numbers from 0, below {list(self._sizes)}"
        return f"its action must be {wanted}, not {_cut(repr(value))}"


def message(line: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object on a line.

    Raises:
        BotFailed: when there is none.
    """
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        said = None
    if type(said) is not dict:
        raise BotFailed("illegal", f"its line is no JSON object ({what} was expected): {short(line)}")
    return said


def short(line: bytes) -> str:
    """Return a line as it may stand in a message."""
    return _cut(repr(line[:100].decode(errors="replace")))


def _field(line: bytes, number: int, field: str) -> Any:
    said = message(line, "an answer")
    if said.get("id") != number:
        raise BotFailed("illegal", f"its answer must carry the id {number} of the request: {short(line)}")
    if field not in said:
        raise BotFailed("illegal", f'its answer lacks "{field}": {short(line)}')
    return said[field]


def _cut(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
