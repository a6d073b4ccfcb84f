"""Records as arrays, against a plain loop over records that counts the same."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from arena.outcomes import outcomes_in
from games import make
from league.lineup import duels, outcome, sides
from league.match import Matchup, Reason, Record
from league.store import Store

AGENTS = [f"agent {k}" for k in range(5)]


@pytest.fixture
def stored(tmp_path):
    def keep(records):
        store = Store(tmp_path, write=True, create=True)
        with store.transaction():
            store.add_matches(records)
        return store

    return keep


def some_records(game, tasks, count=300):
    rng = np.random.default_rng(0)
    for k in range(count):
        task = tasks[k % len(tasks)]
        seats = game.seats(task)
        teams = {team: AGENTS[rng.integers(len(AGENTS))] for team in dict.fromkeys(seat.team for seat in seats)}
        agents = tuple(teams[seat.team] for seat in seats)
        reason = [*Reason][k % len(Reason)]
        fault = int(rng.integers(len(seats))) if reason.forfeit else None
        scores = tuple(float(x) for x in rng.integers(0, 3, len(seats)))
        asked = Matchup("tournament", k, task, agents, agents, k, (0, k // 2, k % 2))
        yield Record(asked.id, asked, scores, scores, 1, reason, fault, "how" if fault else "", log="stderr" * k)


def compared_one_by_one(game, record):
    """(first, second) to 1, 0.5 or 0, the first being the one of the earlier side."""
    match = outcome(game, record)
    balance = defaultdict(float)
    for result in duels(match):
        balance[result.agent, result.opponent] += result.points - 0.5
    seen = list(dict.fromkeys(side.agent for side in match))
    return {(a, b): 0.5 + 0.5 * np.sign(balance[a, b]) for k, a in enumerate(seen) for b in seen[k + 1 :]}


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        ("openspiel/tic_tac_toe", [{}]),
        ("testkit/dice-v0", [{}]),
        ("testkit/teams-v0", [{}]),
        ("markov/resource-v0", [{"population": 2}, {"population": 5}, {"population": 7}]),
    ],
)
def test_arrays_say_what_a_loop_over_records_says(name, tasks, stored):
    game = make(name)
    records = list(some_records(game, [game.task_space.task(task) for task in tasks]))
    with stored(records) as store:
        found = outcomes_in(store, game, AGENTS, "tournament")
    counted = [r for r in records if r.reason not in (Reason.INTERRUPTED, Reason.WITHDRAWN)]
    assert found.games == len(counted)
    assert found.pairs == len({r.matchup.place[1] for r in counted})
    assert found.sides == max(len(sides(game, r.matchup.task)) for r in counted)

    expected = Counter()
    for r in counted:
        for (a, b), points in compared_one_by_one(game, r).items():
            expected[AGENTS.index(a), AGENTS.index(b), float(points), r.matchup.place[1]] += 1
    assert Counter(zip(*(column.tolist() for column in found.compared), strict=True)) == expected

    scores = Counter()
    seats = defaultdict(list)
    for r in counted:
        own = defaultdict(list)
        match = outcome(game, r)
        for k, side in enumerate(match):
            own[side.agent].append(side.score)
            others = match[:k] + match[k + 1 :]
            seats[k].append(np.mean([0.5 + 0.5 * np.sign(side.score - other.score) for other in others]))
        for agent, values in own.items():
            scores[AGENTS.index(agent), round(np.mean(values), 9), r.matchup.place[1]] += 1
    owner, value, unit = found.scores
    assert Counter(zip(owner.tolist(), value.round(9).tolist(), unit.tolist(), strict=True)) == scores
    for side, points in seats.items():
        mine = found.seats.value[found.seats.owner == side]
        assert (len(mine), mine.sum()) == pytest.approx((len(points), sum(points)))

    assert found.endings == Counter(r.reason.value for r in records)
    for k, agent in enumerate(AGENTS):
        adjudicated = sum(r.reason is Reason.ADJUDICATED and agent in r.matchup.agents for r in records)
        assert found.adjudicated[k] == adjudicated
    faults = Counter((r.matchup.agents[r.fault], r.reason.value, r.detail) for r in records if r.fault is not None)
    assert {fault[:3]: fault.matches for fault in found.faults} == faults
    assert [fault.matches for fault in found.faults] == sorted(faults.values(), reverse=True)
    assert all(fault.log for fault in found.faults)


def test_another_stage_is_left_out(stored):
    game = make("openspiel/tic_tac_toe")
    records = list(some_records(game, [game.task_space.task()], 20))
    with stored(records) as store:
        assert outcomes_in(store, game, AGENTS, "evaluate").games == 0
        assert outcomes_in(store, game, AGENTS, "evaluate").compared.points.shape == (0,)
