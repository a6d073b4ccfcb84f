"""The parametric walker as a Gymnasium environment, over Gymnasium's BipedalWalker."""

from __future__ import annotations

import math
from typing import Any

import Box2D
import numpy as np
from Box2D import b2
from gymnasium import spaces
from gymnasium.envs.box2d import bipedal_walker as gym
from numpy.typing import NDArray

from games.adapters.gymnasium.walker.bodies import SCALE, Body
from games.adapters.gymnasium.walker.tracks import END, GOAL, GROUND, PAD, Track

__all__ = ["MASTERED", "Walker"]

MASTERED = 230.0
"""A return above this counts as success."""

_RAYS = 10
_WALKER, _WORLD = 0x20, 0x01  # parts of the walker collide with the world, not with each other
_HIP, _KNEE = (-0.8, 1.1), (-1.6, -0.1)  # limits of joints, in radians
_HANG = -8 / SCALE  # how far below the hull's centre the legs hang
_START = PAD / 2  # where the walker begins
_SPREAD = 0.05  # the legs of a pair start at this angle to either side


class Walker(gym.BipedalWalker):
    """A body on a track; `reset(options=...)` takes the task.

    Rewards, observations and endings are those of BipedalWalker: 130/30 for each unit forward, minus 5 for each radian that
    the hull tilts further, minus the cost of the motors; -100 and the end for touching the world with the hull or going back
    behind the start of the world; the end at the goal. Observations have five numbers a leg and ten distances, so 24, or 34
    with four legs. Where we differ from the code of the tracks' authors: distances are to the nearest thing that a ray
    meets (as in Gymnasium since version 3), and the legs of `quadru` start where they are attached.

    The world is built anew at each reset, so nothing is left of the match before. The info of each step holds `success`
    (1 when the return is above `MASTERED`, else 0) and `progress` (the share of the way to the goal, 0 to 1).

    Args:
        track: what to walk on.
        body: who walks.
        render_mode: as for BipedalWalker.
    """

    hull: Any

    def __init__(self, track: Track, body: Body, render_mode: str | None = None) -> None:
        super().__init__(render_mode=render_mode)
        self.track, self.body = track, body
        high = np.array([np.inf] * 4 + ([np.inf] * 4 + [1.0]) * 2 * len(body.hips) + [1.0] * _RAYS, np.float32)
        self.observation_space = spaces.Box(np.where(high == 1.0, np.float32(0.0), -high), high, dtype=np.float32)
        self.action_space = spaces.Box(-1.0, 1.0, (body.motors,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray, dict[str, Any]]:
        """Begin on a track of the task in `options` (parameters that are missing have their defaults).

        Raises:
            InputError: for a parameter that is unknown or out of its range.
        """
        super(gym.BipedalWalker, self).reset(seed=seed)
        self.task = self.track.space.task(options)
        self.world = Box2D.b2World()
        self._listener = self.world.contactListener = _Contacts(self)
        self.game_over, self.prev_shaping, self.total, self.scroll, self.lidar_render = False, None, 0.0, 0.0, 0
        self._generate_terrain()
        self._generate_body()
        self.lidar = [_Ray(math.sin(1.5 * i / _RAYS), -math.cos(1.5 * i / _RAYS)) for i in range(_RAYS)]
        self.drawlist = [*self.terrain, *self.legs, self.hull]
        self.cloud_poly: list[Any] = []
        if self.render_mode is not None:
            self._generate_clouds()
        return self.step(np.zeros(self.body.motors, np.float32))[0], {}

    def step(self, action: NDArray) -> tuple[NDArray, float, bool, bool, dict[str, Any]]:
        """Run the motors for a fiftieth of a second; the sign of an entry is a direction, its size the strength."""
        body, effort = self.body, 0.0
        for joint, speed, wanted in zip(self.joints, self._speeds, np.clip(action, -1.0, 1.0).tolist(), strict=True):
            joint.motorSpeed = speed * ((wanted > 0) - (wanted < 0))
            joint.maxMotorTorque = body.torque * abs(wanted)
            effort += abs(wanted)
        self.world.Step(1.0 / gym.FPS, 6 * 30, 2 * 30)
        x, angle = self.hull.position.x, self.hull.angle

        shaping = 130 * x / SCALE - 5.0 * abs(angle)
        reward = shaping - (shaping if self.prev_shaping is None else self.prev_shaping)
        reward -= body.torque_cost * body.torque * effort
        self.prev_shaping = shaping
        fell = self.game_over or x < 0
        if fell:
            reward = -100.0
        self.total += reward
        seen, self.scroll = self._look(), x - gym.VIEWPORT_W / SCALE / 5
        if self.render_mode == "human":
            self.render()
        progress = min(max((x - _START) / (GOAL - _START), 0.0), 1.0)
        return seen, reward, fell or x > GOAL, False, {"success": float(self.total > MASTERED), "progress": progress}

    def _generate_terrain(self, hardcore: bool = False) -> None:
        """Lay the ground and the obstacles of a track of the task."""
        ground = self.world.CreateStaticBody(
            fixtures=b2.fixtureDef(
                shape=b2.edgeShape(vertices=[(0, GROUND), (END, GROUND)]), friction=gym.FRICTION, categoryBits=_WORLD
            )
        )
        ground.color1 = ground.color2 = (76, 204, 76)
        obstacles = self.world.CreateStaticBody(
            fixtures=[
                b2.fixtureDef(shape=b2.polygonShape(vertices=corners), friction=gym.FRICTION, categoryBits=_WORLD)
                for corners in self.track.build(self.task, self.np_random)
            ]
        )
        obstacles.color1, obstacles.color2 = (255, 255, 255), (153, 153, 153)
        self.terrain = [obstacles, ground]
        self.terrain_poly = [([(0, GROUND), (END, GROUND), (END, 0), (0, 0)], (102, 153, 76))]

    def _generate_body(self) -> None:
        """Stand the walker in the middle of the empty first stretch, and give it a small push."""
        body = self.body
        width, length = body.leg_width / SCALE, body.leg_length / SCALE
        y = GROUND + 2 * length
        hull = b2.polygonShape(vertices=[(px / SCALE, py / SCALE) for px, py in body.hull])
        self.hull = self._part(hull, (_START, y), 0.0, density=5.0, friction=0.1)
        self.hull.color1, self.hull.color2 = (127, 51, 229), (76, 76, 127)
        push = self.np_random.uniform(-gym.INITIAL_RANDOM, gym.INITIAL_RANDOM)
        self.hull.ApplyForceToCenter((push, 0), True)

        self.legs, self.joints = [], []
        self._speeds = [gym.SPEED_HIP, gym.SPEED_KNEE] * (body.motors // 2)
        for hip in body.hips:
            for side in (-1, 1):
                above, anchor, limits = self.hull, (hip, _HANG), _HIP
                for share, thickness in ((0.5, width), (1.5, 0.8 * width)):
                    shape = b2.polygonShape(box=(thickness / 2, length / 2))
                    part = self._part(shape, (_START + hip, y - share * length - _HANG), side * _SPREAD, density=1.0)
                    part.color1, part.color2 = (153 - side * 25, 76, 127), (102 - side * 25, 51, 76)
                    part.ground_contact = False
                    joint = self.world.CreateRevoluteJoint(
                        bodyA=above,
                        bodyB=part,
                        localAnchorA=anchor,
                        localAnchorB=(0, length / 2),
                        enableMotor=True,
                        enableLimit=True,
                        maxMotorTorque=body.torque,
                        lowerAngle=limits[0],
                        upperAngle=limits[1],
                    )
                    self.legs.append(part)
                    self.joints.append(joint)
                    above, anchor, limits = part, (0, -length / 2), _KNEE

    def _part(self, shape: Any, position: tuple[float, float], angle: float, **fixture: float) -> Any:
        definition = b2.fixtureDef(shape=shape, categoryBits=_WALKER, maskBits=_WORLD, restitution=0.0, **fixture)
        return self.world.CreateDynamicBody(position=position, angle=angle, fixtures=definition)

    def _look(self) -> NDArray[np.float32]:
        hull, speed = self.hull, self.hull.linearVelocity
        seen = [
            hull.angle,
            2.0 * hull.angularVelocity / gym.FPS,
            0.3 * speed.x * (gym.VIEWPORT_W / SCALE) / gym.FPS,
            0.3 * speed.y * (gym.VIEWPORT_H / SCALE) / gym.FPS,
        ]
        for leg in range(0, len(self.legs), 2):
            hip, knee = self.joints[leg], self.joints[leg + 1]
            seen += [hip.angle, hip.speed / gym.SPEED_HIP, knee.angle + 1.0, knee.speed / gym.SPEED_KNEE]
            seen.append(float(self.legs[leg + 1].ground_contact))
        seen += [ray.cast(self.world, hull.position) for ray in self.lidar]
        return np.array(seen, np.float32)


class _Contacts(b2.contactListener):
    """Notes when the hull or a foot touches the world. As in Gymnasium, the end of one contact is the end of all."""

    def __init__(self, walker: Walker) -> None:
        super().__init__()
        self._walker = walker

    def BeginContact(self, contact: Any) -> None:
        bodies = (contact.fixtureA.body, contact.fixtureB.body)
        self._walker.game_over |= self._walker.hull in bodies
        self._note(bodies, True)

    def EndContact(self, contact: Any) -> None:
        self._note((contact.fixtureA.body, contact.fixtureB.body), False)

    def _note(self, bodies: tuple[Any, Any], touches: bool) -> None:
        for foot in self._walker.legs[1::2]:
            if foot in bodies:
                foot.ground_contact = touches


class _Ray(b2.rayCastCallback):
    """The share of its range at which a ray from the hull meets the world; 1 when nothing is met."""

    def __init__(self, dx: float, dy: float) -> None:
        super().__init__()
        self._dx, self._dy = dx * gym.LIDAR_RANGE, dy * gym.LIDAR_RANGE

    def cast(self, world: Any, start: Any) -> float:
        self.fraction = 1.0
        self.p1, self.p2 = start, (start[0] + self._dx, start[1] + self._dy)  # what `render` draws
        world.RayCast(self, self.p1, self.p2)
        return self.fraction

    def ReportFixture(self, fixture: Any, point: Any, normal: Any, fraction: float) -> float:
        if not fixture.filterData.categoryBits & _WORLD:
            return -1.0  # look through the walker
        self.p2, self.fraction = point, fraction
        return fraction  # and for nothing farther
