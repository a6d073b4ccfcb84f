import numpy as np
import pytest

from games import Limits, make
from games.markov.resource.reference import ReferenceMatch

GAME = make("markov/resource-v0")
POPULATIONS = (2, 6, 9, 4)


def tasks(*populations):
    return [GAME.task_space.task({"population": population}) for population in populations]


def actions(slots, seats, seed=0, steps=20):
    return np.random.default_rng(seed).integers(0, 5, (steps, slots, seats, 1)).astype(np.int32)


def copy(step):
    """What a step shows, as arrays of its own."""
    fields = {f"observation.{name}": array for name, array in step.observation.items()}
    fields |= {name: getattr(step, name) for name in ("acting", "reward", "terminated", "truncated", "score")}
    return {name: array.copy() for name, array in fields.items()}


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_a_match_has_the_same_bits_in_any_slot_of_any_batch():
    seats, moves = 9, actions(1, 9)
    crowd = np.random.default_rng(1)

    def play(slots, slot):
        vector = GAME.vector(slots, Limits(seats=seats))
        others = [s for s in range(slots) if s != slot]
        vector.assign(others, tasks(*crowd.integers(2, 10, len(others))), crowd.integers(0, 2**63, len(others)))
        yield copy(vector.assign([slot], tasks(8), [123456789]))
        for t in range(20):
            batch = crowd.integers(0, 5, (slots, seats, 1))
            batch[slot] = moves[t, 0]
            if t == 10 and others:  # a reset in the middle
                vector.assign([others[0]], tasks(3), [7])
            yield copy(vector.step(batch))

    for alone, crowded in zip(play(1, 0), play(64, 37), strict=True):
        same({n: a[0] for n, a in alone.items()}, {n: a[37] for n, a in crowded.items()})


def test_the_same_match_twice():
    vector = GAME.vector(2, Limits(seats=6))
    vector.assign([0, 1], tasks(6, 6), [5, 5])
    for move in actions(1, 6):
        step = vector.step(np.repeat(move, 2, axis=0))
        same({n: a[0] for n, a in copy(step).items()}, {n: a[1] for n, a in copy(step).items()})


@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_every_seed_begins_its_own_world(seed):
    vector = GAME.vector(2, Limits(seats=2))
    vector.assign([0, 1], tasks(2, 2), np.array([seed, seed ^ 1], np.uint64))
    state = vector.state_dict()

    assert not np.isclose(state["landmark"][0], state["landmark"][1]).any()
    assert (np.abs(state["landmark"]) < 1).all()
    assert (np.abs(state["position"]) < 1).all()
    np.testing.assert_array_equal(state["position"][0], ReferenceMatch(seed, 2).positions)


def test_a_seed_has_the_same_landmarks_and_first_agents_for_every_population():
    vector = GAME.vector(2, Limits(seats=48))
    vector.assign([0, 1], tasks(3, 48), [11, 11])
    state = vector.state_dict()

    np.testing.assert_array_equal(state["landmark"][0], state["landmark"][1])
    np.testing.assert_array_equal(state["position"][0, :3], state["position"][1, :3])


def test_state_dict_brings_back_a_match_in_its_middle():
    moves = actions(4, 9)
    vector = GAME.vector(4, Limits(seats=9))
    vector.assign(range(4), tasks(*POPULATIONS), range(4))
    for t in range(7):
        step = vector.step(moves[t])
    vector.assign([2], tasks(5), [99])
    before, state = copy(step), vector.state_dict()
    rest = [copy(vector.step(moves[t])) for t in range(7, 20)]
    other = GAME.vector(4, Limits(seats=9))
    other.assign(range(4), tasks(*POPULATIONS[::-1]), range(4, 8))

    for target in (vector, other):
        view = copy(target.load_state_dict(state))
        same(
            {n: a for n, a in view.items() if n not in ("reward", "truncated")},
            {n: a for n, a in before.items() if n not in ("reward", "truncated")},
        )
        assert not view["reward"].any()
        assert not view["truncated"].any()
        for t, expected in zip(range(7, 20), rest, strict=True):
            same(copy(target.step(moves[t])), expected)


def test_state_dict_is_a_copy():
    vector = GAME.vector(1, Limits(seats=2))
    vector.assign([0], tasks(2), [0])
    state = vector.state_dict()
    before = {name: array.copy() for name, array in state.items()}
    vector.step(np.ones((1, 2, 1), np.int32))

    same(state, before)
    assert state["clock"] == 0


def test_a_state_of_other_limits_is_refused():
    state = GAME.vector(2, Limits(seats=6)).state_dict()

    with pytest.raises(ValueError, match=r"no state of 2 slots of markov/resource-v0 with 5 seats"):
        GAME.vector(2, Limits(seats=5)).load_state_dict(state)
    with pytest.raises(ValueError, match="no state"):
        GAME.vector(2, Limits(seats=6)).load_state_dict(
            {name: array for name, array in state.items() if name != "clock"}
        )


def test_populations_mix_and_nothing_leaks_from_empty_seats():
    seats = 9
    vector = GAME.vector(4, Limits(seats=seats))
    vector.assign(range(4), tasks(9, 9, 9, 9), range(4))  # what comes next must not show through
    for move in actions(4, seats, steps=3):
        vector.step(move)
    step = vector.assign(range(4), tasks(*POPULATIONS), range(4))
    empty = np.arange(seats) >= np.array(POPULATIONS)[:, None]
    noise = np.random.default_rng(0)
    for move in actions(4, seats):
        np.testing.assert_array_equal(step.acting, ~empty)
        move[empty] = noise.integers(-9, 99, (empty.sum(), 1))  # not even an impossible action there matters
        step = vector.step(move)
        for name, array in copy(step).items():
            if name not in ("terminated", "truncated"):
                assert not array[empty].any(), name

    alone = GAME.vector(1, Limits(seats=6))
    alone.assign([0], tasks(6), [1])
    for move in actions(4, seats):
        last = alone.step(move[1:2, :6])
    np.testing.assert_array_equal(last.score[0], step.score[1, :6])


def test_a_match_ends_by_truncation_and_then_waits():
    vector = GAME.vector(2, Limits(seats=6))
    vector.assign([0], tasks(6), [0])
    for move in actions(2, 6, steps=10):
        vector.step(move)
    vector.assign([1], tasks(6), [1])
    for t, move in enumerate(actions(2, 6, steps=10)):
        step = vector.step(move)
        np.testing.assert_array_equal(step.truncated, [t == 9, False])
        assert not step.terminated.any()
    np.testing.assert_array_equal(step.acting, [[False] * 6, [True] * 6])
    ended = {n: a[0] for n, a in copy(step).items()}

    step = vector.step(np.full((2, 6, 1), 1, np.int32))

    assert not step.truncated.any()
    assert not step.reward[0].any()
    assert step.reward[1].any() or not step.score[1].any()
    for name in ("observation.self", "observation.entities", "score", "acting"):
        np.testing.assert_array_equal(copy(step)[name][0], ended[name])


def test_assigning_some_slots_leaves_the_others():
    vector = GAME.vector(3, Limits(seats=6))
    vector.assign(range(3), tasks(6, 6, 6), range(3))
    before = copy(vector.step(actions(3, 6)[0]))

    after = copy(vector.assign([1], tasks(4), [9]))

    for name in ("observation.self", "observation.entities", "observation.entity_mask", "acting", "score"):
        np.testing.assert_array_equal(before[name][[0, 2]], after[name][[0, 2]])
        if name != "score":
            assert (before[name][1] != after[name][1]).any()
    assert not after["reward"].any()
    assert not after["score"][1].any()


def test_empty_slots_do_nothing():
    vector = GAME.vector(2, Limits(seats=2))
    step = vector.step(np.ones((2, 2, 1), np.int32))

    assert not any(array.any() for array in copy(step).values())


@pytest.mark.parametrize(("limit", "length"), [(None, 20), (5, 5), (1, 1), (100, 20)])
def test_limits_shorten_a_match_and_never_lengthen_it(limit, length):
    vector = GAME.vector(1, Limits(seats=2, steps=limit))
    vector.assign([0], tasks(2), [0])
    ends = [bool(vector.step(np.zeros((1, 2, 1), np.int32)).truncated[0]) for _ in range(length)]

    assert ends == [False] * (length - 1) + [True]


def test_unobserved_matches_are_the_same():
    seen, unseen = (GAME.vector(2, Limits(seats=6, observe=observe)) for observe in (True, False))
    for vector in (seen, unseen):
        vector.assign([0, 1], tasks(6, 3), [0, 1])
    for move in actions(2, 6):
        one, other = copy(seen.step(move)), copy(unseen.step(move))
        same(*({n: a for n, a in view.items() if "observation" not in n} for view in (one, other)))
    assert not other["observation.entities"].any()


def test_observations_are_of_the_space_of_the_limits():
    vector = GAME.vector(1, Limits(seats=7))
    step = vector.assign([0], tasks(5), [0])
    for move in actions(1, 7):
        for seat in range(7):
            assert vector.observation_space.contains({n: a[0, seat] for n, a in step.observation.items()})
        step = vector.step(move)


def test_wrong_calls_are_refused():
    vector = GAME.vector(2, Limits(seats=6))
    with pytest.raises(ValueError, match="a population of 7 does not fit limits of 6 seats"):
        vector.assign([0], tasks(7), [0])
    with pytest.raises(ValueError, match="slots must be from 0 to 1, not 0 to 2"):
        vector.assign([0, 2], tasks(6, 6), [0, 1])
    with pytest.raises(ValueError, match="2 slots, 1 tasks and 1 seeds"):
        vector.assign([0, 1], tasks(6), [0])
    with pytest.raises(ValueError, match=r"actions must have the shape \(2, 6, 1\), not \(2, 6\)"):
        vector.step(np.zeros((2, 6), np.int32))


@pytest.mark.parametrize("wrong", [-1, 5])
def test_an_impossible_action_is_refused_and_nothing_moves(wrong):
    vector = GAME.vector(2, Limits(seats=3))
    vector.assign([0, 1], tasks(3, 2), [0, 1])
    before = vector.state_dict()
    move = np.ones((2, 3, 1), np.int32)
    move[1, 1] = wrong

    with pytest.raises(ValueError, match=r"slot 1 has an action outside of Discrete\(5\)"):
        vector.step(move)

    after = vector.state_dict()
    same(before, after)
