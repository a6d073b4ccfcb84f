"""Learning curves: every figure goes to TensorBoard at once and to the store with the next commit."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from league.store import Store

__all__ = ["Curves"]


class Curves:
    """Figures over steps.

    Args:
        folder: where TensorBoard's event files go; None writes none.
        step: the step that the run resumes from: later points of an interrupted run are purged.
    """

    def __init__(self, folder: Path | None, step: int) -> None:
        self._pending: list[tuple[int, dict[str, float]]] = []
        self._sketches: list[tuple[int, list[dict[str, Any]]]] = []
        self._writer = None
        if folder is not None:
            from torch.utils.tensorboard import SummaryWriter  # takes a second to import: only for those who train

            self._writer = SummaryWriter(str(folder), purge_step=step + 1 if step else None)

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures at a step."""
        self._pending.append((step, dict(values)))
        self.show(step, values)

    def show(self, step: int, values: Mapping[str, float]) -> None:
        """Add figures for TensorBoard alone: those that depend on the machine and not on what was learned."""
        if self._writer is not None:
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)

    def sketch(self, step: int, shapes: list[dict[str, Any]]) -> None:
        """Add what a teacher believes at a step; for the store alone."""
        self._sketches.append((step, shapes))

    def picture(self, step: int, name: str, pixels: NDArray[np.uint8]) -> None:
        """Add a picture [height, width, 3] at a step; for TensorBoard alone."""
        if self._writer is not None:
            self._writer.add_image(name, pixels, step, dataformats="HWC")

    def commit(self, store: Store) -> None:
        """Write to the store what is not there yet; belongs inside a transaction."""
        for step, values in self._pending:
            store.add_curves(step, values)
        for step, shapes in self._sketches:
            store.add_sketch(step, shapes)
        self._pending.clear()
        self._sketches.clear()
        if self._writer is not None:
            self._writer.flush()

    def close(self) -> None:
        """Close TensorBoard's file."""
        if self._writer is not None:
            self._writer.close()
