import numpy as np
import pytest

from games import Limits, make
from league.yardstick import self_play
from populations.agents import load_agent
from populations.agents.scripted.treasure import TreasureAssignment, TreasureGreedy
from populations.policy import Policy, Rows

GAME = make("markov/treasure-v0")
BOTH = [TreasureGreedy, TreasureAssignment]


def placed(collectors, deposits, found, colour=()):
    """What the seats of one match see, at rest: collectors, deposits, and treasures as (x, y, colour)."""
    seats = len(collectors) + len(deposits)
    vector = GAME.vector(1, Limits(seats=seats))
    vector.assign([0], [GAME.task_space.task({"collectors": len(collectors), "deposits": len(deposits)})], [0])
    state = vector.state_dict()
    state["position"][0] = [*collectors, *deposits]
    state["treasures"][0] = len(found)
    state["there"][0] = np.arange(state["there"].shape[1]) < len(found)
    for m, (x, y, kind) in enumerate(found):
        state["treasure"][0, m], state["kind"][0, m] = (x, y), kind
    state["colour"][0, : len(colour)] = colour
    observation = vector.load_state_dict(state).observation
    nothing = np.zeros(seats, np.int64)
    return Rows(
        {name: array[0].copy() for name, array in observation.items()},
        None,
        nothing.astype(np.uint64),
        np.arange(seats),
        nothing,
        nothing,
    )


def actions(policy, rows):
    return policy.act(rows, {}).action[:, 0].tolist()


@pytest.mark.parametrize("cls", BOTH)
def test_they_are_policies_of_this_game_only(cls):
    policy = cls()

    assert isinstance(policy, Policy)
    assert policy.initial_state(5) == {}
    assert policy.refuses(GAME) is None
    assert policy.refuses(make("markov/resource-v0")) == "it knows only markov/treasure-v0"


@pytest.mark.parametrize("cls", BOTH)
def test_carriers_go_to_the_right_deposit_which_comes_towards_them(cls):
    rows = placed([(0.0, 0.0), (0.0, 0.5)], [(-0.5, 0.0), (0.5, 0.4)], [(0.0, -0.6, 0), (0.0, 0.9, 1)], colour=[1, -1])

    # the carrier of colour 1 goes right, the free one up to the nearest treasure; nobody carries for the first deposit: it
    # goes to the middle of both collectors, (0, 0.25); the second one goes left to its carrier
    assert actions(cls(), rows) == [1, 3, 1, 2]


def test_greed_sends_two_to_one_treasure_and_the_assignment_does_not():
    rows = placed([(0.0, 0.0), (-0.1, 0.0)], [(0.9, 0.9)], [(0.4, 0.0, 0), (-0.8, 0.0, 0)])

    assert actions(TreasureGreedy(), rows)[:2] == [1, 1]
    assert actions(TreasureAssignment(), rows)[:2] == [1, 2]


def test_without_a_treasure_left_they_stay():
    alone = placed([(0.3, 0.0)], [(0.9, 0.9)], [])
    assert actions(TreasureGreedy(), alone)[0] == actions(TreasureAssignment(), alone)[0] == 0

    crowd = placed([(0.3, 0.0), (0.6, 0.0)], [(0.9, 0.9)], [(0.1, 0.0, 0)])
    assert actions(TreasureAssignment(), crowd)[:2] == [2, 0]


def test_all_seats_find_the_same_pairs():
    """Against pairs sorted in plain Python, without the order of seats or empty rows having any weight."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        agents, places = rng.uniform(-1, 1, (5, 2)), rng.uniform(-1, 1, (4, 2))
        rows = placed(agents, [(3.0, 3.0)], [(*place, 0) for place in places], colour=[-1, -1, 0, -1, -1])
        expected, taken = {}, set()
        pairs = sorted((np.hypot(*(agents[a] - places[m])), a, m) for a in (0, 1, 3, 4) for m in range(4))
        for _, agent, treasure in pairs:
            if agent not in expected and treasure not in taken:
                expected[agent] = treasure
                taken.add(treasure)
        entities, mask = rows.observation["entities"], rows.observation["entity_mask"]
        offsets = entities[:, :, 2:4].astype(float)
        kinds, colours = entities[:, :, :2], entities[:, :, 6:].sum(axis=2)
        aims = TreasureAssignment().choose(offsets, mask & ~kinds.any(axis=2), (kinds[:, :, 0] > 0) & (colours == 0))
        for agent, treasure in expected.items():
            np.testing.assert_allclose(aims[agent], places[treasure] - agents[agent], atol=1e-6)


@pytest.mark.parametrize(("collectors", "deposits"), [(3, 2), (8, 3)])
def test_sharing_beats_greed_and_greed_beats_chance(collectors, deposits):
    task = GAME.task_space.task({"collectors": collectors, "deposits": deposits, "horizon": 50})
    chance, greed, shared = (
        self_play(GAME, load_agent(uri, GAME), task, matches=24).mean()
        for uri in ("random", "scripted:treasure-greedy", "scripted:treasure-assignment")
    )

    assert shared > 1.1 * greed
    assert greed > 20 + chance
