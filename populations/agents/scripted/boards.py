"""Players for board games: three that look only at what is legal, and one that knows connect four."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from games import Game, InputError
from games.adapters.openspiel.connect_four import four
from games.compiled import kernel
from games.randomness import integer, seat_stream, uniform
from populations.policy import Decision, Rows, State

__all__ = ["CentreLegal", "ConnectFourRules", "FirstLegal", "LastLegal"]

_ROWS, _COLUMNS = 6, 7
_CELLS = _ROWS * _COLUMNS
_BY_CENTRE = np.array([3, 2, 4, 1, 5, 0, 6])


class _Legal(ABC):
    """What the three players have in common: they need the mask and nothing else."""

    observes = False
    privileged = False

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Choose one legal action for every row.

        Raises:
            ValueError: when the game has no masks.
        """
        if rows.mask is None:
            raise ValueError(f"{type(self).__name__} chooses among the actions of a mask, and this game has none")
        return Decision(self.choose(rows.mask).astype(np.int32)[:, None])

    @abstractmethod
    def choose(self, mask: NDArray[np.bool_]) -> NDArray[np.integer]:
        """Return one legal action [R] for each mask [R, A]."""

    def refuses(self, game: Game) -> str | None:
        """It needs one head of discrete actions."""
        if len(game.actions.sizes) != 1:
            return "it chooses one discrete action, and this game's actions have another form"
        return None


class FirstLegal(_Legal):
    """Plays the legal action of the lowest number."""

    def choose(self, mask: NDArray[np.bool_]) -> NDArray[np.integer]:
        """Return the lowest."""
        return mask.argmax(axis=1)


class LastLegal(_Legal):
    """Plays the legal action of the highest number."""

    def choose(self, mask: NDArray[np.bool_]) -> NDArray[np.integer]:
        """Return the highest."""
        return mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)


class CentreLegal(_Legal):
    """Plays the legal action nearest the middle of all numbers; of two equally near ones, the lower."""

    def choose(self, mask: NDArray[np.bool_]) -> NDArray[np.integer]:
        """Return the nearest to the middle."""
        width = mask.shape[1]
        order = np.argsort(np.abs(np.arange(width) - (width - 1) / 2), kind="stable")
        return order[mask[:, order].argmax(axis=1)]


class ConnectFourRules:
    """Wins connect four where one move does it, else blocks where the opponent would win, else stays near the centre.

    Args:
        stray: probability of any legal move, all equally likely, where there is nothing to win or to block. Without it
            two such players always play the same match.

    Raises:
        InputError: for a number outside 0 to 1.
    """

    observes = True
    privileged = False

    def __init__(self, *, stray: float = 0.0) -> None:
        if not 0.0 <= stray <= 1.0:
            raise InputError(f"stray of connect-four-rules must be from 0 to 1, not {stray}")
        self.stray = float(stray)

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide from the planes of stones that OpenSpiel shows."""
        action = np.empty((len(rows), 1), dtype=np.int32)
        planes = np.ascontiguousarray(rows.observation["vector"])
        _decide(planes, rows.seat, rows.seed, rows.step, self.stray, action)
        return Decision(action)

    def refuses(self, game: Game) -> str | None:
        """It knows one board."""
        return None if game.name == "openspiel/connect_four" else "it knows only openspiel/connect_four"


@kernel
def _decide(planes, seat, seed, step, stray, action):  # type: ignore[no-untyped-def]
    """Write [R, 1] columns for R boards of three planes: first player's stones, second player's, empty cells.

    A board becomes two numbers with bit 7 * column + row for a stone; the seventh bit of a column stays empty.
    """
    for r in range(len(planes)):
        mine, theirs = 0, 0
        for column in range(_COLUMNS):
            for row in range(_ROWS):
                cell, bit = _COLUMNS * row + column, 1 << (7 * column + row)
                if planes[r, seat[r] * _CELLS + cell] != 0:
                    mine |= bit
                elif planes[r, (1 - seat[r]) * _CELLS + cell] != 0:
                    theirs |= bit
        filled = mine | theirs
        choice, rank, legal = -1, 0, 0
        for column in _BY_CENTRE:
            if (filled >> (7 * column + _ROWS - 1)) & 1:
                continue
            legal += 1
            stone = (filled + (1 << 7 * column)) & ~filled & (0x7F << 7 * column)
            worth = 3 if four(mine | stone) else 2 if four(theirs | stone) else 1
            if worth > rank:
                choice, rank = column, worth
        if rank == 1 and stray > 0.0:
            stream = seat_stream(seat[r])
            if uniform(seed[r], stream, step[r], 0) < stray:
                left = integer(seed[r], stream, step[r], 1, legal)
                for column in range(_COLUMNS):
                    if not (filled >> (7 * column + _ROWS - 1)) & 1:
                        if left == 0:
                            choice = column
                        left -= 1
        action[r, 0] = choice
