from itertools import product

import numpy as np
import pyspiel
import pytest
from open_spiel.python import policy as openspiel_policy
from open_spiel.python.algorithms import cfr, exploitability

from eval.nash_conv import GameTree, average_policy, nash_conv
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


def test_wrong_policies_are_refused(flat):
    game, _, _ = flat("leduc_poker")
    good = _uniform(game)
    for bad in (good * 0.9, np.where(game.legal, good, 0.1), -good, np.full_like(good, np.nan)):
        with pytest.raises(ValueError, match="distribution over the legal actions"):
            nash_conv(game, bad)
    with pytest.raises(ValueError, match=r"has shape \(936, 3\), not \(935, 3\)"):
        nash_conv(game, good[1:])
    for weights in ([1], [-1, 2], [0, 0], [np.nan, 1]):
        with pytest.raises(ValueError, match="2 policies need as many weights"):
            average_policy(game, [good, good], weights)


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
