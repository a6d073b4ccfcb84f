import numpy as np
import pytest

from games import InputError, make
from league.match import Matchup, Reason, match_seed
from league.play import play
from league.replay import Replay, pack, unpack
from populations.agents import load_agent


def played(name, count=6, *, task=None, steps=None):
    game = make(name)
    agent = load_agent("random", game)
    chosen = game.task_space.task(task)
    seats = len(game.seats(chosen))
    asked = [Matchup("t", k, chosen, (agent.id,) * seats, (agent.hash,) * seats, match_seed(k)) for k in range(count)]
    return game, list(play(game, asked, {agent.id: agent}, replays=True, steps=steps, slots=4))


def finish(replay):
    while not replay.over:
        replay.advance()


GAMES = [
    ("openspiel/connect_four", None),
    ("openspiel/leduc_poker", None),
    ("openspiel/goofspiel(num_cards=4,points_order=descending)", None),
    ("testkit/dice-v0", None),
    ("testkit/gridgoal-v0", {"seats": 2}),
    ("testkit/commands-v0", None),
    ("markov/resource-v0", {"population": 3}),
]


@pytest.mark.parametrize(("name", "task"), GAMES)
def test_a_match_can_be_played_again(name, task):
    game, records = played(name, task=task)
    for record in records:
        replay = Replay(game, record, record.replay)
        returns = np.zeros(len(record.scores))
        while not replay.over:
            assert replay.acting
            replay.advance()
            returns += replay.view.reward[0]
        assert replay.turn == record.length
        assert tuple(replay.view.score[0].tolist()) == record.scores
        assert returns == pytest.approx(record.returns)
        replay.close()


def test_a_match_that_was_cut_is_cut_again():
    game, records = played("openspiel/connect_four", steps=5)
    assert {r.reason for r in records} == {Reason.TRUNCATED}
    replay = Replay(game, records[0], records[0].replay, steps=5)
    finish(replay)
    assert replay.view.truncated[0]
    with pytest.raises(InputError, match="it goes on after step 5, but the record says truncated"):
        finish(Replay(game, records[0], records[0].replay))


def test_what_was_packed_is_unpacked():
    game = make("testkit/commands-v0")
    actions = np.arange(5 * 2 * game.actions.heads, dtype=np.int32).reshape(5, 2, -1)
    assert np.array_equal(unpack(pack(actions), 2, game.actions), actions)


def test_a_replay_that_is_none_of_this_match_is_refused():
    game, records = played("openspiel/connect_four")
    record = records[0]
    with pytest.raises(InputError, match=f"the replay of match {record.id} is damaged"):
        Replay(game, record, record.replay[:-3])
    with pytest.raises(InputError, match="is damaged"):
        Replay(game, record, b"nonsense")
    shorter = pack(unpack(record.replay, 2, game.actions)[:-1])
    with pytest.raises(InputError, match=f"steps, not {record.length}"):
        Replay(game, record, shorter)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": (9.0, 9.0)}, "its scores are"),
        ({"reason": Reason.ADJUDICATED}, "it ends after step"),
    ],
)
def test_rules_that_have_changed_are_told(change, message):
    game, records = played("openspiel/connect_four")
    replay = Replay(game, records[0]._replace(**change), records[0].replay)
    with pytest.raises(InputError, match=f"goes another way when it is played again: {message}"):
        finish(replay)


def test_an_action_that_is_not_legal_any_more_is_told():
    game, records = played("openspiel/connect_four")
    actions = unpack(records[0].replay, 2, game.actions).copy()
    actions[3, 1] = 99
    replay = Replay(game, records[0], pack(actions))
    with pytest.raises(InputError, match="step 3 is not legal"):
        finish(replay)
