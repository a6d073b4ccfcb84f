"""Openings, replays, guests, interruption and judges: what a driver does beside playing."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from games import InputError, Limits, make
from league.driver import Driver
from league.match import Matchup, Reason, match_seed
from league.play import play
from league.replay import unpack
from league.rollout import Rollout
from populations.agents import load_agent

BOARD = "openspiel/connect_four"


@pytest.fixture(scope="module")
def board():
    game = make(BOARD)
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
