"""Teachers inside of teachers."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from games import InputError, TaskSpace
from league.teachers.teacher import Teacher

__all__ = ["make_inner"]


def make_inner(part: Mapping[str, Any], space: TaskSpace, seed: int) -> Teacher:
    """Return a teacher from its `kind` and, beside it, its options.

    Args:
        part: such as `{"kind": "alp_gmm", "random": 0.1}`.
        space: of its tasks.
        seed: of its generator.

    Raises:
        InputError: for an unknown kind or option, or a value that it refuses.
    """
    from league.teachers import teachers  # which imports the teachers that have others inside

    if not isinstance(part, Mapping) or not isinstance(part.get("kind"), str):
        raise InputError(f"a teacher must be given as its kind, with its options beside it, not {part!r}")
    kind = part["kind"]
    build: Any = teachers.find(kind)
    hints = get_type_hints(build.__init__ if inspect.isclass(build) else build)
    options = {name: value for name, value in part.items() if name != "kind"}
    parameters = inspect.signature(build).parameters
    for name, value in options.items():
        if name in hints and parameters[name].kind is inspect.Parameter.KEYWORD_ONLY:
            try:
                options[name] = TypeAdapter(hints[name]).validate_python(value)
            except ValidationError as error:
                problem = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise InputError(f"option {name!r} of teacher {kind!r}: {problem}, not {value!r}") from None
    return teachers.make(kind, space, seed, options=options)
