"""The learning algorithms that a configuration can name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from games import Game, InputError
from league.registry import Registry
from populations.learners.learner import Learner
from populations.learners.off_policy_settings import MADDPGSettings, SACSettings
from populations.learners.ppo_settings import PPOSettings
from populations.learners.schedule import Schedule
from populations.mra import Critic, Diversity
from populations.networks import NetworkSpec, RelationSpec

if TYPE_CHECKING:
    from populations.learners.ppo import PPO

__all__ = ["learners", "maddpg", "mra", "mra_sac", "ppo", "reptile", "sac"]

_NETWORK, _SETTINGS, _DIVERSITY = NetworkSpec(), PPOSettings(), Diversity()
_SAC, _MADDPG = SACSettings(), MADDPGSettings()


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
    return _ppo(game, seed, network, settings, threads)


def reptile(
    game: Game,
    seed: int,
    *,
    network: NetworkSpec = _NETWORK,
    settings: PPOSettings = _SETTINGS,
    rate: float | Schedule = 0.1,
    threads: int = 1,
) -> Learner:
    """Return a Reptile learner for a game: PPO on each population by itself, and a step towards what came of it.

    Args:
        game: what it learns; its seats must see entities.
        seed: of its first weights and of its minibatches.
        network: what kind of network acts and values.
        settings: of PPO, which takes the inner steps.
        rate: share of the way from the weights to those after the inner steps, above 0 and at most 1.
        threads: of an update; they change how long it takes, and nothing else.

    Raises:
        InputError: for less than one thread, another rate, a magnet, or a game without entities.
    """
    from populations.learners.reptile import Reptile

    return Reptile(_ppo(game, seed, network, settings, threads), rate=rate)


def mra(
    game: Game,
    seed: int,
    *,
    network: NetworkSpec = _NETWORK,
    settings: PPOSettings = _SETTINGS,
    diversity: Diversity = _DIVERSITY,
    critic: Critic = "own",
    threads: int = 1,
) -> Learner:
    """Return a meta-representation learner for a game whose seats see entities; PPO makes its returns.

    Args:
        game: what it learns.
        seed: of its first weights, of its minibatches and of its objective's rows.
        network: what kind of network acts and values; its `relation` says how many modes there are (default 6).
        settings: how it learns from returns.
        diversity: how its modes are moved apart and tied to games.
        critic: whether each agent values alone (`own`), or a critic sees all of its agents in a match (`central`); slower.
        threads: of an update by returns; they change how long it takes, and nothing else.

    Raises:
        InputError: for less than one thread, or a game without entities or with other than single discrete actions.
    """
    if threads < 1:
        raise InputError(f"mra threads must be at least 1, not {threads}")
    from populations.layout import Layout
    from populations.learners.mra import MRA
    from populations.networks.network import Network

    if network.relation is None:
        network = replace(network, relation=RelationSpec())
    return MRA(
        Network(network, Layout.of(game), seed=seed), settings, diversity, critic=critic, seed=seed, threads=threads
    )


def sac(game: Game, seed: int, *, network: NetworkSpec = _NETWORK, settings: SACSettings = _SAC) -> Learner:
    """Return a soft actor-critic learner for a game, with a replay buffer and a critic of joint actions.

    Args:
        game: what it learns: one discrete action a decision.
        seed: of its first weights and of all that it draws.
        network: what kind of network acts; without memory and without a relation.
        settings: how it learns.

    Raises:
        InputError: for a game with other actions, or a network with memory or a relation.
    """
    _single_mode(network)
    from populations.layout import Layout
    from populations.learners.soft_actor_critic import SoftActorCritic
    from populations.networks.network import Network

    return SoftActorCritic(Network(network, Layout.of(game), seed=seed), settings, seed=seed)


def mra_sac(
    game: Game,
    seed: int,
    *,
    network: NetworkSpec = _NETWORK,
    settings: SACSettings = _SAC,
    diversity: Diversity = _DIVERSITY,
) -> Learner:
    """Return a meta-representation learner as the paper has it: soft actor-critic makes its returns.

    Args:
        game: what it learns: its seats see entities and take one discrete action a decision.
        seed: of its first weights and of all that it draws.
        network: what kind of network acts; its `relation` says how many modes there are (default 6).
        settings: how it learns from returns.
        diversity: how its modes are moved apart and tied to games.

    Raises:
        InputError: for a game without entities or with other actions, or a network with memory.
    """
    from populations.layout import Layout
    from populations.learners.mra_sac import MRASoftActorCritic
    from populations.networks.network import Network

    if network.relation is None:
        network = replace(network, relation=RelationSpec())
    return MRASoftActorCritic(Network(network, Layout.of(game), seed=seed), settings, diversity, seed=seed)


def maddpg(game: Game, seed: int, *, network: NetworkSpec = _NETWORK, settings: MADDPGSettings = _MADDPG) -> Learner:
    """Return a MADDPG learner for a game, with a replay buffer and a critic of joint actions.

    Args:
        game: what it learns: one discrete action a decision.
        seed: of its first weights and of all that it draws.
        network: what kind of network acts; without memory and without a relation.
        settings: how it learns.

    Raises:
        InputError: for a game with other actions, or a network with memory or a relation.
    """
    _single_mode(network)
    from populations.layout import Layout
    from populations.learners.maddpg import MADDPG
    from populations.networks.network import Network

    return MADDPG(Network(network, Layout.of(game), seed=seed), settings, seed=seed)


def _single_mode(network: NetworkSpec) -> None:
    if network.relation is not None:
        raise InputError("a network with a relation has several modes, which kinds mra and mra_sac train")


def _ppo(game: Game, seed: int, network: NetworkSpec, settings: PPOSettings, threads: int) -> PPO:
    if threads < 1:
        raise InputError(f"ppo threads must be at least 1, not {threads}")
    _single_mode(network)
    from populations.layout import Layout
    from populations.learners.ppo import PPO  # torch takes a second: only for those who train
    from populations.networks.network import Network

    return PPO(Network(network, Layout.of(game), seed=seed), settings, seed=seed, threads=threads)


_MAKERS: dict[str, Callable[..., Learner]] = {
    "ppo": ppo,
    "mra": mra,
    "mra_sac": mra_sac,
    "sac": sac,
    "maddpg": maddpg,
    "reptile": reptile,
}

learners: Registry[Learner] = Registry("learner", "arena.learners", _MAKERS)
"""Learning algorithms by name. A maker takes the game and a seed; its keyword-only parameters are the options that a
configuration may give."""
