import sys
import types

import numpy as np
import pytest

import games
from games import Limits, Task
from league.match import Matchup, Reason
from league.play import play
from populations.agents import load_agent
from populations.policy import Rows


@pytest.fixture
def module(monkeypatch):
    module = types.ModuleType("my_functions")
    monkeypatch.setitem(sys.modules, "my_functions", module)
    return module


def asked(game, count=2, seat=0, step=0):
    vector = game.vector(count, Limits(seats=len(game.seats(game.task_space.task()))))
    seeds = np.arange(count, dtype=np.uint64)
    view = vector.assign(np.arange(count), [game.task_space.task()] * count, seeds)
    return Rows(
        {name: values[:, seat] for name, values in view.observation.items()},
        None if view.action_mask is None else view.action_mask[:, seat],
        seeds,
        np.full(count, seat),
        np.full(count, step),
        np.arange(count),
        vector,
    )


@pytest.mark.parametrize(
    "name", ["openspiel/tic_tac_toe", "testkit/commands-v0", "testkit/skirmish-v0", "testkit/gridgoal-v0"]
)
def test_a_function_sees_what_the_pettingzoo_face_shows(name, module):
    game, seen = games.make(name), []
    module.make = lambda game: lambda observation, agent: (seen.append((observation, agent)), 1 // 0)
    policy = load_agent("python:my_functions:make", game).policy
    rows = asked(game, 1)
    policy.act(rows, {})
    observation, agent = seen[0]
    face = game.aec_env() if game.turn_based else game.parallel_env()
    face.reset(seed=0)
    assert agent == face.possible_agents[0]
    space = face.observation_space(agent)
    assert space.contains(observation)


def test_a_function_plays_by_the_mask(module):
    module.make = lambda game: lambda observation, agent: observation["action_mask"].argmax()
    game, task = games.make("openspiel/connect_four"), Task()
    agents = {uri: load_agent(uri, game) for uri in ("python:my_functions:make", "scripted:first-legal")}

    def records(lineup):
        return [*play(game, [Matchup("test", k, task, lineup, ("a", "b"), k) for k in range(3)], agents)]

    ours = records(("python:my_functions:make", "scripted:first-legal"))
    assert {record.reason for record in ours} == {Reason.NORMAL}
    assert [r.scores for r in ours] == [r.scores for r in records(("scripted:first-legal",) * 2)]


def test_without_a_place_one_function_decides_everywhere(module):
    made = []

    def make(game):
        made.append(1)
        return lambda observation, agent: 0

    module.make = make
    policy = load_agent("python:my_functions:make", games.make("openspiel/tic_tac_toe")).policy
    policy.act(asked(games.make("openspiel/tic_tac_toe"), 5), {})
    assert made == [1]


def test_with_a_place_each_seat_of_each_match_has_its_own(module):
    class Counts:
        def __init__(self, seat, seed):
            self.seat, self.seed, self.calls = seat, seed, -1

        def __call__(self, observation, agent):
            self.calls += 1
            return self.calls

    module.make = lambda game, seat, seed: Counts(seat, seed)
    game = games.make("openspiel/tic_tac_toe")
    policy = load_agent("python:my_functions:make", game).policy
    rows = asked(game, 3)
    for step in range(3):
        rows.step[:] = step * 2
        assert policy.act(rows, {}).action[:, 0].tolist() == [step] * 3
    rows.step[:] = [6, 0, 6]  # a match begins in slot 1
    assert policy.act(rows, {}).action[:, 0].tolist() == [3, 0, 3]


@pytest.mark.parametrize(
    ("answer", "reason", "detail"),
    [
        (lambda: 1 / 0, "crash", "ZeroDivisionError: division by zero"),
        (lambda: None, "illegal", "its action must be 1 whole number, not None"),
        (lambda: 0.5, "illegal", "its action must be 1 whole number, not 0.5"),
        (lambda: float("nan"), "illegal", "its action must be 1 whole number, not nan"),
        (lambda: [1, 2], "illegal", "its action must be 1 whole number, not [1, 2]"),
        (lambda: 2**40, "illegal", "its action must be 1 whole number, not 1099511627776"),
    ],
)
def test_failures_cost_one_match_each(answer, reason, detail, module):
    calls = []

    def function(observation, agent):
        calls.append(1)
        return answer() if len(calls) == 2 else np.int64(3)

    module.make = lambda game: function
    game = games.make("openspiel/tic_tac_toe")
    decision = load_agent("python:my_functions:make", game).policy.act(asked(game, 3), {})
    assert {row: (f.reason, f.detail) for row, f in decision.failures.items()} == {1: (reason, detail)}
    assert decision.action[[0, 2], 0].tolist() == [3, 3]


def test_it_was_made_for_one_game(module):
    module.make = lambda game: lambda observation, agent: 0
    policy = load_agent("python:my_functions:make", games.make("openspiel/tic_tac_toe")).policy
    assert policy.refuses(games.make("openspiel/tic_tac_toe")) is None
    assert policy.refuses(games.make("openspiel/connect_four")) == "it was made for openspiel/tic_tac_toe"
