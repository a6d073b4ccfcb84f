"""A teacher beside a plain Stable-Baselines3 loop: PPO balances poles whose length and gravity the teacher chooses.

    python examples/curriculum/cartpole_sb3.py --teacher edge --steps 20000

The environments run in processes of their own and reach the teacher through a socket. Needs `pip install stable-baselines3`.
"""

import argparse

import numpy as np
import torch
from gymnasium.envs.classic_control import CartPoleEnv
from gymnasium.wrappers import TimeLimit
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import SubprocVecEnv

from games import Real, TaskSpace
from league.curriculum import CurriculumWrapper, RemoteTeacher, TeacherServer, ValueTeller
from league.teachers import teachers

SPACE = TaskSpace({"length": Real(0.1, 2.0, 0.5), "gravity": Real(2.0, 40.0, 9.8)})
STEPS = 200


class Poles(CartPoleEnv):
    """CartPole whose pole and planet are the task."""

    def set_task(self, task):
        """Take the length of half the pole (m) and the gravity (m/s²) from a task."""
        self.length, self.gravity = task["length"], task["gravity"]
        self.polemass_length = self.masspole * self.length


def workplace(address, tell):
    """Return a function that makes an environment; it is called in the worker."""

    def make():
        return Monitor(CurriculumWrapper(TimeLimit(Poles(), STEPS), RemoteTeacher(address), tell=tell))

    return make


class TellValues(BaseCallback):
    """Tells a teacher what PPO's value estimates say of each episode: for teachers such as prioritised level replay."""

    def __init__(self, teacher, environments):
        super().__init__()
        self.teller = ValueTeller(teacher, environments)

    def _on_step(self):
        step = self.locals
        infos = step["infos"]
        last = np.zeros(len(infos))
        for slot, info in enumerate(infos):
            if info.get("TimeLimit.truncated"):
                observation, _ = self.model.policy.obs_to_tensor(info["terminal_observation"])
                last[slot] = self.model.policy.predict_values(observation).item()
        results = [info["curriculum"].get("result") for info in infos]
        self.teller.step(step["rewards"], step["values"].cpu().numpy(), results, last)
        return True


def mean_length(model, episodes=50):
    """Return how long the model balances poles drawn evenly from the space, in steps."""
    env, rng, lengths = TimeLimit(Poles(), STEPS), np.random.default_rng(0), []
    for _ in range(episodes):
        env.unwrapped.set_task(SPACE.sample(rng))
        observation, _ = env.reset(seed=int(rng.integers(2**31)))
        over, steps = False, 0
        while not over:
            action, _ = model.predict(observation, deterministic=True)
            observation, _, terminated, truncated, _ = env.step(int(action))
            over, steps = terminated or truncated, steps + 1
        lengths.append(steps)
    return np.mean(lengths), np.std(lengths) / np.sqrt(episodes)


def main():
    """Train, and print what the teacher did and how good the model became."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", default="edge", choices=teachers.names())
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    torch.set_num_threads(1)  # the network is small, and the environments need the other cores
    teacher = teachers.make(args.teacher, SPACE, args.seed)
    with TeacherServer(teacher) as server:
        values = teacher.needs_values
        environments = SubprocVecEnv([workplace(server.address, not values)] * args.workers)
        try:
            model = PPO("MlpPolicy", environments, n_steps=512, seed=args.seed, device="cpu")
            model.learn(args.steps, callback=TellValues(server, args.workers) if values else None)
        finally:
            environments.close()
        figures = server.metrics()

    print(f"{figures['told']:.0f} of {figures['asked']:.0f} proposals came back")
    for name, share in figures.items():
        if name.startswith("origin/"):
            print(f"{name.removeprefix('origin/'):>12}  {share:.0%} of the latest")
    mean, error = mean_length(model)
    print(f"balances for {mean:.0f} ± {error:.0f} of {STEPS} steps on 50 poles drawn evenly")


if __name__ == "__main__":
    main()
