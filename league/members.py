"""The members of a league: learners, their frozen snapshots, and agents that never change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from games import Game, InputError
from league.matchmakers import Pool
from league.payoff import PayoffTable
from populations import snapshots
from populations.agent import Agent, Lineage
from populations.learners.learner import Learner

__all__ = ["Members"]


class Members:
    """Who is in the league and what is known of every pair.

    Args:
        game: what they play.
        learners: agent id to learner.
        fixed: agent id to agent that never changes; matchmakers may choose it as an opponent.
        folder: where snapshots are kept.
        payoff_decay: see `PayoffTable`.

    Attributes:
        agents: every member by id; learners act with their current weights.
        frozen: ids of the snapshots, in order of creation.
        payoff: what is known of every pair.
        pool: what a matchmaker may see of all this.
    """

    def __init__(
        self,
        game: Game,
        learners: Mapping[str, Learner],
        fixed: Mapping[str, Agent],
        folder: Path,
        payoff_decay: float = 1.0,
    ) -> None:
        self.game, self.learners, self.folder = game, dict(learners), folder
        self.payoff = PayoffTable(decay=payoff_decay)
        self.agents: dict[str, Agent] = {}
        self.frozen: list[str] = []
        for name, learner in learners.items():
            self._must_play(name, learner.policy.refuses(game))
            self.set_version(name, 0)
        for name, agent in fixed.items():
            self._must_play(name, agent.policy.refuses(game))
            self.agents[name] = agent
        self._fixed = tuple(fixed)
        self.pool = self._make_pool()

    def _must_play(self, name: str, reason: str | None) -> None:
        if reason:
            raise InputError(f"agent {name!r} cannot play {self.game.name}: {reason}")

    def set_version(self, name: str, updates: int) -> None:
        """Note how often a learner has been updated: its records name the weights that began the match."""
        lineage = Lineage(role="learner")
        self.agents[name] = Agent(name, f"{name}@{updates}", self.learners[name].policy, lineage)

    def freeze(self, name: str, step: int) -> Agent:
        """Enter a snapshot of a learner and return it."""
        number = sum(self.parent(s) == name for s in self.frozen)
        lineage = Lineage(parent=name, generation=number, role="snapshot")
        policy = self.learners[name].freeze()
        saved = snapshots.save(policy, self.folder, game=self.game, lineage=lineage, steps=step, ordinal=number)
        return self._enter(Agent(f"{name}-{number:03d}", saved.hash, policy, lineage))

    def restore(self, name: str, content: str, lineage: Lineage) -> None:
        """Enter a snapshot that was frozen before, from its file."""
        agent = snapshots.load(self.folder, content, game=self.game)
        self._enter(Agent(name, content, agent.policy, lineage))

    def _enter(self, agent: Agent) -> Agent:
        self.agents[agent.id] = agent
        self.frozen.append(agent.id)
        self.pool = self._make_pool()
        return agent

    def _make_pool(self) -> Pool:
        frozen = {name: self.parent(name) or "" for name in self.frozen}
        return Pool(dict.fromkeys(self.learners, "main"), frozen, self._fixed, self.payoff)

    def parent(self, name: str) -> str | None:
        """Return the learner that a snapshot was frozen from; None for agents that are no snapshots."""
        return self.agents[name].lineage.parent
