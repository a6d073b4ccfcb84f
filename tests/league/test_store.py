import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from games import InputError, Task
from league.match import Matchup, Reason, Record
from league.store import Store


def record(k, **changes):
    asked = Matchup("stage", k, Task({"n": k % 3}), ("a", "b"), ("ha", f"hb{k % 2}"), 2**62 + k)
    fields = {"metrics": {"length": 3.5}} | changes
    return Record(asked.id, asked, (1.0, -1.0), (0.25, -0.1), 7 + k, Reason.NORMAL, **fields)


def fill(store, records):
    with store.transaction():
        store.add_matches(records)


def test_records_come_back_as_they_were(tmp_path):
    faulty = record(3, fault=1, detail="it said 'no'; -- really")
    written = [record(0), record(1), faulty, record(2)]
    with Store(tmp_path / "run", write=True, create=True) as store:
        fill(store, written)
    with Store(tmp_path / "run") as store:
        assert list(store.matches("stage")) == sorted(written, key=lambda r: r.matchup.ordinal)
        assert store.match_ids() == {r.id for r in written}
        assert store.count_matches() == {"stage": 4}
        assert list(store.matches("other")) == []


def test_a_share_of_the_matches(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        fill(store, [record(k) for k in range(2000)])
        some = [r.id for r in store.matches("stage", share=0.25)]
        assert 420 <= len(some) <= 580
        assert some == [r.id for r in store.matches("stage", share=0.25)]
        assert set(some) <= {r.id for r in store.matches("stage", share=0.5)}
        assert len(list(store.matches("stage", share=1.5))) == 2000
        assert list(store.matches("stage", share=0.0)) == []


def test_a_match_is_counted_once(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        fill(store, [record(1), record(1)])
        fill(store, [record(1), record(2)])
        assert store.count_matches() == {"stage": 2}


def test_a_failed_transaction_leaves_nothing(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        fill(store, [record(1)])
        with pytest.raises(ZeroDivisionError):
            fill(store, (record(k) for k in (2, 1 // 0)))
        fill(store, [record(3)])
        assert [r.matchup.ordinal for r in store.matches()] == [1, 3]


def test_a_second_writer_is_refused_and_readers_look_on(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        fill(store, [record(1)])
        with pytest.raises(InputError, match=f"is being written by process {os.getpid()}; wait for it"):
            Store(tmp_path, write=True)
        with Store(tmp_path) as reader:
            assert len(reader.match_ids()) == 1
    with Store(tmp_path, write=True) as store:
        fill(store, [record(2)])


def test_another_version_is_refused(tmp_path):
    with Store(tmp_path, write=True, create=True) as store, store.transaction():
        store.set_meta("schema", "99")
    for write in (False, True):
        with pytest.raises(InputError, match=r"another version of the arena \(records version 99, this one reads"):
            Store(tmp_path, write=write)


def test_no_league_and_no_database(tmp_path):
    with pytest.raises(InputError, match=r"is no league: it has no league\.sqlite"):
        Store(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is no league"):
        Store(tmp_path / "nowhere", write=True)
    assert not (tmp_path / "nowhere").exists()
    (tmp_path / "league.sqlite").write_bytes(b"this is no database, but it is long enough to look like one" * 20)
    with pytest.raises(InputError, match="cannot be read as a league"):
        Store(tmp_path)
    (tmp_path / "league.sqlite").write_bytes(b"")
    with pytest.raises(InputError, match="another version"):
        Store(tmp_path)


def test_a_full_disk_harms_nothing(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        fill(store, [record(1)])
        pages = store.db.execute("pragma page_count").fetchone()[0]
        store.db.execute(f"pragma max_page_count = {pages + 2}")
        with pytest.raises(InputError, match="database or disk is full; everything recorded before is unharmed"):
            fill(store, [record(k) for k in range(2, 2000)])
        assert [r.matchup.ordinal for r in store.matches()] == [1]
        store.db.execute("pragma max_page_count = 100000")
        fill(store, [record(2)])
    with Store(tmp_path) as store:
        assert store.db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert len(store.match_ids()) == 2


def test_what_was_committed_survives_a_kill(tmp_path):
    code = textwrap.dedent(
        f"""
        import os, signal, sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        from games import Task
        from league.match import Matchup, Reason, Record
        from league.store import Store
        def record(k):
            asked = Matchup("stage", k, Task({{}}), ("a",), ("h",), k)
            return Record(asked.id, asked, (0.0,), (0.0,), 1, Reason.NORMAL)
        store = Store({str(tmp_path)!r} and __import__("pathlib").Path({str(tmp_path)!r}), write=True, create=True)
        with store.transaction():
            store.add_matches(record(k) for k in range(100))
        store.db.execute("begin immediate")
        store.add_matches(record(k) for k in range(100, 5000))
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -signal.SIGKILL
    with Store(tmp_path, write=True) as store:  # the lock died with its owner
        assert sorted(r.matchup.ordinal for r in store.matches()) == list(range(100))


def test_curves_and_checkpoints(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        assert store.checkpoint() is None
        with store.transaction():
            store.add_curves(10, {"loss": 1.0, "rate": 0.5})
            store.add_curves(20, {"loss": 0.5})
            store.add_curves(20, {"loss": 0.25})
            store.set_checkpoint(10, "ten", {"a": [1]})
            store.set_checkpoint(20, "twenty", {"a": [2]})
        assert store.curve("loss") == [(10, 1.0), (20, 0.25)]
        assert store.curve_names() == ["loss", "rate"]
        assert store.checkpoint() == (20, "twenty", {"a": [2]})


def test_records_are_plain_sql(tmp_path):
    with Store(tmp_path, write=True, create=True) as store:
        fill(store, [record(1)])
    db = sqlite3.connect(tmp_path / "league.sqlite")
    assert db.execute("select scores, reason from matches").fetchall() == [("[1.0, -1.0]", "normal")]
    db.close()
