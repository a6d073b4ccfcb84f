"""The options of anything that can be configured: read from the code that takes them, checked, and handed over.

A learner, matchmaker or teacher takes its options as keyword-only parameters, some of them dataclasses. From those alone
comes the pydantic model that checks a configuration, so that an option is written once.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ClassVar

from pydantic import create_model

from arena.schema import Strict, fail
from arena.yaml_lines import Document, Place
from games import InputError

__all__ = ["Options", "assemble", "options_of", "values_of"]


class Options(Strict):
    """Values for the keyword-only parameters of `maker`."""

    maker: ClassVar[Callable[..., Any]]


@cache
def options_of(maker: Callable[..., Any]) -> type[Options]:
    """Return the model of a callable's keyword-only parameters."""
    dataclass = dataclasses.is_dataclass(maker)
    hints = typing.get_type_hints(maker if dataclass or not inspect.isclass(maker) else maker.__init__)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(maker).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            default = ... if parameter.default is parameter.empty else _plain(parameter.default)
            fields[name] = (_modelled(hints[name]), default)
    model = create_model(getattr(maker, "__name__", "Options"), __base__=Options, **fields)
    model.maker = maker
    return model


def values_of(options: Options) -> dict[str, Any]:
    """Return all options, defaults included, as plain values that YAML can hold."""
    return options.model_dump(mode="json")


def assemble(options: Options, document: Document, place: Place, *arguments: Any) -> Any:
    """Call the maker with its arguments and these options.

    Raises:
        InputError: when the maker refuses them: its own sentence, with the line of the option at fault.
    """
    given: dict[str, Any] = {}
    for name in type(options).model_fields:
        value = getattr(options, name)
        given[name] = assemble(value, document, (*place, name)) if isinstance(value, Options) else value
    maker = type(options).maker
    try:
        return maker(*arguments, **given)
    except InputError as error:
        fail(document, place + _culprit(maker, arguments, given), str(error))


def _culprit(maker: Callable[..., Any], arguments: tuple[Any, ...], options: Mapping[str, Any]) -> Place:
    """Return the one option that the maker refuses by itself; none when only their combination is wrong."""
    for name, value in options.items():
        try:
            maker(*arguments, **{name: value})
        except InputError:
            if _accepts(maker, arguments):
                return (name,)
        except TypeError:
            break  # others are required, so none can be tried by itself
    return ()


def _accepts(maker: Callable[..., Any], arguments: tuple[Any, ...]) -> bool:
    try:
        maker(*arguments)
    except (InputError, TypeError):
        return False
    return True


def _modelled(hint: Any) -> Any:
    """Replace dataclasses in a type by the models of their fields."""
    if dataclasses.is_dataclass(hint):
        return options_of(hint)  # type: ignore[arg-type]
    arguments = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin is typing.Literal or not arguments:
        return hint
    if origin is types.UnionType or origin is typing.Union:
        return typing.Union[tuple(_modelled(a) for a in arguments)]  # noqa: UP007 - made from a list
    return origin[tuple(_modelled(a) if a is not Ellipsis else a for a in arguments)]


def _plain(default: Any) -> Any:
    """Defaults that are dataclasses become the models of their fields."""
    if dataclasses.is_dataclass(default) and not isinstance(default, type):
        model = options_of(type(default))
        return model(**{f.name: _plain(getattr(default, f.name)) for f in dataclasses.fields(default)})
    return default
