import numpy as np
import pytest

from games import Limits, make
from league.match import Matchup
from league.play import play
from populations.agents import load_agent
from populations.agents.scripted.repeated import Grim, TitForTat
from populations.policy import Policy

GAME = make("markov/repeated-v0")
URIS = {
    "tft": "scripted:tit-for-tat",
    "grim": "scripted:grim",
    "good": "scripted:first-legal",
    "random": "random",
}


@pytest.mark.parametrize("cls", [TitForTat, Grim])
def test_they_are_policies_of_this_game_only(cls):
    assert isinstance(cls(), Policy)
    assert cls().refuses(GAME) is None
    assert cls().refuses(make("markov/matrix-v0")) == "it knows only markov/repeated-v0"


def returns(*names, rounds=6):
    agents = {name: load_agent(URIS.get(name, name), GAME) for name in set(names)}
    task = GAME.task_space.task({"population": len(names), "rounds": rounds})
    asked = Matchup("test", 0, task, names, tuple(agents[name].hash for name in names), 3)
    (record,) = play(GAME, [asked], agents, slots=1)
    return record.returns


def test_the_kind_meet_the_kind():
    assert returns("tft", "grim") == (18, 18)
    assert returns("tft", "tft", "grim", "good") == (18,) * 4


def test_who_defects_once_is_answered_once_or_for_ever():
    """Against fixed actions, seen as the game shows them: (own, the other's) last actions."""
    for cls, answers in ((TitForTat, [0, 0, 1, 1]), (Grim, [0, 1, 1, 1])):
        found = []
        for mine, theirs in ((0, 0), (1, 0), (0, 1), (1, 1)):
            vector = GAME.vector(1, Limits(seats=2))
            vector.assign(np.array([0]), [GAME.task_space.task()], np.zeros(1, np.uint64))
            step = vector.step(np.array([[[mine], [theirs]]]))
            rows = type("Rows", (), {"observation": {n: a[0, :1] for n, a in step.observation.items()}})
            found.append(int(cls().act(rows, {}).action[0, 0]))
        assert found == answers


def test_against_chance_both_earn_less_than_among_themselves_and_grim_more_than_tit_for_tat():
    tft, grim, _ = (returns(name, "random", rounds=60)[0] for name in ("tft", "grim", "good"))

    assert tft < grim
    assert tft < 180
