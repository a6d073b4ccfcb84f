from __future__ import annotations

import numpy as np

from populations.mra.games import KnownGames


def test_numbers_games_as_they_are_met_until_there_is_no_room() -> None:
    games = KnownGames(3, 2)
    first = np.array([[1.0, 2.0], [0.0, 5.0], [1.0, 2.0]], np.float32)
    assert games.labels(first).tolist() == [1, 0, 1]
    again = np.array([[9.0, 0.0], [1.00001, 2.0], [9.5, 0.0]], np.float32)
    assert games.labels(again).tolist() == [2, 1, -1]
    assert len(games) == 3
    assert games.labels(np.array([[9.5, 0.0], [0.0, 5.0]], np.float32)).tolist() == [-1, 0]
    assert games.labels(np.zeros((0, 2), np.float32)).tolist() == []
