"""What the records of a training run say of its league: who is there, who met whom, why, and how it went.

Everything is counted by the database: a million matches are not made into objects to be counted.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from games import Game, Task
from league.events import Event, Member, replay
from league.lineup import sides
from league.match import Reason
from league.payoff import PayoffTable
from league.store import Store

__all__ = ["Overview", "Pair", "overview", "tree"]

_COUNTS = tuple(reason.value for reason in Reason if reason.counts)


@dataclass(slots=True)
class Pair:
    """What is recorded of one agent against another.

    Attributes:
        games: comparisons of the two: one for every two opposing sides of theirs in a match.
        points: of the first: wins and half the draws.
    """

    games: int = 0
    points: float = 0.0


@dataclass
class Overview:
    """A league at the last commit.

    Attributes:
        step: decisions of learners so far.
        events: all decisions.
        members: who is or was there, in order of entry.
        matches: agent to number of matches that it sat in and that count, of all stages.
        pairs: (agent, other) to what is recorded, in both directions, of all stages.
        payoff: what the matchmaker goes by: old games count less there.
        reasons: (learner, rule of the matchmaker) to opponents and in how many of the learner's matches they sat.
        made: (learner, rule of the matchmaker) to the number of training matches that were made for it.
        interrupted: matches that were given up because a learner's weights jumped.
    """

    step: int
    events: list[Event]
    members: dict[str, Member]
    payoff: PayoffTable
    matches: Counter[str] = field(default_factory=Counter)
    pairs: dict[tuple[str, str], Pair] = field(default_factory=lambda: defaultdict(Pair))
    reasons: dict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    interrupted: int = 0

    def total(self, agent: str) -> Pair:
        """Return what is recorded of an agent against everybody else."""
        found = [pair for (one, _), pair in self.pairs.items() if one == agent]
        return Pair(sum(p.games for p in found), sum(p.points for p in found))


def overview(store: Store, game: Game) -> Overview:
    """Read a run, at one moment although somebody may write to it.

    Args:
        store: its records.
        game: what is played there.
    """
    store.db.execute("begin")
    try:
        return _read(store, game)
    finally:
        store.db.execute("rollback")


def _read(store: Store, game: Game) -> Overview:
    saved = store.checkpoint()
    events = store.events()
    payoff = PayoffTable()
    if saved:
        payoff.load_state_dict(saved[2]["members"]["payoff"])
    found = Overview(saved[0] if saved else 0, events, replay(events), payoff)
    found.interrupted = store.db.execute(
        "select count(*) from matches where reason = ?", (Reason.INTERRUPTED.value,)
    ).fetchone()[0]
    groups = {
        number: sides(game, Task.from_json(text)) for number, text in store.db.execute("select id, json from tasks")
    }

    @lru_cache(maxsize=4096)
    def order(task: int, scores: str) -> str:
        """The place of each side, 0 for the best: all that counts of its scores."""
        values = json.loads(scores)
        means = [sum(values[seat] for seat in seats) / len(seats) for seats in groups[task]]
        return " ".join(str(sum(other > mean for other in means)) for mean in means)

    store.db.create_function("side_order", 2, order, deterministic=True)
    rows = store.db.execute(
        "select l.agents, m.task, m.why, m.stage = 'train', side_order(m.task, m.scores), count(*)"
        " from matches m join lineups l on l.id = m.lineup"
        f" where m.reason in ({', '.join('?' * len(_COUNTS))}) group by 1, 2, 3, 4, 5",
        _COUNTS,
    )
    for agents, task, why, trained, places, count in rows:
        names = json.loads(agents)
        lineup = [names[seats[0]] for seats in groups[task]]
        _count(found, lineup, [int(place) for place in places.split()], count)
        if trained:
            learner, _, rule = why.partition(": ")
            found.made[learner, rule] += count
            for opponent in {name for name in lineup if name != learner} or {learner}:
                found.reasons[learner, rule][opponent] += count
    return found


def _count(found: Overview, lineup: list[str], places: list[int], count: int) -> None:
    for name in set(lineup):
        found.matches[name] += count
    for one, mine in zip(lineup, places, strict=True):
        for other, theirs in zip(lineup, places, strict=True):
            if one != other:
                pair = found.pairs[one, other]
                pair.games += count
                pair.points += count * (0.5 + 0.5 * ((mine < theirs) - (mine > theirs)))


def tree(root: Mapping[str, str | None], members: Mapping[str, Member]) -> list[str]:
    """Return the lineage as lines of text: which snapshots and learners grew out of which.

    Args:
        root: see `league.events.ancestry`.
        members: who they are.
    """
    children: dict[str | None, list[str]] = defaultdict(list)
    for name, parent in root.items():
        children[parent if parent in root else None].append(name)
    lines: list[str] = []
    lone: dict[str, list[str]] = defaultdict(list)
    for name in children[None]:
        if not children[name] and members[name].kind == "snapshot":
            lone[members[name].parent or ""].append(name)
        else:
            _grow(name, children, members, "", lines)
    for names in lone.values():
        lines.append(f"{_chain(names, ', ')}, {'each ' if len(names) > 1 else ''}from first weights, nothing after it")
    return lines


def _grow(
    name: str, children: Mapping[str | None, list[str]], members: Mapping[str, Member], indent: str, lines: list[str]
) -> None:
    """Add the line of descent that begins with a name, and below it those that branch off at its end."""
    line = [name]
    while len(next_ := children.get(line[-1], [])) == 1:
        line.append(next_[0])
    last = members[line[-1]]
    lines.append(indent + _chain(line, " > ") + (f" ({last.state})" if last.kind == "learner" else ""))
    for child in next_:
        _grow(child, children, members, indent + "  ", lines)


def _chain(names: list[str], joint: str) -> str:
    if len(names) <= 4:
        return joint.join(names)
    return joint.join([*names[:1], f"({len(names) - 3} more)", *names[-2:]])
