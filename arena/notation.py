"""The game's own words for moves, where it has any."""

from __future__ import annotations

from typing import Any

from games import Game, VectorGame

__all__ = ["move_text", "moves_by_name"]


def moves_by_name(game: Game, vector: VectorGame, slot: int, seat: int) -> dict[str, int]:
    """Return the legal moves of a seat that acts, by the names that the game gives them; empty where it names none."""
    state = _state(game, vector, slot)
    return {} if state is None else {state.action_to_string(seat, move): move for move in state.legal_actions(seat)}


def move_text(game: Game, vector: VectorGame, slot: int, seat: int, action: list[Any]) -> str:
    """Return an action of a seat that acts as text: the game's name for it, else its number or numbers."""
    state = _state(game, vector, slot)
    if state is not None:
        return str(state.action_to_string(seat, action[0]))
    return ",".join(f"{value:g}" if isinstance(value, float) else str(value) for value in action)


def _state(game: Game, vector: VectorGame, slot: int) -> Any:
    """Return the OpenSpiel state of a match; None in other games, which number their moves."""
    return vector.state(slot) if game.name.startswith("openspiel/") else None  # type: ignore[attr-defined]
