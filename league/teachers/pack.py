"""Arrays as plain JSON values, exactly."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["pack", "unpack"]


def pack(array: NDArray[Any]) -> dict[str, Any]:
    """Return an array of numbers as plain JSON values: its type, shape, and bytes in base 64."""
    return {
        "dtype": array.dtype.newbyteorder("<").str,
        "shape": list(array.shape),
        "data": b64encode(array.astype(array.dtype.newbyteorder("<")).tobytes()).decode(),
    }


def unpack(values: dict[str, Any]) -> NDArray[Any]:
    """Return the array of `pack`; it may be written to."""
    dtype = np.dtype(values["dtype"])
    if dtype.hasobject:
        raise ValueError(f"an array of numbers was expected, not {values['dtype']}")
    array = np.frombuffer(b64decode(values["data"]), dtype).reshape(values["shape"])
    return array.astype(dtype.newbyteorder("="))
