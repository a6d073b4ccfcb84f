"""What all formats promise, through the engine: the same course whatever is in flight, and however often it is killed."""

import random
from itertools import islice

import numpy as np
import pytest

from games import make
from league import tournament
from league.formats import Field, Results, formats
from league.match import match_seed
from league.store import Store
from league.tournament import Tournament, conditions, results
from populations.agent import Agent
from populations.policy import Decision

OPTIONS = {
    "adaptive": [{"encounters": 2}, {"certainty": 0.7, "encounters": 3}],
    "double_elimination": [{"pairs_per_round": 1, "extensions": 2}],
    "gauntlet": [{"challengers": 2, "encounters": 2}],
    "knockout": [{"pairs_per_round": 2, "extensions": 2}],
    "ladder": [{"rounds": 5}],
    "round_robin": [{"encounters": 2}, {"encounters": 4, "width": 900.0}],
    "sprt": [{"elo1": 200.0, "batch": 9, "max_pairs": 40}],
    "swiss": [{"rounds": 5, "pairs_per_round": 2}],
}
CASES = [(name, options) for name, several in OPTIONS.items() for options in several]


class Chance:
    """Moves by chance, but fails in some matches; both depend on the match's seed alone."""

    observes, privileged = False, False

    def __init__(self, name, failing):
        self.name, self.failing = name, failing

    def initial_state(self, rows):
        return {}

    def act(self, rows, state):
        actions = []
        for k, key in enumerate(zip(rows.seed.tolist(), rows.seat.tolist(), rows.step.tolist(), strict=True)):
            if match_seed(self.name, *key[:2]) % 100 < self.failing:
                raise RuntimeError("no")
            legal = np.flatnonzero(rows.mask[k])
            actions.append([legal[match_seed(self.name, *key) % len(legal)]])
        return Decision(np.array(actions, np.int32))

    def refuses(self, game):
        return None


def cup(name, options, seed, agents, rules="openspiel/tic_tac_toe"):
    game = make(rules)
    names = [f"agent{k}" for k in range(2 if name == "sprt" else agents)]
    return Tournament(
        game=game,
        format=formats.make(name, options=options),
        agents=tuple(Agent(n, f"hash-{n}", Chance(n, 40 if n == "agent2" else 0)) for n in names),
        conditions=conditions([game.task_space.task()]),
        seed=seed,
        patience=4,
    )


def recorded(folder):
    with Store(folder) as store:
        return list(store.matches())


def whole(asked, folder, slots):
    with Store(folder, write=True, create=True) as store:
        list(asked.play(store, slots=slots))
    return recorded(folder)


def test_every_format_is_tried():
    assert OPTIONS.keys() >= set(formats.names())


@pytest.mark.parametrize(("name", "options"), CASES)
@pytest.mark.parametrize("rules", ["openspiel/tic_tac_toe", "testkit/teams-v0", "testkit/dice-v0"])
def test_a_tournament_cut_at_random_points_is_the_whole_one(name, options, rules, tmp_path, monkeypatch):
    """Two sides; two teams; three sides."""
    asked = cup(name, options, 3, 7, rules)
    expected = whole(asked, tmp_path / "whole", 16)
    assert len(expected) > 10
    assert whole(asked, tmp_path / "slots", 1) == expected
    monkeypatch.setattr(tournament, "BATCH", 3)
    rng = random.Random(f"{name}{options}{rules}")
    step = max(2, len(expected) // 3)
    for _ in range(100):
        with Store(tmp_path / "cut", write=True, create=True) as store:
            games = asked.play(store, slots=rng.choice([1, 5, 40]))
            want = rng.randrange(step)
            taken = len(list(islice(games, want)))
            games.close()
        if taken < want:
            break
    assert recorded(tmp_path / "cut") == expected
    form, field = asked.format, asked.field
    verdict = form.verdict(field, results(expected))
    if verdict is not None:
        assert sorted(verdict.order) == sorted(field.agents)
        assert all(len(row) == len(verdict.columns) for row in verdict.rows)
        assert len(verdict.rows) == len(verdict.order)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_verdicts_stand_whatever_is_missing(name, options, tmp_path):
    asked = cup(name, options, 1, 6)
    records = whole(asked, tmp_path, 16)
    form, field = asked.format, asked.field
    silent = form.verdict(field, Results()) is None
    rng = random.Random(name)
    for _ in range(20):
        some = rng.sample(records, rng.randrange(len(records)))
        verdict = form.verdict(field, results(some))
        assert (verdict is None) == silent
        if verdict is not None:
            assert sorted(verdict.order) == sorted(field.agents)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_two_agents_are_enough(name, options, tmp_path):
    if name == "gauntlet":
        options = options | {"challengers": 1}
    asked = cup(name, options, 2, 2, "testkit/dice-v0")
    records = whole(asked, tmp_path, 16)
    assert records
    assert all(set(r.matchup.agents) == {"agent0", "agent1"} for r in records)


@pytest.mark.parametrize(("name", "options"), CASES)
def test_another_seed_plays_other_games(name, options, tmp_path):
    first, second = (whole(cup(name, options, seed, 5), tmp_path / str(seed), 16) for seed in (1, 2))
    assert not {r.id for r in first} & {r.id for r in second}


@pytest.mark.parametrize(("name", "options"), CASES)
def test_pairs_are_asked_for_lazily_and_the_field_is_checked_at_once(name, options):
    form = formats.make(name, options=options)
    field = Field(agents=("a", "b") if name == "sprt" else tuple("abcdefgh"))
    assert next(iter(form.pairs(field, Results()))) is not None
