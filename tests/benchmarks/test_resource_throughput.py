import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import harness, resource_throughput
from benchmarks.harness import Moving


def test_our_portion_is_a_match_in_every_world(monkeypatch):
    monkeypatch.setattr(resource_throughput, "WORLDS", 8)
    moving = Moving("ours")
    work = resource_throughput.resource(6, moving)

    assert [work(), work()] == [8 * 6 * 20] * 2
    assert (moving.looks, moving.ended) == (40, 16)
    moving.check()


def test_the_peers_portion_is_an_episode():
    pytest.importorskip("mpe2")
    moving = Moving("peer")
    work = resource_throughput.spread(moving)

    assert [work(), work()] == [3 * 25] * 2
    assert (moving.looks, moving.ended) == (50, 2)
    moving.check()


def test_an_absent_peer_leaves_our_figures(monkeypatch):
    monkeypatch.setattr(resource_throughput, "WORLDS", 8)
    monkeypatch.setitem(sys.modules, "mpe2", None)
    short = functools.partial(harness.interleave, rounds=1, seconds=0.01)
    monkeypatch.setattr(resource_throughput, "interleave", lambda ours, peer=None, **_: short(ours, peer))
    figures = resource_throughput.run(quick=True)

    assert figures["peer"].startswith("absent: ")
    assert figures["agent_steps_per_s"] > 0
    assert not {"ratio", "against"} & figures.keys()


@pytest.mark.slow
def test_the_promised_speed():
    """Half of what is promised is asked for here: the tests may share the machine."""
    pytest.importorskip("mpe2")
    command = [sys.executable, "-m", "benchmarks", "resource-throughput", "--quick"]
    root = Path(resource_throughput.__file__).parents[1]
    line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout)

    assert line["agent_steps_per_s"] > 5e6
    assert line["ratio"] > 500
    assert line["seconds"] < 50
