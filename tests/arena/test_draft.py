import pytest

from arena.draft import Draft, assigned
from games import InputError


def test_options_are_written_over_a_file(tmp_path):
    path = tmp_path / "cup.yaml"
    path.write_text("seed: 3\nformat: {kind: round_robin, encounters: 2}\nagents: [a]\n")
    draft = Draft(path)
    draft.put(("seed",), 5, "--seed")
    draft.put(("steps",), None, "--steps")
    draft.assign(("format",), "--option", ["encounters=9"])
    draft.append("agents", ["b", "c"])
    assert draft.document.data == {
        "seed": 5,
        "format": {"kind": "round_robin", "encounters": 9},
        "agents": ["a", "b", "c"],
    }
    where = draft.document.where
    assert where(("seed",)) == "--seed"
    assert where(("format", "encounters")) == "--option encounters=9"
    assert where(("format", "kind")) == f"{path}:2"
    assert where(("agents", 0)) == f"{path}:3"
    assert where(("agents", 1)) == ""


def test_a_list_from_a_file_keeps_its_lines(tmp_path):
    path = tmp_path / "openings.yaml"
    path.write_text("- [1, 2]\n- [3, 4]\n")
    draft = Draft()
    draft.embed("openings", path)
    draft.embed("tasks", None)
    assert draft.document.data == {"openings": [[1, 2], [3, 4]]}
    assert draft.document.where(("openings", 1, 0)) == f"{path}:2"
    assert draft.document.where(("openings",)) == str(path)
    path.write_text("a: 1\n")
    with pytest.raises(InputError, match="must be a list of openings, at least one"):
        draft.embed("openings", path)


def test_what_cannot_be_written(tmp_path):
    path = tmp_path / "cup.yaml"
    path.write_text("format: swiss\n")
    draft = Draft(path)
    with pytest.raises(InputError, match="--option a=1: format is 'swiss', it has no keys within"):
        draft.assign(("format",), "--option", ["a=1"])
    path.write_text("- 1\n")
    with pytest.raises(InputError, match="must be keys and values"):
        Draft(path)


@pytest.mark.parametrize(
    ("text", "value"), [("a=1", 1), ("a=x", "x"), ("a=true", True), ("a=", None), ("a = 2.5", 2.5)]
)
def test_values_are_read_as_yaml(text, value):
    assert assigned("--option", text) == ("a", value)


@pytest.mark.parametrize("text", ["a", "=1", ""])
def test_what_is_no_assignment(text):
    with pytest.raises(InputError, match="must be NAME=VALUE, as in --option size=5"):
        assigned("--option", text)
