import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.online import Glicko, elo_update, glicko_update


class TestElo:
    def test_golden(self):
        assert elo_update(1500, 1600, 1.0, k=32) == pytest.approx((1520.482080, 1579.517920), abs=1e-6)

    def test_equal_agents_that_draw_stay(self):
        assert elo_update(7.0, 7.0, 0.5) == (7.0, 7.0)

    @pytest.mark.parametrize(("score", "options", "message"), [(2, {}, "score"), (1, {"k": 0}, "k must be")])
    def test_wrong_input(self, score, options, message):
        with pytest.raises(ValueError, match=message):
            elo_update(0, 0, score, **options)


class TestGlicko:
    def test_the_well_known_example(self):
        found = glicko_update(Glicko(1500, 200, 0.06), [1400, 1550, 1700], [30, 100, 300], [1, 0, 0], tau=0.5)
        assert (found.rating, found.deviation) == pytest.approx((1464.050671, 151.516522), abs=1e-6)
        assert found.volatility == pytest.approx(0.0599960, abs=1e-7)

    def test_an_idle_agent_grows_unsure(self):
        scale = 400 / math.log(10)
        found = glicko_update(Glicko(1600, 50, 0.06))
        assert (found.rating, found.volatility) == (1600, 0.06)
        assert found.deviation == pytest.approx(scale * math.sqrt((50 / scale) ** 2 + 0.06**2))

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(
        st.lists(
            st.tuples(st.floats(0, 3000), st.floats(10, 400), st.sampled_from([0, 0.5, 1])), min_size=1, max_size=9
        ),
        st.floats(0, 3000),
        st.floats(0.02, 0.2),
        st.floats(0.3, 1.2),
    )
    def test_volatility_is_the_root_of_glickmans_equation(self, games, rating, volatility, tau):
        """His function f of step 5, in plain Python, changes its sign around the volatility that was found."""
        scale = 400 / math.log(10)
        found = glicko_update(Glicko(rating, 100, volatility), *zip(*games, strict=True), tau=tau)
        phi, information, surprise = 100 / scale, 0.0, 0.0
        for theirs, deviation, score in games:
            g = 1 / math.sqrt(1 + 3 * (deviation / scale / math.pi) ** 2)
            expected = 1 / (1 + math.exp(-g * (rating - theirs) / scale))
            information += g * g * expected * (1 - expected)
            surprise += g * (score - expected)
        v = 1 / information

        def f(x):
            total = phi**2 + v + math.exp(x)
            return (
                math.exp(x) * ((v * surprise) ** 2 - total) / (2 * total**2) - (x - 2 * math.log(volatility)) / tau**2
            )

        x = 2 * math.log(found.volatility)
        assert f(x - 1e-6) > 0 > f(x + 1e-6)
        fresh = 1 / math.sqrt(1 / (phi**2 + found.volatility**2) + information)
        assert found.deviation == pytest.approx(scale * fresh)
        assert found.rating == pytest.approx(rating + scale * fresh**2 * surprise)

    @pytest.mark.parametrize(
        ("arrays", "options", "message"),
        [
            (([1500], [50], [1, 0]), {}, "one length"),
            (([1500], [50], [3]), {}, "between 0 and 1"),
            (([1500], [0], [1]), {}, "must be positive"),
            (([1500], [50], [1]), {"tau": 0}, "must be positive"),
        ],
    )
    def test_wrong_input(self, arrays, options, message):
        with pytest.raises(ValueError, match=message):
            glicko_update(Glicko(), *arrays, **options)
