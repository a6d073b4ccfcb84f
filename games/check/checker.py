"""Runs all checks on a game."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces

from games.check.matches import MATCH_CHECKS
from games.check.steps import STEP_CHECKS, watch
from games.check.subject import Subject
from games.game import Comparison, Game, Limits, Seat
from games.task import Task

__all__ = ["Finding", "check_game"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found.

    Attributes:
        check: its name.
        ok: whether the promise is kept.
        detail: the promise that is kept, or what is wrong, in a sentence.
    """

    check: str
    ok: bool
    detail: str


def check_game(game: Game, *, matches: int = 64, seed: int = 0, steps: int = 200) -> list[Finding]:
    """Check that a game keeps the contract, on random legal matches.

    Args:
        game: any game.
        matches: how many are played in one batch; up to 8 of them are played again, alone and in other company.
        seed: of tasks, matches and actions: the same seed checks the same matches.
        steps: longer matches are truncated.

    Returns:
        One finding a check. Checks that cannot be made because an earlier one failed are left out.
    """
    findings: list[Finding] = []

    def note(name: str, promise: str, check: Callable[[], str | None]) -> bool:
        try:
            complaint = check()
        except Exception as error:  # whatever a game does wrong is a finding, never the end of the checker
            complaint = f"{type(error).__name__}: {error}"
        findings.append(Finding(name, complaint is None, complaint or promise))
        return complaint is None

    def played() -> None:
        watch(subject, complaints)

    subject, complaints = Subject(game, matches, seed, steps), dict[str, str]()
    if not (
        note("layout", "observations are named boxes and actions have a layout", lambda: _layout(game))
        and note("tasks", "every task has seats, and a vector that takes it", lambda: _tasks(subject))
        and note("play", "random legal play raises no error", played)
    ):
        # what was wrong before play broke down says most about why
        return findings + [Finding(name, False, complaint) for name, complaint in complaints.items()]
    for name, (promise, _) in STEP_CHECKS.items():
        note(name, promise, lambda name=name: complaints.get(name))  # type: ignore[misc]
    for name, (promise, check) in MATCH_CHECKS.items():
        note(name, promise, lambda check=check: check(subject))  # type: ignore[misc]
    return findings


def _layout(game: Game) -> str | None:
    family, slash, _ = game.name.partition("/")
    if not family or not slash:
        return f"the name {game.name!r} must be FAMILY/GAME"
    for name, box in game.observation_space.items():
        if not isinstance(box, spaces.Box):
            return f"observation {name!r} is {box}; it must be a Box"
    layout = game.actions
    if layout.uses is not None and layout.uses.shape != (layout.sizes[0], layout.heads):
        return f"uses has shape {layout.uses.shape}, it must be {(layout.sizes[0], layout.heads)}"
    with closing(game.vector(1, Limits(seats=game.max_seats))) as vector:
        space = vector.observation_space
    if space.keys() != game.observation_space.keys():
        return f"a vector shows {sorted(space)}, the game declares {sorted(game.observation_space)}"
    for name, box in game.observation_space.items():
        if box.shape != space[name].shape or box.dtype != space[name].dtype:
            return f"observation {name!r} is {space[name]} in a vector for max_seats, the game declares {box}"
    return None


def _tasks(subject: Subject) -> str | None:
    game = subject.game
    for task in dict.fromkeys(match.task for match in subject.matches):
        if Task.from_json(task.json) != task or game.task_space.task(task) != task:
            return f"{task} does not survive being written down and read again"
        seats = game.seats(task)
        if not seats or not all(isinstance(seat, Seat) for seat in seats) or game.seats(task) != seats:
            return f"seats({task}) must always give the same tuple of at least one Seat, not {seats}"
        if len(seats) > game.max_seats:
            return f"{task} has {len(seats)} seats, max_seats says {game.max_seats}"
        teams = {seat.team for seat in seats}
        if game.comparison is Comparison.ZERO_SUM and len(teams) != 2:
            return f"{task} has {len(teams)} teams, a zero-sum game has two"
        try:
            with closing(game.vector(1, Limits(seats=len(seats)))) as vector:
                vector.assign(np.zeros(1, np.int64), [task], np.zeros(1, np.uint64))
        except Exception as error:
            return f"{task} cannot be assigned to a vector of its own size: {type(error).__name__}: {error}"
    return None
