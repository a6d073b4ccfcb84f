import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from games import Comparison, InputError, Limits, make
from games.check import check_game
from games.markov.repeated import kernels
from games.markov.repeated.nash import crowds, max_welfare
from games.markov.repeated.rules import ACTIONS, GAMES, MAX_ACTIONS, OWN, payoff

GAME = make("markov/repeated-v0")


def task(**values):
    return GAME.task_space.task(values)


def begin(tasks, seats, **limits):
    vector = GAME.vector(len(tasks), Limits(seats=seats, **limits))
    return vector, vector.assign(np.arange(len(tasks)), tasks, np.zeros(len(tasks), np.uint64))


def test_the_shipped_checker_finds_nothing():
    assert [finding for finding in check_game(GAME, matches=8, steps=20) if not finding.ok] == []


def test_the_face_of_the_game():
    assert GAME.comparison is Comparison.GENERAL_SUM
    assert GAME.max_seats == 24
    assert [seat.team for seat in GAME.seats(task(population=3))] == [0, 1, 2]
    assert GAME.observation_space["entities"].shape == (23, MAX_ACTIONS)


@pytest.mark.parametrize("game", GAMES)
@pytest.mark.parametrize("population", [2, 3, 4, 7])
def test_every_crowd_is_paid_as_the_plain_rules_say(game, population):
    found = list(crowds(population, ACTIONS[game]))
    vector, _ = begin([task(game=game, population=population, rounds=1, multiplier=2.5)] * len(found), population)
    chosen = np.array([np.repeat(np.arange(ACTIONS[game]), crowd) for crowd in found])
    step = vector.step(chosen[:, :, None])

    for slot, crowd in enumerate(found):
        for seat, action in enumerate(chosen[slot]):
            others = [count - (k == action) for k, count in enumerate(crowd)]
            assert step.score[slot, seat] == pytest.approx(payoff(game, action, others, 2.5), abs=1e-12)
        most = max_welfare(game, population, multiplier=2.5)
        assert step.metrics["welfare_share"][slot] == pytest.approx(step.score[slot].sum() / most)
        assert step.metrics["first_action_share"][slot] == pytest.approx(crowd[0] / population)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    game=st.sampled_from(GAMES),
    population=st.integers(2, 24),
    spare=st.integers(0, 2),
    rounds=st.integers(1, 12),
    endless=st.booleans(),
    choices=st.integers(0, 2**32 - 1),
)
def test_whole_matches_are_those_of_the_plain_rules(game, population, spare, rounds, endless, choices):
    rng, seats = np.random.default_rng(choices), population + spare
    asked = task(game=game, population=population, rounds=rounds, endless=endless, multiplier=3.0)
    vector, step = begin([asked], seats)
    returns, last = np.zeros(population), None
    for number in range(rounds):
        for seat in range(population):
            own, entities = step.observation["self"][0, seat], step.observation["entities"][0, seat]
            seen = dict(zip(OWN, own.tolist(), strict=True))
            assert [seen[name] for name in GAMES] == [float(name == game) for name in GAMES]
            assert seen["rounds_left"] == pytest.approx(0 if endless else 1 - number / rounds)
            assert (seen["endless"], seen["population"]) == (endless, pytest.approx(population / 24))
            assert seen["multiplier"] == pytest.approx(0.75 if game == "public_goods" else 0)
            others = [None] * population if last is None else last.tolist()
            mine = others.pop(seat)
            assert [seen[f"last_{k}"] for k in range(3)] == [float(k == mine) for k in range(3)]
            expected = [[float(k == other) for k in range(3)] for other in others]
            assert entities.tolist() == expected + [[0.0] * 3] * spare
            assert step.observation["entity_mask"][0, seat].tolist() == [True] * (population - 1) + [False] * spare
        last = rng.integers(0, ACTIONS[game], population)
        padded = np.full((1, seats, 1), 9)
        padded[0, :population, 0] = last
        step = vector.step(padded)
        for seat, action in enumerate(last):
            others = np.bincount(np.delete(last, seat), minlength=ACTIONS[game])
            returns[seat] += payoff(game, action, others.tolist(), 3.0)
        over = number == rounds - 1
        assert (step.terminated[0], step.truncated[0]) == (over and not endless, over and endless)
    np.testing.assert_allclose(step.score[0, :population], returns, rtol=1e-9, atol=1e-12)
    assert not step.score[0, population:].any()
    assert step.metrics["mean_reward"][0] == pytest.approx(returns.sum() / population / rounds)


def test_games_mix_in_a_batch_and_each_has_its_own_actions():
    vector, step = begin([task(game="minority", population=3), task(game="congestion", population=2)], 3)

    assert step.action_mask[:, 0].tolist() == [[True, True, False], [True, True, True]]
    assert not step.action_mask[1, 2].any()
    with pytest.raises(ValueError, match="seat 1 in slot 0 chose action 2, which minority does not have"):
        vector.step(np.array([[[0], [2], [0]], [[2], [2], [0]]]))
    assert not vector.state_dict()["clock"].any()
    step = vector.step(np.array([[[0], [1], [0]], [[2], [2], [0]]]))
    assert step.reward.tolist() == [[0, 1, 0], [1.5, 1.5, 0]]


def test_limits_truncate_a_match_and_never_lengthen_it():
    vector, _ = begin([task(rounds=5), task(rounds=2)], 2, steps=3)
    ends = []
    for _ in range(4):
        step = vector.step(np.zeros((2, 2, 1), np.int32))
        ends.append([step.terminated.tolist(), step.truncated.tolist()])

    none = [False, False]
    assert ends == [[none, none], [[False, True], none], [none, [True, False]], [none, none]]


def test_state_dict_brings_back_a_match_in_its_middle():
    tasks = [task(rounds=6), task(game="stag_hunt", population=4, endless=True, rounds=6)]
    vector, _ = begin(tasks, 4)
    moves = np.random.default_rng(0).integers(0, 2, (6, 2, 4, 1))
    for move in moves[:3]:
        vector.step(move)
    state = vector.state_dict()
    other = GAME.vector(2, Limits(seats=4))
    view = other.load_state_dict(state)
    np.testing.assert_array_equal(view.acting, [[True, True, False, False], [True] * 4])
    for move in moves[3:]:
        one, two = vector.step(move), other.step(move)
        for name, array in one.observation.items():
            np.testing.assert_array_equal(array, two.observation[name])
        np.testing.assert_array_equal(one.score, two.score)
        np.testing.assert_array_equal(one.truncated, two.truncated)
    with pytest.raises(ValueError, match=r"no state of 2 slots of markov/repeated-v0 with 3 seats"):
        GAME.vector(2, Limits(seats=3)).load_state_dict(state)


def test_what_cannot_be_played_is_refused():
    for name, value, sentence in [
        ("population", 0, "task parameter 'population' must be an integer from 2 to 24, not 0"),
        ("population", 25, "must be an integer from 2 to 24, not 25"),
        ("rounds", -3, "task parameter 'rounds' must be an integer from 1 to 200, not -3"),
        ("game", "chess", "task parameter 'game' must be one of 'prisoners_dilemma', 'public_goods'"),
        ("multiplier", 0.5, "'multiplier' must be a number from 1.1 to 4.0, not 0.5"),
        ("players", 3, "unknown task parameter 'players'"),
    ]:
        with pytest.raises(InputError) as error:
            task(**{name: value})
        assert sentence in str(error.value)
    vector = GAME.vector(2, Limits(seats=3))
    with pytest.raises(ValueError, match="a population of 4 does not fit limits of 3 seats"):
        vector.assign([0], [task(population=4)], [0])
    with pytest.raises(ValueError, match="slots must be from 0 to 1, not 2 to 2"):
        vector.assign([2], [task()], [0])
    with pytest.raises(ValueError, match="2 slots, 1 tasks and 2 seeds"):
        vector.assign([0, 1], [task()], [0, 0])
    with pytest.raises(ValueError, match=r"actions must have the shape \(2, 3, 1\), not \(2, 3\)"):
        vector.step(np.zeros((2, 3), np.int32))


def test_a_multiplier_means_something_in_public_goods_alone():
    assert task(game="minority", multiplier=3.0) == task(game="minority")
    assert task(game="public_goods", multiplier=3.0) != task(game="public_goods")


def test_a_picture_says_what_was_done():
    vector, _ = begin([task(rounds=3), task(endless=True)], 2)
    assert vector.render(0) == "prisoners_dilemma, round 0 of 3, last actions - -, returns 0.0 0.0"
    vector.step(np.array([[[0], [1]], [[1], [1]]]))
    assert vector.render(0) == "prisoners_dilemma, round 1 of 3, last actions 0 1, returns 0.0 5.0"
    assert vector.render(1) == "prisoners_dilemma, round 1 of ?, last actions 1 1, returns 1.0 1.0"


def test_each_kernel_is_compiled_for_one_signature():
    vector, _ = begin([task(), task(game="congestion", population=3)], 3)
    vector.assign([1], (task(),), [5])
    for dtype in (np.int8, np.int32, np.int64):
        vector.step(np.zeros((2, 3, 2), dtype)[:, :, :1])
    vector.load_state_dict(vector.state_dict())

    assert [len(kernel.signatures) for kernel in (kernels.seat, kernels.advance, kernels.show)] == [1, 1, 1]
