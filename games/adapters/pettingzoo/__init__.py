"""PettingZoo environments as games, by name: `pettingzoo/<family>/<environment>`.

`pettingzoo/classic/connect_four_v3` is PettingZoo's own, `pettingzoo/mpe2/simple_spread_v3(N=2,max_cycles=10)` lives in the
package `mpe2`, and any other package with a module that offers `parallel_env`, `env` or `raw_env` goes by the same rule.
What stands in parentheses goes to the constructor (other people's environments that observe their own picture may need
`render_mode=rgb_array` to draw it), but for `comparison=zero-sum` (or another `Comparison`), which is kept for the game.
Ranges of arguments (`N=2..5`, see `games/adapters/ranges.py`) are task parameters. `PettingZooGame` in `game.py` takes an
environment that has no name.
"""

from __future__ import annotations

from games.adapters.pettingzoo.names import constructor, known, parse
from games.adapters.ranges import ranged
from games.adapters.varied import Varied
from games.errors import InputError
from games.game import Comparison, Game

__all__ = ["make", "names"]

_ZERO_SUM = {
    f"classic/{name}"
    for name in (
        "chess_v6",
        "connect_four_v3",
        "go_v5",
        "leduc_holdem_v4",
        "rps_v2",
        "texas_holdem_no_limit_v6",
        "texas_holdem_v4",
        "tictactoe_v3",
    )
}

_DRAWN = {"butterfly/cooperative_pong_v6"}
"""Environments whose observation is their own picture, which they draw only when they are told to."""


def names() -> tuple[str, ...]:
    """Return the names of the environments in `pettingzoo` and `mpe2`, whether or not their own needs are installed."""
    return known()


def make(rest: str) -> Game:
    """Return the game `pettingzoo/<rest>`.

    Raises:
        InputError: for a name that cannot be read or is unknown, for a package that is missing, for arguments that the
            environment's constructor refuses, and for spaces that the contract cannot hold.
    """
    name = f"pettingzoo/{rest}"
    if found := ranged(name):
        return Varied(found.name, found.space, lambda task: make(found.at(task).removeprefix("pettingzoo/")))
    path, arguments = parse(name)
    default = Comparison.ZERO_SUM if path in _ZERO_SUM else Comparison.GENERAL_SUM
    wanted = arguments.pop("comparison", default)
    try:
        comparison = Comparison(wanted)
    except ValueError:
        raise InputError(f"{name}: comparison must be one of {', '.join(Comparison)}, not {wanted!r}") from None
    if path in _DRAWN:
        arguments.setdefault("render_mode", "rgb_array")
    create = constructor(name, path, arguments)

    from games.adapters.pettingzoo.game import PettingZooGame  # PettingZoo is imported only by those who ask for it

    return PettingZooGame(name, create, comparison=comparison)
