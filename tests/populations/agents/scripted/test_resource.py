import numpy as np
import pytest

from games import InputError, Limits, make
from games.markov.resource.nash import occupancy, welfare
from games.markov.resource.rules import ENTITY, LANDMARKS, OWN, RADII, VALUES, values
from populations.agents.scripted.resource import ResourceAssignment, ResourceGreedy, _steer
from populations.policy import Decision, Policy, Rows

GAME = make("markov/resource-v0")


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


def play(policy, population, matches=64):
    """Return mean welfare share, and mean welfare in the last step."""
    vector = GAME.vector(matches, Limits(seats=population))
    task = GAME.task_space.task({"population": population})
    step = vector.assign(np.arange(matches), [task] * matches, np.arange(matches))
    for t in range(20):
        decision = policy.act(rows_of(step.observation, t), {})
        step = vector.step(decision.action.reshape(matches, population, 1))
    return step.metrics["welfare_share"].mean(), step.reward.sum(axis=1).mean()


def observe(agents, landmarks, spare=0):
    """What each of n agents at rest sees, [n] rows, with room for `spare` more agents."""
    n = len(agents)
    agents, landmarks = np.asarray(agents, float), np.asarray(landmarks, float)
    own = np.zeros((n, len(OWN)), np.float32)
    own[:, 2:4], own[:, 4] = agents, n / 48
    entities = np.zeros((n, LANDMARKS + n - 1 + spare, len(ENTITY)), np.float32)
    mask = np.zeros(entities.shape[:2], bool)
    for i in range(n):
        entities[i, :LANDMARKS, 1:3] = landmarks - agents[i]
        entities[i, :LANDMARKS, 5] = RADII
        entities[i, LANDMARKS : LANDMARKS + n - 1, 0] = 1
        entities[i, LANDMARKS : LANDMARKS + n - 1, 1:3] = np.delete(agents, i, axis=0) - agents[i]
        mask[i, : LANDMARKS + n - 1] = True
    return Rows(
        {"self": own, "entities": entities, "entity_mask": mask},
        None,
        np.zeros(n, np.uint64),
        np.arange(n),
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
    )


def choices(policy, rows):
    entities = rows.observation["entities"]
    return policy.choose(entities[:, :, 1:3].astype(float), entities[:, :LANDMARKS, 5], rows.observation["entity_mask"])


@pytest.mark.parametrize("cls", [ResourceGreedy, ResourceAssignment])
def test_they_are_policies_of_this_game_only(cls):
    policy = cls()

    assert isinstance(policy, Policy)
    assert policy.observes
    assert not policy.privileged
    assert policy.initial_state(5) == {}
    assert policy.refuses(GAME) is None
    assert policy.refuses(make("testkit/skirmish-v0")) == "it knows only markov/resource-v0"


@pytest.mark.parametrize("cls", [ResourceGreedy, ResourceAssignment])
@pytest.mark.parametrize("count", [0, 1, 7])
def test_actions_have_the_layout_of_the_game(cls, count):
    rng = np.random.default_rng(0)
    rows = observe(rng.uniform(-1, 1, (7, 2)), rng.uniform(-1, 1, (6, 2)))
    rows = Rows({n: a[:count] for n, a in rows.observation.items()}, None, *([np.zeros(count)] * 4))
    action = cls().act(rows, {}).action

    assert action.shape == (count, 1)
    assert action.dtype == np.int32


def test_greedy_takes_the_most_radius_per_way():
    landmarks = [[0.05, 0], [9, 9], [9, 9], [9, 9], [9, 9], [0.5, 0]]
    rows = observe([[0, 0], [0.2, 0], [0.05, 0]], landmarks)

    # 0.05 / (0.05 + 0.05) = 0.5 against 0.3 / 0.55 = 0.545; 0.05 / 0.2 against 0.3 / 0.35; 0.05 / 0.05 against 0.3 / 0.5
    assert choices(ResourceGreedy(), rows).tolist() == [5, 5, 0]


@pytest.mark.parametrize("population", [2, 3, 6, 9, 12, 24, 48])
def test_all_seats_agree_on_an_assignment_with_the_occupancy_of_the_equilibrium(population):
    rng = np.random.default_rng(population)
    for _ in range(5):
        rows = observe(rng.uniform(-1, 1, (population, 2)), rng.uniform(-1, 1, (6, 2)))
        crowd = np.bincount(choices(ResourceAssignment(), rows), minlength=6)
        assert tuple(crowd) == occupancy(population)


def test_the_nearest_pairs_are_joined_first():
    """Against pairs sorted in plain Python."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        agents, landmarks = rng.uniform(-1, 1, (9, 2)), rng.uniform(-1, 1, (6, 2))
        room, expected = list(occupancy(9)), {}
        for _, agent, landmark in sorted(
            (np.hypot(*(agents[a] - landmarks[m])), a, m) for a in range(9) for m in range(6)
        ):
            if agent not in expected and room[landmark]:
                expected[agent] = landmark
                room[landmark] -= 1
        found = choices(ResourceAssignment(), observe(agents, landmarks))
        assert found.tolist() == [expected[agent] for agent in range(9)]


@pytest.mark.parametrize("cls", [ResourceGreedy, ResourceAssignment])
def test_neither_the_order_of_the_others_nor_empty_places_matter(cls):
    rng = np.random.default_rng(4)
    agents, landmarks = rng.uniform(-1, 1, (8, 2)), rng.uniform(-1, 1, (6, 2))
    plain, padded = observe(agents, landmarks), observe(agents, landmarks, spare=5)
    shuffled = observe(agents, landmarks, spare=5)
    order = np.r_[:LANDMARKS, LANDMARKS + rng.permutation(12)]
    for name in ("entities", "entity_mask"):
        shuffled.observation[name][:] = shuffled.observation[name][:, order]

    for other in (padded, shuffled):
        np.testing.assert_array_equal(cls().act(plain, {}).action, cls().act(other, {}).action)


def test_an_agent_comes_to_rest_near_its_aim():
    """Half a stride at most is left on each axis; from any speed."""
    rng = np.random.default_rng(0)
    position, velocity = rng.uniform(-1, 1, (500, 2)), rng.uniform(-2, 2, (500, 2))
    for _ in range(60):
        action = _steer(-position, velocity)[:, 0]
        push = np.array([[0, 0], [5, 0], [-5, 0], [0, 5], [0, -5]])[action]
        velocity = 0.75 * velocity + 0.1 * push
        position = position + 0.1 * velocity

    assert np.abs(position).max() < 0.1 + 1e-6
    assert np.abs(velocity).max() < 1e-3


@pytest.mark.parametrize("population", [6, 12])
def test_sharing_beats_greed_and_greed_beats_chance(population):
    (chance, _), (greed, _), (shared, last) = (
        play(policy, population) for policy in (Random(), ResourceGreedy(), ResourceAssignment())
    )

    assert shared > greed + 0.04
    assert greed > chance + 0.3
    assert last == pytest.approx(welfare(occupancy(population)), abs=0.35)  # in place, they earn as the stage game says


def test_two_agents_take_the_two_best_landmarks():
    _, last = play(ResourceAssignment(), 2)

    assert last == pytest.approx(VALUES[-1] + VALUES[-2], abs=0.5)


@pytest.mark.parametrize("landmarks", [1, 4, 12])
def test_they_know_any_number_of_landmarks(landmarks):
    """In a batch in which another match has more of them: in place, the agents earn what the stage game says."""
    game = make("markov/resource-landmarks-v0")
    vector = game.vector(65, Limits(seats=6))
    task = game.task_space.task({"population": 6, "landmarks": landmarks})
    step = vector.assign(np.arange(65), [task] * 64 + [game.task_space.task({"landmarks": 12})], np.arange(65))
    policy, worth = ResourceAssignment(), values(landmarks)
    assert policy.refuses(game) is None
    for t in range(20):
        decision = policy.act(rows_of(step.observation, t), {})
        step = vector.step(decision.action.reshape(65, 6, 1))

    last = step.reward[:64].sum(axis=1).mean()
    assert 0.9 < last / welfare(occupancy(6, worth), worth) < 1.15  # large landmarks overlap: one agent touches two


def test_greed_by_way_or_by_worth_alone():
    landmarks = [[0.05, 0], [9, 9], [9, 9], [9, 9], [9, 9], [0.5, 0]]
    rows = observe([[0, 0], [9, 8]], landmarks)

    assert choices(ResourceGreedy(by="way"), rows).tolist() == [0, 1]
    assert choices(ResourceGreedy(by="worth"), rows).tolist() == [5, 5]
    with pytest.raises(InputError, match="by of resource-greedy must be one of worth-per-way, way, worth, not 'luck'"):
        ResourceGreedy(by="luck")
