"""Names of PettingZoo environments: what they mean, and what is said about wrong ones."""

import subprocess
import sys
import types

import pytest

import games
from games import Comparison, InputError
from games.adapters.pettingzoo.names import known, parse


def test_known_names_are_read_without_importing_anything():
    code = (
        "import sys, games; names = games.names('pettingzoo'); print(*names);"
        "sys.exit(any(m.split('.')[0] in ('pettingzoo', 'mpe2', 'pygame') for m in sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = run.stdout.split()
    assert {
        "pettingzoo/classic/connect_four_v3",
        "pettingzoo/butterfly/pistonball_v6",
        "pettingzoo/mpe2/simple_tag_v3",
    } < set(names)
    assert tuple(names) == known()
    assert not any("test" in name or "all_modules" in name for name in names)


def test_arguments_are_literals():
    text = (
        "pettingzoo/mpe2/simple_spread_v3(N=2, local_ratio=0.5,continuous_actions=true,render_mode=None,kind=soft-one)"
    )
    assert parse(text) == (
        "mpe2/simple_spread_v3",
        {"N": 2, "local_ratio": 0.5, "continuous_actions": True, "render_mode": None, "kind": "soft-one"},
    )
    assert parse("pettingzoo/classic/go_v5()") == ("classic/go_v5", {})
    assert parse("pettingzoo/my.package/game") == ("my.package/game", {})


def test_arguments_reach_the_constructor():
    game = games.make("pettingzoo/mpe2/simple_spread_v3(N=2,max_cycles=10)")
    assert len(game.agents) == 2
    assert game.name == "pettingzoo/mpe2/simple_spread_v3(N=2,max_cycles=10)"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "classic/connect_for_v3",
            r"no module pettingzoo.classic.connect_for_v3.*did you mean 'pettingzoo/classic/connect_four_v3'\?",
        ),
        ("classic/connect_four_v2", "did you mean 'pettingzoo/classic/connect_four_v3'"),
        ("connect_four_v3", "it must be pettingzoo/FAMILY/NAME"),
        ("classic/go_v5(board_size=9", "cannot be read"),
        ("classic/go_v5(board_size)", "'board_size' must be key=value"),
        ("classic/go_v5(size=9)", "the environment refuses these arguments: .*size"),
        ("classic/go_v5(comparison=zero)", "comparison must be one of zero-sum, ranked.*not 'zero'"),
        ("mpe2/all_modules", "the module mpe2.all_modules offers neither parallel_env nor env nor raw_env"),
    ],
)
def test_wrong_names_are_explained(name, message):
    with pytest.raises(InputError, match=message):
        games.make(f"pettingzoo/{name}")


def _package(monkeypatch, **modules):
    for path, attributes in {"herd": {"__path__": []}, **modules}.items():
        module = types.ModuleType(path.replace("__", "."))
        vars(module).update(attributes)
        monkeypatch.setitem(sys.modules, module.__name__, module)


def test_any_package_may_hold_environments(monkeypatch, pasture, queue):
    _package(monkeypatch, herd__both={"parallel_env": pasture, "env": queue}, herd__raw={"raw_env": queue})
    assert not games.make("pettingzoo/herd/both").turn_based
    assert games.make("pettingzoo/herd/raw").turn_based


def test_a_missing_dependency_is_named(monkeypatch):
    def broken():
        raise ModuleNotFoundError("No module named 'box3d'", name="box3d")

    _package(monkeypatch, herd__broken={"env": broken})
    with pytest.raises(InputError, match="pettingzoo/herd/broken needs the package 'box3d', which is not installed"):
        games.make("pettingzoo/herd/broken")
    monkeypatch.setitem(sys.modules, "chess", None)
    with pytest.raises(InputError, match=r"needs the package 'chess'.*pip install 'pettingzoo\[classic\]'"):
        games.make("pettingzoo/classic/chess_v6")


def test_what_an_environment_says_about_itself_is_passed_on(monkeypatch):
    def picky(**arguments):
        raise ImportError("Only on Tuesdays.")

    _package(monkeypatch, herd__picky={"env": picky})
    with pytest.raises(InputError, match=r"pettingzoo/herd/picky cannot be loaded: Only on Tuesdays\."):
        games.make("pettingzoo/herd/picky")


def test_ranges_of_arguments():
    game = games.make("pettingzoo/mpe2/simple_spread_v3(max_cycles=10,N=2..4:3,comparison=cooperative)")
    assert game.name == "pettingzoo/mpe2/simple_spread_v3(N=2..4:3,comparison=cooperative,max_cycles=10)"
    assert game.comparison is Comparison.COOPERATIVE
    assert [len(game.seats(game.task_space.task({"N": n}))) for n in (2, 3, 4)] == [2, 3, 4]
    assert game.max_seats == 4
    with pytest.raises(InputError, match=r"simple_spread_v3\(M=2\): the environment refuses these arguments"):
        games.make("pettingzoo/mpe2/simple_spread_v3(M=2..4)")
