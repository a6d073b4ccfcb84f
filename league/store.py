"""The records of one league: one folder, one SQLite file, one writer.

    league.sqlite   agents, tasks, matches, replays, events, curves, checkpoints: the only truth
    snapshots/      frozen agents (safetensors and manifests), addressed by content
    checkpoints/    what the next step of training depends on (safetensors), named in league.sqlite
    tensorboard/    learning curves for TensorBoard
    config.yaml     the configuration that the run was started with

Everything that belongs together is written in one transaction (write-ahead log, synchronous FULL), so that after a kill
at any moment the folder is in the state of the last commit.
"""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from games import InputError, Task
from league.events import Event
from league.match import NOTHING, Matchup, Reason, Record
from populations.agent import Agent, Lineage

__all__ = ["SCHEMA", "Store"]

SCHEMA = 3
"""Version of the tables; a folder of another version is refused."""

_TABLES = """
create table meta (key text primary key, value text not null) without rowid;
create table agents (
    id text primary key, hash text not null, parent text, generation integer not null, role text not null,
    entered integer not null
) without rowid;
create table tasks (id integer primary key, json text not null unique);
create table lineups (id integer primary key, agents text not null, hashes text not null, unique (agents, hashes));
create table matches (
    id text not null unique, stage text not null, ordinal integer not null, task integer not null, lineup integer not null,
    seed integer not null, scores text not null, returns text not null, length integer not null, reason text not null,
    fault integer, detail text not null, metrics text not null, round integer not null, pair integer not null,
    game integer not null, opening text not null, why text not null, log text not null, origin text not null
);
create table replays (id text primary key, data blob not null) without rowid;
create table events (
    number integer primary key, step integer not null, kind text not null, agent text not null, source text not null,
    reason text not null, detail text not null
);
create table curves (step integer not null, name text not null, value real not null, primary key (step, name)) without rowid;
create table sketches (step integer primary key, shapes text not null);
create table checkpoints (step integer primary key, file text not null, state text not null);
"""


class Store:
    """Reads and writes one league's folder.

    Args:
        folder: the league's folder.
        write: whether to write. There is one writer at a time; any number of readers may look on.
        create: for writers: make the folder when it does not exist.

    Raises:
        InputError: when the folder does not exist, is no league, is of another version, has a writer already, or must
            not be written.
    """

    def __init__(self, folder: Path, *, write: bool = False, create: bool = False) -> None:
        self.folder = folder
        self.path = folder / "league.sqlite"
        self._lock: int | None = None
        self._tasks: dict[str, int] = {}
        self._lineups: dict[tuple[tuple[str, ...], tuple[str, ...]], int] = {}
        if write:
            self._claim(create)
        elif not self.path.exists():
            raise InputError(f"{folder} is no league: it has no league.sqlite")
        try:
            self._open(write)
        except sqlite3.DatabaseError as error:
            self.close()
            raise InputError(f"{self.path} cannot be read as a league: {error}") from None
        except InputError:
            self.close()
            raise

    def _claim(self, create: bool) -> None:
        if not create and not self.path.exists():
            raise InputError(f"{self.folder} is no league: it has no league.sqlite")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder / "writer.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise InputError(f"cannot write to {self.folder}: {error.strerror}; choose another folder") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(self._lock, 32).decode() or "unknown"
            os.close(self._lock)
            self._lock = None
            raise InputError(
                f"{self.folder} is being written by process {pid}; wait for it, stop it, or choose another folder"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode(), 0)

    def _open(self, write: bool) -> None:
        mode = "rwc" if write else "ro"
        self.db = sqlite3.connect(f"file:{self.path}?mode={mode}", uri=True, isolation_level=None)
        if write:
            self.db.execute("pragma journal_mode = wal")
            self.db.execute("pragma synchronous = full")
        if write and not self.db.execute("select 1 from sqlite_master").fetchone():
            with self.transaction():
                for statement in _TABLES.split(";"):
                    self.db.execute(statement)
                self.db.execute("insert into meta values ('schema', ?)", (str(SCHEMA),))
        found = (
            self.meta("schema")
            if self.db.execute("select 1 from sqlite_master where name = 'meta'").fetchone()
            else None
        )
        if found != str(SCHEMA):
            raise InputError(
                f"{self.folder} was written by another version of the arena (records version {found}, this one reads "
                f"{SCHEMA}); use that version, or start a new folder"
            )

    def close(self) -> None:
        """Release the folder."""
        if hasattr(self, "db"):
            self.db.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is written together or not at all.

        Raises:
            InputError: when the disk is full or the folder is read-only; what was recorded before is unharmed.
        """
        try:
            self.db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._undo()
                raise
            self.db.execute("commit")
        except sqlite3.OperationalError as error:
            self._undo()
            raise InputError(f"cannot record in {self.path}: {error}; everything recorded before is unharmed") from None

    def _undo(self) -> None:
        self._tasks.clear()
        self._lineups.clear()
        if self.db.in_transaction:
            self.db.execute("rollback")

    # what is written

    def set_meta(self, key: str, value: str) -> None:
        """Remember a fact about the league."""
        self.db.execute("insert or replace into meta values (?, ?)", (key, value))

    def add_agent(self, agent: Agent, entered: int) -> None:
        """Enter an agent at this step; entering it again changes nothing."""
        line = agent.lineage
        row = (agent.id, agent.hash, line.parent, line.generation, line.role, entered)
        self.db.execute("insert or ignore into agents values (?, ?, ?, ?, ?, ?)", row)

    def add_matches(self, records: Iterable[Record]) -> None:
        """Record matches, and their replays where they have one. A match that is recorded already is left as it is."""
        records = list(records)
        self.db.executemany(f"insert or ignore into matches values ({', '.join('?' * 20)})", map(self._row, records))
        replays = [(record.id, record.replay) for record in records if record.replay]
        if replays:
            self.db.executemany("insert or ignore into replays values (?, ?)", replays)

    def _row(self, record: Record) -> tuple[Any, ...]:
        asked = record.matchup
        return (
            record.id,
            asked.stage,
            asked.ordinal,
            self._tasks.get(asked.task.json) or self._task_number(asked.task.json),
            self._lineups.get((asked.agents, asked.hashes)) or self._lineup_number(asked.agents, asked.hashes),
            asked.seed,
            _numbers(record.scores),
            _numbers(record.returns),
            record.length,
            record.reason.value,
            record.fault,
            record.detail,
            json.dumps(dict(record.metrics)) if record.metrics else "{}",
            *asked.place,
            " ".join(map(str, asked.opening)) if asked.opening else "",
            asked.why,
            record.log,
            asked.origin,
        )

    # tasks and line-ups repeat, so matches name them by number (from 1)

    def _task_number(self, text: str) -> int:
        number = self._tasks[text] = self._find_or_add("tasks", {"json": text})
        return number

    def _lineup_number(self, agents: tuple[str, ...], hashes: tuple[str, ...]) -> int:
        texts = {"agents": json.dumps(agents), "hashes": json.dumps(hashes)}
        number = self._lineups[agents, hashes] = self._find_or_add("lineups", texts)
        return number

    def _find_or_add(self, table: str, values: Mapping[str, str]) -> int:
        """Return the number of the row of a table that has these values; the names are ours, not a user's."""
        where = " and ".join(f"{column} = ?" for column in values)
        found = self.db.execute(f"select id from {table} where {where}", (*values.values(),)).fetchone()
        if found is not None:
            return int(found[0])
        marks = ", ".join("?" for _ in values)
        cursor = self.db.execute(f"insert into {table} ({', '.join(values)}) values ({marks})", (*values.values(),))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def add_curves(self, step: int, values: Mapping[str, float]) -> None:
        """Record figures at a step; a figure that is there already is replaced."""
        rows = [(step, name, float(value)) for name, value in values.items()]
        self.db.executemany("insert or replace into curves values (?, ?, ?)", rows)

    def add_sketch(self, step: int, shapes: Sequence[Mapping[str, Any]]) -> None:
        """Record what a teacher believed at a step (`league.teachers.Sketches`); one that is there already is replaced."""
        self.db.execute("insert or replace into sketches values (?, ?)", (step, json.dumps(shapes)))

    def add_events(self, events: Iterable[Event]) -> None:
        """Record decisions of the league, in their order. One that is recorded already is left as it is."""
        self.db.executemany("insert or ignore into events values (?, ?, ?, ?, ?, ?, ?)", map(tuple, events))

    def set_checkpoint(self, step: int, file: str, state: Mapping[str, Any]) -> None:
        """Make this the checkpoint that a resume goes back to."""
        self.db.execute("delete from checkpoints")
        self.db.execute("insert into checkpoints values (?, ?, ?)", (step, file, json.dumps(state)))

    # what is read

    def meta(self, key: str) -> str | None:
        """Return a fact about the league, or None."""
        row = self.db.execute("select value from meta where key = ?", (key,)).fetchone()
        return row[0] if row else None

    def agents(self) -> dict[str, tuple[str, int, Lineage]]:
        """Return id to (hash, step at which it entered, lineage), in order of entry."""
        rows = self.db.execute("select id, hash, parent, generation, role, entered from agents order by entered, id")
        return {i: (h, e, Lineage(parent=p, generation=g, role=r)) for i, h, p, g, r, e in rows}

    def matches(self, stage: str | None = None, *, share: float = 1.0) -> Iterator[Record]:
        """Yield the recorded matches of one stage, or of all, in order of stage and ordinal.

        With a share below 1, about so many of them: the same ones each time, chosen by the hash in their ids.
        """
        rows = self.db.execute(
            "select m.id, stage, ordinal, t.json, l.agents, l.hashes, seed, scores, returns, length, reason, fault, detail,"
            " metrics, round, pair, game, opening, why, log, origin"
            " from matches m join tasks t on t.id = m.task join lineups l on l.id = m.lineup"
            " where (?1 is null or stage = ?1) and (?2 is null or substr(m.id, 9) < ?2) order by stage, ordinal, m.id",
            (stage, None if share >= 1.0 else f"{int(share * 16**12):012x}"),
        )
        for (
            i,
            st,
            o,
            task,
            agents,
            hashes,
            seed,
            scores,
            returns,
            length,
            reason,
            fault,
            detail,
            metrics,
            *rest,
        ) in rows:
            *place, opening, why, log, origin = rest
            asked = Matchup(
                st,
                o,
                _task(task),
                _names(agents),
                _names(hashes),
                seed,
                tuple(place),
                tuple(map(int, opening.split())),
                why,
                origin=origin,
            )
            yield Record(
                i,
                asked,
                _floats(scores),
                _floats(returns),
                length,
                Reason(reason),
                fault,
                detail,
                NOTHING if metrics == "{}" else json.loads(metrics),
                log,
            )

    def replay(self, match: str) -> bytes:
        """Return what was played in a match, as `league.replay` packs it; empty when it was not kept."""
        row = self.db.execute("select data from replays where id = ?", (match,)).fetchone()
        return row[0] if row else b""

    def events(self) -> list[Event]:
        """Return the decisions of the league, in their order."""
        return [Event(*row) for row in self.db.execute("select * from events order by number")]

    def match_ids(self, stage: str | None = None) -> set[str]:
        """Return the ids of the recorded matches of one stage, or of all."""
        return {row[0] for row in self.db.execute("select id from matches where ?1 is null or stage = ?1", (stage,))}

    def count_matches(self) -> dict[str, int]:
        """Return stage to number of matches."""
        return dict(self.db.execute("select stage, count(*) from matches group by stage order by stage"))

    def curve(self, name: str) -> list[tuple[int, float]]:
        """Return the (step, value) pairs of one figure."""
        return list(self.db.execute("select step, value from curves where name = ? order by step", (name,)))

    def curve_names(self) -> list[str]:
        """Return the names of all figures."""
        return [row[0] for row in self.db.execute("select distinct name from curves order by name")]

    def sketches(self) -> list[tuple[int, list[dict[str, Any]]]]:
        """Return the (step, shapes) of a teacher's sketches, in order."""
        rows = self.db.execute("select step, shapes from sketches order by step")
        return [(step, json.loads(shapes)) for step, shapes in rows]

    def checkpoint(self) -> tuple[int, str, dict[str, Any]] | None:
        """Return (step, file, state) of the checkpoint, or None."""
        row = self.db.execute("select step, file, state from checkpoints").fetchone()
        return (row[0], row[1], json.loads(row[2])) if row else None


@lru_cache(maxsize=4096)
def _task(text: str) -> Task:
    return Task.from_json(text)


@lru_cache(maxsize=4096)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(maxsize=4096)
def _floats(text: str) -> tuple[float, ...]:
    return tuple(json.loads(text))


@lru_cache(maxsize=4096)
def _numbers(values: tuple[float, ...]) -> str:
    """JSON of a few floats (`json.dumps` takes three times as long); scores of board games repeat."""
    return f"[{', '.join(map(repr, values))}]"
