"""RLlib's PPO on OpenSpiel's connect four, main against random, with light settings; one training iteration per line read.

Two environment runners, a 64-64 network, 4 epochs, batches of 4000. RLlib's wrapper does not mask illegal moves: it plays a
random legal one instead.
"""

import json
import logging
import sys
import time
from importlib.metadata import version
from typing import Any

import pyspiel
import ray
from ray.rllib.algorithms.ppo import PPOConfig
from ray.rllib.core.rl_module.default_model_config import DefaultModelConfig
from ray.rllib.core.rl_module.multi_rl_module import MultiRLModuleSpec
from ray.rllib.core.rl_module.rl_module import RLModuleSpec
from ray.rllib.env.wrappers.open_spiel import OpenSpielEnv
from ray.rllib.examples.rl_modules.classes.random_rlm import RandomRLModule
from ray.tune.registry import register_env


def main() -> None:
    ray.init(num_cpus=3, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False)
    register_env("connect_four", lambda _: OpenSpielEnv(pyspiel.load_game("connect_four")))

    def who(agent: int, episode: Any, **_: Any) -> str:
        return "main" if hash(episode.id_) % 2 == agent else "random"

    modules = {"main": RLModuleSpec(), "random": RLModuleSpec(module_class=RandomRLModule)}
    config = (
        PPOConfig()
        .environment("connect_four")
        .env_runners(num_env_runners=2, num_envs_per_env_runner=1)
        .multi_agent(policies={"main", "random"}, policy_mapping_fn=who, policies_to_train=["main"])
        .rl_module(
            model_config=DefaultModelConfig(fcnet_hiddens=[64, 64]),
            rl_module_spec=MultiRLModuleSpec(rl_module_specs=modules),
        )
        .training(num_epochs=4, train_batch_size_per_learner=4000)
    )
    algorithm = config.build_algo()
    algorithm.train()
    print(json.dumps({"versions": {name: version(name) for name in ("ray", "open_spiel", "torch")}}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        result = algorithm.train()["env_runners"]
        seconds = time.perf_counter() - start
        steps = int(result.get("num_env_steps_sampled", 0))
        print(json.dumps({"env_steps": steps, "seconds": seconds}), flush=True)
    algorithm.stop()


main()
