"""Moves as text in the manner of PGN, for games in which seats take turns.

Headers in brackets, then the moves as the game itself names them, numbered by rounds of the table, then the result. A
move that the opening gave is played like any other; the header `Opening` says how many there were.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill

from arena.export.moves import Replays
from arena.notation import move_text
from games import InputError
from league.lineup import sides
from league.match import Reason, Record
from league.replay import Replay
from league.store import Store

__all__ = ["write_pgn"]

_WIDTH = 80


def write_pgn(store: Store, path: Path) -> tuple[int, int]:
    """Write all matches that have a replay.

    Raises:
        InputError: for a game whose seats act at the same time, and for folders without replays.
    """
    replays = Replays(store)
    if not replays.game.turn_based:
        raise InputError(f"seats act at the same time in {replays.game.name}: use the format replay instead")
    with path.open("w", encoding="utf-8") as file:
        for replay in replays:
            file.write(_text(store.folder.name, replay))
    return replays.matches, replays.left_out


def _text(event: str, replay: Replay) -> str:
    record = replay.record
    result = _result(replay)
    headers = "".join(f"[{name} {json.dumps(value)}]\n" for name, value in _headers(event, replay, result))
    seats = len(record.matchup.agents)
    words = []
    while not replay.over:
        if replay.turn % seats == 0:
            words.append(f"{replay.turn // seats + 1}.")
        seat = replay.acting[0]
        action = replay.actions[replay.turn, seat].tolist()
        words.append(move_text(replay.game, replay.vector, 0, seat, action))
        replay.advance()
    if record.detail:
        words.append(f"{{{record.detail.translate(_NO_BRACES)}}}")
    moves = fill(" ".join([*words, result]), _WIDTH, break_long_words=False, break_on_hyphens=False)
    return f"{headers}\n{moves}\n\n"


_NO_BRACES = str.maketrans("{}", "()")


def _headers(event: str, replay: Replay, result: str) -> Iterator[tuple[str, str]]:
    record, game = replay.record, replay.game
    asked = record.matchup
    turn, pair, number = asked.place
    yield "Event", event
    yield "Game", game.name
    yield "Round", str(turn)
    yield "Pair", str(pair)
    yield "PairGame", str(number)
    yield "Id", record.id
    if len(asked.agents) == 2:
        yield from zip(("White", "Black"), asked.agents, strict=True)
    else:
        yield from ((f"Seat{k}", agent) for k, agent in enumerate(asked.agents))
    yield "Result", result
    yield "Scores", " ".join(f"{score:g}" for score in record.scores)
    yield "Reason", record.reason.value
    if record.fault is not None:
        yield "Fault", f"seat {record.fault}"
    yield "Seed", str(asked.seed)
    if asked.task:
        yield "Task", asked.task.json
    if asked.opening:
        yield "Opening", " ".join(map(str, asked.opening))


def _result(replay: Replay) -> str:
    """Return 1-0, 0-1 or 1/2-1/2 for two sides, else *: the scores tell."""
    record: Record = replay.record
    form = sides(replay.game, record.matchup.task)
    if len(form) != 2 or record.reason is Reason.INTERRUPTED:
        return "*"
    first, second = (record.scores[seats[0]] for seats in form)
    return "1-0" if first > second else "0-1" if first < second else "1/2-1/2"
