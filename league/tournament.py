"""Tournaments: a format asks for pairs, each game of a pair becomes a match, played and recorded once, whatever happens."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum
from typing import NamedTuple

from games import Game, InputError, Task
from league.adjudication import Adjudication
from league.conduct import Conduct
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

IDLE = 65_536
"""A tournament ends when so many games in a row were not played and at most one agent is not withdrawn: one that never ends
by itself would else go on for ever with nobody to play."""


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
            Its last 32 matches are not looked at: see `league.conduct`.
        adjudication: ends matches before the game does; None never.
        games: begin no pair that would lead beyond so many games; None leaves it to the format.

    Raises:
        InputError: for an agent that is named twice, fewer than two, or a field that the format cannot hold.
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
        self.format.pairs(self.field, Results())

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
            seconds: begin no pair after so long; those of which some games are recorded are finished.

        Raises:
            InputError: when an agent cannot play the game, an opening is impossible, or what is recorded is not what this
                tournament asks for.
        """
        agents = {agent.id: agent for agent in self.agents}
        with store.transaction():
            for agent in self.agents:
                store.add_agent(agent, 0)
        known = {record.matchup.ordinal: record for record in store.matches(STAGE)}
        course = _Course(self, known, seconds)
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
                batch.append(record)
                if course.unplayed:
                    batch += course.walkovers()
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


class _Open:
    """A pair in play."""

    __slots__ = ("failed", "games", "missing", "pair")

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.missing = len(pair.group)
        self.games: list[tuple[float, ...]] = [()] * self.missing
        self.failed: dict[str, int] | None = None


class _Ledger:
    """Puts the matches of pairs together. Tens of thousands of matches a second pass here."""

    def __init__(self) -> None:
        self.results = Results()
        self.open: dict[int, _Open] = {}  # number -> pair of which some games are missing

    def enter(self, record: Record) -> None:
        """Note what came of a match."""
        agents, scores = record.matchup.agents, record.scores
        turn, number, game = record.matchup.place
        pair = self.open.get(number)
        if pair is None:  # known from records alone
            around = tuple(dict.fromkeys(agents))
            pair = self.open[number] = _Open(Pair(turn, around[-game:] + around[:-game]))
        group = pair.pair.group
        if len(agents) == len(group):  # the agents stand as in the group, moved on by one for each game
            pair.games[game] = scores[-game:] + scores[:-game] if game else scores
        else:
            totals: dict[str, list[float]] = defaultdict(list)
            for agent, score in zip(agents, scores, strict=True):
                totals[agent].append(score)
            pair.games[game] = tuple([fsum(totals[agent]) / len(totals[agent]) for agent in group])
        if record.fault is not None:
            pair.failed = pair.failed or {}
            guilty = agents[record.fault]
            pair.failed[guilty] = pair.failed.get(guilty, 0) + 1
        pair.missing -= 1
        if not pair.missing:
            failed = tuple([pair.failed.get(a, 0) for a in group]) if pair.failed else (0,) * len(group)
            self.results.played[number] = Played(pair.pair, tuple(pair.games), failed)
            del self.open[number]


class _Course:
    """The course of one tournament: what was asked for, what is in flight, what came of it."""

    def __init__(self, asked: Tournament, known: dict[int, Record], seconds: float | None) -> None:
        self.asked, self._ledger = asked, _Ledger()
        # withdrawals end an endless format, which takes knowing what is still open
        self._keeps = getattr(asked.format, "waits", True) or asked.patience is not None
        self._known = known  # ordinal -> record from before
        self._deadline = None if seconds is None else time.monotonic() + seconds
        self._conduct = Conduct(asked.patience)
        self.unplayed: list[Record] = []  # records of matches that were not played, until somebody takes them
        self._idle = 0  # games in a row that were not played
        self._met: Counter[tuple[str, ...]] = Counter()
        # the same groups come again and again: what is the same for all their pairs
        self._names: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._seatings: dict[tuple[tuple[str, ...], int], list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
        self._hashes = {agent.id: agent.hash for agent in asked.agents}

    def matchups(self) -> Iterator[Matchup | None]:
        """Yield what must still be played; None while something in flight must end first."""
        ordinal = number = 0
        for pair in self.asked.format.pairs(self.asked.field, self._ledger.results):
            if pair is None:
                while self._ledger.open:
                    yield None
                continue
            after = ordinal + len(pair.group)
            if self._idle >= IDLE:
                while self._ledger.open:
                    yield None
                if sum(not self._conduct.out(agent.id) for agent in self.asked.agents) < 2:
                    return
                self._idle = 0
            if self._over(ordinal, after):
                return
            if self._keeps:
                self._ledger.open[number] = _Open(pair)
            for matchup in self._games(pair, number, ordinal):
                yield from self._offer(matchup)
            ordinal, number = after, number + 1

    def _over(self, ordinal: int, after: int) -> bool:
        """Return whether the pair with the games from `ordinal` until before `after` must not begin."""
        if self.asked.games is not None and after > self.asked.games:
            return True
        late = self._deadline is not None and time.monotonic() > self._deadline
        return late and all(known not in self._known for known in range(ordinal, after))

    def _games(self, pair: Pair, number: int, ordinal: int) -> list[Matchup]:
        """Return the games of a pair. Its seed depends on the tournament's seed, the group and how often that met before.

        Groups begin at different places in the list of conditions, so that all are played where groups meet seldom.
        """
        asked, group = self.asked, pair.group
        name = self._names.get(group) or self._names.setdefault(group, tuple(sorted(group)))
        turn = self._met[name]
        self._met[name] += 1
        most = len(asked.conditions)
        place = 0 if most == 1 else (match_seed("condition", asked.seed, *name) + turn) % most
        task, opening = asked.conditions[place]
        seed = match_seed("pair", asked.seed, *name, turn)
        seatings = self._seatings.get((group, place))
        if seatings is None:
            seatings = self._seatings[group, place] = self._seated(group, task)
        return [
            Matchup(STAGE, ordinal + game, task, agents, hashes, seed, (pair.round, number, game), opening)
            for game, (agents, hashes) in enumerate(seatings)
        ]

    def _seated(self, group: tuple[str, ...], task: Task) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Return agents and hashes by seat for each game of a pair."""
        count, found = len(sides(self.asked.game, task)), []
        for game in range(len(group)):
            around = [group[(game + side) % len(group)] for side in range(count)]
            agents = seated(self.asked.game, task, around)
            found.append((agents, tuple(self._hashes[agent] for agent in agents)))
        return found

    def _offer(self, matchup: Matchup) -> Iterator[Matchup | None]:
        """Yield a match, unless it is known already or an agent of it is withdrawn."""
        self._conduct.begin(matchup)
        record = self._known.pop(matchup.ordinal, None)
        if record is not None:
            if record.id != matchup.id:
                raise InputError(
                    f"match {matchup.ordinal} is recorded as {' - '.join(record.matchup.agents)}, but the format now asks for"
                    f" {' - '.join(matchup.agents)}: it was begun with another version; choose another folder"
                )
            self._idle = self._idle + 1 if record.reason is Reason.WITHDRAWN else 0
            self.book(record)
            return
        while (seat := self._conduct.withdrawn(matchup)) is None:
            yield None
        if seat < 0:
            self._idle = 0
            yield matchup
            return
        scores = forfeited(self.asked.game, matchup, seat)
        detail = f"withdrawn after {self.asked.patience} failures"
        nothing = (0.0,) * len(scores)
        record = Record(matchup.id, matchup, scores, nothing, 0, Reason.WITHDRAWN, seat, detail)
        self._idle += 1
        self.unplayed.append(record)
        self.book(record)

    def walkovers(self) -> list[Record]:
        """Return the records of matches that were not played since the last call."""
        found, self.unplayed = self.unplayed, []
        return found

    def book(self, record: Record) -> None:
        """Note what came of a match."""
        self._conduct.end(record)
        if self._keeps:
            self._ledger.enter(record)


def conditions(tasks: Sequence[Task], openings: Sequence[Sequence[int]] = ()) -> tuple[Condition, ...]:
    """Return every combination of a task and an opening; without openings every task alone."""
    return tuple(Condition(task, tuple(opening)) for opening in (openings or [()]) for task in tasks)
