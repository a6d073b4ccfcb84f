import numpy as np
import pytest

from games import InputError, Limits, make

GAMES = ("markov/grassland-v0", "markov/food-v0", "markov/battle-v0")
STEPS = 25
games = pytest.mark.parametrize("name", GAMES)


def task(name, agents):
    """A task with so many agents of each kind (in food: twice as many)."""
    game = make(name)
    if "population" in game.task_space:
        return game.task_space.task({"population": 2 * agents})
    sizes = [parameter for parameter in ("sheep", "wolves", "left", "right") if parameter in game.task_space]
    return game.task_space.task(dict.fromkeys(sizes, agents))


def actions(slots, seats, seed=0, steps=STEPS):
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


@games
def test_a_match_has_the_same_bits_in_any_slot_of_any_batch(name):
    game, seats, moves = make(name), 8, actions(1, 8)
    crowd = np.random.default_rng(1)

    def play(slots, slot):
        vector = game.vector(slots, Limits(seats=seats))
        others = [s for s in range(slots) if s != slot]
        vector.assign(
            others, [task(name, n) for n in crowd.integers(1, 5, len(others))], crowd.integers(0, 2**63, len(others))
        )
        yield copy(vector.assign([slot], [task(name, 3)], [123456789]))
        for t in range(STEPS):
            batch = crowd.integers(0, 5, (slots, seats, 1))
            batch[slot] = moves[t, 0]
            if t == 10 and others:  # a reset in the middle
                vector.assign([others[0]], [task(name, 2)], [7])
            yield copy(vector.step(batch))

    for alone, crowded in zip(play(1, 0), play(64, 37), strict=True):
        same({n: a[0] for n, a in alone.items()}, {n: a[37] for n, a in crowded.items()})


@games
@pytest.mark.parametrize("seed", [0, 2**63, 2**64 - 1])
def test_every_seed_begins_its_own_world(name, seed):
    vector = make(name).vector(2, Limits(seats=4))
    vector.assign([0, 1], [task(name, 2)] * 2, np.array([seed, seed ^ 1], np.uint64))
    state = vector.state_dict()

    for what, edge in (("food", 0.9), ("position", 1.0)):
        placed = state[what][:, :2]
        assert not np.isclose(placed[0], placed[1]).any()
        assert (np.abs(placed) < edge).all()


@games
def test_a_seed_has_the_same_foods_and_first_of_a_team_for_every_population(name):
    vector = make(name).vector(2, Limits(seats=16))
    vector.assign([0, 1], [task(name, 2), task(name, 8)], [11, 11])
    state = vector.state_dict()

    np.testing.assert_array_equal(state["food"][0, :4], state["food"][1, :4])
    np.testing.assert_array_equal(state["position"][0, :2], state["position"][1, :2])
    second = state["first"]
    if second[0] < 4:
        np.testing.assert_array_equal(*(state["position"][b, second[b] : second[b] + 2] for b in (0, 1)))


@games
def test_state_dict_brings_back_a_match_in_its_middle(name):
    game, seats = make(name), 8
    moves = actions(4, seats, seed=5)
    vector = game.vector(4, Limits(seats=seats))
    vector.assign(range(4), [task(name, n) for n in (1, 2, 3, 4)], range(4))
    for t in range(12):
        step = vector.step(moves[t])
    vector.assign([2], [task(name, 4)], [99])
    before, state = copy(step), vector.state_dict()
    rest = [copy(vector.step(moves[t])) for t in range(12, STEPS)]
    other = game.vector(4, Limits(seats=seats))
    other.assign(range(4), [task(name, n) for n in (4, 3, 2, 1)], range(4, 8))

    for target in (vector, other):
        view = copy(target.load_state_dict(state))
        for silent in ("reward", "terminated", "truncated"):
            assert not view.pop(silent).any()
        same(view, {n: a for n, a in before.items() if n in view})
        for t, expected in zip(range(12, STEPS), rest, strict=True):
            same(copy(target.step(moves[t])), expected)


@games
def test_a_state_of_other_limits_is_refused(name):
    state = make(name).vector(2, Limits(seats=6)).state_dict()

    with pytest.raises(ValueError, match=rf"no state of 2 slots of {name} with 5 seats"):
        make(name).vector(2, Limits(seats=5)).load_state_dict(state)


@games
def test_nothing_leaks_from_empty_seats_or_an_earlier_match(name):
    seats, game = 8, make(name)
    vector = game.vector(2, Limits(seats=seats))
    vector.assign(range(2), [task(name, 4)] * 2, range(2))
    for move in actions(2, seats, steps=3):
        vector.step(move)
    step = vector.assign(range(2), [task(name, 1), task(name, 3)], range(2))
    empty = np.arange(seats) >= np.array([2, 6])[:, None]
    for move in actions(2, seats):
        move[empty] = 77  # not even an impossible action there matters
        step = vector.step(move)
        for what, array in copy(step).items():
            if what not in ("terminated", "truncated"):
                assert not array[empty].any(), what

    alone = game.vector(1, Limits(seats=6))
    alone.assign([0], [task(name, 3)], [1])
    for move in actions(2, seats):
        last = alone.step(move[1:2, :6])
    np.testing.assert_array_equal(last.score[0], step.score[1, :6])


@games
@pytest.mark.parametrize(("horizon", "limit", "length"), [(25, None, 25), (25, 7, 7), (9, 100, 9), (100, None, 100)])
def test_a_match_is_as_long_as_its_task_and_its_limit_say(name, horizon, limit, length):
    game = make(name)
    vector = game.vector(1, Limits(seats=5 if "grass" in name else 8, steps=limit))
    vector.assign([0], [game.task_space.task({"horizon": horizon})], [3])
    seats = vector.limits.seats
    state = vector.state_dict()
    state["position"][0, : state["first"][0]] = -0.9  # far apart, so that nobody is eaten
    state["position"][0, state["first"][0] :] = 0.9
    vector.load_state_dict(state)
    ends = [bool(vector.step(np.zeros((1, seats, 1), np.int32)).truncated[0]) for _ in range(length)]

    assert ends == [False] * (length - 1) + [True]


@games
def test_a_match_that_ended_waits(name):
    vector = make(name).vector(1, Limits(seats=4, steps=2))
    vector.assign([0], [task(name, 2)], [0])
    for move in actions(1, 4, steps=2):
        step = vector.step(move)
    ended = copy(step)
    step = vector.step(np.ones((1, 4, 1), np.int32))

    assert ended["truncated"][0] or ended["terminated"][0]
    assert not step.truncated.any()
    assert not step.terminated.any()
    assert not step.reward.any()
    assert not step.acting.any()
    for what in ("observation.self", "observation.entities", "score"):
        np.testing.assert_array_equal(copy(step)[what], ended[what])


@games
def test_unobserved_matches_are_the_same(name):
    seen, unseen = (make(name).vector(2, Limits(seats=8, observe=observe)) for observe in (True, False))
    for vector in (seen, unseen):
        vector.assign([0, 1], [task(name, 4), task(name, 2)], [0, 1])
    for move in actions(2, 8):
        one, other = copy(seen.step(move)), copy(unseen.step(move))
        same(*({n: a for n, a in view.items() if "observation" not in n} for view in (one, other)))
    assert not other["observation.entities"].any()


@games
def test_observations_are_of_the_space_of_the_limits(name):
    vector = make(name).vector(1, Limits(seats=7))
    step = vector.assign([0], [task(name, 3)], [0])
    for move in actions(1, 7):
        for seat in range(7):
            assert vector.observation_space.contains({n: a[0, seat] for n, a in step.observation.items()})
        step = vector.step(move)


@games
def test_wrong_calls_are_refused(name):
    vector = make(name).vector(2, Limits(seats=6))
    with pytest.raises(ValueError, match="a population of 8 does not fit limits of 6 seats"):
        vector.assign([0], [task(name, 4)], [0])
    with pytest.raises(ValueError, match="slots must be from 0 to 1, not 0 to 2"):
        vector.assign([0, 2], [task(name, 3)] * 2, [0, 1])
    with pytest.raises(ValueError, match="2 slots, 1 tasks and 1 seeds"):
        vector.assign([0, 1], [task(name, 3)], [0])
    with pytest.raises(ValueError, match=r"actions must have the shape \(2, 6, 1\), not \(2, 6\)"):
        vector.step(np.zeros((2, 6), np.int32))


@games
@pytest.mark.parametrize("wrong", [-1, 5])
def test_an_impossible_action_is_refused_and_nothing_moves_but_the_dead_may_say_anything(name, wrong):
    vector = make(name).vector(2, Limits(seats=4))
    vector.assign([0, 1], [task(name, 2), task(name, 1)], [0, 1])
    before = vector.state_dict()
    move = np.ones((2, 4, 1), np.int32)
    move[1, 1] = wrong

    with pytest.raises(ValueError, match=r"slot 1 has an action outside of Discrete\(5\)"):
        vector.step(move)

    same(before, vector.state_dict())
    before["alive"][1, 1] = False
    vector.load_state_dict(before)
    vector.step(move)
    assert (vector.state_dict()["clock"] == 1).all()


@games
def test_bad_tasks_are_refused_with_a_sentence(name):
    space = make(name).task_space
    sizes = [size for size in ("sheep", "wolves", "left", "right", "population") if size in space]
    for size in sizes:
        high = space[size].high
        for wrong in (0, -3, high + 1, 2.5):
            with pytest.raises(
                InputError, match=f"task parameter '{size}' must be an integer from 1 to {high}, not {wrong}"
            ):
                space.task({size: wrong})
    with pytest.raises(InputError, match=r"task parameter 'sharing' must be a number from 0.0 to 1.0, not 1.5"):
        space.task({"sharing": 1.5})
    with pytest.raises(InputError, match=r"unknown task parameter 'shepherds'"):
        space.task({"shepherds": 1})


@games
def test_limits_of_the_largest_population_are_the_spaces_of_the_game(name):
    game = make(name)
    assert game.max_seats == 48
    space = game.vector(1, Limits(seats=game.max_seats)).observation_space
    assert {n: box.shape for n, box in space.items()} == {n: box.shape for n, box in game.observation_space.items()}
