"""Population-based training from a configuration: copies of learners, and the options of theirs that may change."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from arena.config import Config, Learner
from arena.schema import fail
from arena.yaml_lines import Document
from games import InputError, Scalar
from games.errors import suggestion
from league.match import match_seed
from populations.learners import learner as contract
from populations.pbt import PBT, Range, Space

__all__ = ["copies", "first_options", "rules_of", "with_options"]

Maker = Callable[[str, Mapping[str, Scalar]], contract.Learner]


def copies(config: Config, document: Document) -> dict[str, str]:
    """Return the id of every learner, to its name in the configuration.

    Raises:
        InputError: when two have the same id.
    """
    found: dict[str, str] = {}
    for name, part in config.learners.items():
        for learner in [name] if part.count == 1 else [f"{name}.{k}" for k in range(1, part.count + 1)]:
            if learner in found:
                fail(document, ("learners", name), f"there are two learners {learner!r}; give one another name")
            found[learner] = name
    return found


def with_options(part: Learner, changes: Mapping[str, Scalar]) -> Learner:
    """Return a learner with other values for some of its options, whose names have dots between their parts."""
    changed = deepcopy(part.options)
    for name, value in changes.items():
        *path, last = name.split(".")
        inner = changed
        for step in path:
            inner = inner[step]
        inner[last] = value
    return part.model_copy(update=changed)


def rules_of(config: Config, document: Document, make: Maker) -> PBT | None:
    """Return the rules of population-based training, checked against every learner that they are about.

    Args:
        config: the configuration.
        document: where it comes from.
        make: makes a learner of a name in the configuration, with changed options.

    Raises:
        InputError: for a name that is no option of the learners, with those that are; for a value that they refuse; and for
            an option that makes another network, which could not take over weights.
    """
    asked = config.pbt
    if asked is None:
        return None
    populations = [name for name, part in config.learners.items() if part.count > 1]
    if not populations:
        fail(document, ("pbt",), "pbt compares copies of a learner: give one a count of 2 or more")
    spaces: dict[str, Space] = {}
    for name, given in asked.parameters.items():
        place = ("pbt", "parameters", name)
        try:
            values = [_value(config.learners[learner], name) for learner in populations]
            spaces[name] = _space(given, values[0])
            for learner in populations:
                _try(config.learners[learner], learner, name, spaces[name], make)
        except InputError as error:
            fail(document, place, f"pbt.parameters.{name}: {error}")
    try:
        return PBT(parameters=spaces, **asked.model_dump(exclude={"parameters", "fitness"}))
    except InputError as error:
        fail(document, ("pbt",), str(error))


def first_options(config: Config, names: Mapping[str, str], rules: PBT | None) -> dict[str, dict[str, Scalar]]:
    """Return what the options that may change are at the beginning, for every learner.

    The first of a population has them from the configuration, all others draw theirs: they would not differ otherwise.
    """
    if rules is None:
        return {}
    found: dict[str, dict[str, Scalar]] = {}
    seen: set[str] = set()
    for learner, name in names.items():
        if config.learners[name].count > 1:
            rng = np.random.default_rng(match_seed(config.seed, "pbt", learner))
            drawn = rules.draw(rng)
            configured = {option: _value(config.learners[name], option) for option in rules.parameters}
            found[learner] = drawn if name in seen else configured
            seen.add(name)
    return found


def _leaves(options: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Scalar]]:
    for key, value in options.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        elif isinstance(value, Scalar):
            yield f"{prefix}{key}", value


def _value(part: Learner, name: str) -> Scalar:
    leaves = dict(_leaves(part.options))
    if name not in leaves:
        known = ", ".join(leaves)
        raise InputError(
            f"the learner has no such option that holds one value{suggestion(name, leaves)} (known: {known})"
        )
    return leaves[name]


def _space(given: Any, value: Scalar) -> Space:
    if isinstance(given, tuple):
        if not given:
            raise InputError("an empty list leaves nothing to choose from")
        return given
    if isinstance(value, bool | str):
        raise InputError(f"a range is for numbers, and the option is {json.dumps(value)}; give a list of values")
    return Range(low=given.low, high=given.high, log=given.log, whole=isinstance(value, int))


def _try(part: Learner, learner: str, name: str, space: Space, make: Maker) -> None:
    """Make learners of all extremes, and let them take over the weights of one of another."""
    values = space if isinstance(space, tuple) else (space.nearest(space.low), space.nearest(space.high))
    state = make(learner, {}).state_dict()
    for value in values:
        try:
            make(learner, {name: value}).load_state_dict(state)
        except (RuntimeError, KeyError) as error:
            raise InputError("it changes what a learner consists of, so that weights cannot be taken over") from error
