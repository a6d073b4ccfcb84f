"""Disks that are full and folders that must not be written: one line, exit code 2, and nothing recorded is harmed."""

import ctypes
import os
import resource
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from league.store import Store

TOURNAMENT = ["tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--out", "t"]


def test_a_full_disk_ends_a_tournament_with_one_line(process, arena, tmp_path):
    def limit_file_size():
        resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, resource.RLIM_INFINITY))

    # writes beyond the limit fail as they do on a full disk
    child = process(*TOURNAMENT, "--encounters", 3000, preexec_fn=limit_file_size)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 2
    assert err.startswith("error: cannot record in t/league.sqlite:")
    assert err.endswith("everything recorded before is unharmed\n")
    assert err.count("\n") == 1
    with Store(tmp_path / "t") as store:
        before = store.match_ids()
    told = arena(*TOURNAMENT, "--encounters", 3000, "--json").json
    assert told["games"] == 6000
    with Store(tmp_path / "t") as store:
        assert before <= store.match_ids()


@pytest.mark.slow
def test_a_full_disk_ends_a_training_with_one_line(process, arena, kuhn, tmp_path):
    def limit_file_size():
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))

    assert arena("train", kuhn, "--run", "run").code == 0
    with Store(tmp_path / "run") as store:
        before = store.match_ids()
    longer = ["--set", "steps=20000"]
    child = process("train", kuhn, "--run", "run", *longer, preexec_fn=limit_file_size)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 2
    assert err.startswith("error: cannot ")
    assert err.count("\n") == 1
    with Store(tmp_path / "run") as store:
        assert before <= store.match_ids()
    assert arena("train", kuhn, "--run", "run", *longer).code == 0
    assert arena("check", "run", "run").code == 0


@contextmanager
def nobody():
    """Reach files as a user who owns none, also when the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    if not sys.platform.startswith("linux"):
        pytest.skip("root may write everywhere")
    libc = ctypes.CDLL(None)
    libc.setfsuid(65534)
    try:
        yield
    finally:
        libc.setfsuid(0)


def test_a_folder_without_write_permission(arena, monkeypatch):
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users altogether
        folder = Path(name)
        monkeypatch.chdir(folder)
        assert arena(*TOURNAMENT, "--encounters", 1).code == 0  # everything is imported while all may be read
        (folder / "closed").mkdir(mode=0o555)
        (folder / "t").chmod(0o555)
        folder.chmod(0o555)
        try:
            with nobody():
                new = arena(*TOURNAMENT[:-1], "closed/t")
                old = arena(*TOURNAMENT)
        finally:
            folder.chmod(0o755)
            (folder / "t").chmod(0o755)
    assert (new.code, new.out) == (2, "")
    assert new.err == "error: cannot write to closed/t: Permission denied; choose another folder\n"
    assert (old.code, old.out) == (2, "")
    assert old.err == "error: cannot write to t: Permission denied; choose another folder\n"
