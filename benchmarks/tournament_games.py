"""Scripted agents on connect four with durable records, against a bare OpenSpiel loop that applies the same moves.

Ours is a round robin as `arena tournament` plays it: schedule, seeds, masks, decisions, records in SQLite with full
synchronisation. The bare loop makes a state for each match, applies the very moves that were played, and asks for the
returns; it neither decides nor records anything. One core each; slices take turns.
"""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path
from typing import Any

import pyspiel

import games
from benchmarks.harness import Rates, interleave
from league.formats import RoundRobin
from league.replay import unpack
from league.store import Store
from league.tournament import Tournament, conditions
from populations.agents.uri import load_agent

GAME = "openspiel/connect_four"
AGENTS = tuple(f"scripted:connect-four-rules?stray={stray}" for stray in (0.1, 0.2, 0.4, 0.8))
SLOTS = 2048


def run(quick: bool) -> dict[str, Any]:
    encounters = 400 if quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        gc.set_threshold(50_000, 20, 50)  # as the command `arena` does
        cups = _Cups(Path(folder), encounters)
        spiel = pyspiel.load_game("connect_four")
        moves = cups.moves(spiel)

        def bare() -> int:
            for match in moves:
                state = spiel.new_initial_state()
                for move in match:
                    state.apply_action(move)
                state.returns()
            return len(moves)

        rates: Rates = interleave(cups.play, bare, rounds=5 if quick else 15, seconds=0.2)
    return {
        "against": "pyspiel connect_four, apply_action alone, the same moves",
        "matches": len(moves),
        "moves_per_match": sum(map(len, moves)) / len(moves),
        **rates.fields("games"),
    }


class _Cups:
    """One and the same tournament again and again, each time in a new folder."""

    def __init__(self, folder: Path, encounters: int) -> None:
        game = games.make(GAME)
        self._tournament = Tournament(
            game=game,
            format=RoundRobin(encounters=encounters),
            agents=tuple(load_agent(uri, game) for uri in AGENTS),
            conditions=conditions([game.task_space.task()]),
            seed=1,
        )
        self._folder, self._number = folder, 0

    def _store(self) -> Store:
        self._number += 1
        return Store(self._folder / str(self._number), write=True, create=True)

    def play(self) -> int:
        with self._store() as store:
            return sum(1 for _ in self._tournament.play(store, slots=SLOTS))

    def moves(self, spiel: pyspiel.Game) -> list[list[int]]:
        """Return the moves of every match.

        Raises:
            RuntimeError: when they do not lead to the recorded scores, by OpenSpiel's own rules: the rate would be void.
        """
        found = []
        with self._store() as store:
            for record in self._tournament.play(store, slots=SLOTS, replays=True):
                actions = unpack(record.replay, 2, self._tournament.game.actions)
                moves = [int(row[turn % 2, 0]) for turn, row in enumerate(actions)]
                state = spiel.new_initial_state()
                for move in moves:
                    state.apply_action(move)
                if not state.is_terminal() or tuple(state.returns()) != record.scores:
                    raise RuntimeError(f"match {record.id} was not played by the rules; the rate is void")
                found.append(moves)
        return found
