import random
from collections import Counter
from itertools import islice

import pytest

from games import InputError
from league import tournament
from league.conduct import WINDOW
from league.formats import Pair, RoundRobin
from league.match import Reason, match_seed
from league.store import Store
from league.tournament import Condition, Tournament, conditions, results
from populations.agent import Agent


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(tournament, "BATCH", 40)
    monkeypatch.setattr(tournament, "SECONDS", 100.0)


class Moody:
    """A format whose every round depends on all that was played before."""

    def __init__(self, rounds=12):
        self.rounds = rounds

    def pairs(self, field, results):
        known = ()
        for turn in range(self.rounds):
            mixed = sorted(field.agents, key=lambda a: match_seed(a, turn, known))
            for one, other in zip(mixed[::2], mixed[1::2], strict=False):
                yield Pair(turn, (one, other))
            if turn % 3 < 2:  # sometimes a round does not wait for the one before
                yield None
                assert len(results.played) == (turn + 1) * (len(field.agents) // 2)
                known = tuple(played.games for played in results)

    def verdict(self, field, results):
        return None


class Slow(Moody):
    """Meets round after round without ever waiting."""

    def pairs(self, field, results):
        return (Pair(k, field.agents[:2]) for k in range(self.rounds))


class Shaky:
    """Plays as another policy, and fails in some matches, which depend on their seeds alone."""

    observes, privileged = True, False

    def __init__(self, policy, name, share):
        self.policy, self.name, self.share = policy, name, share

    def initial_state(self, rows):
        return {}

    def act(self, rows, state):
        for seed, seat in zip(rows.seed, rows.seat, strict=True):
            if match_seed(self.name, seed, seat) % 100 < self.share:
                raise RuntimeError("no")
        return self.policy.act(rows, state)

    def refuses(self, game):
        return None


@pytest.fixture
def cup(relay, dice):
    """Make a tournament of agents a, b, c, ... that fail in so many per cent of their matches."""

    def make(form, shares=(0, 0), task=None, openings=(), **options):
        names = "abcdefghij"[: len(shares)]
        agents = [
            Agent(n, f"hash-{n}", Shaky(dice(n).policy, n, share)) for n, share in zip(names, shares, strict=True)
        ]
        tasks = [relay.task_space.task({"seats": 2, "length": 3, "together": 1} | (task or {}))]
        return Tournament(
            game=relay, format=form, agents=tuple(agents), conditions=conditions(tasks, openings), **options
        )

    return make


def records_in(folder):
    with Store(folder) as store:
        return list(store.matches())


def play(asked, folder, **options):
    with Store(folder, write=True, create=True) as store:
        played = list(asked.play(store, **options))
    records = records_in(folder)
    assert {r.id for r in played} <= {r.id for r in records}
    return records


def test_every_record_is_durable_when_it_is_yielded(cup, tmp_path):
    with Store(tmp_path, write=True, create=True) as store, Store(tmp_path) as other:
        seen = 0
        for record in cup(RoundRobin(encounters=100)).play(store):
            seen += 1
            assert record.id in other.match_ids()
        assert seen == 200
        assert list(store.agents()) == ["a", "b"]


def test_games_of_a_pair_share_their_seed_and_rotate_the_sides(cup, tmp_path):
    records = play(cup(RoundRobin(encounters=5), (0, 0, 0), task={"seats": 3}), tmp_path)
    assert [r.matchup.ordinal for r in records] == list(range(15))
    assert [r.matchup.place for r in records] == [(k, k, game) for k in range(5) for game in range(3)]
    assert len({r.matchup.seed for r in records}) == 5
    for k in range(5):
        pair = [r.matchup for r in records[3 * k : 3 * k + 3]]
        assert len({m.seed for m in pair}) == 1
        assert all({m.agents[side] for m in pair} == set("abc") for side in range(3))


def test_the_seed_of_a_pair_depends_on_its_agents_and_their_meetings_alone(cup, tmp_path):
    def seeds(number, folder, **options):
        found, seen = {}, Counter()
        for r in play(cup(RoundRobin(encounters=2), (0,) * number, **options), folder):
            if r.matchup.place[2] == 0:
                group = frozenset(r.matchup.agents)
                found[group, seen[group]] = r.matchup.seed
                seen[group] += 1
        return found

    whole = seeds(5, tmp_path / "5")
    assert len(set(whole.values())) == 20
    assert seeds(3, tmp_path / "3").items() <= whole.items()
    assert not seeds(3, tmp_path / "other", seed=1).items() & whole.items()


def test_seeds_are_the_same_on_every_machine(cup, tmp_path):
    records = play(cup(RoundRobin(encounters=1), seed=7), tmp_path)
    assert [r.matchup.seed for r in records] == [902699655637876650] * 2


def test_fewer_agents_than_sides_take_turns_around_the_table(cup, tmp_path):
    records = play(cup(RoundRobin(encounters=1), task={"seats": 3}), tmp_path)
    assert [r.matchup.agents for r in records] == [("a", "b", "a"), ("b", "a", "b")]


def test_a_group_goes_through_all_conditions_in_turn(cup, tmp_path):
    openings = [(0,), (1,), (2,)]
    asked = cup(RoundRobin(encounters=2), (0,) * 4, task={"together": 0}, openings=openings)
    records = play(asked, tmp_path)
    met = {}
    for r in records:
        met.setdefault(frozenset(r.matchup.agents), []).append((r.matchup.place[2], r.matchup.opening))
    assert len(met) == 6
    for played in met.values():
        first = [opening for game, opening in played if game == 0]
        start = openings.index(first[0])
        assert first == [openings[(start + k) % 3] for k in range(6)]
        assert [opening for game, opening in played if game == 1] == first  # both games of a pair have the same
    assert len({played[0][1] for played in met.values()}) > 1  # not all groups begin with the same one


@pytest.mark.parametrize("slots", [1, 3, 64])
def test_results_do_not_depend_on_slots(cup, tmp_path, slots):
    asked = cup(Moody(), (0, 20, 60, 0, 90), patience=2)
    assert play(asked, tmp_path / "a", slots=slots) == play(asked, tmp_path / "b", slots=16)


class Kill(Exception):
    pass


@pytest.mark.parametrize("seed", range(12))
def test_a_tournament_that_is_killed_goes_on_as_if_nothing_had_been(cup, tmp_path, monkeypatch, seed):
    """Ends of two kinds: Ctrl-C, after which all that ended is recorded; and kill -9, which loses what is not committed."""
    rng = random.Random(seed)
    form = Moody(90) if seed % 2 else RoundRobin(encounters=9)
    asked = cup(form, (0, 30, 100, 0, 60), patience=3, seed=seed)
    whole = play(asked, tmp_path / "whole", slots=9)
    assert {r.reason for r in whole} == {Reason.NORMAL, Reason.CRASH, Reason.WITHDRAWN}
    monkeypatch.setattr(tournament, "BATCH", rng.choice([1, 7, 40]))
    ends = 0
    while True:
        slots, before = rng.choice([1, 2, 8, 50]), rng.randrange(60)
        with Store(tmp_path / "parts", write=True, create=True) as store:
            games = asked.play(store, slots=slots)
            if rng.random() < 0.5:
                taken = len(list(islice(games, before)))
                games.close()
                finished = taken < before
            else:
                original, calls = Store.add_matches, 0

                def add(self, records, limit=1 + before // 20, original=original):
                    nonlocal calls
                    calls += 1
                    if calls > limit:
                        raise Kill
                    original(self, records)

                with monkeypatch.context() as patch:
                    patch.setattr(Store, "add_matches", add)
                    try:
                        list(games)
                        finished = True
                    except Kill:
                        finished = False
        ends += 1
        if finished:
            break
    assert ends > 2
    assert records_in(tmp_path / "parts") == whole
    assert play(asked, tmp_path / "parts") == whole


def test_what_a_format_sees_is_what_the_records_say(cup, tmp_path):
    asked = cup(RoundRobin(encounters=3), (0, 100, 0), task={"seats": 3})
    records = play(asked, tmp_path)
    found = results(records)
    assert sorted(found.played) == list(range(3))
    for number, played in found.played.items():
        games = [r for r in records if r.matchup.place[1] == number]
        assert played.pair == Pair(number, games[0].matchup.agents)
        for r, scores in zip(games, played.games, strict=True):
            assert dict(zip(played.pair.group, scores, strict=True)) == dict(
                zip(r.matchup.agents, r.scores, strict=True)
            )
        assert played.failed == tuple(3 * (a == "b") for a in played.pair.group)
        assert played.points == tuple(0.0 if a == "b" else 0.75 for a in played.pair.group)
    assert sorted(results(records[:-1]).played) == [0, 1]  # a pair of which a game is missing is not told


def test_an_agent_on_several_seats_has_their_mean_score(cup, tmp_path):
    records = play(cup(RoundRobin(encounters=1), task={"seats": 3}), tmp_path)
    (played,) = results(records)
    assert played.pair.group == ("a", "b")
    for r, (a, b) in zip(records, played.games, strict=True):
        by_name = {n: [s for m, s in zip(r.matchup.agents, r.scores, strict=True) if m == n] for n in "ab"}
        assert (a, b) == pytest.approx((sum(by_name["a"]) / len(by_name["a"]), sum(by_name["b"]) / len(by_name["b"])))


def test_an_agent_that_always_fails_is_withdrawn_after_its_window(cup, tmp_path):
    """Its first `patience + WINDOW` matches are played, whatever the slots; the rest is forfeited."""
    asked = cup(RoundRobin(encounters=60), (0, 100), patience=5)
    for slots in (1, 200):
        records = play(asked, tmp_path / str(slots), slots=slots)
        assert [r.reason for r in records] == [Reason.CRASH] * (5 + WINDOW) + [Reason.WITHDRAWN] * (115 - WINDOW)
        assert all(r.matchup.agents[r.fault] == "b" for r in records)
        assert records[-1].detail == "withdrawn after 5 failures"
        assert all(r.scores == (-1.0, 1.0) if r.fault == 0 else (1.0, -1.0) for r in records)


def test_of_two_who_fail_at_once_the_first_seat_is_at_fault(cup, tmp_path):
    records = play(cup(RoundRobin(encounters=4), (100, 100)), tmp_path, slots=2)
    assert [r.fault for r in records] == [0] * 8
    assert Counter(r.matchup.agents[0] for r in records) == {"a": 4, "b": 4}


def test_without_patience_nobody_is_withdrawn(cup, tmp_path):
    records = play(cup(RoundRobin(encounters=60), (0, 100)), tmp_path)
    assert {r.reason for r in records} == {Reason.CRASH}


@pytest.mark.parametrize("encounters", [40, None])
def test_a_tournament_in_which_nobody_is_left_ends(cup, tmp_path, monkeypatch, encounters):
    monkeypatch.setattr(tournament, "IDLE", 500)
    asked = cup(RoundRobin(encounters=encounters), (100, 0, 100), patience=3)
    records = play(asked, tmp_path, slots=20)
    idle = next(k for k, r in enumerate(reversed(records)) if r.reason is not Reason.WITHDRAWN)
    if encounters:  # it ends by itself before that
        assert len(records) == 6 * 40
    else:
        assert 500 <= idle < 502
        assert play(asked, tmp_path) == records
    assert len({r.matchup.ordinal for r in records}) == len(records)


def test_who_can_still_play_does(cup, tmp_path, monkeypatch):
    """Two are left: they meet once in three pairs, and go on however long they wait."""
    monkeypatch.setattr(tournament, "IDLE", 2)
    records = play(cup(RoundRobin(encounters=None), (100, 0, 0), patience=1, games=400), tmp_path)
    assert len(records) == 400
    assert records[-1].reason is Reason.WITHDRAWN or "a" not in records[-1].matchup.agents
    late = [r for r in records[200:] if "a" not in r.matchup.agents]
    assert len(late) > 60
    assert {r.reason for r in late} == {Reason.NORMAL}


def test_a_budget_of_games_ends_with_a_whole_pair(cup, tmp_path):
    asked = {n: cup(RoundRobin(encounters=None), (0, 0, 0), games=n) for n in (25, 31)}
    records = play(asked[25], tmp_path, slots=7)
    assert [r.matchup.ordinal for r in records] == list(range(24))
    more = play(asked[31], tmp_path)
    assert more[:24] == records
    assert len(more) == 30
    assert len(results(more).played) == 15


def test_a_budget_of_time_ends_with_a_whole_pair(cup, tmp_path, monkeypatch):
    now = 0.0

    def clock():
        nonlocal now
        now += 0.01
        return now

    monkeypatch.setattr(tournament.time, "monotonic", clock)
    asked = cup(Moody(500), (0, 0, 0))
    records = play(asked, tmp_path, slots=3, seconds=1.0)
    assert 10 < len(records) < 300
    assert len(records) == 2 * len(results(records).played)
    more = play(asked, tmp_path, slots=3, seconds=1.0)
    assert len(more) > len(records)
    assert more[: len(records)] == records


def test_time_that_is_over_finishes_pairs_that_were_begun(cup, tmp_path, monkeypatch):
    monkeypatch.setattr(tournament, "BATCH", 1)
    asked = cup(Slow(50))
    with Store(tmp_path, write=True, create=True) as store:
        games = asked.play(store, slots=7)
        next(games)
        games.close()
        known = len(store.match_ids())
        assert known % 2 == 1
    records = play(asked, tmp_path, seconds=0.0)
    assert len(records) == known + 1
    assert len(results(records).played) == len(records) / 2


def test_records_of_another_course_are_refused(cup, tmp_path):
    """The outcomes are the same, but what follows from them is not: as if a format had changed its mind."""
    play(cup(Moody(3), (0, 0, 0, 0)), tmp_path)
    other = cup(RoundRobin(encounters=3), (0, 0, 0, 0))
    with pytest.raises(InputError, match=r"match \d+ is recorded as . - ., but the format now asks for . - ."):
        play(other, tmp_path)


def test_a_full_disk_stops_a_tournament_with_one_sentence(cup, tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        store.db.execute(f"pragma max_page_count = {store.db.execute('pragma page_count').fetchone()[0] + 30}")
        with pytest.raises(InputError, match="database or disk is full"):
            list(cup(RoundRobin(encounters=2000)).play(store))
        assert len(store.match_ids()) % 40 == 0
        assert len(store.match_ids()) > 0


def test_conditions_combine_tasks_and_openings(relay):
    one, two = (relay.task_space.task({"seats": n}) for n in (2, 3))
    assert conditions([one, two]) == (Condition(one), Condition(two))
    assert conditions([one, two], [[1], [2, 0]]) == (
        Condition(one, (1,)),
        Condition(two, (1,)),
        Condition(one, (2, 0)),
        Condition(two, (2, 0)),
    )


def test_groups_fit_the_smallest_task(cup, relay, tmp_path):
    asked = cup(RoundRobin(encounters=2), (0, 0, 0))
    tasks = [relay.task_space.task({"seats": n, "length": 2}) for n in (2, 3)]
    asked = Tournament(game=asked.game, format=asked.format, agents=asked.agents, conditions=conditions(tasks))
    assert asked.field.sides == 2
    assert asked.field.conditions == 2
    records = play(asked, tmp_path)
    assert Counter(len(r.matchup.agents) for r in records) == {2: 12, 3: 12}


def test_what_cannot_be_a_tournament(cup):
    with pytest.raises(InputError, match="at least two agents"):
        cup(RoundRobin(encounters=1), (0,))
    asked = cup(RoundRobin(encounters=1))
    with pytest.raises(InputError, match="agent 'a' is named twice"):
        Tournament(game=asked.game, format=asked.format, agents=asked.agents[:1] * 2, conditions=asked.conditions)

    class Picky(Moody):
        def pairs(self, field, results):
            raise InputError("nobody is good enough")

    with pytest.raises(InputError, match="nobody is good enough"):
        cup(Picky())
