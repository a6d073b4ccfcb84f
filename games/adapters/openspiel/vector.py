"""Many matches of any OpenSpiel game, stepped one `pyspiel.State` after the other.

Python pays for every call, so the loops over the slots make as few as they can: legal actions are collected in one flat
list and scattered into the masks at once, and tensors are copied from buffer to buffer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyspiel
from numpy.typing import NDArray

from games.adapters.openspiel.game import OpenSpielGame
from games.game import Limits, Step, VectorGame
from games.randomness import WORLD, uniform
from games.task import Task

__all__ = ["OpenSpielVector"]

_CHANCE = int(pyspiel.PlayerId.CHANCE)
_TOGETHER = int(pyspiel.PlayerId.SIMULTANEOUS)
_ENDED = int(pyspiel.PlayerId.TERMINAL)


class OpenSpielVector(VectorGame):
    """The state of B matches of any OpenSpiel game.

    Chance is resolved at once, by inverting the cumulative probabilities at `uniform(seed, WORLD, steps so far, k)` for
    the k-th draw after that step. Only the seats that act get a new observation; the others keep what they saw last. When
    a match is truncated every seat gets one, since learners bootstrap from it.
    """

    def __init__(self, game: OpenSpielGame, slots: int, limits: Limits) -> None:
        self.game: OpenSpielGame = game
        self.slots = slots
        self.limits = limits
        self.observation_space = game.observation_space
        self._view, self._mask = game.blank(slots, limits)
        self._acting = self._view.acting.reshape(-1)
        self._rows = self._mask.reshape(-1, self._mask.shape[2])
        self._seen = memoryview(self._view.observation["vector"].data).cast("B").cast("f")
        self._players = game.spiel.num_players()
        self._by_step = game.spiel.get_type().reward_model == pyspiel.GameType.RewardModel.REWARDS

        self._states: list[Any] = [None] * slots
        self._turn = [_ENDED] * slots  # who decides, in OpenSpiel's numbers; _ENDED where a match was truncated, too
        self._seed = [np.uint64(0)] * slots
        self._length = np.zeros(slots, dtype=np.int64)
        # What was chosen in each step, with room for more steps when they come. Chance follows from the seed.
        self._log = np.zeros((slots, 16, self._players), dtype=np.int32)

        self._observer = game.observer()
        self._tensor = memoryview(self._observer.tensor)

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches in these slots and leave the others as they are."""
        for slot, seed in zip(slots.tolist(), seeds, strict=True):
            self._seed[slot] = seed
            self._states[slot] = self.game.spiel.new_initial_state()
        return self._begin(slots)

    def step(self, actions: NDArray[Any]) -> Step:
        """Advance every match that has not ended.

        Raises:
            ValueError: when an acting seat chose an illegal action; nothing has moved then.
        """
        acting = self._view.acting
        chosen = np.where(acting, actions[:, :, 0], 0)
        inside = (chosen >= 0) & (chosen < self._mask.shape[2])
        legal = np.take_along_axis(self._mask, np.where(inside, chosen, 0)[..., None], axis=2)[..., 0]
        wrong = acting & ~(inside & legal)
        if wrong.any():
            slot, seat = np.argwhere(wrong)[0]
            raise ValueError(f"{self.game.name}: illegal action {chosen[slot, seat]} (slot {slot}, seat {seat})")
        self._advance(np.flatnonzero(acting.any(axis=1)), chosen)
        return self._view

    def state(self, slot: int) -> Any:
        """Return a copy of the `pyspiel.State` of one match, for policies that search it."""
        return self._states[slot].clone()

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return the steps so far, `length` [B] int64, and what each player chose in them, `log` [B, L, P] int32."""
        longest = self._length.max(initial=0)
        made = np.arange(longest) < self._length[:, None]  # what lies beyond is left from earlier matches in the slot
        return {"length": self._length.copy(), "log": np.where(made[..., None], self._log[:, :longest], 0)}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        """Play the matches again up to a state and return its view: no rewards, and nothing reported as ended."""
        assigned = np.array([old is not None for old in self._states])
        for slot in np.flatnonzero(assigned):
            self._states[slot] = self.game.spiel.new_initial_state()
        self._begin(np.flatnonzero(assigned))
        for done in range(state["log"].shape[1]):
            self._advance(np.flatnonzero(assigned & (state["length"] > done)), state["log"][:, done])
        self._quiet()
        return self._view

    def render(self, slot: int) -> str:
        """Return OpenSpiel's own text of one match."""
        return str(self._states[slot])

    def _begin(self, slots: NDArray[np.int64]) -> Step:
        """Bring states that are new to their first decision."""
        self._quiet()
        self._length[slots] = 0
        for slot in slots.tolist():
            self._turn[slot] = self._states[slot].current_player()
            if self._turn[slot] == _CHANCE:
                self._turn[slot] = self._chance(slot)
        self._view.observation["vector"][slots] = 0
        self._view.score[slots] = 0
        self._look(slots)
        return self._view

    def _advance(self, live: NDArray[np.int64], chosen: NDArray[np.integer]) -> None:
        """Make one move in these slots: `chosen` [B, S or P] holds legal actions for whoever acts and zeros elsewhere."""
        self._quiet()
        if self._length[live].max(initial=0) >= self._log.shape[1]:
            self._log = np.concatenate([self._log, np.zeros_like(self._log)], axis=1)
        rows = chosen[live, : self._players]
        self._log[live, self._length[live]] = rows
        self._length[live] += 1
        states, turn = self._states, self._turn
        for slot, row in zip(live.tolist(), rows.tolist(), strict=True):
            state, player = states[slot], turn[slot]
            if player >= 0:
                state.apply_action(row[player])
            else:
                state.apply_actions(row)
            player = state.current_player()
            turn[slot] = self._chance(slot) if player == _CHANCE else player
        self._pay(live)
        if self.limits.steps is not None:
            self._cut(live[self._length[live] >= self.limits.steps])
        self._look(live)

    def _chance(self, slot: int) -> int:
        """Resolve chance until someone decides or the match is over; return who."""
        state, seed, step, draws = self._states[slot], self._seed[slot], int(self._length[slot]), 0
        while (player := state.current_player()) == _CHANCE:
            rest = uniform(seed, WORLD, step, draws)
            draws += 1
            for action, probability in state.chance_outcomes():
                if probability > 0:  # the last possible outcome stands when probabilities sum to a little less than 1
                    outcome = action
                    rest -= probability
                    if rest < 0:
                        break
            state.apply_action(outcome)
        return player

    def _pay(self, live: NDArray[np.int64]) -> None:
        """Write rewards, and how matches ended that ended by their rules."""
        view, turn, players = self._view, self._turn, self._players
        ended = [slot for slot in live.tolist() if turn[slot] == _ENDED]
        paid = live.tolist() if self._by_step else ended
        if not paid:
            return
        returns = np.array([self._states[slot].returns() for slot in paid])
        view.reward[paid, :players] = returns - view.score[paid, :players]
        view.score[paid, :players] = returns  # of a running match this is not valid yet, but what it was paid so far
        view.terminated[ended] = True

    def _cut(self, slots: NDArray[np.int64]) -> None:
        """Truncate these matches, unless they have ended by their rules."""
        for slot in slots.tolist():
            if self._turn[slot] != _ENDED:
                self._turn[slot] = _ENDED
                self._view.truncated[slot] = True
                self._view.score[slot, : self._players] = self._states[slot].returns()
                for player in range(self._players):
                    self._observe(slot, player)

    def _look(self, slots: NDArray[np.int64]) -> None:
        """Write who acts in these slots, what they see and what they may do."""
        states, turn, seats, observe = self._states, self._turn, self.limits.seats, self.limits.observe
        set_from, tensor, seen, size = self._observer.set_from, self._tensor, self._seen, len(self._tensor)
        rows: list[int] = []
        legal: list[int] = []
        counts: list[int] = []
        for slot in slots.tolist():
            player = turn[slot]
            if player >= 0:
                state, row = states[slot], slot * seats + player
                actions = state.legal_actions()
                rows.append(row)
                counts.append(len(actions))
                legal += actions
                if observe:
                    set_from(state, player)
                    seen[row * size : (row + 1) * size] = tensor
            elif player == _TOGETHER:
                for each in range(self._players):
                    if actions := states[slot].legal_actions(each):
                        rows.append(slot * seats + each)
                        counts.append(len(actions))
                        legal += actions
                        self._observe(slot, each)
        self._view.acting[slots] = False
        self._mask[slots] = False
        if rows:
            self._acting[rows] = True
            self._rows[np.repeat(rows, counts), legal] = True

    def _observe(self, slot: int, player: int) -> None:
        """Write what one seat sees."""
        if self.limits.observe:
            row = slot * self.limits.seats + player
            self._observer.set_from(self._states[slot], player)
            self._seen[row * len(self._tensor) : (row + 1) * len(self._tensor)] = self._tensor

    def _quiet(self) -> None:
        """Forget what happened in the last step."""
        self._view.reward.fill(0)
        self._view.terminated.fill(False)
        self._view.truncated.fill(False)
