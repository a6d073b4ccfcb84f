"""Checks plain data against pydantic models, and says in one sentence what is wrong, where, and what would be right.

What would be right is read from the model's JSON schema, so no message is written twice and none can drift from its check.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from arena.yaml_lines import Document, Place, dotted
from games import InputError
from games.errors import suggestion

__all__ = ["Strict", "check", "fail"]

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """A model without tolerance: no unknown keys, and no value is bent to another type."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )


def check(model: type[M], document: Document, place: Place = (), data: Any = None) -> M:
    """Return the model that the data fulfils.

    Args:
        model: what is expected.
        document: where the data came from.
        place: where in the document the data stands.
        data: default the whole document.

    Raises:
        InputError: naming the first mistake: file and line, key, value, and what would be right.
    """
    data = document.data if data is None else data
    try:
        # as JSON, where lists stand for tuples and text for enumerations: all that YAML can say and no more
        return model.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        found = [(_real(e["loc"], data, e["type"] == "missing"), e) for e in error.errors(include_url=False)]
        # a misspelt key also lacks the right one: what is there and should not be comes first
        found.sort(key=lambda f: f[1]["type"] != "extra_forbidden")
        first = found[0][0]
        here = [(place, e) for place, e in found if place[: len(first)] == first]
        # of the errors of a union's branches, the deepest is about what was meant; a misspelt key also lacks the right one
        inner, worst = max(here, key=lambda f: (len(f[0]), f[1]["type"] == "extra_forbidden"))
        others = len({place for place, _ in found} - {place for place, _ in here})
        more = f" (and {others} more)" if others else ""
        fail(document, place + inner, _sentence(worst, inner, data, _Schema(model.model_json_schema()), place) + more)


def fail(document: Document, place: Place, sentence: str) -> NoReturn:
    """Raise the `InputError` of one mistake, with its file and line."""
    raise InputError(f"{document.where(place)}: {sentence}") from None


def _real(loc: tuple[str | int, ...], data: Any, missing: bool) -> Place:
    """Leave out what pydantic adds to a place: the names of a union's branches."""
    place: list[str | int] = []
    for depth, part in enumerate(loc):
        inside = (isinstance(data, dict) and part in data) or (isinstance(data, list) and isinstance(part, int))
        if inside:
            data = data[part]
        if inside or (missing and depth == len(loc) - 1):
            place.append(part)
    return tuple(place)


def _sentence(error: Any, inner: Place, data: Any, schema: _Schema, place: Place) -> str:
    name = dotted(place + inner)
    if error["type"] == "extra_forbidden":
        known = schema.keys(inner[:-1])
        owner = dotted(place + inner[:-1]) or "the configuration"
        listing = f"; {owner} has: {', '.join(known) or 'no keys'}"
        return f"unknown key {inner[-1]!r}{suggestion(str(inner[-1]), known) or listing}"
    expected = schema.words(schema.at(inner))
    if error["type"] == "missing":
        return f"{name} is missing: it must be {expected}"
    if error["type"] == "value_error":
        return f"{name}: {error['ctx']['error']}"
    for part in inner:
        data = data[part]
    return f"{name or 'the configuration'} must be {expected}, not {_shown(data)}"


_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys and values",
    "null": "null",
}
_BOUNDS = {"exclusiveMinimum": "above", "minimum": "at least", "exclusiveMaximum": "below", "maximum": "at most"}


class _Schema:
    """A JSON schema, walked and put into words."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._top, self._definitions = schema, schema.get("$defs", {})

    def _resolved(self, part: Mapping[str, Any]) -> Mapping[str, Any]:
        return self._definitions[part["$ref"].rsplit("/", 1)[-1]] if "$ref" in part else part

    def at(self, place: Place) -> Mapping[str, Any]:
        """Return the part that describes a place."""
        part = self._resolved(self._top)
        for key in place:
            options = [self._below(self._resolved(o), key) for o in part.get("anyOf", [part])]
            part = self._resolved(next((o for o in options if o is not None), {}))
        return part

    def keys(self, place: Place) -> list[str]:
        """Return the names that are known at a place."""
        part = self.at(place)
        options = [self._resolved(option) for option in part.get("anyOf", [part])]
        return [name for option in options for name in option.get("properties", ())]

    @staticmethod
    def _below(part: Mapping[str, Any], key: str | int) -> Mapping[str, Any] | None:
        found = part.get("items") if isinstance(key, int) else part.get("properties", {}).get(key)
        found = part.get("additionalProperties") if found is None else found
        return found if isinstance(found, Mapping) else None

    def words(self, part: Mapping[str, Any]) -> str:
        """Return what is allowed, as words that follow "must be"."""
        part = self._resolved(part)
        if "anyOf" in part:
            return " or ".join(dict.fromkeys(self.words(option) for option in part["anyOf"]))
        if "enum" in part:
            return f"one of {', '.join(map(str, part['enum']))}"
        if "const" in part:
            return repr(part["const"])
        kind = _TYPES.get(part.get("type", ""), "another value")
        if part.get("type") == "array" and part.get("items"):
            kind = f"a list, each item {self.words(part['items'])}"
        if part.get("properties"):
            kind = f"keys and values ({', '.join(part['properties'])})"
        if part.get("minItems") or part.get("minProperties"):
            kind += ", at least one"
        if part.get("minLength"):
            kind += " that is not empty"
        bounds = " and ".join(f"{words} {part[key]}" for key, words in _BOUNDS.items() if key in part)
        return f"{kind} {bounds}".rstrip()


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
