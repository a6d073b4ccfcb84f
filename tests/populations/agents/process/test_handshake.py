"""What a bot is told first, for every kind of game."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gymnasium import spaces

from populations.agents.process import BotFailed, Limits
from populations.agents.process.handshake import Ready, hello, ready


def introduced(game):
    line = hello(game, Limits())
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    return json.loads(line, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))


def test_arrays_and_heads(shape):
    observation = {
        "b": spaces.Box(0, 1, (2, 3), np.bool_),
        "a": spaces.Box(0, 255, (4,), np.uint8),
        "c": spaces.Box(-1, 1, (), np.float32),
    }
    game = shape(observation, spaces.MultiDiscrete([3, 2]), np.array([[True, False], [True, True], [True, True]]))
    said = introduced(game)
    assert said["observation"] == {
        "a": {"shape": [4], "type": "uint8"},
        "b": {"shape": [2, 3], "type": "bool"},
        "c": {"shape": [], "type": "float32"},
    }
    assert said["action"] == {"sizes": [3, 2], "uses": [[1, 0], [1, 1], [1, 1]]}


def test_real_numbers(shape):
    low, high = np.array([-1, -np.inf], np.float32), np.array([0.5, np.inf], np.float32)
    said = introduced(shape({"x": spaces.Box(-1, 1, (3,))}, spaces.Box(low, high)))
    assert said["action"] == {"low": [-1.0, None], "high": [0.5, None]}


def test_ready():
    assert ready(b'{"type":"ready","protocol":1}') == Ready(0, "")
    assert ready(b'{"type":"ready","protocol":1,"name":"x","batch":7}') == Ready(7, "x")
    for batch in (b"-1", b"true", b"1.5", b'"7"', b"null"):
        with pytest.raises(BotFailed, match="must be a number of rows"):
            ready(b'{"type":"ready","protocol":1,"batch":' + batch + b"}")
