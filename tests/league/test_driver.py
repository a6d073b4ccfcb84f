import itertools
from collections import Counter, defaultdict

import numpy as np
import pytest

from games import InputError, Limits, Task, make
from league.driver import Driver
from league.match import Matchup, Reason, match_seed
from league.play import play
from league.replay import unpack
from league.rollout import Rollout
from populations.agent import Agent
from populations.agents import load_agent
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


# beside playing: openings, replays, guests, interruption, judges


@pytest.fixture(scope="module")
def board():
    game = make("openspiel/connect_four")
    return game, {uri: load_agent(uri, game) for uri in ("random", "scripted:first-legal")}


def games(board, count, **fields):
    game, agents = board
    ids = tuple(agents)
    hashes = tuple(agents[name].hash for name in ids)
    return [Matchup("t", k, game.task_space.task(), ids, hashes, match_seed(k), **fields) for k in range(count)]


def played_again(game, record):
    """Step the engine through a replay by hand; return its scores and the actions of the acting seats."""
    matchup = record.matchup
    vector = game.vector(1, Limits(seats=len(matchup.agents)))
    step = vector.assign(np.array([0]), [matchup.task], np.array([matchup.seed], np.uint64))
    moves = []
    for actions in unpack(record.replay, len(matchup.agents), game.actions):
        moves.append(actions[step.acting[0]][:, 0].tolist())
        assert not actions[~step.acting[0]].any()
        step = vector.step(actions[None])
    assert step.terminated[0] or step.truncated[0]
    return tuple(step.score[0].tolist()), moves


def test_an_opening_is_played_for_both_before_anyone_is_asked(board):
    opening = (3, 3, 2)
    records = list(play(board[0], games(board, 20, opening=opening), board[1], slots=6, replays=True))
    assert len(records) == 20
    for record in records:
        scores, moves = played_again(board[0], record)
        assert scores == record.scores
        assert [move for (move,) in moves[:3]] == [3, 3, 2]
        assert len(moves) == record.length


def test_an_opening_changes_nothing_in_other_slots(board):
    plain = {r.id: r for r in play(board[0], games(board, 10), board[1], slots=4)}
    mixed = games(board, 10) + games(board, 10, opening=(0, 6))
    both = {r.id: r for r in play(board[0], mixed, board[1], slots=4)}
    assert len(both) == 20
    assert plain.items() <= both.items()


def test_an_impossible_opening_is_told(board):
    with pytest.raises(
        InputError, match=r"the opening \[3, 3, 3, 3, 3, 3, 3\] is impossible in .*: move 7 \(3\) is not legal"
    ):
        list(play(board[0], games(board, 1, opening=(3,) * 7), board[1]))
    with pytest.raises(InputError, match=r"move 2 \(9\)"):
        list(play(board[0], games(board, 1, opening=(3, 9)), board[1]))


def test_a_replay_holds_what_every_seat_did(relay, dice):
    agents = {n: dice(n) for n in "ab"}
    task = relay.task_space.task({"seats": 2, "together": 1, "length": 9})
    asked = [Matchup("t", k, task, ("a", "b"), ("x", "y"), match_seed(k)) for k in range(12)]
    for record in play(relay, asked, agents, slots=5, replays=True):
        actions = unpack(record.replay, 2, relay.actions)
        assert actions.shape == (9, 2, 1)
        won = [0.09 * (s + 1) + actions[:, s].sum() for s in range(2)]
        assert record.scores == pytest.approx(won, abs=1e-5)


def test_replays_do_not_depend_on_the_slot(board):
    asked = games(board, 30)
    one = {r.id: r.replay for r in play(board[0], asked, board[1], slots=1, replays=True)}
    many = {r.id: r.replay for r in play(board[0], asked, board[1], slots=13, replays=True)}
    assert one == many
    assert all(r.replay == b"" for r in play(board[0], asked[:3], board[1]))


def test_guests_play_alike_and_teach_nothing(relay, dice, pupil):
    learner = pupil(memory=True)
    agents = {"main": type(dice("x"))("main", "h", learner.policy), "old": dice("old")}

    def run(learns):
        task = relay.task_space.task({"seats": 2, "together": 1, "length": 5})
        queue = iter(
            Matchup("train", k, task, ("main", "main"), ("h", "h"), match_seed(k), learns=learns) for k in range(40)
        )
        driver = Driver(relay, agents, lambda: next(queue, None), slots=4, seats=2)
        rollout = Rollout(driver, {"main": learner})
        seen, records = Counter(), []
        for _ in range(10):
            ended, batches = rollout.collect(5)
            records += ended
            for batch in batches.values():
                seen.update(batch.observation["vector"][:, 1].astype(int).tolist())
        return seen, {r.matchup.seed: r.scores for r in records}, rollout.decisions

    both, scores, all_decisions = run(None)
    one, same, decisions = run((True, False))
    assert set(both) == {0, 1}
    assert set(one) == {0}
    assert decisions * 2 == all_decisions
    assert scores == same


def test_guests_survive_a_checkpoint(relay, dice):
    agents = {n: dice(n, memory=True) for n in "ab"}
    task = relay.task_space.task({"seats": 2, "together": 1, "length": 9})
    asked = [
        Matchup("t", k, task, ("a", "b"), ("x", "y"), match_seed(k), (0, k, 1), why="taken", learns=(True, k % 2 == 0))
        for k in range(9)
    ]
    whole = {r.id: r for r in play(relay, asked, agents, slots=4)}
    queue = iter(asked)
    first = Driver(relay, agents, lambda: next(queue, None), slots=4, seats=2)
    first.refill()
    records = [r for _ in range(4) for r in first.advance()]
    second = Driver(relay, agents, lambda: next(queue, None), slots=4, seats=2)
    second.load_state_dict(*first.state_dict())
    assert second.matchups == first.matchups
    while second.refill():
        records += second.advance()
    assert {r.id: r for r in records} == whole


def test_an_interruption_gives_up_the_matches_of_an_agent(relay, dice):
    agents = {n: dice(n) for n in "abc"}
    task = relay.task_space.task({"seats": 2, "length": 9})
    lineups = [("a", "b"), ("b", "c"), ("a", "c"), ("b", "b")]
    queue = iter(Matchup("t", k, task, lineups[k % 4], lineups[k % 4], match_seed(k)) for k in range(12))
    driver = Driver(relay, agents, lambda: next(queue, None), slots=4, seats=2)
    driver.refill()
    driver.advance()
    given_up = driver.interrupt({"a"})
    assert [r.matchup.agents for r in given_up] == [("a", "b"), ("a", "c")]
    for record in given_up:
        assert (record.reason, record.scores, record.length, record.fault) == (Reason.INTERRUPTED, (0.0, 0.0), 1, None)
        assert not record.reason.counts
    rest = []
    while driver.refill():
        rest += driver.advance()
    assert {r.matchup.ordinal for r in rest} == set(range(12)) - {0, 2}
    assert all(r.reason is Reason.NORMAL for r in rest)


class Third:
    """Ends every match after its third step, and sees what was decided."""

    observes = False

    def __init__(self):
        self.values, self.begun = defaultdict(list), []

    def seated(self, slots):
        self.begun += slots.tolist()

    def decided(self, flat, value):
        for row, worth in zip(flat.tolist(), value.tolist(), strict=True):
            self.values[row].append(worth)

    def verdicts(self, step, time):
        for slot in range(len(time)):
            if time[slot] >= 3:
                yield slot, (5.0, 4.0, 3.0, 2.0), "three steps are enough"


def test_a_judge_ends_matches(relay, dice):
    judge, agents = Third(), {n: dice(n) for n in "ab"}
    task = relay.task_space.task({"seats": 2, "together": 1, "length": 9})
    short = relay.task_space.task({"seats": 2, "together": 1, "length": 3})
    tasks = [task, short] * 3
    queue = iter(Matchup("t", k, t, ("a", "b"), ("x", "y"), match_seed(k)) for k, t in enumerate(tasks))
    driver = Driver(relay, agents, lambda: next(queue, None), slots=2, seats=4, judge=judge)
    records = []
    while driver.refill():
        records += driver.advance()
    assert len(records) == 6
    for record in records:
        assert record.length == 3
        if record.matchup.task == short:
            assert record.reason is Reason.NORMAL, "the game's own end comes first"
        else:
            assert (record.reason, record.scores, record.fault) == (Reason.ADJUDICATED, (5.0, 4.0), None)
            assert record.detail == "three steps are enough"
    assert judge.begun == [0, 1] * 3
    assert {row: len(values) for row, values in judge.values.items()} == dict.fromkeys((0, 1, 4, 5), 9)
