"""The league of a run, for the terminal and as JSON; and what may be asked of it."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from arena.console import Console
from arena.runs import config_of, game_of
from eval import wilson
from games import InputError
from games.errors import suggestion
from league import requests
from league.events import Event, Member, ancestry, replay
from league.overview import Overview, Pair, overview, tree
from league.store import Store
from populations.agents import load_agent

__all__ = ["answers", "checked", "overview", "plain_league", "show_league"]

_WIDTH = 79
_SNAPSHOTS = 10  # that are shown unless all are asked for
_OPPONENTS = 6  # of each learner
_POLL_SECONDS = 0.1


def show_league(found: Overview, console: Console, *, events: int, everything: bool) -> None:
    """Print members, lineage, payoff, who meets whom and why, and the latest decisions; lines fit into 80 columns."""
    live = [name for name, m in found.members.items() if m.state == "live"]
    console.say(f"at step {found.step:,}: {_counted(found.members)}")
    console.say()
    _show_members(found, console, everything)
    console.say()
    console.say("Lineage: what grew out of which snapshot.")
    for line in tree(ancestry(found.events), found.members):
        console.say(f"  {line}")
    console.say()
    _show_pairs(found, live, console, everything)
    console.say()
    _show_reasons(found, console)
    if events and found.events:
        console.say()
        console.say("Latest decisions:")
        for event in found.events[-events:]:
            source = f" ({event.source})" if event.source not in ("", event.agent) else ""
            text = f"{event.step:,}: {event.kind} {event.agent}{source}: {event.reason}"
            console.say(textwrap.fill(text, _WIDTH, initial_indent="  ", subsequent_indent="    "))


def _counted(members: Mapping[str, Member]) -> str:
    states = [member.state for member in members.values()]
    return (
        ", ".join(f"{states.count(s)} {s}" for s in ("live", "frozen", "fixed", "retired") if s in states) or "nobody"
    )


def _show_members(found: Overview, console: Console, everything: bool) -> None:
    frozen = [name for name, m in found.members.items() if m.kind == "snapshot"]
    hidden = set() if everything else set(frozen[:-_SNAPSHOTS])
    console.table(
        ["member", "role", "parent", ">entered", "state", ">matches", ">mean rate, %"],
        [
            [
                _name(name, 17),
                _name(m.role, 16),
                _name(m.parent or "", 12),
                _steps(m.entered),
                m.state,
                _steps(found.matches[name]),
                _rate(found.total(name)),
            ]
            for name, m in found.members.items()
            if name not in hidden
        ],
    )
    if hidden:
        console.say(f"and {len(hidden)} older snapshots (--all)")
    console.say("Mean rate: against all others, in all recorded matches, with a 95 % interval.")
    for name, member in found.members.items():
        if member.options and not member.retired:
            options = ", ".join(f"{key} {_number(value)}" for key, value in member.options.items())
            console.say(textwrap.fill(f"{name}: {options}", _WIDTH, subsequent_indent="    "))


def _show_pairs(found: Overview, live: Sequence[str], console: Console, everything: bool) -> None:
    chosen = []
    for one in found.members if everything else live:
        theirs = sorted(((o, p) for (a, o), p in found.pairs.items() if a == one), key=lambda x: -x[1].games)
        chosen += [(one, other, pair) for other, pair in (theirs if everything else theirs[:_OPPONENTS])]
    console.say("Payoff: what a member scored against another, and what its matchmaker goes by now.")
    console.table(
        ["member", "against", ">games", ">rate, %", ">now, %"],
        [
            [
                _name(one, 20),
                _name(other, 20),
                _steps(pair.games),
                _rate(pair),
                f"{100 * found.payoff.rate(one, other):.0f}" if found.payoff.games(one, other) else "",
            ]
            for one, other, pair in chosen
        ],
    )
    more = len([pair for (one, _), pair in found.pairs.items() if one in live]) - len(chosen)
    if more > 0 and not everything:
        console.say(f"and {more} pairs that met less often (--all)")


def _show_reasons(found: Overview, console: Console) -> None:
    console.say("Who trains against whom, and why:")
    per_learner: dict[str, int] = {}
    for (learner, _), count in found.made.items():
        per_learner[learner] = per_learner.get(learner, 0) + count
    console.table(
        ["learner", "rule", ">matches", ">share, %", "mostly against"],
        [
            [
                _name(learner, 14),
                _name(rule, 20),
                _steps(count),
                f"{100 * count / per_learner[learner]:.0f}",
                _name(", ".join(name for name, _ in found.reasons[learner, rule].most_common(2)), 24),
            ]
            for (learner, rule), count in sorted(found.made.items(), key=lambda item: (item[0][0], -item[1]))
        ],
    )
    if found.interrupted:
        console.say(
            f"{found.interrupted:,} matches were given up because a learner's weights jumped; they do not count."
        )


def plain_league(found: Overview) -> dict[str, Any]:
    """Return everything as values for JSON."""
    root = ancestry(found.events)
    return {
        "step": found.step,
        "members": [
            asdict(member)
            | {
                "state": member.state,
                "grown_from": root.get(name),
                "matches": found.matches[name],
                **_plain_pair(found.total(name)),
            }
            for name, member in found.members.items()
        ],
        "payoff": [
            {"member": one, "against": other, **_plain_pair(pair), "now": found.payoff.rate(one, other)}
            for (one, other), pair in found.pairs.items()
        ],
        "reasons": [
            {"learner": learner, "rule": rule, "matches": count, "opponents": dict(found.reasons[learner, rule])}
            for (learner, rule), count in found.made.items()
        ],
        "interrupted": found.interrupted,
        "events": [event._asdict() | {"detail": event.details} for event in found.events],
    }


def _plain_pair(pair: Pair) -> dict[str, Any]:
    if not pair.games:
        return {"games": 0, "rate": None, "interval": None}
    low, high = wilson(pair.points, pair.games)
    return {"games": pair.games, "rate": pair.points / pair.games, "interval": [float(low), float(high)]}


def _rate(pair: Pair) -> str:
    if not pair.games:
        return ""
    low, high = wilson(pair.points, pair.games)
    return f"{100 * pair.points / pair.games:.0f} [{100 * low:.0f}, {100 * high:.0f}]"


def _steps(count: int) -> str:
    return f"{count:,}" if count < 1_000_000 else f"{count / 1e6:.2f}M"


def _name(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 2]}.."


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


# what is asked for


def checked(run: Path, wishes: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return wishes that can be granted, as far as one can know; paths of snapshots become absolute.

    Raises:
        InputError: for one that cannot.
    """
    config = config_of(run)
    game = game_of(config)
    with Store(run) as store:
        members = replay(store.events())
    if not members:
        raise InputError(f"the run in {run} has not begun: `arena train` begins it")
    barred = {
        text
        for uri in config.evaluation.held_out
        for agent in [load_agent(uri, game)]
        for text in (agent.id, agent.hash)
    }
    found = []
    for wish, name in wishes:
        if wish == "add":
            agent = load_agent(name, game, snapshots=run / "snapshots")
            if agent.id in members and not members[agent.id].retired:
                raise InputError(f"{agent.id} is in the league already")
            if not barred.isdisjoint((agent.id, agent.hash)):
                raise InputError(f"{name} is held out: it must never join the pool")
            found.append((wish, str(Path(name).absolute()) if Path(name).exists() else name))
            continue
        member = members.get(name)
        if member is None:
            raise InputError(f"{name} is no member of the league{suggestion(name, members)}")
        if member.retired:
            raise InputError(f"{name} is retired already")
        learners = [m.id for m in members.values() if m.state == "live"]
        if wish != "remove" and member.kind != "learner":
            raise InputError(f"{name} does not learn: only learners can be given to --{wish} ({', '.join(learners)})")
        if wish == "remove" and learners == [name]:
            raise InputError(f"{name} is the only learner left")
        found.append((wish, name))
    return found


def answers(run: Path, asked: Sequence[str], wait: float) -> dict[str, Event]:
    """Return the answers to requests, as far as they come within so many seconds."""
    found: dict[str, Event] = {}
    end = time.monotonic() + wait
    while True:
        with Store(run) as store:
            for request in asked:
                event = requests.answer(store, request)
                if event is not None:
                    found[request] = event
        if len(found) == len(asked) or time.monotonic() >= end:
            return found
        time.sleep(_POLL_SECONDS)
