"""Training runs: what they record, and that an interrupted run ends like an unbroken one, bit for bit."""

import numpy as np
import pytest
import torch

from games import InputError, make
from league.evaluation import Evaluation
from league.exact import Exact
from league.matchmakers import PFSP, SelfPlay
from league.store import Store
from league.teachers import Fixed, Uniform
from league.training import Schedule, Training
from populations.agents.uri import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.networks.network import Network
from populations.networks.spec import NetworkSpec


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


def training(
    folder, *, name="openspiel/kuhn_poker", steps=6000, learners=("main",), recurrent=None, measured=False, **changes
):
    game = make(name)
    random = load_agent("random", game)
    spec = NetworkSpec(hidden=(16, 16), recurrent=recurrent)
    options = {
        "learners": {
            n: PPO(Network(spec, Layout.of(game), seed=k), PPOSettings(), seed=k) for k, n in enumerate(learners)
        },
        "fixed": {"random": random},
        "matchmaker": PFSP(self_play=0.3),
        "teacher": Fixed(game.task_space, 0),
        "schedule": Schedule(steps=steps, slots=32, fragment=8, snapshot_every=1500, checkpoint_seconds=0.0),
        "seed": 3,
        "tensorboard": False,
    }
    if measured:
        tasks = [game.task_space.task()]
        options["evaluation"] = Evaluation(
            game, opponents={"random": random}, matches=10, tasks=tasks, seed=1, exact=Exact(game)
        )
    return Training(game, store=Store(folder, write=True, create=True), **(options | changes))


def finish(run, watch=lambda _: True):
    try:
        run.run(watch)
    finally:
        run.close()
        run.store.close()
    return run


def weights(run):
    return {f"{n}/{k}": v for n, learner in run.members.learners.items() for k, v in learner.state_dict().items()}


def content(folder):
    """Everything that a finished run recorded."""
    with Store(folder) as store:
        curves = {n: store.curve(n) for n in store.curve_names()}
        return list(store.matches()), list(store.agents().items()), curves


CASES = {
    "turns": {},
    "evaluation": {"measured": True},
    "memory": {"recurrent": 8},
    "two learners": {"learners": ("main", "other")},
    "populations": {"name": "testkit/skirmish-v0", "steps": 14_000},
}


@pytest.mark.parametrize("case", CASES)
def test_an_interrupted_run_ends_like_an_unbroken_one(case, tmp_path):
    options = dict(CASES[case])
    if case == "populations":
        options["teacher"] = Uniform(make(options["name"]).task_space, 0)
    whole = finish(training(tmp_path / "whole", **options))
    parts = 0
    while True:
        if case == "populations":
            options["teacher"] = Uniform(make(options["name"]).task_space, 0)
        run = training(tmp_path / "parts", **options)
        left = iter(range(5))
        finish(run, lambda _, left=left: next(left, None) is not None)
        parts += 1
        if run.steps >= run.schedule.steps:
            break
    assert parts > 3
    assert run.steps == whole.steps
    expected, got = weights(whole), weights(run)
    assert expected.keys() == got.keys()
    for key, value in expected.items():
        np.testing.assert_array_equal(got[key], value, err_msg=key)
    assert content(tmp_path / "parts") == content(tmp_path / "whole")
    assert run.members.payoff.state_dict() == whole.members.payoff.state_dict()


def test_a_run_that_was_killed_before_its_first_match_goes_on(tmp_path, monkeypatch):
    whole = finish(training(tmp_path / "whole"))
    run = training(tmp_path / "killed")
    monkeypatch.setattr(run, "_iterate", lambda: pytest.fail("stands for the kill"))
    with pytest.raises(pytest.fail.Exception):
        run.run()
    run.close()
    run.store.close()
    run = finish(training(tmp_path / "killed"))
    for key, value in weights(whole).items():
        np.testing.assert_array_equal(weights(run)[key], value, err_msg=key)
    assert content(tmp_path / "killed") == content(tmp_path / "whole")


def test_a_run_records_what_happened(tmp_path):
    run = finish(training(tmp_path))
    records, agents, curves = content(tmp_path)
    assert len({r.id for r in records}) == len(records) == run._state.matches
    assert {r.matchup.stage for r in records} == {"train"}
    names = [name for name, _ in agents]
    assert names[:2] == ["main-000", "main-001"]
    assert names == run.members.frozen
    met = {a for r in records for a in r.matchup.agents}
    assert met == {"main", "random", *names} - {names[-1]}
    assert all("main" in r.matchup.agents for r in records)
    seats = [
        r.matchup.agents.index("main") for r in records if "main" in r.matchup.agents and len(set(r.matchup.agents)) > 1
    ]
    assert 0.45 < np.mean(seats) < 0.55
    for curve in ("main/entropy", "main/rate_against_snapshot", "main/rate_against_fixed"):
        assert len(curves[curve]) > 5
    assert len(list((tmp_path / "snapshots").glob("*.safetensors"))) == len(names)
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1


def test_evaluation_measures_every_snapshot(tmp_path):
    game = make("openspiel/kuhn_poker")
    tasks = [game.task_space.task()]
    random = load_agent("random", game)
    hook = Evaluation(game, opponents={"random": random}, matches=20, tasks=tasks, seed=1, exact=Exact(game))
    run = finish(training(tmp_path, evaluation=hook))
    _, _, curves = content(tmp_path)
    steps = [step for step, _ in curves["main/nash_conv/last"]]
    assert len(steps) == len(run.members.frozen)
    # an untrained network is nearly uniform
    assert curves["main/nash_conv/last"][0][1] == pytest.approx(11 / 12, abs=0.2)
    assert curves["main/nash_conv/average"][-1][1] < 0.9
    assert len(curves["main/evaluation/random"]) == len(steps)
    assert curves["main/rating"][-1][1] > curves["main/rating"][0][1]
    with Store(tmp_path) as store:
        assert store.count_matches()["evaluate main-001"] == 40  # random and main-000, 20 each


def test_the_last_iterate_learns_kuhn(tmp_path):
    game = make("openspiel/kuhn_poker")
    hook = Evaluation(game, opponents={}, past=0, tasks=[game.task_space.task()], seed=1, exact=Exact(game))
    schedule = Schedule(steps=60_000, slots=128, fragment=8, snapshot_every=5000, checkpoint_seconds=1000)
    finish(training(tmp_path, evaluation=hook, schedule=schedule, matchmaker=SelfPlay(), fixed={}))
    _, _, curves = content(tmp_path)
    assert curves["main/nash_conv/average"][-1][1] < 0.6


def test_matches_in_flight_start_again_where_a_game_cannot_be_saved(tmp_path):
    options = {"name": "pettingzoo/classic/tictactoe_v3", "steps": 800}
    run = finish(training(tmp_path, **options), lambda p: p.steps < 400)
    before = run.members.frozen[:]
    again = finish(training(tmp_path, **options))
    assert again.steps >= 800
    assert again.members.frozen[: len(before)] == before
    records, _, _ = content(tmp_path)
    assert len({r.id for r in records}) == len(records)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    finish(training(tmp_path, steps=500))
    (file,) = (tmp_path / "checkpoints").iterdir()
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match=r"checkpoint .* cannot be read"):
        training(tmp_path, steps=1000)


def test_a_damaged_snapshot_is_refused(tmp_path):
    finish(training(tmp_path, steps=500))
    for file in (tmp_path / "snapshots").glob("*.safetensors"):
        data = bytearray(file.read_bytes())
        data[-3] ^= 1
        file.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"snapshot .* damaged"):
        training(tmp_path, steps=1000)


def test_tensorboard_gets_the_same_curves(tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    finish(training(tmp_path, tensorboard=True, steps=2000), lambda p: p.steps < 1000)
    finish(training(tmp_path, tensorboard=True, steps=2000))
    events = EventAccumulator(str(tmp_path / "tensorboard"))
    events.Reload()
    _, _, curves = content(tmp_path)
    assert set(events.Tags()["scalars"]) == {"steps_per_s", "matches_per_s", *curves}
    for name, points in curves.items():
        assert [(e.step, pytest.approx(e.value, rel=1e-5)) for e in events.Scalars(name)] == points
    assert events.Tags()["images"] == []  # the only task of this game


def test_tensorboard_gets_pictures_of_the_tasks(tmp_path):
    import io

    from PIL import Image
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    game = make("testkit/dice-v0")
    teacher = Uniform(game.task_space, 0)
    finish(training(tmp_path, name="testkit/dice-v0", teacher=teacher, tensorboard=True, steps=4000))
    events = EventAccumulator(str(tmp_path / "tensorboard"), size_guidance={"images": 0})
    events.Reload()
    assert events.Tags()["images"] == ["teacher/tasks"]
    pictures = events.Images("teacher/tasks")
    assert 5 <= len(pictures) <= 21
    steps = [picture.step for picture in pictures]
    assert steps == sorted(set(steps))
    image = Image.open(io.BytesIO(pictures[-1].encoded_image_string))
    assert image.size == (pictures[-1].width, pictures[-1].height) == (400, 404)
    assert len(image.getcolors(1_000_000)) > 10


@pytest.mark.parametrize("matchmaker", [PFSP(self_play=0.3), SelfPlay()])
def test_a_game_of_one_seat_is_learned_without_opponents(tmp_path, matchmaker):
    game = make("gymnasium/CartPole-v1")
    evaluation = Evaluation(
        game, opponents={"random": load_agent("random", game)}, matches=4, tasks=[game.task_space.task()], seed=1
    )
    options = {"steps": 2000, "matchmaker": matchmaker, "evaluation": evaluation}
    finish(training(tmp_path / "alone", name=game.name, **options))
    matches, _, curves = content(tmp_path / "alone")
    assert {match.matchup.why for match in matches if match.matchup.stage == "train"} == {"main: alone"}
    assert all(1 <= value <= 500 for _, value in curves["main/return/mean"])
    assert not any("rating" in name or "random" in name for name in curves)
