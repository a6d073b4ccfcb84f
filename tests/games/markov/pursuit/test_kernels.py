"""The compiled rules against the plain ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import Limits, make
from games.markov.pursuit import kernels
from games.markov.pursuit.reference import ReferenceMatch

GAME = make("markov/pursuit-v0")
SPACE = GAME.task_space
SEEDS = st.integers(0, 2**64 - 1)
GOLDEN = [
    -0.029657711430001555,
    -0.5315552465693355,
    0.10095070715887089,
    0.06879023941222173,
    0.10256564542386862,
    0.34767230066861676,
    0.0,
]
POINTS = st.lists(st.floats(0, 1), min_size=len(SPACE), max_size=len(SPACE))


def begin(seed, task, spare=0):
    vector = GAME.vector(1, Limits(seats=len(GAME.seats(task)) + spare))
    return vector, vector.assign(np.array([0]), [task], np.array([seed], np.uint64))


def compare(step, vector, match, atol=1e-9):
    state, count = vector.state_dict(), len(match.positions)
    np.testing.assert_allclose(state["position"][0, :count], match.positions, rtol=0, atol=atol)
    np.testing.assert_allclose(state["velocity"][0, :count], match.velocities, rtol=0, atol=atol)
    np.testing.assert_allclose(state["lost"][0, :count], match.lost, rtol=1e-6, atol=atol)
    for agent in range(count):
        seen, mask = match.observe(agent), step.observation["entity_mask"][0, agent]
        np.testing.assert_allclose(step.observation["self"][0, agent], seen["self"], rtol=1e-6, atol=1e-6)
        entities = step.observation["entities"][0, agent]
        np.testing.assert_allclose(entities[: count + 3], seen["entities"], rtol=1e-6, atol=1e-6)
        assert not entities[count + 3 :].any()
        np.testing.assert_array_equal(mask[: count + 3], [any(row) for row in seen["entities"]])
        assert not mask[count + 3 :].any()


@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=SEEDS, point=POINTS, spare=st.integers(0, 3), choices=st.integers(0, 2**32 - 1))
def test_every_step_of_every_task_is_that_of_the_twin(seed, point, spare, choices):
    """A crowd is chaotic, so the twin is set to our state before each step, and its accounts go on."""
    rng = np.random.default_rng(choices)
    task = SPACE.task({**SPACE.from_unit(point), "horizon": 12})  # crowds are slow in plain Python
    vector, step = begin(seed, task, spare)
    match = ReferenceMatch(seed, task)
    count = len(match.positions)
    compare(step, vector, match)
    while not match.ended:
        state = vector.state_dict()
        match.positions = [tuple(place) for place in state["position"][0, :count].tolist()]
        match.velocities = [tuple(velocity) for velocity in state["velocity"][0, :count].tolist()]
        actions = rng.integers(0, 5, count)
        rewards = match.step(actions.tolist())
        padded = np.full((1, count + spare, 1), 4, np.int32)  # empty seats "act" too, in vain
        padded[0, :count, 0] = actions
        step = vector.step(padded)
        compare(step, vector, match)
        np.testing.assert_allclose(step.reward[0, :count], rewards, rtol=1e-6, atol=1e-5)
        assert step.truncated[0] == match.ended
    for name, value in match.metrics().items():
        assert step.metrics[name][0] == pytest.approx(value, rel=1e-9), name
    np.testing.assert_allclose(step.score[0, :count], match.scores(), rtol=0, atol=1e-12)


def test_a_whole_match_is_that_of_the_twin():
    for seed in range(10):
        task = SPACE.task({"prey": 2, "shaping": bool(seed % 2)})
        vector, step = begin(seed, task)
        match, rng = ReferenceMatch(seed, task), np.random.default_rng(seed)
        while not match.ended:
            actions = rng.integers(0, 5, 5)
            match.step(actions.tolist())
            step = vector.step(actions[None, :, None])
            compare(step, vector, match, atol=1e-7)
        assert step.metrics == pytest.approx(match.metrics(), rel=1e-6)


def test_a_prey_that_was_touched_once_or_lingered_outside_has_not_escaped():
    """Three prey: one that is touched in the first step, one far outside, one left in peace."""
    task = SPACE.task({"predators": 1, "prey": 3, "obstacles": 0, "horizon": 10})
    vector, _ = begin(0, task)
    state = vector.state_dict()
    state["position"][0] = [[0, 0], [0.12, 0], [0.5, 2.0], [-0.5, -0.5]]
    vector.load_state_dict(state)
    step = vector.step(np.zeros((1, 4, 1), np.int32))

    assert step.reward[0].tolist() == pytest.approx([10, -10, -np.exp(2), 0])
    for _ in range(9):
        step = vector.step(np.zeros((1, 4, 1), np.int32))
    assert step.truncated[0]
    assert step.metrics["escape_share"][0] == pytest.approx(1 / 3)
    np.testing.assert_allclose(step.score[0], [1 / 3, -1 / 3, -1 / 3, -1 / 3])


def test_every_predator_is_paid_for_every_touch():
    task = SPACE.task({"predators": 3, "prey": 2, "obstacles": 0})
    vector, _ = begin(0, task)
    state = vector.state_dict()
    state["position"][0] = [[0, 0], [0.2, 0], [-0.8, -0.8], [0.1, 0], [0.8, 0.8]]
    vector.load_state_dict(state)
    step = vector.step(np.zeros((1, 5, 1), np.int32))

    assert step.reward[0].tolist() == [20, 20, 20, -20, 0]


def test_golden_match():
    """Pinned: a change here is a change of the game, and needs a new version in its name."""
    vector, _ = begin(2024, SPACE.task())
    start = vector.state_dict()
    for t in range(25):
        step = vector.step((np.arange(4)[None, :, None] + t) % 5)
    end = vector.state_dict()

    found = [*start["obstacle"][0, 0], *start["position"][0, 0], *end["position"][0, 3], step.metrics["prey_reward"][0]]
    np.testing.assert_allclose(found, GOLDEN, rtol=1e-9)


def test_each_kernel_is_compiled_for_one_signature():
    """Whatever arrays a caller brings: a second signature costs seconds of compiling and a second entry on disk."""
    vector = GAME.vector(3, Limits(seats=4, steps=20))
    task = SPACE.task()
    slots = np.arange(3)
    slots.flags.writeable = False
    vector.assign(slots, (task, task, task), np.arange(6, dtype=np.uint64)[::2])
    vector.assign([1], [task], [5])
    for dtype in (np.int8, np.int32, np.int64):
        vector.step(np.ones((3, 4, 2), dtype)[:, :, :1])
    vector.load_state_dict(vector.state_dict())
    GAME.vector(1, Limits(seats=4, observe=False)).assign([0], [task], [0])

    assert [len(kernel.signatures) for kernel in (kernels.seat, kernels.advance, kernels.show)] == [1, 1, 1]
