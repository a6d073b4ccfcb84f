"""Leagues with roles, resets, population-based training and requests: killed or not, they end alike."""

import numpy as np
import pytest
import torch

from games import InputError, make
from league import requests
from league.evaluation import Evaluation
from league.events import Kind, ancestry, replay
from league.fitness import Fitness
from league.match import Reason
from league.matchmakers import PFSP, Choice
from league.rules import Every, Mastery, Reset, Retire, Rules
from league.steward import Breeding
from league.store import Store
from league.teachers import Fixed
from league.training import Schedule, Training
from populations.agents import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec
from populations.pbt import PBT, Range

GAME = "openspiel/kuhn_poker"
FIRST = {"settings.learning_rate": 1e-3, "settings.epochs": 2}
PARAMETERS = {"settings.learning_rate": Range(low=1e-4, high=1e-2, log=True), "settings.epochs": (1, 2, 4)}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


class Live(PFSP):
    """Sometimes the exploiter meets a live main, which learns nothing from it."""

    def opponents(self, learner, seats, pool, rng, *, matches=1):
        found = super().opponents(learner, seats, pool, rng, matches=matches)
        if pool.learners[learner] == "main_exploiter":
            mains = [name for name, role in pool.learners.items() if role == "main"]
            found[::2] = [Choice((mains[k % len(mains)],) * seats, "live main", False) for k in range(len(found[::2]))]
        return found


def league(folder, *, steps=14_000, **changes):
    game = make(GAME)
    random = load_agent("random", game)
    tasks = [game.task_space.task()]

    def learner(name, population, options):
        values = FIRST | dict(options)
        settings = PPOSettings(
            learning_rate=values["settings.learning_rate"], epochs=values["settings.epochs"], minibatches=1
        )
        seed = sum(map(ord, name))
        return PPO(Network(NetworkSpec(hidden=(12,)), Layout.of(game), seed=seed), settings, seed=seed)

    names = {"main.1": "main", "main.2": "main", "main.3": "main", "exploiter": "exploiter"}
    main = Rules(freeze=Every(steps=2500), retire=Retire(keep=3), population="main")
    options = {f"main.{n}": FIRST | {"settings.epochs": k} for n, k in ((1, 1), (2, 2), (3, 4))}
    parts = {
        "learners": {name: learner(name, population, options.get(name, {})) for name, population in names.items()},
        "fixed": {"random": random},
        "matchmaker": Live(self_play=0.3),
        "teacher": Fixed(game.task_space, 0),
        "schedule": Schedule(steps=steps, slots=32, fragment=8, checkpoint_seconds=0.0),
        "seed": 3,
        "rules": {
            **dict.fromkeys(("main.1", "main.2", "main.3"), main),
            "exploiter": Rules(
                role="main_exploiter",
                freeze=Mastery(min_steps=1000, max_steps=3000, rate=0.55),
                reset=Reset(probability=0.7),
                population="exploiter",
            ),
        },
        "options": options,
        "make": learner,
        "breeding": Breeding(
            PBT(parameters=PARAMETERS, every=2000, after=3000, quantile=0.4),
            Fitness(game, agents={"random": random}, matches=20, tasks=tasks, seed=3),
        ),
        "evaluation": Evaluation(
            game,
            opponents={"random": random},
            held_out={"scripted:first-legal": load_agent("scripted:first-legal", game)},
            matches=4,
            tasks=tasks,
            seed=1,
        ),
        "tensorboard": False,
    }
    return Training(game, store=Store(folder, write=True, create=True), **(parts | changes))


def close(run):
    run.close()
    run.store.close()


def finish(run, watch=lambda _: True):
    try:
        run.run(watch)
    finally:
        close(run)
    return run


def weights(run):
    return {f"{n}/{k}": v for n, learner in run.members.learners.items() for k, v in learner.state_dict().items()}


def content(folder):
    """Everything that a run recorded."""
    with Store(folder) as store:
        curves = {n: store.curve(n) for n in store.curve_names()}
        matches = sorted(store.matches(), key=lambda record: record.id)
        return matches, store.agents(), curves, store.events()


def events(folder):
    with Store(folder) as store:
        return store.events()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("whole")
    return folder, finish(league(folder))


class Killed(Exception):
    pass


def test_a_league_that_is_killed_again_and_again_ends_like_an_unbroken_one(whole, tmp_path, monkeypatch):
    """Every third commit does not happen: what was done since the one before is lost with the process."""
    folder, unbroken = whole
    kills = 0
    while True:
        run = league(tmp_path)
        commit, left = run._commit, iter(range(4))

        def dies(commit=commit, left=left):
            if next(left, None) is None:
                raise Killed
            commit()

        monkeypatch.setattr(run, "_commit", dies)
        try:
            run.run()
        except Killed:
            kills += 1
            close(run)
        else:
            close(run)
            break
    assert kills > 10
    expected, got = weights(unbroken), weights(run)
    assert expected.keys() == got.keys()
    for key, value in expected.items():
        np.testing.assert_array_equal(got[key], value, err_msg=key)
    assert content(tmp_path) == content(folder)
    assert run.members.roll == unbroken.members.roll
    assert run.members.payoff.state_dict() == unbroken.members.payoff.state_dict()


def test_much_happens_in_such_a_league(whole):
    folder, run = whole
    matches, agents, curves, decisions = content(folder)
    kinds = [event.kind for event in decisions]
    for kind in (Kind.ENTER, Kind.FREEZE, Kind.RESET, Kind.EXPLOIT, Kind.EXPLORE, Kind.RETIRE):
        assert kind in kinds, kind
    assert [event.number for event in decisions] == list(range(len(decisions)))
    assert all(event.reason for event in decisions)
    reasons = {record.reason for record in matches}
    assert Reason.INTERRUPTED in reasons
    trained = [record for record in matches if record.matchup.stage == "train"]
    assert run._state.matches == sum(record.reason.counts for record in trained)
    assert {n for n, m in run.members.roll.items() if m.kind == "snapshot"} == set(agents)
    assert {f"main.{k}/fitness" for k in (1, 2, 3)} <= set(curves)
    assert "main.1/held_out/scripted:first-legal" in curves


def test_replaying_the_decisions_gives_the_members_at_any_time(tmp_path):
    run = league(tmp_path)
    seen = []

    def watch(_):
        with Store(tmp_path) as store:
            recorded = [*store.events(), *run.steward.events]
        assert replay(recorded) == run.members.roll
        seen.append(len(recorded))
        return True

    finish(run, watch)
    assert len(set(seen)) > 5


def test_snapshots_come_before_resets_and_no_main_is_without_history(whole):
    folder, run = whole
    decisions = events(folder)
    frozen = [e.agent for e in decisions if e.kind == Kind.FREEZE and e.step == 0]
    assert frozen == ["main.1-000", "main.2-000", "main.3-000"]
    resets = [e for e in decisions if e.kind == Kind.RESET]
    fresh = run.steward.make("exploiter", "exploiter", {}).state_dict()
    assert resets
    for event in resets:
        before = max(
            e.number for e in decisions if e.kind == Kind.FREEZE and e.source == event.agent and e.number < event.number
        )
        snapshot = decisions[before]
        assert snapshot.step == event.step
        frozen = run.members.agents[snapshot.agent].policy.network.state_dict()
        assert any((frozen[k].numpy() != fresh[f"weights/{k}"]).any() for k in frozen), "the reset network was frozen"


def test_what_others_grew_out_of_is_kept(whole):
    folder, run = whole
    decisions = events(folder)
    root = ancestry(decisions)
    exploits = [e for e in decisions if e.kind == Kind.EXPLOIT]
    assert exploits
    for event in exploits:
        source = run.members.agents[event.source]
        assert (folder / "snapshots" / f"{source.hash}.safetensors").exists()
        donor = run.members.roll[event.source].parent
        assert donor != event.agent
        taken = next(e for e in decisions if e.kind == Kind.FREEZE and e.agent == event.source)
        assert (taken.step, taken.number < event.number) == (event.step, True)
        later = next(
            (
                e.agent
                for e in decisions
                if e.kind == Kind.FREEZE and e.source == event.agent and e.number > event.number
            ),
            None,
        )
        again = [e for e in decisions if e.kind == Kind.EXPLOIT and e.agent == event.agent and e.number > event.number]
        if later and not again:
            assert root[later] == event.source
    for name in root:
        seen, at = set(), name
        while at is not None:
            assert at not in seen, "nobody is its own ancestor"
            seen.add(at)
            at = root.get(at)


def test_after_a_takeover_the_learner_is_the_donor_with_other_options(tmp_path, monkeypatch):
    run = league(tmp_path, steps=3500)
    copied = []
    exploit = run.steward._exploit

    def look(rules, pair, *rest):
        donor = run.members.learners[pair.donor].state_dict()
        exploit(rules, pair, *rest)
        loser = run.members.learners[pair.loser]
        copied.append(pair)
        for key, value in donor.items():
            np.testing.assert_array_equal(loser.state_dict()[key], value, err_msg=key)
        assert loser.settings.epochs == run.members.roll[pair.loser].options["settings.epochs"]
        assert run.rollout.learners[pair.loser] is loser
        assert run.members.agents[pair.loser].policy is loser.policy
        others = [n for n in run.members.roll if n != pair.loser]
        assert all(run.members.payoff.games(pair.loser, other) == 0 for other in others)

    monkeypatch.setattr(run.steward, "_exploit", look)
    finish(run)
    assert copied
    with Store(tmp_path) as store:
        for record in store.matches("train"):
            if record.reason is Reason.INTERRUPTED:
                assert {pair.loser for pair in copied} & set(
                    record.matchup.agents
                ) or "exploiter" in record.matchup.agents


def test_guests_learn_nothing_and_are_told_nothing(tmp_path):
    run = league(tmp_path, steps=1500)
    told = []
    run.lessons.teacher.tell = told.append
    finish(run)
    with Store(tmp_path) as store:
        live = [r for r in store.matches("train") if r.matchup.why == "exploiter: live main" and r.reason.counts]
    assert live
    assert {learner for r in live for learner in r.matchup.agents} > {"exploiter", "main.1"}
    by_ordinal = {result.id for result in told if result.learner != "exploiter"}
    assert not by_ordinal & {r.matchup.ordinal for r in live}, "proposals are numbered like matches here"


# what is asked for


def steps_of(folder, wish):
    return [e for e in events(folder) if e.details.get("request") == wish]


def test_what_is_asked_for_happens_once_though_the_run_is_killed_around_it(tmp_path, monkeypatch):
    finish(league(tmp_path, steps=500))
    wishes = [
        requests.ask(tmp_path, "freeze", "main.1"),
        requests.ask(tmp_path, "add", "scripted:last-legal"),
        requests.ask(tmp_path, "remove", "random"),
        requests.ask(tmp_path, "branch", "main.2"),
        requests.ask(tmp_path, "remove", "main.3"),
    ]
    notes = tmp_path / "requests"
    run = league(tmp_path, steps=2000)
    monkeypatch.setattr(run, "_commit", lambda: pytest.fail("stands for a kill before the commit"))
    with pytest.raises(pytest.fail.Exception):
        run.run()
    close(run)
    assert len(list(notes.iterdir())) == 5
    assert not any(steps_of(tmp_path, wish) for wish in wishes)
    run = league(tmp_path, steps=2000)
    monkeypatch.setattr(requests, "settle", lambda *_: pytest.fail("stands for a kill after the commit"))
    with pytest.raises(pytest.fail.Exception):
        run.run()
    close(run)
    monkeypatch.undo()
    assert len(list(notes.iterdir())) == 5
    assert all(len(steps_of(tmp_path, wish)) == 1 for wish in wishes)
    run = finish(league(tmp_path, steps=2000))
    assert not list(notes.iterdir())
    assert all(len(steps_of(tmp_path, wish)) == 1 for wish in wishes)
    assert replay(events(tmp_path)) == run.members.roll
    assert run.members.live == ("main.1", "main.2", "exploiter", "main.2.b1")
    assert run.members.pool.fixed == ("scripted:last-legal",)
    assert run.members.roll["main.2.b1"].parent == "main.2"
    with Store(tmp_path) as store:
        late = [r for r in store.matches("train") if r.matchup.why.startswith("main.2.b1")]
    assert late
    assert any("scripted:last-legal" in r.matchup.agents for r in late)
    assert not any({"random", "main.3"} & set(r.matchup.agents) for r in late)
    before = weights(run)
    run = finish(league(tmp_path, steps=2500))
    assert (weights(run)["main.2.b1/updates"] > before["main.2.b1/updates"]).all()
    assert (weights(run)["main.3/updates"] == before["main.3/updates"]).all(), "who left does not learn"


@pytest.mark.parametrize(
    ("wish", "agent", "reason"),
    [
        ("freeze", "nobody", "nobody is no member of the league"),
        ("freeze", "random", "random does not learn"),
        ("branch", "main.1-000", "main.1-000 does not learn"),
        ("add", "random", "there are two agents 'random' in the league"),
        ("add", "scripted:first-legal", "scripted:first-legal is held out: it must never join the pool"),
        ("add", "randm", "unknown agent 'randm'; did you mean 'random'?"),
        ("praise", "main.1", "cannot be understood"),
    ],
)
def test_what_cannot_be_done_is_refused_on_the_record(wish, agent, reason, tmp_path):
    finish(league(tmp_path, steps=100))
    asked = requests.ask(tmp_path, wish, agent)
    run = finish(league(tmp_path, steps=100))
    (event,) = steps_of(tmp_path, asked)
    assert event.kind == Kind.REFUSE
    assert event.reason.startswith("asked for, but")
    assert reason in event.reason
    assert replay(events(tmp_path)) == run.members.roll


def test_the_last_learner_stays_and_who_left_cannot_leave_again(tmp_path):
    finish(league(tmp_path, steps=100))
    wishes = [requests.ask(tmp_path, "remove", name) for name in ("main.1", "main.2", "main.3", "main.3", "exploiter")]
    run = finish(league(tmp_path, steps=100))
    kinds = [steps_of(tmp_path, wish)[0].kind for wish in wishes]
    assert kinds == ["retire", "retire", "retire", "refuse", "refuse"]
    assert run.members.live == ("exploiter",)


def test_an_agent_that_left_may_come_back(tmp_path):
    finish(league(tmp_path, steps=100))
    requests.ask(tmp_path, "remove", "random")
    requests.ask(tmp_path, "add", "random")
    run = finish(league(tmp_path, steps=100))
    assert run.members.pool.fixed == ("random",)
    assert replay(events(tmp_path)) == run.members.roll
    assert finish(league(tmp_path, steps=200)).members.pool.fixed == ("random",)


def test_junk_among_the_requests_is_refused(tmp_path):
    finish(league(tmp_path, steps=100))
    (tmp_path / "requests").mkdir(exist_ok=True)
    (tmp_path / "requests" / "note.json").write_text("{")
    (tmp_path / "requests" / "half.part").write_text("{}")
    finish(league(tmp_path, steps=100))
    assert events(tmp_path)[-1].kind == Kind.REFUSE
    assert [p.name for p in (tmp_path / "requests").iterdir()] == ["half.part"]


def test_two_agents_of_one_name_are_refused(tmp_path):
    other = league(tmp_path / "other")
    learners = {"random": other.members.learners["exploiter"]}
    with pytest.raises(InputError, match="there are two agents 'random' in the league"):
        league(tmp_path / "one", learners=learners, rules={}, options={})
