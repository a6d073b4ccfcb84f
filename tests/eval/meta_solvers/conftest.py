import numpy as np
import pytest

RPS = np.array([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]])

GAMES = {
    "rps": np.stack([RPS, -RPS]),
    "biased rps": np.stack([[[0, -1, 2], [1, 0, -1], [-2, 1, 0]], [[0, 1, -2], [-1, 0, 1], [2, -1, 0]]]),
    "prisoners": np.stack([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]),
    "sexes": np.stack([[[3, 0], [0, 2]], [[2, 0], [0, 3]]]),
    "coordination": np.stack([np.diag([2, 1]), np.diag([2, 1])]),
    "uneven": np.stack([[[2, 0, 1]], [[0, 1, 3]]]),
    # three players: the minority earns 1; and a common interest in all doing the same
    "minority": np.array(
        [[[[0 if i == j == k else int((i, j, k).count((i, j, k)[p]) == 1) for k in (0, 1)] for j in (0, 1)] for i in (0, 1)]
         for p in range(3)]
    ),
    "together": np.stack([np.fromfunction(lambda i, j, k: (i == j) * (j == k) * (1.0 + i), (2, 2, 2))] * 3),
}  # fmt: skip


@pytest.fixture(scope="session")
def games():
    """Known games by name: payoffs [players, n_1, ..., n_k]."""
    return {name: np.asarray(payoffs, dtype=float) for name, payoffs in GAMES.items()}


@pytest.fixture(scope="session")
def regret():
    """What the player that gains most earns by leaving a joint distribution for one fixed policy, profile by profile."""

    def of(payoffs, joint):
        best = -np.inf
        for player, payoff in enumerate(payoffs):
            for policy in range(payoff.shape[player]):
                gain = 0.0
                for profile in np.ndindex(joint.shape):
                    instead = (*profile[:player], policy, *profile[player + 1 :])
                    gain += joint[profile] * (payoff[instead] - payoff[profile])
                best = max(best, gain)
        return best

    return of


@pytest.fixture(scope="session")
def equivariant():
    """Assert that a solver does not care about the order of policies, nor about that of players."""

    def check(solver, payoffs, **tolerance):
        joint = solver(payoffs)
        rng = np.random.default_rng(0)
        orders = [rng.permutation(n) for n in joint.shape]
        moved = solver(payoffs[(slice(None), *np.ix_(*orders))])
        np.testing.assert_allclose(moved, joint[np.ix_(*orders)], **tolerance)
        turned = solver(np.stack([payoff.T for payoff in payoffs[::-1]]))
        np.testing.assert_allclose(turned, joint.T, **tolerance)

    return check


@pytest.fixture(scope="session")
def random_game():
    """Random payoffs of a given shape [n_1, ..., n_k]; whole numbers tie now and then."""

    def build(seed, *shape, whole=False, zero_sum=False):
        rng = np.random.default_rng(seed)
        payoffs = rng.normal(size=(len(shape), *shape))
        payoffs = np.round(2 * payoffs) if whole else payoffs
        return np.stack([payoffs[0], -payoffs[0]]) if zero_sum else payoffs

    return build
