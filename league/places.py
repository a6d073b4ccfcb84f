"""Numbers for agent ids, so that what is known of thousands of agents is one look into an array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Places"]

_GROUPS = 64  # groups whose numbers are kept; matchmakers ask for few, again and again


class Places:
    """Gives every agent a number, from 0, when it is first named."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._groups: dict[int, tuple[tuple[str, ...], NDArray[np.int64]]] = {}

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def number(self, agent: str) -> int:
        """Return the number of an agent."""
        return self._numbers.setdefault(agent, len(self._numbers))

    def numbers(self, agents: Sequence[str]) -> NDArray[np.int64]:
        """Return the numbers [n] of agents, fast when the very same tuple was asked for before."""
        # Told apart by identity: to hash thousands of names costs more than all that is done with them. An entry keeps
        # its tuple alive, so nothing else can have taken over its identity.
        if (known := self._groups.get(id(agents))) is not None:
            return known[1]
        found = np.array([self.number(agent) for agent in agents], dtype=np.int64)
        if isinstance(agents, tuple):
            if len(self._groups) >= _GROUPS:
                del self._groups[next(iter(self._groups))]
            self._groups[id(agents)] = (agents, found)
        return found
