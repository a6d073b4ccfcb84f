"""Proximal policy optimisation."""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from games import InputError
from populations.learners import surrogate
from populations.learners.gae import advantages
from populations.learners.ppo_settings import Magnet, PPOSettings
from populations.learners.schedule import at
from populations.learners.sequences import Sequences
from populations.learners.subgroups import split
from populations.learners.trajectories import PENDING, Trajectories
from populations.networks.network import Network, Output
from populations.neural import NeuralPolicy
from populations.pieces import computed, pieces
from populations.policy import Rows, State
from populations.sampling import ALL_LEGAL, NO_TABLE

__all__ = ["PPO", "Magnet", "PPOSettings"]

_ACTIVATIONS = 1 << 18  # computed at once: forward and backward pass of a megabyte a layer stay in a core's cache
_NO_MAGNET = np.zeros((0, 0), dtype=np.float32)


@dataclass(slots=True)
class _Material:
    """One batch, ready to be learned from. `units` rows, or sequences of rows, are shuffled.

    `features` are the encoded observations where no weight has a part in that, so that it need not be done in each pass.
    `halves` are the two entity masks of random sub-groups, none where they are not learned from.
    """

    batch: Trajectories
    observation: dict[str, Tensor]
    features: Tensor | None
    sequences: Sequences | None
    units: NDArray[np.int64]
    rows: NDArray[np.int64]
    advantage: NDArray[np.float32]
    target: NDArray[np.float32]
    magnet: NDArray[np.float32]
    halves: tuple[Tensor, ...] = ()


class PPO:
    """The learner (Schulman et al. 2017, arXiv 1707.06347), for one network that acts and values.

    Differences from the paper: an action's legality and the use of its arguments enter all probabilities, a cut trajectory
    is bootstrapped, rows stand for decisions and not for steps, and there may be a `Magnet`. Minibatches are computed in
    pieces whose gradients add up: the result is that of the whole, but memory and caches see only a piece.

    With memory, gradients flow back through at most `sequence` decisions, from the state that was recorded before the first
    of them (as in Kapturowski et al. 2019, "Recurrent experience replay in distributed reinforcement learning", without the
    burn-in).

    With `subgroups` of w, REFIL's auxiliary loss (Iqbal et al. 2021, arXiv 2006.04222; there for the Q-values of a team)
    takes this form. `subgroups.split` hides from each row first the entities outside a random group around the seat, then
    those inside. The means of the logits (of the actions' means, where they are continuous) and of the values under these two
    views are those of an imagined policy, and

        loss = (1 - w) * L(policy) + w * L(imagined policy)

    where L is the whole loss of PPO with the same actions, old probabilities, advantages and targets. So the two halves of a
    scene must add up to the decision and the value of the whole, and each half is a population that may never be met. Each
    pass costs three evaluations of the network instead of one. Acting is as ever.

    Attributes:
        policy: acts with the current weights.
        network: the current weights.
        settings: how it learns.
        updates: how many updates there were.
        threads: how many pieces of a minibatch are computed at once. Weights are the same, bit for bit, for any number.
    """

    def __init__(
        self, network: Network, settings: PPOSettings | None = None, *, seed: int = 0, threads: int = 1
    ) -> None:
        self.network = network
        self.threads = threads
        self.settings = settings or PPOSettings()
        if self.settings.subgroups > 0.0 and not network.any_entities:
            raise InputError("ppo subgroups hides entities from a network, and this one has no encoder of entities")
        self.policy = NeuralPolicy(network, learns=True)
        self.policy.threads = threads
        self.updates = 0
        self._seed = seed
        self._magnet = copy.deepcopy(network).requires_grad_(False) if self.settings.magnet else None
        self._optimizer = torch.optim.Adam(network.parameters(), eps=1e-5, fused=True)

    def value(self, rows: Rows, state: State) -> NDArray[np.float32]:
        """Return [R] float32, the expected return of each row, in units of the scaled reward."""
        return self.policy.values(rows, state)

    def update(self, batch: Trajectories, progress: float) -> dict[str, float]:
        """Learn from one batch.

        Args:
            batch: decisions of `policy`, made with the weights that it has now.
            progress: share of the run that is done, 0 to 1.

        Returns:
            Means over all passes of the policy's and the value's loss, entropy, KL(old || new) (`kl`), the share of rows whose
            loss went flat (`clipped`), KL(policy || magnet) and the gradient's norm before clipping; the share of the
            returns' variance that the old values explained; learning rate, passes made and rows; with `subgroups`, the two
            losses of the imagined policy, too.

        Raises:
            FloatingPointError: when the gradient is not finite. The weights are then as before the failed step.
        """
        s = self.settings
        rng = np.random.default_rng((self._seed, self.updates))
        material = self._prepare(batch, rng)
        self.updates += 1
        rate = at(s.learning_rate, progress)
        self._optimizer.param_groups[0]["lr"] = rate
        coefficients = (at(s.entropy, progress), at(s.magnet.coefficient, progress) if s.magnet else 0.0)
        sums, norms, epochs = np.zeros((2, len(surrogate.FIGURES))), [0.0], 0
        count = len(material.rows)
        while count and epochs < s.epochs:
            before = sums.copy()
            for chosen in np.array_split(rng.permutation(material.units), min(s.minibatches, len(material.units))):
                norms.append(self._step(material, chosen, coefficients, sums))
            epochs += 1
            if s.target_kl is not None and (sums - before)[0, surrogate.FIGURES.index("kl")] / count > s.target_kl:
                break
        self._move_magnet()
        means, imagined = (
            dict(zip(surrogate.FIGURES, mean, strict=True)) for mean in (sums / max(epochs * count, 1)).tolist()
        )
        if s.magnet is None:
            del means["magnet_kl"]
        if s.subgroups > 0.0:
            means |= {f"subgroups_{name}": imagined[name] for name in ("policy_loss", "value_loss")}
        return means | {
            "gradient_norm": sum(norms) / max(len(norms) - 1, 1),
            "explained_variance": _explained(batch.value[material.rows], material.target[material.rows]),
            "learning_rate": rate,
            "entropy_coefficient": coefficients[0],
            "epochs": float(epochs),
            "rows": float(count),
        }

    def advantages(self, batch: Trajectories, *, trace: float | None = None) -> NDArray[np.float32]:
        """Return generalised advantage estimates [R] in units of the scaled reward; 0 for pending rows.

        Args:
            batch: R decisions.
            trace: the lambda of the estimate; None for that of the settings.
        """
        s = self.settings
        return advantages(batch, discount=s.discount, trace=s.trace if trace is None else trace, scale=s.reward_scale)

    def freeze(self) -> NeuralPolicy:
        """Return a policy with a copy of the current weights."""
        return self.policy.copy()

    def adopt(self, policy: NeuralPolicy) -> None:
        """Take over a policy's weights as the first ones, and the magnet's too.

        Raises:
            InputError: when the network is another one.
        """
        theirs = policy.network
        if (theirs.spec, theirs.layout) != (self.network.spec, self.network.layout):
            raise InputError("the weights are of another network than the learner's")
        for network in (self.network, self._magnet):
            if network is not None:
                network.load_state_dict(theirs.state_dict())

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Return copies of weights, magnet, optimiser and the number of updates, as named arrays."""
        state = {"updates": np.array(self.updates)}
        for prefix, network in (("weights", self.network), ("magnet", self._magnet)):
            if network is not None:
                state |= {f"{prefix}/{n}": w.detach().numpy().copy() for n, w in network.named_parameters()}
        moments = self._optimizer.state_dict()["state"]
        for index, (name, _) in enumerate(self.network.named_parameters()):
            state |= {f"adam/{name}/{n}": m.numpy().copy() for n, m in moments.get(index, {}).items()}
        return state

    def load_state_dict(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Go back to a state of a learner of the same network and settings."""
        self.updates = int(state["updates"])
        moments: dict[int, dict[str, Tensor]] = {}
        for index, (name, weight) in enumerate(self.network.named_parameters()):
            weight.data.copy_(torch.from_numpy(state[f"weights/{name}"]))
            prefix = f"adam/{name}/"
            moments[index] = {
                n.removeprefix(prefix): torch.from_numpy(m.copy()) for n, m in state.items() if n.startswith(prefix)
            }
        groups = self._optimizer.state_dict()["param_groups"]
        self._optimizer.load_state_dict({"state": {i: m for i, m in moments.items() if m}, "param_groups": groups})
        if self._magnet is not None:
            for name, weight in self._magnet.named_parameters():
                weight.copy_(torch.from_numpy(state[f"magnet/{name}"]))

    def _prepare(self, batch: Trajectories, rng: np.random.Generator) -> _Material:
        s = self.settings
        sequences = None if self.network.core is None else Sequences.cut(batch.next, s.sequence)
        rows = np.flatnonzero(batch.next != PENDING)
        advantage = self.advantages(batch)
        target = advantage + batch.value
        if s.normalize_advantages and len(rows):
            advantage = (advantage - advantage[rows].mean()) / (advantage[rows].std() + np.float32(1e-8))
        units = rows if sequences is None else np.arange(len(sequences))
        observation = self.policy.inputs(batch.observation, batch.state)
        features = None
        if sequences is None and not self.network.learns_encoding:
            features = self.network.encode(observation)
        material = _Material(batch, observation, features, sequences, units, rows, advantage, target, _NO_MAGNET)
        if s.subgroups > 0.0:
            seen = batch.observation["entity_mask"].astype(np.bool_)
            material.halves = tuple(torch.from_numpy(half) for half in split(seen, rng))
        if self._magnet is not None:
            material.magnet = np.zeros((len(batch), self.network.policy_head.out_features), dtype=np.float32)
            with torch.inference_mode():
                for piece in self._pieces(material, units):
                    of, output = _evaluate(self._magnet, material, piece)
                    material.magnet[of] = output.policy.numpy()
        return material

    def _pieces(self, material: _Material, units: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        size = _ACTIVATIONS // self.network.largest
        if material.sequences is not None:
            size //= self.settings.sequence
        return [units[piece] for piece in pieces(len(units), max(size, 64))]

    def _step(
        self,
        material: _Material,
        chosen: NDArray[np.int64],
        coefficients: tuple[float, float],
        sums: NDArray[np.float64],
    ) -> float:
        """Take one step of the optimiser on the chosen units; return the length of the gradient."""
        rows = len(chosen)
        if material.sequences is not None:
            rows = int((material.sequences.starts[chosen + 1] - material.sequences.starts[chosen]).sum())
        parts = self._pieces(material, chosen)
        gradient = partial(self._gradient, material, coefficients, 1.0 / rows)
        self._optimizer.zero_grad()
        # summed up in the order of the pieces, whichever thread computed them first
        for gradients, figures in computed(gradient, parts, self.threads):
            sums += figures
            for weight, part in zip(self.network.parameters(), gradients, strict=True):
                if part is not None:
                    weight.grad = part if weight.grad is None else weight.grad.add_(part)
        norm = float(torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_norm))
        if not math.isfinite(norm):
            raise FloatingPointError(
                f"the gradient of update {self.updates} is not finite: look for infinite rewards or observations"
            )
        self._optimizer.step()
        return norm

    def _gradient(
        self,
        material: _Material,
        coefficients: tuple[float, float],
        weight: float,
        piece: NDArray[np.int64],
    ) -> tuple[tuple[Tensor | None, ...], NDArray[np.float64]]:
        """Return the gradient of the loss of some units by every weight, and sums of `surrogate.FIGURES`.

        The second row of the sums is that of the imagined policy.
        """
        sums, imagined = np.zeros((2, len(surrogate.FIGURES))), self.settings.subgroups
        rows, output = _evaluate(self.network, material, piece)
        roots, gradients = self._loss(material, rows, output, (*coefficients, (1.0 - imagined) * weight), sums[0])
        if material.halves:
            one, other = (_evaluate(self.network, material, piece, entities=half)[1] for half in material.halves)
            assert one.value is not None
            assert other.value is not None
            mixed = Output(0.5 * (one.policy + other.policy), 0.5 * (one.value + other.value), None)
            more = self._loss(material, rows, mixed, (*coefficients, imagined * weight), sums[1])
            roots, gradients = roots + more[0], gradients + more[1]
        given = [torch.from_numpy(g) for g in gradients]
        return torch.autograd.grad(roots, list(self.network.parameters()), given, allow_unused=True), sums

    def _loss(
        self,
        material: _Material,
        rows: NDArray[np.int64],
        output: Output,
        coefficients: tuple[float, float, float],
        sums: NDArray[np.float64],
    ) -> tuple[list[Tensor], list[NDArray[np.float32]]]:
        """Return what the loss depends on, and its gradient by each; the last coefficient is the weight of a row."""
        s, batch, layout = self.settings, material.batch, self.network.layout.actions
        assert output.value is not None
        roots, policy, value = (
            [output.policy, output.value],
            output.policy.detach().numpy(),
            output.value.detach().numpy(),
        )
        gradients = [np.empty_like(policy), np.empty_like(value)]
        taken = (batch.action[rows], batch.log_prob[rows], material.advantage[rows])
        magnet = material.magnet[rows] if self._magnet is not None else _NO_MAGNET
        constants = (s.clip, *coefficients)
        if layout.continuous:
            log_std = self.network.log_std()
            bounds = np.stack([layout.low, layout.high])  # type: ignore[list-item]
            reference = (magnet, (self._magnet or self.network).log_std().detach().numpy())
            roots.append(log_std)
            gradients.append(np.zeros(layout.dimensions, dtype=np.float32))
            own = (policy, log_std.detach().numpy(), bounds)
            surrogate.normal(*own, *taken, *reference, *constants, gradients[0], gradients[2], sums)
        else:
            mask = ALL_LEGAL if batch.mask is None else batch.mask[rows]
            uses = NO_TABLE if layout.uses is None else layout.uses
            surrogate.categorical(policy, mask, uses, layout.offsets, *taken, magnet, *constants, gradients[0], sums)
        clip = math.inf if s.value_clip is None else s.value_clip
        of_value = (value, material.target[rows], batch.value[rows], clip, s.value, coefficients[2], gradients[1])
        surrogate.squared_error(*of_value, sums)
        return roots, gradients

    def _move_magnet(self) -> None:
        move = self.settings.magnet
        if self._magnet is None or move is None:
            return
        rate = float(self.updates % move.every == 0) if move.every is not None else move.rate or 0.0
        with torch.no_grad():
            for mine, theirs in zip(self._magnet.parameters(), self.network.parameters(), strict=True):
                mine.lerp_(theirs, rate)


def _evaluate(
    network: Network, material: _Material, units: NDArray[np.int64], *, entities: Tensor | None = None
) -> tuple[NDArray[np.int64], Output]:
    """Return the rows of these units and what the network says about them, where it sees other `entities` if wanted."""
    seen = material.observation if entities is None else material.observation | {"entity_mask": entities}
    if material.sequences is None:
        rows = units
        chosen = torch.from_numpy(rows)
        if material.features is not None:
            return rows, network.decide(material.features.index_select(0, chosen))
        return rows, network({n: x.index_select(0, chosen) for n, x in seen.items()})
    rows, sequence, position, first = material.sequences.gather(units)
    chosen = torch.from_numpy(rows)
    observation = {n: x.index_select(0, chosen) for n, x in seen.items()}
    hidden = torch.from_numpy(material.batch.state["hidden"][first])
    return rows, network.unroll(observation, hidden, torch.from_numpy(sequence), torch.from_numpy(position))


def _explained(value: NDArray[np.float32], target: NDArray[np.float32]) -> float:
    """Return 1 - Var(target - value) / Var(target), or 0 when the targets do not vary."""
    spread = float(np.var(target)) if len(target) else 0.0
    return 1.0 - float(np.var(target - value)) / spread if spread > 0.0 else 0.0
