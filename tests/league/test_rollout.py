"""The rollout against a log kept by hand: every decision of every seat, with what followed it."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from games.registry import make
from league.driver import Driver
from league.match import Matchup, match_seed
from league.rollout import Rollout
from populations.agents import load_agent
from populations.layout import Layout
from populations.learners.ppo import PPO
from populations.learners.trajectories import CUT, ENDED, PENDING
from populations.networks import NetworkSpec
from populations.networks.network import Network


class Log:
    """Listens beside the rollout and writes down, for each learner's seat, its decisions and rewards in order."""

    def __init__(self, rollout, driver):
        self.rollout, self.driver = rollout, driver
        self.decisions = defaultdict(list)  # (seed, seat) -> [(step, value, [rewards])]
        driver.recorder = self

    def storage(self, agent, rows):
        return self.rollout.storage(agent, rows)

    def decided(self, agent, flat, rows, state, decision):
        for seed, seat, step, value in zip(rows.seed, rows.seat, rows.step, decision.value, strict=True):
            self.decisions[agent, int(seed), int(seat)].append([int(step), float(value), 0.0])
        self.rollout.decided(agent, flat, rows, state, decision)

    def stepped(self, step):
        for slot, matchup in enumerate(self.driver.matchups):
            if matchup is None:
                continue
            for seat, agent in enumerate(matchup.agents):
                history = self.decisions.get((agent, matchup.seed, seat))
                if history:
                    history[-1][2] += float(step.reward[slot, seat])
        self.rollout.stepped(step)

    def abandoned(self, slot):
        self.rollout.abandoned(slot)


@pytest.mark.parametrize(("together", "cut"), [(0, 0), (0, 1), (1, 0), (1, 1)])
@pytest.mark.parametrize("memory", [False, True])
def test_trajectories_hold_every_decision_once(relay, dice, pupil, together, cut, memory):
    learners = {"main": pupil(memory), "second": pupil(memory)}
    agents = {name: dice(name) for name in ("old",)}
    for name, learner in learners.items():
        agents[name] = type(agents["old"])(name, f"hash-{name}", learner.policy)
    names = ("main", "old", "second", "main")
    rng = np.random.default_rng(0)
    count = iter(range(10**9))

    def source():
        k = next(count)
        task = relay.task_space.task(
            {"seats": int(rng.integers(1, 5)), "length": int(rng.integers(1, 13)), "cut": cut, "together": together}
        )
        lineup = tuple(names[(k + s) % 4] for s in range(task["seats"]))
        return Matchup("train", k, task, lineup, lineup, match_seed(k))

    driver = Driver(relay, agents, source, slots=10, seats=4)
    rollout = Rollout(driver, learners)
    log = Log(rollout, driver)
    done = defaultdict(list)  # what came out of the batches, as (value, reward, what follows)
    ends = {}
    for _ in range(12):
        records, batches = rollout.collect(5)
        ends |= {r.matchup.seed: r for r in records}
        for name, batch in batches.items():
            assert len(batch) == len(batch.next)
            for row in range(len(batch)):
                follows = int(batch.next[row])
                if follows == PENDING:
                    continue
                if follows >= 0:
                    assert follows > row
                    after = float(batch.value[follows])
                else:
                    after = float(batch.bootstrap[row]) if follows == CUT else None
                done[name].append((float(batch.value[row]), round(float(batch.reward[row]), 4), after))
                if memory:
                    assert batch.state["count"][row, 0] >= 0
    expected = defaultdict(list)
    for (name, seed, _seat), history in log.decisions.items():
        finished = seed in ends
        for k, (_step, value, reward) in enumerate(history):
            if k + 1 < len(history) or finished:
                expected[name].append((value, round(reward, 4)))
    for name in learners:
        got = [(v, r) for v, r, _ in done[name]]
        # decisions of matches in flight may have come out already, closed with a value at the end of a fragment
        missing, extra = Counter(expected[name]), Counter(got)
        assert not missing - extra
        assert (extra - missing).total() <= 10 * 4


def test_what_follows_is_the_value_that_the_learner_would_give(relay, pupil, dice):
    """Seats of a match that is cut are closed with the value of the last observation: time = length."""
    learner = pupil()
    agent = type(dice("x"))("main", "h", learner.policy)
    task = relay.task_space.task({"seats": 2, "length": 4, "cut": 1, "together": 1})
    count = iter(range(10**9))

    def source():
        k = next(count)
        return Matchup("train", k, task, ("main", "main"), ("h", "h"), match_seed(k))

    driver = Driver(relay, {"main": agent}, source, slots=3, seats=2)
    rollout = Rollout(driver, {"main": learner})
    _, batches = rollout.collect(6)
    batch = batches["main"]
    assert len(batch) == 3 * 2 * 6
    time = batch.observation["vector"][:, 0]
    last = time == 3
    assert (batch.next[last] == CUT).all()
    seat = batch.observation["vector"][:, 1]
    world = batch.observation["vector"][:, 2]
    np.testing.assert_allclose(batch.bootstrap[last], (4 + 10 * seat + 100 * world)[last], rtol=1e-6)
    fragment_end = np.arange(len(batch)) >= 3 * 2 * 5
    assert (batch.next[fragment_end] == CUT).all()
    np.testing.assert_allclose(batch.bootstrap[fragment_end], (2 + 10 * seat + 100 * world)[fragment_end], rtol=1e-6)
    assert (batch.next[~last & ~fragment_end] >= 0).all()


def test_ends_by_the_rules_close_with_nothing(relay, pupil, dice):
    learner = pupil()
    agent = type(dice("x"))("main", "h", learner.policy)
    task = relay.task_space.task({"seats": 3, "length": 5, "cut": 0})
    count = iter(range(10**9))

    def source():
        k = next(count)
        return Matchup("train", k, task, ("main",) * 3, ("h",) * 3, match_seed(k))

    driver = Driver(relay, {"main": agent}, source, slots=4, seats=3)
    rollout = Rollout(driver, {"main": learner})
    records, batches = rollout.collect(5)
    batch = batches["main"]
    assert len(records) == 4
    assert set(batch.next[batch.next < 0]) == {ENDED}
    assert batch.reward.sum() == pytest.approx(sum(sum(r.returns) for r in records) - _before_first(records), abs=1e-4)


def _before_first(records):
    """Rewards that came to a seat before its first decision belong to no decision."""
    from games.randomness import WORLD, integer

    lost = 0.0
    for record in records:
        seed = np.uint64(record.matchup.seed)
        for seat in range(3):
            for time in range(5):
                if integer(seed, WORLD, time, 0, 3) == seat:
                    break
                lost += 0.01 * (seat + 1)
    return lost


def test_state_dict_keeps_open_decisions(relay, pupil, dice):
    learner = pupil(memory=True)
    agent = type(dice("x"))("main", "h", learner.policy)

    def make(start):
        count = iter(range(start, 10**9))

        def source():
            k = next(count)
            task = relay.task_space.task({"seats": 4, "length": 9, "cut": k % 2})
            return Matchup("train", k, task, ("main",) * 4, ("h",) * 4, match_seed(k))

        driver = Driver(relay, {"main": agent}, source, slots=6, seats=4)
        return driver, Rollout(driver, {"main": learner})

    driver, rollout = make(0)
    for _ in range(3):
        rollout.collect(4)
    started = 1 + max(m.ordinal for m in driver.matchups)
    saved = driver.state_dict(), rollout.state_dict()
    expected = rollout.collect(7)
    other, again = make(started)
    other.load_state_dict(*saved[0])
    again.load_state_dict(saved[1], matches=True)
    got = again.collect(7)
    assert got[0] == expected[0]
    for name in ("log_prob", "value", "reward", "next", "bootstrap", "action"):
        np.testing.assert_array_equal(getattr(got[1]["main"], name), getattr(expected[1]["main"], name))
    assert again.decisions == rollout.decisions


def test_what_was_seen_after_a_cut_for_learners_that_look_ahead(relay, pupil, dice):
    """The value that closes a row is the value of what is kept for it; who decided, and when, is kept too."""
    learners = {"main": pupil(), "second": pupil()}
    learners["main"].looks_ahead = True
    agents = {name: type(dice("x"))(name, f"hash-{name}", learner.policy) for name, learner in learners.items()}
    count = iter(range(10**9))

    def source():
        k = next(count)
        task = relay.task_space.task({"seats": 3, "length": 4 + k % 3, "cut": k % 2, "together": int(k % 3 == 0)})
        return Matchup("train", k, task, ("main", "second", "main"), ("h", "g", "h"), match_seed(k))

    driver = Driver(relay, agents, source, slots=6, seats=3)
    rollout = Rollout(driver, learners)
    cuts = 0
    for _ in range(5):
        _, batches = rollout.collect(5)
        assert batches["second"].ahead is None
        batch = batches["main"]
        time, seat, _ = batch.observation["vector"].T
        assert (batch.step == time).all()
        assert (batch.seat == seat).all()
        assert batch.match.min() >= 0
        for part in (batch, batch.only(batch.match % 2 == 0)):
            if part.ahead is None:
                assert not (part.next == CUT).any()
                continue
            assert part.ahead.row.tolist() == np.flatnonzero(part.next == CUT).tolist()
            seen = part.ahead.observation["vector"]
            value = (seen[:, 0] + 10 * seen[:, 1] + 100 * seen[:, 2]).astype(np.float32)
            assert value.tolist() == part.bootstrap[part.ahead.row].tolist()
            assert (part.ahead.mask is not None) == (part.mask is not None)
            assert (seen[:, 1] == part.seat[part.ahead.row]).all()
            cuts += len(seen)
    assert cuts > 30


@pytest.mark.parametrize("elimination", [True, False])
def test_who_is_out_for_good_expects_nothing(dice, elimination, monkeypatch):
    """Sheep that are eaten earn nothing more, and there is no need to guess that by what the dead see."""
    game = make("markov/grassland-v0")
    monkeypatch.setattr(game, "elimination", elimination)
    learner = PPO(Network(NetworkSpec(hidden=(8,)), Layout.of(game), seed=0))
    wolves = load_agent("scripted:grassland-instinct", game)
    sheep = type(dice("x"))("sheep", "h", learner.policy)
    task = game.task_space.task({"sheep": 6, "wolves": 3})
    lineup = tuple("sheep" if seat.kind == "sheep" else wolves.id for seat in game.seats(task))
    count = iter(range(10**9))

    def source():
        k = next(count)
        return Matchup("train", k, task, lineup, lineup, match_seed(k))

    driver = Driver(game, {"sheep": sheep, wolves.id: wolves}, source, slots=16, seats=9)
    rollout = Rollout(driver, {"sheep": learner})
    records, batches = rollout.collect(25)
    cut = [record for record in records if record.reason == "truncated"]
    assert len(cut) > 8
    ended = (batches["sheep"].next == ENDED).sum()
    of_terminated = 6 * (len(records) - len(cut))
    eaten = sum(record.metrics["sheep_eaten"] for record in cut)
    if elimination:
        assert ended - of_terminated > 0.7 * eaten > 10, "all but those that are eaten in the last step"
    else:
        assert ended == of_terminated
