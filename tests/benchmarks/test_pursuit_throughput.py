import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import harness, pursuit_throughput
from benchmarks.harness import Moving


def test_our_portion_is_a_match_in_every_world(monkeypatch):
    monkeypatch.setattr(pursuit_throughput, "WORLDS", 8)
    moving = Moving("ours")
    work = pursuit_throughput.pursuit(moving)

    assert [work(), work()] == [8 * 4 * 25] * 2
    assert (moving.looks, moving.ended) == (50, 16)
    moving.check()


def test_the_portion_of_mpe2_is_an_episode():
    pytest.importorskip("mpe2")
    moving = Moving("peer")
    work = pursuit_throughput.mpe2(moving)

    assert [work(), work()] == [4 * 25] * 2
    assert (moving.looks, moving.ended) == (50, 2)
    moving.check()


def test_one_core_is_given_back():
    before = os.sched_getaffinity(0)
    with pursuit_throughput.one_core():
        assert len(os.sched_getaffinity(0)) == 1
    assert os.sched_getaffinity(0) == before


def test_absent_peers_leave_our_figures(monkeypatch):
    monkeypatch.setattr(pursuit_throughput, "WORLDS", 8)
    for name in ("mpe2", "jaxmarl", "jax", "vmas"):
        monkeypatch.setitem(sys.modules, name, None)
    short = functools.partial(harness.interleave, rounds=1, seconds=0.01)
    monkeypatch.setattr(pursuit_throughput, "interleave", lambda ours, peer=None, **_: short(ours, peer))
    figures = pursuit_throughput.run(quick=True)

    assert all(figures[peer].startswith("absent: ") for peer in ("peer", "peer_jaxmarl", "peer_vmas"))
    assert figures["agent_steps_per_s"] > 0
    assert not {"ratio", "ratio_jaxmarl", "ratio_vmas", "against"} & figures.keys()


@pytest.mark.slow
def test_the_promised_speed():
    """Half of what is promised is asked for here: the tests may share the machine."""
    pytest.importorskip("mpe2")
    command = [sys.executable, "-m", "benchmarks", "pursuit-throughput", "--quick"]
    root = Path(pursuit_throughput.__file__).parents[1]
    line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout)

    assert line["agent_steps_per_s"] > 5e6
    assert line["ratio"] > 1000
    assert line["seconds"] < 50
