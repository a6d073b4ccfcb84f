import numpy as np
import pyspiel
import pytest

from games import Limits, Task
from games.adapters.openspiel import OpenSpielVector, make
from games.randomness import WORLD, bits, uniform


def _choose(mask, acting, seeds, step):
    """Legal actions [B, S, 1] that depend on seed, step and seat alone; rubbish for seats that do not act."""
    actions = np.full((*acting.shape, 1), 10**6, dtype=np.int32)
    for slot, seat in np.argwhere(acting):
        legal = np.flatnonzero(mask[slot, seat])
        actions[slot, seat, 0] = legal[int(bits(seeds[slot], 100 + int(seat), int(step[slot]), 0)) % len(legal)]
    return actions


@pytest.fixture(scope="session")
def choose():
    return _choose


@pytest.fixture(scope="session")
def vector():
    """Make a vector that steps OpenSpiel's states, even where a compiled twin exists, and seat matches in all slots."""

    def build(name, seeds, engine=OpenSpielVector, **limits):
        game = make(name)
        made = engine(game, len(seeds), Limits(**{"seats": game.max_seats} | limits))
        made.assign(np.arange(len(seeds)), [Task()] * len(seeds), np.asarray(seeds, dtype=np.uint64))
        return made

    return build


class _Plain:
    """One match, played by OpenSpiel itself; chance is drawn as the adapter promises, written another way."""

    def __init__(self, game, seed):
        self.game, self.seed = game, np.uint64(seed)
        self.state = game.spiel.new_initial_state()
        self.steps = 0
        self.paid = np.zeros(game.max_seats)
        self.resolve()

    def resolve(self):
        draws = 0
        while self.state.is_chance_node():
            actions, probabilities = zip(*self.state.chance_outcomes(), strict=True)
            place = np.searchsorted(
                np.cumsum(probabilities), uniform(self.seed, WORLD, self.steps, draws), side="right"
            )
            self.state.apply_action(actions[min(place, len(actions) - 1)])
            draws += 1

    def acting(self):
        if self.state.is_terminal():
            return []
        if self.state.is_simultaneous_node():
            return [p for p in range(self.game.max_seats) if self.state.legal_actions(p)]
        return [self.state.current_player()]

    def tensor(self, player):
        kind = self.game.spiel.get_type()
        perfect = kind.information == pyspiel.GameType.Information.PERFECT_INFORMATION
        if (perfect and kind.provides_observation_tensor) or not kind.provides_information_state_tensor:
            return self.state.observation_tensor(player)
        return self.state.information_state_tensor(player)

    def step(self, actions):
        """Play a list of one action a seat; return what each seat got."""
        acting = self.acting()
        if self.state.is_simultaneous_node():
            self.state.apply_actions([int(a) if p in acting else 0 for p, a in enumerate(actions)])
        else:
            self.state.apply_action(int(actions[acting[0]]))
        self.steps += 1
        self.resolve()
        rewarded = self.game.spiel.get_type().reward_model == pyspiel.GameType.RewardModel.REWARDS
        total = np.array(self.state.returns()) if rewarded or self.state.is_terminal() else np.zeros_like(self.paid)
        got, self.paid = total - self.paid, total
        return got


@pytest.fixture(scope="session")
def plain():
    return _Plain
