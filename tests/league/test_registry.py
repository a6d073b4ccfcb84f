from importlib.metadata import EntryPoint

import pytest

from games import InputError
from league import registry
from league.registry import Registry


class Plain:
    pass


class Careful:
    def __init__(self, place, *, wide=1, deep):
        self.place, self.wide, self.deep = place, wide, deep


class Foreign:
    pass


@pytest.fixture
def tools():
    return Registry("tool", "arena.tools", {"plain": Plain, "careful": Careful})


def test_names_are_sorted(tools):
    assert tools.names() == ("careful", "plain")


def test_arguments_and_options_reach_the_class(tools):
    made = tools.make("careful", "here", options={"deep": 3})
    assert (made.place, made.wide, made.deep) == ("here", 1, 3)
    assert isinstance(tools.make("plain"), Plain)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("carefull", {}, r"unknown tool 'carefull'; did you mean 'careful'\? \(known: careful, plain\)"),
        ("zzz", {}, r"unknown tool 'zzz' \(known: careful, plain\)"),
        ("careful", {"deep": 1, "wid": 2}, r"unknown option 'wid' of tool 'careful'; did you mean 'wide'\?"),
        ("careful", {"deep": 1, "place": 2}, r"unknown option 'place' of tool 'careful'.* \(its options: wide, deep\)"),
        ("plain", {"size": 1}, r"unknown option 'size' of tool 'plain' \(its options: none\)"),
        ("careful", {}, "tool 'careful' needs the option 'deep'"),
    ],
)
def test_wrong_input(tools, name, options, message):
    with pytest.raises(InputError, match=message):
        tools.make(name, options=options)


def test_installed_packages_add_names_and_replace_ours(tools, monkeypatch):
    points = [EntryPoint(n, f"{__name__}:Foreign", "arena.tools") for n in ("plain", "strange")]

    def entry_points(group, name=None):
        return [p for p in points if p.group == group and name in (None, p.name)]

    monkeypatch.setattr(registry, "entry_points", entry_points)
    monkeypatch.setattr(EntryPoint, "load", lambda self: Foreign)
    assert tools.names() == ("careful", "plain", "strange")
    assert isinstance(tools.make("strange"), Foreign)
    assert isinstance(tools.make("plain"), Foreign)
    assert isinstance(tools.make("careful", 1, options={"deep": 1}), Careful)
