import math

import pytest

from eval.skill import Skill, skill_chances, skill_update

HUMAN = 25 / 300  # the library's own drift


def update(scores, sizes=None, **options):
    teams = [[Skill()] * size for size in sizes or [1] * len(scores)]
    return [(team[-1].mu, team[-1].sigma) for team in skill_update(teams, scores, **options)]


class TestGolden:
    def test_plackett_luce(self):
        options = {"model": "plackett-luce", "tau": HUMAN}
        (mu, sigma), (other, _) = update([1, 0], **options)
        assert (mu, sigma, other) == pytest.approx((27.635389, 8.065901, 22.364611), abs=1e-6)
        assert update([1, 1], **options)[0] == pytest.approx((25, 8.065901), abs=1e-6)
        three = [(27.869049, 8.205243), (25.717262, 8.058224), (21.413689, 8.058224)]
        for found, expected in zip(update([5, 2, 1], **options), three, strict=True):
            assert found == pytest.approx(expected, abs=1e-6)
        pairs = update([1, 0], sizes=[2, 2], **options)
        assert pairs[0] == pytest.approx((26.964295, 8.177963), abs=1e-6)
        assert pairs[1][0] == pytest.approx(23.035705, abs=1e-6)

    def test_bradley_terry(self):
        found = update([3, 2, 1], tau=HUMAN)
        assert found[0] == pytest.approx((30.270779, 7.788847), abs=1e-6)
        assert [mu for mu, _ in found[1:]] == pytest.approx([25, 19.729221], abs=1e-6)

    def test_thurstone_mosteller(self):
        assert update([1, 0], model="thurstone-mosteller", tau=HUMAN)[0] == pytest.approx(
            (29.230972, 7.631294), abs=1e-6
        )

    def test_ranks_with_draws(self):
        """Places 1, 2, 3, 2, 4: only the default keeps the order."""
        scores = [-1, -2, -3, -2, -4]
        found = {
            model: [team[0].ordinal for team in skill_update([[Skill()]] * 5, scores, model=model, tau=HUMAN)]
            for model in ("bradley-terry", "plackett-luce")
        }
        expected = [13.933040, 6.026871, -1.879297, 6.026871, -7.150076]
        assert found["bradley-terry"] == pytest.approx(expected, abs=1e-6)
        expected = [2.793916, 0.445012, 0.648125, 0.445012, -2.685409]
        assert found["plackett-luce"] == pytest.approx(expected, abs=1e-6)

    def test_chances(self):
        assert skill_chances([[Skill(30, 5)], [Skill(25, 5)]]) == pytest.approx([0.706509, 0.293491], abs=1e-6)


def test_frozen_agents_do_not_drift():
    """Without drift a match can only teach; a zero must not be taken for the library's default."""
    sure = Skill(25, 0.01)
    assert skill_update([[sure], [sure]], [1, 0])[0][0].sigma < 0.01
    assert skill_update([[sure], [sure]], [1, 0], tau=HUMAN)[0][0].sigma > 0.08
    assert Skill().sigma > update([1, 0])[0][1] != update([1, 0], tau=HUMAN)[0][1]


def test_teams_come_back_in_their_order():
    found = skill_update([[Skill(20)], [Skill(30), Skill(10)], [Skill(25)]], [0, 7, 3])
    assert [len(team) for team in found] == [1, 2, 1]
    assert found[0][0].mu < 20
    assert found[1][0].mu > 30
    assert found[1][1].mu > 10


@pytest.mark.parametrize(
    ("teams", "scores", "options", "message"),
    [
        ([[Skill()]], [1], {}, "at least two teams"),
        ([[Skill()], []], [1, 0], {}, "at least one player"),
        ([[Skill()], [Skill()]], [1], {}, "2 teams need as many finite scores"),
        ([[Skill()], [Skill()]], [1, math.nan], {}, "finite scores"),
        ([[Skill()], [Skill()]], [1, 0], {"model": "elo"}, "'bradley-terry', 'plackett-luce', 'thurstone-mosteller'"),
        ([[Skill()], [Skill()]], [1, 0], {"tau": -1}, "tau must be"),
    ],
)
def test_wrong_input(teams, scores, options, message):
    with pytest.raises(ValueError, match=message):
        skill_update(teams, scores, **options)


def test_chances_need_two():
    with pytest.raises(ValueError, match="at least two teams"):
        skill_chances([[Skill()]])
