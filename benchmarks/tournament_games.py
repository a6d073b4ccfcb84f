"""Scripted agents on connect four with durable records, against a bare OpenSpiel loop that applies the same moves.

Ours is a round robin as `arena tournament` plays it: schedule, seeds, masks, decisions, records in SQLite with full
synchronisation. The bare loop makes a state for each match, applies the very moves that were played, and asks for the
returns; it neither decides nor records anything. One core each; slices take turns.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyspiel

import games
from benchmarks.harness import Moving, Rates, interleave
from league.driver import Driver
from league.match import Matchup
from league.matchmakers import schedule
from league.store import Store
from league.tournament import play_recorded
from populations.agents.uri import load_agent

GAME = "openspiel/connect_four"
AGENTS = tuple(f"scripted:connect-four-rules?stray={stray}" for stray in (0.1, 0.2, 0.4, 0.8))
SLOTS = 2048


def run(quick: bool) -> dict[str, Any]:
    encounters = 400 if quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        gc.set_threshold(50_000, 20, 50)  # as the command `arena` does
        cups = _Cups(Path(folder), encounters)
        moves = cups.moves()
        spiel = pyspiel.load_game("connect_four")

        def bare() -> int:
            for match in moves:
                state = spiel.new_initial_state()
                for move in match:
                    state.apply_action(move)
                state.returns()
            return len(moves)

        rates: Rates = interleave(cups.play, bare, rounds=5 if quick else 15, seconds=0.2)
        cups.store.close()
    return {
        "against": "pyspiel connect_four, apply_action alone, the same moves",
        "matches": len(moves),
        "moves_per_match": float(np.mean([len(match) for match in moves])),
        **rates.fields("games"),
    }


class _Cups:
    """One tournament after another, each under a name of its own, in one store."""

    def __init__(self, folder: Path, encounters: int) -> None:
        self.game = games.make(GAME)
        self.agents = {uri: load_agent(uri, self.game) for uri in AGENTS}
        self.store = Store(folder, write=True, create=True)
        self._encounters, self._number = encounters, 0

    def matchups(self, stage: str) -> Iterator[Matchup]:
        task = self.game.task_space.task()
        hashes = {uri: agent.hash for uri, agent in self.agents.items()}
        for k, pairing in enumerate(schedule(AGENTS, encounters=self._encounters, seed=1)):
            first, second = pairing.seats
            yield Matchup(stage, k, task, pairing.seats, (hashes[first], hashes[second]), pairing.seed)

    def play(self) -> int:
        self._number += 1
        asked = self.matchups(f"cup {self._number}")
        return sum(1 for _ in play_recorded(self.game, asked, self.agents, self.store, slots=SLOTS))

    def moves(self) -> list[list[int]]:
        """Return the moves of every match of a tournament, in order of the schedule."""
        asked = self.matchups("moves")
        driver = Driver(self.game, self.agents, lambda: next(asked, None), slots=SLOTS, seats=2)
        guard, histories = Moving(GAME), {}
        while driver.refill():
            flying = list(enumerate(driver.matchups))
            ended = driver.advance()
            assert driver.view is not None
            guard.look(driver.view.observation["vector"], len(ended))
            for slot, matchup in flying:
                if matchup is not None and driver.matchups[slot] is None:
                    histories[matchup.ordinal] = driver.vector.state(slot).history()  # type: ignore[attr-defined]
        guard.check()
        return [histories[k] for k in sorted(histories)]
