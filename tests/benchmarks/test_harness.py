import sys
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks import harness
from games import InputError


class Clock:
    """Time that passes only when someone works."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(harness.time, "perf_counter", lambda: self.now)

    def work(self, name, amount, durations, log):
        durations = iter(durations)

        def portion():
            log.append(name)
            self.now += next(durations)
            return amount

        return portion


def test_the_list_names_every_file_with_a_run_and_describes_it():
    listed = harness.benchmarks()

    assert {"resource-throughput", "start"} <= listed.keys()
    assert "harness" not in listed
    assert all(text.endswith(".") and len(text) < 120 for text in listed.values())


def test_listing_imports_no_benchmark():
    before = set(sys.modules)
    harness.benchmarks()

    assert not {name for name in set(sys.modules) - before if name.startswith("benchmarks.")}


def test_slices_take_turns_and_the_first_portion_is_not_timed(monkeypatch):
    clock, log = Clock(monkeypatch), []
    ours = clock.work("ours", 10, [99, 1, 1, 2, 4], log)
    peer = clock.work("peer", 1, [99, 2, 4, 2], log)

    rates = harness.interleave(ours, peer, rounds=3, seconds=2)

    assert log == ["ours", "peer", "ours", "ours", "peer", "ours", "peer", "ours", "peer"]
    assert rates.ours == harness.Rate(best=10.0, median=5.0)  # 20 / 2, 10 / 2, 10 / 4
    assert rates.peer == harness.Rate(best=0.5, median=0.5)  # 1 / 2, 1 / 4, 1 / 2


def test_fields_carry_the_unit_and_the_ratios():
    rates = harness.Rates(harness.Rate(best=10.0, median=5.0), harness.Rate(best=2.0, median=0.5))

    assert rates.fields("agent_steps") == {
        "agent_steps_per_s": 10.0,
        "agent_steps_per_s_median": 5.0,
        "peer_agent_steps_per_s": 2.0,
        "peer_agent_steps_per_s_median": 0.5,
        "ratio": 5.0,
        "ratio_median": 10.0,
    }


def test_without_a_peer_there_is_no_ratio(monkeypatch):
    clock = Clock(monkeypatch)
    rates = harness.interleave(clock.work("ours", 3, [1, 1, 1], []), rounds=2, seconds=1)

    assert rates.fields("games") == {"games_per_s": 3.0, "games_per_s_median": 3.0}


def test_an_absent_peer_is_said_to_be_absent():
    assert harness.absent(ImportError("No module named 'mpe2'")) == {"peer": "absent: No module named 'mpe2'"}
    assert harness.versions("numpy", "no-such-package") == {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "no-such-package": "absent",
    }


def test_a_world_in_motion_passes():
    moving = harness.Moving("a world")
    for t in range(10):
        moving.look(np.full((4, 3), t, np.float32), ended=t == 9)
    moving.check()


def test_a_world_that_stands_still_is_caught():
    moving = harness.Moving("a world")
    for _ in range(10):
        moving.look(np.ones((4, 3), np.float32), ended=1)

    with pytest.raises(RuntimeError, match="a world: observations changed in 0 of 10 steps; the rate is void"):
        moving.check()


def test_a_world_without_end_is_caught():
    moving = harness.Moving("a world")
    for t in range(10):
        moving.look(np.full(5, t), ended=0)

    with pytest.raises(RuntimeError, match="a world: no match ended in 10 steps"):
        moving.check()


def test_changes_show_in_big_arrays_whose_buffer_is_written_anew():
    moving, array = harness.Moving("a world"), np.zeros((1000, 6, 11, 6), np.float32)
    for t in range(10):
        array[..., 1] = t  # one feature of six
        moving.look(array, ended=1)

    assert moving.changes == 9


def test_a_report_has_figures_and_circumstances(monkeypatch, capsys):
    def run(quick):
        print("hello from a library")
        return {"games_per_s": 1.5, "cores": 2, "versions": {"mpe2": "9"}, "seen": quick}

    monkeypatch.setattr(harness, "benchmarks", lambda: {"my-own": "Mine."})
    monkeypatch.setitem(sys.modules, "benchmarks.my_own", SimpleNamespace(run=run))

    line = harness.report("my-own", quick=True)

    assert line["name"] == "my-own"
    assert line["quick"] is line["seen"] is True
    assert line["games_per_s"] == 1.5
    assert line["cores"] == 2
    assert line["cores_available"] >= 1
    assert line["versions"].keys() == {"python", "numpy", "numba", "torch", "mpe2"}
    assert len(line["load"]) == 2
    assert line["seconds"] >= 0
    assert capsys.readouterr().out == ""


def test_an_unknown_benchmark_is_answered_with_the_nearest():
    with pytest.raises(InputError, match=r"unknown benchmark 'stat'; did you mean 'start'\?"):
        harness.report("stat", quick=True)
