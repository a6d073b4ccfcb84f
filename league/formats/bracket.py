"""Brackets: encounters whose agents are winners and losers of earlier ones. Knockouts of all kinds are played by this."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import NamedTuple

from games.errors import InputError
from league.formats.format import Field, Pair, Results, Verdict

__all__ = ["Bracket", "Encounter", "Loser", "Seed", "Winner", "first_round"]

_SHOWN = 10  # encounters that one sentence names


class Seed(NamedTuple):
    """The agent with this place in the field, from 0; nobody where there are fewer agents."""

    number: int


class Winner(NamedTuple):
    """Who won this encounter of the bracket."""

    encounter: int


class Loser(NamedTuple):
    """Who lost this encounter of the bracket; nobody where one of the two was nobody."""

    encounter: int


class Encounter(NamedTuple):
    """A match of two agents over several pairs of games.

    Attributes:
        name: in words, such as "final".
        sides: where its agents come from. Where one of them is nobody the other goes on unplayed: a bye.
        upset: an earlier encounter: this one is played only when the second side won that; else its first side wins it
            unplayed.
    """

    name: str
    sides: tuple[Seed | Winner | Loser, Seed | Winner | Loser]
    upset: int | None = None


def first_round(size: int) -> list[tuple[int, int]]:
    """Return the seeds (from 0) that meet first in a bracket of `size` places, a power of two, from top to bottom.

    The better a seed, the weaker its opponent, in every round in which the better ones win. So missing agents, who are the
    last seeds, are byes for the first ones, and the first two can meet in the final only.
    """
    order = [0]
    while len(order) < size:
        order = [seed for top in order for seed in (top, 2 * len(order) - 1 - top)]
    return list(zip(order[::2], order[1::2], strict=True))


@dataclass
class _State:
    """What became of an encounter so far."""

    depth: int
    agents: tuple[str | None, str | None] = (None, None)
    open: bool = False  # both agents are known, and more is to be played
    done: bool = False
    asked: list[int] = attribute(default_factory=list)  # numbers of its pairs
    points: list[float] = attribute(default_factory=lambda: [0.0, 0.0])
    winner: str | None = None
    loser: str | None = None
    by_seed: bool = False

    def end(self, winner: int) -> None:
        self.open, self.done = False, True
        self.winner, self.loser = self.agents[winner], self.agents[1 - winner]


@dataclass(frozen=True)
class Bracket:
    """How encounters are played: all of which the agents are known at the same time.

    An encounter is a number of pairs of games; agents begin in turn. While it is level it goes on, one pair at a time; when it
    still is after all extensions the better seed goes on.

    Attributes:
        name: of the format, in a sentence.
        encounters: every one after those on which it depends.
        pairs: pairs of an encounter.
        extensions: how many more may be played.
    """

    name: str
    encounters: Sequence[Encounter]
    pairs: int
    extensions: int

    @staticmethod
    def check(name: str, pairs: int, extensions: int) -> None:
        """Raise for numbers that make no bracket.

        Raises:
            InputError: for less than one pair, or a negative number of extensions.
        """
        if pairs < 1:
            raise InputError(f"pairs_per_round of {name} must be at least 1, not {pairs}")
        if extensions < 0:
            raise InputError(f"extensions of {name} must be at least 0, not {extensions}")

    def play(self, field: Field, results: Results) -> Iterator[Pair | None]:
        """Yield the pairs of all encounters; see `Format.pairs`."""
        for wave in self._waves(field, results, self._states()):
            yield from wave
            yield None

    def verdict(self, field: Field, results: Results) -> Verdict:
        """Return who came how far: who is left comes first, then who lost last."""
        states = self._states()
        asked = 0
        for wave in self._waves(field, results, states):
            missing = any(number not in results.played for number in range(asked, asked + len(wave)))
            asked += len(wave)
            if missing:
                for state in states:
                    if state.open:
                        self._score(state, field, results)
                break
        return self._told(field, states, results)

    def _states(self) -> list[_State]:
        states: list[_State] = []
        for encounter in self.encounters:
            before = [states[source.encounter].depth for source in encounter.sides if not isinstance(source, Seed)]
            states.append(_State(max(before, default=-1) + 1))
        return states

    def _waves(self, field: Field, results: Results, states: list[_State]) -> Iterator[list[Pair]]:
        """Yield the pairs that can be played at the same time; their results must be there when the next are asked for."""
        number = 0
        while True:
            for encounter, state in zip(self.encounters, states, strict=True):
                if not state.done and not state.open:
                    self._seat(encounter, state, states, field)
            wave = []
            for state in states:
                if state.open:
                    first, second = state.agents
                    assert first is not None
                    assert second is not None
                    for _ in range(1 if state.asked else self.pairs):
                        group = (first, second) if len(state.asked) % 2 == 0 else (second, first)
                        state.asked.append(number)
                        number += 1
                        wave.append(Pair(state.depth, group))
            if not wave:
                return
            yield wave
            for state in states:
                if state.open:
                    self._score(state, field, results)

    def _seat(self, encounter: Encounter, state: _State, states: list[_State], field: Field) -> None:
        """Find out who meets in an encounter, and whether they need to play."""
        agents: list[str | None] = []
        for source in encounter.sides:
            if isinstance(source, Seed):
                agents.append(field.agents[source.number] if source.number < len(field.agents) else None)
            elif not states[source.encounter].done:
                return
            else:
                before = states[source.encounter]
                agents.append(before.winner if isinstance(source, Winner) else before.loser)
        state.agents = (agents[0], agents[1])
        upset = None if encounter.upset is None else states[encounter.upset]
        if None in state.agents:
            state.end(0 if agents[1] is None else 1)
        elif upset is not None and upset.winner == upset.agents[0]:
            state.end(0)
        else:
            state.open = True

    def _score(self, state: _State, field: Field, results: Results) -> None:
        """Count an encounter, and end it when all its pairs are there and it is decided."""
        state.points = [0.0, 0.0]
        for number in state.asked:
            if number in results.played:
                played = results.played[number]
                for agent, points in zip(played.pair.group, played.points, strict=True):
                    state.points[state.agents.index(agent)] += points
        ahead = state.points[0] - state.points[1]
        if any(number not in results.played for number in state.asked):
            return
        if ahead != 0.0:
            state.end(0 if ahead > 0.0 else 1)
        elif len(state.asked) >= self.pairs + self.extensions:
            state.by_seed = True
            seeds = [field.agents.index(agent) for agent in state.agents if agent is not None]
            state.end(0 if seeds[0] < seeds[1] else 1)

    def _told(self, field: Field, states: list[_State], results: Results) -> Verdict:
        """Return the verdict on states."""
        saved = {source.encounter for e in self.encounters for source in e.sides if isinstance(source, Loser)}
        out: dict[str, int] = {}  # agent -> depth at which it lost for good
        reached = dict.fromkeys(field.agents, "")
        lost: dict[str, list[str]] = {agent: [] for agent in field.agents}
        points, pairs = dict.fromkeys(field.agents, 0.0), dict.fromkeys(field.agents, 0)
        unfinished, level = 0, []
        for k, (encounter, state) in enumerate(zip(self.encounters, states, strict=True)):
            unfinished += not state.done
            for agent, own in zip(state.agents, state.points, strict=True):
                if agent is not None and state.asked:
                    reached[agent] = encounter.name
                    points[agent] += own
                    pairs[agent] += sum(number in results.played for number in state.asked)
            if not state.done or state.loser is None:
                continue
            if state.asked:
                low, high = sorted(state.points)
                lost[state.loser].append(f"{state.winner} ({low:g} : {high:g})")
            if k not in saved:
                out[state.loser] = state.depth
            if state.by_seed:
                level.append(f"{state.winner} over {state.loser} ({encounter.name})")
        order = sorted(field.agents, key=lambda agent: -out.get(agent, len(states)))
        rows = ((reached[a], ", ".join(lost[a]), round(points[a], 2), pairs[a]) for a in order)
        sentences = []
        if unfinished:
            sentences.append(f"Not finished: {unfinished} of {len(states)} encounters are still to be decided.")
        else:
            sentences.append(f"{order[0]} won {self.name}; {order[1]} came second.")
        if level:
            more = f" and {len(level) - _SHOWN} more" if len(level) > _SHOWN else ""
            sentences.append(
                f"Level after {self.pairs} pairs and {self.extensions} extensions, so that the better seed went on:"
                f" {', '.join(level[:_SHOWN])}{more}."
            )
        return Verdict(
            order=tuple(order),
            columns=("reached", "lost to", "points", "pairs"),
            rows=tuple(rows),
            sentences=tuple(sentences),
        )
