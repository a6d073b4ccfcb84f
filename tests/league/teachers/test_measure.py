import json

import pytest

from games import InputError
from league.teachers import Measure, Result
from league.teachers.measure import Meter


def result(gained, **of):
    return Result(**({"id": 0, "learner": "me", "score": 0.25, "total_return": gained, "length": 1} | of))


def test_what_it_goes_by():
    told = result(3.0, success=0.75)
    assert [Meter(Measure(of=of)).value(told) for of in ("return", "score", "success")] == [3.0, 0.25, 0.75]


def test_declared_bounds_clip():
    meter = Meter(Measure(low=-100.0, high=100.0))
    assert [meter.reward(v) for v in (-300.0, -50.0, 0.0, 100.0, 101.0)] == [0.0, 0.25, 0.5, 1.0, 1.0]


def test_the_range_so_far_where_none_is_declared():
    meter = Meter(Measure())
    assert [meter.reward(v) for v in (5.0, 5.0, 9.0, 7.0)] == [0.5, 0.5, 1.0, 0.5]
    again = Meter(Measure())
    again.load_state_dict(json.loads(json.dumps(meter.state_dict())))
    assert again.reward(8.0) == meter.reward(8.0) == 0.75


def test_success_is_said_by_a_threshold_the_game_the_score_or_the_return():
    assert Meter(Measure(success_above=2.0)).success(result(2.5, success=0.0)) == 1.0
    assert Meter(Measure(success_above=2.0)).success(result(2.0)) == 0.0
    assert Meter(Measure()).success(result(2.0, success=0.5)) == 0.5
    assert Meter(Measure(of="score")).success(result(2.0)) == 0.25
    assert Meter(Measure(low=0.0, high=4.0)).success(result(1.0)) == 0.25


def test_success_by_returns_does_not_mix_ranges():
    meter = Meter(Measure(of="success"))
    found = []
    for gained in (-10.0, 30.0, 0.0, 30.0):
        value = meter.value(result(gained))
        meter.reward(value)
        found.append(value)
    assert found == [0.5, 1.0, 0.25, 1.0]
    again = Meter(Measure(of="success"))
    again.load_state_dict(json.loads(json.dumps(meter.state_dict())))
    assert again.value(result(10.0)) == meter.value(result(10.0)) == 0.5


def test_bounds_the_wrong_way_round():
    with pytest.raises(InputError, match=r"measure\.low must be below measure\.high, not 2 and 1"):
        Measure(low=2, high=1)
