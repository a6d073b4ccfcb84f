"""Agents that were written for other libraries, in this process: each becomes a policy of ours.

`SpielBots` seats bots of OpenSpiel, `Functions` seats PettingZoo's `policy(observation, agent)`, and `wrap` sees which of
the two something is.
"""

from __future__ import annotations

import sys
from typing import Any

from games import Game
from populations.agents.wrapped.functions import Functions
from populations.agents.wrapped.maker import Maker
from populations.agents.wrapped.spiel import SpielBots
from populations.policy import Policy

__all__ = ["Functions", "Maker", "SpielBots", "wrap"]


def wrap(made: Any, maker: Maker, game: Game) -> Policy | None:
    """Return the policy for what a factory made, or None when it is nothing that we know.

    Args:
        made: what it made first.
        maker: makes the others, one for every seat of every match.
        game: what they play.

    Raises:
        InputError: for a function that takes something else than an observation and an agent's name.
    """
    pyspiel: Any = sys.modules.get("pyspiel")  # whoever made a bot of OpenSpiel has imported it
    if pyspiel is not None and isinstance(made, pyspiel.Bot):
        return SpielBots(maker)
    if callable(made):
        return Functions(made, maker, game)
    return None
