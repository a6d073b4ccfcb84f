import numpy as np
import pytest


def test_a_point_needs_both_members(start):
    _, vector, view = start("teams-v0", [4])
    cue = view.observation["vector"][0, :, :3].argmax(axis=1)
    assert cue[0] == cue[1]
    assert cue[2] == cue[3]
    total = 0
    for wrong, reward in (((), 0), ((1,), -1), ((2,), 1), ((0, 3), 0), ((0, 1), -1)):
        actions = view.observation["vector"][0, :, :3].argmax(axis=1)
        for seat in wrong:
            actions[seat] = (actions[seat] + 1) % 3
        view = vector.step(actions.reshape(1, 4, 1).astype(np.int32))
        assert view.reward[0].tolist() == [reward, reward, -reward, -reward]
        total += reward
    assert view.terminated[0]
    assert view.score[0].tolist() == [total, total, -total, -total]
    assert view.metrics["points"][0] == 2 + 1 + 1 + 1


def test_cues_change_and_teams_have_their_own(start):
    _, vector, view = start("teams-v0", range(300))
    first = view.observation["vector"][..., :3].argmax(axis=2)
    view = vector.step(np.zeros((300, 4, 1), np.int32))
    second = view.observation["vector"][..., :3].argmax(axis=2)
    for same in (first[:, 0] == first[:, 2], first[:, 0] == second[:, 0]):
        assert same.mean() == pytest.approx(1 / 3, abs=0.08)
    assert view.observation["vector"][0, :, 3].tolist() == pytest.approx([0.8] * 4)


def test_what_good_play_gives(scores):
    def follow(view, seat):
        return view.observation["vector"][:, seat, :3].argmax(axis=1)[:, None]

    assert scores("teams-v0", {0: follow, 1: follow})[:, 0].mean() == pytest.approx(5 * 8 / 9, abs=0.06)
    assert scores("teams-v0", dict.fromkeys(range(4), follow), matches=20).tolist() == [[0.0] * 4] * 20
