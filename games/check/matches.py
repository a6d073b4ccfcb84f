"""Checks that play matches again, under other circumstances, and compare their records.

Each takes the subject and returns what is wrong, in a sentence, or None.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.check.play import Record, Table, difference, random_actions
from games.check.subject import Subject
from games.game import ActionLayout, Comparison, Limits, Step

__all__ = ["MATCH_CHECKS"]


def scores(subject: Subject) -> str | None:
    totals = set()
    for number, record in enumerate(subject.records):
        teams: dict[int, set[float]] = {}
        for seat, score in zip(subject.game.seats(subject.matches[number].task), record.score, strict=False):
            teams.setdefault(seat.team, set()).add(score)
        if any(len(shared) > 1 for shared in teams.values()):
            return f"seats of one team have different scores in {subject.says(number)}: {record.score}"
        if subject.game.comparison is Comparison.COOPERATIVE and len(set(record.score)) > 1:
            return f"a cooperative game gives different scores in {subject.says(number)}: {record.score}"
        if record.ending == "terminated":
            totals.add(round(sum(shared.pop() for shared in teams.values()), 6))
    if subject.game.comparison is Comparison.ZERO_SUM and len(totals) > 1:
        return f"the teams of a zero-sum game do not share a constant: their scores add up to {sorted(totals)[:5]}"
    return None


def determinism(subject: Subject) -> str | None:
    numbers = range(len(subject.matches))
    records = _replay(subject, numbers, subject.limits)
    return _compare(subject, numbers, records, "when the same batch is played a second time")


def variety(subject: Subject) -> str | None:
    same_task = subject.records[::2]
    if len(same_task) > 1 and len({record.views.digest() for record in same_task}) == 1:
        return f"all {len(same_task)} matches of one task went the same way, whatever their seeds and random actions"
    return None


def batch_of_one(subject: Subject) -> str | None:
    with Table(subject.game, 1, subject.limits) as table:
        records = []
        for number in subject.few:
            table.seat([0], [subject.matches[number]])
            records.append(table.finish(subject.steps + 1)[0])
    return _compare(subject, subject.few, records, "when played alone instead of in a batch")


def unobserved(subject: Subject) -> str | None:
    records = _replay(subject, subject.few, replace(subject.limits, observe=False))
    return _compare(subject, subject.few, records, "with Limits(observe=False)", views=False)


def reset_in_the_middle(subject: Subject) -> str | None:
    *seated, late = subject.by_length(4)
    if not seated:
        return None
    with Table(subject.game, len(seated), subject.limits) as table:
        table.seat(range(len(seated)), [subject.matches[number] for number in seated])
        for _ in range(subject.records[seated[-1]].length // 2):
            table.step()
        old = _frozen(table.view)
        view = table.seat([0], [subject.matches[late]])
        if what := _changed(old, view, slice(1, None)):
            return f"assigning to slot 0 changes {what} of other slots"
        if view.reward.any() or view.terminated.any() or view.truncated.any():
            return "assign repeats rewards or ends of the step before; it must show none"
        records = table.finish(subject.steps + 1)
    return _compare(subject, [late, *seated[1:]], records, "when a match is assigned over an unfinished one")


def limits(subject: Subject) -> str | None:
    def at(steps: int | None) -> Limits:
        return replace(subject.limits, steps=steps)

    lengths = sorted(subject.records[number].length for number in subject.few)
    # Half of a usual match, to cut some; and all of the shortest, whose rules end it in the very step of the limit.
    for cut in {max(1, lengths[len(lengths) // 2] // 2), lengths[0]}:
        for number, record in zip(subject.few, _replay(subject, subject.few, at(cut)), strict=True):
            full = subject.records[number]
            ending, length = (full.ending, full.length) if full.length <= cut else ("truncated", cut)
            if (record.ending, record.length) != (ending, length):
                return (
                    f"with Limits(steps={cut}) {subject.says(number)} must be {ending} after {length} steps, "
                    f"but is {record.ending} after {record.length}"
                )
    for number, record in zip(subject.few, _replay(subject, subject.few, at(None)), strict=True):
        full = subject.records[number]
        cut_before = full.length == subject.steps and full.ending == "truncated"
        if cut_before and (record.ending, record.length) == ("terminated", subject.steps):
            return f"{subject.says(number)} was truncated in the step in which its rules end it: that is terminated"
        if not cut_before and (found := difference(full, record, views=False)):
            return f"{subject.says(number)} differs without a limit: {found}"
    return None


def state(subject: Subject) -> str | None:
    chosen = subject.by_length(3)
    matches, slots = [subject.matches[number] for number in chosen], range(len(chosen))
    with (
        Table(subject.game, len(chosen), subject.limits) as old,
        Table(subject.game, len(chosen), subject.limits) as new,
    ):
        if not old.vector.resumable:
            return None
        old.seat(slots, matches)
        for _ in range(subject.records[chosen[0]].length // 2):
            old.step()
        saved, bookmark, seen = old.vector.state_dict(), old.bookmark(), _frozen(old.view)
        if not all(isinstance(array, np.ndarray) for array in saved.values()):
            return "state_dict must hold NumPy arrays and nothing else"
        copies = {name: array.copy() for name, array in saved.items()}
        old.finish(subject.steps + 1)
        if any(not np.array_equal(saved[name], array) for name, array in copies.items()):
            return "state_dict gives arrays that the next steps write into; it must give copies"
        new.seat(slots, matches)
        for table, where in ((old, "in the same vector"), (new, "in a new vector")):
            table.resume(bookmark, table.vector.load_state_dict(saved))
            if what := _changed(seen, table.view, slice(None)):
                return f"load_state_dict {where} shows something else than when the state was taken: {what}"
            records = table.finish(subject.steps + 1)
            if complaint := _compare(subject, chosen, records, f"after load_state_dict {where}"):
                return complaint
    return None


def pettingzoo_face(subject: Subject) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PettingZoo's tests import its own old modules
        from pettingzoo.test import api_test, parallel_api_test, parallel_seed_test, seed_test

    game = subject.game
    faces = [(api_test, seed_test, game.aec_env)]
    if not game.turn_based:
        faces.append((parallel_api_test, parallel_seed_test, game.parallel_env))
    for api, seeds, make in faces:
        try:
            # They print and warn about matters of taste; what counts is whether they fail.
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with contextlib.closing(make()) as env:
                    api(env, num_cycles=10)
                seeds(make, num_cycles=10)
        except Exception as error:
            return f"{make.__name__} fails PettingZoo's own tests: {type(error).__name__}: {error}"
    return None


def _compare(subject: Subject, numbers: Any, records: list[Record], when: str, *, views: bool = True) -> str | None:
    for number, record in zip(numbers, records, strict=True):
        if found := difference(subject.records[number], record, views=views):
            return f"{subject.says(number)} differs {when}: {found}"
    return None


def _replay(subject: Subject, numbers: Sequence[int], limits: Limits) -> list[Record]:
    """The records of these matches, played in one batch under these limits."""
    with Table(subject.game, len(numbers), limits) as table:
        table.seat(range(len(numbers)), [subject.matches[number] for number in numbers])
        return table.finish(subject.steps + 1)


def _frozen(view: Step) -> Step:
    """A copy that the vector does not overwrite."""
    return replace(
        view,
        observation={name: array.copy() for name, array in view.observation.items()},
        action_mask=None if view.action_mask is None else view.action_mask.copy(),
        acting=view.acting.copy(),
    )


def _changed(one: Step, other: Step, slots: slice) -> str | None:
    """What differs between two views in these slots; the masks of seats that do not act may."""
    for name, array in one.observation.items():
        if not np.array_equal(array[slots], other.observation[name][slots]):
            return f"the observation {name!r}"
    acting = one.acting[slots]
    if not np.array_equal(acting, other.acting[slots]):
        return "who acts"
    if one.action_mask is None or other.action_mask is None:
        return None
    return None if np.array_equal(one.action_mask[slots][acting], other.action_mask[slots][acting]) else "the masks"


def legality(subject: Subject) -> str | None:
    number = subject.by_length(1)[0]
    with Table(subject.game, 2, subject.limits) as table:
        view = table.seat([0, 1], [subject.matches[number]] * 2)
        seat, layout = int(view.acting[0].argmax()), subject.game.actions
        legal = random_actions(layout, view, np.zeros(2, np.uint64), np.zeros(2, np.int64))
        for bad in _forbidden(view, seat, legal[0, seat], layout):
            actions = legal.copy()
            actions[0, seat] = bad
            try:
                table.vector.step(actions)
            except ValueError:
                continue
            return f"step took the illegal action {bad.tolist()} of seat {seat}; it must raise ValueError before anything moves"
        records = table.finish(subject.steps + 1)
    # the second slot moved legally all the time, and must not have moved either
    return _compare(subject, [number, number], records, "after an illegal action that was refused")


def _forbidden(view: Step, seat: int, legal: NDArray[Any], layout: ActionLayout) -> list[NDArray[Any]]:
    """Return actions that one seat of the first slot must not take, made from a legal one."""
    if layout.continuous:
        assert layout.high is not None
        return [np.full_like(legal, np.nan), *([layout.high + 1] if np.isfinite(layout.high).all() else [])]
    heads = [-1, layout.sizes[0]]
    if view.action_mask is not None and not (allowed := view.action_mask[0, seat, : layout.sizes[0]]).all():
        heads.append(int(allowed.argmin()))
    return [np.array([head, *legal[1:]], legal.dtype) for head in heads]


MATCH_CHECKS: dict[str, tuple[str, Callable[[Subject], str | None]]] = {
    "scores": ("teams share their score, and it compares as the game says", scores),
    "determinism": ("the same seeds and actions give the same matches", determinism),
    "variety": ("seeds and actions make a difference", variety),
    "batch-of-one": ("a match is the same alone and in a batch", batch_of_one),
    "unobserved": ("a match is the same when nobody looks", unobserved),
    "reset-in-the-middle": (
        "a match can be assigned over an unfinished one and disturbs no other",
        reset_in_the_middle,
    ),
    "legality": ("an illegal action is refused, and nothing has moved", legality),
    "limits": ("a match that is cut is truncated, one that its rules end is terminated", limits),
    "state": ("a match goes on from a saved state as if nothing had happened, where the game is resumable", state),
    "pettingzoo-face": ("the PettingZoo face passes PettingZoo's own tests", pettingzoo_face),
}
"""Name of each check to its promise and its function."""
