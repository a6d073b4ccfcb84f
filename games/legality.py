"""Which actions are legal: within range, finite, and allowed by their mask."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from games.compiled import kernel
from games.game import ActionLayout, Step

__all__ = ["illegal", "require_legal"]


def illegal(action: NDArray[Any], mask: NDArray[np.bool_] | None, layout: ActionLayout) -> NDArray[np.bool_]:
    """Return [rows] bool: which actions are out of range, forbidden by their mask, or not finite.

    Args:
        action: [rows, heads].
        mask: [rows, A] bool, or None when everything in range is legal.
        layout: of the game's actions. Arguments that the chosen function does not use may hold anything.
    """
    if layout.continuous:
        inside = np.isfinite(action) & (action >= layout.low) & (action <= layout.high)
        return np.invert(inside.all(axis=1))
    wrong = np.zeros(len(action), np.bool_)
    masks = np.zeros((0, 0), np.bool_) if mask is None else mask
    uses = np.zeros((0, 0), np.bool_) if layout.uses is None else layout.uses
    with np.errstate(invalid="ignore"):
        whole = action.astype(np.int64, copy=False)
    _find_illegal(whole, masks, layout.offsets, uses, wrong)
    return wrong | (whole != action).any(axis=1)


@kernel
def _find_illegal(action, mask, offsets, uses, wrong):  # type: ignore[no-untyped-def]
    for row in range(len(action)):
        for head in range(len(offsets) - 1):
            chosen = action[row, head]
            used = True
            if len(uses) and head and not wrong[row]:
                used = uses[action[row, 0], head]
            if chosen < 0 or chosen >= offsets[head + 1] - offsets[head]:
                wrong[row] = wrong[row] or used
            elif used and len(mask) and not mask[row, offsets[head] + chosen]:
                wrong[row] = True


def require_legal(name: str, actions: NDArray[Any], view: Step, layout: ActionLayout) -> None:
    """Hold the actions [B, S, heads] of all acting seats against what they may do; others may hold anything.

    For vectors that do not find illegal actions by themselves: called before anything moves.

    Args:
        name: of the game.
        actions: as `VectorGame.step` takes them.
        view: the last step.
        layout: of the game's actions.

    Raises:
        ValueError: for the first illegal one, naming slot and seat.
    """
    slots, seats = np.nonzero(view.acting)
    chosen = np.asarray(actions).reshape(*view.acting.shape, -1)[slots, seats]
    wrong = illegal(chosen, None if view.action_mask is None else view.action_mask[slots, seats], layout)
    if wrong.any():
        k = int(wrong.argmax())
        raise ValueError(f"{name}: illegal action {chosen[k].tolist()} (slot {slots[k]}, seat {seats[k]})")
