"""A tournament as it is asked for: who plays what against whom, how often; and the folder that its records go to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from arena.console import Console, Interrupted, same_command
from arena.interrupt import until_interrupt
from arena.outcomes import outcomes_in
from arena.standings import Standings, standings
from games import Game, InputError, Task, make
from league.formats import Field, Results, Verdict, formats
from league.lineup import sides
from league.store import Store
from league.tournament import STAGE, Tournament, results

__all__ = ["Contest", "asked_in", "standings_in"]

_COUNTED = 1_000_000  # matches beyond which a schedule is taken to be without end


@dataclass(frozen=True, kw_only=True)
class Contest:
    """A tournament, and what decides which folder is its own.

    Attributes:
        tournament: what is played.
        format: name of its format and the options that were given, as plain values.
        anchor: id of the agent whose rating is 0, or None.
    """

    tournament: Tournament
    format: Mapping[str, Any]
    anchor: str | None = None

    def __post_init__(self) -> None:
        names = self.tournament.field.agents
        if self.anchor is not None and self.anchor not in names:
            raise InputError(f"the anchor {self.anchor!r} takes no part (agents: {', '.join(names)})")

    @property
    def asked(self) -> dict[str, Any]:
        """What decides which matches are played, as plain values."""
        asked = self.tournament
        return {
            "game": asked.game.name,
            "format": dict(self.format),
            "agents": [[agent.id, agent.hash] for agent in asked.agents],
            "conditions": [[dict(condition.task), list(condition.opening)] for condition in asked.conditions],
            "seed": asked.seed,
            "steps": asked.steps,
            "patience": asked.patience,
            "adjudication": asked.adjudication and asdict(asked.adjudication),
        }

    @property
    def name(self) -> str:
        """The game and a hash of what was asked: the default name of its folder."""
        short = self.tournament.game.name.replace("/", "-")
        return f"{short}-{blake2b(json.dumps(self.asked).encode(), digest_size=4).hexdigest()}"

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
                store.set_meta("game", self.tournament.game.name)
                store.set_meta("asked", json.dumps(self.asked))
        else:
            difference = _difference(json.loads(known), json.loads(json.dumps(self.asked)))
            if difference:
                raise InputError(
                    f"{store.folder} holds another tournament: {difference}; choose another folder, or ask for the same to"
                    " go on"
                )
            played, games = len(store.match_ids()), self.tournament.games
            if games is not None and played > games:
                raise InputError(
                    f"{store.folder} holds {played:,} matches already: games may only grow, not fall to {games:,}"
                )

    def play(
        self, folder: Path, console: Console, *, slots: int = 256, replays: bool = False, minutes: float | None = None
    ) -> None:
        """Play what is not recorded yet.

        Args:
            folder: where records go.
            console: shows progress.
            slots: matches in flight.
            replays: whether to keep what was played.
            minutes: begin no pair after so long.

        Raises:
            Interrupted: after Ctrl-C; every match that had ended is recorded.
        """
        with Store(folder, write=True, create=True) as store:
            self.claim(store)
            with store.transaction():
                store.set_meta("anchor", self.anchor or "")
            done = len(store.match_ids())
            seconds = None if minutes is None else 60.0 * minutes
            played = self.tournament.play(store, slots=slots, replays=replays, seconds=seconds)
            stopping = until_interrupt("finishing this match")
            with stopping as stop, console.meter("matches", self.total, done=done) as meter, closing(played):
                for _ in played:
                    done += 1
                    meter.to(done)
                    if stop:
                        played.close()
                        kept = len(store.match_ids())
                        raise Interrupted(f"stopped: {kept:,} matches are recorded; go on with: {same_command()}")

    @property
    def total(self) -> int | None:
        """How many matches there will be; None where the format decides by their outcomes, or never ends."""
        asked, games = self.tournament, 0
        for pair in asked.format.pairs(asked.field, Results()):
            if pair is None or games > _COUNTED:
                return asked.games
            if asked.games is not None and games + len(pair.group) > asked.games:
                break
            games += len(pair.group)
        return games


def asked_in(store: Store) -> dict[str, Any]:
    """Return what was asked of the tournament in a store: `Contest.asked`.

    Raises:
        InputError: when it holds none.
    """
    known = store.meta("asked")
    if known is None:
        raise InputError(f"{store.folder} holds no tournament")
    asked: dict[str, Any] = json.loads(known)
    return asked


def standings_in(store: Store) -> Standings:
    """Return what the records of the tournament in a store say.

    Raises:
        InputError: when it holds none.
    """
    asked = asked_in(store)
    game, names = make(asked["game"]), [name for name, _ in asked["agents"]]
    outcomes = outcomes_in(store, game, names, STAGE)
    return standings(game, outcomes, anchor=store.meta("anchor") or None, verdict=_verdict(store, game, names, asked))


def _verdict(store: Store, game: Game, agents: Sequence[str], asked: Mapping[str, Any]) -> Verdict | None:
    """Return what the format says itself; only those that have something to say are shown the records."""
    options = {name: value for name, value in asked["format"].items() if name != "kind"}
    form = formats.make(asked["format"]["kind"], options=options)
    tasks = [Task(task) for task, _ in asked["conditions"]]
    field = Field(
        agents=tuple(agents),
        sides=min(len(sides(game, task)) for task in tasks),
        conditions=len(tasks),
        seed=asked["seed"],
    )
    if form.verdict(field, Results()) is None:
        return None
    return form.verdict(field, results(store.matches(STAGE)))


def _difference(old: Any, new: Any, name: str = "") -> str | None:
    """Return the first thing that was asked for otherwise, in words."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*new, *old)):
            found = _difference(old.get(key), new.get(key), f"{name}.{key}" if name else key)
            if found:
                return found
        return None
    return None if old == new else f"{name} was {_short(old)} and is now {_short(new)}"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
