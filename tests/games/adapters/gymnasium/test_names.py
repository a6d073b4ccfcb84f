"""Names of Gymnasium environments: what they mean, and what is said about wrong ones."""

import subprocess
import sys
import types

import gymnasium
import pytest

import games
from games import InputError
from games.adapters.gymnasium.names import known, parse


def test_known_names_are_read_without_importing_any_environment():
    code = (
        "import sys, games; names = games.names('gymnasium'); print(*names);"
        "sys.exit(any(m.split('.')[0] in ('Box2D', 'pygame', 'mujoco', 'jax') for m in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = run.stdout.split()
    assert {"gymnasium/CartPole-v1", "gymnasium/FrozenLake8x8-v1", "gymnasium/Pendulum-v1"} < set(names)
    assert "gymnasium/CartPole-v0" not in names  # only the latest


def test_what_needs_a_missing_package_is_not_listed(monkeypatch):
    missing = {"Box2D", "pygame", "mujoco"}
    monkeypatch.setattr(sys.modules[known.__module__], "find_spec", lambda package: package not in missing)
    without = set(known())
    missing.clear()
    extra = set(known()) - without
    assert {"gymnasium/LunarLander-v3", "gymnasium/CarRacing-v3", "gymnasium/Ant-v5"} < extra
    assert "gymnasium/CartPole-v1" in without


def test_arguments_reach_the_constructor():
    assert parse("gymnasium/ALE/Pong-v5(frameskip=4)") == ("ALE/Pong-v5", {"frameskip": 4})
    game = games.make("gymnasium/FrozenLake-v1(map_name=8x8,is_slippery=false)")
    assert game.name == "gymnasium/FrozenLake-v1(map_name=8x8,is_slippery=false)"
    assert game.observation_space["view"].shape == (64,)


def test_other_packages_register_their_own(monkeypatch, drill):
    monkeypatch.setitem(sys.modules, "drills", types.ModuleType("drills"))
    monkeypatch.setitem(
        gymnasium.registry, "Drill-v0", gymnasium.envs.registration.EnvSpec("Drill-v0", entry_point=drill)
    )
    assert games.make("gymnasium/drills:Drill-v0(over=2)").create().unwrapped.over == 2
    assert "gymnasium/Drill-v0" not in known()


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("CartPol-v1", "unknown game 'gymnasium/CartPol-v1'.*did you mean 'CartPole-v1'"),
        ("CartPole", "no environment 'CartPole'; did you mean 'CartPole-v1'"),
        ("CartPole-v1(x=1", "cannot be read: it must be gymnasium/ID"),
        ("CartPole-v1(x)", "'x' must be key=value"),
        ("CartPole-v1(size=9)", "the environment refuses these arguments: .*size"),
        ("no_such_package:X-v0", "the module 'no_such_package' cannot be imported"),
    ],
)
def test_wrong_names_are_explained(rest, message):
    with pytest.raises(InputError, match=message):
        games.make(f"gymnasium/{rest}")


def test_a_missing_dependency_is_named(monkeypatch):
    def broken(**arguments):
        raise gymnasium.error.DependencyNotInstalled("box3d is not installed")

    monkeypatch.setitem(
        gymnasium.registry, "Broken-v0", gymnasium.envs.registration.EnvSpec("Broken-v0", entry_point=broken)
    )
    with pytest.raises(InputError, match="gymnasium/Broken-v0 needs what is not installed: box3d"):
        games.make("gymnasium/Broken-v0")
