"""What bots read is what their seats see."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import games
from games import ActionLayout
from populations.agents.matches import InFlight, Sitting
from populations.agents.process.requests import Requests
from populations.policy import Rows


def plain(value):
    """A number as JSON has it."""
    return None if isinstance(value, float) and not np.isfinite(value) else value


def nested(values):
    return [nested(entry) for entry in values] if isinstance(values, list) else plain(values)


def expected_legal(mask, layout):
    heads = [np.flatnonzero(mask[i:j]).tolist() for i, j in zip(layout.offsets[:-1], layout.offsets[1:], strict=True)]
    return heads[0] if len(layout.sizes) == 1 else heads


def make(observation, mask=None, count=None):
    n = count or len(next(iter(observation.values())))
    steps = np.arange(n) % 5
    return Rows(observation, mask, np.arange(n, dtype=np.uint64), np.arange(n) % 3, steps, np.arange(n))


arrays = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int32, np.uint8, np.bool_, np.int8]),
    hnp.array_shapes(min_dims=1, max_dims=4, max_side=4),
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(arrays)
def test_any_array_in_both_forms(array):
    rows, requests = make({"x": array, "two words": array[:, ...]}), Requests(ActionLayout((3,)))
    sittings = InFlight().look(rows)
    wanted = nested(array.astype(np.float64 if array.dtype.kind == "f" else np.int64).tolist())
    many = json.loads(requests.batch(1, rows, [*range(len(array))], sittings, []))
    assert many["observation"] == {"x": wanted, "two words": wanted}
    for k in range(len(array)):
        one = json.loads(requests.row(1, rows, k, sittings[k], []))
        assert one["observation"] == {"x": wanted[k], "two words": wanted[k]}
        assert "legal" not in one


@pytest.mark.parametrize("value", [0, 9, 10, 255, 256, -1, 0.5, 1e-30, 3e38, np.nan, np.inf, -np.inf])
def test_numbers(value):
    array = np.array([[0, 1, value]], np.float32)
    rows, requests = make({"x": array}), Requests(ActionLayout((3,)))
    sittings = InFlight().look(rows)
    seen = float(np.float32(value))
    for line in (requests.row(1, rows, 0, sittings[0], []), requests.batch(1, rows, [0], sittings, [])):
        found = json.loads(line, parse_constant=lambda text: pytest.fail(f"{text} is no JSON"))["observation"]["x"]
        numbers = found if len(found) == 3 else found[0]
        assert numbers == [0, 1, seen if np.isfinite(seen) else None]


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=3), st.integers(1, 6), st.randoms(use_true_random=False))
def test_legal_actions(sizes, count, random):
    layout = ActionLayout(tuple(sizes))
    mask = np.array([[random.random() < 0.5 for _ in range(layout.width)] for _ in range(count)])
    rows, requests = make({"x": np.zeros((count, 2))}, mask), Requests(layout)
    sittings = InFlight().look(rows)
    chosen = [k for k in range(count) if random.random() < 0.7] or [0]
    many = json.loads(requests.batch(1, rows, chosen, sittings, []))
    assert many["legal"] == [expected_legal(mask[k], layout) for k in chosen]
    for k in chosen:
        assert json.loads(requests.row(1, rows, k, sittings[k], []))["legal"] == expected_legal(mask[k], layout)


def test_everything_else():
    rows, requests = make({"x": np.zeros((3, 1))}), Requests(ActionLayout((3,)))
    sittings = InFlight().look(rows)
    line = requests.row(17, rows, 2, sittings[2], [4, 5])
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {
        "type": "act", "id": 17, "match": 3, "seat": 2, "step": 2, "seed": Sitting(0, 2, 2, 0).chance,
        "observation": {"x": [0]}, "over": [4, 5],
    }  # fmt: skip
    many = json.loads(requests.batch(18, rows, [0, 2], sittings, [4]))
    assert many == {
        "type": "act", "id": 18, "rows": 2, "match": [1, 3], "seat": [0, 2], "step": [0, 2],
        "seed": [sittings[0].chance, sittings[2].chance], "observation": {"x": [[0], [0]]}, "over": [4],
    }  # fmt: skip


@pytest.mark.parametrize("name", [*games.names("testkit"), "markov/resource-v0", "openspiel/leduc_poker"])
def test_real_games(name):
    game = games.make(name)
    vector = game.vector(2, games.Limits(seats=game.max_seats))
    task = game.task_space.task()
    view = vector.assign(np.arange(2), [task, task], np.arange(2, dtype=np.uint64))
    seat = int(np.flatnonzero(view.acting[0])[0])
    mask = None if view.action_mask is None else view.action_mask[:, seat]
    rows = make({n: v[:, seat] for n, v in view.observation.items()}, mask, 2)
    said = json.loads(Requests(game.actions).batch(1, rows, [0, 1], InFlight().look(rows), []))
    for field, values in rows.observation.items():
        np.testing.assert_array_equal(np.array(said["observation"][field], values.dtype), values)
    if mask is not None:
        assert said["legal"] == [expected_legal(row, game.actions) for row in mask]
