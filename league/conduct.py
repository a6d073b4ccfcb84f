"""Who failed how often in a tournament, and who is withdrawn from it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import takewhile

from league.match import Matchup, Reason, Record

__all__ = ["WINDOW", "Conduct"]

WINDOW = 32
"""Whether an agent is withdrawn from a match depends on its failures in all its earlier matches but the last so many: on
records alone, and not on how many matches are in flight or when they happened to end."""

_FAILURES = frozenset({Reason.CRASH, Reason.TIMEOUT})


@dataclass
class Conduct:
    """Is told of the beginning of every match, in order, and of its end, in any order.

    Attributes:
        patience: an agent with so many crashes and time-outs is withdrawn; None never.
    """

    patience: int | None
    _failures: dict[str, int] = field(default_factory=lambda: defaultdict(int))  # in matches that have left the window
    # agent -> its last matches, from the oldest on: ordinal, and whether it failed; None while that is not known
    _recent: dict[str, dict[int, bool | None]] = field(default_factory=lambda: defaultdict(dict))

    def begin(self, matchup: Matchup) -> None:
        """Note that a match is asked for."""
        if self.patience is not None:
            for agent in set(matchup.agents):
                self._recent[agent][matchup.ordinal] = None

    def end(self, record: Record) -> None:
        """Note what came of a match."""
        if self.patience is None:
            return
        matchup = record.matchup
        at_fault = None if record.fault is None or record.reason not in _FAILURES else matchup.agents[record.fault]
        for agent in set(matchup.agents):
            if matchup.ordinal in self._recent[agent]:
                self._recent[agent][matchup.ordinal] = agent == at_fault

    def withdrawn(self, matchup: Matchup) -> int | None:
        """Return the first seat whose agent is withdrawn from the match that began last; -1 for none, None while unknown."""
        if self.patience is None:
            return -1
        for seat, agent in enumerate(matchup.agents):
            unknown = self._settle(agent, WINDOW + 1)  # this match is the last one of its list
            if self._failures[agent] >= self.patience:
                return seat
            if self._failures[agent] + unknown >= self.patience:
                return None
        return -1

    def out(self, agent: str) -> bool:
        """Return whether an agent will be withdrawn from its next match; all that has begun must have ended."""
        self._settle(agent, WINDOW)
        return self.patience is not None and self._failures[agent] >= self.patience

    def _settle(self, agent: str, young: int) -> int:
        """Count failures in all matches of an agent but the last `young`; return how many of them are not known yet."""
        recent = self._recent[agent]
        past = [*recent][:-young]
        outcomes = [*takewhile(lambda failed: failed is not None, map(recent.get, past))]
        self._failures[agent] += sum(map(bool, outcomes))
        for ordinal in past[: len(outcomes)]:
            del recent[ordinal]
        return len(past) - len(outcomes)
