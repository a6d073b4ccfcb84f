import numpy as np
import pyspiel
import pytest

import games
from games import Comparison, InputError, Seat, Task
from games.adapters.openspiel import make, names


def test_names_are_playable_and_complete():
    assert len(names()) > 90
    for name in (
        "connect_four",
        "kuhn_poker",
        "leduc_poker",
        "goofspiel",
        "liars_dice",
        "markov_soccer",
        "tic_tac_toe",
    ):
        assert f"openspiel/{name}" in names()
    for name in ("mfg_garnet", "negotiation", "crossword", "cribbage", "repeated_game"):
        assert f"openspiel/{name}" not in names()
    assert names() == tuple(sorted(names())) == games.names("openspiel")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("leduc_poker", "leduc_poker"),
        ("leduc_poker()", "leduc_poker"),
        ("leduc_poker(players=2)", "leduc_poker"),
        ("kuhn_poker(players=3)", "kuhn_poker(players=3)"),
        ("goofspiel(num_cards=4, imp_info=True)", "goofspiel(imp_info=True,num_cards=4)"),
        ("go(komi=6.5,board_size=5)", "go(board_size=5,komi=6.5)"),
        (
            "turn_based_simultaneous_game(game=goofspiel(num_cards=4,players=2))",
            "turn_based_simultaneous_game(game=goofspiel(num_cards=4))",
        ),
    ],
)
def test_one_game_has_one_name(text, name):
    game = games.make(f"openspiel/{text}")
    assert game.name == f"openspiel/{name}"
    again = make(name)
    assert again.name == game.name
    assert again.spiel.get_parameters() == game.spiel.get_parameters()


def test_ranges_have_one_name_too():
    game = games.make("openspiel/goofspiel(num_turns=-1,points_order=random|descending, num_cards=3..6:4)")
    assert game.name == "openspiel/goofspiel(num_cards=3..6:4,points_order=random|descending)"
    assert list(game.task_space) == ["num_cards", "points_order"]
    assert games.make(game.name).name == game.name
    task = game.task_space.task({"num_cards": 5, "points_order": "descending"})
    assert game.inner(task).name == "openspiel/goofspiel(num_cards=5,points_order=descending)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("leduc_pokr", "unknown OpenSpiel game 'leduc_pokr'; did you mean 'leduc_poker'?"),
        ("", "unknown OpenSpiel game ''"),
        (
            "turn_based_simultaneous_game(game=gofspiel())",
            "unknown OpenSpiel game 'gofspiel'; did you mean 'goofspiel'?",
        ),
        (
            "kuhn_poker(plyers=3)",
            "unknown parameter 'plyers' of openspiel/kuhn_poker; did you mean 'players'? (it has: players)",
        ),
        ("mfg_garnet", "openspiel/mfg_garnet cannot be played here: a mean-field game has no seats"),
        (
            "negotiation",
            "openspiel/negotiation cannot be played here: its chance is drawn inside OpenSpiel, so a match could not be "
            "repeated from its seed",
        ),
        ("goofspiel(num_cards=0)", "openspiel/goofspiel(num_cards=0) cannot be played here: it has no actions"),
        ("goofspiel(num_cards=0..2)", "openspiel/goofspiel(num_cards=0) cannot be played here: it has no actions"),
        (
            "kuhn_poker(plyers=2..3)",
            "unknown parameter 'plyers' of openspiel/kuhn_poker; did you mean 'players'? (it has: players)",
        ),
        ("crossword", "openspiel/crossword cannot be played here: it shows its seats no tensor"),
    ],
)
def test_a_wrong_name_is_explained(text, message):
    with pytest.raises(InputError) as error:
        make(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("kuhn_poker(players=30)", "max_num_players = 10"),
        ("kuhn_poker(players=two)", "parameter players"),
        ("goofspiel(num_cards=4", "bracket"),
        ("repeated_game", "Missing parameter"),
    ],
)
def test_openspiel_says_why_in_one_line(text, reason):
    with pytest.raises(InputError, match=reason) as error:
        make(text)
    message = str(error.value)
    assert message.startswith(f"OpenSpiel rejects {text!r}: ")
    assert "\n" not in message
    assert ".cc:" not in message


@pytest.mark.parametrize(
    ("name", "comparison", "teams", "turns"),
    [
        ("connect_four", Comparison.ZERO_SUM, (0, 1), True),
        ("goofspiel", Comparison.ZERO_SUM, (0, 1), False),
        ("kuhn_poker(players=3)", Comparison.GENERAL_SUM, (0, 1, 2), True),
        ("matrix_pd", Comparison.GENERAL_SUM, (0, 1), False),
        ("tiny_hanabi", Comparison.COOPERATIVE, (0, 0), True),
        ("2048", Comparison.GENERAL_SUM, (0,), True),
    ],
)
def test_rules_come_from_the_metadata(name, comparison, teams, turns):
    game = make(name)
    assert game.comparison is comparison
    assert game.seats(Task()) == tuple(Seat(team=team) for team in teams)
    assert game.max_seats == len(teams)
    assert game.turn_based is turns
    assert not game.task_space


@pytest.mark.parametrize(
    ("name", "recall", "size"),
    [
        ("leduc_poker", True, 30),
        ("goofspiel(num_cards=4,imp_info=True)", True, None),
        ("goofspiel", False, None),
        ("tic_tac_toe", False, 27),
        ("battleship", True, None),
        ("matrix_rps", True, 1),
    ],
)
def test_hidden_information_is_seen_with_perfect_recall(name, recall, size):
    game = make(name)
    assert game.recall is recall
    spiel = pyspiel.load_game(name)
    expected = spiel.information_state_tensor_size() if recall else spiel.observation_tensor_size()
    assert game.observation_space["vector"].shape == (expected,)
    assert size in (None, expected)
    assert game.observation_space["vector"].dtype == np.float32
    assert game.actions.sizes == (spiel.num_distinct_actions(),)
