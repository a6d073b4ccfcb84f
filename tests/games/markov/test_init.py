import subprocess
import sys

import pytest

import games
from games import InputError, markov


def test_the_registry_finds_every_game_of_the_family():
    assert games.names("markov") == tuple(sorted(markov.names()))
    for name in markov.names():
        assert games.make(name).name == name


def test_an_unknown_game_is_answered_with_the_nearest_name():
    with pytest.raises(InputError, match=r"unknown game 'markov/resource-v1'; did you mean 'markov/resource-v0'\?"):
        games.make("markov/resource-v1")
    with pytest.raises(InputError, match=r"unknown game 'markov/qqq' \(this family has: markov/resource-v0"):
        games.make("markov/qqq")


def test_listing_the_family_imports_neither_a_game_nor_a_compiler():
    heavy = ("numba", "torch", "pettingzoo")
    program = f"import sys, games.markov as m; m.names(); print([n for n in {heavy} if n in sys.modules])"

    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
