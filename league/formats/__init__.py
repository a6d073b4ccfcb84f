"""How tournaments are held: formats say who meets whom, in the light of what came before.

A new format is one file with a class that fulfils `Format`, and one line in `_CLASSES`; packages register theirs under the
entry point group `arena.formats`.
"""

from collections.abc import Callable

from league.formats.adaptive import Adaptive
from league.formats.double_elimination import DoubleElimination
from league.formats.format import Field, Format, Pair, Played, Results, Verdict
from league.formats.gauntlet import Gauntlet
from league.formats.knockout import Knockout
from league.formats.ladder import Ladder
from league.formats.round_robin import RoundRobin
from league.formats.sprt import Sprt
from league.formats.swiss import Swiss
from league.registry import Registry

__all__ = [
    "Adaptive",
    "DoubleElimination",
    "Field",
    "Format",
    "Gauntlet",
    "Knockout",
    "Ladder",
    "Pair",
    "Played",
    "Results",
    "RoundRobin",
    "Sprt",
    "Swiss",
    "Verdict",
    "formats",
]

_CLASSES: dict[str, Callable[..., Format]] = {
    "adaptive": Adaptive,
    "double_elimination": DoubleElimination,
    "gauntlet": Gauntlet,
    "knockout": Knockout,
    "ladder": Ladder,
    "round_robin": RoundRobin,
    "sprt": Sprt,
    "swiss": Swiss,
}

formats: Registry[Format] = Registry("format", "arena.formats", _CLASSES)
"""Formats by name: `formats.make("round_robin", options={"encounters": 10})`."""
