"""Small games that prove the contract: one short file each, written for reading, exact and cheap enough for any test.

| name | what it proves |
| --- | --- |
| `testkit/commands-v0` | image planes, functions with masked arguments |
| `testkit/gridgoal-v0` | egocentric grids with a goal encoding, success against time-out, one or two seats |
| `testkit/skirmish-v0` | entity sets, units that die, populations that differ within one batch |
| `testkit/teams-v0` | two teams whose members share every reward |
| `testkit/dice-v0` | three players who take turns, with chance |

Each docstring says what random and good play give, so that a test can see whether somebody learns.
"""

from __future__ import annotations

from games.errors import InputError, suggestion
from games.game import Game
from games.testkit.commands import Commands
from games.testkit.dice import Dice
from games.testkit.gridgoal import GridGoal
from games.testkit.skirmish import Skirmish
from games.testkit.slotwise import SlotwiseGame
from games.testkit.teams import Teams

__all__ = ["Commands", "Dice", "GridGoal", "Skirmish", "SlotwiseGame", "Teams", "make", "names"]

_GAMES: dict[str, type[Game]] = {game.name: game for game in (Commands, Dice, GridGoal, Skirmish, Teams)}


def names() -> tuple[str, ...]:
    """Return the full names of the kit's games."""
    return tuple(_GAMES)


def make(rest: str) -> Game:
    """Return the game `testkit/<rest>`.

    Raises:
        InputError: for an unknown name.
    """
    name = f"testkit/{rest}"
    if name not in _GAMES:
        raise InputError(f"unknown game {name!r}{suggestion(name, _GAMES)} (the test kit has: {', '.join(_GAMES)})")
    return _GAMES[name]()
