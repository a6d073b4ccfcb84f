"""Tournaments: a format asks for pairs, each game of a pair becomes a match, played and recorded once, whatever happens."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from games import Game, InputError, Task
from league.adjudication import Adjudication
from league.faults import forfeited
from league.formats import Field, Format, Pair, Played, Results
from league.lineup import seated, sides
from league.match import Matchup, Reason, Record, match_seed
from league.play import play
from league.store import Store
from populations.agent import Agent

__all__ = ["STAGE", "Condition", "Tournament", "conditions", "results"]

STAGE = "tournament"

BATCH, SECONDS = 4096, 0.5
"""Matches per transaction at most, and the time that a record may wait for the others of its transaction."""

WINDOW = 32
"""Whether an agent is withdrawn from a match depends on its failures in all its earlier matches but the last so many: on
records alone, and not on how many matches are in flight or when they happened to end."""


class Condition(NamedTuple):
    """What the games of a pair have in common beside their seed."""

    task: Task
    opening: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tournament:
    """What is played.

    Attributes:
        game: the rules.
        format: who meets whom.
        agents: who takes part, the best seed first where seeds are known.
        conditions: the pairs of a group are played under each of them in turn.
        seed: of everything random.
        steps: truncate matches that are longer; None leaves it to the game.
        patience: an agent that crashed or ran out of time so often is withdrawn: it forfeits the rest unplayed; None never.
        adjudication: ends matches before the game does; None never.
        games: begin no pair after so many games; None leaves it to the format.
    """

    game: Game
    format: Format
    agents: tuple[Agent, ...]
    conditions: tuple[Condition, ...]
    seed: int = 0
    steps: int | None = None
    patience: int | None = None
    adjudication: Adjudication | None = None
    games: int | None = None

    def __post_init__(self) -> None:
        names = [agent.id for agent in self.agents]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"agent {name!r} is named twice: each agent takes part once")
        if len(names) < 2:
            raise InputError("a tournament needs at least two agents")

    @property
    def field(self) -> Field:
        """What the format is told of it. Agents meet in groups as large as the smallest task has sides."""
        least = min(len(sides(self.game, condition.task)) for condition in self.conditions)
        names = tuple(agent.id for agent in self.agents)
        return Field(agents=names, sides=least, conditions=len(self.conditions), seed=self.seed)

    def play(
        self, store: Store, *, slots: int = 256, replays: bool = False, seconds: float | None = None
    ) -> Generator[Record]:
        """Play what is not recorded yet and yield each record once it is durable.

        Stopping at any moment loses no match that was yielded; calling again goes on where it stopped, with the same results.

        Args:
            store: where records go.
            slots: matches in flight.
            replays: whether records keep what was played.
            seconds: begin no pair after so long.

        Raises:
            InputError: when an agent cannot play the game, the format cannot hold the field, or an opening is impossible.
        """
        agents = {agent.id: agent for agent in self.agents}
        with store.transaction():
            for agent in self.agents:
                store.add_agent(agent, 0)
        course = _Course(self, {record.id: record for record in store.matches(STAGE)}, seconds)
        batch: list[Record] = []
        started = time.monotonic()
        try:
            for record in play(
                self.game,
                course.matchups(),
                agents,
                slots=slots,
                seats=max(len(self.game.seats(condition.task)) for condition in self.conditions),
                steps=self.steps,
                judge=self.adjudication,
                replays=replays,
            ):
                course.book(record)
                batch += [record, *course.walkovers()]
                if len(batch) >= BATCH or time.monotonic() - started > SECONDS:
                    yield from _commit(store, batch)
                    batch, started = [], time.monotonic()
        finally:
            done = list(_commit(store, [*batch, *course.walkovers()]))
        yield from done


def results(records: Iterable[Record]) -> Results:
    """Return what a format sees of these records: the pairs of which all games are there."""
    ledger = _Ledger()
    for record in records:
        ledger.enter(record)
    return ledger.results


def _commit(store: Store, batch: list[Record]) -> list[Record]:
    if batch:
        with store.transaction():
            store.add_matches(batch)
    return batch


@dataclass
class _Open:
    """A pair in play."""

    pair: Pair
    games: dict[int, tuple[float, ...]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)


class _Ledger:
    """Puts the matches of pairs together."""

    def __init__(self) -> None:
        self.results = Results()
        self.open: dict[int, _Open] = {}  # number -> pair of which some games are missing

    def enter(self, record: Record) -> None:
        """Note what came of a match."""
        matchup = record.matchup
        turn, number, game = matchup.place
        if number not in self.open:  # known from records alone
            around = tuple(dict.fromkeys(matchup.agents))
            self.open[number] = _Open(Pair(turn, around[-game:] + around[:-game]))
        pair = self.open[number]
        totals: dict[str, list[float]] = defaultdict(list)
        for agent, score in zip(matchup.agents, record.scores, strict=True):
            totals[agent].append(score)
        group = pair.pair.group
        pair.games[game] = tuple(sum(totals[agent]) / len(totals[agent]) for agent in group)
        if record.fault is not None:
            pair.failed[matchup.agents[record.fault]] += 1
        if len(pair.games) == len(group):
            games = tuple(pair.games[k] for k in range(len(group)))
            self.results.played[number] = Played(pair.pair, games, tuple(pair.failed[agent] for agent in group))
            del self.open[number]


class _Course:
    """The course of one tournament: what was asked for, what is in flight, what came of it."""

    def __init__(self, asked: Tournament, known: dict[str, Record], seconds: float | None) -> None:
        self.asked, self._ledger = asked, _Ledger()
        self._known = known
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._conduct = _Conduct(asked.patience)
        self._walkovers: list[Record] = []
        self._hashes = {agent.id: agent.hash for agent in asked.agents}

    def matchups(self) -> Iterator[Matchup | None]:
        """Yield what must still be played; None while something in flight must end first."""
        ordinal = 0
        met: Counter[tuple[str, ...]] = Counter()
        number = 0
        for pair in self.asked.format.pairs(self.asked.field, self._ledger.results):
            if pair is None:
                while self._ledger.open:
                    yield None
                continue
            if self.asked.games is not None and ordinal + len(pair.group) > self.asked.games:
                return
            if self._deadline is not None and time.monotonic() > self._deadline:
                return
            self._ledger.open[number] = _Open(pair)
            for matchup in self._games(pair, number, ordinal, met):
                yield from self._offer(matchup)
            ordinal += len(pair.group)
            number += 1

    def _games(self, pair: Pair, number: int, ordinal: int, met: Counter[tuple[str, ...]]) -> list[Matchup]:
        """Return the games of a pair. Its seed depends on the tournament's seed, the group and how often that met before."""
        asked, group = self.asked, pair.group
        name = tuple(sorted(group))
        turn = met[name]
        met[name] += 1
        task, opening = asked.conditions[turn % len(asked.conditions)]
        seed = match_seed("pair", asked.seed, *name, turn)
        count = len(sides(asked.game, task))
        games = []
        for game in range(len(group)):
            around = [group[(game + side) % len(group)] for side in range(count)]
            agents = seated(asked.game, task, around)
            hashes = tuple(self._hashes[agent] for agent in agents)
            place = (pair.round, number, game)
            games.append(Matchup(STAGE, ordinal + game, task, agents, hashes, seed, place, opening))
        return games

    def _offer(self, matchup: Matchup) -> Iterator[Matchup | None]:
        """Yield a match, unless it is known already or an agent of it is withdrawn."""
        self._conduct.begin(matchup)
        record = self._known.pop(matchup.id, None)
        if record is not None:
            self.book(record)
            return
        while (seat := self._conduct.withdrawn(matchup)) is None:
            yield None
        if seat < 0:
            yield matchup
            return
        scores = forfeited(self.asked.game, matchup, seat)
        detail = f"withdrawn after {self.asked.patience} failures"
        nothing = (0.0,) * len(scores)
        record = Record(matchup.id, matchup, scores, nothing, 0, Reason.WITHDRAWN, seat, detail)
        self._walkovers.append(record)
        self.book(record)

    def walkovers(self) -> list[Record]:
        """Return the records of matches that were not played since the last call."""
        found, self._walkovers = self._walkovers, []
        return found

    def book(self, record: Record) -> None:
        """Note what came of a match."""
        self._conduct.end(record)
        self._ledger.enter(record)


class _Conduct:
    """Who failed how often, and who is withdrawn."""

    def __init__(self, patience: int | None) -> None:
        self._patience = patience
        self._failures: dict[str, int] = defaultdict(int)  # agent -> failures in matches that have left the window
        # agent -> its last matches, from the oldest on: ordinal, and whether it failed; None while that is not known
        self._recent: dict[str, dict[int, bool | None]] = defaultdict(dict)

    def begin(self, matchup: Matchup) -> None:
        if self._patience is not None:
            for agent in set(matchup.agents):
                self._recent[agent][matchup.ordinal] = None

    def end(self, record: Record) -> None:
        if self._patience is None:
            return
        matchup, failed = record.matchup, record.reason in (Reason.CRASH, Reason.TIMEOUT)
        for agent in set(matchup.agents):
            guilty = failed and record.fault is not None and matchup.agents[record.fault] == agent
            if matchup.ordinal in self._recent[agent]:
                self._recent[agent][matchup.ordinal] = guilty

    def withdrawn(self, matchup: Matchup) -> int | None:
        """Return the first seat whose agent is withdrawn, -1 when all may play, None when that is not known yet."""
        if self._patience is None:
            return -1
        for seat, agent in enumerate(matchup.agents):
            recent = self._recent[agent]
            past = [*recent][: -WINDOW - 1]  # this match is the last one of the list
            outcomes = [*takewhile(lambda failed: failed is not None, map(recent.get, past))]
            self._failures[agent] += sum(map(bool, outcomes))
            for ordinal in past[: len(outcomes)]:
                del recent[ordinal]
            if self._failures[agent] >= self._patience:
                return seat
            if self._failures[agent] + len(past) - len(outcomes) >= self._patience:
                return None
        return -1


def conditions(tasks: Sequence[Task], openings: Sequence[Sequence[int]] = ()) -> tuple[Condition, ...]:
    """Return every combination of a task and an opening; without openings every task alone."""
    return tuple(Condition(task, tuple(opening)) for opening in (openings or [()]) for task in tasks)
