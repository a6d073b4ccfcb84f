"""Crews: frozen networks of one architecture that decide together, as one batched product."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from populations.policy import Policy

if TYPE_CHECKING:  # torch is imported only where there are networks
    from populations.neural import NeuralPolicy
    from populations.stacked import StackedPolicies

__all__ = ["Crews"]


class Crews:
    """Sorts agents, named by ascending numbers, into crews. An agent alone of its kind is no crew.

    Attributes:
        member: [agents] its number within its crew.
    """

    def __init__(self) -> None:
        self.member = np.zeros(0, np.int64)
        self._leader = np.zeros(0, np.int32)
        self._kinds: dict[str, list[tuple[int, NeuralPolicy]]] = defaultdict(list)
        self._stacks: dict[int, StackedPolicies] = {}

    def add(self, agent: int, policy: Policy) -> None:
        """Enter the next agent; its crew, if it has one, is put together when it is asked next."""
        self._leader = np.append(self._leader, np.int32(agent))
        self.member = np.append(self.member, 0)
        if not hasattr(policy, "network"):
            return
        from populations.neural import NeuralPolicy
        from populations.stacked import architecture

        if type(policy) is not NeuralPolicy or policy.learns:  # what others do with a network of theirs is their affair
            return
        crew = self._kinds[architecture(policy)]
        crew.append((agent, policy))
        leader = crew[0][0]
        self._leader[agent] = leader
        self.member[agent] = len(crew) - 1
        self._stacks.pop(leader, None)

    def leader(self, agents: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return [n] the first agent of each agent's crew, itself where it is alone; -1 stays -1."""
        if not len(self._leader):
            return agents
        return np.where(agents < 0, agents, self._leader[agents])

    def of(self, leader: int) -> StackedPolicies | None:
        """Return the crew of a leader, or None when it is alone."""
        if leader in self._stacks:
            return self._stacks[leader]
        for crew in self._kinds.values():
            if crew[0][0] == leader and len(crew) > 1:
                from populations.stacked import StackedPolicies

                self._stacks[leader] = StackedPolicies([policy for _, policy in crew])
                return self._stacks[leader]
        return None
