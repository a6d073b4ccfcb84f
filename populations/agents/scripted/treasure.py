"""Two controllers for the treasure game: every collector for itself, and collectors shared out over the treasures."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from games import Game
from games.markov.treasure.rules import ACCELERATION, ENTITY, MAX_DEPOSITS, OWN
from populations.agents.scripted.steering import steer
from populations.policy import Decision, Rows, State

__all__ = ["TreasureAssignment", "TreasureGreedy"]

_VELOCITY = slice(OWN.index("velocity_x"), OWN.index("velocity_y") + 1)
_DEPOSIT = OWN.index("is_deposit")
_CARRIED = slice(OWN.index("colour_0"), OWN.index("colour_0") + MAX_DEPOSITS)
_OFFSET = slice(ENTITY.index("offset_x"), ENTITY.index("offset_y") + 1)
_COLOUR = slice(ENTITY.index("colour_0"), ENTITY.index("colour_0") + MAX_DEPOSITS)
_IS_COLLECTOR, _IS_DEPOSIT = ENTITY.index("is_collector"), ENTITY.index("is_deposit")

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class _Controller(ABC):
    """Carriers go to their deposit, deposits towards their next carrier or the middle of all collectors."""

    observes = True
    privileged = False

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        own = rows.observation["self"].astype(np.float64)
        entities = rows.observation["entities"].astype(np.float64)
        present = rows.observation["entity_mask"].astype(bool)
        offsets, colours = entities[:, :, _OFFSET], entities[:, :, _COLOUR]
        collects, deposits = entities[:, :, _IS_COLLECTOR] > 0, entities[:, :, _IS_DEPOSIT] > 0
        distance = np.linalg.norm(offsets, axis=2)
        mine = (colours * own[:, None, _CARRIED]).sum(axis=2) > 0  # of the colour that the row carries or has
        every = np.arange(len(rows))

        free = collects & (colours.sum(axis=2) == 0)
        aim = self.choose(offsets, present & ~collects & ~deposits, free)
        carries = (own[:, _DEPOSIT] == 0) & (own[:, _CARRIED].sum(axis=1) > 0)
        home = np.where(mine & deposits, distance, np.inf).argmin(axis=1)
        aim[carries] = offsets[every, home][carries]
        nearest = np.where(mine & collects, distance, np.inf).argmin(axis=1)
        middle = (offsets * collects[:, :, None]).sum(axis=1) / np.maximum(collects.sum(axis=1), 1)[:, None]
        drawn = np.where((mine & collects).any(axis=1)[:, None], offsets[every, nearest], middle)
        waits = own[:, _DEPOSIT] > 0
        aim[waits] = drawn[waits]
        return Decision(steer(aim, own[:, _VELOCITY], ACCELERATION))

    @abstractmethod
    def choose(self, offsets: Floats, treasures: Bools, free: Bools) -> Floats:
        """Return the offset [R, 2] to which a free collector goes, zero where there is nothing for it.

        Args:
            offsets: [R, N, 2] of entities.
            treasures: [R, N] which of them are treasures.
            free: [R, N] which are other collectors without one.
        """

    def refuses(self, game: Game) -> str | None:
        """It reads the observations of one game."""
        return None if game.name == "markov/treasure-v0" else "it knows only markov/treasure-v0"


class TreasureGreedy(_Controller):
    """Every free collector goes to the treasure that is nearest to it, whoever else does."""

    def choose(self, offsets: Floats, treasures: Bools, free: Bools) -> Floats:
        """Return the way to the nearest treasure."""
        distance = np.where(treasures, np.linalg.norm(offsets, axis=2), np.inf)
        nearest = offsets[np.arange(len(offsets)), distance.argmin(axis=1)]
        return np.where(treasures.any(axis=1, keepdims=True), nearest, 0.0)


class TreasureAssignment(_Controller):
    """Shares the treasures out: of all pairs of a free collector and a treasure, the nearest is joined first, and so on.

    Every seat sees all positions and so finds the same pairs, its own among them. (Offsets are rounded differently from
    seat to seat: pairs whose distances agree to seven digits may be joined in another order.) Who is left without a
    treasure stays where it is.
    """

    def choose(self, offsets: Floats, treasures: Bools, free: Bools) -> Floats:
        """Return the way to the own treasure."""
        count, width = len(offsets), offsets.shape[1] // 2  # treasures have the first half of the rows
        lying, others = offsets[:, :width], offsets[:, width:]
        agents = np.concatenate([np.zeros((count, 1, 2)), others], axis=1)  # oneself is number 0
        away = np.linalg.norm(agents[:, :, None] - lying[:, None], axis=3)
        away[:, 1:][~free[:, width:]] = np.inf
        away[np.broadcast_to(~treasures[:, None, :width], away.shape)] = np.inf
        aim = np.zeros((count, 2))
        left = np.arange(count)
        while len(left):
            every = np.arange(len(left))
            agent, treasure = np.divmod(away.reshape(len(left), -1).argmin(axis=1), width)
            found = np.isfinite(away[every, agent, treasure])
            own = found & (agent == 0)
            aim[left[own]] = offsets[left[own], treasure[own]]
            away[every, agent], away[every, :, treasure] = np.inf, np.inf
            goes_on = found & (agent != 0)
            left, away = left[goes_on], away[goes_on]
        return aim
