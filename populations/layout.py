"""What a network is made for: the shapes of one seat's observation, and its actions. Goes into every snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games import ActionLayout, Game

__all__ = ["ENTITY_FIELDS", "Field", "Layout"]

ENTITY_FIELDS = ("entities", "entity_mask")
"""Observations whose first axis counts entities: its length differs between tasks of one game."""


@dataclass(frozen=True, slots=True)
class Field:
    """One named array of an observation.

    Attributes:
        shape: of one seat's array, without the row axis.
        dtype: NumPy's name for its type.
        scale: what a network multiplies it by: brings bounded integers (bytes of an image, counts) into [-1, 1]; 1 for
            booleans and real numbers.
    """

    shape: tuple[int, ...]
    dtype: str
    scale: float = 1.0

    @classmethod
    def of(cls, box: spaces.Space) -> Field:
        """Return the field that holds points of this space."""
        dtype, shape = np.dtype(box.dtype), tuple(box.shape or ())
        scale = 1.0
        if isinstance(box, spaces.Box) and np.issubdtype(dtype, np.integer):
            largest = max(abs(float(np.min(box.low, initial=0))), abs(float(np.max(box.high, initial=0))))
            if largest > 1 and (dtype == np.uint8 or largest < np.iinfo(dtype).max):
                scale = 1.0 / largest
        return cls(shape, dtype.name, scale)


@dataclass(frozen=True, slots=True)
class Layout:
    """The observation and action layout that a policy was made for.

    Attributes:
        observation: name to field, sorted by name.
        actions: how actions, masks and logits are laid out.
    """

    observation: Mapping[str, Field]
    actions: ActionLayout

    @classmethod
    def of(cls, game: Game) -> Layout:
        """Return the layout of a game."""
        return cls({n: Field.of(s) for n, s in sorted(game.observation_space.items())}, game.actions)

    def mismatch(self, game: Game, *, entities: bool) -> str | None:
        """Return why a network of this layout cannot play the game, as a clause for an error message, or None.

        Args:
            game: what is to be played.
            entities: whether the network takes any number of entities; if not, it takes as many as here, or fewer.
        """
        other = Layout.of(game)
        for name in sorted(self.observation.keys() | other.observation.keys()):
            mine, theirs = self.observation.get(name), other.observation.get(name)
            if mine is None:
                return f"it was never shown the observation {name!r}"
            if theirs is None:
                return f"it needs the observation {name!r}, which the game does not give"
            if not _fits(name, mine, theirs, entities):
                return f"the observation {name!r} is {_text(theirs)} there, and it was made for {_text(mine)}"
        if not same_actions(self.actions, other.actions):
            return f"the game takes {_actions(other.actions)}, and it was made for {_actions(self.actions)}"
        return None

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, numbers and names; `from_json` is the inverse."""
        a = self.actions
        return {
            "observation": {
                n: {"shape": list(f.shape), "dtype": f.dtype, "scale": f.scale} for n, f in self.observation.items()
            },
            "actions": {
                "sizes": list(a.sizes),
                "dimensions": a.dimensions,
                "low": _finite(a.low),
                "high": _finite(a.high),
                "uses": None if a.uses is None else a.uses.astype(int).tolist(),
            },
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Layout:
        """Return the layout that `to_json` wrote.

        Raises:
            KeyError, TypeError, ValueError: when the value does not have that form.
        """
        observation = {
            str(n): Field(tuple(int(x) for x in f["shape"]), np.dtype(f["dtype"]).name, float(f["scale"]))
            for n, f in sorted(value["observation"].items())
        }
        a = value["actions"]
        uses = None if a["uses"] is None else np.array(a["uses"], dtype=bool)
        sizes = tuple(int(n) for n in a["sizes"])
        low, high = _bound(a["low"], -np.inf), _bound(a["high"], np.inf)
        return cls(observation, ActionLayout(sizes, int(a["dimensions"]), low, high, uses))


def same_actions(a: ActionLayout, b: ActionLayout) -> bool:
    """Tell whether two action layouts mean the same arrays."""

    def equal(x: NDArray[Any] | None, y: NDArray[Any] | None) -> bool:
        return (x is None and y is None) or (x is not None and y is not None and np.array_equal(x, y))

    return (
        (a.sizes, a.dimensions) == (b.sizes, b.dimensions)
        and equal(a.low, b.low)
        and equal(a.high, b.high)
        and equal(a.uses, b.uses)
    )


def _fits(name: str, mine: Field, theirs: Field, any_number: bool) -> bool:
    if name not in ENTITY_FIELDS:
        return mine == theirs
    alike = (mine.shape[1:], mine.dtype, mine.scale) == (theirs.shape[1:], theirs.dtype, theirs.scale)
    return alike and (any_number or theirs.shape[0] <= mine.shape[0])


def _text(field: Field) -> str:
    return f"{field.dtype} {list(field.shape)}" + (f" scaled by {field.scale:.4g}" if field.scale != 1.0 else "")


def _actions(layout: ActionLayout) -> str:
    if layout.continuous:
        assert layout.low is not None
        assert layout.high is not None
        return f"actions of {layout.dimensions} real numbers from {layout.low.tolist()} to {layout.high.tolist()}"
    table = "" if layout.uses is None else " with a table of used arguments"
    return f"actions of sizes {list(layout.sizes)}{table}"


def _finite(bound: NDArray[np.float32] | None) -> list[float | None] | None:
    """JSON has no infinity: None stands for it."""
    return None if bound is None else [float(x) if np.isfinite(x) else None for x in bound]


def _bound(value: list[float | None] | None, infinity: float) -> NDArray[np.float32] | None:
    return None if value is None else np.array([infinity if x is None else x for x in value], dtype=np.float32)
