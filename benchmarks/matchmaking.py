"""Microseconds from asking a matchmaker to a chosen line-up: 10,000 members, batches of 64, results booked in between."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from league.matchmakers import Pool, matchmakers
from league.payoff import PayoffTable

MEMBERS, BATCH, SIDES = 10_000, 64, 2
ROLES = {"main": "main", "rival": "main", "hunter": "main_exploiter", "finder": "league_exploiter"}
KINDS: Mapping[str, dict[str, Any]] = {
    "alphastar": {},
    "cross_play": {},
    "elo_window": {},
    "fictitious": {},
    "pfsp": {},
    "psro": {},
    "self_play": {"delta": 0.5},
}


def run(quick: bool) -> dict[str, Any]:
    batches = 60 if quick else 600
    slowest = {name: _measure(name, batches) for name in KINDS}
    return {
        "microseconds_per_matchup": max(slowest.values()),
        **{f"{name}_microseconds": figure for name, figure in slowest.items()},
        "members": MEMBERS,
        "batch": BATCH,
    }


def _pool(rng: np.random.Generator) -> Pool:
    """A league in which every learner has met thousands of others, and the newest snapshots have met each other."""
    snapshots = {f"{name}-{k:05d}": name for k in range(MEMBERS // len(ROLES)) for name in ROLES}
    table, names = PayoffTable(decay=0.99), tuple(snapshots)
    for learner in ROLES:
        for k in rng.integers(len(names), size=5_000).tolist():
            table.book((learner, names[k]), (float(rng.random() < 0.6), 0.5))
    newest = names[-50:]
    for a in newest:
        for b in newest:
            if a != b:
                table.book((a, b), (1.0, 0.0), (float(rng.normal()), 0.0), frozen=True)
    return Pool(dict(ROLES), snapshots, (), table)


def _measure(name: str, batches: int) -> float:
    """Return microseconds a match, booking included, over all roles in turn."""
    rng = np.random.default_rng(0)
    pool, maker = _pool(rng), matchmakers.make(name, options=KINDS[name])
    learners = tuple(ROLES)
    for learner in learners:  # rows that are kept from now on
        maker.opponents(learner, SIDES - 1, pool, rng, matches=BATCH)
    scores = rng.random((batches, BATCH)).tolist()
    start, met = time.perf_counter(), set()
    for number, points in enumerate(scores):
        learner = learners[number % len(learners)]
        for choice, score in zip(maker.opponents(learner, SIDES - 1, pool, rng, matches=BATCH), points, strict=True):
            pool.payoff.book((learner, *choice.opponents), (score, 0.5))
            met.add(choice.opponents)
    seconds = time.perf_counter() - start
    assert len(met) > 1, "a matchmaker that always says the same measures nothing"
    return 1e6 * seconds / (batches * BATCH)
