"""The learning algorithms that a configuration can name."""

from __future__ import annotations

from collections.abc import Callable

from games import Game, InputError
from league.registry import Registry
from populations.learners.learner import Learner
from populations.learners.ppo_settings import PPOSettings
from populations.networks import NetworkSpec

__all__ = ["learners", "ppo"]

_NETWORK, _SETTINGS = NetworkSpec(), PPOSettings()


def ppo(
    game: Game, seed: int, *, network: NetworkSpec = _NETWORK, settings: PPOSettings = _SETTINGS, threads: int = 1
) -> Learner:
    """Return a PPO learner for a game.

    Args:
        game: what it learns.
        seed: of its first weights and of its minibatches.
        network: what kind of network acts and values.
        settings: how it learns.
        threads: of an update; they change how long it takes, and nothing else.

    Raises:
        InputError: for less than one thread.
    """
    if threads < 1:
        raise InputError(f"ppo threads must be at least 1, not {threads}")
    from populations.layout import Layout
    from populations.learners.ppo import PPO  # torch takes a second: only for those who train
    from populations.networks.network import Network

    return PPO(Network(network, Layout.of(game), seed=seed), settings, seed=seed, threads=threads)


_MAKERS: dict[str, Callable[..., Learner]] = {"ppo": ppo}

learners: Registry[Learner] = Registry("learner", "arena.learners", _MAKERS)
"""Learning algorithms by name. A maker takes the game and a seed; its keyword-only parameters are the options that a
configuration may give."""
