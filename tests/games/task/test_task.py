import json

from hypothesis import given, settings
from hypothesis import strategies as st

from games import Categorical, Integer, Real, Task, TaskSpace

SPACE = TaskSpace(
    {
        "wind": Real(-1.5, 2.5, 0.0),
        "population": Integer(2, 48, 6),
        "map": Categorical(("plain", "ridge", "islands"), "plain"),
        "fog": Categorical((False, True), False),
    }
)
UNIT = st.lists(st.floats(0, 1), min_size=4, max_size=4)
checked = settings(deadline=None, derandomize=True, max_examples=200)


def test_golden_hash():
    """Pinned: records name tasks by it."""
    assert Task({"population": 6}).hash == "611f06c00f97bc38"
    assert Task().hash == "44136fa355b3678a"


def test_order_does_not_matter():
    one, other = Task({"a": 1, "b": 0.5}), Task({"b": 0.5, "a": 1})

    assert one == other
    assert hash(one) == hash(other)
    assert one.json == other.json == '{"a":1,"b":0.5}'
    assert list(one) == ["a", "b"]


def test_kinds_of_equal_value_are_different_tasks():
    assert Task({"a": 1}) != Task({"a": True})
    assert Task({"a": 1}) != Task({"a": 1.0})
    assert Task({"a": 1}) != {"a": 1}
    assert len({Task({"a": 1}), Task({"a": 1.0}), Task({"a": "1"}), Task({"a": 1})}) == 3


@checked
@given(point=UNIT)
def test_json_goes_both_ways(point):
    task = SPACE.from_unit(point)

    again = Task.from_json(json.dumps(json.loads(task.json), indent=2))
    assert again == task
    assert again.hash == task.hash
    assert {name: type(value) for name, value in again.items()} == {n: type(v) for n, v in task.items()}
