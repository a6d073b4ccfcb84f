import numpy as np
import pyspiel
import pytest

import games
from games import InputError
from league.match import Matchup, Reason
from league.play import play
from populations.agents import load_agent
from populations.agents.wrapped import SpielBots
from populations.policy import Policy


class Diary(pyspiel.Bot):
    """Takes the last legal action and writes down all that it is told."""

    written: list = []  # noqa: RUF012 - one diary for all

    def __init__(self, seat):
        pyspiel.Bot.__init__(self)
        self.seat, self.pages = seat, []
        self.written.append(self)

    def step(self, state):
        assert state.current_player() in (self.seat, int(pyspiel.PlayerId.SIMULTANEOUS))
        self.pages.append(("me", state.legal_actions(self.seat)[-1]))
        return self.pages[-1][1]

    def inform_action(self, state, player, action):
        assert action in state.legal_actions() or state.is_chance_node()
        self.pages.append((player, action))


def matches(name, uris, count, *, slots=8):
    game = games.make(name)
    agents = {agent.id: agent for agent in (load_agent(uri, game) for uri in uris)}
    names = [*agents] if len(agents) > 1 else [*agents] * 2
    task = game.task_space.task()
    asked = [Matchup("test", k, task, tuple(names if k % 2 else names[::-1]), ("a", "b"), k) for k in range(count)]
    return sorted(play(game, asked, agents, slots=slots), key=lambda record: record.matchup.ordinal)


@pytest.fixture
def my_bots(monkeypatch):
    import sys
    import types

    module = types.ModuleType("my_spiel_bots")
    module.diary = lambda game, seat: Diary(seat)
    module.fails = lambda game: Failing()
    module.lies = lambda game: Lying()
    module.random = lambda game, seat, seed: pyspiel.make_uniform_random_bot(seat, seed)
    monkeypatch.setitem(sys.modules, "my_spiel_bots", module)
    Diary.written.clear()
    return module


class Failing(pyspiel.Bot):
    def __init__(self):
        pyspiel.Bot.__init__(self)

    def step(self, state):
        return state.legal_actions()[0] if len(state.history()) < 4 else 1 // 0


class Lying(Failing):
    def step(self, state):
        return "left"


def test_registered_bots_play_and_draw_chance_from_the_match():
    one = matches("openspiel/kuhn_poker", ["openspiel:uniform_random", "random"], 40, slots=16)
    two = matches("openspiel/kuhn_poker", ["openspiel:uniform_random", "random"], 40, slots=1)
    assert one == two
    assert {record.reason for record in one} == {Reason.NORMAL}
    assert len({record.scores for record in one}) > 2
    assert isinstance(load_agent("openspiel:uniform_random", games.make("openspiel/kuhn_poker")).policy, Policy)


def test_options_are_openspiels_own():
    records = matches("openspiel/tic_tac_toe", ["openspiel:fixed_action_preference", "scripted:first-legal"], 2)
    first = matches("openspiel/tic_tac_toe", ["scripted:first-legal"], 2)
    assert [r.scores for r in records] == [r.scores for r in first]
    game = games.make("openspiel/tic_tac_toe")
    with pytest.raises(InputError, match="OpenSpiel cannot make 'openspiel:uniform_random' with these options"):
        load_agent("openspiel:uniform_random?seed=x", game)


def test_bots_are_told_what_happened_and_begin_anew_in_every_match(my_bots):
    records = matches("openspiel/kuhn_poker", ["python:my_spiel_bots:diary", "scripted:last-legal"], 10)
    assert {record.reason for record in records} == {Reason.NORMAL}
    diaries = [diary for diary in Diary.written if diary.pages]
    assert len(diaries) == 10
    for diary in diaries:
        chance = [page for page in diary.pages if page[0] == int(pyspiel.PlayerId.CHANCE)]
        assert len(chance) == 2  # both deals
        if diary.seat == 1:
            assert diary.pages[2] == (0, 1)  # the other always bets
        assert diary.pages[-1] == ("me", 1)
        assert not any(page[0] == diary.seat for page in diary.pages)


def test_where_seats_move_at_once_nothing_is_told(my_bots):
    records = matches("openspiel/goofspiel(num_cards=4,imp_info=True)", ["python:my_spiel_bots:diary", "random"], 4)
    assert {record.reason for record in records} == {Reason.NORMAL}
    assert {page[0] for diary in Diary.written for page in diary.pages} == {"me"}


def test_it_plays_as_openspiel_itself_would(my_bots):
    """The same bots with the same seeds, stepped by OpenSpiel's own loop."""
    spiel = pyspiel.load_game("connect_four")
    records = matches("openspiel/connect_four", ["python:my_spiel_bots:random"], 6)
    from populations.agents.matches import Sitting

    for record in records:
        seed = record.matchup.seed
        bots = [pyspiel.make_uniform_random_bot(seat, Sitting(0, seed, seat, 0).chance) for seat in (0, 1)]
        state = spiel.new_initial_state()
        while not state.is_terminal():
            state.apply_action(bots[state.current_player()].step(state))
        assert record.length == len(state.history())
        assert record.scores == tuple(state.returns())


def test_failures_cost_one_match_each(my_bots):
    records = matches("openspiel/tic_tac_toe", ["python:my_spiel_bots:fails", "random"], 4)
    assert {(record.reason, record.detail, record.length) for record in records} <= {
        (Reason.CRASH, "ZeroDivisionError: integer division or modulo by zero", 4),
        (Reason.CRASH, "ZeroDivisionError: integer division or modulo by zero", 5),
    }
    records = matches("openspiel/tic_tac_toe", ["python:my_spiel_bots:lies", "random"], 4)
    assert {(record.reason, record.detail) for record in records} == {
        (Reason.ILLEGAL, "step must return an action, not 'left'")
    }


def test_they_play_openspiel_alone(my_bots):
    policy = SpielBots(lambda seat, seed: Diary(seat))
    assert policy.privileged
    assert policy.refuses(games.make("openspiel/chess")) is None
    assert policy.refuses(games.make("testkit/dice-v0")) == "it is a bot for games of OpenSpiel, and this is none"
    assert policy.initial_state(3) == {}
    assert np.iinfo(np.int32).max == 2**31 - 1
    with pytest.raises(InputError, match="cannot play testkit/dice-v0: it is a bot for games of OpenSpiel"):
        load_agent("openspiel:uniform_random", games.make("testkit/dice-v0"))
