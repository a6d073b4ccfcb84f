"""Agents: whoever can sit on a seat."""

from __future__ import annotations

from dataclasses import dataclass, field

from populations.policy import Policy

__all__ = ["Agent", "Lineage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Where an agent comes from.

    Attributes:
        parent: id of the agent that it was copied from, or None.
        generation: epoch of its population.
        role: its part in the league ("main", "exploiter", ...); "fixed" for agents that do not come from training.
    """

    parent: str | None = None
    generation: int = 0
    role: str = "fixed"


@dataclass(frozen=True, slots=True)
class Agent:
    """Whoever can sit: an id, a policy and a lineage.

    Attributes:
        id: unique in a league or tournament. The canonical URI (`random`, `openspiel:mcts?simulations=200`,
            `snapshot:3f2a...`) or the name that a configuration gives.
        hash: identifies the agent's behaviour in records: the content hash of a snapshot, else a hash of the URI.
        policy: how it acts.
        lineage: where it comes from.
    """

    id: str
    hash: str
    policy: Policy
    lineage: Lineage = field(default_factory=Lineage)
