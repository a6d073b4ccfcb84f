"""Faults of agents: a policy that fails or moves illegally loses its match and harms no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import ActionLayout, Comparison, Game
from games.legality import illegal
from league.match import Matchup, Reason
from populations.policy import Decision, Policy, Rows, State

__all__ = ["Fault", "any_legal", "forfeited", "guarded"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What a seat did wrong: the seat, the reason that goes on the record, one line of detail, and the end of its stderr."""

    seat: int
    reason: Reason
    detail: str
    log: str = ""


def any_legal(mask: NDArray[np.bool_] | None, rows: int, layout: ActionLayout) -> NDArray[Any]:
    """Return the first legal action of every row [rows, heads]; zeros where everything is legal."""
    action = layout.empty(1, rows)[0]
    if mask is not None:
        for head, (start, size) in enumerate(zip(layout.offsets, layout.sizes, strict=False)):
            action[:, head] = mask[:, start : start + size].argmax(axis=1)
    elif layout.continuous:
        action[:] = np.clip(action, layout.low, layout.high)
    return action


def forfeited(game: Game, matchup: Matchup, seat: int) -> tuple[float, ...]:
    """Return the scores of a match that a seat has forfeited: -1 for its team, 1 for the rest (0 in cooperative games)."""
    teams = [seat.team for seat in game.seats(matchup.task)]
    spared = 0.0 if game.comparison is Comparison.COOPERATIVE else 1.0
    return tuple(-1.0 if teams[s] == teams[seat] else spared for s in range(len(matchup.agents)))


def guarded(policy: Policy, rows: Rows, state: State, layout: ActionLayout) -> tuple[Decision, dict[int, Fault]]:
    """Ask a policy that nobody trusts.

    Returns:
        Its decision, with any legal action in the rows at fault, and row number to fault. When the whole batch fails,
        rows are asked one by one, so that only the matches that cause the failure are lost.
    """
    faults: dict[int, Fault] = {}
    try:
        decision = _answer(policy, rows, state, layout)
    except Exception as error:  # it may fail in any way; the fault is its own and the tournament goes on
        decision, faults = _one_by_one(policy, rows, state, layout, error)
    action = decision.action
    if decision.failures:
        failed = [*decision.failures]
        action = action.copy()
        action[failed] = any_legal(rows.mask, len(rows), layout)[failed]
        for k, failure in decision.failures.items():
            faults[k] = Fault(int(rows.seat[k]), Reason(failure.reason), failure.detail, failure.log)
    wrong = illegal(action, rows.mask, layout)
    if wrong.any():
        substitute = any_legal(rows.mask, len(rows), layout)
        action = np.where(wrong[:, None], substitute, action)
        for k in np.flatnonzero(wrong).tolist():
            chosen = decision.action[k].tolist()
            faults.setdefault(k, Fault(int(rows.seat[k]), Reason.ILLEGAL, f"illegal action {chosen}"))
    decision.action = action
    return decision, faults


def _answer(policy: Policy, rows: Rows, state: State, layout: ActionLayout) -> Decision:
    """Ask a policy, and raise unless its answer has the form that the contract wants."""
    decision = policy.act(rows, state)
    if not isinstance(decision, Decision):
        raise TypeError(f"act must return a Decision, not {type(decision).__name__}")
    decision.action = np.asarray(decision.action).reshape(len(rows), layout.heads)
    if decision.action.dtype.kind not in "iuf":
        raise TypeError(f"actions must be numbers, not {decision.action.dtype}")
    if not all(0 <= row < len(rows) for row in decision.failures):
        raise ValueError(f"act must name failures by row, 0 to {len(rows) - 1}, not {[*decision.failures]}")
    form = {name: values.shape for name, values in state.items()}
    found = {name: np.shape(values) for name, values in decision.state.items()}
    if found != form:
        raise ValueError(f"act must return state of the form {form}, not {found}")
    return decision


def _one_by_one(
    policy: Policy, rows: Rows, state: State, layout: ActionLayout, error: Exception
) -> tuple[Decision, dict[int, Fault]]:
    action = any_legal(rows.mask, len(rows), layout)
    after = {name: values.copy() for name, values in state.items()}
    faults = {}
    for k in range(len(rows)):
        one = np.array([k])
        row = rows.part(one)
        if len(rows) > 1:
            try:
                decision = _answer(policy, row, {name: values[one] for name, values in state.items()}, layout)
                action[k] = decision.action[0]
                for name, values in decision.state.items():
                    after[name][one] = values
                continue
            except Exception as own:
                error = own
        faults[k] = Fault(int(rows.seat[k]), Reason.CRASH, f"{type(error).__name__}: {error}"[:200])
    return Decision(action, after), faults
