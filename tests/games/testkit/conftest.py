"""Plays many matches of one game at once, each seat by a rule or at random."""

import numpy as np
import pytest

import games
from games import Limits


@pytest.fixture
def start():
    """start(name, seeds, task, steps) -> game, vector, first view."""

    def start(name, seeds=(0,), steps=None, **task):
        game = games.make(f"testkit/{name}")
        task = game.task_space.task(task)
        vector = game.vector(len(seeds), Limits(seats=len(game.seats(task)), steps=steps))
        view = vector.assign(np.arange(len(seeds)), [task] * len(seeds), np.array(seeds, np.uint64))
        return game, vector, view

    return start


@pytest.fixture
def scores(start):
    """scores(name, rules, matches, task) -> [matches, seats]; a rule takes (view, seat) and gives actions [matches, heads].

    Seats without a rule act at random.
    """

    def scores(name, rules, matches=1500, **task):
        game, vector, view = start(name, range(matches), **task)
        rng, layout = np.random.default_rng(0), game.actions
        final = np.zeros(view.score.shape)
        while view.acting.any():
            weight = rng.random((*view.acting.shape, layout.width))
            if view.action_mask is not None:
                weight[~view.action_mask] = -1
            heads = np.split(weight, layout.offsets[1:-1], axis=2)
            actions = np.stack([head.argmax(axis=2) for head in heads], axis=2).astype(np.int32)
            for seat, rule in rules.items():
                actions[:, seat] = rule(view, seat)
            view = vector.step(actions)
            ended = view.terminated | view.truncated
            final[ended] = view.score[ended]
        return final

    return scores
