"""Controllers for the three pasture games (grassland, battle, food): they look one action ahead, and at nothing but a row.

Where an agent would come to rest after each of the five actions is known from its speed and its force. A controller gives
each of these places a cost and takes the cheapest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from games import Game
from games.markov.particles import DAMPING, DT
from games.markov.pasture.rules import ENTITY, OWN
from populations.policy import Decision, Rows, State

__all__ = ["BattlePack", "FoodAssignment", "GrasslandInstinct"]

Floats = NDArray[np.float64]

_COAST = DT * (1 - DAMPING) / DAMPING
"""How far a body still goes without a push, per unit of its velocity."""
_STRIDE = DT * DT / DAMPING
"""How far one push carries in the end, per unit of its force."""
_MOVES = np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)], np.float64)


@dataclass(frozen=True, slots=True)
class _Sight:
    """What R rows see, apart by kind; all places are offsets from the agent, and `inf` where there is nobody.

    Attributes:
        nexts: [R, 5, 2] where it is one step after each action.
        ends: [R, 5, 2] where it comes to rest after each action.
        foods: [R, N, 2]; friends, foes: [R, N, 2].
        next_foes: [R, N, 2] where the foes rest if they do nothing.
        role: [R] 1 for wolves.
    """

    nexts: Floats
    ends: Floats
    foods: Floats
    friends: Floats
    foes: Floats
    next_foes: Floats
    role: NDArray[np.bool_]


class _Controller(ABC):
    """Takes the action of the least cost."""

    observes = True
    privileged = False
    game: str

    def initial_state(self, rows: int) -> State:
        """No memory."""
        return {}

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        return Decision(self.costs(_look(rows)).argmin(axis=1).astype(np.int32)[:, None])

    @abstractmethod
    def costs(self, sight: _Sight) -> Floats:
        """Return what each action costs, [R, 5]."""

    def refuses(self, game: Game) -> str | None:
        """It reads the observations of one game."""
        return None if game.name == self.game else f"it knows only {self.game}"


class GrasslandInstinct(_Controller):
    """Wolves run to where the nearest sheep is about to be. Sheep go to the nearest food that no wolf is near, and flee.

    A sheep's way to a food costs its length, and nearness to wolves at the end of a move, and of a food to a wolf, the square
    of what lacks to a safe distance.
    """

    game = "markov/grassland-v0"
    safe = 0.5
    fear = 8.0

    def costs(self, sight: _Sight) -> Floats:
        """Return a wolf's distance to its prey, and a sheep's way to food and its fear."""
        prey = _chosen(sight.next_foes, np.linalg.norm(sight.foes, axis=-1).argmin(axis=1))
        hunt = np.linalg.norm(sight.ends - prey[:, None], axis=-1)
        dread = self._dread(sight.foods, sight.next_foes)
        graze = (_between(sight.ends, sight.foods) + dread[:, None]).min(axis=-1) + self._dread(
            sight.ends, sight.next_foes
        )
        return np.where(sight.role[:, None], hunt, graze)

    def _dread(self, places: Floats, wolves: Floats) -> Floats:
        """What it costs to be at these places [R, N, 2]."""
        return self.fear * (np.maximum(self.safe - _between(places, wolves), 0.0) ** 2).sum(axis=-1)


class BattlePack(_Controller):
    """The three nearest friends hunt the enemy that two of them reach soonest; the rest forage. Nobody goes among two enemies.

    Friends see the same and so hunt the same enemy, but for ties within rounding.
    """

    game = "markov/battle-v0"
    hunters = 3
    safe = 0.35
    fear = 8.0

    def costs(self, sight: _Sight) -> Floats:
        """Return the distance to the victim or to food, and the fear of the second enemy."""
        pack = np.concatenate([np.zeros_like(sight.friends[:, :1]), sight.friends], axis=1)  # oneself is number 0
        reach = _between(sight.foes, pack)  # [R, foes, friends]
        two = np.sort(reach, axis=-1)[..., :2].sum(axis=-1)
        victim = two.argmin(axis=1)
        ways = reach[np.arange(len(victim)), victim]
        hunts = ((ways < ways[:, :1]).sum(axis=-1) < self.hunters) & np.isfinite(two.min(axis=1))
        chase = np.linalg.norm(sight.ends - _chosen(sight.next_foes, victim)[:, None], axis=-1)
        forage = _between(sight.ends, sight.foods).min(axis=-1)
        near = np.sort(_between(sight.ends, sight.next_foes), axis=-1)
        second = near[..., 1] if near.shape[-1] > 1 else np.full(chase.shape, np.inf)
        fear = self.fear * np.maximum(self.safe - second, 0.0) ** 2
        return np.where(hunts[:, None], chase, forage) + fear


class FoodAssignment(_Controller):
    """Joins agents and foods, the nearest pair first and so on, and everyone goes to its own.

    A push carries twice as far as a food reaches, so whoever only aims at a place of rest often rests beside it. What counts
    more is to be near in the next step: agents hover over their food.

    Every seat sees all positions and so finds the same pairs, its own among them, but for ties within rounding.
    """

    game = "markov/food-v0"
    haste = 8.0

    def costs(self, sight: _Sight) -> Floats:
        """Return the distance to the own food."""
        agents = np.concatenate([np.zeros_like(sight.friends[:, :1]), sight.friends], axis=1)  # oneself is number 0
        target = _chosen(sight.foods, _own_partner(_between(agents, sight.foods)))
        rest, step = (np.linalg.norm(places - target[:, None], axis=-1) for places in (sight.ends, sight.nexts))
        return np.asarray(rest + self.haste * step)


def _look(rows: Rows) -> _Sight:
    """Sort what the rows see."""
    own = rows.observation["self"].astype(np.float64)
    entities = rows.observation["entities"].astype(np.float64)
    present = rows.observation["entity_mask"].astype(bool)
    field = {name: own[:, k] for k, name in enumerate(OWN)}
    velocity = np.stack([field["velocity_x"], field["velocity_y"]], axis=-1)
    position = np.stack([field["position_x"], field["position_y"]], axis=-1)[:, None]
    extent = field["extent"][:, None, None]
    ends = _COAST * velocity[:, None] + _STRIDE * field["accel"][:, None, None] * _MOVES
    nexts = DAMPING * ends  # of the whole way, a body goes a quarter in each step
    start = ENTITY.index("offset_x")
    offsets, velocities = entities[..., start : start + 2], entities[..., start + 2 : start + 4]
    is_food, is_friend, is_foe = (
        (entities[..., ENTITY.index(kind)] > 0) & present for kind in ("is_food", "is_friend", "is_foe")
    )
    return _Sight(
        nexts=np.clip(position + nexts, -extent, extent) - position,
        ends=np.clip(position + ends, -extent, extent) - position,
        foods=_only(offsets, is_food),
        friends=_only(offsets, is_friend),
        foes=_only(offsets, is_foe),
        next_foes=_only(offsets + _COAST * velocities, is_foe),
        role=field["role"] > 0,
    )


def _only(places: Floats, kind: NDArray[np.bool_]) -> Floats:
    """Put all but one kind out of reach, and leave out columns in which no row has one; one column is always left."""
    used = np.asarray(kind.any(axis=0))
    used[0] |= not used.any()
    return np.where(kind[:, used, None], places[:, used], np.inf)


def _between(ones: Floats, others: Floats) -> Floats:
    """Return the distances [R, N, M] of places [R, N, 2] and [R, M, 2]; `inf` where one of them is nowhere."""
    known = np.isfinite(ones[:, :, None, 0]) & np.isfinite(others[:, None, :, 0])
    gaps = np.where(np.isfinite(ones), ones, 0.0)[:, :, None] - np.where(np.isfinite(others), others, 0.0)[:, None]
    return np.where(known, np.linalg.norm(gaps, axis=-1), np.inf)


def _chosen(places: Floats, which: NDArray[np.integer]) -> Floats:
    """Return one place [R, 2] of each row; the agent's own where it is nowhere."""
    place = places[np.arange(len(places)), which]
    return np.where(np.isfinite(place), place, 0.0)


def _own_partner(distance: Floats) -> NDArray[np.int64]:
    """Return the food of agent 0, given distances [R, agents, foods], by joining the nearest pairs first. Overwrites them."""
    partner = np.zeros(len(distance), np.int64)
    undecided = np.arange(len(distance))
    while len(undecided):
        agent, food = np.divmod(distance.reshape(len(undecided), -1).argmin(axis=1), distance.shape[2])
        partner[undecided[agent == 0]] = food[agent == 0]
        every = np.arange(len(undecided))
        distance[every, agent] = np.inf
        distance[every, :, food] = np.inf
        undecided, distance = undecided[agent != 0], distance[agent != 0]
    return partner
