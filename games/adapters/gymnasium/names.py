"""From a name to a constructor of a Gymnasium environment."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import gymnasium
from gymnasium.envs.registration import find_highest_version, parse_env_id

from games.adapters.gymnasium.walker.tracks import TRACKS
from games.adapters.names import split
from games.errors import InputError, suggestion

__all__ = ["constructor", "known", "parse"]

_NEEDS = {
    "gymnasium.envs.box2d.": ("Box2D",),
    "gymnasium.envs.box2d.car_racing": ("pygame",),  # it observes its own picture
    "gymnasium.envs.mujoco.": ("mujoco",),
    "gymnasium.envs.phys2d.": ("jax",),
    "gymnasium.envs.tabular.": ("jax",),
}
"""What the modules of Gymnasium's own environments need beside Gymnasium."""


def known() -> tuple[str, ...]:
    """Return the full names of Gymnasium's own environments, latest versions, whose needs are installed.

    Read from Gymnasium's registry; no environment is imported.
    """
    return tuple(sorted(f"gymnasium/{name}" for name in _installed()))


def parse(name: str) -> tuple[str, dict[str, Any]]:
    """Split `gymnasium/ID(key=value,...)` into the environment's id and the arguments.

    Raises:
        InputError: when the name has another form.
    """
    parts = split(name)
    if not parts:
        raise InputError(
            f"game name {name!r} cannot be read: it must be gymnasium/ID or gymnasium/ID(key=value,...), "
            "for example gymnasium/CartPole-v1"
        )
    return parts[0].removeprefix("gymnasium/"), parts[1]


def constructor(name: str, path: str, arguments: dict[str, Any]) -> Callable[[], gymnasium.Env]:
    """Return a function that makes a new environment.

    Args:
        name: the full name, for messages.
        path: a registered id, or `module:id` where importing the module registers it.
        arguments: of `gymnasium.make`, which passes on to the environment what it does not know itself.

    Raises:
        InputError: when no such id is registered, or the module is missing.
    """
    module, _, registered = path.rpartition(":")
    if module:
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise InputError(f"{name}: the module {module!r} cannot be imported: {error}") from error
    if registered not in gymnasium.registry:
        near = suggestion(registered, [*gymnasium.registry, *TRACKS])
        raise InputError(
            f"unknown game {name!r}: Gymnasium has no environment {registered!r}{near} "
            "(one of another package is gymnasium/MODULE:ID)"
        )

    def create() -> gymnasium.Env:
        try:
            return gymnasium.make(registered, disable_env_checker=True, **arguments)
        except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
            raise InputError(f"{name} needs what is not installed: {error}") from error
        except (gymnasium.error.Error, TypeError, ValueError, AssertionError) as error:
            raise InputError(f"{name}: the environment refuses these arguments: {error}") from error

    return create


def _installed() -> Iterator[str]:
    for name, spec in gymnasium.registry.items():
        place = spec.entry_point if isinstance(spec.entry_point, str) else ""
        if not place.startswith("gymnasium.envs."):
            continue
        namespace, short, version = parse_env_id(name)
        latest = version == find_highest_version(namespace, short)
        needs = [package for prefix, packages in _NEEDS.items() if place.startswith(prefix) for package in packages]
        if latest and all(find_spec(package) for package in needs):
            yield name
