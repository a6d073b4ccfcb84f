import json

import numpy as np

from league.teachers.scoring import Scoring, of_learner


def test_all_are_played_as_often_as_asked_for():
    scoring = Scoring(np.zeros((3, 2)), 2, 10)
    assert [scoring.next() for _ in range(8)] == [0, 1, 2, 0, 1, 2, None, None]
    for index, value in ((2, 1.0), (0, 4.0), (2, 3.0)):
        scoring.add(index, value)
    assert not scoring.over
    np.testing.assert_array_equal(scoring.mean, [4.0, np.nan, 2.0])
    for index in (0, 1, 1):
        scoring.add(index, 0.0)
    assert scoring.over


def test_lost_ones_are_given_up():
    scoring = Scoring(np.zeros((1, 2)), 1, 3)
    scoring.next()
    for _ in range(3):
        scoring.next()
        assert not scoring.over
    scoring.next()
    assert scoring.over


def test_it_goes_on_from_its_state():
    scoring = Scoring(np.arange(6.0).reshape(3, 2), 2, 3)
    scoring.add(scoring.next(), 0.25)
    for _ in range(8):
        scoring.next()
    again = Scoring.from_state(json.loads(json.dumps(scoring.state_dict())))
    assert again.state_dict() == scoring.state_dict()
    scoring.next()
    again.next()
    assert again.over == scoring.over


def test_who_asked_longest_ago_is_forgotten():
    known = {}
    for k in range(70):
        of_learner(known, f"l{k}", lambda k=k: k)
        of_learner(known, "l0", lambda: "lost")
    assert len(known) == 64
    assert known["l0"] == 0
    assert "l1" not in known
