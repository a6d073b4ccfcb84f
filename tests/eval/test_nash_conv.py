from functools import cache
from itertools import product

import numpy as np
import pyspiel
import pytest
from open_spiel.python import policy as openspiel_policy
from open_spiel.python.algorithms import cfr, exploitability

from eval.nash_conv import GameTree, average_policy, best_response, expected_returns, nash_conv
from games.adapters.openspiel import make, tree


@pytest.fixture(scope="module")
def flat():
    """Flatten a game once: its tree, the players and information-state strings of its rows, and the pyspiel game."""
    known = {}

    def build(name):
        if name not in known:
            game = make(name)
            made = tree(game)
            known[name] = GameTree(**made.arrays), made.keys, game.spiel
        return known[name]

    return build


def _uniform(game):
    return game.legal / game.legal.sum(axis=1, keepdims=True)


def _first(game):
    return np.eye(game.legal.shape[1])[game.legal.argmax(axis=1)]


def _random(game, seed):
    """Random behaviour with some actions never played."""
    rng = np.random.default_rng(seed)
    weights = rng.exponential(size=game.legal.shape) * game.legal * (rng.random(game.legal.shape) < 0.8)
    weights = np.where(weights.sum(axis=1, keepdims=True) > 0, weights, game.legal)
    return weights / weights.sum(axis=1, keepdims=True)


class _Tabular(openspiel_policy.Policy):
    """Our table, as OpenSpiel's algorithms want it."""

    def __init__(self, spiel, keys, player, table):
        super().__init__(spiel, list(range(spiel.num_players())))
        self.rows = dict(zip(zip(player.tolist(), keys, strict=True), table, strict=True))

    def action_probabilities(self, state, player_id=None):
        player = state.current_player() if player_id is None else player_id
        row = self.rows[player, state.information_state_string(player)]
        return {action: row[action] for action in state.legal_actions(player)}


@pytest.mark.parametrize(
    ("name", "improvements", "first"),
    [
        ("kuhn_poker", (0.375, 13 / 24), 2.0),
        ("kuhn_poker(players=3)", (0.546875, 0.69270833, 0.82291667), 6.0),
        ("leduc_poker", (2.165625, 2.58159722), 2.0),
        ("liars_dice", (0.82789903, 0.73358962), 1.88888889),
        pytest.param("tic_tac_toe", (0.69796627, 1.22169312), 2.0, marks=pytest.mark.slow),
    ],
)
def test_golden_values(flat, name, improvements, first):
    """Computed by OpenSpiel, in Python and in C++; tic_tac_toe by a search over its 4,520 boards."""
    game, _, _ = flat(name)
    result = nash_conv(game, _uniform(game))
    np.testing.assert_allclose(result.improvements, improvements, atol=1e-8)
    assert result.value == pytest.approx(sum(improvements), abs=1e-8)
    assert result.values.sum() == pytest.approx(0, abs=1e-12)
    assert nash_conv(game, _first(game)).value == pytest.approx(first, abs=1e-8)


def test_published_values(flat):
    kuhn = nash_conv(flat("kuhn_poker")[0], _uniform(flat("kuhn_poker")[0]))
    assert kuhn.value == pytest.approx(11 / 12)
    np.testing.assert_allclose(kuhn.values, [0.125, -0.125])
    leduc = flat("leduc_poker")[0]
    assert nash_conv(leduc, _uniform(leduc)).value == pytest.approx(4.747222222)


def test_a_table_in_single_precision_will_do(flat):
    game, _, _ = flat("kuhn_poker")
    assert nash_conv(game, _uniform(game).astype(np.float32)).value == pytest.approx(11 / 12, abs=1e-6)


def _kuhn_equilibrium(game, keys, alpha):
    """The family of equilibria of Kuhn poker: alpha from 0 to 1/3 is how often the first player bluffs with the jack."""
    bet = {"0": alpha, "1": 0, "2": 3 * alpha, "0pb": 0, "1pb": alpha + 1 / 3, "2pb": 1}
    bet |= {"0p": 1 / 3, "1p": 0, "2p": 1, "0b": 0, "1b": 1 / 3, "2b": 1}
    return np.array([[1 - bet[key], bet[key]] for key in keys])


@pytest.mark.parametrize("alpha", [0, 0.2, 1 / 3])
def test_an_equilibrium_has_none(flat, alpha):
    game, keys, _ = flat("kuhn_poker")
    nash = _kuhn_equilibrium(game, keys, alpha)
    result = nash_conv(game, nash)
    np.testing.assert_allclose(result.improvements, 0, atol=1e-12)
    np.testing.assert_allclose(result.values, [-1 / 18, 1 / 18])
    assert nash_conv(game, 0.9 * nash + 0.1 * _uniform(game)).value > 0.01


def test_values_of_mixed_seatings(flat):
    game, keys, _ = flat("kuhn_poker")
    nash, uniform, first = _kuhn_equilibrium(game, keys, 0.2), _uniform(game), game.player[:, None] == 0
    assert nash_conv(game, np.where(first, nash, uniform)).values[0] == pytest.approx(0.122222222)
    assert nash_conv(game, np.where(first, uniform, nash)).values[0] == pytest.approx(-1 / 6)


_SMALL = ("kuhn_poker", "kuhn_poker(players=3)", "tiny_hanabi", "lewis_signaling")


@pytest.mark.parametrize(("name", "seed"), [*product(_SMALL, range(8)), ("leduc_poker", 0), ("leduc_poker", 1)])
def test_openspiel_agrees(flat, name, seed):
    game, keys, spiel = flat(name)
    table = _random(game, seed)
    ours = nash_conv(game, table)
    theirs = exploitability.nash_conv(spiel, _Tabular(spiel, keys, game.player, table), return_only_nash_conv=False)
    assert ours.value == pytest.approx(theirs.nash_conv, abs=1e-9)
    np.testing.assert_allclose(ours.improvements, theirs.player_improvements, atol=1e-9)


@pytest.mark.parametrize(
    "name", ["goofspiel(num_cards=3)", "goofspiel(num_cards=3,imp_info=True)", "matrix_shapleys_game"]
)
def test_openspiel_agrees_where_players_choose_at_once(flat, name):
    """OpenSpiel measures these games by letting the players choose one after the other, unseen."""
    game, _, spiel = flat(name)
    turns = pyspiel.convert_to_turn_based(spiel)
    theirs = exploitability.nash_conv(turns, openspiel_policy.UniformRandomPolicy(turns), return_only_nash_conv=False)
    np.testing.assert_allclose(nash_conv(game, _uniform(game)).improvements, theirs.player_improvements, atol=1e-9)
    first = openspiel_policy.FirstActionPolicy(turns)
    assert nash_conv(game, _first(game)).value == pytest.approx(exploitability.nash_conv(turns, first), abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_matrix_games_are_matrix_algebra(flat, seed):
    game, _, spiel = flat("matrix_shapleys_game")
    table = _random(game, seed)
    x, y = table[game.player == 0][0], table[game.player == 1][0]
    a, b = (
        np.array([[payoff(i, j) for j in range(3)] for i in range(3)])
        for payoff in (spiel.row_utility, spiel.col_utility)
    )
    result = nash_conv(game, table)
    np.testing.assert_allclose(result.values, [x @ a @ y, x @ b @ y])
    np.testing.assert_allclose(result.improvements, [(a @ y).max() - x @ a @ y, (x @ b).max() - x @ b @ y], atol=1e-12)


def test_probabilities_sum_to_one(flat):
    for name in ("leduc_poker", "goofspiel(num_cards=3)", "kuhn_poker(players=3)"):
        game, _, _ = flat(name)
        ones = GameTree(**{**vars(game), "payoff": np.ones_like(game.payoff)})
        result = nash_conv(ones, _random(game, 3))
        np.testing.assert_allclose(result.values, 1)
        np.testing.assert_allclose(result.improvements, 0, atol=1e-12)


@pytest.mark.parametrize("name", ["kuhn_poker", "leduc_poker", "kuhn_poker(players=3)", "goofspiel(num_cards=3)"])
@pytest.mark.parametrize("seed", range(3))
def test_a_mixture_pays_what_a_drawn_policy_pays(flat, name, seed):
    game, _, _ = flat(name)
    policies, others = [_random(game, 10 * seed + k) for k in range(3)], _random(game, 10 * seed + 9)
    weights = np.random.default_rng(seed).random(3)
    mixed = average_policy(game, policies, weights)
    np.testing.assert_allclose(mixed.sum(axis=1), 1)
    assert not mixed[~game.legal].any()
    for player in range(game.players):
        mine = game.player[:, None] == player
        drawn = [nash_conv(game, np.where(mine, policy, others)).values for policy in policies]
        found = nash_conv(game, np.where(mine, mixed, others)).values
        np.testing.assert_allclose(found, weights @ drawn / weights.sum(), atol=1e-12)


def test_a_mixture_does_not_average_behaviour(flat):
    """Of two players, one always passes at first; only the other ever meets the question that a second bet asks."""
    game, keys, _ = flat("kuhn_poker")
    passing, betting = np.tile([1.0, 0.0], (12, 1)), np.tile([0.0, 1.0], (12, 1))
    mixed = average_policy(game, [passing, betting], [1, 1])
    np.testing.assert_allclose(mixed[keys.index("0")], [0.5, 0.5])
    np.testing.assert_allclose(mixed[keys.index("0pb")], [1, 0])
    np.testing.assert_allclose(average_policy(game, [betting, betting], [1, 3]), betting)
    never = average_policy(game, [betting, np.where(game.parent[:, None] < 0, betting, passing)], [1, 3])
    np.testing.assert_allclose(never[keys.index("0pb")], [0.75, 0.25])  # neither gets there: only the weights count


def test_counterfactual_regret_minimisation(flat):
    """The average policy of CFR is the mixture of its iterates; its NashConv after 1, 10, 100 and 1000 iterations."""
    game, keys, spiel = flat("kuhn_poker")
    solver = cfr.CFRSolver(spiel)

    def table(policy):
        rows = np.array([policy.policy_for_key(key) for key in keys])
        return rows / rows.sum(axis=1, keepdims=True)

    iterates, found = [], []
    for iteration in range(1, 1001):
        iterates.append(table(solver.current_policy()))
        solver.evaluate_and_update_policy()
        if iteration in (1, 10, 100, 1000):
            mixed = average_policy(game, iterates, np.ones(iteration))
            found.append(nash_conv(game, mixed).value)
            theirs = table(solver.average_policy())
            assert found[-1] == pytest.approx(nash_conv(game, theirs).value, abs=1e-9)
    np.testing.assert_allclose(found, [0.916667, 0.137398, 0.016452, 0.001875], atol=1e-6)


@pytest.mark.parametrize("name", [*_SMALL, "leduc_poker", "goofspiel(num_cards=3)"])
@pytest.mark.parametrize("seed", range(3))
def test_a_best_response_earns_what_nash_conv_promises(flat, name, seed):
    game, _, _ = flat(name)
    table = _random(game, seed)
    promised = nash_conv(game, table)
    everyone = best_response(game, table)
    assert np.all((everyone == 0) | (everyone == 1))
    for player in range(game.players):
        response = best_response(game, table, player)
        mine = game.player == player
        np.testing.assert_allclose(response[~mine], table[~mine], atol=1e-15)
        np.testing.assert_array_equal(response[mine], everyone[mine])
        assert not response[~game.legal].any()
        seated = [response if p == player else table for p in range(game.players)]
        earned = expected_returns(game, seated)[player]
        assert earned == pytest.approx(promised.values[player] + promised.improvements[player], abs=1e-12)
        assert nash_conv(game, response).improvements[player] == pytest.approx(0, abs=1e-12)


def test_no_pure_policy_beats_the_best_response(flat):
    """All 64 pure policies of each player of Kuhn poker, against one opponent."""
    game, _, _ = flat("kuhn_poker")
    table = _random(game, 5)
    for player in range(2):
        mine = np.flatnonzero(game.player == player)
        best = expected_returns(game, [best_response(game, table, player)] * 2)[player]
        earned = []
        for actions in product(range(2), repeat=len(mine)):
            pure = table.copy()
            pure[mine] = np.eye(2)[list(actions)]
            earned.append(expected_returns(game, [pure, pure])[player])
        assert best == pytest.approx(max(earned), abs=1e-12)


def test_a_best_response_is_best_afterwards_too(flat):
    """What the first player would do after a pass, though it never passes against some of these opponents."""
    game, keys, _ = flat("kuhn_poker")
    bluffs = np.tile([0.0, 1.0], (12, 1))
    response = best_response(game, bluffs, 0)
    np.testing.assert_array_equal(response[keys.index("2pb")], [0, 1])  # the king calls
    np.testing.assert_array_equal(response[keys.index("0pb")], [1, 0])  # the jack does not
    passes = np.tile([1.0, 0.0], (12, 1))
    np.testing.assert_array_equal(best_response(game, passes, 0)[keys.index("2pb")], [1, 0])  # never asked: the first


@pytest.mark.parametrize("name", ["leduc_poker", "kuhn_poker(players=3)"])
def test_expected_returns_of_separate_policies(flat, name):
    game, _, _ = flat(name)
    policies = [_random(game, 20 + p) for p in range(game.players)]
    joint = np.choose(game.player[:, None], policies)
    np.testing.assert_allclose(expected_returns(game, policies), nash_conv(game, joint).values, atol=1e-14)


def test_players_may_draw_with_weights_of_their_own(flat):
    game, _, _ = flat("leduc_poker")
    policies = [_random(game, 30 + k) for k in range(3)]
    x, y = np.array([0.5, 0.2, 0.3]), np.array([1.0, 0.0, 3.0]) / 4
    table = np.array([[expected_returns(game, [a, b])[0] for b in policies] for a in policies])
    mixed = average_policy(game, policies, [x, y])
    assert expected_returns(game, [mixed, mixed])[0] == pytest.approx(x @ table @ y, abs=1e-12)
    np.testing.assert_allclose(average_policy(game, policies, [x, x]), average_policy(game, policies, x), atol=1e-15)


def test_responses_to_policies_drawn_together(flat):
    """Against one other player it does not matter that the others draw together; against two it does."""
    two, _, _ = flat("leduc_poker")
    policies, weights = [_random(two, 40 + k) for k in range(3)], [1.0, 2.0, 3.0]
    mixed = average_policy(two, policies, weights)
    for player in range(2):
        together = best_response(two, policies, player, weights=weights)
        for table in (together, best_response(two, mixed, player)):
            seats = [table if p == player else mixed for p in range(2)]
            assert expected_returns(two, seats)[player] == pytest.approx(
                nash_conv(two, mixed).values[player] + nash_conv(two, mixed).improvements[player], abs=1e-12
            )
    three, _, _ = flat("kuhn_poker(players=3)")
    policies = [np.tile(pure, (len(three.player), 1)) for pure in ([1.0, 0.0], [0.0, 1.0])]

    def earned(table):
        return np.mean([expected_returns(three, [table, other, other])[0] for other in policies])

    together = best_response(three, policies, 0, weights=[1, 1])
    apart = best_response(three, average_policy(three, policies, [1, 1]), 0)
    assert (earned(together), earned(apart)) == (pytest.approx(1.0), pytest.approx(0.75))
    rng = np.random.default_rng(0)
    for _ in range(200):
        pure = np.eye(2)[rng.integers(2, size=len(three.player))]
        assert earned(pure) <= earned(together) + 1e-12


@pytest.mark.slow
def test_a_perfect_player_of_tic_tac_toe_is_no_best_response(flat):
    """The published values of uniform play: the best responses win more than perfect play does."""
    game, keys, _ = flat("tic_tac_toe")
    uniform = _uniform(game)
    np.testing.assert_allclose(expected_returns(game, [uniform, uniform]), [0.296825, -0.296825], atol=1e-6)
    first = expected_returns(game, [best_response(game, uniform, 0), uniform])
    second = expected_returns(game, [uniform, best_response(game, uniform, 1)])
    np.testing.assert_allclose([first[0], second[1]], [0.994792, 0.924868], atol=1e-6)

    @cache
    def value(board):
        """For the side to move: -1, 0 or 1; board is 9 letters."""
        lines = [board[i : i + 3] for i in (0, 3, 6)] + [board[i::3] for i in range(3)] + [board[::4], board[2:7:2]]
        if "xxx" in lines or "ooo" in lines:
            return -1
        return max((-value(after) for after in moves(board).values()), default=0)

    def moves(board):
        mover = "xo"[board.count("x") - board.count("o")]
        return {i: board[:i] + mover + board[i + 1 :] for i in range(9) if board[i] == "."}

    perfect = np.zeros_like(uniform)
    for row, key in zip(perfect, keys, strict=True):
        board = "........."
        for action in key.split(", ") if key else []:
            board = moves(board)[int(action)]
        best = [i for i, after in moves(board).items() if -value(after) == value(board)]
        row[best] = 1 / len(best)
    np.testing.assert_allclose(expected_returns(game, [perfect, perfect]), 0, atol=1e-12)
    assert nash_conv(game, perfect).value == pytest.approx(0, abs=1e-12)
    assert expected_returns(game, [perfect, uniform])[0] == pytest.approx(0.967811, abs=1e-6)
    assert expected_returns(game, [uniform, perfect])[1] == pytest.approx(0.777484, abs=1e-6)


def test_wrong_policies_are_refused(flat):
    game, _, _ = flat("leduc_poker")
    good = _uniform(game)
    for bad in (good * 0.9, np.where(game.legal, good, 0.1), -good, np.full_like(good, np.nan)):
        with pytest.raises(ValueError, match="distribution over the legal actions"):
            nash_conv(game, bad)
    with pytest.raises(ValueError, match=r"has shape \(936, 3\), not \(935, 3\)"):
        nash_conv(game, good[1:])
    for weights in ([-1, 2], [0, 0], [np.nan, 1], [np.inf, 1], [[1, 0], [0, 0]]):
        with pytest.raises(ValueError, match="must not be negative, and their sum must be positive"):
            average_policy(game, [good, good], weights)
    for weights in ([1], [[1, 1]], [[1], [1]]):
        with pytest.raises(ValueError, match=r"2 policies need weights of shape \[K\] or \[P, K\]"):
            average_policy(game, [good, good], weights)
    with pytest.raises(ValueError, match="2 policies need weights"):
        best_response(game, [good, good], 0, weights=[1.0])
    with pytest.raises(ValueError, match="player must be from 0 to 1, not 2"):
        best_response(game, good, 2)
    with pytest.raises(ValueError, match="this game has 2 players"):
        expected_returns(game, [good])


def test_contradictory_arrays_are_refused(flat):
    arrays = vars(flat("kuhn_poker")[0])
    for name, wrong, message in (
        ("chance", np.ones(3), "chance"),
        ("player", np.zeros(3, dtype=np.int64), "player"),
        ("legal", np.zeros_like(arrays["legal"]), "legal action"),
        ("parent", np.full_like(arrays["parent"], 23), "earlier"),
        ("player", 1 - arrays["player"], "sequence"),
        ("player", np.arange(12) % 2, "same player|player p"),
    ):
        with pytest.raises(ValueError, match=message):
            GameTree(**{**arrays, name: wrong})
