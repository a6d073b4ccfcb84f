import subprocess

import pytest

from benchmarks import start


@pytest.fixture
def processes(monkeypatch):
    """Seconds that fresh processes take, without starting any."""
    log = []

    def finish(command):
        log.append(tuple(command[1:]))
        return float(len(log))

    monkeypatch.setattr(start, "_finish", finish)
    monkeypatch.setattr(start, "_first_step", lambda cache: float(log.append(cache) or len(log)))
    return log


def test_figures_are_of_fresh_processes_and_one_cache(processes):
    figures = start.run(quick=True)

    assert processes[:11] == [("-c", "")] * 5 + [("-m", "arena", "--help")] * 6
    assert len(processes) == 17
    assert len(set(processes[11:])) == 1
    assert figures == {
        "interpreter_s": 1.0,
        "interpreter_s_median": 3.0,
        "help_s": 7.0,
        "help_s_median": 9.0,
        "first_step_cold_s": 12.0,
        "first_step_s": 13.0,
        "first_step_s_median": 15.0,
    }


def test_a_command_that_fails_is_absent(processes, monkeypatch):
    def finish(command):
        if "arena" in command:
            raise subprocess.CalledProcessError(1, command, stderr="Traceback\nNo module named arena\n")
        return 0.5

    monkeypatch.setattr(start, "_finish", finish)

    figures = start.run(quick=True)
    assert figures["help"] == "absent: python -m arena --help ended with 1: No module named arena"
    assert "help_s" not in figures
    assert "first_step_s" in figures


@pytest.mark.slow
def test_a_process_that_steps(tmp_path):
    assert 0.1 < start._first_step(str(tmp_path)) < 60
    assert list(tmp_path.rglob("*.nbi"))


def test_a_process_that_fails_is_no_figure(monkeypatch, tmp_path):
    monkeypatch.setattr(start, "FIRST_STEP", "raise SystemExit(3)")

    with pytest.raises(RuntimeError, match="the first step failed with exit code 3"):
        start._first_step(str(tmp_path))
