"""The stage games by hand."""

import pytest

from games.markov.repeated.rules import ACTIONS, GAMES, payoff


@pytest.mark.parametrize(
    ("game", "action", "others", "expected"),
    [
        ("prisoners_dilemma", 0, (1, 0), 3),
        ("prisoners_dilemma", 0, (0, 1), 0),
        ("prisoners_dilemma", 1, (1, 0), 5),
        ("prisoners_dilemma", 1, (0, 1), 1),
        ("prisoners_dilemma", 1, (3, 1), 4),
        ("public_goods", 0, (2, 1), 2.0 * 3 / 4 - 1),
        ("public_goods", 1, (2, 1), 2.0 * 2 / 4),
        ("volunteers_dilemma", 0, (0, 3), 0.6),
        ("volunteers_dilemma", 1, (0, 3), 0),
        ("volunteers_dilemma", 1, (1, 2), 1),
        ("stag_hunt", 0, (3, 0), 4),
        ("stag_hunt", 0, (2, 1), 0),
        ("stag_hunt", 1, (3, 0), 3),
        ("coordination", 1, (1, 3, 0), 0.9 * 3 / 4),
        ("minority", 0, (1, 3), 1),
        ("minority", 1, (1, 3), 0),
        ("minority", 0, (1, 2), 0.5),
        ("congestion", 2, (1, 1, 1), 1.5),
        ("congestion", 0, (0, 4, 0), 1),
    ],
)
def test_what_one_player_gets(game, action, others, expected):
    assert payoff(game, action, others, 2.0) == pytest.approx(expected)


def test_every_game_is_known():
    for game in GAMES:
        assert payoff(game, ACTIONS[game] - 1, (1,) * ACTIONS[game], 1.5) is not None
    with pytest.raises(ValueError, match="unknown game 'chess'"):
        payoff("chess", 0, (1, 0))
