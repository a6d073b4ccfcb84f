"""Openings: moves that are played before the agents are asked, checked by playing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from arena.notation import moves_by_name
from games import Game, InputError, Limits, Task, VectorGame
from league.match import match_seed

__all__ = ["opening_of"]

_SEEDS = 4  # under which an opening is tried: chance may allow different moves


def opening_of(
    game: Game, tasks: Sequence[Task], moves: Sequence[int | str], blame: Callable[[int, str], InputError]
) -> tuple[int, ...]:
    """Return an opening as numbers of moves.

    It is played in every task under a few seeds. In games where chance decides what is legal that proves little; there a
    match whose opening turns out to be impossible ends the tournament with a sentence.

    Args:
        game: the rules.
        tasks: where it must be possible.
        moves: as numbers, or by the names that the game gives them.
        blame: makes the error for a move (by its place in the opening) and a sentence about it.

    Raises:
        InputError: for a move that is not legal, an unknown name, a game that ends within the opening, and games whose
            seats do not take turns or whose moves are no single numbers.
    """
    if not game.turn_based or game.actions.continuous or game.actions.heads != 1:
        raise blame(0, f"{game.name} takes no openings: its seats must take turns, with one number as a move")
    found: list[int] = []
    for task in tasks:
        vector = game.vector(1, Limits(seats=len(game.seats(task)), observe=False))
        try:
            for number in range(_SEEDS):
                found = _played(game, vector, task, match_seed("opening", number), moves, blame)
        finally:
            vector.close()
    return tuple(found)


def _played(
    game: Game,
    vector: VectorGame,
    task: Task,
    seed: int,
    moves: Sequence[int | str],
    blame: Callable[[int, str], InputError],
) -> list[int]:
    view = vector.assign(np.array([0]), [task], np.array([seed], np.uint64))
    found: list[int] = []
    for turn, move in enumerate(moves):
        seat = int(view.acting[0].argmax())
        names = moves_by_name(game, vector, 0, seat)
        mask = np.ones(game.actions.width, bool) if view.action_mask is None else view.action_mask[0, seat]
        legal = np.flatnonzero(mask).tolist()
        chosen = names.get(move) if isinstance(move, str) else move
        if chosen not in legal:
            known = list(names) if isinstance(move, str) else legal
            offer = f"legal: {', '.join(map(str, known[:12]))}{' ...' if len(known) > 12 else ''}"
            if isinstance(move, str) and not names:
                offer = f"{game.name} has no names for moves, only numbers"
            raise blame(turn, f"move {turn + 1} of the opening, {move!r}, is not legal there ({offer})")
        found.append(chosen)
        actions = game.actions.empty(*view.acting.shape)
        actions[0, seat] = chosen
        view = vector.step(actions)
        if view.terminated[0] or view.truncated[0]:
            raise blame(turn, f"the match is over after move {turn + 1} of the opening: nothing is left to play")
    return found
