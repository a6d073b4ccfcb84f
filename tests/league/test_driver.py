import itertools

import numpy as np
import pytest

from games import InputError, Task
from league.driver import Driver
from league.match import Matchup, Reason, match_seed
from league.play import play
from populations.agent import Agent
from populations.policy import Decision, Failure


def matchups(game, count, agents=("a", "b"), **fixed):
    rng = np.random.default_rng(5)
    for k in range(count):
        task = game.task_space.task(dict(game.task_space.sample(rng)) | fixed)
        names = tuple(agents[(k + s) % len(agents)] for s in range(task["seats"]))
        yield Matchup("test", k, task, names, tuple(f"hash-{n}" for n in names), match_seed(1, k))


def by_id(records):
    return {r.id: r for r in records}


def test_every_match_is_played_once_and_depends_on_its_matchup_alone(relay, dice):
    agents = {n: dice(n) for n in "ab"}
    asked = list(matchups(relay, 60))
    alone = by_id(play(relay, asked, agents, slots=1))
    assert list(alone) == [m.id for m in asked]
    for slots in (7, 64):
        assert by_id(play(relay, asked, agents, slots=slots)) == alone
    assert by_id(play(relay, asked[::-1], agents, slots=7)) == alone


def test_records_say_what_happened(relay, dice):
    agents = {n: dice(n) for n in "ab"}
    for record in play(relay, matchups(relay, 40), agents, slots=8):
        task = record.matchup.task
        assert record.length == task["length"] == record.metrics["length"]
        assert record.reason is (Reason.TRUNCATED if task["cut"] else Reason.NORMAL)
        assert len(record.scores) == task["seats"]
        assert record.scores == pytest.approx(record.returns, abs=1e-5)
        assert record.fault is None


def test_memory_follows_the_seat_and_starts_anew(relay, dice):
    """The double's memory counts its decisions: at the end of each match it must equal the turns that the seat had."""
    seen = {}

    class Watch(type(dice("x").policy)):
        def act(self, rows, state):
            for seed, seat, count in zip(rows.seed.tolist(), rows.seat.tolist(), state["count"][:, 0], strict=True):
                assert seen.setdefault((seed, seat), 0) == count
                seen[seed, seat] += 1
            return super().act(rows, state)

    agents = {"a": Agent("a", "hash-a", Watch(memory=True)), "b": Agent("b", "hash-b", Watch(memory=True))}
    records = list(play(relay, matchups(relay, 50, together=1), agents, slots=6))
    assert len(records) == 50
    for record in records:
        for seat in range(len(record.scores)):
            assert seen[record.matchup.seed, seat] == record.length


class Faulty:
    observes, privileged = False, False

    def __init__(self, fault):
        self.fault = fault

    def initial_state(self, rows):
        return {}

    def refuses(self, game):
        return None

    def act(self, rows, state):
        bad = rows.seed % np.uint64(3) == 0
        if self.fault == "crash" and bad.any():
            raise RuntimeError("my engine fell over")
        action = np.zeros((len(rows), 1), np.int32)
        if self.fault == "illegal":
            action[bad] = 99
        return Decision(action)


@pytest.mark.parametrize("fault", ["crash", "illegal"])
def test_a_fault_costs_its_own_match_and_no_other(relay, dice, fault):
    asked = list(matchups(relay, 80, agents=("good", "bad"), seats=2, together=1))
    agents = {"good": dice("good"), "bad": Agent("bad", "hash-bad", Faulty(fault))}
    records = by_id(play(relay, asked, agents, slots=16))
    alone = by_id(play(relay, asked, agents, slots=1))
    assert records == alone
    expected = {m.id for m in asked if m.seed % 3 == 0}
    assert expected
    assert {r.id for r in records.values() if r.reason.forfeit} == expected
    for record in records.values():
        if record.reason.forfeit:
            guilty = record.matchup.agents.index("bad")
            assert record.fault == guilty
            assert record.scores[guilty] == -1
            assert record.scores[1 - guilty] == 1
            assert record.reason == fault
            assert ("fell over" if fault == "crash" else "99") in record.detail
            assert record.length == 0


@pytest.mark.parametrize("reason", ["crash", "timeout", "illegal"])
def test_an_agent_that_says_where_it_failed_loses_those_matches(relay, dice, reason):
    class Foreign(Faulty):
        def act(self, rows, state):
            bad = np.flatnonzero(rows.seed % np.uint64(3) == 0).tolist()
            return Decision(
                np.full((len(rows), 1), 99 if len(bad) == len(rows) else 1),
                failures={row: Failure(reason, "gone", "Segmentation fault") for row in bad},
            )

    asked = list(matchups(relay, 80, agents=("good", "bad"), seats=2, together=1))
    agents = {"good": dice("good"), "bad": Agent("bad", "hash-bad", Foreign("none"))}
    records = by_id(play(relay, asked, agents, slots=16))
    assert records == by_id(play(relay, asked, agents, slots=1))
    assert {r.id for r in records.values() if r.fault is not None} == {m.id for m in asked if m.seed % 3 == 0}
    for record in records.values():
        if record.fault is not None:
            assert (record.reason, record.detail, record.log) == (reason, "gone", "Segmentation fault")
            assert record.matchup.agents[record.fault] == "bad"


@pytest.mark.parametrize(
    ("answer", "detail"),
    [
        (lambda rows: None, "must return a Decision, not NoneType"),
        (lambda rows: Decision(np.zeros((len(rows), 3), np.int32)), "reshape"),
        (lambda rows: Decision(np.full((len(rows), 1), "what?")), "must be numbers"),
        (lambda rows: Decision(np.zeros((len(rows), 1), np.int32), {"more": np.zeros(len(rows))}), "must return state"),
    ],
)
def test_answers_of_another_form_are_faults(relay, answer, detail):
    class Odd(Faulty):
        def act(self, rows, state):
            return answer(rows)

    agents = {"odd": Agent("odd", "h", Odd("none"))}
    task = relay.task_space.task()
    asked = [Matchup("t", k, task, ("odd",) * 3, ("h",) * 3, k) for k in range(3)]
    records = list(play(relay, asked, agents, slots=2))
    assert [r.reason for r in records] == [Reason.CRASH] * 3
    assert all(detail in r.detail for r in records)


@pytest.mark.parametrize("action", [0.5, np.nan, np.inf, -1, 3])
def test_numbers_that_are_no_legal_action(relay, action):
    class Odd(Faulty):
        def act(self, rows, state):
            return Decision(np.full((len(rows), 1), action))

    asked = [Matchup("t", 0, relay.task_space.task(), ("odd",) * 3, ("h",) * 3, 3)]
    (record,) = play(relay, asked, {"odd": Agent("odd", "h", Odd("none"))})
    assert record.reason is Reason.ILLEGAL
    assert str(float(action)).removesuffix(".0") in record.detail


def test_an_action_may_be_a_list(relay):
    class Plain(Faulty):
        def act(self, rows, state):
            return Decision([[0]] * len(rows))

    asked = [Matchup("t", 0, relay.task_space.task(), ("plain",) * 3, ("h",) * 3, 3)]
    (record,) = play(relay, asked, {"plain": Agent("plain", "h", Plain("none"))})
    assert record.reason is Reason.NORMAL


def test_faults_in_the_last_matches_end_the_list(relay):
    agents = {"bad": Agent("bad", "h", Faulty("illegal"))}
    asked = [Matchup("t", 0, relay.task_space.task(), ("bad",) * 3, ("h",) * 3, 3)]
    records = list(play(relay, itertools.chain(asked), agents, slots=4))
    assert [r.reason for r in records] == [Reason.ILLEGAL]


def test_an_agent_that_cannot_play_is_refused(relay, dice):
    class Picky(Faulty):
        def refuses(self, game):
            return "it plays chess only"

    with pytest.raises(InputError, match="agent 'p' cannot play double/relay-v0: it plays chess only"):
        next(play(relay, [], {"p": Agent("p", "h", Picky("none"))}))


def test_state_dict_goes_on_in_the_middle_of_matches(relay, dice):
    agents = {"a": dice("a", memory=True), "b": dice("b")}
    asked = list(matchups(relay, 60))

    def driver(queue):
        return Driver(relay, agents, lambda: next(queue, None), slots=9, seats=4)

    whole = by_id(play(relay, asked, agents, slots=9))
    queue = iter(asked)
    first = driver(queue)
    records = []
    for _ in range(11):
        first.refill()
        records += first.advance()
    first.refill()
    arrays, rest = first.state_dict()
    second = driver(queue)
    second.load_state_dict(arrays, rest)
    while second.refill():
        records += second.advance()
    assert by_id(records) == whole
    assert len(records) == 60


def test_task_is_rebuilt_equal_from_a_checkpoint(relay):
    task = relay.task_space.task({"seats": 2})
    assert Task(dict(task)) == task
