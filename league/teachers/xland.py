"""The teacher that tries tasks out before it teaches them: XLand's dynamic task generation."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from games import InputError, TaskSpace
from league.teachers.checks import require_least, require_share
from league.teachers.cube import CubeTeacher, Draw, Told
from league.teachers.measure import Measure
from league.teachers.scoring import of_learner
from league.teachers.teacher import SHOWN

__all__ = ["Xland"]


@dataclass(slots=True)
class _Candidate:
    """A task that is tried out.

    Attributes:
        point: [D].
        asked: of its matches that were handed out the number played by the learner, and by the control player.
        successes: those of the learner, and those of the control player.
        last: when the last of them was handed out, in proposals to the learner.
    """

    point: list[float]
    asked: list[int] = field(default_factory=lambda: [0, 0])
    successes: list[list[float]] = field(default_factory=lambda: [[], []])
    last: int = 0


@dataclass(slots=True)
class _Pupil:
    """What is known of one learner: candidates by number, and the tasks that were accepted."""

    buffer: deque[list[float]]
    candidates: dict[int, _Candidate] = field(default_factory=dict)
    asked: int = 0


class Xland(CubeTeacher):
    """Teaches tasks that a learner solves at times, and better than a control player does.

    Dynamic task generation of the Open-Ended Learning Team, "Open-ended learning leads to generally capable agents" (2021,
    arXiv 2107.12808). A candidate is drawn from the whole space and played `episodes` times by the learner and as often by the
    control player in its place, scored and not learned from. It is accepted if

        least < share of the learner's matches that are solved < most: it neither always wins nor always fails
        share of the control player's matches that are solved <= control_most: it does badly
        share of all pairs of a match of each in which the learner's success is higher by more than `margin` > better

    A match is solved if its success is above `solved`. Accepted tasks go to a buffer of the newest ones, from which is drawn
    evenly what is learned from; rejected ones are forgotten. Each learner has candidates and a buffer of its own. As long as
    nothing was accepted, it learns from tasks of the whole space.

    In the paper candidates are made by chance like ours, and the thresholds are tuned by population-based training; here they
    are options that stay. The control player is only asked once the learner's matches do not speak against a task, which
    decides the same with fewer matches.

    Args:
        space: the game's task space.
        seed: of its draws.
        measure: how results are read; success counts.
        control: agent that plays in the learner's place; empty for none, which leaves the last two conditions out.
        episodes: matches of each.
        solved: success above which a match is solved.
        least: see above.
        most: see above.
        control_most: see above.
        margin: see above.
        better: see above.
        candidates: share of the proposals that try candidates out, as far as they do not wait for results.
        opened: most candidates of one learner at the same time.
        keep: most tasks of one learner's buffer.
        patience: proposals to a learner after the last one of a candidate, beyond which it may be given up for a new one.

    Raises:
        InputError: for a number out of its range.
    """

    def __init__(
        self,
        space: TaskSpace,
        seed: int,
        *,
        measure: Measure = Measure(),  # noqa: B008 - frozen
        control: str = "random",
        episodes: int = 5,
        solved: float = 0.5,
        least: float = 0.0,
        most: float = 1.0,
        control_most: float = 0.4,
        margin: float = 0.1,
        better: float = 0.1,
        candidates: float = 0.5,
        opened: int = 16,
        keep: int = 100,
        patience: int = 1000,
    ) -> None:
        super().__init__(space, seed, measure=measure)
        require_least("xland", episodes=(episodes, 1), opened=(opened, 1), keep=(keep, 1), patience=(patience, 0))
        require_share(
            "xland",
            solved=solved,
            least=least,
            most=most,
            control_most=control_most,
            margin=margin,
            better=better,
            candidates=candidates,
        )
        if not least < most:
            raise InputError(f"teacher 'xland': least must be below most, not {least} and {most}")
        self.players = (control,) if control else ()
        self._episodes, self._solved, self._least, self._most = episodes, solved, least, most
        self._control_most, self._margin, self._better = control_most, margin, better
        self._share, self._opened, self._keep, self._patience = candidates, opened, keep, patience
        self._pupils: dict[str, _Pupil] = {}  # who asked last comes last
        self._numbers = self._accepted = self._rejected = 0

    def draw(self, learner: str) -> Draw:
        """Return a match of a candidate, or a task to learn from."""
        pupil = of_learner(self._pupils, learner, lambda: _Pupil(deque(maxlen=self._keep)))
        pupil.asked += 1
        if self.rng.random() < self._share:
            found = self._next(pupil)
            if found is not None:
                number, role = found
                candidate = pupil.candidates[number]
                candidate.asked[role] += 1
                candidate.last = pupil.asked
                player = self.players[0] if role else ""
                note = [learner, number, role]
                return Draw(np.array(candidate.point), "control" if role else "candidate", False, note, player)
        if pupil.buffer:
            return Draw(np.array(pupil.buffer[self.rng.integers(len(pupil.buffer))]), "accepted")
        return Draw(self.rng.random(self.size), "uniform")

    def _next(self, pupil: _Pupil) -> tuple[int, int] | None:
        """Return the candidate to play next, and whether the control player (1) or the learner (0) does."""
        for number, candidate in pupil.candidates.items():
            for role in (0, 1):
                ready = role == 0 or len(candidate.successes[0]) >= self._episodes
                if ready and candidate.asked[role] < self._episodes:
                    return number, role
        if len(pupil.candidates) >= self._opened:
            oldest = min(pupil.candidates, key=lambda number: pupil.candidates[number].last)
            if pupil.asked - pupil.candidates[oldest].last <= self._patience:
                return None
            del pupil.candidates[oldest]
        number = self._numbers
        self._numbers += 1
        pupil.candidates[number] = _Candidate(self.rng.random(self.size).tolist())
        return number, 0

    def learn(self, told: Told) -> None:
        """Count a match of a candidate, and decide when there are enough."""
        if told.note is None:
            return
        learner, number, role = told.note
        pupil = self._pupils.get(learner)
        if pupil is None or number not in pupil.candidates:
            return
        if role == 0 and learner and told.result.learner != learner:
            return
        candidate = pupil.candidates[number]
        candidate.successes[role].append(self.meter.success(told.result))
        accepted = self._verdict(*candidate.successes)
        if accepted is None:
            return
        del pupil.candidates[number]
        if accepted:
            pupil.buffer.append(candidate.point)
            self._accepted += 1
        else:
            self._rejected += 1

    def _verdict(self, own: list[float], control: list[float]) -> bool | None:
        """Return whether a task is accepted; None if more is to be played."""
        if len(own) < self._episodes:
            return None
        solved = sum(success > self._solved for success in own) / len(own)
        if not self._least < solved < self._most:
            return False
        if not self.players:
            return True
        if len(control) < self._episodes:
            return None
        done = sum(success > self._solved for success in control) / len(control)
        above = sum(a > c + self._margin for a in own for c in control) / (len(own) * len(control))
        return done <= self._control_most and above > self._better

    def forget(self, learner: str) -> None:
        """Drop candidates and buffer of a learner whose weights were replaced."""
        self._pupils.pop(learner, None)

    def own_metrics(self) -> dict[str, float]:
        """Return the share of the candidates that were accepted, and the mean size of the learners' buffers."""
        tried = self._accepted + self._rejected
        figures = {"accepted": self._accepted / tried} if tried else {}
        if self._pupils:
            figures["levels"] = float(np.mean([len(pupil.buffer) for pupil in self._pupils.values()]))
        return figures

    def sketch(self) -> list[dict[str, Any]]:
        """Return the newest accepted tasks of the learner that asked last."""
        if not self._pupils:
            return []
        buffer = list(next(reversed(self._pupils.values())).buffer)
        return [{"point": list(p), "weight": (1.0 - self._share) / len(buffer)} for p in buffer[-SHOWN:]]

    def own_state(self) -> dict[str, Any]:
        """Return all candidates and buffers."""
        pupils = [
            [
                name,
                list(pupil.buffer),
                [[number, c.point, c.asked, c.successes, c.last] for number, c in pupil.candidates.items()],
                pupil.asked,
            ]
            for name, pupil in self._pupils.items()
        ]
        return {"pupils": pupils, "counts": [self._numbers, self._accepted, self._rejected]}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to candidates and buffers."""
        self._numbers, self._accepted, self._rejected = state["counts"]
        self._pupils = {}
        for name, buffer, candidates, asked in state["pupils"]:
            known = {
                number: _Candidate(list(point), list(handed), [list(s) for s in successes], last)
                for number, point, handed, successes, last in candidates
            }
            self._pupils[name] = _Pupil(deque(map(list, buffer), maxlen=self._keep), known, asked)
