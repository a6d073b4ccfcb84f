import io
import json
import sys

import numpy as np
import pytest

from arena.console import Console, Meter, clock, opened, plain


def test_values_become_json_without_nan():
    value = {
        "a": np.array([1.0, np.nan, np.inf]),
        2: (1, True, None),
        "n": np.float32(0.5),
        "i": np.int64(3),
        "b": np.bool_(True),
        "s": {"x"},
        "text": "é",
    }
    text = json.dumps(plain(value), allow_nan=False)
    assert json.loads(text) == {
        "a": [1.0, None, None],
        "2": [1, True, None],
        "n": 0.5,
        "i": 3,
        "b": True,
        "s": ["x"],
        "text": "é",
    }


def test_with_json_stdout_carries_nothing_else(capsys):
    with opened(True) as console:
        print("a bot that chatters")
        console.say("hello")
        console.table(["a"], [["b"]])
        console.emit({"a": float("nan")})
    out, err = capsys.readouterr()
    assert out == '{"a": null}\n'
    assert err == "a bot that chatters\n"


def test_without_json_people_get_tables(capsys):
    with opened(False) as console:
        console.emit({"a": 1})
        console.table(["name", ">count"], [["[bold]x[/bold]", 12], ["y" * 100, 3]])
    out, _ = capsys.readouterr()
    assert "[bold]x[/bold]" in out  # names are text, not markup
    assert "y" * 100 in out  # nothing is cut where there is no terminal
    assert "{" not in out


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "0 s"), (59.4, "59 s"), (59.9, "1:00 min"), (185, "3:05 min"), (7800, "2:10 h"), (-1, "0 s")],
)
def test_durations(seconds, text):
    assert clock(seconds) == text


def test_a_meter_tells_rate_and_time_left(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("arena.console.time.monotonic", lambda: now[0])
    shown = []
    meter = Meter("steps", 1000, 200, lambda m: shown.append(str(m)))
    assert meter.seconds_left is None
    now[0] = 110.0
    meter.to(400, "NashConv 1.2")
    assert meter.rate == 20.0
    assert meter.seconds_left == 30.0
    assert shown == ["400 of 1,000 steps, 20/s, 30 s left | NashConv 1.2"]


def test_progress_is_quiet_without_a_terminal(capsys):
    with opened(False) as console, console.meter("steps", 10) as meter, console.status() as tell:
        meter.to(5)
        tell("working")
    assert capsys.readouterr() == ("", "")


def test_progress_shows_on_the_stderr_of_a_terminal(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    with opened(False) as console, console.meter("matches", 10) as meter:
        meter.to(5, "fine")
    assert "5 of 10 matches" in terminal.getvalue()
    assert "fine" in terminal.getvalue()


def test_long_names_are_folded_and_keep_some_room(capsys, monkeypatch):
    monkeypatch.setattr("arena.console._WIDE", 40)
    Console(False).table(["agent", ">number"], [["an-agent-with-quite-a-long-name?of=1", "+123 [+100, +146]"]])
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 40
    assert "an-agent-with-quite-" in out
    assert "+123 [+100, +146]" in out
    assert "…" not in out


def test_a_meter_without_a_total_tells_no_time_left():
    meter = Meter("matches", None, 5)
    meter.to(7)
    assert meter.seconds_left is None
    assert str(meter).startswith("7 matches, ")
