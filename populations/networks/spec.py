"""The description of a network: everything but its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from games import InputError
from games.errors import suggestion

__all__ = ["NetworkSpec"]

Kind = Literal["auto", "mlp"]
Pooling = Literal["attention", "mean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """What kind of network to build for a game.

    Attributes:
        kind: "auto" chooses an encoder for each observation by its shape: `self`, `entities` and `entity_mask` together go
            through the permutation-invariant entity encoder, arrays of three axes through a small convolution, all else
            is flattened. "mlp" flattens everything; its width is fixed by the largest number of entities.
        hidden: widths of the hidden layers of policy and value (tanh); the last one is also the width of a convolution's
            features, and twice the width of an entity's.
        shared: one torso for policy and value instead of two. Cheaper by a third to a half, but then the two losses pull at
            the same weights. Encoders and the recurrent core are always shared.
        pooling: how the entity encoder sums up its entities: by attention, or by their plain mean.
        size_input: whether the entity encoder also says how many entities there are, which every average loses. A game may tell
            the population itself (`markov/resource-v0` does, in `self`); without this and without that, a seat cannot know.
        hyper: rank of the part of the hidden layers' weights that a small hypernetwork makes for the number of entities (see
            `populations.networks.hyper`); None for weights that are the same for all populations.
        recurrent: width of a GRU between encoders and torsos; None for a network without memory.
    """

    kind: Kind = "auto"
    hidden: tuple[int, ...] = (64, 64)
    shared: bool = False
    pooling: Pooling = "attention"
    size_input: bool = True
    hyper: int | None = None
    recurrent: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))
        _choice("kind", self.kind, get_args(Kind))
        _choice("pooling", self.pooling, get_args(Pooling))
        if not self.hidden or not all(isinstance(n, int) and n > 0 for n in self.hidden):
            raise InputError(f"network hidden must be one or more positive widths, not {list(self.hidden)}")
        if self.recurrent is not None and self.recurrent < 1:
            raise InputError(f"network recurrent must be a positive width or nothing, not {self.recurrent}")
        if self.hyper is not None and self.hyper < 1:
            raise InputError(f"network hyper must be a positive rank or nothing, not {self.hyper}")
        if self.hyper is not None and (self.kind == "mlp" or not self.size_input):
            raise InputError("network hyper goes by the number of entities: it needs kind auto and size_input true")

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, numbers and names; `from_json` is the inverse."""
        return asdict(self) | {"hidden": list(self.hidden)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> NetworkSpec:
        """Return the spec that `to_json` wrote.

        Raises:
            InputError: for unknown names or values.
        """
        known = [f.name for f in fields(cls)]
        for name in value:
            if name not in known:
                raise InputError(f"a network has no {name!r}{suggestion(name, known)}")
        return cls(**value)


def _choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"network {name} must be one of {', '.join(known)}, not {value!r}{suggestion(value, known)}")
