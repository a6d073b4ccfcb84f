import copy

import numpy as np
import pytest

from games import Limits, Task
from games.adapters.openspiel import OpenSpielVector, make, names

GAMES = (
    "tic_tac_toe",
    "connect_four",
    "kuhn_poker",
    "leduc_poker",
    "goofspiel",
    "goofspiel(num_cards=4,imp_info=True)",
    "liars_dice",
    "markov_soccer",
    "kuhn_poker(players=3)",
    "coop_box_pushing(horizon=9)",  # paid at every step, all move at once
    "2048",  # paid at every step, one seat, uneven chance
    "turn_based_simultaneous_game(game=goofspiel(num_cards=4))",  # its history forgets half a round
)


def _snapshot(view):
    return copy.deepcopy((view.observation, view.action_mask, view.acting, view.reward, view.terminated, view.score))


def _view(vector):
    return vector.load_state_dict(vector.state_dict())


def _same(a, b):
    np.testing.assert_equal(_snapshot(a)[:3], _snapshot(b)[:3])


def _play_beside(vector, plain, choose, rounds):
    """Step a vector beside plain OpenSpiel states, comparing all that it shows; return how many matches ended."""
    game, slots, seats = vector.game, vector.slots, vector.limits.seats
    seeds = np.arange(slots, dtype=np.uint64)
    step = np.zeros(slots, dtype=np.int64)
    matches = [plain(game, seed) for seed in seeds]
    seen = np.zeros((slots, seats, game.size), dtype=np.float32)
    view, ended = _view(vector), 0

    for _ in range(rounds):
        acting = np.zeros((slots, seats), dtype=bool)
        for slot, match in enumerate(matches):
            for player in match.acting():
                acting[slot, player] = True
                seen[slot, player] = match.tensor(player)
                legal = np.flatnonzero(view.action_mask[slot, player])
                assert legal.tolist() == match.state.legal_actions(player)
        np.testing.assert_array_equal(view.acting, acting)
        np.testing.assert_array_equal(view.observation["vector"], seen)

        actions = choose(view.action_mask, view.acting, seeds, step)
        view = vector.step(actions)
        step += 1
        for slot, match in enumerate(matches):
            got = match.step(actions[slot, :, 0])
            np.testing.assert_allclose(view.reward[slot, : game.max_seats], got, rtol=1e-6)
            assert view.terminated[slot] == match.state.is_terminal()
            if match.state.is_terminal():
                np.testing.assert_array_equal(view.score[slot, : game.max_seats], match.state.returns())
                assert not view.acting[slot].any()
        assert not view.truncated.any()

        over = np.flatnonzero(view.terminated)
        if len(over):
            ended += len(over)
            seeds[over] += np.uint64(slots)
            step[over], seen[over] = 0, 0
            view = vector.assign(over, [Task()] * len(over), seeds[over])
            assert not view.reward.any()
            assert not view.terminated.any()
            for slot in over:
                matches[slot] = plain(game, seeds[slot])
    return ended


@pytest.mark.parametrize("name", GAMES)
def test_it_shows_what_openspiel_shows(vector, plain, choose, name):
    ended = _play_beside(vector(name, range(6)), plain, choose, rounds=160)
    assert ended > 2 or name == "2048"  # which takes hundreds of moves


def test_empty_seats_stay_empty(vector, plain, choose):
    padded = vector("kuhn_poker(players=3)", range(4), seats=5)
    _play_beside(padded, plain, choose, rounds=20)
    view = _view(padded)
    assert not view.observation["vector"][:, 3:].any()
    assert not view.acting[:, 3:].any()
    assert not view.score[:, 3:].any()
    with pytest.raises(ValueError, match="has 3 seats, its vector was asked for 2"):
        vector("kuhn_poker(players=3)", range(4), seats=2)


def _traces(vector, choose, seeds):
    """Play one match for each seed, refilling slots as they become free; return what each match showed."""
    slots = vector.slots
    waiting = list(seeds)
    now = np.zeros(slots, dtype=np.uint64)
    step = np.zeros(slots, dtype=np.int64)
    traces = {seed: [] for seed in seeds}
    free, view = list(range(slots)), None
    while True:
        filled = [free.pop() for _ in range(min(len(free), len(waiting)))]
        if filled:
            now[filled], step[filled] = [waiting.pop() for _ in filled], 0
            view = vector.assign(np.array(filled), [Task()] * len(filled), now[filled])
        busy = np.flatnonzero(view.acting.any(axis=1))
        if not len(busy):
            return traces
        actions = choose(view.action_mask, view.acting, now, step)
        before = {slot: (view.observation["vector"][slot].tobytes(), view.acting[slot].tobytes()) for slot in busy}
        view = vector.step(actions)
        step += 1
        for slot in busy:
            after = (actions[slot].tobytes(), view.reward[slot].tobytes(), bool(view.terminated[slot]))
            traces[int(now[slot])].append((*before[slot], *after))
            if view.terminated[slot]:
                traces[int(now[slot])].append(view.score[slot].tolist())
                free.append(slot)


@pytest.mark.parametrize("name", ["connect_four", "leduc_poker", "goofspiel(num_cards=4,imp_info=True)"])
def test_a_match_depends_on_its_seed_alone(vector, choose, name):
    seeds = [*range(20), 2**64 - 1, 2**63]
    many, few, one = (
        _traces(vector(name, range(900, 900 + slots)), choose, order)
        for slots, order in ((16, seeds), (3, seeds[::-1]), (1, seeds))
    )
    assert many == few == one
    assert len({str(trace) for trace in many.values()}) > 15


def test_chance_has_the_right_frequencies(vector):
    kuhn = vector("kuhn_poker", range(6000))
    deals = np.array([kuhn.state(slot).history() for slot in range(6000)])
    _, counts = np.unique(deals @ [3, 1], return_counts=True)
    assert len(counts) == 6
    assert np.sum((counts - 1000) ** 2 / 1000) < 15.1  # 1 % of the chi-square distribution with 5 degrees of freedom

    # In 2048 a new tile is a 4 with probability 0.1; the outcome's number is odd then.
    tiles = vector("2048", range(4000))
    fours = np.mean([[action % 2 for action in tiles.state(slot).history()] for slot in range(4000)])
    assert abs(fours - 0.1) < 3 * np.sqrt(0.1 * 0.9 / 8000)


@pytest.mark.parametrize("name", GAMES)
def test_a_state_can_be_saved_and_loaded_in_the_middle(vector, choose, name):
    seeds = np.arange(5, dtype=np.uint64)
    first = vector(name, seeds, steps=11)
    view = _view(first)
    for step in range(12):
        saved = first.state_dict()
        second = vector(name, seeds, steps=11)
        again = second.load_state_dict(saved)
        _same(view, again)
        assert not again.reward.any()
        assert not again.terminated.any()
        assert not again.truncated.any()
        for slot in range(5):
            assert first.state(slot).history() == second.state(slot).history()
        actions = choose(view.action_mask, view.acting, seeds, np.full(5, step))
        view = first.step(actions)
        np.testing.assert_equal(_snapshot(view), _snapshot(second.step(actions)))
    assert not view.acting.any()


def test_what_is_saved_does_not_depend_on_earlier_matches_in_a_slot(vector):
    seeds = np.arange(3, dtype=np.uint64)
    used = vector("leduc_poker", seeds)
    for _ in range(3):
        used.step(np.ones((3, 2, 1), dtype=np.int32))
    used.assign(np.array([0, 1]), [Task()] * 2, seeds[:2])
    fresh = vector("leduc_poker", seeds)
    fresh.load_state_dict(used.state_dict())
    np.testing.assert_equal(fresh.state_dict(), used.state_dict())


def test_only_assigned_slots_are_loaded(vector):
    seeds = np.arange(3, dtype=np.uint64)
    first = vector("leduc_poker", seeds)
    view = first.step(np.ones((3, 2, 1), dtype=np.int32))
    second = OpenSpielVector(first.game, 3, first.limits)
    second.assign(np.array([0, 2]), [Task()] * 2, seeds[[0, 2]])
    again = second.load_state_dict(first.state_dict())
    np.testing.assert_array_equal(again.acting[[0, 2]], view.acting[[0, 2]])
    assert not again.acting[1].any()


def test_the_limit_truncates(vector):
    board = vector("connect_four", [0, 1], steps=3)
    for move in range(3):
        view = board.step(np.full((2, 2, 1), move, dtype=np.int32))
        assert view.truncated.all() == (move == 2)
    assert not view.acting.any()
    assert not view.terminated.any()
    assert not view.reward.any()
    assert not view.score.any()
    for seat in range(2):  # whoever bootstraps from the last observation finds it up to date
        np.testing.assert_array_equal(view.observation["vector"][0, seat], board.state(0).observation_tensor(seat))
    after = copy.deepcopy(view.observation)
    view = board.step(np.zeros((2, 2, 1), dtype=np.int32))
    assert not view.truncated.any()
    np.testing.assert_equal(view.observation, after)


def test_an_end_by_the_rules_at_the_limit_is_no_truncation(vector):
    poker = vector("kuhn_poker", [0, 1], steps=2)
    poker.step(np.zeros((2, 2, 1), dtype=np.int32))
    view = poker.step(np.array([[[0], [0]], [[1], [1]]], dtype=np.int32))  # both pass; pass and bet
    assert view.terminated.tolist() == [True, False]
    assert view.truncated.tolist() == [False, True]
    assert np.abs(view.reward).tolist() == [[1, 1], [0, 0]]


def test_blind_vectors_play_the_same_matches(vector, choose):
    seeds = np.arange(8, dtype=np.uint64)
    sighted, blind = vector("markov_soccer", seeds), vector("markov_soccer", seeds, observe=False)
    a = _view(sighted)
    for step in range(30):
        actions = choose(a.action_mask, a.acting, seeds, np.full(8, step))
        a, b = sighted.step(actions), blind.step(actions)
        np.testing.assert_equal(_snapshot(a)[1:], _snapshot(b)[1:])
    assert a.observation["vector"].any()
    assert not b.observation["vector"].any()


@pytest.mark.parametrize("action", [-1, 1, 7, 1000])
def test_an_illegal_action_moves_nothing(vector, action):
    board = vector("connect_four", [0, 1])
    for _ in range(6):
        board.step(np.array([[[1], [1]], [[0], [0]]], dtype=np.int32))
    with pytest.raises(ValueError, match=rf"connect_four: illegal action {action} \(slot 0, seat 0\)"):
        board.step(np.array([[[action], [0]], [[3], [3]]], dtype=np.int32))
    assert board.state(0).history() == [1] * 6
    assert board.state(1).history() == [0] * 6


def test_a_state_is_a_copy(vector):
    board = vector("tic_tac_toe", [0])
    board.state(0).apply_action(4)
    assert board.state(0).history() == []
    board.step(np.full((1, 2, 1), 4, dtype=np.int32))
    assert board.render(0) == "...\n.x.\n..."


@pytest.mark.parametrize("name", names())
def test_every_listed_game_can_be_played(plain, choose, name):
    game = make(name.removeprefix("openspiel/"))
    assert game.name == name
    limits = Limits(seats=game.max_seats, steps=25)
    seeds = np.arange(2, dtype=np.uint64)
    vector, other = OpenSpielVector(game, 2, limits), OpenSpielVector(game, 2, limits)
    view = vector.assign(np.arange(2), [Task()] * 2, seeds)
    other.assign(np.arange(2), [Task()] * 2, seeds)
    matches = [plain(game, seed) for seed in seeds]
    for step in range(25):
        for slot, match in enumerate(matches):
            for player in match.acting():
                assert view.acting[slot, player]
                np.testing.assert_array_equal(
                    view.observation["vector"][slot, player], np.array(match.tensor(player), dtype=np.float32)
                )
        if step == 9:
            _same(view, other.load_state_dict(vector.state_dict()))
        actions = choose(view.action_mask, view.acting, seeds, np.full(2, step))
        view = vector.step(actions)
        for slot, match in enumerate(matches):
            if match.acting():
                match.step(actions[slot, :, 0])
                assert match.state.history() == vector.state(slot).history()
            assert view.terminated[slot] <= match.state.is_terminal()
            if view.terminated[slot] or view.truncated[slot]:
                np.testing.assert_array_equal(view.score[slot], match.state.returns())
    assert not view.acting.any()
