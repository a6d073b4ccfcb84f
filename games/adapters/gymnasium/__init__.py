"""Gymnasium environments as games of one seat, by name: `gymnasium/<id>`, for example `gymnasium/CartPole-v1`.

`gymnasium/my_package:MyEnv-v0` imports `my_package`, which registers the id. What stands in parentheses goes to
`gymnasium.make`: its own arguments (`max_episode_steps=100`) and those of the environment's constructor. Ranges of arguments
(`gravity=-11.0..-5.0`, see `games/adapters/ranges.py`) are task parameters. `GymnasiumGame` in `game.py` takes an environment
that has no name. `walker/` are two games of our own on Gymnasium's physics.
"""

from __future__ import annotations

from games.adapters.gymnasium import walker
from games.adapters.gymnasium.game import GymnasiumGame
from games.adapters.gymnasium.names import constructor, known, parse
from games.adapters.ranges import ranged
from games.adapters.varied import Varied
from games.game import Game

__all__ = ["GymnasiumGame", "make", "names"]


def names() -> tuple[str, ...]:
    """Return the names of Gymnasium's own environments, latest versions, and of the walker, whose needs are installed."""
    return tuple(sorted(known() + walker.known()))


def make(rest: str) -> Game:
    """Return the game `gymnasium/<rest>`.

    Raises:
        InputError: for a name that cannot be read or is unknown, for a package that is missing, for arguments that the
            environment refuses, and for spaces that the contract cannot hold.
    """
    name = f"gymnasium/{rest}"
    path, arguments = parse(name)
    if path in walker.TRACKS:
        return walker.make(name, path, arguments)
    if found := ranged(name):
        return Varied(found.name, found.space, lambda task: make(found.at(task).removeprefix("gymnasium/")))
    return GymnasiumGame(name, constructor(name, path, arguments))
