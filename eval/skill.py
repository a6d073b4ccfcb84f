"""Skills of players in teams and free-for-alls, moved by every match: for live display and for choosing opponents.

A wrapper of the library openskill, which holds the closed forms of Weng and Lin, "A Bayesian approximation method for online
ranking", JMLR 2011. Like all ratings that move with every result they depend on the order of matches and carry no joint
errors: what is published comes from `rate_teams`, of all matches at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from openskill.models import BradleyTerryFull, PlackettLuce, ThurstoneMostellerFull

__all__ = ["Model", "Skill", "skill_chances", "skill_update"]

Model = Literal["bradley-terry", "plackett-luce", "thurstone-mosteller"]

_MODELS = {
    "bradley-terry": BradleyTerryFull,
    "plackett-luce": PlackettLuce,
    "thurstone-mosteller": ThurstoneMostellerFull,
}


@dataclass(frozen=True, slots=True)
class Skill:
    """What is believed of a player: a normal distribution.

    Attributes:
        mu: its mean.
        sigma: its standard deviation.
    """

    mu: float = 25.0
    sigma: float = 25.0 / 3.0

    @property
    def ordinal(self) -> float:
        """A skill that the player has almost surely: mu - 3 sigma."""
        return self.mu - 3.0 * self.sigma


def skill_update(
    teams: Sequence[Sequence[Skill]], scores: Sequence[float], *, model: Model = "bradley-terry", tau: float = 0.0
) -> list[list[Skill]]:
    """Return the skills of all players after one match, in the order given.

    A team is as strong as the sum of its members, so a bigger team is taken for a stronger one.

    Args:
        teams: at least two, of one player or more each.
        scores: of the teams; more is better, equal is a draw.
        model: what explains a ranking. "bradley-terry" compares all pairs of teams; "plackett-luce" looks from the top
            down and may put a team that is alone on its place above one that shared a better place, so leave it where
            teams draw; "thurstone-mosteller" has normal tails.
        tau: how much every player's skill may have drifted since its last match: 0 for frozen agents; openskill's own
            default, for humans, is 25 / 300.

    Raises:
        ValueError: for fewer than two teams, an empty one, other than one finite score a team, or options out of range.
    """
    if len(teams) < 2 or not all(teams):
        raise ValueError("a match needs at least two teams, each of at least one player")
    if len(scores) != len(teams) or not np.all(np.isfinite(scores)):
        raise ValueError(f"{len(teams)} teams need as many finite scores, not {list(scores)}")
    if model not in _MODELS:
        raise ValueError(f"model must be one of {', '.join(map(repr, _MODELS))}, not {model!r}")
    if not 0.0 <= tau < np.inf:
        raise ValueError(f"tau must be a number from 0 upwards, not {tau}")
    rater = _rater(model, tau)
    rated = rater.rate(_ratings(rater, teams), scores=[float(score) for score in scores])
    return [[Skill(player.mu, player.sigma) for player in team] for team in rated]


def skill_chances(teams: Sequence[Sequence[Skill]]) -> list[float]:
    """Return each team's chance to be the best of all.

    Args:
        teams: at least two, of one player or more each.

    Raises:
        ValueError: for fewer than two teams or an empty one.
    """
    if len(teams) < 2 or not all(teams):
        raise ValueError("a match needs at least two teams, each of at least one player")
    rater = _rater("bradley-terry", 0.0)
    return [float(chance) for chance in rater.predict_win(_ratings(rater, teams))]


@cache
def _rater(model: Model, tau: float) -> Any:
    # tau belongs here: the library takes a zero given to `rate` for none given
    return _MODELS[model](tau=tau)


def _ratings(rater: Any, teams: Sequence[Sequence[Skill]]) -> list[list[Any]]:
    return [[rater.rating(mu=player.mu, sigma=player.sigma) for player in team] for team in teams]
