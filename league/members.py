"""The members of a league: learners, their frozen snapshots, and agents that never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from games import Game, InputError
from league.events import Member
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
        payoff: what is known of every pair; by default nothing, and nothing of it will be forgotten.
        members: agent id to what there is to say of a learner; by default its role is main.

    Attributes:
        agents: everyone who is or was a member, by id; learners act with their current weights.
        learners: everyone who learns or once did, by id.
        frozen: ids of the snapshots, in order of creation.
        roll: what there is to say of each, in order of entry. Members enter it when their entry is recorded.
        payoff: what is known of every pair.
        pool: what a matchmaker may see of all this.

    Raises:
        InputError: when one cannot play the game, or two have the same id.
    """

    def __init__(
        self,
        game: Game,
        learners: Mapping[str, Learner],
        fixed: Mapping[str, Agent],
        folder: Path,
        payoff: PayoffTable | None = None,
        members: Mapping[str, Member] | None = None,
    ) -> None:
        self.game, self.folder = game, folder
        self.payoff = payoff or PayoffTable()
        self.learners: dict[str, Learner] = {}
        self.agents: dict[str, Agent] = {}
        self.frozen: list[str] = []
        self.roll: dict[str, Member] = {}
        self._updates: dict[str, int] = {}
        for name, learner in learners.items():
            default = Member(id=name, kind="learner", role="main", population=name)
            self.enter_learner(name, learner, (members or {}).get(name, default))
        for agent in fixed.values():
            self.enter_fixed(agent)
        self.pool = self._make_pool()

    def _must_play(self, name: str, reason: str | None) -> None:
        if reason:
            raise InputError(f"agent {name!r} cannot play {self.game.name}: {reason}")

    # who enters

    def enter_learner(self, name: str, learner: Learner, member: Member) -> None:
        """Enter a learner.

        Raises:
            InputError: when it cannot play the game.
        """
        self._must_play(name, learner.policy.refuses(self.game))
        self.learners[name] = learner
        self.roll[name] = member
        self._updates[name] = 0
        self._set_version(name)
        self.pool = self._make_pool()

    def enter_fixed(self, agent: Agent, step: int = 0) -> None:
        """Enter an agent that never changes, for the first time or again.

        Raises:
            InputError: when it cannot play the game, or its id is taken.
        """
        self._must_play(agent.id, agent.policy.refuses(self.game))
        known = self.roll.get(agent.id)
        if known is not None and not (known.kind == "fixed" and known.retired):
            raise InputError(f"there are two agents {agent.id!r} in the league; give one of them another name")
        self.agents[agent.id] = agent
        self.roll[agent.id] = replace(known or Member(id=agent.id, kind="fixed", entered=step), retired=False)
        self.pool = self._make_pool()

    def _set_version(self, name: str) -> None:
        agent = Agent(name, f"{name}@{self._updates[name]}", self.learners[name].policy, Lineage(role="learner"))
        self.agents[name] = agent

    def updated(self, name: str) -> None:
        """Note that a learner has other weights than before: its records name the weights that began the match."""
        self._updates[name] += 1
        self._set_version(name)

    def version(self, name: str) -> int:
        """Return how often a learner's weights have changed; 0 for agents that never learn."""
        return self._updates.get(name, 0)

    def freeze(self, name: str, step: int) -> Agent:
        """Enter a snapshot of a learner and return it."""
        number = sum(self.parent(s) == name for s in self.frozen)
        lineage = Lineage(parent=name, generation=number, role="snapshot")
        policy = self.learners[name].freeze()
        saved = snapshots.save(policy, self.folder, game=self.game, lineage=lineage, steps=step, ordinal=number)
        agent = Agent(f"{name}-{number:03d}", saved.hash, policy, lineage)
        self.payoff.elo.enter(agent.id, like=name)
        member = Member(
            id=agent.id,
            kind="snapshot",
            role=self.roll[name].role,
            parent=name,
            population=self.roll[name].population,
            entered=step,
        )
        return self._enter_snapshot(agent, member)

    def _enter_snapshot(self, agent: Agent, member: Member) -> Agent:
        if agent.id in self.roll:
            raise InputError(f"there are two agents {agent.id!r} in the league; give one of them another name")
        self.agents[agent.id] = agent
        self.roll[agent.id] = member
        self.frozen.append(agent.id)
        self.pool = self._make_pool()
        return agent

    # what happens to them

    def replace(self, name: str, learner: Learner, *, parent: str | None, options: Mapping[str, Any]) -> None:
        """Let a learner become another one, with weights that it took over.

        What was known of its pairs is dropped, not decayed: those were games of somebody else, and a rule that looks for
        the lowest rate must not take them for its own. Its Elo rating is that of its new parent, or of a beginner.
        """
        self.learners[name] = learner
        self.roll[name] = replace(self.roll[name], parent=parent, options=dict(options))
        self.payoff.forget(name)
        self.payoff.elo.enter(name, like=parent or f"{name}@0")  # as which nobody is ever rated
        self.updated(name)

    def retire(self, name: str) -> None:
        """Take someone out of the pool; what it has played, and its files, stay."""
        self.roll[name] = replace(self.roll[name], retired=True)
        self.pool = self._make_pool()

    # who is there

    @property
    def live(self) -> tuple[str, ...]:
        """Ids of those that learn now."""
        return tuple(self.pool.learners)

    def _make_pool(self) -> Pool:
        here = [m for m in self.roll.values() if not m.retired]
        return Pool(
            {m.id: m.role for m in here if m.kind == "learner"},
            {m.id: m.parent or "" for m in here if m.kind == "snapshot"},
            tuple(m.id for m in here if m.kind == "fixed"),
            self.payoff,
        )

    def parent(self, name: str) -> str | None:
        """Return whom an agent was copied from: for a snapshot, its learner."""
        return self.agents[name].lineage.parent

    def snapshots_of(self, learner: str) -> list[str]:
        """Return the ids of a learner's snapshots, in order of creation, those that are retired among them."""
        return [name for name in self.frozen if self.parent(name) == learner]

    # checkpoints

    def state_dict(self) -> dict[str, Any]:
        """Return who there is as plain JSON values; the weights of learners are kept elsewhere."""
        return {
            "roll": [asdict(member) for member in self.roll.values()],
            "hashes": {name: self.agents[name].hash for name in self.frozen},
            "updates": dict(self._updates),
            "payoff": self.payoff.state_dict(),
        }

    def load_state_dict(
        self, state: Mapping[str, Any], learners: Mapping[str, Learner], added: Mapping[str, Agent]
    ) -> None:
        """Go back to a state.

        Args:
            state: of `state_dict`.
            learners: those that are not as they were when the league began, by id.
            added: fixed agents that joined later, by id.

        Raises:
            InputError: when a snapshot's file is missing or damaged.
        """
        self.agents |= added
        self.learners |= learners
        self.roll = {values["id"]: Member(**values) for values in state["roll"]}
        for name, content in state["hashes"].items():
            loaded = snapshots.load(self.folder, content, game=self.game)
            self.agents[name] = Agent(name, content, loaded.policy, loaded.lineage)
            self.frozen.append(name)
        self._updates = dict(state["updates"])
        for name in self.learners:
            self._set_version(name)
        self.payoff.load_state_dict(state["payoff"])
        self.pool = self._make_pool()
