import json

import pytest

from league.joint import Joint, JointResults


def test_line_ups_are_kept_in_order():
    joint = JointResults()
    joint.book(("a", "b"), (1.0, 0.0), (3.0, -1.0))
    joint.book(("a", "b"), (0.5, 0.5), (1.0, 1.0))
    joint.book(("b", "a"), (0.0, 1.0), (7.0, 8.0))
    assert joint.result(("a", "b")) == Joint(2, returns=(2.0, 0.0), points=(0.75, 0.25))
    assert joint.result(("b", "a")) == Joint(1, returns=(7.0, 8.0), points=(0.0, 1.0))
    assert joint.result(("a", "a")) is None
    assert list(joint) == [("a", "b"), ("b", "a")]


def test_running_matches_count_as_known():
    joint = JointResults()
    joint.book(("a", "b"), (1.0, 0.0), (0.0, 0.0))
    joint.start(("a", "b"))
    joint.start(("b", "a"))
    assert [joint.known(x) for x in (("a", "b"), ("b", "a"), ("a", "a"))] == [2, 1, 0]
    joint.finish(("a", "b"))
    joint.finish(("b", "a"))
    assert [joint.known(x) for x in (("a", "b"), ("b", "a"))] == [1, 0]
    with pytest.raises(ValueError, match="no match of b, a has been started"):
        joint.finish(("b", "a"))


def test_results_come_back_and_every_change_shows():
    joint = JointResults()
    versions = [joint.version]
    joint.book(("a", "b", "c"), (1.0, 0.5, 0.0), (3.0, -1.0, 0.1))
    versions.append(joint.version)
    joint.book(("a", "b", "c"), (1.0, 0.5, 0.0), (0.1, 0.2, 0.3))
    versions.append(joint.version)
    joint.start(("c", "b", "a"))
    state = json.loads(json.dumps(joint.state_dict()))
    joint.load_state_dict({"sums": [], "running": []})
    versions.append(joint.version)
    assert joint.result(("a", "b", "c")) is None
    joint.load_state_dict(state)
    versions.append(joint.version)
    assert len(set(versions)) == len(versions)
    assert joint.result(("a", "b", "c")) == Joint(
        2, ((3.0 + 0.1) / 2, (-1.0 + 0.2) / 2, (0.1 + 0.3) / 2), (1.0, 0.5, 0.0)
    )
    assert joint.known(("c", "b", "a")) == 1
    assert joint.state_dict() == state
