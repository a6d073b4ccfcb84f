"""The parametric walker: `gymnasium/stump-tracks-v0` and `gymnasium/hexagon-tracks-v0`, on Gymnasium's Box2D.

`body=short`, `default` or `quadru` says who walks. `bodies.py` and `tracks.py` are data and geometry; `env.py` is a Gymnasium
environment whose `reset` takes the task, and the only file that needs Box2D.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import gymnasium

from games.adapters.gymnasium.game import GymnasiumGame
from games.adapters.gymnasium.walker.bodies import BODIES
from games.adapters.gymnasium.walker.tracks import TRACKS
from games.errors import InputError, suggestion

__all__ = ["LIMIT", "TRACKS", "known", "make"]

LIMIT = 2000
"""Longer matches are truncated."""


def known() -> tuple[str, ...]:
    """Return the full names of the walker's games; none without Box2D."""
    return tuple(f"gymnasium/{track}" for track in TRACKS) if find_spec("Box2D") else ()


def make(name: str, track: str, arguments: Mapping[str, Any]) -> GymnasiumGame:
    """Return a walker's game.

    Args:
        name: the full name.
        track: a key of `TRACKS`.
        arguments: `body` (a key of `BODIES`), `render_mode`.

    Raises:
        InputError: for other arguments, an unknown body, and where Box2D is missing.
    """
    wrong = sorted(arguments.keys() - {"body", "render_mode"})
    if wrong:
        raise InputError(f"{name}: unknown argument {wrong[0]!r} (the walker takes body and render_mode)")
    body = arguments.get("body", TRACKS[track].body)
    if body not in BODIES:
        raise InputError(
            f"{name}: unknown body {body!r}{suggestion(str(body), BODIES)} (there are: {', '.join(BODIES)})"
        )
    try:
        from games.adapters.gymnasium.walker.env import Walker
    except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
        raise InputError(f"{name} needs Box2D, which is not installed: pip install 'arena-league[walker]'") from error

    def create() -> gymnasium.Env:
        walker = Walker(TRACKS[track], BODIES[body], arguments.get("render_mode"))
        return gymnasium.wrappers.TimeLimit(walker, LIMIT)

    return GymnasiumGame(name, create, task_space=TRACKS[track].space, metrics=("success", "progress"))
