"""Every teacher in a training run that is cut off again and again: the same tasks come, and the same is learned."""

import numpy as np
import pytest
import torch

from games import make
from games.narrowed import narrowed
from league.matchmakers import PFSP
from league.store import Store
from league.teachers import teachers
from league.training import Schedule, Training
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec

INNER = {"teachers": {"a": {"kind": "alp_gmm", "fit_rate": 20}, "b": {"kind": "uniform"}}}
OPTIONS = {
    "accel": {"buffer": 20},
    "adr": {"queue": 2, "low": 0.0, "high": 1.0},
    "alp_gmm": {"fit_rate": 20},
    "bandit": INNER,
    "covar_gmm": {"fit_rate": 20},
    "fixed": {"tasks": [{"population": 2}, {"population": 3}]},
    "learning_progress": {"tasks": [{"population": 2}, {"population": 3}]},
    "mixture": INNER,
    "paired": {"protagonist": "protagonist", "antagonist": "antagonist", "batch": 8},
    "pairs": {"inner": {"kind": "edge"}, "opponents": ("past", "self")},
    "per_learner": {"inner": {"kind": "edge"}},
    "plr": {"buffer": 20},
    "riac": {"region": 20},
    "syllabus": {"stages": [{"kind": "uniform", "until": {"results": 20}}, {"kind": "edge"}]},
}
LEARNERS = {"paired": ("protagonist", "antagonist")}
FAST = ("accel", "alp_gmm", "bandit", "edge", "plr", "xland")


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def training(folder, name, learners):
    game = narrowed(make("markov/resource-v0"), {"population": [2, 4]})
    spec = NetworkSpec(hidden=(8,), pooling="mean")
    teacher = teachers.make(name, game.task_space, 0, options=OPTIONS.get(name, {}))
    return Training(
        game,
        store=Store(folder, write=True, create=True),
        learners={
            n: PPO(Network(spec, Layout.of(game), seed=k), PPOSettings(), seed=k) for k, n in enumerate(learners)
        },
        fixed={"random": load_agent("random", game)},
        players={uri: load_agent(uri, game) for uri in teacher.players},
        matchmaker=PFSP(self_play=0.5),
        teacher=teacher,
        schedule=Schedule(steps=6000, slots=16, fragment=10, snapshot_every=2000, checkpoint_seconds=0.0),
        seed=3,
        tensorboard=False,
    )


def finish(run, watch=lambda _: True):
    try:
        run.run(watch)
    finally:
        run.close()
        run.store.close()
    return run


def content(folder):
    with Store(folder) as store:
        curves = {n: store.curve(n) for n in store.curve_names()}
        return list(store.matches()), curves, store.sketches(), store.checkpoint()[2]["lessons"]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FAST else pytest.mark.slow) for name in teachers.names()]
)
def test_a_run_that_is_cut_off_sets_the_same_tasks(name, tmp_path):
    learners = LEARNERS.get(name, ("main",))
    whole = finish(training(tmp_path / "whole", name, learners))
    parts = 0
    while True:
        run = training(tmp_path / "parts", name, learners)
        left = iter(range(4))
        finish(run, lambda _, left=left: next(left, None) is not None)
        parts += 1
        if run.steps >= run.schedule.steps:
            break
    assert parts > 2
    expected, got = content(tmp_path / "whole"), content(tmp_path / "parts")
    tasks, same = ([(r.matchup.task, r.matchup.origin) for r in records] for records in (expected[0], got[0]))
    assert same == tasks
    assert got == expected
    for learner in learners:
        trained, again = (r.members.learners[learner].state_dict() for r in (whole, run))
        for key, array in trained.items():
            np.testing.assert_array_equal(again[key], array, err_msg=key)
    if name not in ("fixed", "learning_progress"):
        assert len({task for task, _ in tasks}) > 5
