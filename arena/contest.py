"""A tournament as it is asked for: who plays what against whom, how often; and the folder that its records go to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from math import comb
from pathlib import Path
from typing import Any

from arena.console import Console, Interrupted, same_command
from arena.standings import Standings, standings
from games import Game, InputError, Task
from league.lineup import seated, sides
from league.match import Matchup
from league.matchmakers import schedule
from league.store import Store
from league.tournament import play_recorded
from populations.agent import Agent

__all__ = ["STAGE", "Contest", "contest_of"]

STAGE = "tournament"
_GROUPS = 20  # groups an encounter and agent, where more than two sides make too many of them


@dataclass(frozen=True, kw_only=True)
class Contest:
    """A round robin.

    Attributes:
        game: the rules.
        agents: who takes part.
        tasks: every pair of matches is played on each of them.
        encounters: pairs of matches (one for each rotation of the seats) of every group of agents.
        seed: of all matches.
        steps: longer matches are truncated; None leaves it to the game.
        anchor: id of the agent whose rating is 0, or None.
    """

    game: Game
    agents: tuple[Agent, ...]
    tasks: tuple[Task, ...]
    encounters: int
    seed: int
    steps: int | None = None
    anchor: str | None = None

    def __post_init__(self) -> None:
        names = [agent.id for agent in self.agents]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"agent {name!r} is named twice: each agent takes part once")
        if self.anchor is not None and self.anchor not in names:
            raise InputError(f"the anchor {self.anchor!r} takes no part (agents: {', '.join(names)})")
        if len(names) < 2:
            raise InputError("a tournament needs at least two agents")

    @property
    def asked(self) -> dict[str, Any]:
        """What decides which matches are played, as plain values."""
        return {
            "game": self.game.name,
            "agents": {agent.id: agent.hash for agent in self.agents},
            "tasks": [dict(task) for task in self.tasks],
            "encounters": self.encounters,
            "seed": self.seed,
            "steps": self.steps,
        }

    @property
    def name(self) -> str:
        """The game and a hash of what was asked: the default name of its folder."""
        short = self.game.name.replace("/", "-")
        return f"{short}-{blake2b(json.dumps(self.asked).encode(), digest_size=4).hexdigest()}"

    def matchups(self) -> Iterator[Matchup]:
        """Yield all matches in order. Fewer agents than sides take turns around the table."""
        by_id = {agent.id: agent for agent in self.agents}
        ordinal = 0
        for task in self.tasks:
            count = len(sides(self.game, task))
            for pairing in self._pairings(count):
                around = [by_id[pairing.seats[side % len(pairing.seats)]] for side in range(count)]
                yield Matchup(
                    STAGE,
                    ordinal,
                    task,
                    seated(self.game, task, [agent.id for agent in around]),
                    seated(self.game, task, [agent.hash for agent in around]),
                    pairing.seed,
                )
                ordinal += 1

    def total(self) -> int:
        """Return the number of matches."""
        return sum(sum(1 for _ in self._pairings(len(sides(self.game, task)))) for task in self.tasks)

    def _pairings(self, count: int) -> Iterator[Any]:
        together, names = min(count, len(self.agents)), [agent.id for agent in self.agents]
        maximum = _GROUPS * len(names) if together > 2 and comb(len(names), together) > _GROUPS * len(names) else None
        return schedule(names, encounters=self.encounters, seats=together, maximum=maximum, seed=self.seed)

    def claim(self, store: Store) -> None:
        """Make a store this contest's own, or check that it is.

        Raises:
            InputError: when it belongs to something else.
        """
        known = store.meta("asked")
        if known is None:
            if store.meta("kind") is not None or store.count_matches():
                raise InputError(
                    f"{store.folder} holds a {store.meta('kind') or 'training'} run; choose another folder"
                )
            with store.transaction():
                store.set_meta("kind", "tournament")
                store.set_meta("game", self.game.name)
                store.set_meta("asked", json.dumps(self.asked))
        elif json.loads(known) != json.loads(json.dumps(self.asked)):
            old, new = json.loads(known), json.loads(json.dumps(self.asked))
            key = next(k for k in new if old.get(k) != new[k])
            raise InputError(
                f"{store.folder} holds another tournament: {key} was {_short(old.get(key))} and is now {_short(new[key])};"
                " choose another folder, or ask for the same to go on"
            )

    def play(self, folder: Path, console: Console, *, slots: int) -> None:
        """Play what is not recorded yet.

        Args:
            folder: where records go.
            console: shows progress.
            slots: matches in flight.

        Raises:
            Interrupted: after Ctrl-C; every match that had ended is recorded.
        """
        with Store(folder, write=True, create=True) as store:
            self.claim(store)
            if self.anchor is not None:
                with store.transaction():
                    store.set_meta("anchor", self.anchor)
            total, done = self.total(), len(store.match_ids())
            agents = {agent.id: agent for agent in self.agents}
            played = play_recorded(self.game, self.matchups(), agents, store, slots=min(slots, total), steps=self.steps)
            with console.meter("matches", total, done=done) as meter, closing(played):
                try:
                    for _ in played:
                        done += 1
                        meter.to(done)
                except KeyboardInterrupt:
                    played.close()
                    kept = len(store.match_ids())
                    raise Interrupted(
                        f"stopped: {kept:,} of {total:,} matches are recorded; go on with: {same_command()}"
                    ) from None

    def standings(self, folder: Path) -> Standings:
        """Return what the records of a folder say."""
        with Store(folder) as store:
            names = [agent.id for agent in self.agents]
            return standings(self.game, names, store.matches(STAGE), anchor=self.anchor)


def contest_of(store: Store) -> tuple[str, Sequence[str], str | None]:
    """Return game, agents and anchor of the tournament in a store.

    Raises:
        InputError: when it holds none.
    """
    known = store.meta("asked")
    if known is None:
        raise InputError(f"{store.folder} holds no tournament")
    asked = json.loads(known)
    return asked["game"], list(asked["agents"]), store.meta("anchor")


def _short(value: Any) -> str:
    text = ", ".join(value) if isinstance(value, dict) else json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
