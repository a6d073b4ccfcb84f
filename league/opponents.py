"""Classes of opponents: what a teacher tells apart when it compares results on one task."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Literal

from league.members import Members

__all__ = ["BAND", "OpponentClasses", "opponents_class"]

OpponentClasses = Literal["kind", "rating", "none"]
"""By what opponents are put into classes."""

BAND = 200
"""Elo points that one class spans."""


def opponents_class(by: OpponentClasses, learner: str, opponents: Sequence[str], members: Members) -> str:
    """Return the class of the opponents of one match; empty when there are none, or none are told apart.

    Args:
        by: `kind`: `self` for the learner as it is now, `past` for frozen snapshots, `fixed` for agents that never learned, and
            the role of other live learners; `rating`: the band of Elo points that the online rating of an opponent falls into,
            such as `elo -200`, for it says how strong an opponent is whoever plays it; `none`.
        learner: for whom the match is made.
        opponents: of each opposing side. Several classes are joined by `+`, in alphabetical order.
        members: who they are.
    """
    if by == "none" or not opponents:
        return ""
    return "+".join(sorted({_class(by, learner, name, members) for name in opponents}))


def _class(by: OpponentClasses, learner: str, name: str, members: Members) -> str:
    if by == "rating":
        return f"elo {BAND * floor(members.payoff.elo.rating(name) / BAND)}"
    if name == learner:
        return "self"
    pool = members.pool
    if name in pool.learners:
        return pool.learners[name]
    return "past" if name in pool.snapshots else "fixed"
