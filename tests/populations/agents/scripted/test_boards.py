import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import games
from games import Limits, Task
from games.adapters.openspiel import make
from populations.agents.scripted.boards import CentreLegal, ConnectFourRules, FirstLegal, LastLegal
from populations.policy import Policy, Rows


def _rows(mask, observation=None, seat=None):
    zeros = np.zeros(len(mask), dtype=np.int64)
    return Rows(observation or {}, mask, zeros.astype(np.uint64), zeros if seat is None else seat, zeros, zeros)


@settings(derandomize=True, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=5, max_size=5).filter(any), min_size=1, max_size=8))
def test_three_ways_to_choose_a_legal_action(rows):
    mask = np.array(rows)
    legal = [[a for a, allowed in enumerate(row) if allowed] for row in rows]
    for policy, rule in (
        (FirstLegal(), min),
        (LastLegal(), max),
        (CentreLegal(), lambda actions: min(actions, key=lambda a: (abs(a - 2), a))),
    ):
        action = policy.act(_rows(mask), {}).action
        assert action.dtype == np.int32
        assert action[:, 0].tolist() == [rule(actions) for actions in legal]


def test_the_centre_of_an_even_number_leans_to_the_lower():
    assert CentreLegal().act(_rows(np.ones((1, 6), dtype=bool)), {}).action.tolist() == [[2]]


@pytest.mark.parametrize("policy", [FirstLegal(), LastLegal(), CentreLegal()])
def test_they_need_a_mask_and_one_discrete_action(policy):
    assert isinstance(policy, Policy)
    assert not policy.observes
    assert not policy.privileged
    assert policy.initial_state(2) == {}
    assert policy.refuses(make("leduc_poker")) is None
    structured = next(game for game in map(games.make, games.names("testkit")) if len(game.actions.sizes) > 1)
    assert "one discrete action" in policy.refuses(structured)
    rows = _rows(np.ones((1, 2), dtype=bool))
    rows.mask = None
    with pytest.raises(ValueError, match="this game has none"):
        policy.act(rows, {})


_LINES = [
    [(row + k * up, column + k * along) for k in range(4)]
    for up, along in ((0, 1), (1, 0), (1, 1), (-1, 1))
    for row in range(6)
    for column in range(7)
    if 0 <= row + 3 * up < 6 and column + 3 * along < 7
]


def _reference(state):
    """The same rules, read off OpenSpiel's text of a position: its 69 lines of four cells, one by one."""
    board = [list(line) for line in str(state).split("\n")[:6]][::-1]
    mine, theirs = "xo" if state.current_player() == 0 else "ox"
    landing = {column: next(row for row in range(6) if board[row][column] == ".") for column in state.legal_actions()}

    def completes(column, colour):
        cell = (landing[column], column)
        return any(all(c == cell or board[c[0]][c[1]] == colour for c in line) for line in _LINES if cell in line)

    order = sorted(landing, key=lambda column: (abs(column - 3), column))
    for colour in (mine, theirs):
        for column in order:
            if completes(column, colour):
                return column
    return order[0]


def _match(policies, slots, seed=0):
    """Play matches of connect four; `None` is a random player. Yield every view before the moves, and the moves."""
    game = make("connect_four")
    vector, rng = game.vector(slots, Limits(seats=2)), np.random.default_rng(seed)
    view = vector.assign(np.arange(slots), [Task()] * slots, np.zeros(slots, np.uint64))
    while view.acting.any():
        actions = (view.action_mask * rng.random(view.action_mask.shape)).argmax(axis=2)[..., None].astype(np.int32)
        for seat, policy in enumerate(policies):
            rows = np.flatnonzero(view.acting[:, seat])
            if policy is not None and len(rows):
                observation = {"vector": view.observation["vector"][rows, seat]}
                seen = _rows(view.action_mask[rows, seat], observation, np.full(len(rows), seat))
                actions[rows, seat] = policy.act(seen, {}).action
        yield vector, view, actions
        view = vector.step(actions)
    yield vector, view, None


def test_the_rules_of_connect_four():
    assert len(_LINES) == 69
    policy, checked = ConnectFourRules(), 0
    for vector, view, actions in _match((policy, None), 40):
        for slot in np.flatnonzero(view.acting[:, 0]):
            assert actions[slot, 0, 0] == _reference(vector.state(slot))
            checked += 1
    for vector, view, actions in _match((None, policy), 40):
        for slot in np.flatnonzero(view.acting[:, 1]):
            assert actions[slot, 1, 0] == _reference(vector.state(slot))
            checked += 1
    assert checked > 400


@pytest.mark.parametrize("seat", [0, 1])
def test_the_rules_beat_random(seat):
    policies = (ConnectFourRules(), None) if seat == 0 else (None, ConnectFourRules())
    *_, (vector, _, _) = _match(policies, 600)
    returns = np.array([vector.state(slot).returns()[seat] for slot in range(600)])
    assert np.mean(returns > 0) > 0.97


def test_the_rules_know_one_board():
    assert isinstance(ConnectFourRules(), Policy)
    assert ConnectFourRules().observes
    assert ConnectFourRules().refuses(make("connect_four")) is None
    assert "openspiel/connect_four" in ConnectFourRules().refuses(make("connect_four(rows=5)"))


def test_straying_makes_matches_differ_and_still_wins_what_can_be_won():
    game = make("connect_four")
    agents = {stray: ConnectFourRules(stray=stray) for stray in (0.0, 0.5)}
    rows = 4000
    empty = np.zeros((rows, 126), np.float32)
    empty[:, 84:] = 1
    seen = _rows(np.ones((rows, 7), bool), {"vector": empty})
    seen.seed = np.arange(rows, dtype=np.uint64)
    counts = np.bincount(agents[0.5].act(seen, {}).action[:, 0], minlength=7) / rows
    np.testing.assert_allclose(counts, [0.5 / 7] * 3 + [0.5 + 0.5 / 7] + [0.5 / 7] * 3, atol=0.03)
    assert (agents[0.0].act(seen, {}).action == 3).all()
    won = empty.copy()
    for column in (0, 1, 2):
        won[:, column], won[:, 84 + column] = 1, 0
    seen.observation = {"vector": won}
    assert (agents[0.5].act(seen, {}).action == 3).all()
    assert agents[0.5].refuses(game) is None
    with pytest.raises(games.InputError, match="must be from 0 to 1, not 2"):
        ConnectFourRules(stray=2)
