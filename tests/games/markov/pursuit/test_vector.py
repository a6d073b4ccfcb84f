import numpy as np
import pytest

from games import Limits, make

GAME = make("markov/pursuit-v0")
POPULATIONS = ((1, 1), (3, 1), (5, 4), (2, 3))


def tasks(*populations, **values):
    return [GAME.task_space.task({"predators": p, "prey": q, **values}) for p, q in populations]


def actions(slots, seats, seed=0, steps=25):
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
        company = [GAME.task_space.sample(crowd) for _ in others]
        company = [t if t["predators"] + t["prey"] <= seats else GAME.task_space.task() for t in company]
        vector.assign(others, company, crowd.integers(0, 2**63, len(others)))
        yield copy(vector.assign([slot], tasks((5, 3), shaping=True), [123456789]))
        for t in range(25):
            batch = crowd.integers(0, 5, (slots, seats, 1))
            batch[slot] = moves[t, 0]
            if t == 10 and others:  # a reset in the middle
                vector.assign([others[0]], tasks((2, 1)), [7])
            yield copy(vector.step(batch))

    for alone, crowded in zip(play(1, 0), play(64, 37), strict=True):
        same({n: a[0] for n, a in alone.items()}, {n: a[37] for n, a in crowded.items()})


def test_a_seed_has_the_same_places_for_every_population():
    vector = GAME.vector(3, Limits(seats=48))
    vector.assign([0, 1], tasks((3, 2), (32, 16)), [11, 11])
    vector.assign([2], tasks((3, 2), obstacles=4, arena=2.0), [11])
    state = vector.state_dict()

    np.testing.assert_array_equal(state["position"][0, :3], state["position"][1, :3])
    np.testing.assert_array_equal(state["position"][0, 3:5], state["position"][1, 32:34])
    np.testing.assert_array_equal(2 * state["position"][0, :5], state["position"][2, :5])
    np.testing.assert_array_equal(2 * state["obstacle"][0, :2], state["obstacle"][2, :2])
    assert (np.abs(state["obstacle"][0]) < 0.9).all()
    assert (np.abs(state["position"][:2]) < 1).all()
    assert len(np.unique(state["position"][1])) == 96


def test_state_dict_brings_back_a_match_in_its_middle():
    moves = actions(4, 9)
    vector = GAME.vector(4, Limits(seats=9))
    vector.assign(range(4), tasks(*POPULATIONS), range(4))
    for t in range(7):
        step = vector.step(moves[t])
    vector.assign([2], tasks((4, 2), obstacles=4, prey_speed=2.0), [99])
    before, state = copy(step), vector.state_dict()
    rest = [copy(vector.step(moves[t])) for t in range(7, 25)]
    other = GAME.vector(4, Limits(seats=9))
    other.assign(range(4), tasks(*POPULATIONS[::-1]), range(4, 8))

    for target in (vector, other):
        view = copy(target.load_state_dict(state))
        for name, array in before.items():
            if name not in ("reward", "truncated", "score"):
                np.testing.assert_array_equal(view[name], array, err_msg=name)
        assert not view["reward"].any()
        assert not view["truncated"].any()
        for t, expected in zip(range(7, 25), rest, strict=True):
            found = copy(target.step(moves[t]))
            ended = found["truncated"]
            found["score"][~ended] = expected["score"][~ended] = 0
            same(found, expected)


def test_a_state_of_other_limits_is_refused():
    state = GAME.vector(2, Limits(seats=6)).state_dict()

    with pytest.raises(ValueError, match=r"no state of 2 slots of markov/pursuit-v0 with 5 seats"):
        GAME.vector(2, Limits(seats=5)).load_state_dict(state)


def test_nothing_leaks_from_empty_seats_or_earlier_matches():
    seats = 9
    vector = GAME.vector(4, Limits(seats=seats))
    vector.assign(range(4), tasks(*[(5, 4)] * 4, obstacles=4), range(4))  # what comes next must not show through
    for move in actions(4, seats, steps=3):
        vector.step(move)
    step = vector.assign(range(4), tasks(*POPULATIONS, obstacles=1), range(4))
    count = np.array([sum(population) for population in POPULATIONS])
    empty = np.arange(seats) >= count[:, None]
    for move in actions(4, seats):
        np.testing.assert_array_equal(step.acting, ~empty)
        assert not step.observation["entity_mask"][:, :, 1:4].any()
        assert not step.observation["entities"][:, :, 1:4].any()
        move[empty] = 99  # not even an impossible action there matters
        step = vector.step(move)
        for name, array in copy(step).items():
            if name not in ("terminated", "truncated"):
                assert not array[empty].any(), name

    alone = GAME.vector(1, Limits(seats=4))
    alone.assign([0], tasks((3, 1), obstacles=1), [1])
    for move in actions(4, seats):
        last = alone.step(move[1:2, :4])
    np.testing.assert_array_equal(last.score[0], step.score[1, :4])


def test_a_match_ends_by_truncation_and_then_waits():
    vector = GAME.vector(2, Limits(seats=4))
    vector.assign([0], tasks((3, 1), horizon=10), [0])
    vector.assign([1], tasks((3, 1), horizon=20), [1])
    for t, move in enumerate(actions(2, 4, steps=20)):
        step = vector.step(move)
        np.testing.assert_array_equal(step.truncated, [t == 9, t == 19])
        assert not step.terminated.any()
        assert step.acting[0].any() != (t >= 9)
        if t == 9:
            ended = {n: a[0] for n, a in copy(step).items()}
        if t > 9:
            assert not step.reward[0].any()
            for name in ("observation.self", "observation.entities", "score"):
                np.testing.assert_array_equal(copy(step)[name][0], ended[name])


def test_empty_slots_do_nothing():
    vector = GAME.vector(2, Limits(seats=2))
    step = vector.step(np.ones((2, 2, 1), np.int32))

    assert not any(array.any() for array in copy(step).values())


@pytest.mark.parametrize(("limit", "length"), [(None, 30), (5, 5), (1, 1), (100, 30)])
def test_limits_shorten_a_match_and_never_lengthen_it(limit, length):
    vector = GAME.vector(1, Limits(seats=2, steps=limit))
    vector.assign([0], tasks((1, 1), horizon=30), [0])
    ends = [bool(vector.step(np.zeros((1, 2, 1), np.int32)).truncated[0]) for _ in range(length)]

    assert ends == [False] * (length - 1) + [True]


def test_unobserved_matches_are_the_same():
    seen, unseen = (GAME.vector(2, Limits(seats=6, observe=observe)) for observe in (True, False))
    for vector in (seen, unseen):
        vector.assign([0, 1], tasks((4, 2), (3, 1)), [0, 1])
    for move in actions(2, 6):
        one, other = copy(seen.step(move)), copy(unseen.step(move))
        same(*({n: a for n, a in view.items() if "observation" not in n} for view in (one, other)))
    assert not other["observation.entities"].any()


def test_wrong_calls_are_refused():
    vector = GAME.vector(2, Limits(seats=6))
    with pytest.raises(ValueError, match="a population of 7 does not fit limits of 6 seats"):
        vector.assign([0], tasks((4, 3)), [0])
    with pytest.raises(ValueError, match="slots must be from 0 to 1, not 0 to 2"):
        vector.assign([0, 2], tasks((3, 1), (3, 1)), [0, 1])
    with pytest.raises(ValueError, match="2 slots, 1 tasks and 1 seeds"):
        vector.assign([0, 1], tasks((3, 1)), [0])
    with pytest.raises(ValueError, match=r"actions must have the shape \(2, 6, 1\), not \(2, 6\)"):
        vector.step(np.zeros((2, 6), np.int32))
    vector.assign([], [], [])


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
