"""`kernel`, numba's `njit` for code whose machine code stays on disk and must never be out of date.

numba takes a cached function for fresh while the file that holds it is unchanged. But a kernel also contains the helpers
and the numbers that its module imports, so that a change in those, or an upgrade of this package, would leave the old
rules in force without a word. `kernel` therefore marks the cache with all the sources that went in.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import resolve_name
from pathlib import Path
from typing import Any, TypeVar

from numba import njit

__all__ = ["kernel", "sources", "stamp"]

F = TypeVar("F", bound=Callable)


def kernel(function: F) -> F:
    """Compile on the first call, once per signature; later processes load the machine code from disk.

    Single-threaded (but other threads run on beside it), without fast-math, so that results do not depend on the batch, and
    with numpy's division (no check for zero).
    Call it with arrays of one kind only: every new combination of types is compiled, and kept, anew. Helpers that a kernel
    calls are plain `@njit(inline="always")` functions.
    """
    compiled: Any = njit(cache=True, error_model="numpy", nogil=True)(function)
    if compiled is not function:  # it is when NUMBA_DISABLE_JIT is set
        compiled._cache._cache_file._source_stamp = stamp(function.__module__)
    return compiled


@cache
def stamp(module: str) -> str:
    """Return a hash of the sources of a loaded module."""
    digest = hashlib.sha256()
    for path in sources(module):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources(module: str) -> list[Path]:
    """Return the sorted files of a loaded module and of what it imports, directly or not, of our packages."""
    packages = {"games", "populations", "league", module.partition(".")[0]}
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = getattr(sys.modules.get(name), "__file__", None)
        if name not in found and path is not None and name.partition(".")[0] in packages:
            found[name] = Path(path)
            waiting += _imports(name, found[name])
    return sorted(found.values())


def _imports(module: str, path: Path) -> Iterator[str]:
    """Yield the names that a module imports; some of them name a thing in a module and no module."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = sys.modules[module].__package__ or ""
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
