import numpy as np
import pytest

from games import Limits, make

GAME = make("markov/treasure-v0")
POPULATIONS = ((6, 2), (1, 1), (3, 4), (5, 1))


def tasks(*populations, **values):
    return [GAME.task_space.task({"collectors": c, "deposits": d, **values}) for c, d in populations]


def actions(slots, seats, seed=0, steps=30):
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
    seats, moves = 10, actions(1, 10)
    crowd = np.random.default_rng(1)

    def play(slots, slot):
        vector = GAME.vector(slots, Limits(seats=seats))
        others = [s for s in range(slots) if s != slot]
        crowds = [(int(c), int(d)) for c, d in crowd.integers(1, [7, 5], (len(others), 2))]
        vector.assign(others, tasks(*crowds), crowd.integers(0, 2**63, len(others)))
        yield copy(vector.assign([slot], tasks((7, 3)), [123456789]))
        for t in range(30):
            batch = crowd.integers(0, 5, (slots, seats, 1))
            batch[slot] = moves[t, 0]
            if t == 10 and others:  # a reset in the middle
                vector.assign([others[0]], tasks((3, 1)), [7])
            yield copy(vector.step(batch))

    for alone, crowded in zip(play(1, 0), play(32, 19), strict=True):
        same({n: a[0] for n, a in alone.items()}, {n: a[19] for n, a in crowded.items()})


def test_state_dict_brings_back_a_match_in_its_middle():
    moves = actions(4, 8)
    vector = GAME.vector(4, Limits(seats=8))
    vector.assign(range(4), tasks(*POPULATIONS, horizon=25), range(4))
    for t in range(7):
        step = vector.step(moves[t])
    vector.assign([2], tasks((2, 2), horizon=25), [99])
    before, state = copy(step), vector.state_dict()
    rest = [copy(vector.step(moves[t])) for t in range(7, 30)]
    other = GAME.vector(4, Limits(seats=8))
    other.assign(range(4), tasks(*POPULATIONS[::-1]), range(4, 8))

    for target in (vector, other):
        view = copy(target.load_state_dict(state))
        same(
            {n: a for n, a in view.items() if n not in ("reward", "truncated", "score")},
            {n: a for n, a in before.items() if n not in ("reward", "truncated", "score")},
        )
        assert not view["reward"].any()
        assert not view["truncated"].any()
        for t, expected in zip(range(7, 30), rest, strict=True):
            now = copy(target.step(moves[t]))
            ended = expected["truncated"]
            np.testing.assert_array_equal(now["score"][ended], expected["score"][ended])
            same(*({n: a for n, a in view.items() if n != "score"} for view in (now, expected)))


def test_a_state_of_other_limits_is_refused():
    state = GAME.vector(2, Limits(seats=6)).state_dict()

    with pytest.raises(ValueError, match=r"no state of 2 slots of markov/treasure-v0 with 5 seats"):
        GAME.vector(2, Limits(seats=5)).load_state_dict(state)


def test_populations_mix_and_nothing_leaks_from_empty_seats():
    seats = 8
    vector = GAME.vector(4, Limits(seats=seats))
    vector.assign(range(4), tasks(*[(6, 2)] * 4), range(4))  # what comes next must not show through
    for move in actions(4, seats, steps=3):
        vector.step(move)
    step = vector.assign(range(4), tasks(*POPULATIONS), range(4))
    empty = np.arange(seats) >= np.array([c + d for c, d in POPULATIONS])[:, None]
    noise = np.random.default_rng(0)
    for move in actions(4, seats):
        np.testing.assert_array_equal(step.acting, ~empty)
        move[empty] = noise.integers(-9, 99, (empty.sum(), 1))  # not even an impossible action there matters
        step = vector.step(move)
        for name, array in copy(step).items():
            if name not in ("terminated", "truncated"):
                assert not array[empty].any(), name
        assert np.isfinite(step.reward).all()


@pytest.mark.parametrize(("horizon", "limit", "length"), [(100, None, 100), (10, None, 10), (50, 5, 5), (10, 200, 10)])
def test_a_match_lasts_as_long_as_its_task_and_the_limits_allow(horizon, limit, length):
    vector = GAME.vector(1, Limits(seats=2, steps=limit))
    vector.assign([0], tasks((1, 1), horizon=horizon), [0])
    ends = [bool(vector.step(np.zeros((1, 2, 1), np.int32)).truncated[0]) for _ in range(length)]

    assert ends == [False] * (length - 1) + [True]


def test_unobserved_matches_are_the_same():
    seen, unseen = (GAME.vector(2, Limits(seats=8, observe=observe)) for observe in (True, False))
    for vector in (seen, unseen):
        vector.assign([0, 1], tasks((6, 2), (3, 2)), [0, 1])
    for move in actions(2, 8):
        one, other = copy(seen.step(move)), copy(unseen.step(move))
        same(*({n: a for n, a in view.items() if "observation" not in n} for view in (one, other)))
    assert not other["observation.entities"].any()


def test_empty_slots_do_nothing():
    vector = GAME.vector(2, Limits(seats=2))
    step = vector.step(np.ones((2, 2, 1), np.int32))

    assert not any(array.any() for array in copy(step).values())


def test_wrong_calls_are_refused():
    vector = GAME.vector(2, Limits(seats=6))
    with pytest.raises(ValueError, match="a population of 8 does not fit limits of 6 seats"):
        vector.assign([0], tasks((6, 2)), [0])
    with pytest.raises(ValueError, match="slots must be from 0 to 1, not 0 to 2"):
        vector.assign([0, 2], tasks((2, 1), (2, 1)), [0, 1])
    with pytest.raises(ValueError, match="2 slots, 1 tasks and 1 seeds"):
        vector.assign([0, 1], tasks((2, 1)), [0])
    with pytest.raises(ValueError, match=r"actions must have the shape \(2, 6, 1\), not \(2, 6\)"):
        vector.step(np.zeros((2, 6), np.int32))


@pytest.mark.parametrize("wrong", [-1, 5])
def test_an_impossible_action_is_refused_and_nothing_moves(wrong):
    vector = GAME.vector(2, Limits(seats=3))
    vector.assign([0, 1], tasks((2, 1), (1, 1)), [0, 1])
    before = vector.state_dict()
    move = np.ones((2, 3, 1), np.int32)
    move[1, 1] = wrong

    with pytest.raises(ValueError, match=r"slot 1 has an action outside of Discrete\(5\)"):
        vector.step(move)

    same(before, vector.state_dict())
