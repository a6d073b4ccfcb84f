"""Soft actor-critic and MADDPG: targets and slopes against slow, plain ones; values that are known; states that go on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from gymnasium import spaces

from games import ActionLayout, InputError
from populations.layout import Field, Layout
from populations.learners.learner import Adopts, Learner, LooksAhead, Values
from populations.learners.maddpg import MADDPG
from populations.learners.mra_sac import MRASoftActorCritic
from populations.learners.off_policy import one_hot
from populations.learners.off_policy_settings import Critic, MADDPGSettings, Replay, SACSettings
from populations.learners.soft_actor_critic import SoftActorCritic
from populations.learners.trajectories import CUT, ENDED, PENDING, Ahead, Trajectories
from populations.mra import Diversity
from populations.networks import NetworkSpec, RelationSpec
from populations.networks.network import Network
from populations.policy import Rows

SMALL = NetworkSpec(hidden=(16,))
REPLAY = Replay(capacity=4000, batch=16, every=5, warmup=20)
CRITIC = Critic(width=16, heads=2)
SAC = SACSettings(critic=CRITIC, replay=REPLAY)
DDPG = MADDPGSettings(critic=CRITIC, replay=REPLAY)


def make(kind: str, layout: Layout, **changes):
    if kind == "maddpg":
        return MADDPG(Network(SMALL, layout, seed=1), replace(DDPG, **changes), seed=2)
    if kind == "sac":
        return SoftActorCritic(Network(SMALL, layout, seed=1), replace(SAC, **changes), seed=2)
    spec = replace(SMALL, relation=RelationSpec(latents=3))
    return MRASoftActorCritic(
        Network(spec, layout, seed=1), replace(SAC, **changes), Diversity(rows=32, steps=2, warmup=0.0), seed=2
    )


@pytest.fixture
def layout(entity_game) -> Layout:
    return Layout.of(entity_game(entities=4, actions=spaces.Discrete(3)))


def play(learner, make_rows, *, matches=8, steps=4, seed=0, legal=0.7):
    """One batch: matches of 1 to 3 seats that all act at once, cut or ended at the end, actions of the learner's own."""
    rng = np.random.default_rng((seed, 1))
    seats = rng.integers(1, 4, matches)
    match, seat = (
        x.astype(np.int64) for x in (np.repeat(np.arange(matches), seats), np.concatenate([*map(np.arange, seats)]))
    )
    per_step = len(match)
    rows = make_rows(learner.network.layout, per_step * steps, seed=seed, legal=legal)
    rows.seed[:] = np.tile(match + 100 * seed, steps)
    rows.seat[:], rows.step[:] = np.tile(seat, steps), np.repeat(np.arange(steps), per_step)
    first = rows.part(np.arange(per_step))
    state = learner.policy.initial_state(per_step)
    state = learner.policy.begun(first, state) if state else {}
    state = {name: np.tile(values, (steps,) + (1,) * (values.ndim - 1)) for name, values in state.items()}
    decision = learner.policy.act(rows, state)
    follower = np.arange(per_step * steps) + per_step
    last = follower >= per_step * steps
    follower[last] = np.where(match % 2, CUT, ENDED)
    cut = np.flatnonzero(follower == CUT)
    ahead = make_rows(learner.network.layout, len(cut), seed=seed + 1, legal=legal)
    return Trajectories(
        dict(rows.observation), rows.mask, decision.action, decision.log_prob, decision.value,
        rng.normal(size=len(rows)).astype(np.float32), follower, np.zeros(len(rows), np.float32), state,
        match=rows.seed.astype(np.int64), seat=rows.seat, step=rows.step,
        ahead=Ahead(cut, dict(ahead.observation), ahead.mask),
    )  # fmt: skip


@pytest.fixture(params=["sac", "mra_sac", "maddpg"])
def learner(request, layout):
    return make(request.param, layout)


def test_is_a_learner(learner) -> None:
    made: Learner = learner
    assert isinstance(made, Adopts)
    assert isinstance(made, LooksAhead)
    assert isinstance(made, Values)


def test_advantages_are_in_units_of_the_scaled_reward(learner, make_rows) -> None:
    batch = play(learner, make_rows, matches=4)
    raw = learner.advantages(batch, trace=0.0)  # nothing is known of the spread yet
    learner.update(batch, 0.0)
    ended = batch.next == ENDED
    np.testing.assert_allclose(raw[ended], (batch.reward - batch.value)[ended], rtol=1e-5)
    scaled = learner.advantages(batch, trace=0.0)
    np.testing.assert_allclose(scaled[ended], (batch.reward / batch.reward.std() - batch.value)[ended], rtol=1e-4)


def test_takes_the_steps_that_are_due(learner, make_rows) -> None:
    first = learner.update(play(learner, make_rows, matches=4), 0.0)  # 16 joint decisions of 20 that it waits for
    assert first == {"kept": 16.0, "steps": 0.0}
    second = learner.update(play(learner, make_rows, matches=4, seed=1), 0.5)
    assert second["kept"] == 32.0
    assert second["steps"] == learner.steps == 32 // 5
    assert all(np.isfinite(figure) for figure in second.values())


def test_goes_on_bit_for_bit(learner, make_rows, layout) -> None:
    learner.update(play(learner, make_rows), 0.0)
    learner.update(play(learner, make_rows, seed=1), 0.1)
    assert learner.steps > 3
    state = {name: values.copy() for name, values in learner.state_dict().items()}
    kind = {SoftActorCritic: "sac", MADDPG: "maddpg"}.get(type(learner), "mra_sac")
    resumed = make(kind, layout)
    resumed.load_state_dict(state)
    batch = play(learner, make_rows, seed=2)
    assert resumed.update(batch, 0.2) == learner.update(batch, 0.2)
    a, b = learner.state_dict(), resumed.state_dict()
    assert a.keys() == b.keys()
    assert all(np.array_equal(a[name], b[name]) for name in a)
    assert not np.array_equal(a["weights/policy_head.weight"], state["weights/policy_head.weight"])


def test_a_frozen_policy_plays_as_the_learner_does_and_stays(learner, make_rows) -> None:
    learner.update(play(learner, make_rows), 0.0)
    rows = make_rows(learner.network.layout, 50, seed=7, legal=0.5)
    frozen = learner.freeze()
    state = frozen.initial_state(50)
    before = frozen.act(rows, state)
    np.testing.assert_array_equal(before.action, learner.policy.act(rows, state).action)
    assert before.value is None
    learner.update(play(learner, make_rows, seed=1), 0.0)
    np.testing.assert_array_equal(frozen.probabilities(rows), frozen.copy().probabilities(rows))
    np.testing.assert_array_equal(frozen.act(rows, state).action, before.action)


def test_adopts_weights(learner, layout, make_rows) -> None:
    other = make({SoftActorCritic: "sac", MADDPG: "maddpg"}.get(type(learner), "mra_sac"), layout)
    learner.update(play(learner, make_rows, matches=20), 0.0)
    other.adopt(learner.freeze())
    for mine, target, theirs in zip(
        other.network.parameters(), other.target_network.parameters(), learner.network.parameters(), strict=True
    ):
        assert torch.equal(mine, theirs)
        assert torch.equal(target, theirs)
    with pytest.raises(InputError, match="another network"):
        other.adopt(SoftActorCritic(Network(NetworkSpec(hidden=(8,)), layout), SAC).policy)


@pytest.mark.parametrize("kind", ["sac", "mra_sac", "maddpg"])
def test_targets_are_those_of_a_slow_and_plain_version(kind, layout, make_rows) -> None:
    """One agent at a time, each joint decision by itself, without padding; the others do what they do most likely."""
    learner = make(kind, layout)
    learner.update(play(learner, make_rows, matches=12), 0.0)
    learner.draw = lambda logits, rng: one_hot(logits.argmax(dim=2), logits.shape[2])
    drawn = learner.buffer.sample(40, np.random.default_rng(0))  # of all populations: padded
    after = learner.seen(drawn.after)
    alpha, scale, discount = 0.3, 0.7, learner.settings.discount
    with torch.no_grad():
        if kind == "maddpg":
            action = learner.draw(learner.logits(learner.target_network, after), None)
            value = learner.target_critic(learner.target_critic.encode(after.observation), action, after.here)
        else:
            value = learner.next_value(after, alpha, None)
        got = learner.targets(drawn, after, value, scale).numpy()
    compared = ended = 0
    for b in range(40):
        there = np.flatnonzero(drawn.after.here[b])
        observation = {n: torch.from_numpy(x[b, there][None]) for n, x in drawn.after.observation.items()}
        latent = torch.from_numpy(drawn.after.state["latent"][b, there][None]) if kind == "mra_sac" else None
        probabilities, actions = [], []
        for column in there:
            rows = {n: torch.from_numpy(x[b, column][None]) for n, x in drawn.after.observation.items()}
            if latent is not None:
                rows["latent"] = torch.from_numpy(drawn.after.state["latent"][b, column][None])
            logits = learner.target_network(rows).policy[0].detach().numpy().astype(np.float64)
            weights = np.where(drawn.after.mask[b, column], np.exp(logits - logits.max()), 0.0)
            probabilities.append(weights / weights.sum())
            actions.append(int(weights.argmax()))
        for column in np.flatnonzero(drawn.now.here[b]):
            expected = scale * float(drawn.reward[b, column])
            if drawn.after.here[b, column]:
                i = there.tolist().index(column)
                critic = learner.target_critic
                chosen = torch.nn.functional.one_hot(torch.tensor([actions]), 3).float()
                with torch.no_grad():
                    worth = critic(
                        critic.encode(observation, latent), chosen, torch.ones(1, len(there), dtype=torch.bool)
                    )
                if kind == "maddpg":
                    follows = float(worth[0, i])
                else:
                    follows = sum(
                        p * (float(q) - alpha * np.log(p))
                        for p, q in zip(probabilities[i], worth[0, i], strict=True)
                        if p > 0.0
                    )
                expected += discount * follows
                compared += 1
            else:
                ended += 1
            assert got[b, column] == pytest.approx(expected, abs=1e-4)
    assert compared > 20
    assert ended > 3


@pytest.mark.parametrize("slope", ["exact", "counterfactual", "sampled"])
def test_the_slopes_agree_on_average(slope, flat_layout) -> None:
    """The sampled forms, weighted with how likely each draw is, have the gradient of the exact expectation."""
    learner = SoftActorCritic(Network(SMALL, flat_layout()), replace(SAC, slope=slope))
    alpha = 0.2
    logits = torch.randn(5, 1, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    worth = torch.randn(5, 1, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    log_policy = torch.log_softmax(logits, dim=2)
    policy = log_policy.exp()
    (wanted,) = torch.autograd.grad((policy * (alpha * log_policy - worth)).sum(), logits, retain_graph=True)
    loss = torch.zeros((), dtype=torch.float64)
    for action in range(4):
        chosen = one_hot(torch.full((5, 1), action), 4)
        once = learner.policy_loss(log_policy, worth, chosen, alpha)
        loss = loss + (policy[:, :, action].detach() * once).sum()
    (got,) = torch.autograd.grad(loss, logits)
    torch.testing.assert_close(got, wanted)


def known(states, rewards, follower):
    """Matches of one seat and one step each, in states that are one-hot [3]; what is seen after a cut is the same state."""
    count = len(states)
    x = np.eye(3, dtype=np.float32)[states]
    zeros = np.zeros(count, np.float32)
    cut = np.flatnonzero(follower == CUT)
    numbers = np.arange(count)
    rng = np.random.default_rng(0)
    return Trajectories(
        {"x": x}, None, rng.integers(0, 2, (count, 1)).astype(np.int32), zeros, zeros, np.asarray(rewards, np.float32),
        follower, zeros, match=numbers // 2, seat=0 * numbers, step=numbers % 2, ahead=Ahead(cut, {"x": x[cut]}, None),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["sac", "maddpg"])
def test_values_of_a_known_chain(kind) -> None:
    """0 -> 1 -> end pays 1 and 2; 2 goes on for ever and pays 1: with discount 0.5 they are worth 2, 2 and 2."""
    layout = Layout({"x": Field((3,), "float32")}, ActionLayout((2,)))
    count = 200
    states = np.tile([0, 1, 2, 2], count // 4)
    follower = np.where(states == 2, CUT, np.where(states == 1, ENDED, np.arange(count) + 1))
    rewards = np.where(states == 1, 2.0, 1.0)
    common = {
        "discount": 0.5,
        "learning_rate": 1e-3,
        "normalize_rewards": False,
        "critic": replace(CRITIC, learning_rate=1e-2, polyak=0.2),
        "replay": replace(REPLAY, every=1, batch=64),
    }
    learner = make(kind, layout, **common, **({"temperature": 0.0} if kind == "sac" else {}))
    learner.update(known(states, rewards, follower), 0.0)
    figures = learner.update(known(states, rewards, follower), 0.0)
    value = learner.critic(
        learner.critic.encode({"x": torch.eye(3)[:, None]}),
        one_hot(torch.zeros(3, 1).long(), 2),
        torch.ones(3, 1).bool(),
    )
    assert value.detach().numpy().reshape(3, -1) == pytest.approx(2.0, abs=0.1)
    rows = Rows({"x": np.eye(3, dtype=np.float32)}, None, *np.zeros((4, 3), np.int64))
    assert figures["explained_variance"] <= 1.0
    assert learner.value(rows, {}) == pytest.approx(2.0, abs=0.3)


@pytest.mark.parametrize("kind", ["sac", "maddpg"])
def test_values_of_a_known_matrix_game(kind) -> None:
    """Both act uniformly; the critic finds the payoff of every joint action, for each of the two players."""
    table = np.array([[[4.0, 0.0], [3.0, 2.0]], [[1.0, 5.0], [0.0, 2.0]]])  # [player, own action, other's action]
    layout = Layout({"x": Field((2,), "float32")}, ActionLayout((2,)))
    count = 400
    rng = np.random.default_rng(0)
    action = rng.integers(0, 2, (count, 2))
    reward = np.stack([table[0][action[:, 0], action[:, 1]], table[1][action[:, 1], action[:, 0]]], axis=1)
    zeros = np.zeros(2 * count, np.float32)
    batch = Trajectories(
        {"x": np.tile(np.eye(2, dtype=np.float32), (count, 1))}, None, action.reshape(-1, 1).astype(np.int32), zeros, zeros,
        reward.reshape(-1).astype(np.float32), np.full(2 * count, ENDED), zeros,
        match=np.repeat(np.arange(count), 2), seat=np.tile([0, 1], count), step=np.zeros(2 * count, np.int64),
    )  # fmt: skip
    learner = make(
        kind, layout, learning_rate=0.0, critic=replace(CRITIC, learning_rate=1e-2),
        replay=replace(REPLAY, every=1, batch=64),
    )  # fmt: skip
    learner.update(batch, 0.0)
    joint = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    x = torch.eye(2).expand(4, -1, -1)
    value = learner.critic(learner.critic.encode({"x": x}), one_hot(joint, 2), torch.ones(4, 2).bool()).detach()
    if kind == "sac":
        value = value.gather(2, joint.unsqueeze(2)).squeeze(2)
    wanted = np.stack([table[0][joint[:, 0], joint[:, 1]], table[1][joint[:, 1], joint[:, 0]]], axis=1)
    assert value.numpy() * reward.std() == pytest.approx(wanted, abs=0.25)


def test_nothing_is_learned_from_open_decisions(layout, make_rows) -> None:
    """Their targets are unknown: whatever their rewards so far, the critic's step is the same."""
    after = []
    for reward in (0.0, 1e6):
        learner = make("sac", layout, normalize_rewards=False)
        batch = play(learner, make_rows, matches=20)
        open_ones = np.flatnonzero((batch.next < 0) & (batch.seat == 0))
        batch.next[open_ones] = PENDING
        keep = np.isin(batch.ahead.row, open_ones, invert=True)
        ahead = batch.ahead
        seen = {n: x[keep] for n, x in ahead.observation.items()}
        batch.ahead = Ahead(ahead.row[keep], seen, ahead.mask[keep])
        batch.reward[open_ones] = reward
        learner.update(batch, 0.0)
        assert learner.steps
        after.append(learner.state_dict())
    names = [name for name in after[0] if name.startswith("critic/")]
    assert all(np.array_equal(after[0][name], after[1][name]) for name in names)


def test_broken_rewards_stop_the_run(learner, make_rows) -> None:
    batch = play(learner, make_rows, matches=20)
    batch.reward[:] = np.nan
    with pytest.raises(FloatingPointError, match="not finite"):
        learner.update(batch, 0.0)


@pytest.mark.parametrize("kind", ["sac", "maddpg"])
def test_refuses(kind, flat_layout) -> None:
    continuous = ActionLayout((), 2, np.array([-1.0, 0.0], np.float32), np.array([1.0, 4.0], np.float32))
    for actions in (continuous, ActionLayout((2, 3))):
        with pytest.raises(InputError, match="one discrete action"):
            make(kind, flat_layout(actions=actions))
    with pytest.raises(InputError, match="recurrent"):
        SoftActorCritic(Network(NetworkSpec(recurrent=4), flat_layout()))


def test_refuses_the_wrong_number_of_modes(layout) -> None:
    with pytest.raises(InputError, match="single mode"):
        MADDPG(Network(NetworkSpec(relation=RelationSpec()), layout))
    with pytest.raises(InputError, match="relation"):
        MRASoftActorCritic(Network(NetworkSpec(), layout))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: Replay(batch=0), "batch"),
        (lambda: Replay(every=0), "every"),
        (lambda: Critic(width=10, heads=4), "multiple"),
        (lambda: Critic(polyak=0.0), "polyak"),
        (lambda: Critic(learning_rate=-1.0), "learning_rate"),
        (lambda: SACSettings(temperature=-1.0), "temperature"),
        (lambda: SACSettings(slope="exakt"), "exact"),
        (lambda: SACSettings(discount=1.5), "discount"),
        (lambda: MADDPGSettings(relaxation=0.0), "relaxation"),
        (lambda: MADDPGSettings(gradient_norm=0.0), "gradient_norm"),
        (lambda: MADDPGSettings(logits=-1.0), "logits"),
    ],
)
def test_settings_are_checked(wrong, says) -> None:
    with pytest.raises(InputError, match=says):
        wrong()
