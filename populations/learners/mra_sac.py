"""Meta-representation agents, whose returns are learned by soft actor-critic: the form of the paper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from games import InputError
from populations.learners.off_policy_settings import SACSettings
from populations.learners.soft_actor_critic import SoftActorCritic
from populations.learners.trajectories import Trajectories
from populations.mra.objective import Objective
from populations.mra.settings import Diversity
from populations.networks.network import Network

__all__ = ["MRASoftActorCritic"]


class MRASoftActorCritic(SoftActorCritic):
    """The iterative procedure of Zhang et al. (arXiv 2108.12988).

    Step A: `SoftActorCritic` makes every mode better that was played, each decision under the latent that it was made with.
    Step B, after all steps A of one batch: `Objective` moves the modes apart and ties them to games, on decisions from the
    same buffer. The critic is told every agent's latent, because what comes after a decision depends on it.

    Differences, beside those of the two parts and of the network: the buffer holds all games and a step A goes by one of them
    at a time, drawn at random, instead of one buffer a game in fixed order; step B looks at all of them together.

    One latent is the control of a single mode: the same network, without step B.

    Attributes:
        objective: step B.
    """

    def __init__(
        self,
        network: Network,
        settings: SACSettings | None = None,
        diversity: Diversity | None = None,
        *,
        seed: int = 0,
    ) -> None:
        if network.prior is None:
            raise InputError("mra_sac needs a network with a relation")
        diversity = diversity or Diversity()
        super().__init__(network, settings, seed=seed)
        network.relational.frozen = not diversity.returns
        self.objective = Objective(network, diversity, seed=seed)

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Keep one batch and take steps A and B that are due; the figures are those of both."""
        figures = super().update(batch, progress)
        if not figures["steps"]:
            return figures
        rng = np.random.default_rng((self._seed, self.steps, 1))
        joint = self.buffer.sample(self.objective.settings.rows, rng).now
        here = joint.here
        return figures | self.objective.update(
            self.policy.inputs(
                {name: values[here] for name, values in joint.observation.items()},
                {name: values[here] for name, values in joint.state.items()},
            ),
            joint.state["sizes"][here],
            None if joint.mask is None else joint.mask[here],
            rng=rng,
            progress=progress,
        )

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of all that the next update depends on, as named arrays."""
        return super().state_dict() | {f"objective/{n}": a for n, a in self.objective.state_dict().items()}

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a learner of the same network and settings."""
        super().load_state_dict(state)
        prefix = "objective/"
        self.objective.load_state_dict({n.removeprefix(prefix): a for n, a in state.items() if n.startswith(prefix)})
