"""The replay buffer against a log kept by hand, in the league's rollout and by itself."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from games import InputError
from populations.learners.replay_buffer import ReplayBuffer
from populations.learners.trajectories import CUT, ENDED, PENDING, Ahead, Trajectories


def batch(match, seat, step, follower, *, reward=None, entities=None, sees=None):
    """Rows whose observation says who they are: match, seat, step."""
    match, seat, step, follower = (np.asarray(x, np.int64) for x in (match, seat, step, follower))
    who = np.stack([match, seat, step], axis=1).astype(np.float32)
    observation = {"x": who}
    if entities is not None:
        here = np.arange(8) < np.asarray(entities)[:, None]
        observation |= {"entities": here[:, :, None] * who[:, None, :1], "entity_mask": here}
    zeros = np.zeros(len(match), np.float32)
    reward = zeros if reward is None else np.asarray(reward, np.float32)
    cut = np.flatnonzero(follower == CUT)
    seen = {name: values[cut] for name, values in observation.items()}
    seen["x"][:, 2] = who[cut, 2] + 1 if sees is None else sees
    return Trajectories(
        observation, None, (seat % 3)[:, None].astype(np.int32), zeros, zeros, reward, follower, zeros,
        match=match, seat=seat, step=step, ahead=Ahead(cut, seen, None),
    )  # fmt: skip


def play(rng, *, matches, length, fragments=3, turns=False):
    """Matches of 1 to 4 seats, cut into fragments; in the last step all ends, in a turn game only one seat acts at a time.

    Yields the batches, rows of all matches interleaved, as a rollout would: open decisions come again.
    """
    seats = rng.integers(1, 5, matches)
    carried: list[tuple[int, int, int]] = []
    for fragment in range(fragments):
        low, high = fragment * length // fragments, (fragment + 1) * length // fragments
        rows = list(carried)
        for step in range(low, high):
            for m in range(matches):
                acting = [step % seats[m]] if turns else range(seats[m])
                rows += [(m, s, step) for s in acting]
        final = high == length
        follower = np.full(len(rows), PENDING)
        place: dict[tuple[int, int], int] = {}
        for k, (m, s, _) in enumerate(rows):
            if (m, s) in place:
                follower[place[m, s]] = k
            place[m, s] = k
        for (m, s), k in place.items():
            acts_now = not turns or high % seats[m] == s
            follower[k] = ENDED if final else CUT if acts_now else PENDING
        carried = [rows[k] for k in sorted(place.values()) if follower[k] == PENDING]
        match, seat, step = np.array(rows).T
        reward = np.where(follower == PENDING, -1.0, match + 10 * seat + 100 * step)
        yield batch(match, seat, step, follower, reward=reward, sees=high)


@pytest.mark.parametrize("turns", [False, True])
def test_every_joint_decision_is_kept_once_with_what_came_of_it(turns):
    rng = np.random.default_rng(0)
    buffer = ReplayBuffer(10_000)
    seats = np.random.default_rng(0).integers(1, 5, 7)
    new = sum(buffer.add(b) for b in play(rng, matches=7, length=12, turns=turns))
    assert new == buffer.count() == 7 * 12
    everything = buffer.transitions(buffer._alive(None))
    seen = defaultdict(int)
    for k in range(7 * 12):
        here = everything.now.here[k]
        m, _, step = everything.now.observation["x"][k, 0].astype(int)
        seen[m, step] += 1
        expected = [step % seats[m]] if turns else list(range(seats[m]))
        assert everything.now.observation["x"][k, here].tolist() == [[m, s, step] for s in expected]
        assert everything.match[k, here].tolist() == [m] * len(expected)
        assert everything.seat[k, here].tolist() == expected
        assert everything.action[k, here, 0].tolist() == [s % 3 for s in expected]
        assert everything.reward[k, here].tolist() == [m + 10 * s + 100 * step for s in expected]
        assert everything.complete[k].tolist() == here.tolist()
        assert not everything.reward[k, ~here].any()
        following = step + (seats[m] if turns else 1)
        assert everything.after.here[k].tolist() == (here & (following < 12)).tolist()
        if following < 12:
            assert everything.after.observation["x"][k, here].tolist() == [[m, s, following] for s in expected]
    assert len(seen) == 7 * 12
    assert set(seen.values()) == {1}


def test_open_decisions_are_seen_but_not_learned_from():
    buffer = ReplayBuffer(100)
    buffer.add(batch([0, 0], [0, 1], [0, 0], [PENDING, CUT]))
    (moment,) = buffer._alive(None)
    found = buffer.transitions(np.array([moment]))
    assert found.now.here.tolist() == [[True, True]]
    assert found.complete.tolist() == [[False, True]]
    assert found.after.here.tolist() == [[False, True]]
    buffer.add(batch([0, 0], [0, 1], [0, 1], [ENDED, ENDED], reward=[5, 6]))
    found = buffer.transitions(np.array([moment]))
    assert found.complete.all()
    assert found.reward.tolist() == [[5, 0]]
    assert buffer.count() == 2


def test_the_oldest_are_forgotten_and_never_half_of_a_moment():
    buffer = ReplayBuffer(10)
    for step in range(50):
        buffer.add(batch([0, 0, 0], [0, 1, 2], [step] * 3, [CUT] * 3))
        found = buffer.transitions(buffer._alive(None))
        steps = found.now.observation["x"][..., 2]
        assert (steps == steps[:, :1]).all()
        assert steps.max() == step
        assert (found.after.observation["x"][..., 2] == steps + 1).all()
    assert len(buffer) == 10
    assert buffer.count() == 1  # three rows and what was seen after them are six, so there is room for one and a half


def test_a_batch_larger_than_the_buffer():
    buffer = ReplayBuffer(7)
    follower = np.append(np.arange(1, 30), ENDED)
    buffer.add(batch([3] * 30, [0] * 30, range(30), follower))
    found = buffer.transitions(buffer._alive(None))
    assert found.now.observation["x"][:, 0, 2].tolist() == list(range(23, 30))


def test_populations_are_drawn_apart():
    buffer = ReplayBuffer(1000)
    rng = np.random.default_rng(1)
    for b in play(rng, matches=20, length=6):
        buffer.add(b)
    assert buffer.populations() == {n: buffer.count(n) for n in (1, 2, 3, 4)}
    drawn = buffer.sample(200, np.random.default_rng(3), 3)
    assert drawn.now.here.shape == (200, 3)
    assert drawn.now.here.all()
    mixed = buffer.sample(500, np.random.default_rng(3)).now.here.sum(axis=1)
    assert set(mixed.tolist()) == {1, 2, 3, 4}
    assert buffer.count() == sum(buffer.count(n) for n in (1, 2, 3, 4))


def test_draws_depend_on_the_key_alone():
    buffer = ReplayBuffer(1000)
    for b in play(np.random.default_rng(1), matches=20, length=6):
        buffer.add(b)
    first, second = (buffer.sample(50, np.random.default_rng((4, 2))) for _ in range(2))
    assert np.array_equal(first.reward, second.reward)
    assert not np.array_equal(first.reward, buffer.sample(50, np.random.default_rng((4, 3))).reward)


@pytest.mark.parametrize("capacity", [40, 1000])
def test_goes_on_from_its_state(capacity):
    batches = list(play(np.random.default_rng(2), matches=5, length=12, turns=True, fragments=4))
    straight, first = ReplayBuffer(capacity), ReplayBuffer(capacity)
    for b in batches[:2]:
        straight.add(b)
        first.add(b)
    state = first.state_dict()
    resumed = ReplayBuffer(capacity)
    resumed.load_state_dict({name: values.copy() for name, values in state.items()})
    for b in batches[2:]:
        straight.add(b)
        resumed.add(b)
    a, b = straight.state_dict(), resumed.state_dict()
    assert a.keys() == b.keys()
    assert all(np.array_equal(a[name], b[name]) for name in a)
    draw = [x.sample(64, np.random.default_rng(0)) for x in (straight, resumed)]
    assert np.array_equal(draw[0].now.observation["x"], draw[1].now.observation["x"])
    assert np.array_equal(draw[0].after.here, draw[1].after.here)


def test_unused_entities_take_no_room_and_more_find_it():
    buffer = ReplayBuffer(50)
    buffer.add(batch([1, 1], [0, 1], [0, 0], [ENDED, ENDED], entities=[2, 3]))
    assert buffer.state_dict()["column/observation/entities"].shape == (2, 3, 3 - 2)
    buffer.add(batch([2, 2], [0, 1], [0, 0], [ENDED, ENDED], entities=[5, 1]))
    found = buffer.transitions(buffer._alive(None)).now.observation
    assert found["entity_mask"].sum(axis=2).tolist() == [[2, 3], [5, 1]]
    assert found["entities"][..., 0].sum(axis=2).tolist() == [[2, 3], [10, 2]]
    buffer.add(batch([3] * 60, [0] * 60, range(60), [ENDED] * 60, entities=[1] * 60))
    assert buffer.sample(100, np.random.default_rng(0)).now.observation["entity_mask"].sum() == 100


def test_mean_and_spread_of_rewards():
    buffer = ReplayBuffer(100)
    buffer.add(batch([0, 0, 1], [0, 1, 0], [0, 0, 0], [ENDED, PENDING, ENDED], reward=[2, 50, 6]))
    assert buffer.reward_scale() == (4.0, 2.0)
    assert buffer.reward_scale(1) == (6.0, 0.0)
    assert ReplayBuffer(5).reward_scale() == (0.0, 0.0)


def test_refuses():
    with pytest.raises(InputError, match="at least 1"):
        ReplayBuffer(0)
    rows = batch([0], [0], [0], [CUT])
    rows.ahead = None
    with pytest.raises(ValueError, match="after a cut"):
        ReplayBuffer(5).add(rows)
    rows.match = None
    with pytest.raises(ValueError, match="match, seat and step"):
        ReplayBuffer(5).add(rows)
