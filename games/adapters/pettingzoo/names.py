"""From a name to a constructor of a PettingZoo environment."""

from __future__ import annotations

import importlib
import importlib.util
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from games.adapters.names import split
from games.errors import InputError, suggestion

__all__ = ["constructor", "known", "parse"]

_PATTERNS = {"pettingzoo": "*/*_v*.py", "mpe2": "*_v*.py"}
_PATH = re.compile(r"pettingzoo/(?P<path>[A-Za-z_][\w.]*/[A-Za-z_]\w*)")


def known() -> tuple[str, ...]:
    """Return the full names of the environments that installed packages offer, read from their folders alone."""
    found = []
    for package, pattern in _PATTERNS.items():
        spec = importlib.util.find_spec(package)
        for root in (spec.submodule_search_locations or ()) if spec else ():
            family = "" if pattern.startswith("*/") else f"{package}/"
            found += [
                f"pettingzoo/{family}{file.relative_to(root).with_suffix('').as_posix()}"
                for file in Path(root).glob(pattern)
            ]
    return tuple(sorted(found))


def parse(name: str) -> tuple[str, dict[str, Any]]:
    """Split `pettingzoo/family/module(key=value,...)` into `family/module` and the arguments.

    Raises:
        InputError: when the name has another form.
    """
    parts = split(name)
    match = _PATH.fullmatch(parts[0]) if parts else None
    if not parts or not match:
        raise InputError(
            f"game name {name!r} cannot be read: it must be pettingzoo/FAMILY/NAME or pettingzoo/FAMILY/NAME(key=value,...)"
        )
    return match["path"], parts[1]


def constructor(name: str, path: str, arguments: dict[str, Any]) -> Callable[[], Any]:
    """Return a function that makes a new environment; Parallel where the module offers that, else AEC.

    Raises:
        InputError: when no such module is installed, or something that it needs is not.
    """
    module = _module(name, path)
    offered = next((f for f in ("parallel_env", "env", "raw_env") if hasattr(module, f)), None)
    if offered is None:
        raise InputError(f"{name}: the module {module.__name__} offers neither parallel_env nor env nor raw_env")

    def create() -> Any:
        try:
            return getattr(module, offered)(**arguments)
        except ImportError as error:
            raise _missing(name, error) from error
        except (TypeError, ValueError, AssertionError) as error:
            raise InputError(f"{name}: the environment refuses these arguments: {error}") from error

    return create


def _module(name: str, path: str) -> ModuleType:
    dotted = path.replace("/", ".")
    for target in (f"pettingzoo.{dotted}", dotted):
        try:
            with warnings.catch_warnings():
                # PettingZoo steers its own users to a registry by warning at the import of these modules.
                warnings.simplefilter("ignore", DeprecationWarning)
                return importlib.import_module(target)
        except ImportError as error:
            if not (isinstance(error, ModuleNotFoundError) and f"{target}.".startswith(f"{error.name}.")):
                raise _missing(name, error) from error
    near = suggestion(name.partition("(")[0], known())
    raise InputError(f"unknown game {name!r}: no module pettingzoo.{dotted} or {dotted} is installed{near}")


def _missing(name: str, error: ImportError) -> InputError:
    if not isinstance(error, ModuleNotFoundError):
        return InputError(f"{name} cannot be loaded: {error}")
    family = name.split("/")[1]
    bundle = f" (or pip install 'pettingzoo[{family}]')" if f"pettingzoo/{family}/" in " ".join(known()) else ""
    return InputError(f"{name} needs the package {error.name!r}, which is not installed: pip install it{bundle}")
