import pytest

from games import InputError
from league.teachers.checks import require_choice, require_least, require_positive, require_share

GOOD = [
    lambda: require_least("t", a=(1, 1), b=(0, 0)),
    lambda: require_share("t", a=0.0, b=1.0, c=0.5),
    lambda: require_positive("t", a=1e-9),
    lambda: require_choice("t", "a", "x", ("x", "y")),
]
BAD = [
    (lambda: require_least("t", a=(1, 1), b=(1, 2)), "teacher 't': b must be at least 2, not 1"),
    (lambda: require_share("t", a=0.0, b=1.1), "teacher 't': b must be from 0 to 1, not 1.1"),
    (lambda: require_share("t", a=float("nan")), "teacher 't': a must be from 0 to 1, not nan"),
    (lambda: require_positive("t", a=0.0), "teacher 't': a must be above 0, not 0.0"),
    (lambda: require_choice("t", "a", "z", ("w", "x", "y")), "teacher 't': a must be w, x or y, not 'z'"),
]


@pytest.mark.parametrize("check", GOOD)
def test_what_is_in_its_bounds_passes(check):
    check()


@pytest.mark.parametrize(("check", "message"), BAD)
def test_what_is_not_is_told_with_its_name(check, message):
    with pytest.raises(InputError) as error:
        check()
    assert str(error.value) == message
