import pytest

from arena.cup import PATIENCE, Cup, contest_of, cup_of
from arena.yaml_lines import parse
from games import InputError
from league.adjudication import Adjudication
from league.formats import RoundRobin

TEXT = """\
game: openspiel/tic_tac_toe
agents: [random, "scripted:first-legal"]
"""


def made(text):
    document = parse(text, "cup.yaml")
    return contest_of(cup_of(document), document)


def test_everything_has_a_default():
    contest = made(TEXT)
    asked = contest.tournament
    assert isinstance(asked.format, RoundRobin)
    assert contest.format["kind"] == "round_robin"
    assert contest.format["encounters"] == 50
    assert [agent.id for agent in asked.agents] == ["random", "scripted:first-legal"]
    assert [(dict(task), opening) for task, opening in asked.conditions] == [({}, ())]
    assert (asked.seed, asked.steps, asked.patience, asked.adjudication, asked.games) == (0, None, None, None, None)


def test_everything_can_be_asked_for():
    contest = made(
        TEXT
        + "format: {kind: round_robin, encounters: 2}\nopenings: [['x(0,0)', 4], [8]]\nseed: 7\nsteps: 6\ngames: 9\n"
        "patience: 3\nadjudication: {draw_after: 5}\nanchor: random\nslots: 3\nreplays: true\nminutes: 2\n"
    )
    asked = contest.tournament
    assert asked.format.encounters == 2
    assert [opening for _, opening in asked.conditions] == [(0, 4), (8,)]
    assert (asked.seed, asked.steps, asked.patience, asked.games) == (7, 6, 3, 9)
    assert asked.adjudication == Adjudication(draw_after=5)
    assert contest.anchor == "random"


def test_all_tasks_meet_all_openings():
    contest = made(
        "game: testkit/dice-v0\nagents: [random, 'scripted:first-legal']\n"
        "tasks: [{target: 16}, {target: 19}]\nopenings: [[0], [0, 0]]\n"
    )
    found = [(task["target"], opening) for task, opening in contest.tournament.conditions]
    assert sorted(found) == [(16, (0,)), (16, (0, 0)), (19, (0,)), (19, (0, 0))]


@pytest.mark.parametrize(("given", "expected"), [("", None), ("patience: 0\n", None), ("patience: 4\n", 4)])
def test_agents_of_our_own_process_are_never_withdrawn_unless_asked(given, expected):
    assert made(TEXT + given).tournament.patience == expected


def test_foreign_processes_are_withdrawn_by_default(monkeypatch):
    from populations.agent import Agent
    from populations.agents import load_agent

    def load(uri, game):
        return Agent(f"process:./{uri}", uri, load_agent(uri, game).policy)

    monkeypatch.setattr("arena.cup.load_agent", load)
    assert made(TEXT).tournament.patience == PATIENCE
    assert made(TEXT + "patience: 0\n").tournament.patience is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gmae: x\n", "cup.yaml:3: unknown key 'gmae'; did you mean 'game'?"),
        ("format: {kind: swss}\n", "cup.yaml:3: unknown format 'swss'"),
        (
            "format: {kind: round_robin, encountrs: 2}\n",
            "cup.yaml:3: unknown key 'encountrs'; did you mean 'encounters'?",
        ),
        ("format: {kind: round_robin, encounters: 0}\n", "cup.yaml:3: encounters of a round robin must be at least 1"),
        ("tasks: [{}, {size: 3}]\n", "cup.yaml:3: unknown task parameter 'size'"),
        ("adjudication: {draw_after: 0}\n", "cup.yaml:3: draw_after must be at least 1 step"),
        ("openings:\n- [0]\n- [0, 0]\n", r"cup.yaml:5: move 2 of the opening, 0, is not legal there \(legal: 1, 2, 3"),
        (
            "openings:\n- ['x(0,0)', 'x(1,1)']\n",
            r"move 2 of the opening, 'x\(1,1\)', is not legal there \(legal: o\(0,1\)",
        ),
        ("openings: [[0, 3, 1, 4, 2]]\n", "the match is over after move 5 of the opening"),
        ("minutes: -1\n", "minutes must be a number above 0 or null, not -1"),
        ("anchor: nobody\n", "the anchor 'nobody' takes no part"),
    ],
)
def test_mistakes_are_told_with_their_line(text, message):
    with pytest.raises(InputError, match=message):
        made(TEXT + text)


@pytest.mark.parametrize(
    ("game", "message"),
    [
        ("testkit/gridgoal-v0", "takes no openings: its seats must take turns"),
        ("testkit/dice-v0", "has no names for moves, only numbers"),
    ],
)
def test_games_without_such_openings(game, message):
    with pytest.raises(InputError, match=message):
        made(f"game: {game}\nagents: [random, 'scripted:first-legal']\nopenings: [[x]]\n")


def test_every_key_says_what_it_is():
    schema = Cup.model_json_schema()["properties"]
    assert all(part.get("description") for part in schema.values())


@pytest.mark.parametrize(("rules", "expected"), [("", False), ("adjudication: {resign_below: -0.9}\n", True)])
def test_snapshots_say_what_they_think_where_it_counts(rules, expected, trained):
    path = min((trained / "snapshots").glob("*.json"))
    text = f"game: openspiel/kuhn_poker\nagents: [random, '{path}']\n{rules}"
    random, snapshot = made(text).tournament.agents
    assert random.policy.__class__.__name__ == "RandomPolicy"
    assert snapshot.policy.learns == expected
