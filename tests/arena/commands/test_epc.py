from pathlib import Path

import pytest

from arena import epc
from league.store import Store

SMALL = """\
game: markov/resource-v0
tasks: [{population: 2}, {population: 4}]
steps: [80]
sets: 2
keep: 1
matches: 2
slots: 4
fragment: 10
learner: {kind: ppo, network: {hidden: [8]}}
"""
EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "populations").glob("*epc.yaml"))


@pytest.fixture
def small():
    def write(text=SMALL):
        Path("small.yaml").write_text(text)
        return "small.yaml"

    return write


def test_stages_are_told_and_the_same_command_changes_nothing(arena, small):
    told = arena("epc", small(), "--run", "run", "--json").json
    assert told["done"]
    first, second = told["stages"]
    assert [one["id"] for one in first["sets"]] == ["0.0", "0.1"]
    assert len(second["sets"][0]["teams"]["agent"]) == 2
    assert {path.stem for path in Path("run/snapshots").glob("*.json")} >= set(second["sets"][0]["teams"]["agent"])
    assert arena("epc", "small.yaml", "--run", "run", "--json").json == told
    shown = arena("epc", "small.yaml", "--run", "run").out
    assert "1.0" in shown
    assert "240 decisions of learners" in shown


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("population: 4", "population: 400"), "small.yaml:2: "),
        (("keep: 1", "keep: 3"), "epc cannot keep 3 of 2 sets"),
        (("markov/resource-v0", "markov/resouce-v0"), "small.yaml:1: unknown game"),
        (("kind: ppo", "kind: pro"), "small.yaml:9: unknown learner 'pro'"),
        (("hidden: [8]", "hiden: [8]"), "did you mean 'hidden'?"),
        (("matches: 2", "matchs: 2"), "did you mean 'matches'?"),
    ],
)
def test_mistakes_are_named(change, message, arena, small):
    result = arena("epc", small(SMALL.replace(*change)), "--run", "run")
    assert result.code == 2
    assert message in result.err
    assert not Path("run").exists()


def test_a_folder_holds_one_curriculum(arena, small):
    arena("epc", small(), "--run", "run", "--json")
    result = arena("epc", small(SMALL.replace("sets: 2", "sets: 1")), "--run", "run")
    assert result.code == 2
    assert "holds an epc of other settings" in result.err


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_are_right(path, tmp_path):
    with Store(tmp_path / "run", write=True, create=True) as store:
        assert epc.load(path)(store).roles == ("sheep", "wolf")


def test_there_are_examples():
    assert EXAMPLES
