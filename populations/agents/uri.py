"""Agents by URI: `SCHEME:REST?option=value&...`, wherever an agent can be named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import parse_qsl

from games import Game, InputError, Scalar
from games.errors import suggestion
from populations.agent import Agent
from populations.agents import schemes
from populations.agents.naming import canonical, digest, split_options
from populations.agents.scripted import SCRIPTED
from populations.policy import Policy

__all__ = ["Scheme", "list_agents", "load_agent"]

Scheme = Callable[[str, dict[str, Scalar], Game, Path | None], Policy | Agent]
"""What stands behind a scheme: takes the rest of the URI, its options, the game and the folder of snapshots. It returns a
policy, or a whole agent where it knows more of it than its URI."""

_SCHEMES: dict[str, Scheme] = {
    "random": schemes.random,
    "scripted": schemes.scripted,
    "openspiel": schemes.openspiel,
    "snapshot": schemes.snapshot,
    "python": schemes.python,
    "process": schemes.process,
}


def load_agent(uri: str, game: Game, *, snapshots: Path | None = None) -> Agent:
    """Return the agent that a URI names, ready to play a game.

    - `random`
    - `scripted:NAME`, see `populations.agents.scripted`
    - `openspiel:mcts?simulations=200`, `openspiel:NAME` for a bot that OpenSpiel has by that name
    - `snapshot:ID` (or its first digits, at least 4) in the folder `snapshots`; `snapshot:PATH` or a bare PATH to one of the
      two files of a snapshot. Options `greedy` and `temperature`.
    - `python:package.module:factory?key=value`: calls `factory(game, key=value)`, which returns a policy, or a bot of another
      library (`populations.agents.wrapped`)
    - `process:COMMAND?move_seconds=1`: a program in any language, see `docs/protocol.md`; options are those of
      `populations.agents.process.Limits`
    - whatever installed packages register as entry points of the group `arena.agents` (name: the scheme, value: a `Scheme`)

    Args:
        uri: which agent.
        game: what it is to play.
        snapshots: where `snapshot:ID` looks.

    Raises:
        InputError: for an unknown scheme, name, option or file, and for an agent that cannot play the game.
    """
    scheme, rest, options = _parse(uri)
    made = _schemes()[scheme](rest, options, game, snapshots)
    name = canonical(scheme, rest, options)
    agent = made if isinstance(made, Agent) else Agent(name, digest(name), made)
    reason = agent.policy.refuses(game)
    if reason:
        raise InputError(f"agent {uri!r} cannot play {game.name}: {reason}")
    return agent


def list_agents() -> tuple[tuple[str, str], ...]:
    """Return (URI, description in a few words) of every agent that can be named without further ado."""
    return (
        ("random", "every legal action with the same probability"),
        *((f"scripted:{name}", script.description) for name, script in SCRIPTED.items()),
        (
            "openspiel:mcts?simulations=200",
            "Monte Carlo tree search on the true state; OpenSpiel games that it can search",
        ),
        ("openspiel:uniform_random", "OpenSpiel's own bot of that name, and so all others that it registers"),
        ("snapshot:ID", "a frozen agent from a snapshots folder; or the path of its file"),
        (
            "python:package.module:factory",
            "your own: factory(game, **options) makes a policy, pyspiel.Bot or PettingZoo function",
        ),
        (
            "process:./bot --flag?move_seconds=1",
            "a program in any language that speaks the protocol of docs/protocol.md",
        ),
        *((f"{point.name}:", f"registered by {point.value}") for point in entry_points(group="arena.agents")),
    )


@cache
def _schemes() -> Mapping[str, Scheme]:
    return _SCHEMES | {point.name: point.load() for point in entry_points(group="arena.agents")}


def _parse(uri: str) -> tuple[str, str, dict[str, Scalar]]:
    # a command may hold a question mark, in quotes
    body, query = split_options(uri) if uri.startswith("process:") else uri.partition("?")[::2]
    scheme, colon, rest = body.partition(":")
    if scheme not in _schemes():
        if not _is_path(body):
            known = [*_schemes(), *(f"scripted:{name}" for name in SCRIPTED)]
            raise InputError(
                f"unknown agent {uri!r}{suggestion(body, known) or suggestion(scheme, known)}"
                f" (known: {', '.join(name for name, _ in list_agents())})"
            )
        scheme, colon, rest = "snapshot", ":", body
    if colon and not rest:
        raise InputError(f"agent {uri!r} lacks a name after the colon")
    options: dict[str, Scalar] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise InputError(f"the options of agent {uri!r} must have the form ?key=value&key=value") from None
    for key, value in pairs:
        if key in options:
            raise InputError(f"agent {uri!r} gives the option {key!r} twice")
        options[key] = _scalar(value)
    return scheme, rest, options


def _is_path(body: str) -> bool:
    return body.endswith((".json", ".safetensors")) or (("/" in body or "\\" in body) and ":" not in body)


def _scalar(text: str) -> Scalar:
    """Read a number or a truth value; all else stays text."""
    try:
        value = json.loads(text, parse_constant=str)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text
