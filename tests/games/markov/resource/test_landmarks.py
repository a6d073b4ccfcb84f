"""The game with a number of landmarks that is part of the task."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import InputError, Limits, make
from games.check import check_game
from games.markov.resource import nash
from games.markov.resource.reference import ReferenceMatch
from games.markov.resource.rules import radii, values

GAME = make("markov/resource-landmarks-v0")
SIX = make("markov/resource-v0")


def begin(game, seed, seats, **task):
    vector = game.vector(1, Limits(seats=seats))
    return vector, vector.assign([0], [game.task_space.task(task)], np.array([seed], np.uint64))


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**64 - 1),
    population=st.integers(2, 48),
    landmarks=st.integers(1, 12),
    choices=st.integers(0, 2**32 - 1),
)
def test_matches_are_those_of_the_twin(seed, population, landmarks, choices):
    vector, step = begin(GAME, seed, population, population=population, landmarks=landmarks)
    match = ReferenceMatch(seed, population, landmarks=landmarks)
    rng = np.random.default_rng(choices)
    while not match.ended:
        for agent in range(population):
            seen = match.observe(agent)
            np.testing.assert_allclose(step.observation["self"][0, agent], seen["self"], rtol=1e-6, atol=1e-9)
            entities, mask = step.observation["entities"][0, agent], step.observation["entity_mask"][0, agent]
            np.testing.assert_allclose(entities[mask], seen["entities"], rtol=1e-6, atol=1e-9)
            assert not entities[~mask].any()
            np.testing.assert_array_equal(np.flatnonzero(mask[:12]), np.arange(landmarks))
        actions = rng.integers(0, 5, population)
        rewards = match.step(actions.tolist())
        step = vector.step(actions[None, :, None].astype(np.int32))
        np.testing.assert_allclose(step.reward[0], rewards, rtol=1e-6)
    np.testing.assert_allclose(step.score[0], match.returns, rtol=0, atol=1e-9)
    for name, value in match.metrics().items():
        assert step.metrics[name][0] == pytest.approx(value, rel=1e-12)


def test_six_landmarks_are_the_published_game_to_the_last_bit():
    moves = np.random.default_rng(0).integers(0, 5, (20, 1, 9, 1)).astype(np.int32)
    (varied, one), (fixed, other) = (begin(game, 7, 9, population=9, extent=1.5) for game in (GAME, SIX))
    for move in moves:
        one, other = varied.step(move), fixed.step(move)
        np.testing.assert_array_equal(one.reward, other.reward)
        np.testing.assert_array_equal(one.score, other.score)
        np.testing.assert_array_equal(one.observation["entities"][:, :, :6], other.observation["entities"][:, :, :6])
        np.testing.assert_array_equal(one.observation["entities"][:, :, 12:], other.observation["entities"][:, :, 6:])
        assert not one.observation["entity_mask"][:, :, 6:12].any()
    for name in SIX.metrics:
        np.testing.assert_array_equal(one.metrics[name], other.metrics[name])


def test_a_seed_has_the_same_places_for_every_number_of_landmarks():
    few, many = (begin(GAME, 3, 5, population=5, landmarks=n)[0].state_dict() for n in (2, 12))

    np.testing.assert_array_equal(few["landmark"][0, :2], many["landmark"][0, :2])
    np.testing.assert_array_equal(few["position"], many["position"])
    assert np.isinf(few["landmark"][0, 2:]).all()
    places = np.concatenate([many["landmark"][0], many["position"][0]])
    assert len(np.unique(places)) == places.size


def test_numbers_of_landmarks_mix_in_a_batch_and_nothing_is_left_of_earlier_matches():
    vector = GAME.vector(2, Limits(seats=3))
    twelve, two = (GAME.task_space.task({"population": 3, "landmarks": n}) for n in (12, 2))
    vector.assign([0, 1], [twelve, twelve], [0, 1])
    step = vector.assign([0], [two], [2])

    np.testing.assert_array_equal(step.observation["entity_mask"].sum(axis=-1), [[2 + 2] * 3, [12 + 2] * 3])
    assert np.isfinite(step.observation["entities"]).all()
    again = vector.load_state_dict(vector.state_dict())
    np.testing.assert_array_equal(again.observation["entity_mask"].sum(axis=-1), [[2 + 2] * 3, [12 + 2] * 3])


def test_wrong_numbers_are_refused():
    for wrong in (0, 13, -1):
        with pytest.raises(
            InputError, match=f"task parameter 'landmarks' must be an integer from 1 to 12, not {wrong}"
        ):
            GAME.task_space.task({"landmarks": wrong})
    with pytest.raises(InputError, match="unknown task parameter 'landmarks'"):
        SIX.task_space.task({"landmarks": 4})


def test_the_contract():
    assert [finding for finding in check_game(GAME, matches=8, steps=20) if not finding.ok] == []


@pytest.mark.parametrize("landmarks", range(1, 13))
def test_the_stage_game_of_any_number_of_landmarks(landmarks):
    worth = values(landmarks)
    assert worth == pytest.approx([10 * radius for radius in radii(landmarks)])
    for stage in nash.table(range(1, 49), landmarks):
        assert sum(stage.occupancy) == stage.population
        assert nash.is_equilibrium(stage.occupancy, worth)
        assert stage.welfare == pytest.approx(stage.population * stage.share)
        assert stage.welfare <= stage.max_welfare <= 0.5 * landmarks * (landmarks + 1) / 2
        if stage.population >= landmarks:
            assert stage.max_welfare == pytest.approx(0.25 * landmarks * (landmarks + 1))


def test_the_published_table_is_that_of_six_landmarks():
    three, twelve = nash.table([3, 12])

    assert three == nash.Stage(3, (0, 0, 0, 1, 1, 1), 7.5, 7.5)
    assert (twelve.occupancy, twelve.share) == ((0, 1, 2, 2, 3, 4), pytest.approx(0.83, abs=0.005))


def test_a_picture_leaves_out_the_landmarks_that_are_missing():
    many, few = (begin(GAME, 0, 2, population=2, landmarks=n)[0].render(0) for n in (12, 2))

    assert set("123456789*+#") <= set(many)
    assert "2" in few.split("\n", 1)[1]
    assert "3" not in few.split("\n", 1)[1]
