"""Two pairs, each of which must agree on the cue that it is shown."""
# ruff: noqa: D102 - undocumented methods do what `SlotwiseGame` says

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from games.game import Comparison, Seat
from games.task import Integer, Task, TaskSpace
from games.testkit.slotwise import Match, SlotwiseGame

__all__ = ["Teams"]

CUES, TEAMS, MEMBERS = 3, 2, 2


class Teams(SlotwiseGame):
    """Seats 0 and 1 are team 0, seats 2 and 3 team 1. For `rounds` rounds each team is shown one of three cues.

    All seats choose a cue at once. A team makes a point in a round when both of its members chose its own cue. Then every
    team gets a new cue. The match ends by its rules after the last round.

    Reward, the same for both members: own points of the round minus the other team's. Score: own points minus the other
    team's over the match. Choosing the cue gives a point every round (5 by default, the most there is), random choice
    one in nine: a pair that always follows its cue scores 5 * 8/9 = 4.44 on average against a random pair.

    Observation: `vector` [4] float32: the team's cue (one-hot) and the share of rounds left.
    """

    name = "testkit/teams-v0"
    task_space = TaskSpace({"rounds": Integer(1, 10, 5)})
    comparison = Comparison.ZERO_SUM
    observation_space = spaces.Dict({"vector": spaces.Box(0.0, 1.0, (CUES + 1,), np.float32)})
    action_space = spaces.Discrete(CUES)
    metrics = ("points",)

    def seats(self, task: Task) -> tuple[Seat, ...]:
        return tuple(Seat("partner", team) for team in range(TEAMS) for _ in range(MEMBERS))

    def state(self, seats: int) -> dict[str, NDArray[Any]]:
        return {
            "rounds": np.zeros((), np.int64),
            "cue": np.zeros(TEAMS, np.int64),
            "points": np.zeros(TEAMS, np.int64),
        }

    def begin(self, match: Match, task: Task) -> None:
        match["rounds"][...] = task["rounds"]
        match["cue"][:] = [match.draw(team, CUES) for team in range(TEAMS)]

    def advance(self, match: Match, actions: NDArray[Any], reward: NDArray[np.float32]) -> bool:
        choices = actions[: TEAMS * MEMBERS, 0].reshape(TEAMS, MEMBERS)
        made = (choices == match["cue"][:, None]).all(axis=1)
        match["points"] += made
        reward[: TEAMS * MEMBERS] = np.repeat(_difference(made), MEMBERS)
        match["cue"][:] = [match.draw(team, CUES) for team in range(TEAMS)]
        return bool(match["length"] == match["rounds"])

    def show(self, match: Match, observation: dict[str, NDArray[Any]], acting: NDArray[np.bool_]) -> None:
        acting[: TEAMS * MEMBERS] = True
        for seat in range(TEAMS * MEMBERS):
            observation["vector"][seat, match["cue"][seat // MEMBERS]] = 1
            observation["vector"][seat, CUES] = 1 - match["length"] / match["rounds"]

    def scores(self, match: Match) -> NDArray[np.float64]:
        return np.repeat(_difference(match["points"]), MEMBERS).astype(np.float64)

    def measure(self, match: Match) -> dict[str, float]:
        return {"points": float(match["points"].sum())}

    def picture(self, match: Match) -> str:
        return f"cues {match['cue'].tolist()}, points {match['points'].tolist()}, round {int(match['length'])}"


def _difference(points: NDArray[Any]) -> NDArray[np.int64]:
    """Each team's points minus the other's."""
    mine = points.astype(np.int64)
    return mine - mine[::-1]
