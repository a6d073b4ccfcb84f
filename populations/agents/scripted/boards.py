"""Players for board games: three that look only at what is legal, and one that knows connect four."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numba import njit
from numpy.typing import NDArray

from games import Game
from games.compiled import kernel
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
    """Wins connect four where one move does it, else blocks where the opponent would win, else stays near the centre."""

    observes = True
    privileged = False

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide from the planes of stones that OpenSpiel shows."""
        action = np.empty((len(rows), 1), dtype=np.int32)
        _decide(np.ascontiguousarray(rows.observation["vector"]), rows.seat, action)
        return Decision(action)

    def refuses(self, game: Game) -> str | None:
        """It knows one board."""
        return None if game.name == "openspiel/connect_four" else "it knows only openspiel/connect_four"


@kernel
def _decide(planes: NDArray[np.float32], seat: NDArray[np.int64], action: NDArray[np.int32]) -> None:
    """Write [R, 1] columns for R boards of three planes: first player's stones, second player's, empty cells."""
    for r in range(len(planes)):
        choice, rank = -1, 0
        for column in _BY_CENTRE:
            row = 0
            while row < _ROWS and planes[r, 2 * _CELLS + _COLUMNS * row + column] == 0:
                row += 1
            if row == _ROWS:
                continue
            worth = 1
            if _wins(planes[r], seat[r] * _CELLS, row, column):
                worth = 3
            elif _wins(planes[r], (1 - seat[r]) * _CELLS, row, column):
                worth = 2
            if worth > rank:
                choice, rank = column, worth
        action[r, 0] = choice


@njit()
def _wins(planes: NDArray[np.float32], offset: int, row: int, column: int) -> bool:
    """Whether a stone in an empty cell makes four in a line with those of the plane at `offset`."""
    for down, along in ((1, 0), (0, 1), (1, 1), (1, -1)):
        line = 1
        for way in (-1, 1):
            for far in range(1, 4):
                y, x = row + way * far * down, column + way * far * along
                if not (0 <= y < _ROWS and 0 <= x < _COLUMNS) or planes[offset + _COLUMNS * y + x] == 0:
                    break
                line += 1
        if line >= 4:
            return True
    return False
