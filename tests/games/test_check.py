"""The conformance checker passes what keeps the contract, and catches each way of breaking it with the right check."""

import re
from dataclasses import replace

import numpy as np
import pytest
from gymnasium import spaces

import games
from games import Comparison, Integer, Seat, TaskSpace
from games.check import check_game
from games.check.play import random_actions
from games.game import ActionLayout, Game, Step, VectorGame

OPENSPIEL = (
    "tic_tac_toe",
    "connect_four",
    "kuhn_poker",
    "kuhn_poker(players=3)",
    "leduc_poker",
    "goofspiel",
    "liars_dice",
)
NAMES = [
    *games.names("testkit"),
    *games.names("markov"),
    *(f"openspiel/{name}" for name in OPENSPIEL),
    "openspiel/markov_soccer",
    "pettingzoo/classic/tictactoe_v3",
    "pettingzoo/classic/connect_four_v3",
    "pettingzoo/classic/rps_v2(max_cycles=6)",
    "pettingzoo/mpe2/simple_tag_v3(max_cycles=5)",
    "pettingzoo/mpe2/simple_spread_v3(N=2,max_cycles=4,continuous_actions=true)",
]


@pytest.mark.parametrize("name", NAMES)
def test_games_keep_the_contract(name):
    findings = check_game(games.make(name))
    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) == 21


class Double(Game):
    """A game of the test kit whose vector has a flaw. All else is as it was."""

    def __init__(self, inner, flaw=None, **attributes):
        self.inner, self.flaw = games.make(inner), flaw
        for attribute in (
            "name",
            "task_space",
            "comparison",
            "observation_space",
            "action_space",
            "uses",
            "turn_based",
        ):
            setattr(self, attribute, getattr(self.inner, attribute))
        self.metrics = self.inner.metrics
        for attribute, value in attributes.items():
            setattr(self, attribute, value)

    def seats(self, task):
        return self.inner.seats(task)

    @property
    def max_seats(self):
        return self.inner.max_seats

    def vector(self, slots, limits):
        vector = self.inner.vector(slots, limits)
        return self.flaw(vector) if self.flaw else vector


class Flawed(VectorGame):
    """Passes everything through; a flaw overrides what it spoils."""

    def __init__(self, inner):
        self.inner, self.game, self.slots, self.limits = inner, inner.game, inner.slots, inner.limits
        self.observation_space = inner.observation_space
        self.tasks, self.seeds = {}, {}

    def assign(self, slots, tasks, seeds):
        self.tasks.update(zip(slots.tolist(), tasks, strict=True))
        self.seeds.update(zip(slots.tolist(), seeds.tolist(), strict=True))
        return self.spoil(self.inner.assign(slots, tasks, seeds))

    def step(self, actions):
        return self.spoil(self.inner.step(actions))

    def spoil(self, view):
        return view

    def state_dict(self):
        return self.inner.state_dict()

    def load_state_dict(self, state):
        return self.inner.load_state_dict(state)


class ResetsItself(Flawed):
    def step(self, actions):
        view = self.inner.step(actions)
        ended = np.flatnonzero(view.terminated | view.truncated)
        if not len(ended):
            return view
        view = _copy(view)
        fresh = self.inner.assign(ended, [self.tasks[slot] for slot in ended], np.array(ended, np.uint64))
        return replace(
            fresh, reward=view.reward, terminated=view.terminated, truncated=view.truncated, score=view.score
        )


class RewardsTheIdle(Flawed):
    def spoil(self, view):
        view.reward[~view.acting.any(axis=1), 0] = 1
        return view


class BothEnds(Flawed):
    def spoil(self, view):
        view.truncated |= view.terminated
        return view


class EndsTwice(Flawed):
    def step(self, actions):
        view = self.inner.step(actions)
        self.ended = getattr(self, "ended", view.terminated & False) | view.terminated
        return replace(view, terminated=self.ended.copy())


class EndsAtAssign(Flawed):
    def assign(self, *args):
        view = super().assign(*args)
        view.terminated[:] = True
        return view


class RewardsAtAssign(Flawed):
    def assign(self, *args):
        view = super().assign(*args)
        view.reward[:] = 1
        return view


class LyingMask(Flawed):
    def spoil(self, view):
        mask = view.action_mask.copy()
        mask[:, :, 3:5] = False
        return replace(view, action_mask=mask)


class TakesAnything(Flawed):
    def step(self, actions):
        return super().step(np.clip(actions, 0, self.game.actions.sizes[0] - 1))


class MovesThenComplains(Flawed):
    def step(self, actions):
        try:
            return super().step(actions)
        except ValueError:
            self.inner.step(self.inner._view.action_mask.argmax(axis=2)[:, :, None])
            raise


class NarrowMask(Flawed):
    def spoil(self, view):
        return replace(view, action_mask=view.action_mask[..., :-1])


class OutOfBounds(Flawed):
    def spoil(self, view):
        view.observation["vector"][view.observation["vector"] == 1] = 1.5
        return view


class NotANumber(Flawed):
    def spoil(self, view):
        view.observation["vector"][:, 0, 0] = np.nan
        return view


class WrongType(Flawed):
    def spoil(self, view):
        return replace(view, observation={name: array.astype(float) for name, array in view.observation.items()})


class WrongNames(Flawed):
    def spoil(self, view):
        return replace(view, observation={name.upper(): array for name, array in view.observation.items()})


class DirtyPadding(Flawed):
    def spoil(self, view):
        view.observation["self"][:, -1] += 0.5
        return view


class GhostsAct(Flawed):
    def spoil(self, view):
        view.acting[~view.acting.any(axis=1), 0] = True
        return view


class NobodyActs(Flawed):
    def spoil(self, view):
        view.acting[:] = False
        return view


class EverybodyActs(Flawed):
    def spoil(self, view):
        view.acting[view.acting.any(axis=1)] = True
        return view


class InfiniteReward(Flawed):
    def spoil(self, view):
        view.reward[view.terminated] = np.inf
        return view


class UndefinedScore(Flawed):
    def spoil(self, view):
        view.score[view.terminated] = np.nan
        return view


class SplitTeams(Flawed):
    def spoil(self, view):
        view.score[:, 0] += 1
        return view


class BothWin(Flawed):
    def spoil(self, view):
        np.abs(view.score, out=view.score)
        return view


class SecretMetric(Flawed):
    def spoil(self, view):
        return replace(view, metrics={**view.metrics, "secret": np.zeros(self.slots)})


class TrueChance(Flawed):
    """Draws from a generator that no seed controls."""

    def assign(self, slots, tasks, seeds):
        return super().assign(slots, tasks, np.random.default_rng().integers(2**60, size=len(slots)).astype(np.uint64))


class CompanyCounts(Flawed):
    """The size of the batch goes into the seed, as when all slots draw from one generator."""

    def assign(self, slots, tasks, seeds):
        return super().assign(slots, tasks, seeds + np.uint64(self.slots))


class SlotLuck(Flawed):
    """The number of the slot goes into the seed."""

    def assign(self, slots, tasks, seeds):
        return super().assign(slots, tasks, seeds + slots.astype(np.uint64))


class AssignDisturbs(Flawed):
    """Seating a match begins all others again."""

    def assign(self, slots, tasks, seeds):
        super().assign(slots, tasks, seeds)
        every = np.array(sorted(self.tasks))
        return self.inner.assign(
            every, [self.tasks[s] for s in every], np.array([self.seeds[s] for s in every], np.uint64)
        )


class AssignRepeats(Flawed):
    """Shows the rewards of the last step once more when a match is seated."""

    def step(self, actions):
        view = super().step(actions)
        self.reward = view.reward.copy()
        return view

    def assign(self, slots, tasks, seeds):
        view = super().assign(slots, tasks, seeds)
        return replace(view, reward=self.reward) if hasattr(self, "reward") else view


class ForgetsPot(Flawed):
    def load_state_dict(self, state):
        return self.inner.load_state_dict({**state, "pot": np.zeros_like(state["pot"])})


class ForgetsSeed(Flawed):
    """What is forgotten shows only later."""

    def load_state_dict(self, state):
        return self.inner.load_state_dict({**state, "seed": np.zeros_like(state["seed"])})


class SharesItsState(Flawed):
    def state_dict(self):
        return self.inner._state


class PicklesItself(Flawed):
    def state_dict(self):
        return {"everything": self.inner}


class IgnoresTheLimit(Flawed):
    def __init__(self, inner):
        super().__init__(inner.game.vector(inner.slots, replace(inner.limits, steps=None)))


class CutsTooLate(Flawed):
    def __init__(self, inner):
        steps = inner.limits.steps
        super().__init__(inner.game.vector(inner.slots, replace(inner.limits, steps=steps and steps + 1)))


class CallsItsEndACut(Flawed):
    """When the rules end a match in the very step of the limit, it says truncated."""

    def __init__(self, inner):
        super().__init__(inner)
        self.length = np.zeros(inner.slots, int)

    def assign(self, slots, tasks, seeds):
        self.length[slots] = 0
        return super().assign(slots, tasks, seeds)

    def spoil(self, view):
        cut = view.terminated & (self.length == self.limits.steps)
        return replace(view, terminated=view.terminated & ~cut, truncated=view.truncated | cut)

    def step(self, actions):
        self.length += 1
        return super().step(actions)


class BlindWithoutObserver(Flawed):
    def spoil(self, view):
        if not self.limits.observe:
            view.reward[:] = 0
        return view


class Frozen(Flawed):
    """Neither the seed nor the actions matter."""

    def assign(self, slots, tasks, seeds):
        return super().assign(slots, tasks, seeds * np.uint64(0))

    def step(self, actions):
        return super().step(actions * 0)


class Crashes(Flawed):
    def step(self, actions):
        raise RuntimeError("no more dice")


def _copy(view):
    return replace(
        view,
        **{name: getattr(view, name).copy() for name in ("reward", "terminated", "truncated", "score")},
    )


FLAWS = [
    ("dice-v0", ResetsItself, "resting", "observation 'vector' of slot .* changed after its match had ended"),
    ("dice-v0", RewardsTheIdle, "rewards", "gives rewards, though its match ended before"),
    ("dice-v0", BothEnds, "endings", "both terminated and truncated"),
    ("dice-v0", EndsTwice, "endings", "reports an end again"),
    ("dice-v0", EndsAtAssign, "endings", "assign reports an end"),
    ("dice-v0", RewardsAtAssign, "rewards", "assign gives rewards"),
    ("commands-v0", LyingMask, "masks", "no legal action in head 1"),
    ("dice-v0", TakesAnything, "legality", r"step took the illegal action \[-1\] of seat 0; it must raise ValueError"),
    (
        "dice-v0",
        MovesThenComplains,
        "legality",
        "must raise ValueError before anything moves",
    ),
    ("commands-v0", NarrowMask, "masks", r"it must be bool\(16, 1, 21\)"),
    (
        "teams-v0",
        OutOfBounds,
        "observations",
        "'vector' of seat .* holds 1.5, outside its declared bounds 0.0 to 1.0",
    ),
    ("teams-v0", NotANumber, "observations", "'vector' of seat 0 in slot 0 holds nan"),
    ("teams-v0", WrongType, "observations", r"'vector' is float64\(16, 4, 4\), its space says float32"),
    ("teams-v0", WrongNames, "observations", r"the observation has \['VECTOR'\], its space \['vector'\]"),
    ("skirmish-v0", DirtyPadding, "padding", "'self' is not zero on seats that the task does not have"),
    ("dice-v0", GhostsAct, "acting", "seats act in slot .*, whose match has ended"),
    ("dice-v0", NobodyActs, "acting", "nobody acts in slot 0, whose match has not ended"),
    ("dice-v0", EverybodyActs, "acting", "3 seats act at once"),
    ("dice-v0", InfiniteReward, "rewards", "not finite"),
    ("dice-v0", UndefinedScore, "outcomes", "score of a match that ended is not finite"),
    ("dice-v0", SecretMetric, "outcomes", r"\['secret', 'winner'\], the game declares \['winner'\]"),
    ("teams-v0", SplitTeams, "scores", "seats of one team have different scores"),
    ("teams-v0", BothWin, "scores", "their scores add up to"),
    ("gridgoal-v0", TrueChance, "determinism", "differs when the same batch is played a second time"),
    ("gridgoal-v0", CompanyCounts, "batch-of-one", "when played alone instead of in a batch"),
    ("gridgoal-v0", SlotLuck, "batch-of-one", "when played alone instead of in a batch"),
    ("gridgoal-v0", SlotLuck, "reset-in-the-middle", "when a match is assigned over an unfinished one"),
    ("gridgoal-v0", AssignDisturbs, "reset-in-the-middle", "changes the observation 'view' of other slots"),
    ("teams-v0", AssignRepeats, "reset-in-the-middle", "assign repeats rewards or ends"),
    (
        "dice-v0",
        ForgetsPot,
        "state",
        "shows something else than when the state was taken: the observation 'vector'",
    ),
    ("dice-v0", ForgetsSeed, "state", "differs after load_state_dict in the same vector"),
    ("dice-v0", SharesItsState, "state", "it must give copies"),
    ("dice-v0", PicklesItself, "state", "must hold NumPy arrays and nothing else"),
    ("dice-v0", CutsTooLate, "limits", r"with Limits\(steps=.*\) match .* must be truncated"),
    ("teams-v0", CallsItsEndACut, "limits", "must be terminated after . steps, but is truncated"),
    ("teams-v0", BlindWithoutObserver, "unobserved", r"with Limits\(observe=False\): returns"),
    ("teams-v0", Frozen, "variety", "all 8 matches of one task went the same way"),
    ("teams-v0", Crashes, "play", "RuntimeError: no more dice"),
    ("gridgoal-v0", TrueChance, "pettingzoo-face", "aec_env fails PettingZoo's own tests: AssertionError"),
]


@pytest.mark.parametrize(
    ("name", "flaw", "check", "detail"), FLAWS, ids=[f"{row[1].__name__}-{row[2]}" for row in FLAWS]
)
def test_a_flaw_is_caught_by_the_right_check(name, flaw, check, detail):
    findings = {finding.check: finding for finding in check_game(Double(f"testkit/{name}", flaw), matches=16)}
    assert not findings[check].ok
    assert re.search(detail, findings[check].detail)


@pytest.mark.parametrize("steps", [1, 2, 3, 4, 5, 6])
def test_limits_shorter_than_a_match_raise_no_false_alarm(steps):
    for name in ("testkit/teams-v0", "testkit/skirmish-v0", "openspiel/kuhn_poker"):
        assert all(finding.ok for finding in check_game(games.make(name), matches=16, steps=steps))


def test_a_double_without_a_flaw_passes():
    assert all(finding.ok for finding in check_game(Double("testkit/skirmish-v0", Flawed)))


def _complaint(check, game, **options):
    return next(finding.detail for finding in check_game(game, **options) if finding.check == check and not finding.ok)


def test_an_engine_without_a_limit_is_caught_when_matches_are_longer():
    complaint = _complaint("endings", Double("testkit/teams-v0", IgnoresTheLimit), steps=3)
    assert complaint == "after step 3: a match goes on after the 3 steps that Limits.steps allows"


def test_declarations_that_are_wrong():
    kit = "testkit/teams-v0"
    assert _complaint("layout", Double(kit, name="teams")) == "the name 'teams' must be FAMILY/GAME"
    vector = spaces.Dict({"vector": spaces.Discrete(3)})
    assert "observation 'vector' is Discrete(3); it must be a Box" in _complaint(
        "layout", Double(kit, observation_space=vector)
    )
    other = spaces.Dict({"vector": spaces.Box(0.0, 1.0, (5,), np.float32)})
    assert "in a vector for max_seats, the game declares" in _complaint("layout", Double(kit, observation_space=other))
    assert "actions must be Discrete" in _complaint("layout", Double(kit, action_space=spaces.Text(3)))
    uses = np.ones((3, 2), bool)
    assert _complaint("layout", Double(kit, uses=uses)) == "uses has shape (3, 2), it must be (3, 1)"


def test_tasks_that_cannot_be_played():
    class TooMany(Double):
        max_seats = 3

    class OneTeam(Double):
        def seats(self, task):
            return (Seat(), Seat())

    class Nobody(Double):
        def seats(self, task):
            return ()

    kit = "testkit/teams-v0"
    assert "has 4 seats, max_seats says 3" in _complaint("tasks", TooMany(kit))
    assert "has 1 teams, a zero-sum game has two" in _complaint("tasks", OneTeam(kit))
    assert "at least one Seat" in _complaint("tasks", Nobody(kit))
    unplayable = Double(kit, task_space=TaskSpace({"round": Integer(1, 5, 5)}))
    assert "Task({'round': 5}) cannot be assigned to a vector of its own size: KeyError" in _complaint(
        "tasks", unplayable
    )


def test_a_cooperative_game_has_one_score():
    complaint = _complaint("scores", Double("testkit/teams-v0", comparison=Comparison.COOPERATIVE))
    assert "a cooperative game gives different scores" in complaint


def test_checks_that_make_no_sense_after_a_failure_are_left_out():
    findings = check_game(Double("testkit/teams-v0", Crashes))
    assert [(finding.check, finding.ok) for finding in findings] == [("layout", True), ("tasks", True), ("play", False)]


def test_the_same_seed_checks_the_same_matches():
    def complaint(seed):
        return _complaint("batch-of-one", Double("testkit/gridgoal-v0", CompanyCounts), seed=seed, matches=8)

    assert complaint(1) == complaint(1)
    assert complaint(1) != complaint(2)


def _view(mask, acting):
    slots, seats = acting.shape
    none = np.zeros(slots, bool)
    return Step({}, mask, acting, np.zeros((slots, seats), np.float32), none, none, np.zeros((slots, seats)))


def test_random_actions_are_legal_uniform_and_keyed_by_seed_seat_and_step():
    layout = ActionLayout((3, 4))
    legal = np.array([True, False, True, False, True, True, True])
    seeds = np.arange(3000, dtype=np.uint64)
    acting = np.ones((3000, 2), bool)
    view = _view(np.broadcast_to(legal, (3000, 2, 7)), acting)
    actions = random_actions(layout, view, seeds, np.zeros(3000, np.int64))
    for head, expected in ((0, [1 / 2, 0, 1 / 2]), (1, [0, 1 / 3, 1 / 3, 1 / 3])):
        shares = np.bincount(actions[..., head].ravel(), minlength=len(expected)) / 6000
        assert shares.tolist() == pytest.approx(expected, abs=0.03)
    lone = random_actions(layout, _view(legal[None, None], acting[:1, :1]), seeds[7:8], np.zeros(1, np.int64))
    assert lone[0, 0].tolist() == actions[7, 0].tolist()
    later = random_actions(layout, view, seeds, np.ones(3000, np.int64))
    assert (later != actions).mean() > 0.4
    view.acting[:, 1] = False
    assert not random_actions(layout, view, seeds, np.zeros(3000, np.int64))[:, 1].any()


def test_random_real_actions_fill_their_bounds_and_invent_missing_ones():
    bounds = np.array([[-3, -1], [0, np.inf], [-np.inf, 5], [-np.inf, np.inf]], np.float32)
    layout = ActionLayout((), 4, bounds[:, 0], bounds[:, 1])
    view = _view(None, np.ones((2000, 1), bool))
    actions = random_actions(layout, view, np.arange(2000, dtype=np.uint64), np.zeros(2000, np.int64))[:, 0]
    expected = [[-3, -1], [0, 2], [3, 5], [-1, 1]]
    for real, (low, high) in zip(actions.T, expected, strict=True):
        assert low <= real.min() < low + 0.05
        assert high - 0.05 < real.max() <= high
