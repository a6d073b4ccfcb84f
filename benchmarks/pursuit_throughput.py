"""Steps of pursuit, 3 against 1 in 4096 worlds on one core, beside simple_tag of mpe2, jaxmarl and vmas.

Everything is simple_tag with 3 against 1, two obstacles and random actions, observations included, and figures are
agent-steps. Ours and mpe2's actions are drawn beforehand; jaxmarl and vmas draw theirs, as their users do, which costs them
little. jaxmarl runs five steps of 4096 worlds in one compiled call and begins new matches in it; vmas steps 4096 worlds at
once. All of it has one core: this process keeps to one while it runs. Every peer has slices of its own, each beside one of
ours.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import games
from benchmarks.harness import Moving, Work, absent, interleave, versions

WORLDS = 4096
HORIZON = 25
SCAN = 5


def run(quick: bool) -> dict[str, Any]:
    rounds, seconds = (30, 0.1) if quick else (100, 0.2)
    figures: dict[str, Any] = {"worlds": WORLDS, "predators": 3, "prey": 1}
    guards = [Moving("pursuit")]
    ours = pursuit(guards[0])
    with one_core():
        for name, make in PEERS.items():
            guard = Moving(name)
            suffix = "" if name == "mpe2" else f"_{name}"
            try:
                peer = make(guard)
            except ImportError as error:
                figures[f"peer{suffix}"] = absent(error)["peer"]
                continue
            guards.append(guard)
            rates = interleave(ours, peer, rounds=rounds, seconds=seconds).fields("agent_steps")
            if not suffix:
                figures |= rates | {"against": "mpe2 simple_tag_v3, 3 against 1, parallel API"}
            else:
                figures |= {
                    f"{field}{suffix}": value for field, value in rates.items() if field.startswith(("peer", "ratio"))
                }
        if "agent_steps_per_s" not in figures:
            figures |= interleave(ours, rounds=rounds, seconds=seconds).fields("agent_steps")
    for guard in guards:
        guard.check()
    return figures | {"versions": versions("mpe2", "jaxmarl", "jax", "vmas")}


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Keep this process, and the threads that it starts, to one core."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pursuit(moving: Moving) -> Work:
    """Return the work of playing one match in every world."""
    game = games.make("markov/pursuit-v0")
    vector = game.vector(WORLDS, games.Limits(seats=4))
    tasks = [game.task_space.task()] * WORLDS
    slots, seeds = np.arange(WORLDS), np.arange(WORLDS, dtype=np.uint64)
    actions = np.random.default_rng(0).integers(0, 5, (HORIZON, WORLDS, 4, 1)).astype(np.int32)

    def work() -> int:
        seeds[:] += np.uint64(WORLDS)
        vector.assign(slots, tasks, seeds)
        for action in actions:
            step = vector.step(action)
            moving.look(step.observation["entities"], int(np.count_nonzero(step.truncated)))
        return HORIZON * WORLDS * 4

    return work


def mpe2(moving: Moving) -> Work:
    """Return the work of playing one episode of mpe2's."""
    from mpe2 import simple_tag_v3

    env = simple_tag_v3.parallel_env(num_good=1, num_adversaries=3, num_obstacles=2, max_cycles=HORIZON)
    actions = np.random.default_rng(0).integers(0, 5, (64, 4)).tolist()
    episodes = 0

    def work() -> int:
        nonlocal episodes
        env.reset(seed=episodes)
        episodes += 1
        done = 0
        while env.agents:
            acting = list(env.agents)  # the environment empties its own
            observations, *_ = env.step(dict(zip(acting, actions[done % 64], strict=True)))
            moving.look(observations[acting[0]], not env.agents)
            done += 1
        return 4 * done

    return work


def jaxmarl(moving: Moving) -> Work:
    """Return the work of playing so many steps in every world of jaxmarl's, in one compiled call."""
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    import jax
    import jaxmarl as marl

    env: Any = marl.make("MPE_simple_tag_v3")
    names = env.agents
    choices = {name: env.action_space(name).n for name in names}

    def step(carry: Any, _: None) -> Any:
        state, key = carry
        key, ours, theirs = jax.random.split(key, 3)
        drawn = {
            name: jax.random.randint(own, (WORLDS,), 0, choices[name])
            for name, own in zip(names, jax.random.split(ours, len(names)), strict=True)
        }
        seen, state, reward, done, _ = jax.vmap(env.step)(jax.random.split(theirs, WORLDS), state, drawn)
        return (state, key), (seen[names[0]], sum(r.sum() for r in reward.values()), done["__all__"].sum())

    play = jax.jit(lambda state, key: jax.lax.scan(step, (state, key), None, SCAN))
    _, state = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), WORLDS))
    carry = (state, jax.random.key(1))

    def work() -> int:
        nonlocal carry
        carry, (seen, _, done) = play(*carry)
        moving.look(np.asarray(seen[-1]), int(done.sum()))
        return SCAN * WORLDS * len(names)

    return work


def vmas(moving: Moving) -> Work:
    """Return the work of one step in every world of vmas's, which all begin anew together."""
    import torch
    import vmas as simulator

    torch.set_num_threads(1)
    env = simulator.make_env("simple_tag", num_envs=WORLDS, device="cpu", continuous_actions=False, seed=0)
    count, choices = len(env.agents), env.action_space[0].n
    steps = 0

    def work() -> int:
        nonlocal steps
        if steps % HORIZON == 0:
            env.reset()
        seen, *_ = env.step([torch.randint(0, choices, (WORLDS, 1)) for _ in range(count)])
        steps += 1
        moving.look(seen[0].numpy(), WORLDS if steps % HORIZON == 0 else 0)
        return WORLDS * count

    return work


PEERS: dict[str, Callable[[Moving], Work]] = {"mpe2": mpe2, "jaxmarl": jaxmarl, "vmas": vmas}
