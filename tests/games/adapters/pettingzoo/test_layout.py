"""One layout for agents that differ."""

import numpy as np
import pytest
from gymnasium import spaces

from games import InputError, Limits, Task
from games.adapters.layout import Actions, Observations
from games.adapters.pettingzoo.game import PettingZooGame


def _observations(**agents):
    return Observations(agents)


def test_images_keep_their_type_and_doubles_become_floats():
    layout = _observations(a=spaces.Box(0, 255, (4, 6, 3), np.uint8))
    assert layout.space["view"] == spaces.Box(0, 255, (4, 6, 3), np.uint8)
    layout = _observations(a=spaces.Box(-np.inf, 2.0, (2,), np.float64))
    assert layout.space["view"] == spaces.Box(-np.inf, 2.0, (2,), np.float32)


def test_scalars_and_tuples():
    layout = _observations(a=spaces.Tuple([spaces.Box(0.0, 1.0, ()), spaces.Discrete(2)]))
    assert {name: box.shape for name, box in layout.space.items()} == {"0": (1,), "1": (2,)}
    rows = {"0": np.full(1, 9, np.float32), "1": np.full(2, 9, np.float32)}
    layout.write("a", (0.5, 1), rows)
    assert rows["0"].tolist() == [0.5]
    assert rows["1"].tolist() == [0, 1]


def test_the_pair_of_observation_and_mask_is_unwrapped():
    pair = {"observation": spaces.Dict({"x": spaces.Discrete(2)}), "action_mask": spaces.MultiBinary(3)}
    layout = _observations(a=spaces.Dict(pair))
    assert list(layout.space) == ["x"]
    rows = {"x": np.zeros(2, np.float32)}
    layout.write("a", {"observation": {"x": 0}, "action_mask": np.ones(3)}, rows)
    assert rows["x"].tolist() == [1, 0]


def test_different_numbers_of_axes_are_flattened():
    layout = _observations(a=spaces.Box(0, 1, (2, 2), np.int8), b=spaces.Box(0.0, 3.0, (5,), np.float32))
    assert layout.space["view"].shape == (5,)
    assert layout.space["view"].high.tolist() == [3] * 5
    row = np.full(5, 9, np.float32)
    layout.write("a", np.array([[1, 0], [0, 1]]), {"view": row})
    assert row.tolist() == [1, 0, 0, 1, 0]


def test_bounds_hold_for_those_who_lack_an_array():
    layout = _observations(
        a=spaces.Dict({"x": spaces.Box(2.0, 3.0, (1,))}), b=spaces.Dict({"y": spaces.Box(-3.0, -2.0, (1,))})
    )
    assert (layout.space["x"].low[0], layout.space["x"].high[0]) == (0, 3)
    assert (layout.space["y"].low[0], layout.space["y"].high[0]) == (-3, 0)


def test_spaces_without_a_fixed_size_are_refused(hands):
    with pytest.raises(InputError, match="pettingzoo/own/hands: observation 'view' is a Text space"):
        PettingZooGame("pettingzoo/own/hands", lambda: hands([spaces.Discrete(2)] * 2, [spaces.Text(3)] * 2))


def _play(hands, actions, masks=None, action=None):
    """Play the one step of `Hands` and return the game, the mask and what the environment received."""
    env = hands(actions, masks=masks)
    game = PettingZooGame("pettingzoo/own/hands", lambda: env)
    vector = game.vector(1, Limits(seats=2))
    view = vector.assign(np.zeros(1, np.int64), [Task()], np.zeros(1, np.uint64))
    mask = None if view.action_mask is None else view.action_mask[0].tolist()
    vector.step(np.array([action], game.actions.dtype))
    return game, mask, env.received


def test_equal_discrete_actions_need_no_mask(hands):
    game, mask, received = _play(hands, [spaces.Discrete(3)] * 2, action=[[2], [0]])
    assert game.action_space == spaces.Discrete(3)
    assert mask is None
    assert received == {"hand_0": 2, "hand_1": 0}


def test_discrete_and_structured_actions_share_heads(hands):
    game, mask, received = _play(
        hands,
        [spaces.Discrete(4), spaces.MultiDiscrete([2, 3], start=[0, 1])],
        masks=[np.array([1, 0, 1, 1], np.int8), (np.array([1, 1], np.int8), np.array([0, 1, 1], np.int8))],
        action=[[3, 0], [1, 2]],
    )
    assert game.action_space == spaces.MultiDiscrete([4, 3])
    assert mask == [[True, False, True, True, True, False, False], [True, True, False, False, False, True, True]]
    assert received["hand_0"] == 3
    assert received["hand_1"].tolist() == [1, 3]


def test_a_flat_mask_of_structured_actions(hands):
    spaces_ = [spaces.MultiDiscrete([2, 2])] * 2
    _, mask, _ = _play(hands, spaces_, masks=[np.array([1, 0, 0, 1]), np.array([1, 1, 1, 0])], action=[[0, 1], [0, 0]])
    assert mask == [[True, False, False, True], [True, True, True, False]]


def test_binary_actions(hands):
    game, _, received = _play(hands, [spaces.MultiBinary(3), spaces.MultiBinary(3)], action=[[1, 0, 1], [0, 0, 0]])
    assert game.action_space == spaces.MultiDiscrete([2, 2, 2])
    assert received["hand_0"].tolist() == [1, 0, 1]
    assert received["hand_0"].dtype == np.int8


def test_continuous_actions_keep_their_own_shape_and_bounds(hands):
    game, mask, received = _play(
        hands,
        [spaces.Box(-1.0, 1.0, (2, 2), np.float32), spaces.Box(0.0, 3.0, (3,), np.float64)],
        action=[[0.5, 3, 0, 1], [2, 3, -1, 1]],
    )
    assert game.action_space == spaces.Box(
        np.array([-1, -1, -1, -1], np.float32), np.array([3, 3, 3, 1], np.float32), dtype=np.float32
    )
    assert mask is None
    assert received["hand_0"].tolist() == [[0.5, 1], [0, 1]]
    assert received["hand_1"].tolist() == [2, 3, 0]
    assert received["hand_1"].dtype == np.float64


def test_continuous_and_discrete_actions_do_not_mix():
    with pytest.raises(InputError, match=r"agent 'a' acts in Box.*or all of them Box actions"):
        Actions({"a": spaces.Box(0.0, 1.0, (1,)), "b": spaces.Discrete(2)})
