"""Meta-representation agents, whose returns are learned by proximal policy optimisation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError
from populations.learners.ppo import PPO
from populations.learners.ppo_settings import PPOSettings
from populations.learners.trajectories import Trajectories
from populations.mra.objective import Objective
from populations.mra.policy import LatentPolicy
from populations.mra.settings import Diversity
from populations.networks.network import Network

__all__ = ["MRA"]


class MRA(PPO):
    """The iterative procedure of Zhang et al. (arXiv 2108.12988), with PPO in the place of their soft actor-critic.

    Step A: PPO makes every mode better that agents have just played, each row under the latent that it was played with; this
    is the constraint, that modes be good responses in the training games. Step B: `Objective` moves the modes apart and ties
    them to games. Both go by the same batch; the next matches are played with the weights after both.

    Differences, beside those of `Objective` and of the network: batches mix games instead of taking them one after another,
    and PPO's own gradient reaches the relation graph only where `Diversity.returns` says so.

    One latent is the control of a single mode: the same network, without step B.

    Attributes:
        objective: step B.
    """

    def __init__(
        self,
        network: Network,
        settings: PPOSettings | None = None,
        diversity: Diversity | None = None,
        *,
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

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Take steps A and B; the figures are those of PPO and of `Objective.update`."""
        rng = np.random.default_rng((self._seed, self.updates, 1))
        figures = super().update(batch, progress)
        return figures | self.objective.update(
            self.policy.inputs(batch.observation, batch.state),
            batch.state["sizes"],
            batch.mask,
            rng=rng,
            progress=progress,
            hidden=batch.state.get("hidden"),
        )

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that the next update depends on, as named arrays."""
        return super().state_dict() | {f"objective/{n}": a for n, a in self.objective.state_dict().items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a learner of the same network and settings."""
        super().load_state_dict(state)
        prefix = "objective/"
        self.objective.load_state_dict({n.removeprefix(prefix): a for n, a in state.items() if n.startswith(prefix)})
