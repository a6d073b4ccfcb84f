"""Learners with a replay buffer in a run: they go on bit for bit, and their snapshots play."""

from __future__ import annotations

import numpy as np
import pytest

from arena.build import plan
from arena.config import load
from games import make
from league.match import Matchup, match_seed
from league.play import play
from league.store import Store
from populations.agents.uri import load_agent
from populations.mra.policy import LatentPolicy

RUN = """\
game: {game}
task_ranges: {ranges}
seed: 5
steps: 1_200
slots: 8
fragment: 6
snapshot_every: 600
learners:
  main:
    kind: {kind}
    network: {{hidden: [16]}}
    settings:
      critic: {{width: 16, heads: 2}}
      replay: {{warmup: 50, every: 20, batch: 8, capacity: 400}}
"""
RESOURCE = ("markov/resource-v0", "{population: [2, 3]}")
DYING = ("testkit/skirmish-v0", "{}")


def train(path, folder, until):
    config, document = load(path)
    with Store(folder, write=True, create=True) as store:
        training = plan(config, document).training(store, tensorboard=False)
        training.run(lambda progress: progress.steps < until)
        learner = training.members.learners["main"]
        training.close()
    return learner


@pytest.mark.parametrize(
    ("kind", "game"), [("sac", DYING), ("mra_sac", RESOURCE), ("maddpg", RESOURCE)], ids=["sac", "mra_sac", "maddpg"]
)
def test_a_run_that_was_cut_off_ends_as_one_that_was_not(kind, game, tmp_path):
    path = tmp_path / "run.yaml"
    path.write_text(RUN.format(kind=kind, game=game[0], ranges=game[1]))
    straight = train(path, tmp_path / "straight", 10**9)
    train(path, tmp_path / "cut", 700)
    resumed = train(path, tmp_path / "cut", 10**9)
    assert straight.steps > 15
    a, b = straight.state_dict(), resumed.state_dict()
    assert a.keys() == b.keys()
    assert [name for name in a if not np.array_equal(a[name], b[name])] == []

    world = make(game[0])
    snapshots = sorted((tmp_path / "cut" / "snapshots").glob("*.json"))
    assert len(snapshots) > 1
    agent = load_agent(f"snapshot:{snapshots[-1]}", world)
    assert isinstance(agent.policy, LatentPolicy) == (kind == "mra_sac")
    task = world.task_space.task()
    seats = (agent.id,) * len(world.seats(task))
    asked = [Matchup("test", k, task, seats, seats, match_seed("test", k)) for k in range(5)]
    assert len(list(play(world, asked, {agent.id: agent}))) == 5
