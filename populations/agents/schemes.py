"""What stands behind each scheme of an agent's URI. Heavy modules are imported when an agent needs them."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

from games import Game, InputError, Scalar
from games.errors import suggestion
from populations.agent import Agent
from populations.agents.naming import canonical, digest
from populations.agents.random import RandomPolicy
from populations.agents.scripted import script
from populations.agents.wrapped import Maker, wrap
from populations.agents.wrapped.maker import PLACE
from populations.policy import Policy

__all__ = ["openspiel", "process", "python", "random", "scripted", "snapshot"]

Options = dict[str, Scalar]


def random(rest: str, options: Options, game: Game, snapshots: Path | None) -> Policy:
    """`random`."""
    if rest:
        raise InputError(f"agent 'random' has no variants, so 'random:{rest}' means nothing")
    return _build("random", RandomPolicy, options, game.actions)


def scripted(rest: str, options: Options, game: Game, snapshots: Path | None) -> Policy:
    """`scripted:NAME`."""
    return _build(f"scripted:{rest}", script(rest).load(), options)


def openspiel(rest: str, options: Options, game: Game, snapshots: Path | None) -> Policy:
    """`openspiel:mcts`, and the bots that OpenSpiel has by name."""
    from populations.agents.openspiel import MCTSPolicy, bots, registered

    if rest == "mcts":
        return _build("openspiel:mcts", MCTSPolicy, options)
    known = ["mcts", *registered()]
    if rest not in known:
        names = ", ".join(f"openspiel:{name}" for name in known)
        raise InputError(f"unknown agent 'openspiel:{rest}'{suggestion(rest, known)} (known: {names})")
    return bots(rest, options, game)


def snapshot(rest: str, options: Options, game: Game, snapshots: Path | None) -> Agent:
    """`snapshot:ID` or `snapshot:PATH`."""
    from populations.snapshots import load, locate

    folder, content = locate(rest, snapshots)
    return _build(f"snapshot:{rest}", load, options, folder, content, game=game)


def python(rest: str, options: Options, game: Game, snapshots: Path | None) -> Policy:
    """`python:package.module:factory`."""
    module, colon, name = rest.partition(":")
    if not (colon and module and name):
        raise InputError(f"agent 'python:{rest}' must have the form python:package.module:factory")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise InputError(f"agent 'python:{rest}' cannot be imported: {error}") from error
    except Exception as error:  # it is somebody else's code
        raise InputError(f"agent 'python:{rest}' cannot be imported: {type(error).__name__}: {error}") from error
    factory = getattr(found, name, None)
    if not callable(factory):
        known = [key for key, value in vars(found).items() if callable(value) and not key.startswith("_")]
        raise InputError(f"module {module!r} has no factory {name!r}{suggestion(name, known)}")
    maker = Maker(factory, game, options)
    try:
        made = _build(f"python:{rest}", factory, _first(factory, options), game)
        policy = made if isinstance(made, Policy) else wrap(made, maker, game)
    except InputError:
        raise
    except Exception as error:  # it is somebody else's code
        raise InputError(f"agent 'python:{rest}' cannot be made: {type(error).__name__}: {error}") from error
    if policy is None:
        raise InputError(
            f"agent 'python:{rest}': the factory must return a populations.policy.Policy, a pyspiel.Bot, or a function of"
            f" an observation and an agent's name, not {type(made).__name__}"
        )
    return policy


def _first(factory: Callable[..., Any], options: Options) -> Options:
    """Return the options for the first call of a factory, with a place where it cannot do without one."""
    needed = {n: 0 for n, p in inspect.signature(factory).parameters.items() if n in PLACE and p.default is p.empty}
    return needed | options


def process(rest: str, options: Options, game: Game, snapshots: Path | None) -> Agent:
    """`process:COMMAND`."""
    from populations.agents.process import Command, Limits, ProcessPolicy

    command = Command.parse(rest)
    limits = _build(f"process:{rest}", Limits, options)
    name = canonical("process", command.text, options)
    return Agent(name, digest(name, command.contents()), ProcessPolicy(game, command, limits))


_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "int": ("an integer", (int,)),
    "float": ("a number", (int, float)),
    "bool": ("true or false", (bool,)),
    "str": ("text", (str,)),
}


def _build(uri: str, factory: Callable[..., Any], options: Options, *arguments: Any, **fixed: Any) -> Any:
    """Call a factory with options whose names it knows."""
    parameters = list(inspect.signature(factory).parameters.values())[len(arguments) :]
    named = [p for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in fixed]
    known = [p.name for p in named]
    free = any(p.kind is p.VAR_KEYWORD for p in parameters)
    for name in options:
        if name not in known and not free:
            has = ", ".join(known) or "none"
            raise InputError(f"unknown option {name!r} of agent {uri!r}{suggestion(name, known)} (its options: {has})")
    for parameter in named:
        _check_type(uri, parameter, options)
        if parameter.default is parameter.empty and parameter.name not in options:
            raise InputError(f"agent {uri!r} needs the option {parameter.name!r}: {uri}?{parameter.name}=...")
    return factory(*arguments, **fixed, **options)


def _check_type(uri: str, parameter: inspect.Parameter, options: Options) -> None:
    """Hold an option against the plain type that its parameter is annotated with, if it is one."""
    annotation = getattr(parameter.annotation, "__name__", parameter.annotation)
    if parameter.name not in options or annotation not in _TYPES:
        return
    value, (text, types) = options[parameter.name], _TYPES[annotation]
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise InputError(f"option {parameter.name!r} of agent {uri!r} must be {text}, not {value!r}")
