"""Checks on every single step, all made while one batch of matches is played.

Each takes the subject and a frame and returns what is wrong, in a sentence, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.check.play import Table
from games.check.subject import Subject
from games.game import Step

__all__ = ["STEP_CHECKS", "watch"]


@dataclass(slots=True)
class Frame:
    """One step, seen from outside.

    Attributes:
        number: 0 after `assign`, then counting steps.
        view: what the vector returned.
        space: the vector's observation space.
        before: [B] bool, matches in progress before this step (all of them after `assign`).
        after: [B] bool, matches in progress after it.
        populated: [B, S] bool, seats that exist.
        last: the observation arrays as they were when each match ended; rows of matches in progress hold anything.
    """

    number: int
    view: Step
    space: spaces.Dict
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]
    populated: NDArray[np.bool_]
    last: dict[str, NDArray]


def watch(subject: Subject, complaints: dict[str, str]) -> None:
    """Play all matches in one batch, keep their records, and enter the first complaint of each check, by its name."""
    with Table(subject.game, len(subject.matches), subject.limits) as table:
        _watch(subject, table, complaints)
    subject.records = table.records


def _watch(subject: Subject, table: Table, complaints: dict[str, str]) -> None:
    view = table.seat(range(len(subject.matches)), subject.matches)
    populated = np.arange(subject.limits.seats) < table.seats[:, None]
    last = {name: array.copy() for name, array in view.observation.items()}
    before = table.live.copy()
    rest = 2  # steps after the last match has ended, to see that nothing begins again
    for number in range(subject.steps + 1 + rest):
        frame = Frame(number, view, table.vector.observation_space, before, table.live.copy(), populated, last)
        for name, (_, check) in STEP_CHECKS.items():
            if name not in complaints and (complaint := check(subject, frame)):
                complaints[name] = f"after step {number}: {complaint}"
        rest -= not table.live.any()
        if rest < 0:
            break
        for name, array in last.items():
            array[before] = view.observation[name][before]
        before = table.live.copy()
        view = table.step()


def observations(subject: Subject, frame: Frame) -> str | None:
    if frame.view.observation.keys() != frame.space.spaces.keys():
        return f"the observation has {sorted(frame.view.observation)}, its space {sorted(frame.space.spaces)}"
    for name, box in frame.space.items():
        assert isinstance(box, spaces.Box)
        array, shape = frame.view.observation[name], (*frame.populated.shape, *box.shape)
        if array.shape != shape or array.dtype != box.dtype:
            return f"observation {name!r} is {array.dtype}{array.shape}, its space says {box.dtype}{shape}"
        rows = array[frame.populated]
        bad = ~((rows >= box.low) & (rows <= box.high))
        if bad.any():
            slot, seat = np.argwhere(frame.populated)[np.argwhere(bad)[0, 0]]
            return (
                f"observation {name!r} of seat {seat} in slot {slot} holds {rows[bad][0]}, "
                f"outside its declared bounds {np.min(box.low)} to {np.max(box.high)}"
            )
    return None


def padding(subject: Subject, frame: Frame) -> str | None:
    for name, array in frame.view.observation.items():
        if array[~frame.populated].any():
            return f"observation {name!r} is not zero on seats that the task does not have"
    for name in ("acting", "reward"):
        if getattr(frame.view, name)[~frame.populated].any():
            return f"{name} is not zero on seats that the task does not have"
    return None


def acting(subject: Subject, frame: Frame) -> str | None:
    array = frame.view.acting
    if array.shape != frame.populated.shape or array.dtype != np.bool_:
        return f"acting is {array.dtype}{array.shape}, it must be bool{frame.populated.shape}"
    deciding = array.sum(axis=1)
    if deciding[~frame.after].any():
        return f"seats act in slot {np.argmax(~frame.after & (deciding > 0))}, whose match has ended"
    if (deciding[frame.after] == 0).any():
        return f"nobody acts in slot {np.argmax(frame.after & (deciding == 0))}, whose match has not ended"
    if subject.game.turn_based and (deciding > 1).any():
        return f"{deciding.max()} seats act at once, in a game that says it is turn-based"
    return None


def masks(subject: Subject, frame: Frame) -> str | None:
    mask, layout = frame.view.action_mask, subject.game.actions
    if mask is None:
        return None
    if layout.continuous:
        return "Box actions have no mask"
    shape = (*frame.populated.shape, layout.width)
    if mask.shape != shape or mask.dtype != np.bool_:
        return f"the mask is {mask.dtype}{mask.shape}, it must be bool{shape}"
    for head, entries in enumerate(np.split(mask[frame.view.acting], layout.offsets[1:-1], axis=1)):
        if not entries.any(axis=1).all():
            return f"an acting seat has no legal action in head {head}"
    return None


def rewards(subject: Subject, frame: Frame) -> str | None:
    reward = frame.view.reward
    if reward.shape != frame.populated.shape or reward.dtype != np.float32:
        return f"reward is {reward.dtype}{reward.shape}, it must be float32{frame.populated.shape}"
    if not np.isfinite(reward).all():
        return "a reward is not finite"
    if frame.number == 0 and reward.any():
        return "assign gives rewards; nobody has done anything yet"
    if reward[~frame.before].any():
        return f"slot {np.argmax(~frame.before & reward.any(axis=1))} gives rewards, though its match ended before"
    return None


def endings(subject: Subject, frame: Frame) -> str | None:
    terminated, truncated = frame.view.terminated, frame.view.truncated
    for name, array in (("terminated", terminated), ("truncated", truncated)):
        if array.shape != frame.before.shape or array.dtype != np.bool_:
            return f"{name} is {array.dtype}{array.shape}, it must be bool{frame.before.shape}"
    if (terminated & truncated).any():
        return (
            f"slot {np.argmax(terminated & truncated)} is both terminated and truncated; only one of them can be true"
        )
    ended = terminated | truncated
    if frame.number == 0 and ended.any():
        return "assign reports an end; a match ends in a step"
    if ended[~frame.before].any():
        return f"slot {np.argmax(ended & ~frame.before)} reports an end again; only the step that ends a match does"
    if frame.number == subject.steps and frame.after.any():
        return f"a match goes on after the {subject.steps} steps that Limits.steps allows"
    return None


def resting(subject: Subject, frame: Frame) -> str | None:
    ended = ~frame.before
    for name, array in frame.view.observation.items():
        changed = ended & (array != frame.last[name]).reshape(len(ended), -1).any(axis=1)
        if changed.any():
            return f"observation {name!r} of slot {np.argmax(changed)} changed after its match had ended"
    if frame.view.acting[ended].any():
        return f"seats act again in slot {np.argmax(ended & frame.view.acting.any(axis=1))}, though its match had ended"
    return None


def outcomes(subject: Subject, frame: Frame) -> str | None:
    view = frame.view
    ended = view.terminated | view.truncated
    if view.score.shape != frame.populated.shape or view.score.dtype != np.float64:
        return f"score is {view.score.dtype}{view.score.shape}, it must be float64{frame.populated.shape}"
    if not np.isfinite(view.score[ended][frame.populated[ended]]).all():
        return "the score of a match that ended is not finite"
    if set(view.metrics) != set(subject.game.metrics):
        return f"metrics are {sorted(view.metrics)}, the game declares {sorted(subject.game.metrics)}"
    for name, values in view.metrics.items():
        if values.shape != ended.shape or not np.isfinite(values[ended]).all():
            return f"metric {name!r} of a match that ended is not one finite number a slot"
    return None


STEP_CHECKS: dict[str, tuple[str, Callable[[Subject, Frame], str | None]]] = {
    "observations": ("every array has its declared name, shape, dtype and bounds", observations),
    "padding": ("seats that a task does not have are all zero", padding),
    "acting": ("somebody acts in every unfinished match, and nobody in any other", acting),
    "masks": ("every acting seat has a legal action in every head", masks),
    "rewards": ("rewards are finite, and zero where nothing is played", rewards),
    "endings": ("a match ends once, terminated or truncated, within its limit", endings),
    "resting": ("a match that ended waits as it is until the next one is assigned", resting),
    "outcomes": ("scores are finite and metrics are those that the game declares", outcomes),
}
"""Name of each check to its promise and its function."""
