import pytest

from arena.docstring import docstring, parameters
from league.teachers import Uniform, teachers


def test_all_teachers_with_a_line_each(arena):
    rows = {row["name"]: row for row in arena("teachers", "--json").json}
    assert set(rows) == set(teachers.names())
    assert rows["fixed"] == {"name": "fixed", "purpose": "Sets the tasks of a list in turn.", "usable": True}
    text = arena("teachers").out
    assert "learning_progress" in text
    assert f"one of these {len(rows)}" in text


@pytest.mark.parametrize("name", teachers.names())
def test_what_is_said_of_a_teacher(name, arena):
    """The list shows the first line of each docstring, the description what it says of the options."""
    summary = docstring(teachers.find(name)).summary
    assert summary.endswith(".")
    assert len(summary) < 90
    assert not [option.name for option in parameters(teachers.find(name)) if not option.meaning]
    told = arena("teachers", "--describe", name, "--json").json
    assert told["value estimates"] in ("needed", "not needed", "as its options need")


def test_one_teacher_with_its_options(arena):
    told = arena("teachers", "--describe", "edge", "--json").json
    assert told["class"] == "league.teachers.edge:Edge"
    assert told["arXiv"] == ["2408.15099"]
    assert (told["value estimates"], told["sketches"]) == ("not needed", "drawn in reports")
    options = {option["name"]: option for option in told["options"]}
    assert options["signal"] == {
        "name": "signal",
        "type": "choice",
        "choices": ["learnability", "progress", "both"],
        "default": "learnability",
        "required": False,
        "meaning": "what makes a task worth drawing.",
    }
    assert options["measure.of"]["default"] == "return"
    text = arena("teachers", "--describe", "edge").out
    for part in ("arXiv 2408.15099", "p (1 - p)", "not needed", "One of: learnability, progress, both."):
        assert part in text
    assert "required" in arena("teachers", "--describe", "syllabus").out


def test_the_text_keeps_to_the_width_of_the_terminal(arena, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    text = arena("teachers", "--describe", "bandit").out
    paragraph = text.split("\n\n")[1].splitlines()
    assert len(paragraph) > 3
    assert max(map(len, paragraph)) <= 60


def test_a_teacher_whose_package_is_missing_is_listed(arena, monkeypatch):
    classes = {"uniform": Uniform, "far": "no_such_package.teacher:Far", "odd": "league.teachers.uniform:Nothing"}
    monkeypatch.setattr(teachers, "_classes", classes)
    rows = {row["name"]: row for row in arena("teachers", "--json").json}
    assert rows["uniform"]["usable"]
    assert not rows["far"]["usable"]
    assert "needs the Python package 'no_such_package', which is not installed" in rows["far"]["purpose"]
    assert rows["odd"]["purpose"].startswith("cannot be used: module 'league.teachers.uniform' has no attribute")
    result = arena("teachers", "--describe", "far")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "no_such_package" in result.err


def test_an_unknown_teacher(arena):
    result = arena("teachers", "--describe", "egde")
    assert result.code == 2
    assert "unknown teacher 'egde'; did you mean 'edge'?" in result.err
