"""The teacher that gives each learner a teacher of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from games import Game, TaskSpace
from league.teachers.checks import require_least
from league.teachers.composite import Composite, Turn, made
from league.teachers.teacher import Proposal, Result, Teacher

__all__ = ["PerLearner"]


class PerLearner(Composite):
    """Gives each learner a teacher of its own, which hears of that learner's results alone.

    A match may have other learners in it than the one that it was made for; their results are not passed on, for their
    own teachers know nothing of the task. Those of an agent that plays in the learner's place are.

    Args:
        space: the game's task space.
        seed: each learner's teacher has a seed made from it and the learner's id, so it does not matter who asks first.
        inner: the teacher that each gets: its kind, with its options beside it.
        most: learners that have one at the same time; beyond, the one that asked longest ago loses its own, and begins anew
            when it asks again.

    Raises:
        InputError: when the inner teacher cannot be made, or `most` is below 1.
    """

    def __init__(self, space: TaskSpace, seed: int, *, inner: Mapping[str, Any], most: int = 64) -> None:
        require_least("per_learner", most=(most, 1))
        self._part, self._seed, self._most = inner, seed, most
        self._pattern = self._new("", space)  # proposes nothing: it says what all have in common
        super().__init__(space, seed, {"inner": self._pattern})
        self.inner.clear()
        self._serial: dict[
            str, int
        ] = {}  # which teacher in turn a learner has now, so that no other hears of its tasks
        self._made = self._others = 0

    def turn(self, learner: str) -> Turn:
        """Return the learner's own teacher; it is made when first asked for."""
        if learner in self.inner:
            self.inner[learner] = self.inner.pop(learner)  # the newest last
        else:
            if len(self.inner) >= self._most:
                oldest = next(iter(self.inner))
                del self.inner[oldest], self._serial[oldest]
            self.inner[learner] = self._new(learner, self.space)
            self._serial[learner] = self._made
            self._made += 1
        return Turn(learner)

    def _new(self, learner: str, space: TaskSpace) -> Teacher:
        return made("per_learner", f"inner {learner}".strip(), self._part, space, self._seed)

    def max_seats(self, game: Game) -> int:
        """Return the largest population that the inner teacher may set."""
        return self._pattern.max_seats(game)

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals of the learner's own teacher; see `Teacher`."""
        if n < 1:
            return []
        self.turn(learner)
        serial = self._serial[learner]
        return [self.open(p, [learner, serial, p.id, p.player != ""]) for p in self.inner[learner].ask(n, learner)]

    def tell(self, result: Result) -> None:
        """Pass a result on to the teacher of the learner that the task was made for, if that learner played it."""
        found = self.ledger.close(result, self.meter.value(result))
        if found is None:
            return
        learner, serial, number, instead = found[0]
        if learner and result.learner != learner and not instead:
            self._others += 1
        elif self._serial.get(learner) == serial:
            self.inner[learner].tell(replace(result, id=number))

    def forget(self, learner: str) -> None:
        """Let a learner's own teacher drop what its results would be compared with."""
        kept, self.inner = self.inner, {name: t for name, t in self.inner.items() if name in (learner, "")}
        super().forget(learner)
        self.inner = kept

    def shares(self) -> dict[str, float]:
        """Return equal shares for all learners."""
        return dict.fromkeys(self.inner, 1.0 / max(len(self.inner), 1))

    def own_metrics(self) -> dict[str, float]:
        """Return how many have a teacher, how many lost theirs, and how many results were of other learners."""
        return {
            "learners": float(len(self.inner)),
            "dropped": float(self._made - len(self.inner)),
            "others": float(self._others),
        }

    def own_state(self) -> dict[str, Any]:
        """Return who has a teacher, from the one that asked longest ago."""
        return {"serial": [[name, self._serial[name]] for name in self.inner], "counts": [self._made, self._others]}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Make a teacher for each of these learners."""
        self._made, self._others = state["counts"]
        self._serial = dict(state["serial"])
        self.inner = {name: self._new(name, self.space) for name in self._serial}
