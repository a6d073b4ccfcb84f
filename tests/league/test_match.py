from games import Task
from league.match import Matchup, match_seed


def matchup(**changes):
    fields = {"stage": "s", "ordinal": 1, "task": Task({"n": 2}), "agents": ("a", "b"), "hashes": ("x", "y"), "seed": 5}
    return Matchup(**(fields | changes))


def test_an_id_is_the_same_everywhere():
    assert matchup().id == "000000012f8c97c4c36b"
    assert match_seed(1, 2) == 116070779618149833
    assert matchup().id == matchup().id


def test_an_id_depends_on_all_that_was_asked():
    others = [
        matchup(stage="t"),
        matchup(ordinal=2),
        matchup(task=Task({"n": 3})),
        matchup(hashes=("x", "z")),
        matchup(hashes=("y", "x")),
        matchup(seed=6),
        matchup(place=(0, 0, 1)),
        matchup(opening=(3,)),
    ]
    assert len({m.id for m in [matchup(), *others]}) == 9
    assert matchup(agents=("c", "d")).id == matchup().id, "names are not behaviour"
    assert matchup(why="taken in turn", learns=(True, False)).id == matchup().id, "nor is what it is good for"


def test_seeds_depend_on_the_whole_key():
    assert match_seed(1, "a", 2) == match_seed(1, "a", 2)
    assert len({match_seed(1, 2), match_seed(12), match_seed(2, 1), match_seed("1|2", "")}) == 4
    assert all(0 <= match_seed(k) < 2**63 for k in range(1000))
