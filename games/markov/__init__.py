"""Games of our own whose worlds are Markov games with populations of any size.

One folder a game, and one line here; `disc/` and `matrix/` are games of one step (`one_step.py`), small enough to be solved on
paper. `resource/` is the pattern of all others: `rules.py` (the numbers), `game.py` (the contract's face),
`kernels.py` (the compiled rules), `vector.py` (the state of B matches), `reference.py` (the same rules, slow and plain: the
oracle of the tests). What several games share in physics is `particles.py`, and what their vectors do alike is
`compiled_vector.py`; `pasture/` holds what grassland, battle and food share.
"""

from __future__ import annotations

from pkgutil import resolve_name

from games.errors import InputError, suggestion
from games.game import Game

__all__ = ["make", "names"]

_GAMES = {
    "resource-v0": "games.markov.resource:ResourceGame",
    "resource-landmarks-v0": "games.markov.resource:ResourceLandmarksGame",
    "pursuit-v0": "games.markov.pursuit:PursuitGame",
    "grassland-v0": "games.markov.grassland:GrasslandGame",
    "food-v0": "games.markov.food:FoodGame",
    "battle-v0": "games.markov.battle:BattleGame",
    "treasure-v0": "games.markov.treasure:TreasureGame",
    "repeated-v0": "games.markov.repeated:RepeatedGame",
    "disc-v0": "games.markov.disc:DiscGame",
    "matrix-v0": "games.markov.matrix:MatrixGame",
}


def names() -> tuple[str, ...]:
    """Return the full names of this family's games."""
    return tuple(f"markov/{rest}" for rest in _GAMES)


def make(rest: str) -> Game:
    """Return the game `markov/{rest}`; only its own module is imported.

    Raises:
        InputError: for an unknown name, with the nearest known one.
    """
    if rest not in _GAMES:
        known = f" (this family has: {', '.join(names())})"
        raise InputError(f"unknown game 'markov/{rest}'{suggestion(f'markov/{rest}', names()) or known}")
    return resolve_name(_GAMES[rest])()
