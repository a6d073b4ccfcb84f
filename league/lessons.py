"""Lessons: what a teacher proposes goes out as matches, and what came of them goes back to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from league.lineup import Side, duels
from league.match import Record
from league.members import Members
from league.opponents import OpponentClasses, opponents_class
from league.teachers import Forgets, Proposal, Result, Sketches, Teacher
from league.values import ValueSums
from populations.agent import Agent
from populations.learners.learner import Values
from populations.learners.trajectories import Trajectories

__all__ = ["Lessons"]


class _Lesson(NamedTuple):
    """What is known of a match in flight beside its matchup."""

    proposal: int
    train_allowed: bool
    opponents: str  # their class
    player: str  # id of who plays in the learner's place; empty for the learner


class Lessons:
    """Stands between a teacher and the matches in flight.

    Args:
        teacher: chooses tasks.
        members: who plays them.
        players: agents that the teacher may ask for in a learner's place, by the names that it gives them.
        opponent_classes: by what opponents are put into the classes that the teacher is told.
    """

    def __init__(
        self,
        teacher: Teacher,
        members: Members,
        *,
        players: Mapping[str, Agent] | None = None,
        opponent_classes: OpponentClasses = "kind",
    ) -> None:
        self.teacher, self.members, self.opponent_classes = teacher, members, opponent_classes
        self._players = {name: agent.id for name, agent in (players or {}).items()}
        for agent in (players or {}).values():
            members.agents.setdefault(agent.id, agent)
        self._values = ValueSums()
        self._running: dict[int, _Lesson] = {}  # by ordinal of the match

    # before and during a match

    def propose(self, learner: str) -> Proposal:
        """Return what a learner shall play next."""
        return self.teacher.ask(1, learner)[0]

    def seated(self, proposal: Proposal, learner: str) -> str:
        """Return who plays a proposal that was made for a learner."""
        return self._players[proposal.player] if proposal.player else learner

    def opponents_class(self, learner: str, opponents: Sequence[str]) -> str:
        """Return the class of a learner's opponents."""
        return opponents_class(self.opponent_classes, learner, opponents, self.members)

    def begin(self, ordinal: int, proposal: Proposal, opponents: str) -> None:
        """Note that a match plays a proposal, against opponents of a class."""
        player = self._players[proposal.player] if proposal.player else ""
        self._running[ordinal] = _Lesson(proposal.id, proposal.train_allowed, opponents, player)

    def material(self, batches: Mapping[str, Trajectories]) -> dict[str, Trajectories]:
        """Return what learners may learn from of one fragment's decisions; those that may not are scored all the same."""
        scored_only = [ordinal for ordinal, lesson in self._running.items() if not lesson.train_allowed]
        found = {}
        for name, batch in batches.items():
            learner = self.members.learners[name]
            if self.teacher.needs_values and isinstance(learner, Values):
                self._values.add(name, learner, batch)
            if scored_only:
                assert batch.match is not None
                batch = batch.only(~np.isin(batch.match, scored_only))
            if len(batch):
                found[name] = batch
        return found

    # after a match

    def end(self, record: Record, match: Sequence[Side], pupils: Iterable[str]) -> None:
        """Tell the teacher what came of a match.

        Args:
            record: of a match that counts.
            match: its sides.
            pupils: the learners that learn from it, unless somebody else played in their place.
        """
        ordinal = record.matchup.ordinal
        lesson = self._running[ordinal]
        points: dict[str, list[float]] = {}
        for agent, _, point in duels(match):
            points.setdefault(agent, []).append(point)
        for pupil in [lesson.player] if lesson.player else pupils:
            score = _mean(points[pupil]) if pupil in points else 0.5  # it met nobody but itself
            self.teacher.tell(
                Result(
                    id=lesson.proposal,
                    learner=pupil,
                    score=score,
                    total_return=_mean([side.total_return for side in match if side.agent == pupil]),
                    length=record.length,
                    success=_success(record, score if pupil in points else None),
                    values=self._values.take(ordinal, pupil),
                    opponents=lesson.opponents,
                    version=self.members.version(pupil),
                )
            )

    def drop(self, ordinal: int) -> bool:
        """Forget a match that is over; return whether a learner played it, and nobody in its place."""
        for name in self.members.learners:
            self._values.take(ordinal, name)
        return not self._running.pop(ordinal).player

    def forget(self, learners: Iterable[str]) -> None:
        """Tell the teacher that these are others now: their weights were replaced."""
        if isinstance(self.teacher, Forgets):
            for learner in learners:
                self.teacher.forget(learner)

    # what there is to see

    def metrics(self) -> dict[str, float]:
        """Return the teacher's figures for the learning curves."""
        return {f"teacher/{name}": value for name, value in self.teacher.metrics().items()}

    def sketch(self) -> list[dict[str, Any]]:
        """Return what the teacher believes, as shapes; empty when it cannot be drawn."""
        return self.teacher.sketch() if isinstance(self.teacher, Sketches) else []

    def state_dict(self) -> dict[str, Any]:
        """Return the teacher's state and what is in flight, as plain JSON values."""
        return {
            "teacher": self.teacher.state_dict(),
            "running": [[ordinal, *lesson] for ordinal, lesson in self._running.items()],
            "values": self._values.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go back to a state."""
        self.teacher.load_state_dict(state["teacher"])
        self._running = {ordinal: _Lesson(*lesson) for ordinal, *lesson in state["running"]}
        self._values.load_state_dict(state["values"])


def _success(record: Record, score: float | None) -> float | None:
    """Return how far a learner did what the task asks for: what the game says, else the share of opponents that it beat."""
    return float(record.metrics["success"]) if "success" in record.metrics else score


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
