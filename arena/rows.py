"""A record as plain values, under the names that all exports share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from league.match import Record
from league.store import Store

__all__ = ["places", "row", "rows"]


def rows(store: Store) -> Iterator[dict[str, Any]]:
    """Yield all matches of a store, stage by stage, in the order in which they were asked for."""
    rules = store.meta("game") or ""
    return (row(rules, record) for record in store.matches())


def row(rules: str, record: Record) -> dict[str, Any]:
    """Return what is known of a match; `rules` is the full name of the game."""
    asked = record.matchup
    turn, pair, game = asked.place
    return {
        "id": record.id,
        "rules": rules,
        "stage": asked.stage,
        "ordinal": asked.ordinal,
        "round": turn,
        "pair": pair,
        "game": game,
        "task": dict(asked.task),
        "agents": list(asked.agents),
        "hashes": list(asked.hashes),
        "seed": asked.seed,
        "opening": list(asked.opening),
        "scores": list(record.scores),
        "places": places(record.scores),
        "returns": list(record.returns),
        "length": record.length,
        "reason": record.reason.value,
        "fault": record.fault,
        "detail": record.detail,
        "metrics": dict(record.metrics),
        "why": asked.why,
        "origin": asked.origin,
        "log": record.log,
    }


def places(scores: Sequence[float]) -> list[int]:
    """Return the place of every seat, from 1 for the best; equal scores share the better place."""
    return [1 + sum(other > own for other in scores) for own in scores]
