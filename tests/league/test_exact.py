import numpy as np
import pytest

from games import InputError, make
from league.exact import Exact
from populations.agent import Agent
from populations.agents.uri import load_agent


class Table:
    """Plays the same action wherever it is legal, else the other one."""

    observes, privileged = True, False

    def __init__(self, action):
        self.action = action

    def initial_state(self, rows):
        return {}

    def refuses(self, game):
        return None

    def act(self, rows, state):
        raise NotImplementedError

    def probabilities(self, rows):
        table = np.zeros(rows.mask.shape)
        table[:, self.action] = 1
        return table


def test_known_values():
    exact = Exact(make("openspiel/kuhn_poker"))
    random = load_agent("random", exact.game)
    assert exact.nash_conv([random]).value == pytest.approx(11 / 12)
    passes = Agent("p", "p", Table(0))
    assert exact.nash_conv([passes]).value == pytest.approx(2.0)  # whoever bets always wins the pot


def test_a_mixture_is_drawn_at_the_start():
    exact = Exact(make("openspiel/kuhn_poker"))
    passes, bets = Agent("p", "p", Table(0)), Agent("b", "b", Table(1))
    mixed = exact.nash_conv([passes, bets]).value
    # in a two-player zero-sum game NashConv is convex over such mixtures
    assert mixed <= (exact.nash_conv([passes]).value + exact.nash_conv([bets]).value) / 2
    # a behavioural average would be the uniform policy, which it is not
    assert abs(mixed - 11 / 12) > 0.05
    assert mixed == pytest.approx(exact.nash_conv([bets, passes]).value)


def test_a_mixture_may_be_weighted():
    exact = Exact(make("openspiel/kuhn_poker"))
    passes, bets = Agent("p", "p", Table(0)), Agent("b", "b", Table(1))
    assert exact.nash_conv([passes, bets], weights=[1, 0]).value == pytest.approx(2.0)
    assert exact.nash_conv([passes, bets], weights=[3, 3]).value == pytest.approx(exact.nash_conv([passes, bets]).value)
    # a player that always passes loses its ante to one that always bets
    np.testing.assert_allclose(exact.nash_conv([passes, bets], weights=[[1, 0], [0, 1]]).values, [-1, 1])
    with pytest.raises(ValueError, match="2 policies need weights"):
        exact.nash_conv([passes, bets], weights=[1])


def test_who_cannot_be_tabulated_is_refused():
    exact = Exact(make("openspiel/tic_tac_toe"))
    with pytest.raises(InputError, match="'scripted:first-legal' has no table of probabilities"):
        exact.table(load_agent("scripted:first-legal", exact.game))
    with pytest.raises(InputError, match="exact for small OpenSpiel games only, not for testkit/dice-v0"):
        Exact(make("testkit/dice-v0"))
