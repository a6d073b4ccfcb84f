from __future__ import annotations

import json

import numpy as np
import pytest
from gymnasium import spaces

from populations.layout import Field, Layout, same_actions


def box(*shape: int, dtype=np.float32, low=-np.inf, high=np.inf) -> spaces.Box:
    return spaces.Box(low, high, shape, dtype)


@pytest.mark.parametrize(
    ("space", "field"),
    [
        (box(3), Field((3,), "float32")),
        (spaces.Box(0, 255, (4, 4, 3), np.uint8), Field((4, 4, 3), "uint8", 1 / 255)),
        (spaces.Box(0, 10, (7, 7, 3), np.uint8), Field((7, 7, 3), "uint8", 1 / 10)),
        (spaces.Box(0, 1, (5,), np.int8), Field((5,), "int8")),
        (spaces.Box(-20, 5, (5,), np.int32), Field((5,), "int32", 1 / 20)),
        (spaces.Box(np.iinfo(np.int32).min, np.iinfo(np.int32).max, (2,), np.int32), Field((2,), "int32")),
        (spaces.Box(0, 1, (5,), np.bool_), Field((5,), "bool")),
        (box(), Field((), "float32")),
    ],
)
def test_bounded_integers_are_scaled(space, field) -> None:
    made = Field.of(space)
    assert (made.shape, made.dtype) == (field.shape, field.dtype)
    assert made.scale == pytest.approx(field.scale)


@pytest.mark.parametrize(
    "action",
    [
        spaces.Discrete(4),
        spaces.MultiDiscrete([3, 2]),
        spaces.Box(np.array([0.0, -np.inf], np.float32), np.array([np.inf, 2.5], np.float32)),
    ],
)
def test_goes_through_json_and_back(action, shape) -> None:
    uses = np.array([[1, 0], [1, 1], [1, 0]], bool) if isinstance(action, spaces.MultiDiscrete) else None
    game = shape({"view": spaces.Box(0, 255, (4, 4, 3), np.uint8), "goal": box(3)}, action, uses)
    layout = Layout.of(game)
    again = Layout.from_json(json.loads(json.dumps(layout.to_json(), allow_nan=False)))
    assert again.observation == layout.observation
    assert same_actions(again.actions, layout.actions)
    assert again.mismatch(game, entities=False) is None


MISMATCHES = [
    ({"x": box(3), "y": box(2)}, spaces.Discrete(4), None, "it was never shown the observation 'y'"),
    ({}, spaces.Discrete(4), None, "it needs the observation 'x', which the game does not give"),
    (
        {"x": box(4)},
        spaces.Discrete(4),
        None,
        "the observation 'x' is float32 [4] there, and it was made for float32 [3]",
    ),
    (
        {"x": spaces.Box(0, 9, (3,), np.uint8)},
        spaces.Discrete(4),
        None,
        "the observation 'x' is uint8 [3] scaled by 0.1111 there",
    ),
    ({"x": box(3)}, spaces.Discrete(5), None, "takes actions of sizes [5], and it was made for actions of sizes [4]"),
    ({"x": box(3)}, box(2, low=0, high=1), None, "takes actions of 2 real numbers from [0.0, 0.0] to [1.0, 1.0], and"),
    ({"x": box(3)}, spaces.Discrete(4), np.ones((4, 1), bool), "actions of sizes [4] with a table of used arguments"),
]


@pytest.mark.parametrize(("observation", "action", "uses", "reason"), MISMATCHES)
def test_says_why_a_game_cannot_be_played(observation, action, uses, reason, shape) -> None:
    layout = Layout.of(shape({"x": box(3)}, spaces.Discrete(4)))
    assert reason in layout.mismatch(shape(observation, action, uses), entities=True)


def test_the_number_of_entities_may_differ(entity_game) -> None:
    layout = Layout.of(entity_game(5))
    assert layout.mismatch(entity_game(9), entities=True) is None
    assert layout.mismatch(entity_game(3), entities=False) is None
    reason = layout.mismatch(entity_game(9), entities=False)
    assert reason == "the observation 'entities' is float32 [9, 4] there, and it was made for float32 [5, 4]" or (
        reason == "the observation 'entity_mask' is bool [9] there, and it was made for bool [5]"
    )
