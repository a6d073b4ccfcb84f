"""Parts of a league by name: our own classes, and those that installed packages register by entry point."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Generic, TypeVar

from games.errors import InputError, suggestion

__all__ = ["Registry"]

T = TypeVar("T")


class Registry(Generic[T]):
    """Classes of one kind by name. Their keyword-only parameters are the options that a configuration may give.

    Args:
        kind: what they are, for error messages ("matchmaker").
        group: the entry points that add to them ("arena.matchmakers"); a package's name wins over ours.
        classes: our own; one that takes long to import may be given as "module:Class".
    """

    def __init__(self, kind: str, group: str, classes: Mapping[str, Callable[..., T] | str]) -> None:
        self._kind, self._group, self._classes = kind, group, dict(classes)

    def names(self) -> tuple[str, ...]:
        """Return all names, sorted."""
        return tuple(sorted({*self._classes, *(point.name for point in entry_points(group=self._group))}))

    def make(self, name: str, *arguments: Any, options: Mapping[str, Any] | None = None) -> T:
        """Return a new one.

        Args:
            name: one of `names()`.
            *arguments: what every class of the kind is given.
            options: keyword options of this class.

        Raises:
            InputError: for an unknown name or option (with the nearest known one), a missing option, or a value that
                the class refuses.
        """
        options = options or {}
        build = self.find(name)
        parameters = inspect.signature(build).parameters
        known = [p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY]
        where = f"{self._kind} {name!r}"
        for option in options:
            if option not in known:
                has = ", ".join(known) or "none"
                raise InputError(
                    f"unknown option {option!r} of {where}{suggestion(option, known)} (its options: {has})"
                )
        for option in known:
            if option not in options and parameters[option].default is inspect.Parameter.empty:
                raise InputError(f"{where} needs the option {option!r}")
        return build(*arguments, **options)

    def find(self, name: str) -> Callable[..., T]:
        """Return the class with this name.

        Raises:
            InputError: for an unknown name, with the nearest known one.
        """
        for point in entry_points(group=self._group, name=name):
            loaded: Callable[..., T] = point.load()
            return loaded
        if name not in self._classes:
            names = self.names()
            raise InputError(f"unknown {self._kind} {name!r}{suggestion(name, names)} (known: {', '.join(names)})")
        build = self._classes[name]
        if isinstance(build, str):
            module, _, attribute = build.partition(":")
            found: Callable[..., T] = getattr(import_module(module), attribute)
            return found
        return build
