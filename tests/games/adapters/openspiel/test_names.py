from games.adapters.openspiel import make, names


def test_what_is_listed_does_not_depend_on_what_was_imported():
    before = names()
    import open_spiel.python.games  # noqa: F401 - registers OpenSpiel's games in Python

    assert names() == before
    assert make("python_tic_tac_toe").name == "openspiel/python_tic_tac_toe"
