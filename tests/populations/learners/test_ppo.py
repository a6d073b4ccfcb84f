from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Categorical

from games import ActionLayout, InputError
from populations.layout import Field, Layout
from populations.learners import ppo as module
from populations.learners.learner import Learner
from populations.learners.ppo import PPO, Magnet, PPOSettings
from populations.learners.schedule import Schedule
from populations.learners.trajectories import CUT, ENDED, PENDING, Trajectories
from populations.networks import NetworkSpec
from populations.networks.network import Network
from populations.policy import Rows

STRUCTURED = ActionLayout((3, 4, 2), uses=np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype=bool))
CONTINUOUS = ActionLayout((), 2, np.array([-1.0, 0.0], np.float32), np.array([1.0, 4.0], np.float32))


def learner(layout, settings=None, spec=None, seed=0) -> PPO:
    return PPO(Network(spec or NetworkSpec(hidden=(16, 16)), layout, seed=seed), settings, seed=seed)


def rollout(ppo: PPO, rows: Rows, *, reward=None, follower=None, seed=0) -> Trajectories:
    """What the learner decides for these rows, with rewards that are noise unless they are given."""
    rng = np.random.default_rng(seed)
    state = {n: rng.normal(size=x.shape).astype(np.float32) for n, x in ppo.policy.initial_state(len(rows)).items()}
    decision = ppo.policy.act(rows, state)
    noise = rng.normal(size=(2, len(rows))).astype(np.float32)
    follower = np.full(len(rows), ENDED) if follower is None else follower
    return Trajectories(
        dict(rows.observation), rows.mask, decision.action, decision.log_prob, decision.value,
        noise[0] if reward is None else reward, follower, noise[1] * (follower == CUT), state,
    )  # fmt: skip


def chains(count: int, seats: int) -> np.ndarray:
    """Rows of `seats` seats in turn, the last of each cut, ended or pending."""
    follower = np.arange(count) + seats
    follower[follower >= count] = np.resize([CUT, ENDED, PENDING], seats)
    return follower


def weights(ppo: PPO) -> dict[str, np.ndarray]:
    return {n: w.copy() for n, w in ppo.state_dict().items() if n.startswith("weights/")}


def same(a, b) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[n], b[n]) for n in a)


def distance(a, b) -> float:
    return max(float(np.abs(a[n] - b[n]).max()) for n in a)


def test_is_a_learner(flat_layout) -> None:
    made: Learner = learner(flat_layout())
    assert made.policy.observes


@pytest.mark.parametrize("kind", ["discrete", "structured", "continuous", "memory"])
def test_the_first_pass_sees_the_policy_that_acted(kind, flat_layout, make_rows) -> None:
    """Log-probabilities of acting and of learning agree: the divergence is 0 and nothing is clipped."""
    actions = {"structured": STRUCTURED, "continuous": CONTINUOUS}.get(kind)
    layout = flat_layout(actions=actions)
    spec = NetworkSpec(hidden=(16, 16), recurrent=8 if kind == "memory" else None)
    settings = PPOSettings(epochs=1, minibatches=1, sequence=1, learning_rate=0.0)
    ppo = learner(layout, settings, spec)
    torch.nn.init.normal_(ppo.network.policy_head.weight, generator=torch.Generator().manual_seed(0))
    batch = rollout(ppo, make_rows(layout, 500, legal=None if kind == "continuous" else 0.5))
    figures = ppo.update(batch, 0.0)
    assert abs(figures["kl"]) < 1e-10
    assert figures["clipped"] == 0.0
    assert figures["rows"] == 500


def test_log_probabilities_agree_to_1e_5_row_by_row(flat_layout, make_rows) -> None:
    layout = flat_layout(actions=STRUCTURED)
    ppo = learner(layout)
    torch.nn.init.normal_(ppo.network.policy_head.weight, std=2.0, generator=torch.Generator().manual_seed(0))
    rows = make_rows(layout, 500, legal=0.5)
    decision = ppo.policy.act(rows, {})
    logits = ppo.network({"x": torch.from_numpy(rows.observation["x"])}).policy.masked_fill(
        ~torch.from_numpy(rows.mask), -1e30
    )
    expected, action = 0.0, torch.from_numpy(decision.action).long()
    for h, (low, size) in enumerate(zip(layout.actions.offsets, layout.actions.sizes, strict=False)):
        used = torch.from_numpy(STRUCTURED.uses)[action[:, 0], h]
        expected = (
            expected + used * torch.log_softmax(logits[:, low : low + size], 1).gather(1, action[:, h : h + 1])[:, 0]
        )
    np.testing.assert_allclose(decision.log_prob, expected.detach().numpy(), atol=1e-5)


def test_an_update_is_the_one_that_autograd_makes(flat_layout, make_rows) -> None:
    """One pass in one minibatch against the textbook's loss, torch.distributions and Adam."""
    layout = flat_layout()
    settings = PPOSettings(
        epochs=2, minibatches=1, entropy=0.02, learning_rate=3e-3, gradient_norm=0.1, reward_scale=0.5
    )
    ppo, twin = learner(layout, settings), Network(NetworkSpec(hidden=(16, 16)), layout, seed=0)
    batch = rollout(ppo, make_rows(layout, 300), follower=chains(300, 7))
    target = np.zeros(300)
    for r in range(299, -1, -1):  # returns by a plain recursion
        n = batch.next[r]
        after = {ENDED: 0.0, CUT: batch.bootstrap[r], PENDING: math.nan}.get(n)
        if after is None:
            pending = batch.next[n] == PENDING
            after = batch.value[n] if pending else 0.05 * batch.value[n] + 0.95 * target[n]
        target[r] = 0.5 * batch.reward[r] + 0.99 * after
    rows = batch.next != PENDING
    target = torch.tensor(target[rows], dtype=torch.float32)
    advantage = target - torch.from_numpy(batch.value[rows])
    advantage = (advantage - advantage.mean()) / advantage.std(correction=0)
    action, old = torch.from_numpy(batch.action[rows, 0]), torch.from_numpy(batch.log_prob[rows])
    optimizer = torch.optim.Adam(twin.parameters(), lr=3e-3, eps=1e-5)
    for _ in range(2):
        output = twin({"x": torch.from_numpy(batch.observation["x"][rows])})
        policy = Categorical(logits=output.policy)
        ratio = (policy.log_prob(action) - old).exp()
        gain = torch.minimum(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage)
        loss = (-gain + 0.5 * 0.5 * (output.value - target) ** 2 - 0.02 * policy.entropy()).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(twin.parameters(), 0.1)
        optimizer.step()
    figures = ppo.update(batch, 0.0)
    assert figures["rows"] == int(rows.sum())
    for (name, ours), theirs in zip(ppo.network.named_parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=1e-4, msg=name)


@pytest.mark.parametrize("memory", [None, 8])
def test_pieces_add_up_to_the_whole(memory, flat_layout, make_rows, monkeypatch) -> None:
    layout, spec = flat_layout(), NetworkSpec(hidden=(16, 16), recurrent=memory)
    results = []
    for activations in (1 << 20, 1):
        monkeypatch.setattr(module, "_ACTIVATIONS", activations)
        ppo = learner(layout, PPOSettings(sequence=4), spec)
        ppo.update(rollout(ppo, make_rows(layout, 3000, legal=0.6), follower=chains(3000, 3)), 0.0)
        results.append(weights(ppo))
    assert 0.0 < distance(*results) < 2e-4


@pytest.mark.parametrize("memory", [None, 8])
def test_threads_change_no_bit(memory, flat_layout, make_rows, monkeypatch) -> None:
    monkeypatch.setattr(module, "_ACTIVATIONS", 1)  # the smallest pieces
    layout, spec = flat_layout(), NetworkSpec(hidden=(16, 16), recurrent=memory)
    results = []
    for threads in (1, 2, 3):
        ppo = PPO(Network(spec, layout, seed=3), PPOSettings(sequence=4), seed=3, threads=threads)
        figures = ppo.update(rollout(ppo, make_rows(layout, 3000, legal=0.6), follower=chains(3000, 3)), 0.0)
        results.append((figures, weights(ppo)))
    for figures, learned in results[1:]:
        assert figures == results[0][0]
        assert same(learned, results[0][1])


@pytest.mark.parametrize("spec", [NetworkSpec(hidden=(16,)), NetworkSpec(hidden=(16,), recurrent=8)])
def test_a_state_brings_back_every_bit(spec, flat_layout, make_rows) -> None:
    layout = flat_layout()
    settings = PPOSettings(magnet=Magnet(rate=0.2), sequence=5)
    ppo = learner(layout, settings, spec, seed=1)
    batches = [rollout(ppo, make_rows(layout, 200, seed=s), follower=chains(200, 6), seed=s) for s in range(3)]
    ppo.update(batches[0], 0.1)
    state = ppo.state_dict()
    ppo.update(batches[1], 0.2)
    ppo.update(batches[2], 0.3)
    assert state["updates"] == 1  # a copy, untouched by later updates
    again = PPO(Network(spec, layout, seed=77), settings, seed=1)
    again.load_state_dict(state)
    assert same(again.state_dict(), state)
    again.update(batches[1], 0.2)
    again.update(batches[2], 0.3)
    assert same(again.state_dict(), ppo.state_dict())
    fresh = learner(layout, settings, spec, seed=1)
    first = fresh.state_dict()
    fresh.update(batches[0], 0.1)
    fresh.load_state_dict(first)
    assert same(fresh.state_dict(), first)


def test_the_order_of_rows_depends_on_seed_and_update(flat_layout, make_rows) -> None:
    layout = flat_layout()
    results = []
    for seed in (1, 2):
        ppo = PPO(Network(NetworkSpec(hidden=(16,)), layout, seed=0), seed=seed)
        ppo.update(rollout(ppo, make_rows(layout, 200)), 0.0)
        results.append(weights(ppo))
    assert distance(*results) > 0.0


def test_frozen_policies_stay_what_they_were(flat_layout, make_rows) -> None:
    ppo, rows = learner(flat_layout()), make_rows(flat_layout(), 100)
    frozen, before = ppo.freeze(), ppo.policy.act(rows, {})
    ppo.update(rollout(ppo, rows, reward=np.arange(100, dtype=np.float32)), 0.0)
    decision = frozen.act(rows, {})
    np.testing.assert_array_equal(decision.action, before.action)
    assert decision.value is None
    assert not np.array_equal(ppo.policy.act(rows, {}).value, before.value)


def test_values_are_those_of_the_policy(flat_layout, make_rows) -> None:
    ppo, rows = learner(flat_layout()), make_rows(flat_layout(), 30)
    np.testing.assert_array_equal(ppo.value(rows, {}), ppo.policy.act(rows, {}).value)


def test_pending_rows_only_lend_their_value(flat_layout, make_rows) -> None:
    results = []
    for action, value in ((0, 1.0), (3, 1.0), (0, 5.0)):
        ppo = learner(flat_layout())
        batch = rollout(ppo, make_rows(flat_layout(), 60), follower=chains(60, 3))
        pending = batch.next == PENDING
        assert pending.sum() == 1
        batch.action[pending], batch.value[pending] = action, value
        ppo.update(batch, 0.0)
        results.append(weights(ppo))
    assert same(results[0], results[1])
    assert not same(results[0], results[2])


def test_nothing_to_learn_from_changes_nothing(flat_layout, make_rows) -> None:
    ppo = learner(flat_layout())
    before = weights(ppo)
    figures = ppo.update(rollout(ppo, make_rows(flat_layout(), 3), follower=np.full(3, PENDING)), 0.0)
    assert same(before, weights(ppo))
    assert figures["rows"] == 0.0
    assert all(math.isfinite(x) for x in figures.values())


def test_a_batch_smaller_than_its_minibatches(flat_layout, make_rows) -> None:
    ppo = learner(flat_layout(), PPOSettings(minibatches=8))
    assert math.isfinite(ppo.update(rollout(ppo, make_rows(flat_layout(), 2)), 0.0)["policy_loss"])


def test_target_kl_stops_early(flat_layout, make_rows) -> None:
    rows, reward = make_rows(flat_layout(), 200), np.arange(200, dtype=np.float32)
    epochs = []
    for target in (None, 1e-4):
        ppo = learner(flat_layout(), PPOSettings(epochs=10, learning_rate=1e-2, target_kl=target))
        epochs.append(ppo.update(rollout(ppo, rows, reward=reward), 0.0)["epochs"])
    assert epochs == [10, 1]


def test_schedules_follow_progress(flat_layout, make_rows) -> None:
    settings = PPOSettings(
        learning_rate=Schedule(start=1e-2, end=0.0),
        entropy=Schedule(start=0.2, end=0.002, shape="exponential"),
    )
    ppo = learner(flat_layout(), settings)
    figures = ppo.update(rollout(ppo, make_rows(flat_layout(), 40)), 0.5)
    assert figures["learning_rate"] == pytest.approx(5e-3)
    assert figures["entropy_coefficient"] == pytest.approx(0.02)
    before = weights(ppo)
    ppo.update(rollout(ppo, make_rows(flat_layout(), 40)), 1.0)
    assert same(before, weights(ppo))


@pytest.mark.parametrize("actions", [None, CONTINUOUS], ids=["discrete", "continuous"])
def test_a_magnet_holds_the_policy_back(actions, flat_layout, make_rows) -> None:
    divergence = {}
    for coefficient in (0.0, 10.0):
        layout = flat_layout(actions=actions)
        ppo = learner(layout, PPOSettings(entropy=0.0, magnet=Magnet(coefficient=coefficient, rate=0.0)))
        rows = make_rows(layout, 400)
        for _ in range(15):
            batch = rollout(ppo, rows)
            batch.reward[:] = batch.action[:, 0]
            figures = ppo.update(batch, 0.0)
        divergence[coefficient] = figures["magnet_kl"]
    assert divergence[0.0] > 0.3
    assert divergence[10.0] < 0.1 * divergence[0.0]


@pytest.mark.parametrize(
    ("magnet", "expected"),
    [(Magnet(rate=0.25), [0.25, 0.25]), (Magnet(every=2), [0.0, 1.0]), (Magnet(rate=0.0), [0.0, 0.0])],
)
def test_a_magnet_moves_as_it_is_told(magnet, expected, flat_layout, make_rows) -> None:
    ppo = learner(flat_layout(), PPOSettings(magnet=magnet))
    for share in expected:
        before = ppo.state_dict()["magnet/policy_head.weight"]
        ppo.update(rollout(ppo, make_rows(flat_layout(), 50)), 0.0)
        state = ppo.state_dict()
        moved = before + share * (state["weights/policy_head.weight"] - before)
        np.testing.assert_allclose(state["magnet/policy_head.weight"], moved, rtol=1e-5, atol=1e-7)


def test_infinite_rewards_are_reported_before_they_spoil_the_weights(flat_layout, make_rows) -> None:
    ppo = learner(flat_layout())
    batch = rollout(ppo, make_rows(flat_layout(), 40))
    batch.reward[7] = np.inf
    before = weights(ppo)
    with np.errstate(invalid="ignore"), pytest.raises(FloatingPointError, match="gradient of update 1 is not finite"):
        ppo.update(batch, 0.0)
    assert same(before, weights(ppo))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "ppo epochs must be at least 1, not 0"),
        ({"clip": 0.0}, "ppo clip must be above 0, not 0.0"),
        ({"discount": 1.5}, "ppo discount must be from 0 to 1, not 1.5"),
        ({"entropy": -1.0}, "ppo entropy must be at least 0, not -1.0"),
        ({"learning_rate": math.nan}, "ppo learning_rate must be at least 0, not nan"),
    ],
)
def test_impossible_settings_are_refused(options, message) -> None:
    with pytest.raises(InputError, match=message):
        replace(PPOSettings(), **options)


@pytest.mark.parametrize("options", [{}, {"rate": 0.1, "every": 2}])
def test_a_magnet_moves_in_one_way(options) -> None:
    with pytest.raises(InputError, match="give one of the two"):
        Magnet(**options)


class TestLearning:
    """Tiny worlds, each solved in seconds."""

    @staticmethod
    def rows(observation: np.ndarray, mask=None, *, seed: int) -> Rows:
        n = len(observation)
        seeds = np.random.default_rng(seed).integers(0, 2**63, n).astype(np.uint64)
        zeros = np.zeros(n, np.int64)
        return Rows({"x": observation.astype(np.float32)}, mask, seeds, zeros, zeros, np.arange(n))

    def test_a_bandit_whose_context_names_the_best_legal_arm(self) -> None:
        layout = Layout({"x": Field((4,), "float32")}, ActionLayout((5,)))
        ppo = learner(layout, PPOSettings(learning_rate=1e-2, entropy=0.001))
        rng = np.random.default_rng(0)
        for update in range(15):
            context = rng.integers(0, 4, 256)
            mask = np.ones((256, 5), bool)
            mask[:, 4] = False  # would pay the most
            rows = self.rows(np.eye(4)[context], mask, seed=update)
            batch = rollout(ppo, rows)
            batch.reward[:] = np.where(batch.action[:, 0] == 4, 9.0, batch.action[:, 0] == context)
            ppo.update(batch, 0.0)
        p = ppo.policy.probabilities(self.rows(np.eye(4), np.tile([True] * 4 + [False], (4, 1)), seed=0))
        assert np.all(np.diag(p) > 0.9)
        assert not p[:, 4].any()

    def test_structured_actions(self) -> None:
        """Function 1 reads the first argument; the context names its best value. Function 2 reads a bad one, 0 nothing."""
        layout = Layout({"x": Field((4,), "float32")}, STRUCTURED)
        ppo = learner(layout, PPOSettings(learning_rate=1e-2, entropy=0.001))
        rng = np.random.default_rng(0)
        for update in range(20):
            context = rng.integers(0, 4, 256)
            batch = rollout(ppo, self.rows(np.eye(4)[context], seed=update))
            function, argument = batch.action[:, 0], batch.action[:, 1]
            batch.reward[:] = np.where(function == 1, argument == context, 0.3 * (function == 0))
            ppo.update(batch, 0.0)
        p = ppo.policy.probabilities(self.rows(np.eye(4), seed=0))
        assert np.all(p[:, 1] > 0.85)
        assert np.all(np.diag(p[:, 3:7]) > 0.85)

    def test_a_chain_that_pays_at_its_end(self) -> None:
        """Six cells; right pays 1 at the end of the chain, left 0.1 at once and ends. Interleaved seats, long credit."""
        layout = Layout({"x": Field((6,), "float32")}, ActionLayout((2,)))
        ppo = learner(layout, PPOSettings(learning_rate=1e-2, entropy=0.005))
        for update in range(15):
            batch = self.play_chain(ppo, update)
            ppo.update(batch, 0.0)
        p = ppo.policy.probabilities(self.rows(np.eye(6), seed=0))
        assert np.all(p[:, 1] > 0.9)
        value = ppo.value(self.rows(np.eye(6), seed=0), {})
        np.testing.assert_allclose(value, 0.99 ** np.arange(5, -1, -1), atol=0.2)

    def play_chain(self, ppo: PPO, seed: int) -> Trajectories:
        games, cell, columns, last = 64, np.zeros(64, np.int64), [], np.full(64, -1)
        alive, count, follower = np.ones(games, bool), 0, []
        for step in range(6):
            who = np.flatnonzero(alive)
            if not len(who):
                break
            rows = self.rows(np.eye(6)[cell[who]], seed=1000 * seed + step)
            decision = ppo.policy.act(rows, {})
            right = decision.action[:, 0] == 1
            done = ~right | (cell[who] == 5)
            reward = np.where(right, cell[who] == 5, 0.1).astype(np.float32)
            columns.append((rows.observation["x"], decision.action, decision.log_prob, decision.value, reward))
            for k, game in enumerate(who):
                if last[game] >= 0:
                    follower[last[game]] = count + k
                last[game] = count + k
                follower.append(ENDED)
            count += len(who)
            cell[who] += 1
            alive[who[done]] = False
        x, action, log_prob, value, reward = (np.concatenate(c) for c in zip(*columns, strict=True))
        zeros = np.zeros(count, np.float32)
        return Trajectories({"x": x}, None, action, log_prob, value, reward, np.array(follower), zeros)

    def test_continuous_actions_find_their_target(self) -> None:
        layout = Layout({"x": Field((1,), "float32")}, CONTINUOUS)
        ppo = learner(layout, PPOSettings(learning_rate=1e-2, entropy=0.0))
        for update in range(40):
            batch = rollout(ppo, self.rows(np.ones((256, 1)), seed=update))
            batch.reward[:] = -np.abs(batch.action - [0.5, 4.0]).sum(axis=1)
            ppo.update(batch, 0.0)
        ppo.policy.greedy = True
        action = ppo.policy.act(self.rows(np.ones((1, 1)), seed=0), {}).action[0]
        np.testing.assert_allclose(action, [0.5, 4.0], atol=0.25)

    @pytest.mark.parametrize("memory", [16, None])
    def test_only_memory_recalls_what_was_shown_at_first(self, memory) -> None:
        """A cue at the first of four steps; the last action must match it."""
        layout = Layout({"x": Field((3,), "float32")}, ActionLayout((2,)))
        spec = NetworkSpec(hidden=(16,), recurrent=memory)
        ppo = learner(layout, PPOSettings(learning_rate=1e-2, entropy=0.001, sequence=4), spec)
        rng = np.random.default_rng(0)
        for update in range(25):
            cue, columns = rng.integers(0, 2, 128), []
            state = ppo.policy.initial_state(128)
            for step in range(4):
                x = np.zeros((128, 3))
                x[:, 2] = step == 3
                if step == 0:
                    x[np.arange(128), cue] = 1.0
                rows = self.rows(x, seed=10 * update + step)
                decision = ppo.policy.act(rows, state)
                reward = ((decision.action[:, 0] == cue) * (step == 3)).astype(np.float32)
                columns.append(
                    (rows.observation["x"], decision.action, decision.log_prob, decision.value, reward, state)
                )
                state = decision.state
            x, action, log_prob, value, reward = (np.concatenate(c) for c in list(zip(*columns, strict=True))[:5])
            states = {n: np.concatenate([c[5][n] for c in columns]) for n in state}
            zeros = np.zeros(512, np.float32)
            follower = np.arange(512) + 128
            follower[follower >= 512] = ENDED
            ppo.update(Trajectories({"x": x}, None, action, log_prob, value, reward, follower, zeros, states), 0.0)
        won = reward.sum() / 128
        assert won > 0.9 if memory else won < 0.7
