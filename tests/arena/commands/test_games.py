def test_all_games_with_their_families(arena):
    result = arena("games", "--json")
    assert {"family": "markov", "name": "markov/resource-v0"} in result.json
    assert {"family": "openspiel", "name": "openspiel/leduc_poker"} in result.json
    assert len(result.json) > 50


def test_one_family(arena):
    result = arena("games", "markov")
    assert "markov/resource-v0" in result.out
    assert "openspiel" not in result.out


def test_one_game_with_its_task_parameters(arena):
    told = arena("games", "--describe", "markov/resource-v0", "--json").json
    assert told["comparison"] == "general-sum"
    assert told["largest population"] == 48
    assert told["task parameters"] == [
        {"name": "population", "type": "integer", "range": "2 to 48", "default": 6},
        {"name": "extent", "type": "real", "range": "1.0 to 4.0", "default": 1.0},
    ]
    assert "welfare_share" in told["metrics"]
    text = arena("games", "--describe", "openspiel/kuhn_poker").out
    assert "zero-sum" in text
    assert "no task parameters" in text
