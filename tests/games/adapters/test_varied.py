import numpy as np
import pytest
from gymnasium import spaces

from games import Comparison, Game, InputError, Integer, Limits, Real, Seat, Task, TaskSpace, VectorGame, make
from games.adapters.varied import Varied
from games.check import check_game

CARDS = make("openspiel/goofspiel(num_cards=3..6:4,imp_info=True)")


class Stub(Game):
    """Rules that are only looked at."""

    comparison = Comparison.GENERAL_SUM
    task_space = TaskSpace()

    def __init__(self, seen, actions, seats=1, **others):
        self.name = "test/stub"
        self.observation_space, self.action_space, self._seats = spaces.Dict(seen), actions, seats
        for name, value in others.items():
            setattr(self, name, value)

    def seats(self, task):
        return (Seat(),) * self._seats

    def vector(self, slots, limits):
        class Nothing(VectorGame):
            assign = step = state_dict = load_state_dict = None

        return Nothing()


def box(*shape, low=0.0, high=1.0, dtype=np.float32):
    return spaces.Box(low, high, shape, dtype)


def varied(create, low=1, high=3):
    return Varied("test/varied", TaskSpace({"n": Integer(low, high, low)}), lambda task: create(task["n"]))


@pytest.mark.parametrize(
    "name",
    [
        "openspiel/goofspiel(num_cards=3..6:4,imp_info=True)",
        "openspiel/leduc_poker(players=2..4)",
        "openspiel/connect_four(rows=4..6:6)",
        "openspiel/go(komi=0.5..7.5,board_size=3|4)",
        "pettingzoo/mpe2/simple_adversary_v3(N=2..3,max_cycles=10)",
        "pettingzoo/mpe2/simple_spread_v3(local_ratio=0.1..0.9,max_cycles=5)",
    ],
)
def test_games_of_many_keep_the_contract(name):
    findings = check_game(make(name), matches=10, steps=12)

    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) > 15


def test_a_task_is_the_game_with_its_values():
    """Played side by side with the game of the same name, at the same seed: all is equal but for the padding."""
    tasks = [CARDS.task_space.task({"num_cards": n}) for n in (3, 6, 4)]
    limits = Limits(seats=2)
    whole = CARDS.vector(3, limits)
    alone = [make(f"openspiel/goofspiel(num_cards={n},imp_info=True)").vector(1, limits) for n in (3, 6, 4)]
    seeds = np.array([5, 6, 7], np.uint64)
    rng = np.random.default_rng(0)
    view = whole.assign(np.arange(3), tasks, seeds)
    views = [a.assign(np.zeros(1, np.int64), [Task()], seeds[k : k + 1]) for k, a in enumerate(alone)]
    for step in range(7):
        for k, own in enumerate(views):
            seen = own.observation["vector"]
            np.testing.assert_array_equal(view.observation["vector"][k, :, : seen.shape[2]], seen[0])
            assert not view.observation["vector"][k, :, seen.shape[2] :].any()
            width = own.action_mask.shape[2]
            np.testing.assert_array_equal(view.acting[k], own.acting[0])
            np.testing.assert_array_equal(view.action_mask[k, own.acting[0], :width], own.action_mask[0, own.acting[0]])
            assert not view.action_mask[k, :, width:].any()
            for name in ("reward", "terminated", "truncated"):
                np.testing.assert_array_equal(getattr(view, name)[k], getattr(own, name)[0])
            if own.terminated[0]:
                np.testing.assert_array_equal(view.score[k], own.score[0])
        if step == 6:
            break
        actions = np.zeros((3, 2, 1), np.int32)
        for slot, seat in np.argwhere(view.acting):
            actions[slot, seat] = rng.choice(np.flatnonzero(view.action_mask[slot, seat]))
        view = whole.step(actions)
        views = [a.step(actions[k : k + 1]) for k, a in enumerate(alone)]
    assert not view.acting.any()


def test_nothing_of_a_match_is_left_for_the_next_in_its_slot():
    vector, zero = CARDS.vector(1, Limits(seats=2)), np.zeros(1, np.int64)
    small, large = (CARDS.task_space.task({"num_cards": n}) for n in (3, 6))
    seed = np.array([1], np.uint64)
    fresh = CARDS.vector(1, Limits(seats=2)).assign(zero, [small], seed)
    vector.assign(zero, [large], seed)
    again = vector.assign(zero, [small], seed)

    np.testing.assert_array_equal(again.action_mask, fresh.action_mask)
    np.testing.assert_array_equal(again.observation["vector"], fresh.observation["vector"])
    assert "P0 hand: 1 2 3" in vector.render(0)


def played(vector, view, steps, rng):
    """Random legal play; what was seen and paid on the way."""
    seen = []
    for _ in range(steps):
        actions = np.zeros((*view.acting.shape, 1), np.int32)
        for slot, seat in np.argwhere(view.acting):
            actions[slot, seat] = rng.choice(np.flatnonzero(view.action_mask[slot, seat]))
        view = vector.step(actions)
        seen += [view.observation["vector"].copy(), view.acting.copy(), view.reward.copy(), view.terminated.copy()]
    return seen


def test_matches_that_are_given_up_disturb_no_others():
    """Slot 0 leaves an unfinished match behind in the vector of its task, where slot 1 plays on; a state taken then holds."""
    small, large = (CARDS.task_space.task({"num_cards": n}) for n in (5, 6))
    limits, seeds = Limits(seats=2), np.arange(2, dtype=np.uint64)

    def seated():
        vector = CARDS.vector(2, limits)
        return vector, vector.assign(np.arange(2), [large, small], seeds)

    left, plain = CARDS.vector(2, limits), seated()
    view = left.assign(np.arange(2), [small, small], np.array([9, 1], np.uint64))
    view = left.assign(np.zeros(1, np.int64), [large], seeds[:1])
    saved = left.state_dict()
    assert any(array.any() for array in played(left, view, 6, np.random.default_rng(0)))
    again = left.load_state_dict(saved)
    other, _ = seated()
    results = [
        played(vector, view, 6, np.random.default_rng(3))
        for vector, view in ((left, again), (other, other.load_state_dict(saved)), plain)
    ]
    for k in range(2):
        for one, expected in zip(results[k], results[2], strict=True):
            np.testing.assert_array_equal(one, expected)


def test_one_layout_for_all():
    game = varied(
        lambda n: Stub(
            {"map": box(n, 4 - n, high=float(n)), "self": box(2)} | ({"late": box(2, low=0.5)} if n == 3 else {}),
            spaces.MultiDiscrete([2, n]) if n > 1 else spaces.Discrete(4),
            seats=n,
        )
    )
    assert game.observation_space["map"].shape == (3, 3)
    assert game.observation_space["map"].high.max() == 3.0
    assert game.observation_space["late"].low.min() == 0.0, "it is zero where it lacks"
    assert game.action_space == spaces.MultiDiscrete([4, 3])
    assert game.max_seats == 3
    assert len(game.seats(Task({"n": 2}))) == 2


def test_what_differs_decides_how_scores_compare():
    zero, common = Comparison.ZERO_SUM, Comparison.COOPERATIVE
    same = varied(lambda n: Stub({"self": box(1)}, spaces.Discrete(2), comparison=zero, turn_based=True))
    mixed = varied(
        lambda n: Stub({"self": box(1)}, spaces.Discrete(2), comparison=zero if n > 1 else common, turn_based=n > 1)
    )
    assert (same.comparison, same.turn_based) == (zero, True)
    assert (mixed.comparison, mixed.turn_based) == (Comparison.GENERAL_SUM, False)


def test_games_are_made_when_they_are_needed_and_kept():
    made = []

    def create(n):
        made.append(n)
        return Stub({"self": box(2)}, spaces.Discrete(3))

    game = varied(create, 1, 1000)
    assert sorted(made) == [1, 1000], "the ends, the default being one of them"
    for _ in range(3):
        game.seats(game.task_space.task({"n": 500}))
    assert sorted(made) == [1, 500, 1000]


@pytest.mark.parametrize(
    ("middle", "why"),
    [
        (Stub({"self": box(3)}, spaces.Discrete(3)), "its observation 'self' is Box(0.0, 1.0, (3,), float32)"),
        (
            Stub({"self": box(2, high=2.0)}, spaces.Discrete(3)),
            "its observation 'self' is Box(0.0, 2.0, (2,), float32)",
        ),
        (Stub({"more": box(2)}, spaces.Discrete(3)), "its observation 'more' is Box(0.0, 1.0, (2,), float32)"),
        (Stub({"self": box(2)}, spaces.Discrete(4)), "its actions are Discrete(4)"),
        (Stub({"self": box(2)}, spaces.MultiDiscrete([3, 2])), "its actions are MultiDiscrete([3 2])"),
        (Stub({"self": box(2)}, box(1)), "its actions are Box(0.0, 1.0, (1,), float32)"),
        (Stub({"self": box(2)}, spaces.Discrete(3), seats=2), "it has 2 seats"),
        (
            Stub({"self": box(2)}, spaces.Discrete(3), comparison=Comparison.GENERAL_SUM),
            "it is general-sum, the others are cooperative",
        ),
    ],
)
def test_a_game_between_the_ends_that_does_not_fit(middle, why):
    if "general" not in why:
        middle.comparison = Comparison.COOPERATIVE
    ends = Stub({"self": box(2)}, spaces.Discrete(3), comparison=Comparison.COOPERATIVE)
    game = varied(lambda n: middle if n == 50 else ends, 1, 100)

    with pytest.raises(InputError) as error:
        game.seats(Task({"n": 50}))
    assert str(error.value).startswith(
        f"test/varied: the game of {{'n': 50}} does not fit into what the ends of the ranges need: {why}"
    )
    assert len(game.seats(Task({"n": 49}))) == 1


def test_too_many_ends():
    space = TaskSpace({f"x{k}": Real(0.0, 1.0, 0.0) for k in range(7)})
    with pytest.raises(InputError, match="have 128 combinations of ends, each of which is a game to be looked at"):
        Varied("test/varied", space, lambda task: Stub({}, spaces.Discrete(2)))


@pytest.mark.parametrize(
    ("create", "message"),
    [
        (
            lambda n: Stub({"self": box(1)}, box(n)),
            r"continuous actions must be the same for all values of the task parameters, not Box\(.*\(1,\)",
        ),
        (
            lambda n: Stub({"self": box(1)}, spaces.MultiDiscrete([2, 2]), uses=np.ones((2, 2), bool)),
            "games with structured actions cannot share one layout",
        ),
    ],
)
def test_actions_that_cannot_be_shared(create, message):
    with pytest.raises(InputError, match=message):
        varied(create)
    assert varied(lambda n: Stub({"self": box(n)}, box(2))).action_space == box(2)
