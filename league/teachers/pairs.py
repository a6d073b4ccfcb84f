"""The teacher that chooses task and opponent together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from games import Categorical, Game, InputError, Task, TaskSpace
from league.teachers.composite import Composite, Turn, blend, made, shapes
from league.teachers.teacher import Proposal, Result

__all__ = ["Pairs"]

_INNER = "inner"


class Pairs(Composite):
    """Lets one teacher choose the task and the class of opponents together.

    The inner teacher works in the game's task space with one more parameter, the class of opponents. So whatever it knows of
    difficulty, it knows of pairs: a hard task against weak opponents is another point than an easy task against strong ones,
    and what it finds about a task reaches over to the other classes as far as it generalises over that parameter.

    The matchmaker still decides who of the class is met. Where it has nobody of the class, the match is played against
    others; such a result says nothing about the pair and is not passed on (`missed` in the metrics counts them). Results
    are passed on without their class, since it is part of the task by then.

    Args:
        space: the game's task space.
        seed: the inner teacher's is made from it.
        inner: the teacher: its kind, with its options beside it.
        opponents: the classes, by the names that the league gives them: `self`, `past`, `fixed` and roles of learners, or
            bands of ratings such as `elo -200`.

    Raises:
        InputError: when the inner teacher cannot be made, or there are no classes, or one is empty or given twice.
    """

    def __init__(self, space: TaskSpace, seed: int, *, inner: Mapping[str, Any], opponents: tuple[str, ...]) -> None:
        classes = tuple(opponents) if isinstance(opponents, Sequence) and not isinstance(opponents, str) else ()
        if not classes or not all(isinstance(c, str) and c for c in classes) or len({*classes}) < len(classes):
            raise InputError(
                f"teacher 'pairs' needs opponents: different classes of them, at least one, not {opponents!r}"
            )
        self._name = "opponents"
        while self._name in space:
            self._name += "_"
        wider = space.over({**space, self._name: Categorical(classes, classes[0])})
        super().__init__(space, seed, {_INNER: made("pairs", _INNER, inner, wider, seed)})
        self._missed = 0

    def turn(self, learner: str) -> Turn:
        """Return the only one there is."""
        return Turn(_INNER)

    def max_seats(self, game: Game) -> int:
        """Return the largest population of the game."""
        return game.max_seats

    def ask(self, n: int, learner: str = "") -> list[Proposal]:
        """Return n proposals, each for a class of opponents; see `Teacher`."""
        proposals = []
        for inner in self.inner[_INNER].ask(n, learner):
            values = dict(inner.task)
            opponents = str(values.pop(self._name))
            proposals.append(self.open(inner, [inner.id, opponents], task=Task(values), opponents=opponents))
        return proposals

    def tell(self, result: Result) -> None:
        """Pass a result on, if it was against the class that was asked for; see `Teacher`."""
        found = self.ledger.close(result, self.meter.value(result))
        if found is None:
            return
        number, opponents = found[0]
        if result.opponents == opponents:
            self.inner[_INNER].tell(replace(result, id=number, opponents=""))
        else:
            self._missed += 1

    def sketch(self) -> list[dict[str, Any]]:
        """Return the inner teacher's shapes as the task space sees them, all classes together; see `Sketches`."""
        size = len(self.space)

        def seen(shape: Mapping[str, Any]) -> dict[str, Any]:
            cut = {"point": (size,), "mean": (size,), "low": (size,), "high": (size,), "covariance": (size, size)}
            return {
                key: np.array(value)[tuple(map(slice, cut[key]))].tolist() if key in cut else value
                for key, value in shape.items()
            }

        return blend([(1.0, [seen(shape) for shape in shapes(self.inner[_INNER])])])

    def own_metrics(self) -> dict[str, float]:
        """Return how many results were against another class than was asked for."""
        return {"missed": float(self._missed)}

    def own_state(self) -> dict[str, Any]:
        """Return that count."""
        return {"missed": self._missed}

    def load_own_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a count."""
        self._missed = state["missed"]
