"""Which match a row belongs to: for agents that must be told when one begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

from games import VectorGame
from populations.policy import Rows

__all__ = ["InFlight", "Sitting"]


@dataclass(slots=True, eq=False)
class Sitting:
    """One seat in one match.

    Attributes:
        number: counts the sittings of one agent, from 1.
        seed, seat: of the match, and the place in it.
        step: when it was asked last.
        chance: 31 bits for the agent's own chance. They tell nothing about the seed, which decides what the world will do.
        memory: whatever an agent keeps during the match; it goes when the match goes.
    """

    number: int
    seed: int
    seat: int
    step: int
    chance: int = field(init=False)
    memory: Any = None

    def __post_init__(self) -> None:
        key = f"{self.seed}|{self.seat}".encode()
        self.chance = int.from_bytes(blake2b(key, digest_size=4).digest(), "little") >> 1


class InFlight:
    """The matches in which one agent sits now.

    A row begins a match when its slot and seat were never seen, have another seed than before, or go back in time. Nobody
    says when a match ends; it is over when another one has its place.

    Attributes:
        over: numbers of the sittings that ended since somebody last emptied this list.
    """

    def __init__(self) -> None:
        self.over: list[int] = []
        self._count = 0
        self._tables: WeakKeyDictionary[VectorGame, dict[tuple[int, int], Sitting]] = WeakKeyDictionary()
        self._loose: dict[tuple[int, int], Sitting] = {}  # rows that come from no vector

    def look(self, rows: Rows) -> list[Sitting]:
        """Return the sitting of every row."""
        table = self._loose if rows.vector is None else self._tables.setdefault(rows.vector, {})
        found = []
        for slot, seat, seed, step in zip(
            rows.slot.tolist(), rows.seat.tolist(), rows.seed.tolist(), rows.step.tolist(), strict=True
        ):
            sitting = table.get((slot, seat))
            if sitting is None or sitting.seed != seed or step <= sitting.step:
                if sitting is not None:
                    self.over.append(sitting.number)
                self._count += 1
                sitting = table[slot, seat] = Sitting(self._count, seed, seat, step)
            else:
                sitting.step = step
            found.append(sitting)
        return found
