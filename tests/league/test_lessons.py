"""Lessons: what goes from a teacher to the matches and back."""

import json

import numpy as np
import pytest
import torch

from games import Integer, TaskSpace, make
from league.match import Matchup, Reason
from league.matchmakers import PFSP, SelfPlay
from league.store import Store
from league.teachers import CubeTeacher, Draw, Proposal
from league.training import Schedule, Training
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec

SPACE = TaskSpace({"level": Integer(0, 3, 0)})


class Notes(CubeTeacher):
    """Draws with what `draws` says, in turn, and keeps what it is told."""

    needs_values = True

    def __init__(self, space, seed, draws, players=()):
        super().__init__(space, seed)
        self.draws, self.players, self.results, self.asked_for, self.forgotten = draws, players, [], [], []

    def ask(self, n, learner=""):
        self.asked_for.append(learner)
        changes = self.draws[self._ledger.asked % len(self.draws)]
        return [self._ledger.open(self.space.task(), "noted", [[], None], **changes)]

    def draw(self, learner):
        return Draw(np.zeros(self.size), "noted")

    def learn(self, told):
        raise AssertionError

    def tell(self, result):
        self.results.append(result)

    def forget(self, learner):
        self.forgotten.append(learner)


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def training(folder, teacher_of, *, name="openspiel/kuhn_poker", steps=3000, names=("main",), **changes):
    game = make(name)
    spec = NetworkSpec(hidden=(16,))
    random = load_agent("random", game)
    teacher = teacher_of(game.task_space)
    options = {
        "learners": {
            n: PPO(Network(spec, Layout.of(game), seed=k), PPOSettings(), seed=k) for k, n in enumerate(names)
        },
        "fixed": {"random": random},
        "matchmaker": PFSP(self_play=0.3),
        "teacher": teacher,
        "players": {uri: load_agent(uri, game) for uri in teacher.players},
        "schedule": Schedule(steps=steps, slots=16, fragment=8, snapshot_every=1000, checkpoint_seconds=0.0),
        "seed": 3,
        "tensorboard": False,
    }
    run = Training(game, store=Store(folder, write=True, create=True), **(options | changes))
    try:
        run.run()
    finally:
        run.close()
        run.store.close()
    return run, teacher


def test_results_say_whom_it_met_and_what_its_values_say(tmp_path):
    run, teacher = training(tmp_path, lambda space: Notes(space, 0, [{}]))
    assert {r.opponents for r in teacher.results} == {"self", "past", "fixed"}
    assert set(teacher.asked_for) == {"main"}
    assert {r.learner for r in teacher.results} == {"main"}
    assert all(r.success == (None if r.opponents == "self" else r.score) for r in teacher.results)
    versions = [r.version for r in teacher.results]
    assert versions == sorted(versions)
    assert versions[-1] in (run.members.version("main"), run.members.version("main") - 1)
    values = [r.values for r in teacher.results]
    assert None not in values
    # in Kuhn poker a seat decides at most twice; in self-play both seats count
    assert all(1 <= v.decisions <= 3 for v in values)
    assert all(v.absolute >= max(abs(v.advantage), v.positive) - 1e-9 for v in values)
    met = [r for r in teacher.results if r.opponents == "fixed" and r.values.decisions == 1]
    assert met
    # with one decision the trace changes nothing: the advantage is the return less the value
    assert all(v.td == pytest.approx(abs(r.total_return - v.value), abs=1e-5) for r in met for v in [r.values])


def test_what_may_only_be_scored_is_not_learned_from(tmp_path):
    run, teacher = training(tmp_path, lambda space: Notes(space, 0, [{"train_allowed": False}]))
    assert run.steps >= 3000
    assert run.members.version("main") == 0, "no update was made"
    assert teacher.results
    assert all(r.values is not None for r in teacher.results), "but every match was scored"
    untouched = PPO(Network(NetworkSpec(hidden=(16,)), Layout.of(make("openspiel/kuhn_poker")), seed=0), PPOSettings())
    learned = run.members.learners["main"].state_dict()
    assert all(np.array_equal(v, learned[k]) for k, v in untouched.state_dict().items() if k.startswith("weights"))


def test_some_of_the_matches_are_only_scored(tmp_path):
    rows = []

    class Watched(PPO):
        def update(self, batch, progress):
            rows.append(len(batch))
            assert batch.match is not None
            assert (batch.match % 2 == 0).all()
            follow = batch.next[batch.next >= 0]
            assert np.array_equal(batch.match[follow], batch.match[batch.next >= 0]), (
                "each row is followed by its own match"
            )
            return super().update(batch, progress)

    game = make("openspiel/kuhn_poker")
    learner = Watched(Network(NetworkSpec(hidden=(16,)), Layout.of(game), seed=0), PPOSettings())
    run, _ = training(
        tmp_path, lambda space: Notes(space, 0, [{}, {"train_allowed": False}]), learners={"main": learner}
    )
    assert 0.3 * run.steps < sum(rows) < 0.8 * run.steps


def test_somebody_plays_in_the_learners_place(tmp_path):
    name = "scripted:first-legal"
    draws = [{"player": name, "train_allowed": False}, {}]
    run, teacher = training(tmp_path, lambda space: Notes(space, 0, draws, players=(name,)), matchmaker=SelfPlay())
    by = {r.learner for r in teacher.results}
    assert by == {"main", name}
    with Store(tmp_path) as store:
        lineups = [r.matchup.agents for r in store.matches("train")]
    assert {frozenset(agents) for agents in lineups} == {frozenset({"main"}), frozenset({name, "main"})}
    assert run.members.payoff.games("main", name) == 0, "such matches are not the learner's"
    assert name not in run.members.pool.fixed


@pytest.mark.parametrize("wanted", ["self", "past", "fixed"])
def test_opponents_of_the_class_that_is_wanted(tmp_path, wanted):
    _, teacher = training(tmp_path, lambda space: Notes(space, 0, [{"opponents": wanted}]))
    late = teacher.results[len(teacher.results) // 2 :]
    assert {r.opponents for r in late} == {wanted}


def test_a_class_that_the_matchmaker_never_chooses(tmp_path):
    _, teacher = training(
        tmp_path, lambda space: Notes(space, 0, [{"opponents": "fixed"}]), matchmaker=SelfPlay(), steps=500
    )
    assert {r.opponents for r in teacher.results} == {"self"}


def test_the_origin_is_recorded(tmp_path):
    training(tmp_path, lambda space: Notes(space, 0, [{}]), steps=500)
    with Store(tmp_path) as store:
        assert {r.matchup.origin for r in store.matches("train")} == {"noted"}


def test_a_teacher_hears_of_replaced_weights(tmp_path):
    run, teacher = training(tmp_path, lambda space: Notes(space, 0, [{}]), steps=500)
    run.lessons.forget(["main"])
    assert teacher.forgotten == ["main"]


def test_a_given_up_match_is_told_to_nobody(tmp_path):
    run, teacher = training(tmp_path, lambda space: Notes(space, 0, [{}]), steps=500)
    before, running = len(teacher.results), run.lessons.state_dict()["running"]
    assert running
    run._book(run.driver.interrupt(["main"]))
    assert len(teacher.results) == before
    assert run.lessons.state_dict()["running"] == []
    assert run.lessons.state_dict()["values"] == []


def test_the_state_is_plain_json(tmp_path):
    run, _ = training(tmp_path, lambda space: Notes(space, 0, [{}, {"train_allowed": False}]), steps=500)
    state = run.lessons.state_dict()
    run.lessons.load_state_dict(json.loads(json.dumps(state)))
    assert run.lessons.state_dict() == state


def test_success_is_what_the_game_says():
    from league.lessons import _success
    from league.match import Record

    matchup = Matchup("t", 0, SPACE.task(), ("a",), ("x",), 1)
    told = Record("", matchup, (1.0,), (1.0,), 1, Reason.NORMAL, metrics={"success": 0.25})
    assert _success(told, 1.0) == 0.25
    assert _success(told._replace(metrics={}), 1.0) == 1.0
    assert Proposal(0, SPACE.task(), "x").train_allowed
