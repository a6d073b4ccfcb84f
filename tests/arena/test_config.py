from pathlib import Path

import pytest

from arena.build import plan
from arena.config import difference, dump, load
from games import InputError
from populations.learners import Magnet, PPOSettings

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def put(text: str) -> Path:
        Path("c.yaml").write_text(text)
        return Path("c.yaml")

    return put


def test_a_short_configuration_is_completed_with_the_defaults_of_the_code(write):
    config, _ = load(write("game: openspiel/kuhn_poker\nsteps: 10\nlearners: {main: {kind: ppo}}\n"))
    assert config.seed == 0
    assert config.teacher.kind == "fixed"
    assert config.teacher.options == {"tasks": [{}]}
    assert config.matchmaker.options == {"weighting": "squared", "epsilon": 0.1, "self_play": 0.35}
    settings = config.learners["main"].options["settings"]
    assert settings["clip"] == PPOSettings().clip
    assert settings["magnet"] is None


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_becomes_a_run_and_survives_being_written_out(path, write):
    config, document = load(path)
    parts = plan(config, document)
    assert parts.game.name == config.game
    assert {parts.rules[name].population for name in parts.learners} == set(config.learners)
    again, _ = load(write(dump(config)))
    assert again == config
    assert difference(config, again) is None


def test_what_is_configured_reaches_the_learner(write):
    config, document = load(
        write(
            "game: openspiel/kuhn_poker\nsteps: 10\nlearners:\n  main:\n    kind: ppo\n    network: {hidden: [8, 4]}\n"
            "    settings: {clip: 0.3, magnet: {rate: 0.25}}\n"
        ),
        ["learners.main.settings.epochs=7"],
    )
    learner = plan(config, document).learners["main"]
    assert learner.settings == PPOSettings(clip=0.3, epochs=7, magnet=Magnet(rate=0.25))
    assert learner.network.spec.hidden == (8, 4)


def test_two_learners_of_one_run_begin_with_different_weights(write):
    text = "game: openspiel/kuhn_poker\nsteps: 10\nlearners: {a: {kind: ppo}, b: {kind: ppo}}\n"
    config, document = load(write(text))
    first, second = plan(config, document).learners.values()
    again = plan(config, document).learners["a"]
    assert any((first.state_dict()[k] != second.state_dict()[k]).any() for k in first.state_dict() if "weight" in k)
    assert all((first.state_dict()[k] == again.state_dict()[k]).all() for k in first.state_dict())


BASE = "game: openspiel/kuhn_poker\nsteps: 10\nlearners:\n  main:\n    kind: ppo\n"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("seeds: 1\n", "c.yaml:6: unknown key 'seeds'; did you mean 'seed'?"),
        ("seed: -1\n", "c.yaml:6: seed must be a whole number at least 0, not -1"),
        ("slots: many\n", "c.yaml:6: slots must be a whole number at least 1, not 'many'"),
        ("match_steps: 0\n", "c.yaml:6: match_steps must be a whole number at least 1 or null, not 0"),
        ("checkpoint_seconds: soon\n", "c.yaml:6: checkpoint_seconds must be a number at least 0, not 'soon'"),
        ("opponents: random\n", "c.yaml:6: opponents must be a list, each item text, not 'random'"),
        ("opponents:\n  - random\n  - randm\n", "c.yaml:8: unknown agent 'randm'; did you mean 'random'?"),
        (
            "opponents: [openspiel:mcts]\n",
            "c.yaml:6: agent 'openspiel:mcts' cannot play openspiel/kuhn_poker: it searches",
        ),
        ("evaluation:\n  match: 3\n", "c.yaml:7: unknown key 'match'; did you mean 'matches'?"),
        ("evaluation:\n  opponents: [nobody]\n", "c.yaml:7: unknown agent 'nobody'"),
        ("matchmaker: {kind: pfps}\n", "c.yaml:6: unknown matchmaker 'pfps'; did you mean 'pfsp'?"),
        ("matchmaker: pfsp\n", "c.yaml:6: matchmaker must be keys and values (kind), not 'pfsp'"),
        ("matchmaker:\n  kind: pfsp\n  epsilo: 1\n", "c.yaml:8: unknown key 'epsilo'; did you mean 'epsilon'?"),
        ("matchmaker:\n  kind: pfsp\n  epsilon: 2\n", "c.yaml:8: pfsp epsilon must be a number from 0 to 1, not 2.0"),
        ("matchmaker:\n  epsilon: 1\n", "c.yaml:6: matchmaker.kind is missing: it must be text that is not empty"),
        ("teacher:\n  kind: fixed\n  tasks: [{size: 3}]\n", "c.yaml:8: unknown task parameter 'size'"),
        (
            "teacher: {kind: fixed, tasks: 3}\n",
            "c.yaml:6: teacher.tasks must be keys and values or a list, each item keys",
        ),
        (
            "teacher:\n  kind: fixed\n  tasks: []\n",
            "c.yaml:8: teacher 'fixed' needs tasks: parameter values of one task",
        ),
        ("    network: {kind: cnn}\n", "c.yaml:6: learners.main.network.kind must be one of auto, mlp, not 'cnn'"),
        ("    network: {hidden: [0]}\n", "c.yaml:6: network hidden must be one or more positive widths, not [0]"),
        ("    settings:\n      clip: high\n", "c.yaml:7: learners.main.settings.clip must be a number, not 'high'"),
        ("    settings:\n      clip: -1\n", "c.yaml:7: ppo clip must be above 0, not -1.0"),
        ("    settings:\n      magnet: {rate: 2}\n", "c.yaml:7: magnet rate must be from 0 to 1, not 2.0"),
        ("    setting: {}\n", "c.yaml:6: unknown key 'setting'; did you mean 'settings'?"),
    ],
)
def test_mistakes_are_told_with_file_line_key_and_remedy(more, message, write):
    path = write(BASE + more)
    with pytest.raises(InputError) as error:
        plan(*load(path))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps: 10\nlearners: {main: {kind: ppo}}\n", "c.yaml: game is missing: it must be text that is not empty"),
        ("game: x\nstep: 10\nlearners: {main: {kind: ppo}}\n", "c.yaml:2: unknown key 'step'; did you mean 'steps'?"),
        ("game: openspiel/kuhn\nsteps: 1\nlearners: {main: {kind: ppo}}\n", "c.yaml:1: unknown OpenSpiel game 'kuhn'"),
        ("game: x\nsteps: 1\nlearners: {}\n", "c.yaml:3: learners must be keys and values, at least one, not {}"),
        ("game: x\nsteps: 1\nlearners: {main: {kind: dqn}}\n", "c.yaml:3: unknown learner 'dqn' (known: "),
        (
            "game: markov/resource-v0\nsteps: 1\nlearners: {main: {kind: ppo}}\nevaluation: {nash_conv: true}\n",
            "c.yaml:4: NashConv is exact for small OpenSpiel games only, not for markov/resource-v0",
        ),
        ("- 1\n", "c.yaml: the configuration must be keys and values"),
    ],
)
def test_mistakes_in_whole_files(text, message, write):
    path = write(text)
    with pytest.raises(InputError) as error:
        plan(*load(path))
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed=1", "seed was 0 and is now 1"),
        ("steps=9", "steps was 10 and may only grow, not fall to 9"),
        ("learners.main.settings.clip=0.1", "learners.main.settings.clip was 0.2 and is now 0.1"),
        ("learners.other.kind=ppo", "learners.other is new"),
        ("matchmaker.kind=self_play", "matchmaker.kind was 'pfsp' and is now 'self_play'"),
        ("opponents=[random]", "opponents was [] and is now ['random']"),
        ("steps=11", None),
        ("checkpoint_seconds=1", None),
    ],
)
def test_only_length_and_commits_may_change_in_a_run(override, message, write):
    path = write(BASE)
    assert difference(load(path)[0], load(path, [override])[0]) == message


def test_other_play_is_for_games_that_name_symmetries(write):
    text = "game: {}\nsteps: 10\nother_play: true\nlearners: {{main: {{kind: ppo}}}}\nteacher: {{kind: fixed, tasks: {}}}\n"
    config, document = load(write(text.format("markov/matrix-v0", "{game: levers}")))
    parts = plan(config, document)
    assert parts.arena is not parts.game
    config, document = load(write(text.format("openspiel/kuhn_poker", "{}")))
    with pytest.raises(InputError, match="openspiel/kuhn_poker names no symmetries on these tasks"):
        plan(config, document)
