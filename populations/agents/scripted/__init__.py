"""Agents that someone wrote by hand, by name."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from games import InputError
from games.errors import suggestion
from populations.policy import Policy

__all__ = ["SCRIPTED", "Script", "script"]


@dataclass(frozen=True, slots=True)
class Script:
    """Where a scripted policy is found. Its module is imported when someone asks for it, not when someone lists it."""

    module: str
    name: str
    description: str

    def load(self) -> Callable[..., Policy]:
        """Return the class; its keyword options are the agent's."""
        loaded: Callable[..., Policy] = getattr(importlib.import_module(self.module), self.name)
        return loaded


_BOARDS, _RESOURCE = "populations.agents.scripted.boards", "populations.agents.scripted.resource"
_PASTURE = "populations.agents.scripted.pasture"
_TREASURE = "populations.agents.scripted.treasure"
_REPEATED = "populations.agents.scripted.repeated"
_PURSUIT = "populations.agents.scripted.pursuit"

SCRIPTED = {
    "first-legal": Script(_BOARDS, "FirstLegal", "the legal action of the lowest number"),
    "last-legal": Script(_BOARDS, "LastLegal", "the legal action of the highest number"),
    "centre-legal": Script(_BOARDS, "CentreLegal", "the legal action nearest the middle"),
    "connect-four-rules": Script(
        _BOARDS, "ConnectFourRules", "connect four: win, else block, else stay near the centre"
    ),
    "resource-greedy": Script(_RESOURCE, "ResourceGreedy", "resource game: every agent for itself"),
    "resource-assignment": Script(
        _RESOURCE, "ResourceAssignment", "resource game: agents shared out over the resources"
    ),
    "grassland-instinct": Script(_PASTURE, "GrasslandInstinct", "grassland: wolves chase, sheep graze and flee"),
    "food-assignment": Script(_PASTURE, "FoodAssignment", "food collection: agents shared out over the foods"),
    "battle-pack": Script(_PASTURE, "BattlePack", "battle: three hunt together, the rest forage"),
    "pursuit-greedy": Script(_PURSUIT, "PursuitGreedy", "pursuit game: run at the nearest prey, run from predators"),
    "treasure-greedy": Script(_TREASURE, "TreasureGreedy", "treasure game: every collector for itself"),
    "treasure-assignment": Script(
        _TREASURE, "TreasureAssignment", "treasure game: collectors shared out over the treasures"
    ),
    "tit-for-tat": Script(_REPEATED, "TitForTat", "repeated games: action 0 unless somebody else did not take it last"),
    "grim": Script(_REPEATED, "Grim", "repeated games: action 0 until anybody did not take it, then never again"),
}
"""All scripted policies by name."""


def script(name: str) -> Script:
    """Return the entry with this name.

    Raises:
        InputError: for an unknown name, with the nearest known one.
    """
    if name not in SCRIPTED:
        raise InputError(f"unknown scripted agent {name!r}{suggestion(name, SCRIPTED)} (known: {', '.join(SCRIPTED)})")
    return SCRIPTED[name]
