"""Decisions of a league about its members, as data: who entered, was frozen, reset, retired, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

__all__ = ["Event", "Kind"]


class Kind(StrEnum):
    """What can happen to a member."""

    ENTER = "enter"
    """A learner or a fixed agent joins."""
    FREEZE = "freeze"
    """A snapshot (`agent`) of a learner (`source`) joins."""
    RESET = "reset"
    """A learner goes back to the weights of `source`: a snapshot, or itself as it began."""
    BRANCH = "branch"
    """A new learner joins with the weights of `source`."""
    EXPLOIT = "exploit"
    """A learner takes over weights and hyper-parameters of another, through its snapshot `source`."""
    EXPLORE = "explore"
    """A learner's hyper-parameters change; `detail` holds old and new ones as JSON."""
    RETIRE = "retire"
    """A member is not met any more, and does not learn any more; what it has played stays."""


class Event(NamedTuple):
    """One decision.

    Attributes:
        number: its place in the order of all decisions of the league, from 0.
        step: decisions of learners before it.
        kind: what happened, a `Kind`.
        agent: whom it happened to.
        source: the other agent that had a part in it, or empty.
        reason: the rule and the figures that led to it, in words.
        detail: what a replay needs beside that, as JSON, or empty.
    """

    number: int
    step: int
    kind: str
    agent: str
    source: str
    reason: str
    detail: str = ""
