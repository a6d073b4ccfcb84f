"""A tournament without games: pairs are asked for, outcomes are drawn, and come in any order."""

import random

import pytest

from league.formats import Played, Results
from league.match import match_seed


def draw(pair, number, strength, draws=0.0):
    """Outcomes by Bradley-Terry from the pair and its number alone; scores are 1, 0 and -1, of two agents or more."""
    rng = random.Random(match_seed("draw", number, *pair.group))
    games = []
    for _ in pair.group:
        if len(pair.group) == 2:
            if rng.random() < draws:
                games.append((0.0, 0.0))
                continue
            chance = 1.0 / (1.0 + 10.0 ** ((strength[pair.group[1]] - strength[pair.group[0]]) / 400.0))
            games.append((1.0, -1.0) if rng.random() < chance else (-1.0, 1.0))
        else:  # strength and luck
            games.append(tuple(strength[a] / 400.0 + rng.expovariate(1.0) for a in pair.group))
    return Played(pair, tuple(games), (0,) * len(pair.group))


def better(pair, number, strength):
    """The stronger one wins every game; equal ones draw."""
    return Played(pair, (tuple(float(strength[a]) for a in pair.group),) * len(pair.group), (0,) * len(pair.group))


@pytest.fixture
def outcomes():
    """Functions from (pair, number, strength) to what came of it."""
    return {"draw": draw, "better": better}


@pytest.fixture
def hold():
    """Hold a tournament; return its pairs, in order, and the results.

    Args of what it returns:
        form, field: the format and its field.
        outcome: from (pair, number) to what came of it.
        limit: pairs that are played at most.
        seed: of the order in which results come in between waits; None: all when the format waits.
    """

    def run(form, field, outcome, *, limit=None, seed=None):
        results, asked, open_ = Results(), [], []
        rng = random.Random(seed)
        for pair in form.pairs(field, results):
            if pair is None:
                rng.shuffle(open_)
                for number in open_:
                    results.played[number] = outcome(asked[number], number)
                open_ = []
                continue
            if limit is not None and len(asked) == limit:
                break
            open_.append(len(asked))
            asked.append(pair)
            if seed is not None and rng.random() < 0.3:
                number = open_.pop(rng.randrange(len(open_)))
                results.played[number] = outcome(asked[number], number)
        for number in open_:
            results.played[number] = outcome(asked[number], number)
        return asked, results

    return run
