"""The description of a network: everything but its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from games import InputError
from games.errors import suggestion

__all__ = ["NetworkSpec", "RelationSpec"]

Kind = Literal["auto", "mlp"]
Pooling = Literal["attention", "mean"]
Among = Literal["all", "agents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationSpec:
    """The latent part of a meta-representation network (`populations.networks.relational`).

    Attributes:
        latents: K, how many relation graphs it knows; 1 for a policy of a single mode.
        heads: how many graphs a latent stands for, side by side. The paper has one; with four, as in the entity encoder, the
            resource game is learned better, at four fifths of the speed.
        among: to whom the graph goes: to `all` entities, landmarks among them, or to `agents` only, those of `kinds`, as in the
            paper.
        kinds: columns of `entities` that are 1 where the entity is an agent of some kind, and 0 elsewhere. Each counts one
            number of the population. None given: all entities are of one kind.
        roles: columns of `self` that say what the seat itself is (its kind, its goal); they tell games apart like the numbers
            of the population do.
        common: whether the network also sums up all entities by the attention that no latent changes. Without it, a policy
            knows of other entities what the chosen graph shows, and no more, as in the paper.
        floor: share of p(z | m) that is uniform whatever the task encoder says, so that every latent is played in every game.
    """

    latents: int = 6
    heads: int = 4
    among: Among = "all"
    kinds: tuple[int, ...] = ()
    roles: tuple[int, ...] = ()
    common: bool = False
    floor: float = 0.2

    def __post_init__(self) -> None:
        for name in ("kinds", "roles"):
            columns = tuple(getattr(self, name))
            object.__setattr__(self, name, columns)
            if min(columns, default=0) < 0 or len(set(columns)) < len(columns):
                raise InputError(f"network relation {name} must be different columns from 0, not {list(columns)}")
        _choice("relation among", self.among, get_args(Among))
        if self.among == "agents" and not self.kinds:
            raise InputError("network relation among agents needs kinds, the columns that tell agents")
        for name in ("latents", "heads"):
            if getattr(self, name) < 1:
                raise InputError(f"network relation {name} must be at least 1, not {getattr(self, name)}")
        if not 0.0 <= self.floor <= 1.0:
            raise InputError(f"network relation floor must be from 0 to 1, not {self.floor}")


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
        relation: makes it a network of several modes that meta-representation learners train; None for all others.
    """

    kind: Kind = "auto"
    hidden: tuple[int, ...] = (64, 64)
    shared: bool = False
    pooling: Pooling = "attention"
    size_input: bool = True
    hyper: int | None = None
    recurrent: int | None = None
    relation: RelationSpec | None = None

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
        if self.relation is not None and self.kind != "auto":
            raise InputError(f"network relation needs kind auto, not {self.kind}: it is about entities")
        if self.relation is not None and self.hyper is not None:
            raise InputError("network relation and hyper are two ways to suit a population: give one of the two")
        if self.relation is not None and (self.hyper is not None or not self.size_input):
            raise InputError(
                "network relation tells populations apart itself: it goes without hyper, and with size_input true"
            )

    def to_json(self) -> dict[str, Any]:
        """Return plain lists, numbers and names; `from_json` is the inverse."""
        value = asdict(self) | {"hidden": list(self.hidden)}
        if self.relation is None:
            del value["relation"]
        else:
            value["relation"] |= {"kinds": list(self.relation.kinds), "roles": list(self.relation.roles)}
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> NetworkSpec:
        """Return the spec that `to_json` wrote.

        Raises:
            InputError: for unknown names or values.
        """
        _known("a network", cls, value)
        if isinstance(relation := value.get("relation"), Mapping):
            _known("a network's relation", RelationSpec, relation)
            value = {**value, "relation": RelationSpec(**relation)}
        return cls(**value)


def _known(what: str, cls: type, value: Mapping[str, Any]) -> None:
    known = [f.name for f in fields(cls)]
    for name in value:
        if name not in known:
            raise InputError(f"{what} has no {name!r}{suggestion(name, known)}")


def _choice(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"network {name} must be one of {', '.join(known)}, not {value!r}{suggestion(value, known)}")
