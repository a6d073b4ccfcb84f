"""The lines that ask a bot for actions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout
from populations.agents.matches import Sitting
from populations.policy import Rows

__all__ = ["Requests"]


class _Text(dict[float, str]):
    """Number to its JSON text, quickly for small integers, whatever their type."""

    def __missing__(self, number: float) -> str:
        return repr(number) if np.isfinite(number) else "null"


_TEXT = _Text({number: str(number) for number in range(256)})


class Requests:
    """Writes requests for games with one layout of actions. Everything that does not change is prepared."""

    def __init__(self, layout: ActionLayout) -> None:
        self._heads, self._inner = len(layout.sizes), layout.offsets[1:-1]
        self._forms: dict[str, tuple[tuple[int, ...], str]] = {}  # name -> shape, and its JSON with %s for numbers

    def row(self, number: int, rows: Rows, k: int, sitting: Sitting, over: Sequence[int]) -> bytes:
        """Return the request for one row."""
        seen = ",".join(
            f'"{name}":{self._form(name, values.shape[1:]) % tuple(map(_TEXT.__getitem__, values[k].ravel().tolist()))}'
            for name, values in rows.observation.items()
        )
        text = (
            f'{{"type":"act","id":{number},"match":{sitting.number},"seat":{sitting.seat},"step":{sitting.step},'
            f'"seed":{sitting.chance},"observation":{{{seen}}}'
        )
        if rows.mask is not None:
            text += f',"legal":{self._legal(rows.mask[k])}'
        if over:
            text += f',"over":{list(over)}'
        return text.encode() + b"}\n"

    def batch(self, number: int, rows: Rows, ks: list[int], sittings: Sequence[Sitting], over: Sequence[int]) -> bytes:
        """Return the request for many rows: the same fields, each a list with one entry a row."""
        part, chosen = [sittings[k] for k in ks], np.array(ks)
        columns = {
            "match": [s.number for s in part],
            "seat": [s.seat for s in part],
            "step": [s.step for s in part],
            "seed": [s.chance for s in part],
        }
        text = [b'{"type":"act","id":%d,"rows":%d' % (number, len(ks))]
        text += [f',"{name}":{values}'.encode() for name, values in columns.items()]
        names = [b'"%s":[%s]' % (n.encode(), self._many(n, v[chosen])) for n, v in rows.observation.items()]
        text += [b',"observation":{', b",".join(names), b"}"]
        if rows.mask is not None:
            text.append(f',"legal":{self._legal_rows(rows.mask[chosen])}'.encode())
        if over:
            text.append(f',"over":{list(over)}'.encode())
        return b"".join(text) + b"}\n"

    def _form(self, name: str, shape: tuple[int, ...]) -> str:
        known = self._forms.get(name)
        if known is None or known[0] != shape:
            form = json.dumps(np.zeros(shape, np.int64).tolist(), separators=(",", ":")).replace("0", "%s")
            known = self._forms[name] = (shape, form)
        return known[1]

    def _many(self, name: str, values: NDArray[Any]) -> bytes:
        """Return the JSON of many rows of one array, without the outer brackets."""
        form, flat = self._form(name, values.shape[1:]), values.reshape(len(values), -1)
        with np.errstate(invalid="ignore"):
            digits = flat.astype(np.uint8)
        if digits.max(initial=0) > 9 or not np.array_equal(digits, flat):
            return ",".join(form % tuple(map(_TEXT.__getitem__, row)) for row in flat.tolist()).encode()
        # All numbers are one digit long, so all rows have their brackets and commas at the same places.
        blank = np.frombuffer((form.replace("%s", "0") + ",").encode(), np.uint8)
        text = np.repeat(blank[None], len(flat), axis=0)
        text[:, np.flatnonzero(blank == ord("0"))] = digits + ord("0")
        return text.tobytes()[:-1]

    def _legal(self, mask: NDArray[np.bool_]) -> list[Any]:
        if self._heads == 1:
            legal: list[Any] = mask.nonzero()[0].tolist()
            return legal
        heads = np.split(mask, self._inner)
        return [head.nonzero()[0].tolist() for head in heads]

    def _legal_rows(self, mask: NDArray[np.bool_]) -> list[Any]:
        if self._heads != 1:
            return [self._legal(row) for row in mask]
        legal, ends = mask.nonzero()[1].tolist(), np.cumsum(mask.sum(axis=1)).tolist()
        return [legal[start:end] for start, end in zip([0, *ends], ends, strict=False)]
