"""Meta-representation agents, whose returns are learned by proximal policy optimisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError
from populations.learners.central import CentralValue
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.learners.schedule import at
from populations.learners.trajectories import PENDING, Trajectories
from populations.mra.objective import Objective
from populations.mra.policy import LatentPolicy
from populations.mra.settings import Critic, Diversity
from populations.networks.network import Network

__all__ = ["MRA"]


class MRA(PPO):
    """The iterative procedure of Zhang et al. (arXiv 2108.12988), with PPO in the place of their soft actor-critic.

    Step A: PPO makes every mode better that agents have just played, each row under the latent that it was played with; this
    is the constraint, that modes be good responses in the training games. Step B: `Objective` moves the modes apart and ties
    them to games. Both go by the same batch; the next matches are played with the weights after both.

    Differences, beside those of `Objective` and of the network: batches mix games instead of taking them one after another,
    and PPO's own gradient reaches the relation graph only where `Diversity.returns` says so.

    PPO takes its advantages from the value that each agent forms alone, or from a critic that sees all of the learner's agents
    in a match and their latents (`critic`), as the paper's does; the value head then follows that critic's returns.

    One latent is the control of a single mode: the same network, without step B.

    Attributes:
        objective: step B.
        central: the critic that sees all agents of a match, or None where each agent values alone.
        looks_ahead: whether batches must tell what was seen after cuts, for that critic.
    """

    def __init__(
        self,
        network: Network,
        settings: PPOSettings | None = None,
        diversity: Diversity | None = None,
        *,
        critic: Critic = "own",
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        if network.spec.relation is None:
            raise InputError("mra needs a network with a relation")
        diversity = diversity or Diversity()
        super().__init__(network, settings, seed=seed, threads=threads)
        network.relational.frozen = not diversity.returns
        self.policy = LatentPolicy(network, learns=True)
        self.policy.threads = threads
        self.objective = Objective(network, diversity, seed=seed)
        self.central: CentralValue | None = None
        if critic == "central":
            width, latents = network.spec.hidden[-1], network.relational.latents
            self.central = CentralValue(network.layout, width=width, latents=latents, seed=seed)
        self.looks_ahead = self.central is not None

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Take steps A and B; the figures are those of PPO and of `Objective.update`."""
        rng = np.random.default_rng((self._seed, self.updates, 1))
        figures = {}
        if self.central is not None:
            batch = self.central.judged(batch)
            figures["central_value_loss"] = self._learn_central(self.central, batch, progress, rng)
        figures |= super().update(batch, progress)
        return figures | self.objective.update(
            self.policy.inputs(batch.observation, batch.state),
            batch.state["sizes"],
            batch.mask,
            rng=rng,
            progress=progress,
            hidden=batch.state.get("hidden"),
        )

    def _learn_central(
        self, central: CentralValue, batch: Trajectories, progress: float, rng: np.random.Generator
    ) -> float:
        """Let the central critic learn the returns that its own estimates, made before, end in."""
        s = self.settings
        return central.learn(
            batch,
            self.advantages(batch) + batch.value,
            batch.next != PENDING,
            epochs=s.epochs,
            minibatches=s.minibatches,
            rate=at(s.learning_rate, progress),
            gradient_norm=s.gradient_norm,
            rng=rng,
        )

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that the next update depends on, as named arrays."""
        state = super().state_dict() | {f"objective/{n}": a for n, a in self.objective.state_dict().items()}
        if self.central is not None:
            state |= {f"central/{n}": a for n, a in self.central.state_dict().items()}
        return state

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a learner of the same network and settings."""
        super().load_state_dict(state)
        for prefix, part in (("objective/", self.objective), ("central/", self.central)):
            if part is not None:
                part.load_state_dict({n.removeprefix(prefix): a for n, a in state.items() if n.startswith(prefix)})
