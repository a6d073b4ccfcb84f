import json
import math

import pytest

from arena.console import plain
from arena.outcomes import outcomes_in
from arena.standings import standings
from games import InputError, make
from league.formats import Verdict
from league.match import Matchup, Reason, Record
from league.store import Store


@pytest.fixture(scope="module")
def duel():
    return make("openspiel/tic_tac_toe")


@pytest.fixture
def standings_of(tmp_path_factory):
    def build(game, agents, records, **options):
        with Store(tmp_path_factory.mktemp("records"), write=True, create=True) as store:
            with store.transaction():
                store.add_matches(records)
            return standings(game, outcomes_in(store, game, agents, "tournament"), **options)

    return build


def record(game, agents, scores, *, seed, reason=Reason.NORMAL, fault=None, detail="", number=0):
    """A match; its seed names its pair, too."""
    task = game.task_space.task()
    asked = Matchup("tournament", number, task, tuple(agents), tuple(agents), seed, (0, seed, number))
    returns = tuple(float(s) for s in scores)
    return Record(asked.id, asked, returns, returns, 3, reason, fault, detail)


def games_of(game, a, b, wins, draws, losses):
    """Matches of a against b, each with a seed of its own."""
    results = [(1, -1)] * wins + [(0, 0)] * draws + [(-1, 1)] * losses
    return [record(game, (a, b), scores, seed=k) for k, scores in enumerate(results)]


def test_two_agents_have_the_ratings_of_their_odds(duel, standings_of):
    result = standings_of(duel, ["a", "b"], games_of(duel, "a", "b", 60, 20, 20))
    a, b = result.lines
    assert (a.agent, a.games, a.wins, a.draws, a.losses) == ("a", 100, 60, 20, 20)
    assert (b.agent, b.games, b.wins, b.draws, b.losses) == ("b", 100, 20, 20, 60)
    assert a.rating - b.rating == pytest.approx(400 * math.log10(70 / 30))
    assert a.low < a.rating < a.high
    assert (a.ranks, b.ranks) == ((1, 1), (2, 2))
    assert a.score.mean == pytest.approx(0.4)
    assert b.score.mean == pytest.approx(-0.4)
    assert "from 100 matches in 100 pairs" in result.method[0]
    assert result.basis.interval.startswith("sandwich")
    assert result.payoff.mean[0, 1] == pytest.approx(0.7)
    assert result.payoff.count[0, 1] == 100


def test_the_anchor_is_at_zero_and_must_take_part(duel, standings_of):
    records = games_of(duel, "a", "b", 60, 0, 40)
    result = standings_of(duel, ["a", "b"], records, anchor="b")
    assert result.lines[1].rating == 0
    assert result.lines[0].rating == pytest.approx(400 * math.log10(60 / 40))
    assert result.lines[0].ranks == (1, 1)
    assert standings_of(duel, ["a", "b"], games_of(duel, "a", "b", 52, 0, 48)).lines[0].ranks == (1, 2)
    assert "at 0: b, the anchor" in result.method[0]
    with pytest.raises(InputError, match="the anchor 'c' takes no part"):
        standings_of(duel, ["a", "b"], records, anchor="c")


def test_an_unbeaten_agent_is_told_and_has_a_finite_rating(duel, standings_of):
    records = games_of(duel, "a", "b", 30, 0, 0) + games_of(duel, "b", "c", 20, 5, 5)
    result = standings_of(duel, ["c", "b", "a"], records)
    assert [line.agent for line in result.lines] == ["a", "b", "c"]
    text = " ".join(result.method)
    assert "a > {c, b}" in text
    assert "one virtual draw" in text
    assert "Won all matches: a." in text
    assert "Lost all" not in text
    assert all(math.isfinite(line.rating) for line in result.lines)
    # an interval that rests on wins alone is wide, not empty
    assert result.lines[0].high - result.lines[0].low > 100


def test_agents_that_never_met_have_no_common_ratings(duel, standings_of):
    records = games_of(duel, "a", "b", 3, 0, 3) + games_of(duel, "c", "d", 3, 0, 3)
    result = standings_of(duel, list("abcd"), records)
    assert all(line.rating is None for line in result.lines)
    assert "no common ratings" in result.method[0]


def test_without_matches_there_is_still_a_table(duel, standings_of):
    result = standings_of(duel, ["a", "b"], [])
    assert [line.games for line in result.lines] == [0, 0]
    assert result.lines[0].score is None
    json.dumps(plain(result.plain()), allow_nan=False)


def test_matches_of_one_pair_are_one_unit(duel, standings_of):
    records = []
    for seed in range(50):
        score = (1, -1) if seed % 5 else (-1, 1)
        records += [record(duel, ("a", "b"), score, seed=seed, number=k) for k in range(4)]
    assert "from 200 matches in 50 pairs" in standings_of(duel, ["a", "b"], records).method[0]


def test_forfeits_are_counted_by_reason_and_agent(duel, standings_of):
    records = games_of(duel, "a", "b", 5, 0, 5) + [
        record(duel, ("b", "a"), (-1, 1), seed=90 + k, reason=Reason.CRASH, fault=0, detail="boom") for k in range(2)
    ]
    records.append(
        record(duel, ("a", "b"), (1, -1), seed=99, reason=Reason.ILLEGAL, fault=1, detail="illegal action [9]")
    )
    result = standings_of(duel, ["a", "b"], records)
    faults = {line.agent: line.faults for line in result.lines}
    assert faults == {"a": {}, "b": {"crash": 2, "illegal": 1}}
    assert result.faults == (("b", "crash", "boom", 2, ""), ("b", "illegal", "illegal action [9]", 1, ""))


def test_many_sides_compare_every_two_agents_once(standings_of):
    game = make("testkit/dice-v0")
    # a twice at the table: it beats b on one side and loses on the other, so the two are even; c beats everyone
    result = standings_of(game, ["a", "b", "c"], [record(game, ("a", "b", "a"), (3, 2, 1), seed=0)])
    tally = {line.agent: (line.wins, line.draws, line.losses) for line in result.lines}
    assert tally["a"] == (0, 1, 0)
    assert tally["b"] == (0, 1, 0)
    result = standings_of(game, ["a", "b", "c"], [record(game, ("c", "b", "a"), (3, 2, 2), seed=0)])
    tally = {line.agent: (line.wins, line.draws, line.losses) for line in result.lines}
    assert tally == {"c": (2, 0, 0), "b": (0, 1, 1), "a": (0, 1, 1)}
    assert "up to 3 sides" in " ".join(result.method)


def test_a_game_with_one_score_for_all_is_ranked_by_it(standings_of):
    game = make("openspiel/tiny_hanabi")
    records = [
        record(game, (name, name), (value, value), seed=k) for k in range(9) for name, value in (("a", 1), ("b", 2))
    ]
    result = standings_of(game, ["a", "b"], records)
    assert [line.agent for line in result.lines] == ["b", "a"]
    assert result.lines[0].rating is None
    assert result.lines[0].score.mean == 2
    assert result.method[0] == "All seats share one score: ranked by it."
    assert result.basis is None


def test_everything_can_be_said_in_json(duel, standings_of):
    result = standings_of(duel, ["a", "b", "c"], games_of(duel, "a", "b", 2, 1, 0))
    text = json.dumps(plain(result.plain()), allow_nan=False)
    back = json.loads(text)
    assert back["payoff"]["rate"][0][1] == pytest.approx(5 / 6)
    assert back["payoff"]["games"][0][2] == 0


def test_matches_that_were_not_played_do_not_count(duel, standings_of):
    played = games_of(duel, "a", "b", 6, 0, 4)
    walkovers = [
        record(duel, ("a", "b"), (1, -1), seed=50 + k, reason=Reason.WITHDRAWN, fault=1, detail="10 failures")
        for k in range(7)
    ]
    broken = [record(duel, ("a", "b"), (0, 0), seed=80 + k, reason=Reason.INTERRUPTED) for k in range(2)]
    decided = [record(duel, ("a", "b"), (0, 0), seed=90, reason=Reason.ADJUDICATED, detail="draw after 9 steps")]
    one = standings_of(duel, ["a", "b"], played + decided)
    other = standings_of(duel, ["a", "b"], played + walkovers + broken + decided)
    assert [line.rating for line in one.lines] == [line.rating for line in other.lines]
    assert other.games == 11
    a, b = other.lines
    assert (a.games, a.wins, a.draws, a.losses, a.adjudicated) == (11, 6, 1, 4, 1)
    assert b.faults == {"withdrawn": 7}
    assert other.endings == {"normal": 10, "withdrawn": 7, "interrupted": 2, "adjudicated": 1}
    assert "Not counted: 2 interrupted, 7 withdrawn matches." in other.method


def test_the_advantage_of_a_seat_shows_whoever_sits_there(duel, standings_of):
    records = [record(duel, ("a", "b"), (1, -1), seed=k, number=0) for k in range(20)]
    records += [record(duel, ("b", "a"), (1, -1) if k < 15 else (-1, 1), seed=k, number=1) for k in range(20)]
    result = standings_of(duel, ["a", "b"], records)
    first, second = result.seats
    assert first.mean == pytest.approx(35 / 40)
    assert second.mean == pytest.approx(5 / 40)
    assert first.count == 20
    assert first.low < first.mean < first.high
    assert "Points by seat, whoever sits there: 0: 87.5 % [" in " ".join(result.method)


def test_the_verdict_of_the_format_is_a_table_of_its_own(duel, standings_of):
    said = Verdict(order=("b", "a"), columns=("points",), rows=((1.5,), (0.5,)), sentences=("b won",))
    result = standings_of(duel, ["a", "b"], games_of(duel, "a", "b", 1, 0, 1), verdict=said)
    assert result.plain()["verdict"] == {
        "table": [{"agent": "b", "points": 1.5}, {"agent": "a", "points": 0.5}],
        "sentences": ("b won",),
    }


def test_the_meta_game_is_in_the_order_of_the_leaderboard(duel, standings_of):
    records = []
    for k, (a, b, wins) in enumerate([("c", "a", 18), ("c", "b", 16), ("a", "b", 15)]):
        for game in range(20):
            score = (1, -1) if game < wins else (-1, 1)
            seats, points = ((a, b), score) if game % 2 else ((b, a), score[::-1])
            records.append(record(duel, seats, points, seed=20 * k + game))
    result = standings_of(duel, ["a", "b", "c"], records)
    assert [line.agent for line in result.lines] == ["c", "a", "b"]
    assert result.meta.weight[0] == pytest.approx(1)
    assert result.meta.nash[2] < 0
    assert result.plain()["meta_game"]["weight"][0] == pytest.approx(1)
    assert standings_of(duel, ["a", "b", "c"], records[:20]).meta is None
