import pytest

from games import Comparison, Game, Seat, Task
from league.lineup import Result, Side, duels, outcome, seated, sides
from league.match import Matchup, Reason, Record


class Teams(Game):
    name = "double/teams-v0"
    comparison = Comparison.ZERO_SUM

    def __init__(self, teams):
        self.teams = teams

    def seats(self, task):
        return tuple(Seat(team=t) for t in self.teams)

    def vector(self, slots, limits):
        raise NotImplementedError


def record(game, agents, scores):
    asked = Matchup("s", 0, Task(), agents, agents, 1)
    return Record("id", asked, scores, tuple(2 * s for s in scores), 5, Reason.NORMAL)


def test_seats_of_a_team_are_one_side():
    game = Teams((7, 3, 7, 3))
    assert sides(game, Task()) == ((0, 2), (1, 3))
    assert seated(game, Task(), ["x", "y"]) == ("x", "y", "x", "y")
    assert seated(Teams((0, 1, 2)), Task(), ["x", "y", "z"]) == ("x", "y", "z")


def test_an_outcome_is_the_mean_over_a_side():
    game = Teams((0, 1, 0))
    match = outcome(game, record(game, ("x", "y", "x"), (1.0, 3.0, 2.0)))
    assert match == [Side("x", 1.5, 3.0), Side("y", 3.0, 6.0)]


@pytest.mark.parametrize(("scores", "points"), [((2.0, 1.0), 1.0), ((1.0, 1.0), 0.5), ((0.0, 1.0), 0.0)])
def test_duels_give_points(scores, points):
    match = [Side("x", scores[0], 0.0), Side("y", scores[1], 0.0)]
    assert list(duels(match)) == [Result("x", "y", points), Result("y", "x", 1.0 - points)]


def test_nobody_duels_with_itself():
    assert list(duels([Side("x", 1.0, 0.0), Side("x", 0.0, 0.0)])) == []
    three = [Side("x", 3.0, 0.0), Side("y", 2.0, 0.0), Side("x", 1.0, 0.0)]
    assert sorted(duels(three)) == sorted(
        [Result("x", "y", 1.0), Result("y", "x", 0.0), Result("y", "x", 1.0), Result("x", "y", 0.0)]
    )
