"""What makes the modes of a policy different, and ties them to games: the objective beside the returns."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from games import InputError
from populations.learners.schedule import at
from populations.mra.games import KnownGames
from populations.mra.information import entropy, jensen_shannon, log_policy, mutual_information
from populations.mra.settings import Diversity
from populations.networks.network import Network

__all__ = ["Objective"]

_PLATEAU = 0.01  # nats below which the modes count as one
_PATIENCE = (
    0.5  # share of a run after the warm-up in which they must have become more: first the policy has to learn something
)
_HIDDEN = 32  # of the classifier


class Objective:
    """Step B of meta-representation learning: max over phi, psi of I(A; G | O, M) + I(M; G | O).

    Zhang et al. (arXiv 2108.12988), by their released code: after each update of the policy by its returns (step A, any
    learner's affair) the relation graph's weights phi ascend the mutual information of latent and action, through a policy that
    is left as it is; and the task encoder psi and a classifier omega descend the cross-entropy of telling the game from graph
    and latent, which bounds I(M; G, Z | O) from below.

    Differences: both are exact expectations over the latent, in one pass of all K graphs, instead of samples; the classifier
    sees one agent, not a sum over agents whose size gives the game away, and of that agent the entities as the graph averages
    them, without anything of its own. The bound holds for this restricted classifier too.

    Attributes:
        settings: rates and sizes.
        network: phi, psi and the policy through which phi is seen.
    """

    def __init__(self, network: Network, settings: Diversity, *, seed: int = 0) -> None:
        layout = network.layout
        if layout.actions.continuous or layout.actions.heads != 1:
            raise InputError("modes are told apart by one discrete action per decision, and this game has another kind")
        assert network.prior is not None
        self.network, self.settings = network, settings
        self._prior = network.prior
        self._games = KnownGames(settings.games, self._prior.sizes)
        width = layout.observation["entities"].shape[1] + network.relational.latents
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self._classifier = nn.Sequential(nn.Linear(width, _HIDDEN), nn.ReLU(), nn.Linear(_HIDDEN, settings.games))
        self._phi = network.relational.relation()
        self._task = [*self._prior.parameters(), *self._classifier.parameters()]
        self._of_phi = torch.optim.Adam(self._phi, eps=1e-5)
        self._of_task = torch.optim.Adam(self._task, eps=1e-5)
        self._warned = False

    def update(
        self,
        observation: Mapping[str, Tensor],
        sizes: NDArray[np.float32],
        mask: NDArray[np.bool_] | None,
        *,
        rng: np.random.Generator,
        progress: float,
        hidden: NDArray[np.float32] | None = None,
    ) -> dict[str, float]:
        """Take the steps that follow one update of the policy.

        Args:
            observation: what agents saw, named tensors [R, ...] as the network reads them.
            sizes: [R, M], the population when their matches began (`LatentPolicy`'s state).
            mask: [R, A] of legal actions, or None.
            rng: chooses the rows.
            progress: share of the run that is done, 0 to 1.
            hidden: [R, H], states of the memory, for networks that have one.

        Returns:
            Figures of the first rows looked at, before they are learned from: `mi`, exact I(A; Z | O) in nats;
            `mode_divergence`, the mean Jensen-Shannon divergence of two modes; `prior_entropy`, H(p(z | m)); `task_loss`;
            `task_accuracy` and `task_accuracy_shuffled`, of the classifier with the agents' own latents and with those of
            others, whatever their game: what the second reaches, the graph does not tell. `plateau` is 1 where the modes are
            still one after the warm-up. Nothing for one latent.
        """
        s, latents = self.settings, self.network.relational.latents
        if latents == 1 or not len(sizes):
            return {}
        active = progress >= s.warmup
        figures: dict[str, float] = {}
        for _ in range(s.steps if active else 1):
            rows = rng.choice(len(sizes), min(s.rows, len(sizes)), replace=False)
            chosen = torch.from_numpy(rows)
            seen = {name: values.index_select(0, chosen) for name, values in observation.items()}
            m = torch.from_numpy(sizes[rows])
            state = None if hidden is None else torch.from_numpy(hidden[rows])
            legal = None if mask is None else torch.from_numpy(mask[rows])
            found = self._diversify(seen, m, legal, state, at(s.relation_rate, progress) if active else 0.0)
            found |= self._identify(seen, sizes[rows], rng, at(s.task_rate, progress) if active else 0.0)
            figures = figures or found
        late = progress >= min(s.warmup + _PATIENCE, 1.0) and at(s.relation_rate, progress) > 0.0
        figures["plateau"] = float(late and figures["mi"] < _PLATEAU)
        if figures["plateau"] and not self._warned:
            self._warned = True
            text = f"the {latents} modes are still one: they share {figures['mi']:.4f} nats with the actions"
            warnings.warn(
                f"{text}, where {_PLATEAU} and more were expected after the warm-up", RuntimeWarning, stacklevel=2
            )
        return figures

    def _diversify(
        self, seen: Mapping[str, Tensor], m: Tensor, legal: Tensor | None, hidden: Tensor | None, rate: float
    ) -> dict[str, float]:
        """Ascend the mutual information by phi."""
        with torch.set_grad_enabled(rate > 0.0):
            modes = log_policy(self.network.modes(seen, hidden), legal)
            with torch.no_grad():
                prior = self._prior(m)
            information = mutual_information(prior, modes).mean()
        figures = {"mi": float(information.detach()), "prior_entropy": float(entropy(prior).mean())}
        between = jensen_shannon(modes.detach())
        figures["mode_divergence"] = float(between.sum() / (len(between) * (len(between) - 1)))
        if rate > 0.0 and (self.settings.enough is None or figures["mi"] < self.settings.enough):
            self._descend(self._of_phi, self._phi, -information, rate)
        return figures

    def _identify(
        self, seen: Mapping[str, Tensor], sizes: NDArray[np.float32], rng: np.random.Generator, rate: float
    ) -> dict[str, float]:
        """Descend the game-identification loss by psi and omega."""
        label = torch.from_numpy(self._games.labels(sizes))
        known = torch.from_numpy(np.flatnonzero(label.numpy() >= 0))
        others = known[torch.from_numpy(rng.permutation(len(known)))]
        with torch.no_grad():
            graph = self.network.relational.graph(seen).index_select(0, known)
            shown = torch.bmm(graph, seen["entities"].float().index_select(0, known))
        latents = shown.shape[1]
        of_latent = torch.eye(latents).expand(len(known), -1, -1)
        with torch.set_grad_enabled(rate > 0.0):
            logits = self._classifier(torch.cat([shown, of_latent], dim=2))[:, :, : len(self._games)]
            right = label.index_select(0, known).unsqueeze(1).expand(-1, latents)
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), right.flatten(), reduction="none").view_as(right)
            weights = self._prior(torch.from_numpy(sizes)).exp()
            mean = (weights.index_select(0, known) * loss).sum(dim=1).mean()
        correct = (logits.detach().argmax(dim=2) == right).float()
        if rate > 0.0 and len(self._games) > 1:
            self._descend(self._of_task, self._task, mean, rate)
        weights = weights.detach()
        return {
            "task_loss": float(mean.detach()),
            "task_accuracy": float((weights.index_select(0, known) * correct).sum(dim=1).mean()),
            "task_accuracy_shuffled": float((weights.index_select(0, others) * correct).sum(dim=1).mean()),
        }

    def _descend(self, optimizer: torch.optim.Adam, weights: list[nn.Parameter], loss: Tensor, rate: float) -> None:
        gradients = torch.autograd.grad(loss, weights)
        if not all(math.isfinite(float(gradient.sum())) for gradient in gradients):
            raise FloatingPointError(
                "the gradient of the diversity objective is not finite: look for infinite observations"
            )
        optimizer.param_groups[0]["lr"] = rate
        for weight, gradient in zip(weights, gradients, strict=True):
            weight.grad = gradient
        optimizer.step()
        for weight in weights:
            weight.grad = None

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of classifier, optimisers and known games, as named arrays; phi and psi belong to the network."""
        state: dict[str, NDArray[Any]] = {"games": self._games.sizes.copy()}
        state |= {f"classifier/{n}": w.detach().numpy().copy() for n, w in self._classifier.named_parameters()}
        for name, optimizer in (("phi", self._of_phi), ("task", self._of_task)):
            for index, moments in optimizer.state_dict()["state"].items():
                state |= {f"{name}/{index}/{n}": m.numpy().copy() for n, m in moments.items()}
        return state

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state."""
        self._games.sizes = state["games"].copy()
        for name, weight in self._classifier.named_parameters():
            weight.data.copy_(torch.from_numpy(state[f"classifier/{name}"]))
        for name, optimizer in (("phi", self._of_phi), ("task", self._of_task)):
            moments: dict[int, dict[str, Tensor]] = {}
            for key, values in state.items():
                if key.startswith(f"{name}/"):
                    _, index, moment = key.split("/")
                    moments.setdefault(int(index), {})[moment] = torch.from_numpy(values.copy())
            groups = optimizer.state_dict()["param_groups"]
            optimizer.load_state_dict({"state": moments, "param_groups": groups})
