"""A bot in a process of its own, as a policy: whatever it does, every row has an answer or the reason why there is none."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Literal

from numpy.typing import NDArray

from games import Game
from populations.agents.matches import InFlight, Sitting
from populations.agents.process.answers import Answers, short
from populations.agents.process.bot import Bot, BotFailed
from populations.agents.process.command import Command
from populations.agents.process.handshake import Ready, hello, ready
from populations.agents.process.limits import Limits
from populations.agents.process.requests import Requests
from populations.layout import Layout
from populations.policy import Decision, Failure, Rows, State

__all__ = ["ProcessPolicy", "Usage"]

PIPELINE = 64
"""Requests that may wait in the pipe of a bot: while it works on one, we prepare the next."""
STARTS = 3
"""A bot that failed to start so often in a row is not started again."""


@dataclass(slots=True)
class Usage:
    """What a bot did so far.

    Attributes:
        starts: how often it was started.
        ends: how often it ended by itself.
        answers: rows answered; seconds: that we waited for them, and slowest: for one row, or one request of many.
        stderr_bytes: what it wrote there.
    """

    starts: int = 0
    ends: int = 0
    answers: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    stderr_bytes: int = 0


class ProcessPolicy:
    """Asks a bot by the protocol of `docs/protocol.md`.

    The bot is started when it is first needed, and anew whenever it is needed again after it ended, or was ended because it
    answered too late or with something else than an answer. Which match is lost by that depends on what the bot does there:
    a request of many rows that fails is asked again row by row, and a bot that ends is asked the same once more (`Limits`).
    A bot that did not start three times in a row is given up: all later rows fail at once.

    Args:
        game: what it plays.
        command: how it is started.
        limits: what it may use.

    Attributes:
        usage: what it did so far.
    """

    observes = True
    privileged = False

    def __init__(self, game: Game, command: Command, limits: Limits) -> None:
        self.command, self.limits, self.usage = command, limits, Usage()
        self._game, self._layout = game.name, Layout.of(game)
        self._actions = game.actions
        self._hello, self._requests, self._answers = hello(game, limits), Requests(game.actions), Answers(game.actions)
        self._seated = InFlight()
        self._bot: Bot | None = None
        self._ready = Ready()
        self._number = 0  # of the last request
        self._served = 0  # rows that the running bot has answered
        self._since = 0.0  # when it was asked, or had answered what it was asked before
        self._unstarted = 0
        self._given_up: Failure | None = None
        self._suspects: set[int] = set()  # rows of which one may have ended the bot
        self._excused = 0  # ends for which none of them was found guilty
        self._past_log = ""

    def initial_state(self, rows: int) -> State:
        """The bot keeps its own."""
        return {}

    def refuses(self, game: Game) -> str | None:
        """It was told at its start which game it plays."""
        same = game.name == self._game and Layout.of(game) == self._layout
        return None if same else f"it was started for {self._game}"

    @property
    def log(self) -> str:
        """The last lines that it wrote to stderr."""
        return self._bot.log if self._bot is not None and self._bot.log else self._past_log

    @property
    def kept(self) -> str:
        """How the running bot is kept: `isolated`, or `open: WHY`; empty while none runs."""
        return self._bot.kept if self._bot is not None else ""

    def start(self) -> Ready:
        """Start the bot if it does not run, and return what it says of itself.

        Raises:
            BotFailed: when it does not start.
        """
        if self._bot is None:
            self.usage.starts += 1
            self._served = 0
            self._seated.over.clear()  # a new bot knows of no match
            try:
                self._bot = Bot(self.command, self.limits)
                self._bot.send(self._hello)
                self._ready = ready(self._bot.receive(self.limits.start_seconds))
            except OSError as error:  # of the machine: no more processes, or files
                raise BotFailed("crash", f"it did not start: {error.strerror}") from None
            except BotFailed as failed:
                self._stop(failed)
                reason: Literal["crash", "timeout"] = "timeout" if failed.reason == "timeout" else "crash"
                raise BotFailed(reason, f"it did not start: {failed.detail}") from None
            self._unstarted = 0
        return self._ready

    def close(self) -> str:
        """Say goodbye to the bot, and return how it ended; it is started again when it is needed again."""
        if self._bot is None:
            return ""
        self._past_log = self.log
        self.usage.stderr_bytes += self._bot.stderr_bytes
        bot, self._bot = self._bot, None
        return bot.leave()

    def act(self, rows: Rows, state: State) -> Decision:
        """Ask the bot."""
        turn = _Turn(rows, self._seated.look(rows), self._actions.empty(1, len(rows))[0], {}, [*range(len(rows))])
        self._suspects.clear()
        while turn.todo:
            if self._given_up is not None:
                turn.failures.update(dict.fromkeys(turn.todo, self._given_up))
                break
            try:
                self.start()
            except BotFailed as failed:
                self._not_started(turn, failed)
                continue
            groups = self._groups(turn)
            try:
                self._ask(turn, groups)
            except BotFailed as failed:
                self._fell(turn, groups[0], failed)
            except (
                BaseException
            ):  # we were interrupted: answers that still come would be taken for those to later requests
                self._stop()
                raise
        return Decision(turn.action, failures=turn.failures)

    def _groups(self, turn: _Turn) -> list[list[int]]:
        """Return the rows of the next requests: those that the bot may find in its pipe while it works on the first."""
        size = self._ready.batch
        if not size or turn.todo[0] in turn.alone:
            return [[k] for k in turn.todo[:PIPELINE]]
        return [turn.todo[start : start + size] for start in range(0, min(len(turn.todo), PIPELINE * size), size)]

    def _ask(self, turn: _Turn, groups: list[list[int]]) -> None:
        """Send all requests and take the answers in turn. What is answered goes from `groups`, too.

        Raises:
            BotFailed: when the first request in `groups` has no answer.
        """
        assert self._bot is not None
        over, batch, first, lines = self._seated.over, self._ready.batch, self._number + 1, []
        self._since = time.monotonic()
        for group in groups:
            self._number += 1
            if batch:
                self._bot.send(self._requests.batch(self._number, turn.rows, group, turn.sittings, over))
            else:
                lines.append(self._requests.row(self._number, turn.rows, group[0], turn.sittings[group[0]], over))
            over.clear()
        if lines:
            self._bot.send(b"".join(lines))
        for number in range(first, self._number + 1):
            group = groups[0]
            line = self._receive(self.limits.batch_seconds(len(group)), last=len(groups) == 1)
            if batch:
                self._accept(turn, group, self._answers.batch(line, number, len(group)))
            else:
                self._accept(turn, group, [self._answers.row(line, number)])
            del turn.todo[: len(group)], groups[0]

    def _receive(self, seconds: float, *, last: bool) -> bytes:
        """Return the next line of the bot.

        Raises:
            BotFailed: also when it says more than it was asked for.
        """
        assert self._bot is not None
        line = self._bot.receive(seconds)
        now, usage = time.monotonic(), self.usage
        taken, self._since = now - self._since, now
        usage.seconds += taken
        usage.slowest = max(usage.slowest, taken)
        if last and self._bot.surplus:
            raise BotFailed("illegal", f"it wrote more than one line for a request: {short(self._bot.surplus)}")
        return line

    def _accept(self, turn: _Turn, group: list[int], values: list[Any]) -> None:
        """Enter the actions that are legal, and why others are not."""
        mask = turn.rows.mask
        chosen = self._answers.fine(values, None if mask is None else mask[group]) if len(group) > 1 else None
        if chosen is not None:
            turn.action[group, 0] = chosen
        else:
            for k, value in zip(group, values, strict=True):
                if problem := self._answers.wrong(value, None if mask is None else mask[k]):
                    turn.failures[k] = Failure("illegal", problem, self.log)
                else:
                    turn.action[k] = value
        self._answered(group)

    def _answered(self, group: list[int]) -> None:
        self._served += len(group)
        self.usage.answers += len(group)
        if self._suspects:
            self._suspects.difference_update(group)
            self._excused += not self._suspects  # none of them did it

    def _not_started(self, turn: _Turn, failed: BotFailed) -> None:
        self._unstarted += 1
        failure = Failure(failed.reason, failed.detail, self.log)
        if self._unstarted == STARTS:
            self._given_up = Failure(failed.reason, f"given up after {STARTS} starts: {failed.detail}", self.log)
        turn.failures[turn.todo.pop(0)] = failure

    def _fell(self, turn: _Turn, group: list[int], failed: BotFailed) -> None:
        """The bot is of no use any more: end it, and find the row that did it."""
        self._stop(failed)
        excusable = self._excused < self.limits.restarts
        if len(group) > 1 and excusable:
            turn.alone.update(group)
            self._suspects = set(group)
        elif failed.reason == "crash" and self._served and excusable:
            self._suspects = set(group)  # it may have been ill for long: a new one is asked the same again
        else:
            turn.failures.update(dict.fromkeys(group, Failure(failed.reason, failed.detail, self.log)))
            del turn.todo[: len(group)]
            self._suspects.clear()

    def _stop(self, failed: BotFailed | None = None) -> None:
        if self._bot is not None:
            bot, self._bot = self._bot, None
            bot.stop()
            self._past_log = bot.log
            self.usage.stderr_bytes += bot.stderr_bytes
            self.usage.ends += failed is not None and failed.reason == "crash"


@dataclass(slots=True)
class _Turn:
    """One call of `act`.

    Attributes:
        todo: row numbers without answer, ascending; alone: those that are asked one by one.
    """

    rows: Rows
    sittings: list[Sitting]
    action: NDArray[Any]
    failures: dict[int, Failure]
    todo: list[int]
    alone: set[int] = field(default_factory=set)
