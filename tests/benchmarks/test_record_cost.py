import pytest

from benchmarks import record_cost
from league import tournament


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(record_cost, "AGENTS", record_cost.AGENTS[:5])


def test_every_match_is_recorded_and_timed(tmp_path):
    found = record_cost._microseconds(tmp_path, 3)
    assert 0 < found < 1e5


def test_a_match_that_is_lost_voids_the_figure(tmp_path, monkeypatch):
    monkeypatch.setattr(tournament.Store, "add_matches", lambda self, records: None)
    with pytest.raises(RuntimeError, match="the figure is void"):
        record_cost._microseconds(tmp_path, 3)
