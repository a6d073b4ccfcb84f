"""Teachers with others inside, as a configuration gives them."""

from pathlib import Path

import pytest

from arena.build import plan
from arena.config import difference, dump, load
from arena.runs import game_of
from games import InputError

HEAD = "game: markov/resource-v0\nsteps: 10\nlearners: {main: {kind: ppo}}\nteacher:\n"
TEACHERS = {
    "mixture": """
  kind: mixture
  teachers:
    zone: {kind: box, low: {population: 4}, high: {population: 8}, over: 100}
    any: {kind: edge, random: 0.3, measure: {of: success}}
    few: {kind: fixed, tasks: [{population: 3}, {}]}
  weights: {any: 1, few: 0.5, zone: 2}
""",
    "bandit": """
  kind: bandit
  teachers: {z: {kind: uniform}, a: {kind: fixed}}
  rule: {kind: ucb, memory: 100}
  signal: change
  measure: {of: score}
""",
    "per_learner": """
  kind: per_learner
  inner: {kind: mixture, teachers: {any: {kind: uniform}, default: {kind: fixed}}}
  most: 3
""",
    "pairs": """
  kind: pairs
  inner: {kind: edge, window: 50}
  opponents: [self, past]
""",
    "syllabus": """
  kind: syllabus
  measure: {of: score}
  stages:
    - {tasks: [{population: 3}], until: {proposals: 2}}
    - {low: {population: 4}, high: {population: 8}, until: [{above: 0.7, newest: 50}, {results: 1000}]}
    - {kind: uniform}
""",
    "learning_progress": """
  kind: learning_progress
  tasks: [{population: 3}, {population: 4}, {}]
  rule: slope
""",
    "box": """
  kind: box
  low: {population: 4}
  over: 1000
  above: 3.5
""",
}


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def put(text: str) -> Path:
        Path("c.yaml").write_text(text)
        return Path("c.yaml")

    return put


@pytest.mark.parametrize("name", TEACHERS)
def test_it_is_made_and_survives_being_written_out(name, write):
    config, document = load(write(HEAD + TEACHERS[name]))
    parts = plan(config, document)
    again, document = load(write(dump(config)))
    assert again == config
    assert difference(config, again) is None
    other = plan(again, document)
    assert other.teacher.state_dict() == parts.teacher.state_dict()
    asked = [teacher.ask(30, "main") for teacher in (parts.teacher, other.teacher)]
    assert asked[0] == asked[1], "the names are in the same order"
    assert game_of(again).max_seats == parts.arena.max_seats


@pytest.mark.parametrize(
    ("teacher", "message"),
    [
        (
            "{kind: mixture, teachers: {a: {kind: edge, window: 1}}}",
            "c.yaml:4: teacher 'mixture', a: teacher 'edge': window must be",
        ),
        (
            "{kind: mixture, teachers: {a: {kind: edge, windo: 9}}}",
            "teacher 'mixture', a: unknown option 'windo' of teacher 'edge'",
        ),
        ("{kind: mixture, teachers: [a]}", "teacher.teachers must be keys and values"),
        ("{kind: mixture, weights: {a: 1}}", "teacher.teachers is missing"),
        ("{kind: syllabus, stages: {kind: uniform}}", "teacher.stages must be a list, each item keys and values"),
        (
            "{kind: syllabus, stages: [{kind: uniforn}]}",
            "teacher 'syllabus', stage 1: unknown teacher 'uniforn'; did you mean",
        ),
        ("{kind: pairs, inner: {kind: uniform}, opponents: []}", "teacher 'pairs' needs opponents"),
        ("{kind: pairs, inner: edge, opponents: [self]}", "teacher.inner must be keys and values, not 'edge'"),
        (
            "{kind: bandit, teachers: {a: {kind: uniform}}, rule: {kind: ucb, memory: 1}}",
            "teacher 'bandit': rule 'ucb': memory",
        ),
        (
            "{kind: per_learner, inner: {kind: box, low: {populatio: 3}}}",
            "'per_learner', inner: teacher 'box': low has an unknown parameter",
        ),
        ("{kind: box, low: {population: 4}, above: 1}", "above says when the box widens"),
    ],
)
def test_mistakes_name_the_teacher_inside(teacher, message, write):
    with pytest.raises(InputError) as error:
        plan(*load(write(HEAD[:-1].removesuffix("teacher:") + f"teacher: {teacher}\n")))
    assert message in str(error.value)


def test_without_a_list_of_tasks_the_default_one_is_measured_on(write):
    text = "game: openspiel/kuhn_poker\nsteps: 10\nlearners: {main: {kind: ppo}}\nteacher: {kind: learning_progress}\n"
    config, document = load(write(text))
    game = plan(config, document).arena
    assert config.tasks(game) == (game.task_space.task(),)
