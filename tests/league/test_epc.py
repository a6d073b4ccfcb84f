from __future__ import annotations

import json
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from games import InputError, Seat, make
from games.at_most import at_most
from league.epc import EPC, EPCSettings, roles_of
from league.match import Matchup
from league.play import play
from league.store import Store
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.networks import NetworkSpec
from populations.networks.network import Network

RESOURCE = at_most(make("markov/resource-v0"), 8)
GRASSLAND = at_most(make("markov/grassland-v0"), 12)
SMALL = {"slots": 4, "fragment": 10, "matches": 3, "steps": (100,)}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def one_role(store, *, stages=3, **settings):
    tasks = [RESOURCE.task_space.task({"population": 2 * 2**k}) for k in range(stages)]
    return curriculum(RESOURCE, tasks, store, **settings)


def two_roles(store, **settings):
    tasks = [GRASSLAND.task_space.task({"sheep": s, "wolves": w, "foods": 2}) for s, w in ((2, 1), (4, 2))]
    return curriculum(GRASSLAND, tasks, store, **settings)


def curriculum(game, tasks, store, **settings):
    def learner(seed):
        return PPO(Network(NetworkSpec(hidden=(8,), pooling="mean"), Layout.of(game), seed=seed), seed=seed)

    return EPC(game, tasks=tasks, learner=learner, settings=EPCSettings(**(SMALL | settings)), store=store, seed=1)


def told(folder, make_one, watch=lambda *_: True, **settings):
    with Store(folder, write=True, create=True) as store:
        epc = make_one(store, **settings)
        return epc, epc.run(watch)


def test_roles_are_kinds_or_the_teams_of_one_kind():
    assert roles_of(RESOURCE, RESOURCE.task_space.task({"population": 3})) == ["agent"] * 3
    task = GRASSLAND.task_space.task({"sheep": 2, "wolves": 1})
    assert roles_of(GRASSLAND, task) == ["sheep", "sheep", "wolf"]

    class Battle:
        def seats(self, task):
            return [Seat("fighter", team) for team in (0, 0, 1, 1)]

    assert roles_of(Battle(), task) == ["team 0", "team 0", "team 1", "team 1"]


def test_teams_of_one_role_double_and_come_from_the_best(tmp_path):
    _, stages = told(tmp_path / "run", one_role, sets=3, keep=2)
    assert [len(stage.sets) for stage in stages] == [3, 3, 3]
    assert [len(one.teams["agent"]) for stage in stages for one in stage.sets] == [1] * 3 + [2] * 3 + [4] * 3
    assert [stage.steps for stage in stages] == [300, 300, 300]
    for before, after in pairwise(stages):
        first, second = (before.sets[k].id for k in before.ranked("agent")[:2])
        best = before.fitness["agent"][before.ranked("agent")[0]].mean
        assert best == max(one.mean for one in before.fitness["agent"])
        crossed = [one.parents["agent"] for one in after.sets]
        assert crossed == [(first, first), (first, second), (second, second)]


def test_roles_are_crossed_and_selected_by_themselves(tmp_path):
    _, stages = told(tmp_path / "run", two_roles, sets=3, keep=2)
    assert len(stages[1].sets) == 9
    for role in ("sheep", "wolf"):
        best = {stages[0].sets[k].id for k in stages[0].ranked(role)[:2]}
        assert {parent for one in stages[1].sets for parent in one.parents[role]} == best
        assert all(len(one.teams[role]) == 2 for one in stages[1].sets)
    pairs = [(one.parents["sheep"], one.parents["wolf"]) for one in stages[1].sets]
    assert len(set(pairs)) == 9


def test_fitness_is_what_a_role_gets_together_against_all_teams_of_the_other(tmp_path):
    epc, (first, *_) = told(tmp_path / "run", two_roles, sets=2, keep=1)
    game, task = GRASSLAND, epc.tasks[0]
    returns = np.zeros((2, 2, 2))
    for (i, sheep), (j, wolves) in product(enumerate(first.sets), repeat=2):
        agents = {"s": epc.team(sheep, "sheep"), "w": epc.team(wolves, "wolf")}
        with Store(tmp_path / "run") as store:
            played = [
                r for r in store.matches("cross-play 0")
                if r.matchup.agents[0].startswith(f"{sheep.id}/") and r.matchup.agents[2].startswith(f"{wolves.id}/")
            ]  # fmt: skip
        asked = [Matchup("t", k, task, ("s", "s", "w"), ("s", "s", "w"), r.matchup.seed) for k, r in enumerate(played)]
        again = sorted(play(game, asked, agents, seats=3), key=lambda r: r.matchup.ordinal)
        assert len(again) == 3
        for old, new in zip(played, again, strict=True):  # teams play as their policies did
            assert old.returns == pytest.approx(new.returns, abs=1e-5)
        returns[i, j] = np.mean([(r.returns[0] + r.returns[1], r.returns[2]) for r in played], axis=0)
    assert [one.mean for one in first.fitness["sheep"]] == pytest.approx(returns[:, :, 0].mean(axis=1))
    assert [one.mean for one in first.fitness["wolf"]] == pytest.approx(returns[:, :, 1].mean(axis=0))


def test_children_begin_with_their_parents_weights_and_learn(tmp_path):
    epc, stages = told(tmp_path / "run", one_role, stages=2, sets=1, keep=1)
    (parent,), (child,) = stages[0].sets, stages[1].sets
    with Store(tmp_path / "run") as store:
        agents = store.agents()
    first, second = (agents[f"1.0/agent/{k}"] for k in range(2))
    for _, stage, lineage in (first, second):
        assert (stage, lineage.generation, lineage.role, lineage.parent) == (1, 1, "agent", "0.0/agent/0")
    assert first[0] != second[0]

    def network(content):
        return epc._load(content).policy.network

    mine, theirs = network(child.teams["agent"][0]), network(parent.teams["agent"][0])
    moved = [float((a - b).abs().max()) for a, b in zip(mine.parameters(), theirs.parameters(), strict=True)]
    assert 0.0 < max(moved) < 0.1  # a few steps of Adam away, where other first weights would be far


@pytest.mark.parametrize("make_one", [one_role, two_roles])
def test_goes_on_where_it_was_stopped_with_the_same_result(make_one, tmp_path):
    settings = {"sets": 2, "keep": 1}
    _, whole = told(tmp_path / "whole", make_one, **settings)

    def patient(calls):
        left = iter(range(calls))
        return lambda *_: next(left, None) is not None

    pieces, runs = [], 0
    while len(pieces) < len(whole):
        _, pieces = told(tmp_path / "pieces", make_one, patient(runs), **settings)
        runs += 1
        assert runs < 20
    assert runs > 3
    assert pieces == whole
    _, again = told(
        tmp_path / "whole", make_one, watch=lambda what, *_: pytest.fail(what) if "set" in what else True, **settings
    )
    assert again == whole


def test_a_number_of_children_draws_among_the_crossings(tmp_path):
    _, stages = told(tmp_path / "run", two_roles, sets=3, keep=2, children=4)
    pairs = [(one.parents["sheep"], one.parents["wolf"]) for one in stages[1].sets]
    assert len(pairs) == len(set(pairs)) == 4


def test_mistakes_are_named(tmp_path):
    told(tmp_path / "run", one_role, stages=1, sets=1, keep=1)
    with pytest.raises(InputError, match="holds an epc of other settings; choose another folder"):
        told(tmp_path / "run", one_role, stages=1, sets=2, keep=1)
    for given, message in (
        ({"sets": 0}, "epc sets must be at least 1, not 0"),
        ({"sets": 1, "keep": 2}, "epc cannot keep 2 of 1 sets"),
        ({"steps": ()}, "epc steps must be one or more positive numbers"),
    ):
        with pytest.raises(InputError, match=message):
            EPCSettings(**given)
    with Store(tmp_path / "other", write=True, create=True) as store:
        with pytest.raises(InputError, match="epc needs a task for each stage"):
            curriculum(RESOURCE, [], store)
        with store.transaction():
            store.set_meta("kind", "tournament")
        with pytest.raises(InputError, match="holds a tournament; choose another folder"):
            one_role(store)
    with Store(tmp_path / "run") as store:
        assert json.loads(store.meta("epc"))["settings"]["sets"] == 1
