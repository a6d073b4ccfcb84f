"""Checkpoints: everything that the next step of training depends on, in one safetensors file named by the store."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from games import InputError

__all__ = ["nested", "read", "subset", "sweep", "write"]


def write(folder: Path, name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays durably: after this call they survive a crash, and a crash before leaves no half-written file.

    Raises:
        InputError: when the disk is full or the folder is read-only.
    """
    path, draft = folder / name, folder / f"{name}.part"
    try:
        folder.mkdir(exist_ok=True)
        with draft.open("wb") as file:
            file.write(save({key: np.asarray(value, order="C") for key, value in arrays.items()}))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        directory = os.open(folder, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise InputError(
            f"cannot write the checkpoint {path}: {error.strerror}; everything recorded before is unharmed"
        ) from None


def read(folder: Path, name: str) -> dict[str, NDArray[Any]]:
    """Read arrays back.

    Raises:
        InputError: when the file is missing or damaged.
    """
    try:
        return load_file(folder / name)
    except (OSError, SafetensorError) as error:
        raise InputError(f"the checkpoint {folder / name} cannot be read: {error}") from None


def sweep(folder: Path, keep: str) -> None:
    """Remove all checkpoints but one, and drafts that a crash left."""
    for path in folder.glob("*.safetensors*"):
        if path.name != keep:
            path.unlink(missing_ok=True)


def nested(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Put a prefix and a slash before every name."""
    return {f"{prefix}/{key}": value for key, value in arrays.items()}


def subset(prefix: str, arrays: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Inverse of `nested`: the arrays under a prefix."""
    start = f"{prefix}/"
    return {key.removeprefix(start): value for key, value in arrays.items() if key.startswith(start)}
