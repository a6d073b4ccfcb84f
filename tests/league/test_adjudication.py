"""Matches that an organiser's rules end, against the same matches played to their own end and judged by hand."""

from collections import Counter

import numpy as np
import pytest

from games import InputError, Limits, make
from games.randomness import uniform
from league.adjudication import Adjudication
from league.match import Matchup, Reason, match_seed
from league.play import play
from league.replay import unpack
from populations.agent import Agent
from populations.agents import load_agent
from populations.agents.random import RandomPolicy

GLOOM = 41  # a stream of random numbers that nobody else draws from


class Moody(RandomPolicy):
    """Plays at random and believes at random."""

    def act(self, rows, state):
        decision = super().act(rows, state)
        decision.value = np.array([mood(*row) for row in zip(rows.seed, rows.seat, rows.step, strict=True)], np.float32)
        return decision


def mood(seed, seat, step):
    return np.float32(2 * uniform(np.uint64(seed), GLOOM, int(step), int(seat)) - 1)


def records_of(game, rules=None, *, policy=None, count=40, steps=None, slots=16):
    agents = {"a": load_agent("random", game), "b": load_agent("random", game)}
    agents = {name: Agent(name, name, policy or agent.policy) for name, agent in agents.items()}
    task = game.task_space.task()
    asked = [Matchup("t", k, task, ("a", "b"), ("a", "b"), match_seed(k)) for k in range(count)]
    found = play(game, asked, agents, judge=rules, replays=True, steps=steps, slots=slots)
    return sorted(found, key=lambda record: record.matchup.ordinal)


def test_long_matches_are_draws_and_short_ones_are_what_they_were():
    game = make("openspiel/connect_four")
    plain, judged = records_of(game), records_of(game, Adjudication(draw_after=20))
    assert {r.reason for r in judged} == {Reason.NORMAL, Reason.ADJUDICATED}
    for one, other in zip(plain, judged, strict=True):
        if one.length <= 20:
            assert one == other
        else:
            assert (other.length, other.reason, other.scores) == (20, Reason.ADJUDICATED, (0.0, 0.0))
            assert other.detail == "draw after 20 steps"
            layout = game.actions
            assert np.array_equal(unpack(other.replay, 2, layout), unpack(one.replay, 2, layout)[:20])


def first_repetition(game, record, times, steps):
    """Return after how many steps a position had come so often, by a table of all that could be seen."""
    matchup = record.matchup
    vector = game.vector(1, Limits(seats=2, steps=steps))
    vector.assign(np.array([0]), [matchup.task], np.array([matchup.seed], np.uint64))
    seen = Counter()
    for turn, actions in enumerate(unpack(record.replay, 2, game.actions), 1):
        view = vector.step(actions[None])
        if view.terminated[0] or view.truncated[0]:
            return None
        position = (*(values[0].tobytes() for values in view.observation.values()), view.acting[0].tobytes())
        seen[position] += 1
        if seen[position] >= times:
            return turn
    return None


@pytest.mark.parametrize(
    ("name", "times"), [("openspiel/markov_soccer", 6), ("openspiel/markov_soccer", 3), ("openspiel/laser_tag", 4)]
)
def test_a_position_that_comes_again_and_again_is_a_draw(name, times):
    game = make(name)
    plain = records_of(game, steps=150, count=30)
    judged = records_of(game, Adjudication(repetition=times), steps=150, count=30)
    adjudicated = 0
    for one, other in zip(plain, judged, strict=True):
        expected = first_repetition(game, one, times, 150)
        if expected is None:
            assert one == other
        else:
            adjudicated += 1
            assert (other.length, other.reason, other.scores) == (expected, Reason.ADJUDICATED, (0.0, 0.0))
            assert "the same position for the" in other.detail
    assert adjudicated >= 5
    assert adjudicated < 30 or times < 6


def first_resignation(record, least, moves, agreed):
    """Return (length, seat that resigns), by going through what both thought; seats take turns from seat 0 on."""
    losing, winning = [0, 0], [0, 0]
    for step in range(record.length - 1):  # after the last step the game had ended by itself
        seat = step % 2
        value = mood(record.matchup.seed, seat, step)
        losing[seat] = losing[seat] + 1 if value <= least else 0
        winning[seat] = winning[seat] + 1 if value >= -least else 0
        lost = [losing[s] >= moves and (not agreed or winning[1 - s] >= moves) for s in (0, 1)]
        if lost[0] != lost[1]:
            return step + 1, lost.index(True)
    return None


@pytest.mark.parametrize(
    ("least", "moves", "agreed"), [(-0.3, 3, False), (-0.3, 1, True), (-0.8, 1, False), (-0.1, 2, True)]
)
def test_an_agent_that_sees_no_hope_has_lost(least, moves, agreed):
    game = make("openspiel/connect_four")
    rules = Adjudication(resign_below=least, resign_moves=moves, resign_agreed=agreed)
    plain = records_of(game, policy=Moody(game.actions))
    judged = records_of(game, rules, policy=Moody(game.actions))
    resigned = 0
    for one, other in zip(plain, judged, strict=True):
        expected = first_resignation(one, least, moves, agreed)
        if expected is None:
            assert one == other
            continue
        resigned += 1
        length, seat = expected
        assert (other.length, other.reason, other.fault) == (length, Reason.ADJUDICATED, None)
        assert other.scores == ((-1.0, 1.0) if seat == 0 else (1.0, -1.0))
        assert other.detail.startswith(f"seat {seat} resigned: at most {least:g} in {moves} decisions")
    assert resigned > 5


def test_agents_that_say_nothing_never_resign():
    game = make("openspiel/connect_four")
    assert records_of(game, Adjudication(resign_below=-0.01, resign_moves=1)) == records_of(game)


def test_rules_do_not_depend_on_the_batch():
    game = make("openspiel/markov_soccer")
    rules = Adjudication(repetition=3, draw_after=100, resign_below=-0.5, resign_moves=4)
    policy = Moody(game.actions)
    assert records_of(game, rules, policy=policy, slots=3) == records_of(game, rules, policy=policy, slots=40)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draw_after": 0}, "draw_after must be at least 1 step, not 0"),
        ({"repetition": 1}, "repetition must be at least 2"),
        ({"resign_below": 0.0}, "resign_below must be a number below 0"),
        ({"resign_below": float("nan")}, "resign_below must be a number below 0"),
        ({"resign_below": -1.0, "resign_moves": 0}, "resign_moves must be at least 1"),
        ({"resign_moves": 5}, "need resign_below"),
        ({"resign_agreed": True}, "need resign_below"),
    ],
)
def test_rules_that_make_no_sense(options, message):
    with pytest.raises(InputError, match=message):
        Adjudication(**options)


def test_games_in_which_rules_have_no_use():
    with pytest.raises(InputError, match="nobody wins or loses in openspiel/tiny_hanabi"):
        Adjudication(draw_after=3).judge(make("openspiel/tiny_hanabi"), 1, 2)
    with pytest.raises(InputError, match="resign_below needs matches of two seats"):
        Adjudication(resign_below=-0.5).judge(make("testkit/dice-v0"), 1, 3)
