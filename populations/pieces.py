"""Large batches in pieces: what is small enough stays in a core's cache, and pieces can be computed side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

__all__ = ["computed", "pieces"]

T = TypeVar("T")
U = TypeVar("U")


def pieces(count: int, size: int) -> list[slice]:
    """Cut 0 .. count into the fewest slices of at most `size`, as even as they can be."""
    number = -(-count // size)
    edges = [count * k // number for k in range(number + 1)] if number else []
    return [slice(low, high) for low, high in itertools.pairwise(edges)]


def computed(work: Callable[[T], U], parts: Sequence[T], threads: int) -> Iterator[U]:
    """Yield `work` of every part, in their order, computed by so many threads.

    It pays where the work is in torch or in compiled code that lets other threads run. torch's own threads split every small
    product instead and wait for each other each time; on a busy machine they come to a halt.
    """
    return map(work, parts) if threads == 1 or len(parts) == 1 else _pool(threads).map(work, parts)


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="pieces")
