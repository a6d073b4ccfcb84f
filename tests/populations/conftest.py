"""Small games without rules, layouts and rows, for tests of policies and learners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from gymnasium import spaces

from games import ActionLayout, Comparison, Game, Limits, Seat, Task, TaskSpace, VectorGame
from populations.layout import Field, Layout
from populations.policy import Rows


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Shape(Game):
    """A game that is nothing but its spaces."""

    comparison = Comparison.GENERAL_SUM
    task_space = TaskSpace({})

    def __init__(self, observation: dict[str, spaces.Space], action: spaces.Space, uses: Any = None) -> None:
        self.name = "test/shape"
        self.observation_space = spaces.Dict(observation)
        self.action_space = action
        self.uses = uses

    def seats(self, task: Task) -> tuple[Seat, ...]:
        return (Seat(),)

    def vector(self, slots: int, limits: Limits) -> VectorGame:
        raise NotImplementedError


@pytest.fixture
def shape() -> type[Shape]:
    return Shape


@pytest.fixture
def entity_game() -> Callable[..., Shape]:
    def make(entities: int = 5, actions: spaces.Space | None = None, **more: spaces.Space) -> Shape:
        fields: dict[str, spaces.Space] = {
            "self": spaces.Box(-np.inf, np.inf, (3,), np.float32),
            "entities": spaces.Box(-np.inf, np.inf, (entities, 4), np.float32),
            "entity_mask": spaces.Box(0, 1, (entities,), np.bool_),
        }
        return Shape(fields | more, actions or spaces.Discrete(6))

    return make


@pytest.fixture
def flat_layout() -> Callable[..., Layout]:
    def make(width: int = 7, actions: ActionLayout | None = None) -> Layout:
        return Layout({"x": Field((width,), "float32")}, actions or ActionLayout((4,)))

    return make


@pytest.fixture
def make_rows() -> Callable[..., Rows]:
    """Random rows for a layout; `legal` is the chance that an action is legal (each head keeps one)."""

    def make(layout: Layout, count: int, *, seed: int = 0, legal: float | None = None) -> Rows:
        rng = np.random.default_rng(seed)
        observation: dict[str, Any] = {}
        for name, field in layout.observation.items():
            dtype = np.dtype(field.dtype)
            if dtype == np.bool_:
                observation[name] = rng.random((count, *field.shape)) < 0.6
            elif np.issubdtype(dtype, np.integer):
                observation[name] = rng.integers(0, round(1 / field.scale) + 1, (count, *field.shape)).astype(dtype)
            else:
                observation[name] = rng.standard_normal((count, *field.shape)).astype(dtype)
        mask = None
        if legal is not None:
            mask = rng.random((count, layout.actions.width)) < legal
            for low, size in zip(layout.actions.offsets, layout.actions.sizes, strict=False):
                mask[np.arange(count), low + rng.integers(0, size, count)] = True
        return Rows(
            observation,
            mask,
            seed=rng.integers(0, 2**63, count).astype(np.uint64),
            seat=rng.integers(0, 4, count),
            step=rng.integers(0, 100, count),
            slot=np.arange(count),
        )

    return make
