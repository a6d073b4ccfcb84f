import signal
import sqlite3
from pathlib import Path

import pytest

from arena.config import load
from league.store import SCHEMA, Store


def test_a_run_from_start_to_end(arena, kuhn, tmp_path):
    result = arena("train", kuhn, "--run", "run")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("starting run: openspiel/kuhn_poker, 3,000 steps\n")
    assert "done: 3," in result.out
    config, _ = load(tmp_path / "run" / "config.yaml")
    assert config == load(kuhn)[0]
    with Store(tmp_path / "run") as store:
        assert "main/nash_conv/average" in store.curve_names()
        assert store.meta("kind") == "training"


def test_progress_for_programs_is_one_document_a_line(arena, kuhn):
    *progress, done = arena("train", kuhn, "--json").lines
    assert progress[0]["event"] == "progress"
    assert 0 < progress[0]["steps"] < progress[0]["total"] == 3000
    assert progress[0]["steps_per_second"] > 0
    assert done["event"] == "done"
    assert done["folder"] == "runs/kuhn"
    assert done["steps"] >= 3000


def test_the_same_command_goes_on_and_may_make_the_run_longer(arena, kuhn, tmp_path):
    command = ["train", kuhn, "--run", "run"]
    assert arena(*command).code == 0
    result = arena(*command)
    assert result.out.startswith("going on with run")
    with Store(tmp_path / "run") as store:
        before = store.match_ids()
    result = arena(*command, "--set", "steps=4000", "--set", "checkpoint_seconds=1")
    assert "done: 4," in result.out
    with Store(tmp_path / "run") as store:
        assert before < store.match_ids()
    assert load(tmp_path / "run" / "config.yaml")[0].steps == 4000


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=4", "seed was 3 and is now 4"),
        ("steps=10", "steps was 3000 and may only grow, not fall to 10"),
        ("learners.main.settings.clip=0.1", "learners.main.settings.clip was 0.2 and is now 0.1"),
    ],
)
def test_another_configuration_in_the_same_folder_is_refused(override, message, arena, kuhn, trained):
    before = (trained / "config.yaml").read_text()
    result = arena("train", kuhn, "--run", trained, "--set", override)
    assert result.code == 2
    assert result.err == (f"error: {trained} holds a run of another configuration: {message}; choose another folder\n")
    assert (trained / "config.yaml").read_text() == before


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("learners.main.settings.clip=high", "learners.main.settings.clip must be a number, not 'high'"),
        ("learners.main.setings.clip=1", "unknown key 'setings'; did you mean 'settings'?"),
        ("opponents=[openspiel:mcts]", "agent 'openspiel:mcts' cannot play openspiel/kuhn_poker: it searches"),
        ("seed", "must be key=value, with dots between the parts of the key, as in seed=7"),
    ],
)
def test_a_wrong_override_is_named_and_nothing_is_written(override, message, arena, kuhn, tmp_path):
    result = arena("train", kuhn, "--run", "run", "--set", override)
    assert result.code == 2
    assert result.err.startswith(f"error: --set {override}: {message}")
    assert not (tmp_path / "run").exists()


def test_a_wrong_line_is_named(arena, kuhn):
    kuhn.write_text(kuhn.read_text().replace("epochs: 1", "epochs: lots"))
    result = arena("train", kuhn)
    assert result.err == f"error: {kuhn}:12: learners.main.settings.epochs must be a whole number, not 'lots'\n"


def test_folders_that_are_no_place_for_a_run(arena, kuhn, tmp_path):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("precious")
    assert arena("train", kuhn, "--run", "other").err == (
        "error: other is not empty and holds no run; choose another folder\n"
    )
    assert sorted(p.name for p in (tmp_path / "other").iterdir()) == ["thesis.txt"]
    arena("tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--encounters", 1, "--out", "t")
    assert arena("train", kuhn, "--run", "t").err == "error: t holds a tournament; choose another folder\n"


def test_a_run_of_another_version_is_refused(arena, kuhn, trained):
    with sqlite3.connect(trained / "league.sqlite") as db:
        db.execute("update meta set value = '99' where key = 'schema'")
    db.close()
    for command in (["train", kuhn, "--run", trained], ["evaluate", trained], ["report", trained]):
        result = arena(*command)
        assert result.code == 2
        assert (
            f"was written by another version of the arena (records version 99, this one reads {SCHEMA})" in result.err
        )


def test_records_that_are_no_database_are_refused(arena, kuhn, trained):
    (trained / "league.sqlite").write_bytes(b"not a database" * 1000)
    result = arena("train", kuhn, "--run", trained)
    assert result.code == 2
    assert "league.sqlite cannot be read as a league: file is not a database" in result.err


def test_a_run_has_one_writer(arena, kuhn, trained):
    with Store(trained, write=True):
        result = arena("train", kuhn, "--run", trained)
    assert result.code == 2
    assert "is being written by process" in result.err


def test_an_interrupted_run_goes_on_as_if_nothing_had_happened(arena, process, kuhn, tmp_path):
    length = ["--set", "steps=12000"]
    child = process("train", kuhn, "--run", "broken", "--json", *length)
    assert child.stdout is not None
    child.stdout.readline()  # it is training
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "Ctrl-C again stops at once" in err
    assert "12,000 steps, all saved; go on with: arena train" in err
    assert '"event": "stopped"' in out.splitlines()[-1]
    assert arena("train", kuhn, "--run", "broken", *length).out.startswith("going on with broken")
    assert arena("train", kuhn, "--run", "whole", *length).code == 0
    one, two = _contents(tmp_path / "whole"), _contents(tmp_path / "broken")
    assert one == two


def _contents(run: Path):
    """Match ids, snapshots with their hashes, and the learning curves."""
    with Store(run) as store:
        curves = {name: store.curve(name) for name in store.curve_names()}
        return store.match_ids(), store.agents(), curves
