"""The iterated prisoner's dilemma: what theory says of those who remember one round."""

import numpy as np
import pytest

from games import InputError, Limits, make
from games.markov.repeated.memory import STRATEGIES, Strategy, gain, values

GAME = make("markov/repeated-v0")
DILEMMA = "prisoners_dilemma"


@pytest.mark.parametrize(("name", "threshold"), [("grim", (5 - 3) / (5 - 1)), ("tit_for_tat", (5 - 3) / (3 - 0))])
def test_cooperation_is_an_equilibrium_for_the_patient_alone(name, threshold):
    for discount in (threshold - 0.01, threshold - 0.2):
        assert gain(DILEMMA, STRATEGIES[name], discount=discount) > 1e-3
    for discount in (threshold + 1e-6, 0.9, 0.99):
        assert gain(DILEMMA, STRATEGIES[name], discount=discount) == pytest.approx(0, abs=1e-9)


def test_to_defect_is_an_equilibrium_for_everyone():
    for options in ({"rounds": 1}, {"rounds": 10}, {"discount": 0.0}, {"discount": 0.95}):
        assert gain(DILEMMA, STRATEGIES["always_defect"], **options) == pytest.approx(0, abs=1e-12)


def test_where_the_end_is_known_the_last_round_is_worth_cheating():
    for name in ("grim", "tit_for_tat", "win_stay_lose_shift"):
        kept, best = values(DILEMMA, STRATEGIES[name], STRATEGIES[name], rounds=10)
        assert (kept, best) == (30, 32)


def test_endless_sums_are_those_of_geometric_series():
    cooperate, defect, grim = (STRATEGIES[name] for name in ("always_cooperate", "always_defect", "grim"))

    assert values(DILEMMA, cooperate, cooperate, discount=0.9) == pytest.approx((30, 50))
    assert values(DILEMMA, defect, grim, discount=0.9) == pytest.approx((5 + 9, 30))
    assert values(DILEMMA, grim, defect, discount=0.9) == pytest.approx((0 + 9, 10))


@pytest.mark.parametrize("rounds", [1, 2, 7])
def test_values_are_what_matches_of_the_game_pay(rounds):
    """Strategies without chance, played out in the engine."""
    task = GAME.task_space.task({"rounds": rounds})
    for own in STRATEGIES.values():
        for other in STRATEGIES.values():
            vector = GAME.vector(1, Limits(seats=2))
            step = vector.assign(np.array([0]), [task], np.zeros(1, np.uint64))
            last = None
            for _ in range(rounds):
                mixtures = (own.first, other.first) if last is None else (own.then[last], other.then[last[::-1]])
                last = tuple(int(mix.argmax()) for mix in mixtures)
                step = vector.step(np.array(last)[None, :, None])
            assert values(DILEMMA, own, other, rounds=rounds)[0] == pytest.approx(step.score[0, 0])


def test_the_best_answer_is_no_worse_than_any_of_many():
    rng = np.random.default_rng(0)

    def drawn():
        share = rng.random(5)
        then = share[1:].reshape(2, 2)
        return Strategy(np.array([share[0], 1 - share[0]]), np.stack([then, 1 - then], axis=2))

    for _ in range(8):
        other = drawn()
        kept, bests = zip(*(values(DILEMMA, drawn(), other, discount=0.8) for _ in range(30)), strict=True)
        assert np.ptp(bests) < 1e-9
        assert max(kept) <= bests[0] + 1e-9


def test_games_of_three_actions_have_strategies_too():
    stay = Strategy(np.array([0.0, 1.0, 0.0]), np.tile([0.0, 1.0, 0.0], (3, 3, 1)))

    assert values("coordination", stay, stay, rounds=4) == pytest.approx((3.6, 3.6))


def test_sums_without_an_end_are_refused():
    with pytest.raises(InputError, match=r"endless play needs a discount from 0 to below 1, not 1\.0"):
        gain(DILEMMA, STRATEGIES["grim"])
    with pytest.raises(InputError, match="a match has at least one round, not 0"):
        gain(DILEMMA, STRATEGIES["grim"], rounds=0)
