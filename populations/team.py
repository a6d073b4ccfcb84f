"""Several policies that share the seats of one side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from games import Game, InputError
from populations.policy import Decision, Policy, Rows, State

__all__ = ["Team"]


class Team:
    """Lets each seat act by one of some policies: seat number k by policy k modulo their number.

    Policies without memory, or all with the same kind of it.

    Args:
        policies: at least one.

    Raises:
        InputError: for none.
    """

    def __init__(self, policies: Sequence[Policy]) -> None:
        if not policies:
            raise InputError("a team needs at least one policy")
        self.policies = tuple(policies)
        self.observes = any(policy.observes for policy in policies)
        self.privileged = any(policy.privileged for policy in policies)

    def initial_state(self, rows: int) -> State:
        """Return the state of `rows` seats at the start of a match."""
        return self.policies[0].initial_state(rows)

    def act(self, rows: Rows, state: State) -> Decision:
        """Decide for every row."""
        whose = rows.seat % len(self.policies)
        groups = [np.flatnonzero(whose == k) for k in range(len(self.policies))]
        made = [
            (group, policy.act(rows.part(group), {name: values[group] for name, values in state.items()}))
            for group, policy in zip(groups, self.policies, strict=True)
            if len(group)
        ]
        if not made:
            return self.policies[0].act(rows, state)
        back = np.empty(len(rows), dtype=np.int64)
        back[np.concatenate([group for group, _ in made])] = np.arange(len(rows))
        first = made[0][1]
        return Decision(
            np.concatenate([decision.action for _, decision in made])[back],
            {name: np.concatenate([decision.state[name] for _, decision in made])[back] for name in first.state},
            failures={int(group[row]): fault for group, decision in made for row, fault in decision.failures.items()},
        )

    def refuses(self, game: Game) -> str | None:
        """Return why one of them cannot play the game, or None."""
        return next((reason for policy in self.policies if (reason := policy.refuses(game))), None)
