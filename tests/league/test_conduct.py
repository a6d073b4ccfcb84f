import random

import pytest

from games import Task
from league.conduct import WINDOW, Conduct
from league.match import Matchup, Reason, Record


def matchup(ordinal, agents):
    return Matchup("t", ordinal, Task({}), agents, agents, 0)


def record(asked, fault=None, reason=Reason.CRASH):
    zeros = (0.0,) * len(asked.agents)
    return Record("", asked, zeros, zeros, 1, Reason.NORMAL if fault is None else reason, fault)


def plainly(history, agents, patience):
    """By the definition: failures of an agent in all its earlier matches but the last 32."""
    for seat, agent in enumerate(agents):
        mine = [failing == agent for others, failing in history if agent in others]
        if sum(mine[: max(len(mine) - WINDOW, 0)]) >= patience:
            return seat
    return -1


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_order_of_ends_the_answer_is_that_of_the_definition(seed):
    rng = random.Random(seed)
    conduct, patience = Conduct(5), 5
    history, flying = [], []
    waits = withdrawals = 0
    for ordinal in range(600):
        agents = tuple(rng.sample("abcd", rng.choice([2, 3])))
        asked = matchup(ordinal, agents)
        conduct.begin(asked)
        while (seat := conduct.withdrawn(asked)) is None:
            waits += 1
            ended, fault = flying.pop(rng.randrange(len(flying)))
            conduct.end(record(ended, fault, rng.choice([Reason.CRASH, Reason.TIMEOUT])))
        assert seat == plainly(history, agents, patience)
        withdrawals += seat >= 0
        fault = agents.index("b") if "b" in agents and rng.random() < 0.1 and seat < 0 else None
        if "c" in agents and fault is None and rng.random() < 0.03 and seat < 0:
            fault = agents.index("c")
        history.append((agents, None if fault is None else agents[fault]))
        if seat >= 0:
            conduct.end(record(asked, seat, Reason.WITHDRAWN))
        else:
            flying.append((asked, fault))
        while len(flying) > 60:
            ended, fault = flying.pop(rng.randrange(len(flying)))
            conduct.end(record(ended, fault))
    assert waits > 0
    assert withdrawals > 50


def test_illegal_moves_and_the_faults_of_others_do_not_count():
    conduct = Conduct(1)
    for ordinal in range(100):
        asked = matchup(ordinal, ("a", "b"))
        conduct.begin(asked)
        assert conduct.withdrawn(asked) == (1 if ordinal > WINDOW else -1)
        conduct.end(record(asked, *((0, Reason.ILLEGAL) if ordinal % 2 else (1, Reason.TIMEOUT))))
    assert conduct.out("b")
    assert not conduct.out("a")


def test_without_patience_nothing_is_kept():
    conduct = Conduct(None)
    asked = matchup(0, ("a", "b"))
    conduct.begin(asked)
    conduct.end(record(asked, 0))
    assert conduct.withdrawn(asked) == -1
    assert not conduct.out("a")
