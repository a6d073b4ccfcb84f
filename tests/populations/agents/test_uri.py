from __future__ import annotations

import re
import sys
import types
from importlib.metadata import EntryPoint

import pytest
from gymnasium import spaces

import games
from games import InputError
from populations.agents import list_agents, load_agent, uri
from populations.agents.random import RandomPolicy
from populations.agents.scripted import SCRIPTED
from populations.layout import Layout
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.neural import NeuralPolicy
from populations.snapshots import save


@pytest.fixture(scope="module")
def connect_four():
    return games.make("openspiel/connect_four")


@pytest.fixture
def game(shape):
    return shape({"x": spaces.Box(-1, 1, (3,), "float32")}, spaces.Discrete(4))


@pytest.fixture
def bots(monkeypatch):
    """An importable module of a user's own policies."""
    module = types.ModuleType("my_bots")

    class Calm(RandomPolicy):
        def __init__(self, game, speed: float = 1.0, *, name: str = "x") -> None:
            super().__init__(game.actions)
            self.speed, self.name = speed, name

    module.calm = Calm
    module.picky = lambda game, level: Calm(game)
    module.loose = lambda game, **options: Calm(game, **options)
    module.nothing = lambda game: 5
    module.single = lambda game: lambda observation: 0
    module.ill = lambda game: 1 / 0
    monkeypatch.setitem(sys.modules, "my_bots", module)
    return module


@pytest.fixture
def snapshot(game, tmp_path):
    return save(NeuralPolicy(Network(NetworkSpec(hidden=(8,)), Layout.of(game))), tmp_path, game=game)


def test_random(game) -> None:
    agent = load_agent("random", game)
    assert agent.id == "random"
    assert len(agent.hash) == 16
    assert isinstance(agent.policy, RandomPolicy)
    assert agent.lineage.role == "fixed"


def test_scripted_agents_play_what_they_are_for(connect_four) -> None:
    for name in ("first-legal", "last-legal", "centre-legal", "connect-four-rules"):
        assert load_agent(f"scripted:{name}", connect_four).id == f"scripted:{name}"
    resource = games.make("markov/resource-v0")
    for name in ("resource-greedy", "resource-assignment"):
        assert load_agent(f"scripted:{name}", resource).id == f"scripted:{name}"


def test_every_scripted_agent_can_be_imported() -> None:
    for name, script in SCRIPTED.items():
        assert callable(script.load()), name


def test_openspiel_mcts_with_options(connect_four) -> None:
    agent = load_agent("openspiel:mcts?simulations=5", connect_four)
    assert agent.policy.simulations == 5
    assert agent.id == "openspiel:mcts?simulations=5"


def test_a_program_is_known_by_its_command_and_by_what_is_in_its_files(connect_four, tmp_path) -> None:
    bot = tmp_path / "my bot.sh"
    bot.write_text("echo 1")
    agent = load_agent(f"process:sh   '{bot}' \"a?b=c\" --deep?move_seconds=0.50&memory_mb=64", connect_four)
    assert agent.id == f"process:sh '{bot}' 'a?b=c' --deep?memory_mb=64&move_seconds=0.5"
    assert agent.policy.command.words == ("sh", str(bot), "a?b=c", "--deep")
    assert (agent.policy.limits.move_seconds, agent.policy.limits.memory_mb) == (0.5, 64)
    again = load_agent(agent.id, connect_four)
    assert (again.id, again.hash) == (agent.id, agent.hash)
    bot.write_text("echo 2")
    assert load_agent(agent.id, connect_four).hash != agent.hash
    bot.write_text("echo 1")
    assert load_agent(agent.id, connect_four).hash == agent.hash


def test_snapshots_by_digits_path_and_bare_path(snapshot, game, tmp_path) -> None:
    for text in (f"snapshot:{snapshot.hash}", f"snapshot:{snapshot.hash[:6]}", f"snapshot:{snapshot.manifest}",
                 str(snapshot.manifest), str(snapshot.weights)):  # fmt: skip
        agent = load_agent(text, game, snapshots=tmp_path)
        assert agent.id == f"snapshot:{snapshot.hash}"
        assert agent.hash == snapshot.hash
    greedy = load_agent(f"{snapshot.manifest}?greedy=true&temperature=0.5", game)
    assert greedy.policy.greedy
    assert greedy.policy.temperature == 0.5


def test_python_factories_get_the_game_and_their_options(bots, game) -> None:
    policy = load_agent("python:my_bots:calm?speed=2&name=fast%20one", game).policy
    assert (policy.speed, policy.name) == (2, "fast one")
    assert load_agent("python:my_bots:loose?speed=0.5", game).policy.speed == 0.5


def test_the_canonical_id_sorts_options(bots, game) -> None:
    one = load_agent("python:my_bots:calm?speed=2.0&name=a+b", game)
    two = load_agent("python:my_bots:calm?name=a%20b&speed=2.0", game)
    assert one.id == two.id == "python:my_bots:calm?name=a%20b&speed=2.0"
    assert one.hash == two.hash != load_agent("python:my_bots:calm", game).hash


def test_installed_packages_add_schemes(game, bots, monkeypatch) -> None:
    bots.scheme = lambda rest, options, game, snapshots: bots.calm(game, name=rest)
    point = EntryPoint("bot", "my_bots:scheme", "arena.agents")
    monkeypatch.setattr(uri, "entry_points", lambda group: [point] if group == "arena.agents" else [])
    uri._schemes.cache_clear()
    try:
        assert load_agent("bot:zed", game).policy.name == "zed"
        assert ("bot:", "registered by my_bots:scheme") in list_agents()
    finally:
        uri._schemes.cache_clear()


MISTAKES = [
    ("randm", "unknown agent 'randm'; did you mean 'random'? (known: random, scripted:first-legal, "),
    ("first-legal", "unknown agent 'first-legal'; did you mean 'scripted:first-legal'?"),
    ("snapshots:3f2a", "unknown agent 'snapshots:3f2a'; did you mean 'snapshot'?"),
    ("process:./no-bot", "agent 'process:./no-bot' cannot be started: there is no program './no-bot' in /"),
    ("process:", "agent 'process:' lacks a name after the colon"),
    ("process:  ", "agent 'process:' lacks a command: process:./bot --flag"),
    ("process:sh 'x", "the command of agent 'process:sh 'x' cannot be read: no closing quotation"),
    (
        "process:no-such-program",
        "there is no program 'no-such-program' on the PATH (write ./ before a program beside you)",
    ),
    ("process:sh x?memory=1", "unknown option 'memory' of agent 'process:sh x'; did you mean 'memory_mb'?"),
    ("process:sh x?move_seconds=0", "option 'move_seconds' of a process: agent must be between 0.001 and 1e9, not 0"),
    ("process:sh x?memory_mb=1.5", "option 'memory_mb' of agent 'process:sh x' must be an integer, not 1.5"),
    ("", "unknown agent ''"),
    ("scripted:frist-legal", "unknown scripted agent 'frist-legal'; did you mean 'first-legal'? (known: "),
    ("scripted:", "agent 'scripted:' lacks a name after the colon"),
    (
        "openspiel:mtcs",
        "unknown agent 'openspiel:mtcs'; did you mean 'mcts'? (known: openspiel:mcts, openspiel:fixed_action_preference, ",
    ),
    (
        "openspiel:mcts?simulation=5",
        "unknown option 'simulation' of agent 'openspiel:mcts'; did you mean 'simulations'?",
    ),
    (
        "openspiel:mcts?simulations=many",
        "option 'simulations' of agent 'openspiel:mcts' must be an integer, not 'many'",
    ),
    ("openspiel:mcts?simulations=0", "simulations must be an integer of at least 1, not 0"),
    ("random:fast", "agent 'random' has no variants"),
    ("random?seed=3", "unknown option 'seed' of agent 'random' (its options: none)"),
    ("random?seed", "the options of agent 'random?seed' must have the form ?key=value&key=value"),
    ("random?a=1&a=2", "agent 'random?a=1&a=2' gives the option 'a' twice"),
    ("snapshot:3f2a", "snapshot '3f2a' needs a folder to look in: give the path of its file instead"),
    ("nowhere/x.json", "there is no snapshot at nowhere/x.json"),
    ("runs/old", "there is no snapshot at runs/old"),
    ("python:my_bots", "agent 'python:my_bots' must have the form python:package.module:factory"),
    ("python:no_such_module:f", "agent 'python:no_such_module:f' cannot be imported: No module named 'no_such_module'"),
    ("python:my_bots:clam", "module 'my_bots' has no factory 'clam'; did you mean 'calm'?"),
    ("python:my_bots:picky", "agent 'python:my_bots:picky' needs the option 'level': python:my_bots:picky?level=..."),
    ("python:my_bots:calm?sped=1", "unknown option 'sped' of agent 'python:my_bots:calm'; did you mean 'speed'?"),
    ("python:my_bots:calm?speed=true", "option 'speed' of agent 'python:my_bots:calm' must be a number, not True"),
    ("python:my_bots:ill", "agent 'python:my_bots:ill' cannot be made: ZeroDivisionError: division by zero"),
    ("python:my_bots:single", "<lambda> must be a Policy, or take an observation and an agent's name"),
    (
        "python:my_bots:nothing",
        "the factory must return a populations.policy.Policy, a pyspiel.Bot, or a function of an observation",
    ),
]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("x = (", "cannot be imported: SyntaxError: '(' was never closed"),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
    ],
)
def test_a_module_that_fails_while_it_is_imported_is_named(code, message, game, tmp_path, monkeypatch) -> None:
    (tmp_path / "broken_bots.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=re.escape(f"agent 'python:broken_bots:make' {message}")):
        load_agent("python:broken_bots:make", game)


@pytest.mark.parametrize(("text", "message"), MISTAKES, ids=[text or "empty" for text, _ in MISTAKES])
def test_mistakes_are_named(text, message, game, bots) -> None:
    with pytest.raises(InputError) as error:
        load_agent(text, game)
    assert message in str(error.value)


def test_an_agent_that_cannot_play_the_game(game, snapshot, shape, tmp_path) -> None:
    with pytest.raises(InputError) as error:
        load_agent("openspiel:mcts", game)
    assert str(error.value).startswith("agent 'openspiel:mcts' cannot play test/shape: it searches states of OpenSpiel")
    other = shape({"x": spaces.Box(-1, 1, (3,), "float32")}, spaces.Discrete(5))
    with pytest.raises(InputError, match="cannot play test/shape: the game takes actions of sizes"):
        load_agent(str(snapshot.manifest), other)


def test_what_is_listed_can_be_loaded(connect_four) -> None:
    listed = dict(list_agents())
    assert all(listed.values())
    for name in ("random", "scripted:connect-four-rules", "openspiel:mcts?simulations=200", "openspiel:uniform_random"):
        assert name in listed
        load_agent(name, connect_four)
