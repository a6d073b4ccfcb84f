import numpy as np
import pytest

from games.randomness import WORLD, integer

ROLL, HOLD = 0, 1


@pytest.mark.parametrize("seed", range(20))
def test_matches_are_those_of_the_plain_rules(start, seed):
    _, vector, view = start("dice-v0", [seed], target=25)
    rng = np.random.default_rng(seed)
    bank, pot, seat, step = [0, 0, 0], 0, 0, 0
    while True:
        assert view.acting[0].tolist() == [seat == s for s in range(3)]
        assert view.action_mask[0, seat].tolist() == [True, pot > 0]
        expected = [pot, bank[seat], bank[(seat + 1) % 3], bank[(seat + 2) % 3]]
        assert view.observation["vector"][0, seat].tolist() == pytest.approx([x / 25 for x in expected])
        assert vector.render(0) == f"banks {bank}, seat {seat} has {pot} in the pot"
        action = HOLD if pot and rng.random() < 0.3 else ROLL
        view = vector.step(np.full((1, 3, 1), action, np.int32))
        step += 1
        face = 1 + integer(np.uint64(seed), WORLD, step, 0, 6)
        if action == ROLL and face > 1:
            pot += face
            if bank[seat] + pot >= 25:
                break
            continue
        bank[seat] += pot if action == HOLD else 0
        pot, seat = 0, (seat + 1) % 3
    bank[seat] = 25
    assert view.terminated[0]
    assert view.score[0].tolist() == bank
    assert view.reward[0].tolist() == [1 if s == seat else -0.5 for s in range(3)]
    assert view.metrics["winner"][0] == seat


@pytest.mark.parametrize(("seat", "share"), [(0, 0.77), (1, 0.70), (2, 0.65)])
def test_holding_at_fifteen_beats_random_players(scores, seat, share):
    def hold(view, seat):
        return ((view.observation["vector"][:, seat, 0] * 30 > 14.5) & view.action_mask[:, seat, HOLD])[:, None]

    won = scores("dice-v0", {seat: hold}, matches=800).argmax(axis=1) == seat
    assert won.mean() == pytest.approx(share, abs=0.045)


def test_random_players(scores):
    winners = np.bincount(scores("dice-v0", {}, matches=800).argmax(axis=1), minlength=3) / 800
    assert winners.tolist() == pytest.approx([0.40, 0.31, 0.29], abs=0.045)
