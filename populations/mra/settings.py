"""The options of the latent part, apart from its code: configuration must not wait for torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from games import InputError
from populations.learners.schedule import Schedule

__all__ = ["Critic", "Diversity"]

Critic = Literal["own", "central"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diversity:
    """How the modes of a policy are moved apart and tied to games. It does nothing where there is one latent.

    Attributes:
        relation_rate: step size of Adam that ascends the mutual information by the relation graph's weights; 0 for none.
        task_rate: step size of Adam that descends the game-identification loss by task encoder and classifier; 0 for none,
            and then every latent stays as likely as every other, nearly.
        returns: whether the relation graph learns from returns, too; if not, it learns from the mutual information alone.
        steps: of both after each update of the policy.
        rows: decisions that one step looks at, drawn from the batch.
        warmup: share of the run before which nothing of this happens: at first the policy hardly depends on the graph, and
            there is no slope.
        enough: mutual information in nats from which on it is not pushed any further; None for no end.
        games: how many games (populations) the classifier tells apart; further ones are left out of its loss.
    """

    relation_rate: float | Schedule = 1e-3
    task_rate: float | Schedule = 1e-2
    returns: bool = True
    steps: int = 4
    rows: int = 1024
    warmup: float = 0.1
    enough: float | None = 0.1
    games: int = 16

    def __post_init__(self) -> None:
        for name in ("relation_rate", "task_rate"):
            rate = getattr(self, name)
            if not isinstance(rate, Schedule) and not rate >= 0.0:
                raise InputError(f"diversity {name} must be at least 0, not {rate}")
        for name in ("steps", "rows", "games"):
            if getattr(self, name) < 1:
                raise InputError(f"diversity {name} must be at least 1, not {getattr(self, name)}")
        if not 0.0 <= self.warmup <= 1.0:
            raise InputError(f"diversity warmup must be from 0 to 1, not {self.warmup}")
        if self.enough is not None and not self.enough > 0.0:
            raise InputError(f"diversity enough must be above 0 nats, not {self.enough}")
