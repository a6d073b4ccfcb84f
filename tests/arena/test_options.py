from dataclasses import dataclass
from typing import Literal

import pytest

from arena.options import assemble, options_of, values_of
from arena.schema import check
from arena.yaml_lines import parse
from games import InputError


@dataclass(frozen=True, kw_only=True)
class Ramp:
    start: float
    end: float = 0.0

    def __post_init__(self):
        if self.start < self.end:
            raise InputError(f"a ramp goes down, not from {self.start} to {self.end}")


@dataclass(frozen=True, kw_only=True)
class Settings:
    rate: float | Ramp = 0.5
    widths: tuple[int, ...] = (64, 64)
    limit: int | None = None
    shape: Literal["round", "square"] = "round"
    on: bool = True
    ramp: Ramp = Ramp(start=1.0)

    def __post_init__(self):
        if not isinstance(self.rate, Ramp) and not 0 <= self.rate <= 1:
            raise InputError(f"rate must be from 0 to 1, not {self.rate}")
        if self.limit == 13 and not self.on:
            raise InputError("limit 13 needs on")


class Thing:
    def __init__(self, owner: str, *, settings: Settings = Settings(), count: int, name: str = "x") -> None:
        if count < 1:
            raise InputError(f"count must be at least 1, not {count}")
        self.owner, self.settings, self.count, self.name = owner, settings, count, name


def made(text: str) -> Thing:
    document = parse(text, "a.yaml")
    return assemble(check(options_of(Thing), document), document, (), "me")


def test_options_reach_the_maker_as_what_they_stand_for():
    thing = made("settings:\n  rate: {start: 1, end: 0.5}\n  widths: [8, 16]\ncount: 3\n")
    assert thing.owner == "me"
    assert thing.settings == Settings(rate=Ramp(start=1.0, end=0.5), widths=(8, 16))
    assert isinstance(thing.settings.widths, tuple)
    assert thing.count == 3


def test_defaults_are_those_of_the_code():
    assert made("count: 1").settings == Settings()
    document = parse("count: 1", "a.yaml")
    values = values_of(check(options_of(Thing), document))
    assert values["settings"]["widths"] == [64, 64]
    assert values["settings"]["ramp"] == {"start": 1.0, "end": 0.0}
    assert values["name"] == "x"


def test_all_options_written_out_are_the_same_options():
    document = parse("settings: {rate: {start: 2}}\ncount: 1", "a.yaml")
    values = values_of(check(options_of(Thing), document))
    again = check(options_of(Thing), document, (), values)
    assert values_of(again) == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "count: 1\nsettings:\n  rate: high\n",
            "a.yaml:3: settings.rate must be a number or keys and values (start, end), not 'high'",
        ),
        ("count: 1\nsettings:\n  rate: 2\n", "a.yaml:3: rate must be from 0 to 1, not 2.0"),
        ("count: 1\nsettings:\n  rate:\n    start: 0\n    end: 1\n", "a.yaml:3: a ramp goes down, not from 0.0 to 1.0"),
        (
            "count: 1\nsettings:\n  rate:\n    start: 1\n    end: low\n",
            "a.yaml:5: settings.rate.end must be a number, not 'low'",
        ),
        ("count: 1\nsettings:\n  rate:\n    stat: 1\n", "a.yaml:4: unknown key 'stat'; did you mean 'start'?"),
        ("count: 1\nsettings:\n  ramp:\n    end: 1\n", "a.yaml:3: settings.ramp.start is missing: it must be a number"),
        (
            "count: 1\nsettings:\n  widths: 8\n",
            "a.yaml:3: settings.widths must be a list, each item a whole number, not 8",
        ),
        (
            "count: 1\nsettings:\n  widths:\n  - 8\n  - x\n",
            "a.yaml:5: settings.widths[1] must be a whole number, not 'x'",
        ),
        ("count: 1\nsettings:\n  limit: 1.5\n", "a.yaml:3: settings.limit must be a whole number or null, not 1.5"),
        ("count: 1\nsettings:\n  shape: oval\n", "a.yaml:3: settings.shape must be one of round, square, not 'oval'"),
        ("count: 1\nsettings:\n  on: 1\n", "a.yaml:3: settings.on must be true or false, not 1"),
        ("count: 1\nsettings:\n  limit: 13\n  on: false\n", "a.yaml:2: limit 13 needs on"),
        ("count: true\n", "a.yaml:1: count must be a whole number, not true"),
        ("count: '1'\n", "a.yaml:1: count must be a whole number, not '1'"),
        ("count: 0\n", "a.yaml: count must be at least 1, not 0"),
        ("settings: {}\n", "a.yaml: count is missing: it must be a whole number"),
        (
            "count: 1\nsettings: 5\n",
            "a.yaml:2: settings must be keys and values (rate, widths, limit, shape, on, ramp), not 5",
        ),
        ("count: 1\nzzz: 5\n", "a.yaml:2: unknown key 'zzz'; the configuration has: settings, count, name"),
        ("count: 1\nname: 5\nsettings: {on: x}\n", "a.yaml:3: settings.on must be true or false, not 'x' (and 1 more)"),
        ("count: .nan\n", "a.yaml:1: count must be a whole number, not nan"),
        ("count: 1\nsettings: {rate: .inf}\n", "a.yaml:2: settings.rate must be a number or"),
        ("count: 2020-01-01\n", "a.yaml:1: count must be a whole number, not"),
        ("- 1\n", "a.yaml: the configuration must be keys and values (settings, count, name), not [1]"),
    ],
)
def test_every_mistake_has_its_sentence(text, message):
    with pytest.raises(InputError) as error:
        made(text)
    assert str(error.value).startswith(message)
