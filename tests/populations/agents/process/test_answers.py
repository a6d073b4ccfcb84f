"""Which answers are actions: held against the judgement that is passed on every agent."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import ActionLayout
from league.faults import illegal
from populations.agents.process.answers import Answers
from populations.agents.process.bot import BotFailed

USES = np.array([[True, False, False], [True, True, False], [True, True, True]])
LAYOUTS = [
    ActionLayout((4,)),
    ActionLayout((3, 2)),
    ActionLayout((3, 2, 4), uses=USES),
    ActionLayout((), 2, np.array([-1.0, -np.inf], np.float32), np.array([1.0, 5.0], np.float32)),
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=["discrete", "heads", "structured", "continuous"])
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_what_is_right_is_what_the_referee_lets_pass(layout, data):
    if layout.continuous:
        heads = data.draw(st.lists(st.floats(-7, 7, width=32), min_size=2, max_size=2))
        mask = None
    else:
        heads = data.draw(st.lists(st.integers(-2, 5), min_size=layout.heads, max_size=layout.heads))
        bits = st.lists(st.booleans(), min_size=layout.width, max_size=layout.width)
        mask = data.draw(st.none() | bits.map(lambda values: np.array(values)))
    value = heads[0] if layout.sizes and len(layout.sizes) == 1 else heads
    judged = illegal(np.array([heads]), None if mask is None else mask[None], layout)[0]
    assert bool(Answers(layout).wrong(value, mask)) == judged
    if len(layout.sizes) == 1:
        chosen = Answers(layout).fine([value, value], None if mask is None else np.stack([mask, mask]))
        assert (chosen is None) == judged


@pytest.mark.parametrize("value", [True, None, "1", 1.0, [1], {}, 10**30, float("nan"), -1, 4])
def test_what_is_no_number_of_an_action(value):
    answers = Answers(ActionLayout((4,)))
    assert "must be a whole number from 0 to 3, not" in answers.wrong(value, None)
    assert answers.fine([0, value], None) is None


@pytest.mark.parametrize("value", [1, [1], [1, 2, 3], [True, 1], [1, 1.0], [1, None], [1, 10**12], "ab"])
def test_what_is_no_list_of_heads(value):
    answers = Answers(ActionLayout((2, 2)))
    assert "must be a list of 2 whole numbers from 0, below [2, 2], not" in answers.wrong(value, None)


@pytest.mark.parametrize("value", [0.0, [0.0], [0, None], [0, float("nan")], [True, 0], [0, "x"], [2, 0]])
def test_what_is_no_continuous_action(value):
    assert "must be a list of 2 numbers within their bounds, not" in Answers(LAYOUTS[3]).wrong(value, None)


def test_lines():
    answers = Answers(ActionLayout((4,)))
    assert answers.row(b'{"id": 3, "action": 2, "note": "x"}', 3) == 2
    assert answers.batch(b'{"id": 3, "actions": [1, "x"]}', 3, 2) == [1, "x"]
    for line in (
        b"",
        b"3",
        b"[]",
        b"\xff\xfe",
        b'{"id": 3',
        b'{"id": "3", "action": 1}',
        b'{"action": 1}',
        b'{"id": 3}',
    ):
        with pytest.raises(BotFailed) as failed:
            answers.row(line, 3)
        assert failed.value.reason == "illegal"
        assert len(failed.value.detail) < 200
    for actions in (1, [1], [1, 2, 3], {}, None):
        with pytest.raises(BotFailed, match="must be a list with one entry for each of 2 rows"):
            answers.batch(json.dumps({"id": 3, "actions": actions}).encode(), 3, 2)
