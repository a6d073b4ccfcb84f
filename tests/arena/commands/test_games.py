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


def test_what_ties_task_parameters_together(arena, monkeypatch):
    from games import Categorical, Constraint, Real, TaskSpace, When, make
    from games.at_most import SameRules

    class Tied(SameRules):
        def __init__(self):
            super().__init__(make("markov/disc-v0"))
            self.task_space = TaskSpace(
                {"wind": Real(0.1, 10.0, 1.0, log=True), "weather": Categorical(("fair", "foul", "wild"), "fair")},
                conditions={"wind": When("weather", ("foul", "wild"))},
                constraints=(Constraint("no storm", lambda values: values["wind"] < 9),),
            )

        def seats(self, task):
            return self._game.seats(self._game.task_space.task())

    monkeypatch.setattr("games.make", lambda name: Tied())
    told = arena("games", "--describe", "tied", "--json").json
    wind = {"name": "wind", "type": "real", "range": "0.1 to 10.0 (log)", "default": 1.0}
    assert told["task parameters"][0] == wind | {"only when": "weather is foul or wild"}
    assert told["rules"] == ["no storm"]
    text = arena("games", "--describe", "tied").out
    assert "only when" in text
    assert "rule: no storm" in text


def test_ranges_in_a_name(arena):
    told = arena("games", "--describe", "openspiel/goofspiel(num_cards=3..6:4)", "--json").json
    assert told["task parameters"] == [{"name": "num_cards", "type": "integer", "range": "3 to 6", "default": 4}]
