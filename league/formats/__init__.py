"""How tournaments are held: formats say who meets whom, in the light of what came before.

A new format is one file with a class that fulfils `Format`, and one line in `_CLASSES`; packages register theirs under the
entry point group `arena.formats`.
"""

from collections.abc import Callable

from league.formats.format import Field, Format, Pair, Played, Results, Verdict
from league.formats.round_robin import RoundRobin
from league.registry import Registry

__all__ = ["Field", "Format", "Pair", "Played", "Results", "RoundRobin", "Verdict", "formats"]

_CLASSES: dict[str, Callable[..., Format]] = {
    "round_robin": RoundRobin,
}

formats: Registry[Format] = Registry("format", "arena.formats", _CLASSES)
"""Formats by name: `formats.make("round_robin", options={"encounters": 10})`."""
