import numpy as np
import pytest

import games
from games import InputError, Limits, Task
from games.adapters.openspiel import make
from populations.agents.openspiel import MCTSPolicy
from populations.policy import Policy, Rows


def _rows(vector, slots, seeds, step):
    """What the acting seats of these slots see: nothing but their slots, seeds and the time."""
    slots = np.asarray(slots)
    seats = np.array([vector.state(int(slot)).current_player() for slot in slots])
    return Rows({}, None, np.asarray(seeds, np.uint64), seats, np.full(len(slots), step), slots, vector)


def _played(name, moves, slots=1):
    """A vector whose matches have all seen these moves."""
    game = make(name)
    vector = game.vector(slots, Limits(seats=game.max_seats))
    vector.assign(np.arange(slots), [Task()] * slots, np.zeros(slots, np.uint64))
    for move in moves:
        vector.step(np.full((slots, game.max_seats, 1), move, dtype=np.int32))
    return vector


def test_it_is_a_privileged_policy():
    policy = MCTSPolicy()
    assert isinstance(policy, Policy)
    assert policy.privileged
    assert not policy.observes
    assert policy.initial_state(3) == {}


@pytest.mark.parametrize(
    ("moves", "best"),
    [
        ((0, 1, 0, 1, 0, 1), 0),  # wins at once
        ((0, 1, 0, 1, 0), 0),  # must block
        ((3, 3, 2, 2), (1, 4)),  # opens both ends of three in a row
    ],
)
def test_it_sees_what_is_forced(moves, best):
    vector = _played("connect_four", moves, slots=6)
    action = MCTSPolicy(simulations=600).act(_rows(vector, range(6), range(6), len(moves)), {}).action
    assert action.dtype == np.int32
    assert action.shape == (6, 1)
    assert np.isin(action, best).all()


def test_a_decision_depends_on_match_seat_and_time_alone():
    policy, seeds = MCTSPolicy(simulations=12), np.arange(40, dtype=np.uint64) + np.uint64(2**63)
    vector, order = _played("connect_four", (), slots=40), np.random.default_rng(0).permutation(40)
    straight = policy.act(_rows(vector, range(40), seeds, 0), {}).action
    shuffled = policy.act(_rows(vector, np.arange(40)[::-1], seeds[order], 0), {}).action
    alone = [policy.act(_rows(vector, [0], [seed], 0), {}).action[0] for seed in seeds]
    np.testing.assert_array_equal(straight[order], shuffled)
    np.testing.assert_array_equal(straight, alone)
    assert len(np.unique(straight)) > 2
    assert (policy.act(_rows(vector, range(40), seeds, 1), {}).action != straight).any()
    assert (policy.act(_rows(vector, range(40), seeds + np.uint64(1), 0), {}).action != straight).any()


def test_it_leaves_the_match_as_it_was():
    vector = _played("tic_tac_toe", (4, 0))
    MCTSPolicy(simulations=50).act(_rows(vector, [0], [1], 2), {})
    assert vector.state(0).history() == [4, 0]


def test_it_beats_random_and_chance_is_no_obstacle():
    """Pig: hold at a sum of points, or risk them on another roll."""
    game = make("pig(winscore=20,horizon=200)")
    vector = game.vector(16, Limits(seats=2))
    seeds, rng = np.arange(16, dtype=np.uint64), np.random.default_rng(0)
    view, step, score = vector.assign(np.arange(16), [Task()] * 16, seeds), 0, np.zeros((16, 2))
    policy = MCTSPolicy(simulations=60)
    while view.acting.any():
        actions = rng.integers(0, 2, (16, 2, 1)).astype(np.int32)
        mine = np.flatnonzero(view.acting[:, 0])
        if len(mine):
            actions[mine, 0] = policy.act(_rows(vector, mine, seeds[mine], step), {}).action
        view = vector.step(actions)
        score[view.terminated] = view.score[view.terminated]
        step += 1
    assert score[:, 0].mean() > 0.4


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("openspiel/connect_four", None),
        ("openspiel/backgammon", None),
        ("openspiel/leduc_poker", "hidden information"),
        ("openspiel/markov_soccer", "move at once"),
        ("openspiel/2048", "pays on the way"),
        (games.names("testkit")[0], "not an OpenSpiel game"),
    ],
)
def test_it_says_what_it_cannot_play(name, reason):
    refusal = MCTSPolicy().refuses(games.make(name))
    assert refusal is None if reason is None else reason in refusal


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("simulations", 0),
        ("simulations", 2.5),
        ("simulations", True),
        ("rollouts", -1),
        ("rollouts", "2"),
        ("uct_c", 0),
        ("uct_c", float("nan")),
        ("uct_c", "2"),
    ],
)
def test_options_are_checked(option, value):
    with pytest.raises(InputError, match=rf"^openspiel:mcts: {option} must be .*, not {value!r}$"):
        MCTSPolicy(**{option: value})
