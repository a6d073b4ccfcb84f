"""Games by name."""

import importlib.metadata
import subprocess
import sys
import types

import pytest

import games
from games import InputError, registry


def test_names_are_full_sorted_and_made():
    everything = games.names()
    assert list(everything) == sorted(set(everything))
    assert {name.split("/")[0] for name in everything} == set(registry.families())
    for family in ("testkit", "markov"):
        own = games.names(family)
        assert own
        assert set(own) <= set(everything)
        for name in own:
            assert games.make(name).name == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("testkit/dice-v1", "did you mean 'testkit/dice-v0'"),
        ("test-kit/dice-v0", "unknown game 'test-kit/dice-v0'; did you mean 'testkit/dice-v0'"),
        ("openspeil/leduc_poker", "did you mean 'openspiel/leduc_poker'"),
        ("dice-v0", "unknown game 'dice-v0'"),
        ("qqq", "a name is FAMILY/GAME, families: gymnasium, markov, openspiel, pettingzoo, testkit"),
        ("", "a name is FAMILY/GAME"),
    ],
)
def test_unknown_names_are_explained(name, message):
    with pytest.raises(InputError, match=message):
        games.make(name)


@pytest.fixture
def garden(monkeypatch):
    """A family that an installed package registers by entry point."""
    module = types.ModuleType("garden_games")
    module.names = lambda: ("garden/chess-v0",)
    module.make = lambda rest: f"the game {rest}"
    monkeypatch.setitem(sys.modules, "garden_games", module)
    point = importlib.metadata.EntryPoint("garden", "garden_games", "arena.games")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == "arena.games" else [])
    registry.families.cache_clear()
    yield
    monkeypatch.undo()
    registry.families.cache_clear()


@pytest.mark.usefixtures("garden")
def test_families_come_by_entry_point():
    assert "garden/chess-v0" in games.names()
    assert games.names("garden") == ("garden/chess-v0",)
    assert games.make("garden/chess-v0") == "the game chess-v0"
    with pytest.raises(InputError, match="did you mean 'garden/chess-v0'"):
        games.make("gardn/chess-v0")


def test_importing_games_and_making_an_own_one_stays_light():
    code = (
        "import sys, games; games.make('testkit/dice-v0'); import games.check;"
        "print(*{m.split('.')[0] for m in sys.modules} & {'pettingzoo', 'mpe2', 'pygame', 'pyspiel', 'open_spiel', 'torch'})"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []
