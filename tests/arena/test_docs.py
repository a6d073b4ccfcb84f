"""What the pages say is so."""

import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest

from arena.config import Config, Evaluation, load
from arena.cup import Cup, contest_of, cup_of
from arena.options import options_of
from arena.rows import row
from arena.yaml_lines import parse, scalar
from games import Task
from league.adjudication import Adjudication
from league.formats import formats
from league.match import Matchup, Reason, Record
from league.teachers import teachers
from league.teachers.toy_world import ToyWorld, trial

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.glob("*.md"))
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def table(page: str, heading: str, model: type) -> dict[str, str]:
    """Return key to default of the first table after a heading."""
    text = (DOCS / page).read_text().split(heading, 1)[1]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE)
    return {key: default for key, default in rows if key in model.model_fields}


@pytest.mark.parametrize(
    ("page", "heading", "model"),
    [
        ("configuration.md", "# Configuration of a training run", Config),
        ("configuration.md", "## `evaluation`", Evaluation),
        ("tournaments.md", "# Tournaments", Cup),
        ("tournaments.md", "## Adjudication", options_of(Adjudication)),
    ],
)
def test_all_keys_are_told_with_their_defaults(page, heading, model):
    told = table(page, heading, model)
    assert set(told) >= set(model.model_fields)
    for name, field in model.model_fields.items():
        if told[name] == "required":
            assert field.is_required()
        elif told[name] != "see below":
            default = field.default.model_dump() if hasattr(field.default, "model_dump") else field.default
            default = list(default) if isinstance(default, tuple) else default
            assert scalar(told[name].strip("`"), "docs") == default


def test_the_configurations_can_be_loaded(tmp_path):
    whole, *parts = YAML.findall((DOCS / "configuration.md").read_text())
    base = parse(whole, "docs").data
    assert {"game", "steps", "learners"} == set(base)
    for part in parts:
        path = tmp_path / "c.yaml"
        mine = parse(part, "docs").data
        path.write_text(whole if "learners" not in mine else "game: openspiel/kuhn_poker\nsteps: 1\n")
        with path.open("a") as file:
            file.write(part)
        config, _ = load(path)
        assert config.model_dump(mode="json")


def test_all_formats_are_told_with_their_options():
    text = (DOCS / "tournaments.md").read_text().split("## Formats", 1)[1]
    told = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", text, re.MULTILINE))
    for name in formats.names():
        options = options_of(formats.find(name)).model_fields
        assert set(re.findall(r"`(\w+)`", told[name])) == set(options), name


def test_the_tournament_can_be_asked_for():
    (text,) = YAML.findall((DOCS / "tournaments.md").read_text())
    document = parse(text, "docs")
    assert contest_of(cup_of(document), document).tournament.field.conditions == 2


def test_all_that_is_kept_of_a_match_is_told():
    text = (DOCS / "records.md").read_text()
    record = Record("", Matchup("", 0, Task(), (), (), 0), (), (), 0, Reason.NORMAL)
    for name in [*row("", record), *Reason, "format", "version", "limit", "actions"]:
        assert f"`{name}`" in text, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_exist_with_their_options(page, arena):
    for block in SHELL.findall(page.read_text()):
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            words = line.split("#")[0].split()
            if words[:1] != ["arena"]:
                continue
            command = words[1:3] if words[1] == "check" else words[1:2]
            text = arena(*command, "--help")
            assert text.code == 0, line
            for option in (word for word in words if word.startswith("--")):
                assert option in text.out, line


def test_every_teacher_is_told_with_options_that_it_has():
    rows = dict(
        re.findall(
            r"^\| `(\w+)` \| (.*) \|$", (DOCS / "configuration.md").read_text().split("## `teacher`")[1], re.MULTILINE
        )
    )
    page = (DOCS / "teachers.md").read_text()
    for name in teachers.names():
        options = inspect.signature(teachers.find(name)).parameters
        told = re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", rows[name]))
        assert set(told) <= set(options), name
        assert f"`{name}`" in page


def test_the_teacher_of_the_page_teaches():
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "teachers.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    world = ToyWorld(side=5)
    teacher, other = (names["Nearby"](world.space, seed) for seed in (0, 1))
    trial(teacher, world, episodes=1000)
    other.load_state_dict(json.loads(json.dumps(teacher.state_dict())))
    assert teacher.ask(20) == other.ask(20)
    assert world.competence[0, 0] == 100
