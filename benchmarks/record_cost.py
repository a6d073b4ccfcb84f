"""What a tournament costs beside the matches themselves: scheduling, seeds, ids, counting and durable records.

The matches are replaced by one that ends at once, so that all that is timed is the tournament's own work, as `arena
tournament` does it: pairs from the format, matchups with seeds and ids, booking, and rows in SQLite with full
synchronisation. `microseconds_per_match` is that in transactions of thousands; `durable_ms_per_match` with one commit
for every match, beside what a bare file takes to be written and synchronised once as often (`fsync_ms`), which depends
on the disk alone.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import games
from league import tournament
from league.formats import RoundRobin
from league.match import Matchup, Reason, Record
from league.store import Store
from league.tournament import Tournament, conditions
from populations.agents.uri import load_agent

GAME = "openspiel/connect_four"
AGENTS = tuple(f"scripted:connect-four-rules?stray={0.01 * k:.2f}" for k in range(1, 51))


def run(quick: bool) -> dict[str, Any]:
    gc.set_threshold(50_000, 20, 50)  # as the command `arena` does
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        amortised = [_microseconds(folder / f"batch {k}", 20 if quick else 41) for k in range(3)]
        with patch.object(tournament, "BATCH", 1):
            durable = [_microseconds(folder / f"single {k}", 1) / 1000.0 for k in range(2)]
        bare = _fsync_ms(folder / "bare", 500)
    return {
        "agents": len(AGENTS),
        "matches": _asked(20 if quick else 41).games,
        "microseconds_per_match": min(amortised),
        "microseconds_per_match_median": sorted(amortised)[1],
        "durable_ms_per_match": min(durable),
        "fsync_ms": bare,
    }


def _asked(encounters: int) -> Tournament:
    game = games.make(GAME)
    agents = tuple(load_agent(uri, game) for uri in AGENTS)
    pairs = len(agents) * (len(agents) - 1) // 2 * encounters
    return Tournament(
        game=game,
        format=RoundRobin(encounters=encounters),
        agents=agents,
        conditions=conditions([game.task_space.task()]),
        seed=1,
        games=2 * pairs,
    )


def _microseconds(folder: Path, encounters: int) -> float:
    """Return the time a match of a whole tournament takes.

    Raises:
        RuntimeError: when not every match is in the store afterwards: the figure would be void.
    """
    asked = _asked(encounters)
    with Store(folder, write=True, create=True) as store, patch.object(tournament, "play", _at_once):
        start = time.perf_counter()
        played = sum(1 for _ in asked.play(store))
        seconds = time.perf_counter() - start
        if not played == asked.games == len(store.match_ids()):
            raise RuntimeError(f"{played} matches of {asked.games} were played; the figure is void")
    return 1e6 * seconds / played


def _at_once(game: games.Game, matchups: Iterable[Matchup | None], *_: Any, **__: Any) -> Iterator[Record]:
    """Stand in for `league.play.play`: every match ends at once, a win for one or the other."""
    for matchup in matchups:
        if matchup is not None:
            scores = (1.0, -1.0) if matchup.seed % 2 else (-1.0, 1.0)
            yield Record(matchup.id, matchup, scores, scores, 24, Reason.NORMAL)


def _fsync_ms(path: Path, count: int) -> float:
    with path.open("wb", buffering=0) as file:
        start = time.perf_counter()
        for _ in range(count):
            file.write(b"x" * 512)
            os.fsync(file.fileno())
        return 1e3 * (time.perf_counter() - start) / count
