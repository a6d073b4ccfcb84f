import numpy as np
import pytest

from games import Limits, make
from populations.agents.scripted.pasture import BattlePack, FoodAssignment, GrasslandInstinct
from populations.policy import Decision, Policy, Rows

CONTROLLERS = (GrasslandInstinct, BattlePack, FoodAssignment)
RIGHT, UP = 1, 3
controllers = pytest.mark.parametrize("cls", CONTROLLERS)


class Random:
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def act(self, rows, state):
        return Decision(self.rng.integers(0, 5, (len(rows), 1)).astype(np.int32))


def rows_of(observation, step=0):
    slots, seats = observation["self"].shape[:2]
    flat = {name: array.reshape(slots * seats, *array.shape[2:]) for name, array in observation.items()}
    slot, seat = np.divmod(np.arange(slots * seats), seats)
    return Rows(flat, None, slot.astype(np.uint64), seat, np.full(len(slot), step), slot)


def play(name, first, second=None, matches=64, **values):
    """Return the mean metrics, and the mean score of each team."""
    game = make(name)
    task = game.task_space.task(values)
    teams = np.array([seat.team for seat in game.seats(task)])
    vector = game.vector(matches, Limits(seats=len(teams)))
    step = vector.assign(np.arange(matches), [task] * matches, np.arange(matches))
    metrics, scores = {name: np.zeros(matches) for name in game.metrics}, np.zeros((matches, len(teams)))
    for t in range(task["horizon"]):
        rows = rows_of(step.observation, t)
        chosen = [policy.act(rows, {}).action.reshape(matches, -1, 1) for policy in (first, second or first)]
        step = vector.step(np.where(teams[:, None] == 0, *chosen))
        ended = step.terminated | step.truncated
        scores[ended] = step.score[ended]
        for metric, values in step.metrics.items():
            metrics[metric][ended] = values[ended]
    return {metric: values.mean() for metric, values in metrics.items()}, [
        scores[:, teams == t].mean() for t in set(teams)
    ]


def actions(cls, positions, foods, *, dead=(), velocities=None, **values):
    """What the controller does on each seat when everyone is in these places."""
    game = make(cls.game)
    if "foods" in game.task_space:
        values["foods"] = len(foods)
    vector = game.vector(1, Limits(seats=len(positions)))
    vector.assign([0], [game.task_space.task(values)], [0])
    state = vector.state_dict()
    state["position"][0], state["food"][0, : len(foods)] = positions, foods
    state["alive"][0, list(dead)] = False
    if velocities is not None:
        state["velocity"][0] = velocities
    return cls().act(rows_of(vector.load_state_dict(state).observation), {}).action[:, 0].tolist()


@controllers
def test_they_are_policies_of_one_game_only(cls):
    policy = cls()

    assert isinstance(policy, Policy)
    assert policy.observes
    assert not policy.privileged
    assert policy.initial_state(5) == {}
    assert policy.refuses(make(cls.game)) is None
    assert policy.refuses(make("testkit/skirmish-v0")) == f"it knows only {cls.game}"


@controllers
@pytest.mark.parametrize("count", [0, 1, 6])
def test_actions_have_the_layout_of_the_game(cls, count):
    game = make(cls.game)
    task = game.task_space.task()
    vector = game.vector(2, Limits(seats=12))
    rows = rows_of(vector.assign([0, 1], [task, task], [0, 1]).observation).part(slice(count))
    action = cls().act(rows, {}).action

    assert action.shape == (count, 1)
    assert action.dtype == np.int32


@controllers
def test_empty_places_and_the_other_rows_of_a_batch_do_not_matter(cls):
    game = make(cls.game)
    task = game.task_space.task()
    seats = len(game.seats(task))
    narrow, wide = game.vector(1, Limits(seats=seats)), game.vector(2, Limits(seats=seats + 5))
    alone = cls().act(rows_of(narrow.assign([0], [task], [3]).observation), {}).action
    crowd = cls().act(rows_of(wide.assign([0, 1], [task, task], [3, 4]).observation), {}).action

    np.testing.assert_array_equal(alone, crowd[:seats])


def test_a_wolf_runs_to_where_the_nearest_live_sheep_will_be():
    places = [(0.5, 0.01), (0, 0.4), (0, 0)]
    sizes = {"sheep": 2, "wolves": 1}

    assert actions(GrasslandInstinct, places, [(0.9, 0.9)], **sizes)[2] == UP
    assert actions(GrasslandInstinct, places, [(0.9, 0.9)], dead=[1], **sizes)[2] == RIGHT
    away = [(0, 0), (1.6, 0), (0, 0)]
    assert actions(GrasslandInstinct, places, [(0.9, 0.9)], velocities=away, **sizes)[2] == RIGHT


def test_a_sheep_goes_for_food_unless_a_wolf_is_there():
    sizes = {"sheep": 1, "wolves": 1}
    foods = [(0.4, 0), (0, 0.5)]

    assert actions(GrasslandInstinct, [(0, 0), (-0.9, -0.9)], foods, **sizes)[0] == RIGHT
    assert actions(GrasslandInstinct, [(0, 0), (0.6, 0)], foods, **sizes)[0] in (2, UP)


def test_a_pair_hunts_the_enemy_that_both_reach():
    places = [(0, 0), (0.2, 0), (0.6, 0.1), (-0.9, 0.9)]  # two friends, a near enemy and a far one

    assert actions(BattlePack, places, [(-0.9, -0.9)], left=2, right=2)[:2] == [RIGHT, RIGHT]


def test_a_fighter_alone_forages_and_flees_two_enemies():
    lonely = [(0, 0), (-0.6, 0)]
    assert actions(BattlePack, lonely, [(0, 0.5)], left=1, right=1)[0] == UP
    hunted = [(0, 0), (0.25, 0.03), (0.25, -0.03)]
    assert actions(BattlePack, hunted, [(0.3, 0)], left=1, right=2)[0] not in (0, RIGHT)


def test_all_seats_agree_on_an_assignment_and_the_nearest_pairs_are_joined_first():
    """Against pairs sorted in plain Python: everyone moves as one who has only its own food would."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        agents, foods = rng.uniform(-1, 1, (7, 2)), rng.uniform(-0.9, 0.9, (7, 2))
        partner = {}
        for _, agent, food in sorted((np.hypot(*(agents[a] - foods[f])), a, f) for a in range(7) for f in range(7)):
            if agent not in partner and food not in partner.values():
                partner[agent] = food
        found = actions(FoodAssignment, agents, foods, population=7)
        alone = [actions(FoodAssignment, [agents[a]], [foods[partner[a]]], population=1)[0] for a in range(7)]
        assert found == alone


@pytest.mark.parametrize("sizes", [{}, {"sheep": 6, "wolves": 4}])
def test_in_grassland_instinct_beats_chance_in_either_role(sizes):
    (chance, _), (hunt, _), (graze, _) = (
        play(GrasslandInstinct.game, *pair, **sizes)
        for pair in ((Random(), Random()), (Random(), GrasslandInstinct()), (GrasslandInstinct(), Random()))
    )

    assert hunt["sheep_eaten"] > chance["sheep_eaten"] + 1
    assert hunt["wolf_reward"] > chance["wolf_reward"] + 0.1
    assert graze["foods_eaten"] > 3 * chance["foods_eaten"]
    assert graze["sheep_reward"] > chance["sheep_reward"] + 0.1


@pytest.mark.parametrize("size", [2, 4, 8])
def test_in_battle_a_pack_beats_chance_on_either_side(size):
    sizes = {"left": size, "right": size}
    for pair, sign in (((BattlePack(), Random()), 1), ((Random(), BattlePack()), -1)):
        metrics, (left, right) = play(BattlePack.game, *pair, **sizes)
        assert sign * (left - right) > 5
        assert sign * (metrics["left_alive"] - metrics["right_alive"]) > 0.5


@pytest.mark.parametrize("population", [1, 3, 6, 12])
def test_assignment_occupies_the_foods(population):
    metrics, _ = play(FoodAssignment.game, FoodAssignment(), population=population, horizon=60)

    assert metrics["occupied"] > 0.8
    assert metrics["full"] > 0.7
    assert play(FoodAssignment.game, Random(), population=population)[0]["occupied"] < 0.1
