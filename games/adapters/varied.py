"""One game out of many: what a foreign constructor makes of different arguments, as the tasks of one task space."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.adapters.layout import shared_box
from games.errors import InputError
from games.game import ActionLayout, Comparison, Game, Limits, Seat, Step, VectorGame
from games.legality import require_legal
from games.task import Categorical, Task, TaskSpace

__all__ = ["Varied"]

CORNERS = 64
"""Games that are made to see how large observations and actions become."""
KEPT = 256
"""Games that are kept for further matches on their tasks."""


class Varied(Game):
    """Games without task parameters, one for each task, that share one layout.

    The layout is seen from all tasks where there are few, else from the ends of the ranges. A name of the observation is as
    large as the largest along each axis, and zero beyond what a task's game fills; one that a task's game lacks is zero. An
    action has the same number as in the task's game, and a mask forbids the numbers beyond it. Continuous actions must be
    the same everywhere. Scores compare as in all the games, or as in a general-sum game where these differ. A metric that
    a task lacks is zero.

    Args:
        name: the full name.
        space: the tasks.
        create: makes the game of a task; called once for a task that comes again soon.
        together: whether matches of one task are played in one vector, where there are few tasks: for games that are quicker
            so. Otherwise each is played in a vector of one slot.

    Raises:
        InputError: when the ranges have too many ends, when the game of one of them cannot be made, and when games have no
            common layout.
    """

    def __init__(self, name: str, space: TaskSpace, create: Callable[[Task], Game], *, together: bool = False) -> None:
        self.together = together and space.count <= CORNERS
        self.name, self.task_space = name, space
        self._create, self._fitting = create, lru_cache(KEPT)(self._checked)
        games = [create(task) for task in _corners(name, space)]
        self.observation_space = _observations(games)
        self.action_space = _actions(name, games)
        kinds = {game.comparison for game in games}
        self.comparison = kinds.pop() if len(kinds) == 1 else Comparison.GENERAL_SUM
        self.turn_based = all(game.turn_based for game in games)
        self.metrics = tuple(dict.fromkeys(metric for game in games for metric in game.metrics))
        self._max_seats = max(game.max_seats for game in games)
        first = games[0].vector(1, Limits(seats=games[0].max_seats))
        self.resumable = first.resumable
        first.close()

    @property
    def max_seats(self) -> int:
        """The largest population of any task."""
        return self._max_seats

    def seats(self, task: Task) -> tuple[Seat, ...]:
        """Return the seats of this task's game, in order."""
        return self.inner(task).seats(Task())

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        """Return room for `slots` matches."""
        return _Vector(self, slots, limits)

    def inner(self, task: Task) -> Game:
        """Return the game of a task.

        Raises:
            InputError: when it cannot be made, or does not fit into the common layout.
        """
        return self._fitting(task)

    def _checked(self, task: Task) -> Game:
        game = self._create(task)
        if why := self._misfit(game):
            raise InputError(
                f"{self.name}: the game of {dict(task)} does not fit into what the ends of the ranges need: {why}; "
                "narrow the ranges"
            )
        return game

    def _misfit(self, game: Game) -> str | None:
        """Why a game does not fit into the layout, in a clause; None when it does."""
        for name, box in game.observation_space.items():
            room = self.observation_space.spaces.get(name)
            if room is None or not _holds(room, box):
                return f"its observation {name!r} is {box}, not in {room}"
        mine, ours = game.actions, self.actions
        if mine.continuous or ours.continuous:
            if game.action_space != self.action_space:
                return f"its actions are {game.action_space}"
        elif mine.heads > ours.heads or any(a > b for a, b in zip(mine.sizes, ours.sizes, strict=False)):
            return f"its actions are {game.action_space}"
        if game.max_seats > self._max_seats:
            return f"it has {game.max_seats} seats"
        if self.comparison not in (game.comparison, Comparison.GENERAL_SUM):
            return f"it is {game.comparison}, the others are {self.comparison}"
        if self.turn_based and not game.turn_based:
            return "all move at once in it"
        return None


class _Vector(VectorGame):
    game: Varied

    def __init__(self, game: Varied, slots: int, limits: Limits) -> None:
        self.game, self.slots, self.limits = game, slots, limits
        self.observation_space, self.resumable = game.observation_space, game.resumable
        self._layout = game.actions
        self._parts: dict[str, _Part] = {}
        self._tasks: dict[int, Task] = {}
        self._keys: dict[int, str] = {}  # slot to its entry of `_parts`
        self._seeds = np.zeros(slots, np.uint64)
        width = None if self._layout.continuous else self._layout.width
        self._view = Step.blank(self.observation_space, slots, limits.seats, width=width, metrics=game.metrics)

    def assign(self, slots: NDArray[np.int64], tasks: Sequence[Task], seeds: NDArray[np.uint64]) -> Step:
        self._quiet()
        for slot, task in zip(slots.tolist(), tasks, strict=True):
            self._tasks[slot], self._keys[slot] = task, task.hash if self.game.together else str(slot)
        self._seeds[slots] = seeds
        for array in (*self._view.observation.values(), self._view.score):
            array[slots] = 0
        if self._view.action_mask is not None:
            self._view.action_mask[slots] = False
        for key, mine in self._grouped(slots).items():
            part, task = self._parts.get(key), self._tasks[int(mine[0])]
            if part is None or part.task != task:
                part = self._begin(key, task)
            part.write(part.assign(mine, self._seeds[mine]), self._view, mine)
        return self._view

    def step(self, actions: NDArray[Any]) -> Step:
        require_legal(self.game.name, actions, self._view, self._layout)
        live = np.flatnonzero(self._view.acting.any(axis=1))
        self._quiet()
        for key, mine in self._grouped(live).items():
            part = self._parts[key]
            part.write(part.step(mine, actions[mine]), self._view, mine)
        return self._view

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return the states of the vectors of all tasks in play, their arrays under `<task or slot>.<name>`."""
        states = {key: self._parts[key].vector.state_dict() for key in self._grouped(self._assigned())}
        return {f"{key}.{name}": array for key, state in states.items() for name, array in state.items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> Step:
        self._quiet()
        states: dict[str, dict[str, NDArray[Any]]] = {}
        for whole, array in state.items():
            key, _, name = whole.partition(".")
            states.setdefault(key, {})[name] = array
        for key, mine in self._grouped(self._assigned()).items():
            # A new vector: the old one may hold rows of matches that went on elsewhere, which the state knows nothing of.
            part = self._begin(key, self._tasks[int(mine[0])])
            part.assign(mine, self._seeds[mine])
            part.write(part.load(states[key]), self._view, mine)
        return self._view

    def render(self, slot: int) -> str:
        if slot not in self._tasks:
            return f"{self.game.name}, empty"
        return self._parts[self._keys[slot]].render(slot)

    def close(self) -> None:
        for part in self._parts.values():
            part.vector.close()
        self._parts.clear()
        self._tasks.clear()

    def _assigned(self) -> NDArray[np.int64]:
        return np.array(sorted(self._tasks), np.int64)

    def _grouped(self, slots: NDArray[np.int64]) -> dict[str, NDArray[np.int64]]:
        """These slots by the vector that they play in."""
        groups: dict[str, list[int]] = {}
        for slot in slots.tolist():
            groups.setdefault(self._keys[slot], []).append(slot)
        return {key: np.array(mine, np.int64) for key, mine in groups.items()}

    def _begin(self, key: str, task: Task) -> _Part:
        if key in self._parts:
            self._parts[key].vector.close()
        self._parts[key] = _Part(self.game, task, self.slots, self.limits)
        return self._parts[key]

    def _quiet(self) -> None:
        self._view.reward[:] = 0
        self._view.terminated[:] = False
        self._view.truncated[:] = False


class _Part:
    """A vector of one task's game, with a row for each slot of the whole, or for one slot alone.

    A row whose slot plays another task by now is of no interest. Should its match not have ended, it goes on with the first
    legal actions.

    Attributes:
        task: of the whole game.
        vector: of the task's game.
    """

    def __init__(self, game: Varied, task: Task, slots: int, limits: Limits) -> None:
        inner = game.inner(task)
        self._together, self._layout = game.together, inner.actions
        self.task, self.vector = task, inner.vector(slots if game.together else 1, limits)
        rooms = game.observation_space.spaces
        self._places: dict[str, tuple[slice, ...]] = {
            n: _places(rooms[n], box) for n, box in self.vector.observation_space.items()
        }
        self._mine, self._idle = _entries(inner.actions, game.actions)
        self._view: Step

    def assign(self, slots: NDArray[np.int64], seeds: NDArray[np.uint64]) -> Step:
        """Seat new matches."""
        self._view = self.vector.assign(self._rows(slots), [Task()] * len(slots), seeds)
        return self._view

    def step(self, slots: NDArray[np.int64], actions: NDArray[Any]) -> Step:
        """Advance the matches of these slots by actions [K, S, heads of the whole]."""
        rows, view, layout = self._rows(slots), self._view, self._layout
        chosen = layout.empty(*view.acting.shape)
        others = np.asarray(view.acting.any(axis=1))
        others[rows] = False
        if others.any():
            if layout.continuous:
                assert layout.low is not None
                assert layout.high is not None
                chosen[:] = np.clip(np.zeros(layout.dimensions), layout.low, layout.high)
            elif view.action_mask is not None:
                heads = np.split(view.action_mask, layout.offsets[1:-1], axis=2)
                chosen[:] = np.stack([head.argmax(axis=2) for head in heads], axis=2)
        chosen[rows] = actions[:, :, : layout.heads]
        self._view = self.vector.step(chosen)
        return self._view

    def load(self, state: Mapping[str, NDArray[Any]]) -> Step:
        """Go back to a state."""
        self._view = self.vector.load_state_dict(state)
        return self._view

    def render(self, slot: int) -> str:
        """Return one match as text."""
        return self.vector.render(slot if self._together else 0)

    def write(self, view: Step, whole: Step, slots: NDArray[np.int64]) -> None:
        """Write what the vector shows of these slots into the whole."""
        rows = self._rows(slots)
        for name, array in view.observation.items():
            places, shown = self._places[name], array[rows]
            shown = shown.reshape(*shown.shape[:2], *(place.stop for place in places))
            room = whole.observation[name][(slice(None), slice(None), *places)]
            room[slots] = shown
        if whole.action_mask is not None:
            mask = np.zeros((len(slots), *whole.action_mask.shape[1:]), np.bool_)
            mask[..., self._idle] = True
            mask[..., self._mine] = True if view.action_mask is None else view.action_mask[rows]
            whole.action_mask[slots] = mask
        for name in ("acting", "reward", "terminated", "truncated", "score"):
            getattr(whole, name)[slots] = getattr(view, name)[rows]
        for name, values in whole.metrics.items():
            values[slots] = view.metrics[name][rows] if name in view.metrics else 0.0

    def _rows(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        return slots if self._together else np.zeros(len(slots), np.int64)


def _corners(name: str, space: TaskSpace) -> list[Task]:
    """All tasks where there are few, else those at the ends of the ranges, the default first."""
    if space.count <= CORNERS:
        tasks = list(space.every())
    else:
        ends = [p.choices if isinstance(p, Categorical) else (p.low, p.high) for p in space.values()]
        count = int(np.prod([len(values) for values in ends]))
        if count > CORNERS:
            raise InputError(
                f"{name}: its task parameters have {count} combinations of ends, each of which is a game to be looked at; "
                f"let fewer of them vary, so that there are at most {CORNERS}"
            )
        tasks = [space.task(dict(zip(space, values, strict=True))) for values in product(*ends)]
    return list(dict.fromkeys([space.task(), *tasks]))


def _observations(games: Sequence[Game]) -> spaces.Dict:
    boxes: dict[str, list[Any]] = {}
    for game in games:
        for name, box in game.observation_space.items():
            boxes.setdefault(name, []).append(box)
    return spaces.Dict({name: shared_box(found, len(found) < len(games)) for name, found in boxes.items()})


def _actions(name: str, games: Sequence[Game]) -> spaces.Space:
    """The actions of all games in one layout."""
    first = games[0].action_space
    layouts = [game.actions for game in games]
    if any(layout.uses is not None for layout in layouts):
        raise InputError(f"{name}: games with structured actions cannot share one layout")
    if any(layout.continuous for layout in layouts):
        other = next((game for game in games if game.action_space != first), None)
        if other is not None:
            raise InputError(
                f"{name}: continuous actions must be the same for all values of the task parameters, "
                f"not {first} and {other.action_space}"
            )
        return first
    count = max(layout.heads for layout in layouts)
    sizes = np.max([[*layout.sizes, *[1] * (count - layout.heads)] for layout in layouts], axis=0)
    discrete = all(isinstance(game.action_space, spaces.Discrete) for game in games)
    return spaces.Discrete(int(sizes[0])) if discrete else spaces.MultiDiscrete(sizes)


def _entries(mine: ActionLayout, ours: ActionLayout) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where a task's mask goes in the whole one, and the only actions of heads that it lacks."""
    starts = ours.offsets
    own = [starts[head] + np.arange(size) for head, size in enumerate(mine.sizes)]
    return np.concatenate([np.zeros(0, np.int64), *own]), starts[mine.heads : -1]


def _places(room: Any, box: Any) -> tuple[slice, ...]:
    """Where an array of a box goes in its room: the beginning of each axis, flattened where the room has but one."""
    shape = box.shape if len(box.shape) == len(room.shape) else (int(np.prod(box.shape)),)
    return tuple(slice(extent) for extent in shape)


def _holds(room: Any, box: Any) -> bool:
    """Whether all that a box holds can stand in a room."""
    places = _places(room, box)
    if len(places) != len(room.shape) or any(p.stop > most for p, most in zip(places, room.shape, strict=True)):
        return False
    low, high = room.low[places], room.high[places]
    inside = (box.low.reshape(low.shape) >= low) & (box.high.reshape(high.shape) <= high)
    return bool(inside.all()) and np.can_cast(box.dtype, room.dtype)
