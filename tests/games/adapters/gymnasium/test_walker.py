"""The parametric walker: its tracks, its bodies, and its steps beside those of Gymnasium's own BipedalWalker."""

import gc
import sys

import numpy as np
import pytest

import games
from games import InputError, Limits
from games.adapters.gymnasium import walker
from games.adapters.gymnasium.walker.bodies import BODIES
from games.adapters.gymnasium.walker.tracks import END, GOAL, GROUND, PAD, STEP, TRACKS, hexagons, stumps
from games.check import check_game

pytest.importorskip("Box2D")
bipedal = pytest.importorskip("gymnasium.envs.box2d.bipedal_walker")

from games.adapters.gymnasium.walker.env import MASTERED, Walker  # noqa: E402 - needs Box2D

TRACK = TRACKS["stump-tracks-v0"]


def _stump_track(seed=0, **task):
    polygons = stumps(TRACK.space.task(task), np.random.default_rng(seed))
    low, high = (np.array([reach(polygon, axis=0) for polygon in polygons]) for reach in (np.min, np.max))
    return low, high


def test_the_sizes_of_the_track_are_the_published_ones():
    assert pytest.approx(14 / 30) == STEP
    assert pytest.approx(20 * 14 / 30) == PAD
    assert pytest.approx(200 * 14 / 30) == END
    assert pytest.approx((bipedal.TERRAIN_LENGTH - bipedal.TERRAIN_GRASS) * bipedal.TERRAIN_STEP) == GOAL
    assert pytest.approx(bipedal.TERRAIN_HEIGHT) == GROUND


@pytest.mark.parametrize(("spacing", "gap"), [(0.0, 0.01), (0.5, 0.5), (6.0, 6.0)])
def test_stumps_stand_a_step_wide_at_equal_distances(spacing, gap):
    low, high = _stump_track(obstacle_spacing=spacing)
    assert low[0, 0] == pytest.approx(PAD)
    np.testing.assert_allclose(low[:, 1], GROUND)
    np.testing.assert_allclose(high[:, 0] - low[:, 0], STEP)
    np.testing.assert_allclose(low[1:, 0] - high[:-1, 0], gap)
    assert END - (STEP + gap) <= low[-1, 0] < END


def test_heights_of_stumps_are_normal_around_the_task():
    tracks = [_stump_track(seed, stump_height=2.0, obstacle_spacing=0.0) for seed in range(20)]
    heights = np.concatenate([(high - low)[:, 1] / STEP for low, high in tracks])
    assert len(heights) > 3000
    assert heights.mean() == pytest.approx(2.0, abs=5 * 0.1 / np.sqrt(len(heights)))
    assert heights.std() == pytest.approx(0.1, rel=0.06)


def test_no_stump_is_lower_than_a_twentieth_of_a_step():
    low, high = _stump_track(stump_height=0.0, obstacle_spacing=0.0)
    heights = (high - low)[:, 1] / STEP
    assert heights.min() == pytest.approx(0.05)
    # P(N(0, 0.1) < 0.05) = 0.69
    assert 0.6 < np.mean(heights < 0.0501) < 0.8


def test_hexagons_are_moved_corner_by_corner():
    space = TRACKS["hexagon-tracks-v0"].space
    assert len(space) == 12
    task = space.task({f"{axis}{corner}": 0.3 * corner + (axis == "y") for corner in range(6) for axis in "xy"})
    rng = np.random.default_rng(0)
    corners = np.array([hexagons(task, rng) for _ in range(200)])  # [track, hexagon, corner, axis]
    assert corners.shape == (200, 10, 6, 2)
    offsets = (corners - [0.0, GROUND]) / STEP
    offsets[..., 0] -= (PAD + 9.0 * np.arange(10))[:, None] / STEP
    resting = [[-0.5, 0], [-0.5, 0.25], [-0.25, 0.5], [0.25, 0.5], [0.5, 0.25], [0.5, 0]]
    moves = np.mean(offsets, axis=(0, 1)) - resting
    np.testing.assert_allclose(moves[:, 0], [task[f"x{corner}"] for corner in range(6)], atol=0.015)
    np.testing.assert_allclose(moves[1:5, 1], [task[f"y{corner}"] for corner in range(1, 5)], atol=0.015)
    assert (corners[..., [0, 5], 1] == GROUND).all()
    assert np.std(offsets, axis=(0, 1))[1:5] == pytest.approx(np.full((4, 2), 0.1), rel=0.1)


def test_ranges_of_tasks_are_those_of_the_papers():
    space = games.make("gymnasium/stump-tracks-v0").task_space
    assert {name: (p.low, p.high) for name, p in space.items()} == {
        "stump_height": (0.0, 3.0),
        "obstacle_spacing": (0.0, 6.0),
    }
    space = games.make("gymnasium/hexagon-tracks-v0").task_space
    assert {(p.low, p.high) for p in space.values()} == {(0.0, 4.0)}


class _Published(bipedal.BipedalWalker):
    """Gymnasium's own body, steps and rewards on one of our tracks."""

    track = TRACK

    def _generate_terrain(self, hardcore):
        self.task = TRACK.space.task(self.asked)
        Walker._generate_terrain(self)

    def _generate_clouds(self):
        pass


@pytest.mark.parametrize("task", [{"stump_height": 0.0}, {"stump_height": 0.3, "obstacle_spacing": 0.2}, {}])
def test_the_default_body_steps_as_gymnasiums(task):
    """Gymnasium's code is the oracle for body, observations, rewards and endings; the track alone is ours."""
    theirs, ours = _Published(), Walker(TRACK, BODIES["default"])
    theirs.asked = task
    ends, heuristics = 0, bipedal.BipedalWalkerHeuristics()
    for seed in range(6):
        expected, _ = theirs.reset(seed=seed)
        seen, _ = ours.reset(seed=seed, options=task)
        rng, over = np.random.default_rng(seed), False
        for _ in range(400):
            np.testing.assert_array_equal(seen, expected)
            wild = rng.uniform(-1.2, 1.2, 4)
            action = (wild if seed % 2 else heuristics.step_heuristic(seen)).astype(np.float32)
            expected, reward, over, _, _ = theirs.step(action)
            seen, got, ended, cut, _ = ours.step(action)
            assert got == pytest.approx(float(reward), abs=1e-4)
            assert (ended, cut) == (over, False)
            if over:
                ends += 1
                break
    assert ends  # some fall


class _NoChance:
    """A generator that always draws the middle."""

    def uniform(self, low, high):
        return (low + high) / 2

    def normal(self, mean, deviation):
        return mean

    def integers(self, low, high):
        return low


def test_flat_ground_is_as_gymnasiums_own_but_for_its_seams():
    """One sequence of motor commands on BipedalWalker's terrain, which is flat without chance, and on ours.

    Theirs is made of short edges, ours of a single one, so what the feet feel differs a little, and grows.
    """
    views, returns = [], []
    for env in (bipedal.BipedalWalker(), Walker(TRACK, BODIES["default"])):
        env._generate_clouds = lambda: None
        env.np_random = _NoChance()
        views.append(env.reset()[0])
        returns.append(0.0)
        for step in range(20):
            swing = 0.4 * np.sin(0.3 * step)
            _, reward, over, _, _ = env.step(np.array([swing, 0.2, -swing, 0.2], np.float32))
            returns[-1] += reward
            assert not over
    np.testing.assert_allclose(views[1], views[0], atol=0.01)
    assert returns[0] < -0.5
    assert returns[1] == pytest.approx(returns[0], abs=0.2)


@pytest.mark.parametrize("body", list(BODIES))
@pytest.mark.parametrize("track", list(TRACKS))
def test_rewards_follow_the_formula_on_all_bodies(track, body):
    env = Walker(TRACKS[track], BODIES[body])
    torque, cost = (300, 0.00035 / 8) if body == "quadru" else (80, 0.00035)
    size, motors = (34, 8) if body == "quadru" else (24, 4)
    assert env.observation_space.shape == (size,)
    assert env.action_space.shape == (motors,)
    rng = np.random.default_rng(0)
    for corner in (0.0, 1.0):
        task = TRACKS[track].space.from_unit(np.full(len(TRACKS[track].space), corner))
        seen, _ = env.reset(seed=1, options=dict(task))
        total = 0.0
        for _ in range(100):
            x, tilt = env.hull.position.x, abs(env.hull.angle)
            action = rng.uniform(-1, 1, motors).astype(np.float32)
            seen, reward, over, cut, info = env.step(action)
            assert seen.shape == (size,)
            assert np.isfinite(seen).all()
            assert env.observation_space.contains(seen)
            expected = 130 / 30 * (env.hull.position.x - x) - 5 * (abs(env.hull.angle) - tilt)
            expected -= cost * torque * np.abs(action).sum()
            assert reward == pytest.approx(-100.0 if over else expected, abs=1e-4)
            total += reward
            assert not cut
            assert info["success"] == 0.0
            if over:
                break
        assert env.total == pytest.approx(total)


def test_the_goal_ends_a_match_and_success_is_a_return_above_the_threshold():
    env = Walker(TRACK, BODIES["default"])
    for before, success in ((0.0, 0.0), (MASTERED, 1.0)):
        env.reset(seed=0, options={"stump_height": 0.0})
        env.total = before
        for part in [env.hull, *env.legs]:  # carried to the last flat stretch before the goal
            part.position = (part.position.x + GOAL - PAD / 2 - 0.05, part.position.y + 1.0)
            part.linearVelocity = (8.0, 0.0)
        env.prev_shaping = 130 * env.hull.position.x / 30
        for _ in range(10):
            _, reward, over, cut, info = env.step(np.zeros(4, np.float32))
            if over:
                break
        assert (over, cut) == (True, False)
        assert reward > 0
        assert info == {"success": success, "progress": 1.0}


def test_going_back_behind_the_start_is_a_fall():
    env = Walker(TRACK, BODIES["default"])
    env.reset(seed=0)
    for part in [env.hull, *env.legs]:
        part.position = (part.position.x - PAD / 2 - 0.1, part.position.y)
    _, reward, over, _, info = env.step(np.zeros(4, np.float32))
    assert (reward, over, info["progress"]) == (-100.0, True, 0.0)


def _trace(seed, noise=False):
    env = Walker(TRACK, BODIES["default"])
    seen, _ = env.reset(seed=seed, options={"obstacle_spacing": 0.0})
    rng, trace = np.random.default_rng(5), [seen]
    for _ in range(60):
        if noise:
            np.random.random()  # noqa: NPY002 - the global generator must not matter
        trace.append(env.step(rng.uniform(-1, 1, 4).astype(np.float32))[0])
    tops = sorted({y for fixture in env.terrain[0].fixtures for _, y in fixture.shape.vertices})
    return np.array(trace), tops


def test_the_seed_alone_decides():
    np.random.seed(1)  # noqa: NPY002
    one, tops = _trace(7)
    np.random.seed(2)  # noqa: NPY002
    same, same_tops = _trace(7, noise=True)
    other, other_tops = _trace(8)
    np.testing.assert_array_equal(one, same)
    assert tops == same_tops
    assert tops != other_tops
    assert not np.array_equal(one, other)


def test_an_environment_that_is_reset_is_as_a_new_one():
    env = Walker(TRACK, BODIES["short"])
    traces = []
    for seed in (3, 4, 3):
        trace, rng = [env.reset(seed=seed)[0]], np.random.default_rng(0)
        trace += [env.step(rng.uniform(-1, 1, 4).astype(np.float32))[0] for _ in range(80)]
        traces.append(np.array(trace))
    np.testing.assert_array_equal(traces[0], traces[2])
    assert not np.array_equal(traces[0], traces[1])


@pytest.mark.parametrize("name", ["stump-tracks-v0(body=short)", "stump-tracks-v0", "hexagon-tracks-v0"])
def test_the_games_keep_the_contract(name):
    game = games.make(f"gymnasium/{name}")
    assert game.metrics == ("success", "progress")
    findings = check_game(game, matches=8, steps=30)
    assert [finding for finding in findings if not finding.ok] == []


def test_a_long_match_is_cut_not_ended(monkeypatch):
    assert walker.LIMIT == 2000
    monkeypatch.setattr(walker, "LIMIT", 20)
    game = games.make("gymnasium/stump-tracks-v0")
    vector = game.vector(1, Limits(seats=1))
    view = vector.assign(np.zeros(1, np.int64), [game.task_space.task()], np.ones(1, np.uint64))
    for _ in range(20):
        assert view.acting[0, 0]
        view = vector.step(np.zeros((1, 1, 4), np.float32))
    assert (view.terminated[0], view.truncated[0]) == (False, True)
    assert view.metrics["success"][0] == 0.0
    assert 0.0 <= view.metrics["progress"][0] < 0.05


def test_bodies_of_the_two_games():
    assert games.make("gymnasium/stump-tracks-v0").action_space.shape == (4,)
    assert games.make("gymnasium/hexagon-tracks-v0").action_space.shape == (8,)
    assert games.make("gymnasium/stump-tracks-v0(body=quadru)").observation_space["view"].shape == (34,)


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("stump-tracks-v0(body=quadr)", "unknown body 'quadr'; did you mean 'quadru'.*short, default, quadru"),
        ("stump-tracks-v0(legs=2)", "unknown argument 'legs'"),
        ("stump-track-v0", "did you mean 'stump-tracks-v0'"),
    ],
)
def test_wrong_names_are_explained(rest, message):
    with pytest.raises(InputError, match=message):
        games.make(f"gymnasium/{rest}")


def test_wrong_tasks_are_explained():
    with pytest.raises(InputError, match="stump_height"):
        Walker(TRACK, BODIES["default"]).reset(seed=0, options={"stump_heigt": 1.0})


def test_without_box2d_the_way_to_it_is_told(monkeypatch):
    monkeypatch.delitem(sys.modules, "games.adapters.gymnasium.walker.env")
    monkeypatch.setitem(sys.modules, "Box2D", None)
    monkeypatch.delitem(sys.modules, "gymnasium.envs.box2d.bipedal_walker")
    with pytest.raises(InputError, match=r"needs Box2D.*pip install 'arena-league\[walker\]'"):
        games.make("gymnasium/stump-tracks-v0")
    monkeypatch.setattr(walker, "find_spec", lambda package: None)
    assert walker.known() == ()


def test_worlds_that_are_done_with_are_given_back():
    env = Walker(TRACK, BODIES["default"])

    def living():
        gc.collect()
        return sum(type(thing).__name__ == "b2World" for thing in gc.get_objects())

    env.reset(seed=0)
    before = living()
    for seed in range(20):
        env.reset(seed=seed)
    assert living() <= before


def test_pictures_change_nothing():
    pytest.importorskip("pygame")
    seen, shown = Walker(TRACK, BODIES["quadru"]), Walker(TRACK, BODIES["quadru"], "rgb_array")
    seen.reset(seed=1), shown.reset(seed=1)
    picture = shown.render()
    assert picture.shape == (400, 600, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 5
    for _ in range(5):
        action = np.ones(8, np.float32)
        np.testing.assert_array_equal(seen.step(action)[0], shown.step(action)[0])
        shown.render()
