import numpy as np

from league.places import Places


def test_numbers_go_by_first_mention():
    places = Places()
    assert [places.number(a) for a in ("x", "y", "x", "z")] == [0, 1, 0, 2]
    np.testing.assert_array_equal(places.numbers(["z", "new", "x"]), [2, 3, 0])
    assert list(places) == ["x", "y", "z", "new"]
    assert len(places) == 4


def test_groups_are_kept_by_identity_and_stay_right():
    places = Places()
    kept = tuple(f"a{k}" for k in range(5))
    first = places.numbers(kept)
    assert places.numbers(kept) is first
    for k in range(1000):  # many more groups than are kept, most of them gone at once and their identities used again
        np.testing.assert_array_equal(places.numbers((f"a{k % 5}", f"b{k}")), [k % 5, 5 + k])
    np.testing.assert_array_equal(places.numbers(kept), first)
