def uris(result):
    return [row["uri"] for row in result.json]


def test_all_forms_of_names(arena):
    found = uris(arena("agents", "--json"))
    assert {"random", "openspiel:mcts?simulations=200", "snapshot:ID"} <= set(found)


def test_only_those_that_can_play(arena):
    poker = uris(arena("agents", "openspiel/kuhn_poker", "--json"))
    board = uris(arena("agents", "openspiel/connect_four", "--json"))
    assert "openspiel:mcts?simulations=200" in board
    assert "openspiel:mcts?simulations=200" not in poker
    assert "random" in poker


def test_the_snapshots_of_a_run_by_names_that_can_be_used(arena, trained):
    found = [uri for uri in uris(arena("agents", "--run", trained, "--json")) if uri.startswith(str(trained))]
    assert len(found) >= 4
    assert arena("play", "openspiel/kuhn_poker", found[-1], "random", "--json").json["reason"] == "normal"
