import numpy as np
import pytest

import games
from games import Limits


class Plain:
    """The rules once more, in lists."""

    def __init__(self, left, right):
        self.left, self.right, self.steps = list(left), list(right), 0

    def step(self, left, right):
        after_right, after_left = list(self.right), list(self.left)
        for health, action in zip(self.left, left, strict=True):
            if health > 0 and action > 0:
                after_right[action - 1] -= 1
        for health, action in zip(self.right, right, strict=True):
            if health > 0 and action > 0:
                after_left[action - 1] -= 1
        after_left, after_right = [max(h, 0) for h in after_left], [max(h, 0) for h in after_right]
        taken, lost = sum(self.right) - sum(after_right), sum(self.left) - sum(after_left)
        self.left, self.right, self.steps = after_left, after_right, self.steps + 1
        return (taken - lost) / 24

    @property
    def over(self):
        return not any(self.left) or not any(self.right)


@pytest.mark.parametrize(("left", "right"), [(1, 1), (1, 4), (3, 2), (4, 4)])
def test_matches_are_those_of_the_plain_rules(start, left, right):
    _, vector, view = start("skirmish-v0", [7, 8, 9], left=left, right=right)
    health = np.round(view.observation["self"][..., 0] * 6).astype(int)
    assert set(health.ravel()) <= {3, 4, 5, 6}
    shared = min(left, right)
    np.testing.assert_array_equal(health[:, :shared], health[:, left : left + shared])  # the same hand for both
    plain = [Plain(row[:left], row[left:]) for row in health]
    rng = np.random.default_rng(0)
    while view.acting.any():
        for slot, match in enumerate(plain):
            units = match.left + match.right
            if view.acting[slot].any():
                assert view.acting[slot].tolist() == [h > 0 for h in units]
                for seat, enemies in enumerate([match.right] * left + [match.left] * right):
                    legal = [True, *(h > 0 for h in enemies)] + [False] * (4 - len(enemies))
                    assert view.action_mask[slot, seat].tolist() == legal
            _check_entities(view, slot, match, left)
        weight = np.where(view.action_mask, rng.random(view.action_mask.shape), -1)
        actions = weight.argmax(axis=2)[..., None].astype(np.int32)
        playing = view.acting.any(axis=1)
        view = vector.step(actions)
        for slot in np.flatnonzero(playing):
            match = plain[slot]
            gain = match.step(actions[slot, :left, 0], actions[slot, left:, 0])
            assert view.reward[slot].tolist() == pytest.approx([gain] * left + [-gain] * right)
            assert view.terminated[slot] == match.over
            assert view.truncated[slot] == (match.steps == 32 and not match.over)
            if match.over:
                sign = np.sign(sum(match.left) - sum(match.right))
                assert view.score[slot].tolist() == [sign] * left + [-sign] * right
                assert view.metrics["survivors"][slot] == sum(h > 0 for h in match.left + match.right)
    assert vector.render(0) == " : ".join(" ".join(map(str, squad)) for squad in (plain[0].left, plain[0].right))


def _check_entities(view, slot, match, left):
    units = match.left + match.right
    for seat in range(len(units)):
        others = [other for other in range(len(units)) if other != seat]
        mask, entities = view.observation["entity_mask"][slot, seat], view.observation["entities"][slot, seat]
        assert mask.tolist() == [units[other] > 0 for other in others]
        for row, other in enumerate(others):
            if not mask[row]:
                assert not entities[row].any()
                continue
            number = other if other < left else other - left
            enemy = (other < left) != (seat < left)
            expected = [not enemy, enemy, units[other] / 6, *(number == i for i in range(4))]
            assert entities[row].tolist() == pytest.approx([float(x) for x in expected])


def test_sizes_may_differ_within_one_batch():
    game = games.make("testkit/skirmish-v0")
    tasks = [game.task_space.task({"left": k, "right": 5 - k}) for k in (1, 2, 3, 4)]
    vector = game.vector(4, Limits(seats=6))
    view = vector.assign(np.arange(4), tasks, np.arange(4, dtype=np.uint64))
    assert view.acting.sum(axis=1).tolist() == [5] * 4
    assert view.observation["entities"].shape == (4, 6, 5, 7)
    assert not view.observation["entities"][:, 5].any()


def test_a_truncated_match_goes_to_the_healthier(start):
    _, vector, view = start("skirmish-v0", left=2, right=1)
    for _ in range(32):
        view = vector.step(np.zeros((1, 3, 1), np.int32))
    assert view.truncated[0]
    assert view.score[0].tolist() == [1, 1, -1]


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_shooting_the_weakest_beats_random_squads(scores, size):
    def weakest(view, seat):
        entities, alive = view.observation["entities"][:, seat], view.observation["entity_mask"][:, seat]
        target = np.where(alive & (entities[..., 1] > 0), entities[..., 2] + entities[..., 3:].argmax(axis=2) / 100, 9)
        number = entities[np.arange(len(target)), target.argmin(axis=1), 3:].argmax(axis=1)
        return (1 + number)[:, None]

    result = scores("skirmish-v0", dict.fromkeys(range(size), weakest), matches=300, left=size, right=size)
    assert result[:, 0].mean() > 0.9
    assert (result[:, 0] == -result[:, -1]).all()
