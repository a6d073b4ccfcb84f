from pathlib import Path

import pytest

from games.adapters.openspiel import make
from league.store import Store


def test_snapshots_meet_each_other_and_the_opponents(arena, trained):
    told = arena("evaluate", trained, "--snapshots", 2, "--encounters", 5, "--nash-conv", "--json").json
    agents = {line["agent"] for line in told["leaderboard"]}
    with Store(trained) as store:
        frozen = [name for name, (_, _, line) in store.agents().items() if line.role == "snapshot"]
    assert agents == {frozen[0], frozen[-1], "random"}
    assert told["games"] == 3 * 2 * 5
    exact = told["nash_conv"]["main"]
    assert exact["snapshots"] == len(frozen) - 1
    assert 0 <= exact["last"] < make("kuhn_poker").spiel.max_utility() * 4


def test_exact_figures_are_those_of_the_training_itself(arena, trained):
    with Store(trained) as store:
        last = store.curve("main/nash_conv/last")[-1][1]
        average = store.curve("main/nash_conv/average")[-1][1]
    exact = arena("evaluate", trained, "--encounters", 1, "--nash-conv", "--json").json["nash_conv"]["main"]
    assert exact["last"] == pytest.approx(last, abs=1e-6)
    assert exact["average"] == pytest.approx(average, abs=1e-6)


def test_for_people(arena, trained):
    result = arena("evaluate", trained, "--encounters", 2, "--nash-conv", "--report", "--anchor", "random")
    assert result.code == 0
    assert "NashConv of main, exact:" in result.out
    assert "at 0: random, the anchor" in result.out
    assert (trained / "report.html").exists()


def test_it_works_beside_a_training_that_writes(arena, trained):
    with Store(trained, write=True) as store, store.transaction():
        assert arena("evaluate", trained, "--encounters", 1, "--json").json["games"] > 0


def test_other_opponents(arena, trained):
    told = arena(
        "evaluate", trained, "--snapshots", 1, "--opponents", "scripted:first-legal", "--encounters", 1, "--json"
    )
    assert {line["agent"] for line in told.json["leaderboard"]} >= {"scripted:first-legal"}
    result = arena("evaluate", trained, "--opponents", "openspiel:mcts")
    assert result.code == 2
    assert "agent 'openspiel:mcts' cannot play openspiel/kuhn_poker" in result.err


def test_a_damaged_snapshot_is_refused_with_its_name(arena, trained):
    weights = sorted((trained / "snapshots").glob("*.safetensors"))
    for path in weights:
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    result = arena("evaluate", trained)
    assert result.code == 2
    assert "is damaged: its content does not have the hash in its manifest" in result.err


def test_a_tournament_is_no_run(arena):
    arena("tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--encounters", 1, "--out", "t")
    assert arena("evaluate", "t").err == "error: t holds no training run: it has no config.yaml\n"


def test_games_of_one_seat_have_scores_and_no_ratings(arena):
    Path("run.yaml").write_text(
        "game: gymnasium/CartPole-v1\nsteps: 200\nslots: 2\nfragment: 50\nsnapshot_every: 100\n"
        "learners: {main: {kind: ppo, network: {hidden: [8]}}}\nevaluation: {matches: 2, past: 0}\n"
    )
    assert arena("train", "run.yaml", "--run", "run").code == 0
    shown = arena("evaluate", "run", "--encounters", 2).out
    assert "mean score" in shown
    assert "No agent has met another yet" in shown
    assert "rows score against columns" not in shown


@pytest.fixture
def small_resource(arena):
    Path("run.yaml").write_text(
        "game: markov/resource-v0\nsteps: 500\nslots: 4\nfragment: 20\nsnapshot_every: 400\n"
        "task_ranges: {population: [2, 4]}\n"
        "teacher: {kind: fixed, tasks: [{population: 2}, {population: 4}]}\nmatchmaker: {kind: self_play}\n"
        "learners: {main: {kind: ppo, network: {hidden: [8]}}, other: {kind: reptile, network: {hidden: [8], hyper: 2}}}\n"
        "evaluation: {matches: 2, past: 0}\n"
    )
    assert arena("train", "run.yaml", "--run", "run").code == 0
    return Path("run")


def test_adaptation_to_a_population_beyond_those_of_training(arena, small_resource):
    def files():
        return {path: path.stat().st_mtime_ns for path in small_resource.rglob("*.*") if "sqlite-" not in path.name}

    before = files()
    options = ("evaluate", small_resource, "--adapt", 2, "--task", "population=6", "--encounters", 3)
    told = arena(*options, "--json").json
    assert told["tasks"] == [{"population": 6, "extent": 1.0}]
    assert {name.rpartition("-")[0] for name in told["adapted"]} == {"main", "other"}
    for (curve,) in told["adapted"].values():
        assert curve["method"] == "gradient"
        assert [p["updates"] for p in curve["points"]] == [0, 1, 2]
        assert [p["decisions"] for p in curve["points"]] == [0, 4 * 20 * 6, 2 * 4 * 20 * 6]
        value = curve["points"][1]["value"]
        assert value["low"] <= value["mean"] <= value["high"]
    assert arena(*options, "--json").json == told
    shown = arena(*options).out
    assert "population 6" in shown
    assert "gradient" in shown
    assert files() == before


def test_adaptation_goes_alone(arena, trained):
    result = arena("evaluate", trained, "--adapt", 1, "--exploit", 100)
    assert (result.code, result.err) == (2, "error: --exploit has no part in --adapt; leave one of them out\n")
    result = arena("evaluate", trained, "--task", "population=6")
    assert result.err == "error: --task says what to adapt to; give --adapt, too\n"
    result = arena("evaluate", trained, "--adapt", 1, "--task", "population=6")
    assert result.code == 2
    assert "population" in result.err


def test_adaptation_where_sides_oppose_each_other(arena, trained):
    (curve,) = arena("evaluate", trained, "--adapt", 1, "--encounters", 5, "--json").json["adapted"].popitem()[1]
    assert [p["updates"] for p in curve["points"]] == [0, 1]
