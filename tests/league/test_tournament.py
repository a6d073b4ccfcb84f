import pytest

from games import InputError
from league import tournament
from league.match import Matchup, match_seed
from league.store import Store
from league.tournament import play_recorded


def asked(game, count):
    task = game.task_space.task({"seats": 2})
    for k in range(count):
        pair = ("a", "b") if k % 2 else ("b", "a")
        yield Matchup("cup", k, task, pair, tuple(f"hash-{p}" for p in pair), match_seed(k))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(tournament, "BATCH", 500)
    monkeypatch.setattr(tournament, "SECONDS", 100.0)


@pytest.fixture
def agents(dice):
    return {n: dice(n) for n in "ab"}


def test_every_record_is_durable_when_it_is_yielded(relay, agents, tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        seen = 0
        with Store(tmp_path) as other:
            for record in play_recorded(relay, asked(relay, 1200), agents, store):
                seen += 1
                if seen % 100 == 0:
                    assert record.id in other.match_ids()
        assert seen == 1200
        assert list(store.agents()) == ["a", "b"]


def test_the_same_schedule_goes_on_where_it_stopped(relay, agents, tmp_path):
    with Store(tmp_path / "whole", write=True, create=True) as store:
        list(play_recorded(relay, asked(relay, 1300), agents, store))
        whole = sorted(store.matches(), key=lambda r: r.id)
    with Store(tmp_path / "parts", write=True, create=True) as store:
        games = play_recorded(relay, asked(relay, 1300), agents, store, slots=16)
        for _ in range(600):
            next(games)
        games.close()  # what Ctrl-C does
        known = len(store.match_ids())
        assert 600 <= known < 1300
        rest = list(play_recorded(relay, asked(relay, 1300), agents, store, slots=64))
        assert len(rest) == 1300 - known
        assert sorted(store.matches(), key=lambda r: r.id) == whole
        assert list(play_recorded(relay, asked(relay, 1300), agents, store)) == []


def test_a_full_disk_stops_a_tournament_with_one_sentence(relay, agents, tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        store.db.execute(f"pragma max_page_count = {store.db.execute('pragma page_count').fetchone()[0] + 30}")
        with pytest.raises(InputError, match="database or disk is full"):
            list(play_recorded(relay, asked(relay, 20_000), agents, store))
        assert len(store.match_ids()) % 500 == 0
        assert len(store.match_ids()) > 0
