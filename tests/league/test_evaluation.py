import dataclasses
import math
from types import SimpleNamespace

import pytest

from league.evaluation import Evaluation, gauntlet, win_rates
from league.play import play
from populations.agent import Lineage


def test_a_gauntlet_takes_every_side_under_the_same_seed(relay, dice):
    tasks = [relay.task_space.task({"seats": 3}), relay.task_space.task({"seats": 2})]
    asked = list(
        gauntlet(relay, dice("new"), [dice("a"), dice("b")], tasks=tasks, matches=10, stage="evaluate", seed=3)
    )
    assert [m.ordinal for m in asked] == list(range(len(asked)))
    assert len({m.id for m in asked}) == len(asked)
    for name in ("a", "b"):
        mine = [m for m in asked if name in m.agents]
        assert len(mine) == 10
        seeds = {m.seed for m in mine}
        for seed in seeds:
            round_ = [m for m in mine if m.seed == seed]
            assert [m.agents.index("new") for m in round_] == list(range(len(round_[0].agents)))
    assert {m.seed for m in asked if "a" in m.agents}.isdisjoint(m.seed for m in asked if "b" in m.agents)


def test_win_rates_count_draws_as_halves(relay, dice):
    agents = {n: dice(n) for n in ("new", "a")}
    task = relay.task_space.task({"seats": 2, "together": 1})
    asked = list(gauntlet(relay, agents["new"], [agents["a"]], tasks=[task], matches=60, stage="e", seed=1))
    records = list(play(relay, asked, agents))
    expected = []
    for record in records:
        own = record.matchup.agents.index("new")
        mine, other = record.scores[own], record.scores[1 - own]
        expected.append(1.0 if mine > other else 0.5 if mine == other else 0.0)
    assert win_rates(relay, "new", records) == {"a": pytest.approx(sum(expected) / 60)}
    assert 0.2 < sum(expected) / 60 < 0.8


def test_a_snapshot_is_rated_where_copies_of_its_opponent_meet_each_other(relay, dice):
    new = dice("new")
    new = dataclasses.replace(new, lineage=Lineage(parent="main", role="snapshot"))
    members = SimpleNamespace(agents={"new": new}, frozen=["new"], parent=lambda name: "main")
    task = relay.task_space.task({"seats": 3})
    evaluation = Evaluation(relay, opponents={"a": dice("a")}, matches=30, tasks=[task], seed=1)
    records, figures = evaluation(new, members)
    rate = win_rates(relay, "new", records)["a"]  # 60 comparisons, and half a win for each from the virtual draw
    wins, losses = 60 * rate + 0.5, 60 * (1 - rate) + 0.5
    assert figures["main/rating"] == pytest.approx(400 * math.log10(wins / losses), abs=1e-3)
