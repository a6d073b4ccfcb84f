import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import ratings
from eval import cluster_bradley_terry


def test_matches_come_in_pairs_with_swapped_seats():
    truth, first, second, score, cluster = ratings.matches(5, 4000)

    assert abs(truth.mean()) < 1e-9
    assert np.array_equal(first[:2000], second[2000:])
    assert np.array_equal(first[2000:], second[:2000])
    assert np.array_equal(cluster[:2000], cluster[2000:])
    found = cluster_bradley_terry(first, second, score, cluster)
    assert np.all(np.abs(found.rating - truth) < 4 * found.error)


def test_small_sizes_agree_with_the_peer(monkeypatch):
    pytest.importorskip("pyspiel")
    monkeypatch.setattr(ratings, "SIZES", {"tiny": (4, 2000)})
    figures = ratings.run(quick=True)

    assert 0 < figures["seconds_tiny"] <= figures["seconds_tiny_median"]
    assert figures["ratio_tiny"] == pytest.approx(figures["peer_seconds_tiny"] / figures["seconds_tiny"])
    assert figures["largest_difference_elo_tiny"] < 1e-3
    assert figures["covered_tiny"] >= 0.5


def test_an_absent_peer_leaves_our_figures(monkeypatch):
    monkeypatch.setattr(ratings, "SIZES", {"tiny": (4, 2000)})
    monkeypatch.setitem(sys.modules, "open_spiel.python.algorithms", None)
    figures = ratings.run(quick=True)

    assert figures["peer_tiny"].startswith("absent: ")
    assert figures["seconds_tiny"] > 0
    assert "ratio_tiny" not in figures


@pytest.mark.slow
def test_the_promised_speed():
    """The machine may be shared with other tests, so the promise itself is asked for: it has several times the room."""
    command = [sys.executable, "-m", "benchmarks", "ratings", "--quick"]
    root = Path(ratings.__file__).parents[1]
    line = json.loads(subprocess.run(command, check=True, capture_output=True, text=True, cwd=root).stdout)

    assert line["seconds_1e5"] < 2
    assert line["seconds_1e6"] < 6
    assert line["covered_1e6"] == pytest.approx(0.95, abs=0.03)
    assert line["seconds"] < 50
