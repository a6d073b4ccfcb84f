"""Decisions of a league about its members, as data: who entered, was frozen, reset, retired, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, NamedTuple

__all__ = ["Event", "Kind", "Member", "ancestry", "replay"]


class Kind(StrEnum):
    """What can happen to a member."""

    ENTER = "enter"
    """A learner or a fixed agent joins. `detail` holds role, population and hyper-parameters."""
    FREEZE = "freeze"
    """A snapshot (`agent`) of a learner (`source`) joins."""
    RESET = "reset"
    """A learner goes back to the weights of `source`: a snapshot, or itself as it began."""
    BRANCH = "branch"
    """A new learner joins with the weights and hyper-parameters of the learner `source`."""
    EXPLOIT = "exploit"
    """A learner takes over weights and hyper-parameters of another, through its snapshot `source`."""
    EXPLORE = "explore"
    """A learner's hyper-parameters change; `detail` holds old and new ones as JSON."""
    RETIRE = "retire"
    """A member is not met any more, and does not learn any more; what it has played stays."""
    REFUSE = "refuse"
    """Something that was asked for was not done; `agent` is whom it would have happened to."""


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

    @property
    def details(self) -> dict[str, Any]:
        """What `detail` holds."""
        return json.loads(self.detail) if self.detail else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Someone who is, or was, in a league.

    Attributes:
        id: its name in the league.
        kind: a `learner`, a `snapshot` of one, or a `fixed` agent that never learned.
        role: its part in the league; of a snapshot, that of its learner when it was taken; "fixed" for fixed agents.
        parent: whom it was copied from: of a snapshot, its learner; of a learner, the snapshot or learner whose weights it
            took over last. None for those that begin by themselves.
        population: learners of one population have the same networks, and PBT compares them; empty for fixed agents.
        entered: decisions of learners before it joined.
        retired: whether it is not met any more.
        options: a learner's hyper-parameters that may change, as they are now.
    """

    id: str
    kind: Literal["learner", "snapshot", "fixed"]
    role: str = "fixed"
    parent: str | None = None
    population: str = ""
    entered: int = 0
    retired: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """One word for its state: live, frozen, fixed or retired."""
        return "retired" if self.retired else {"learner": "live", "snapshot": "frozen", "fixed": "fixed"}[self.kind]


def replay(events: Iterable[Event]) -> dict[str, Member]:
    """Return who is in a league after these decisions, in order of entry: all that happened since its beginning."""
    members: dict[str, Member] = {}
    for event in events:
        name, source, details = event.agent, event.source, event.details
        match event.kind:
            case Kind.ENTER if name in members:  # a fixed agent comes back
                members[name] = replace(members[name], retired=False)
            case Kind.ENTER:
                given = {key: details[key] for key in ("kind", "role", "population", "options") if key in details}
                members[name] = Member(id=name, entered=event.step, **given)
            case Kind.FREEZE:
                copied = members[source]
                members[name] = Member(
                    id=name,
                    kind="snapshot",
                    role=copied.role,
                    parent=source,
                    population=copied.population,
                    entered=event.step,
                )
            case Kind.RESET:
                members[name] = replace(members[name], parent=None if source == name else source)
            case Kind.BRANCH:
                members[name] = replace(members[source], id=name, parent=source, entered=event.step)
            case Kind.EXPLOIT:
                options = members[name].options | details["options"]
                members[name] = replace(members[name], parent=source, options=options)
            case Kind.EXPLORE:
                members[name] = replace(members[name], options=members[name].options | details["after"])
            case Kind.RETIRE:
                members[name] = replace(members[name], retired=True)
    return members


def ancestry(events: Iterable[Event]) -> dict[str, str | None]:
    """Return whose weights each snapshot and each learner grew out of: a snapshot, or None for first weights.

    Learners change and take over each other's weights, so among them nobody is everybody's parent; but every snapshot has
    grown out of exactly one earlier one.
    """
    root: dict[str, str | None] = {}
    for event in events:
        match event.kind:
            case Kind.FREEZE:
                root[event.agent] = root.get(event.source)
                root[event.source] = event.agent
            case Kind.BRANCH:
                root[event.agent] = root.get(event.source)
            case Kind.RESET:
                root[event.agent] = None if event.source == event.agent else event.source
            case Kind.EXPLOIT:
                root[event.agent] = event.source
            case Kind.ENTER if event.details.get("kind") == "learner":
                root[event.agent] = None
    return root
