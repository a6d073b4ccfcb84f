"""One layout of observations and one of actions for the agents of a foreign environment, however they differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.errors import InputError

__all__ = ["Actions", "Observations", "shared_box"]


class Observations:
    """The observation spaces of all agents as one `spaces.Dict` of boxes.

    Nested dictionaries and tuples become dotted names; a space that is no dictionary is called `view`. Of PettingZoo's pair
    of observation and action mask, the observation alone counts. Boxes keep shape and
    dtype (float64 becomes float32), Discrete and MultiDiscrete become one-hot float32, MultiBinary float32. Where agents
    differ, a name has the largest extent along each axis (or is flattened where the numbers of axes differ) and bounds
    that hold for all; what an agent lacks is zero.

    Attributes:
        space: the shared space.
    """

    def __init__(self, agents: Mapping[str, spaces.Space]) -> None:
        self._leaves = {agent: dict(_leaves(_unmasked(space))) for agent, space in agents.items()}
        boxes: dict[str, list[spaces.Box]] = {}
        for leaves in self._leaves.values():
            for name, (_, leaf) in leaves.items():
                boxes.setdefault(name, []).append(_box(leaf, name))
        everyone = len(agents)
        self.space = spaces.Dict({name: shared_box(found, len(found) < everyone) for name, found in boxes.items()})

    def write(self, agent: str, observation: Any, rows: Mapping[str, NDArray[Any]]) -> None:
        """Write an agent's observation into its rows, one array [...] a name."""
        if isinstance(observation, Mapping) and "action_mask" in observation:
            observation = observation["observation"]
        for name, (path, leaf) in self._leaves[agent].items():
            value = reduce(lambda inner, key: inner[key], path, observation)
            array, row = _encode(leaf, value), rows[name]
            if array.ndim != row.ndim:
                array = array.ravel()
            row[...] = 0
            row[tuple(slice(extent) for extent in array.shape)] = array


class Actions:
    """The action spaces of all agents as one space: Discrete if all are, one-dimensional Box if all are, else MultiDiscrete.

    Attributes:
        space: the shared space.
        own: agent name to [A] bool, the entries of the shared mask that mean something to it; None for Box actions.
        uniform: whether all agents use the whole layout, so that nobody needs a mask for it.
    """

    def __init__(self, agents: Mapping[str, spaces.Space]) -> None:
        self._agents = dict(agents)
        self.own: dict[str, NDArray[np.bool_]] | None = None
        if all(isinstance(space, spaces.Box) for space in agents.values()):
            boxes = [_flat(space, np.float32) for space in agents.values()]
            self.space: spaces.Space = shared_box(boxes, False)
            self.uniform = all(box == boxes[0] for box in boxes)
            return
        heads = {agent: _heads(agent, space) for agent, space in agents.items()}
        count = max(map(len, heads.values()))
        padded = {agent: sizes + [1] * (count - len(sizes)) for agent, sizes in heads.items()}
        sizes = np.max(list(padded.values()), axis=0)
        discrete = all(isinstance(space, spaces.Discrete) for space in agents.values())
        self.space = spaces.Discrete(int(sizes[0])) if discrete else spaces.MultiDiscrete(sizes)
        self.own = {
            agent: np.concatenate([np.arange(size) < mine for size, mine in zip(sizes, own, strict=True)])
            for agent, own in padded.items()
        }
        self.uniform = all(own.all() for own in self.own.values())

    def write_mask(self, agent: str, mask: Any, row: NDArray[np.bool_]) -> None:
        """Write into a row [A] what is legal for an agent, given the mask that its environment shows (None: everything)."""
        assert self.own is not None
        row[:] = self.own[agent]
        if mask is not None:
            flat = np.concatenate([np.ravel(head) for head in mask]) if isinstance(mask, tuple) else np.ravel(mask)
            # The agent's own entries stand in the order of its mask; the idle entries of heads that it lacks come last.
            row[np.flatnonzero(row)[: len(flat)]] = flat.astype(bool)

    def decode(self, agent: str, action: NDArray[Any]) -> Any:
        """Return the action [heads] as the environment wants it from this agent."""
        space = self._agents[agent]
        if isinstance(space, spaces.Discrete):
            return int(action[0]) + int(space.start)
        if isinstance(space, spaces.MultiDiscrete):
            return (action[: space.nvec.size].reshape(space.shape) + space.start).astype(space.dtype)
        if isinstance(space, spaces.MultiBinary):
            return action[: int(np.prod(space.shape))].reshape(space.shape).astype(space.dtype)
        assert isinstance(space, spaces.Box)
        own = action[: space.low.size].reshape(space.shape)
        return np.clip(own, space.low, space.high).astype(space.dtype)


def _unmasked(space: spaces.Space) -> spaces.Space:
    """The space without PettingZoo's pair of observation and action mask."""
    return space["observation"] if isinstance(space, spaces.Dict) and "action_mask" in space.spaces else space


def _leaves(
    space: spaces.Space, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str, tuple[tuple[str | int, ...], spaces.Space]]]:
    """Yield (dotted name, (path, leaf space)) of everything in a nested space."""
    inner: Iterable[tuple[str | int, spaces.Space]]
    if isinstance(space, spaces.Dict):
        inner = space.spaces.items()
    elif isinstance(space, spaces.Tuple):
        inner = enumerate(space.spaces)
    else:
        yield ".".join(map(str, path)) or "view", (path, space)
        return
    for key, part in inner:
        yield from _leaves(part, (*path, key))


def _box(space: spaces.Space, name: str) -> spaces.Box:
    """The box that holds what `_encode` makes of a leaf."""
    if isinstance(space, spaces.Box):
        dtype = np.float32 if space.dtype == np.float64 else space.dtype
        return spaces.Box(np.atleast_1d(space.low).astype(dtype), np.atleast_1d(space.high).astype(dtype), dtype=dtype)
    if isinstance(space, spaces.Discrete):
        return spaces.Box(0.0, 1.0, (int(space.n),), np.float32)
    if isinstance(space, spaces.MultiDiscrete):
        return spaces.Box(0.0, 1.0, (int(space.nvec.sum()),), np.float32)
    if isinstance(space, spaces.MultiBinary):
        return spaces.Box(0.0, 1.0, space.shape, np.float32)
    raise InputError(f"observation {name!r} is a {type(space).__name__} space, which no fixed array can hold")


def _encode(space: spaces.Space, value: Any) -> NDArray[Any]:
    """A leaf's value as an array."""
    if isinstance(space, spaces.Discrete):
        return np.eye(int(space.n), dtype=np.float32)[int(value) - int(space.start)]
    if isinstance(space, spaces.MultiDiscrete):
        numbers = zip(space.nvec.ravel(), np.ravel(value) - space.start.ravel(), strict=True)
        return np.concatenate([np.eye(n, dtype=np.float32)[i] for n, i in numbers])
    return np.atleast_1d(np.asarray(value))


def shared_box(boxes: list[spaces.Box], lacking: bool) -> spaces.Box:
    """Return the smallest box that holds any of these, each padded with zeros (and zero alone if some agent lacks it)."""
    if all(box == boxes[0] for box in boxes) and not lacking:
        return boxes[0]
    if len({len(box.shape) for box in boxes}) > 1:
        boxes = [_flat(box, box.dtype) for box in boxes]
    shape = tuple(np.max([box.shape for box in boxes], axis=0))
    dtype = np.result_type(*(box.dtype for box in boxes))

    def padded(bounds: NDArray[Any]) -> NDArray[Any]:
        room = np.zeros(shape, dtype)
        room[tuple(slice(extent) for extent in bounds.shape)] = bounds
        return room

    lows, highs = [padded(box.low) for box in boxes], [padded(box.high) for box in boxes]
    if lacking:
        lows, highs = [*lows, np.zeros(shape, dtype)], [*highs, np.zeros(shape, dtype)]
    return spaces.Box(reduce(np.minimum, lows), reduce(np.maximum, highs), dtype=dtype)


def _flat(space: Any, dtype: Any) -> spaces.Box:
    return spaces.Box(space.low.ravel().astype(dtype), space.high.ravel().astype(dtype), dtype=dtype)


def _heads(agent: str, space: spaces.Space) -> list[int]:
    """The number of actions of each head."""
    if isinstance(space, spaces.Discrete):
        return [int(space.n)]
    if isinstance(space, spaces.MultiDiscrete):
        return [int(n) for n in space.nvec.ravel()]
    if isinstance(space, spaces.MultiBinary):
        return [2] * int(np.prod(space.shape))
    raise InputError(
        f"agent {agent!r} acts in {space}; all agents must have Discrete, MultiDiscrete or MultiBinary actions, "
        "or all of them Box actions"
    )
