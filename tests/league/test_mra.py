"""Meta-representation learners in whole runs: matches cut in the middle, checkpoints, snapshots among the opponents."""

import numpy as np
import pytest
import torch

from games import make
from league.evaluation import Evaluation
from league.matchmakers import PFSP
from league.store import Store
from league.teachers import Uniform
from league.training import Schedule, Training
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.mra import MRA
from populations.learners.ppo_settings import PPOSettings
from populations.mra import Diversity
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network

pytestmark = pytest.mark.filterwarnings("ignore:the 3 modes are still one")


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def training(folder, recurrent=None, critic="own"):
    game = make("testkit/skirmish-v0")
    spec = NetworkSpec(hidden=(16,), recurrent=recurrent, relation=RelationSpec(latents=3))
    learner = MRA(Network(spec, Layout.of(game)), PPOSettings(), Diversity(warmup=0.1, rows=64), critic=critic)
    return Training(
        game,
        learners={"main": learner},
        fixed={"random": load_agent("random", game)},
        matchmaker=PFSP(self_play=0.3),
        teacher=Uniform(game.task_space, 0),
        schedule=Schedule(steps=2400, slots=12, fragment=8, snapshot_every=600, checkpoint_seconds=0.0),
        evaluation=Evaluation(game, opponents={}, past=1, matches=2, tasks=[game.task_space.task()], seed=1),
        store=Store(folder, write=True, create=True),
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
        return list(store.matches()), list(store.agents().items()), curves


@pytest.mark.parametrize(("recurrent", "critic"), [(6, "own"), (None, "central")])
def test_an_interrupted_run_ends_like_an_unbroken_one(recurrent, critic, tmp_path):
    whole = finish(training(tmp_path / "whole", recurrent, critic))
    parts, steps = 0, 0
    while steps < whole.schedule.steps:
        run = training(tmp_path / "parts", recurrent, critic)
        left = iter(range(3))
        finish(run, lambda _, left=left: next(left, None) is not None)
        steps, parts = run.steps, parts + 1
    assert parts > 2
    expected, got = (r.members.learners["main"].state_dict() for r in (whole, run))
    assert expected.keys() == got.keys()
    for key, value in expected.items():
        np.testing.assert_array_equal(got[key], value, err_msg=key)
    assert content(tmp_path / "parts") == content(tmp_path / "whole")
    _, agents, curves = content(tmp_path / "whole")
    assert len(agents) > 2
    assert len(curves["main/mi"]) > 5
