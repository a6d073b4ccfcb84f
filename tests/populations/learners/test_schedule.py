from __future__ import annotations

import math

import pytest

from games import InputError
from populations.learners.schedule import Schedule, at


def test_linear_goes_by_equal_differences() -> None:
    schedule = Schedule(start=0.2, end=0.1)
    assert [schedule.at(p) for p in (0, 0.5, 1)] == pytest.approx([0.2, 0.15, 0.1])


def test_exponential_goes_by_equal_ratios() -> None:
    schedule = Schedule(start=1.0, end=0.01, shape="exponential")
    assert [schedule.at(p) for p in (0, 0.5, 1)] == pytest.approx([1.0, 0.1, 0.01])


def test_progress_stays_within_the_run() -> None:
    schedule = Schedule(start=1.0, end=3.0)
    assert (schedule.at(-0.5), schedule.at(1.5)) == (1.0, 3.0)


def test_plain_numbers_stay_what_they_are() -> None:
    assert at(0.3, 0.9) == 0.3
    assert math.isclose(at(Schedule(start=0.0, end=1.0), 0.9), 0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"start": 1.0, "end": 0.0, "shape": "exponential"},
            "a schedule of exponential shape cannot go from 1.0 to 0.0",
        ),
        ({"start": -1.0, "end": 0.0}, "cannot go from -1.0 to 0.0"),
        ({"start": 1.0, "end": 0.0, "shape": "cosine"}, "must be linear or exponential, not 'cosine'"),
    ],
)
def test_impossible_schedules_are_refused(options, message) -> None:
    with pytest.raises(InputError, match=message):
        Schedule(**options)
