"""A teacher for a PettingZoo environment: how many agents spread over how many landmarks is the task, built anew for each.

    python examples/curriculum/spread_pettingzoo.py --episodes 200

The agents act at random here: put your own policy in the place of `act`. Needs `pip install mpe2`.
"""

import argparse

from mpe2 import simple_spread_v3

from games import Integer, Real, TaskSpace
from league.curriculum.pettingzoo import ParallelCurriculum
from league.teachers import teachers

SPACE = TaskSpace({"N": Integer(1, 5, 3), "local_ratio": Real(0.0, 1.0, 0.5), "max_cycles": Integer(5, 30, 25)})


def make(task):
    """Return the environment of a task, whose parameters are those of its constructor."""
    return simple_spread_v3.parallel_env(**task)


def act(env, agent, observation):
    """Return what an agent does."""
    return env.action_space(agent).sample()


def main():
    """Play, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", default="edge", choices=teachers.names())
    parser.add_argument("--episodes", type=int, default=200)
    args = parser.parse_args()

    teacher = teachers.make(args.teacher, SPACE, 0)
    team = {f"agent_{k}": "team" for k in range(SPACE["N"].high)}  # one learner plays all of them
    env = ParallelCurriculum(make(SPACE.task()), teacher, learners=team, make=make)
    for episode in range(args.episodes):
        observations, _ = env.reset(seed=0 if episode == 0 else None)
        while env.agents:
            observations, *_ = env.step({agent: act(env, agent, observations[agent]) for agent in env.agents})
    env.close()

    result = env.lesson.results["team"]
    print(
        f"the last one: {env.lesson.proposal.task['N']} agents, {result.length} steps, return {result.total_return:.1f}"
    )
    for name, figure in teacher.metrics().items():
        print(f"{name:>16}  {figure:.2f}")


if __name__ == "__main__":
    main()
