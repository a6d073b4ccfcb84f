"""Limits, walls, and that nothing survives, whoever dies first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

SH = "import subprocess, sys\n"
NAMESPACES = subprocess.run(["unshare", "--user", "--pid", "--net", "--fork", "true"], check=False).returncode == 0


def lost(bot, rows, act, **kwargs):
    failure = bot(act, **kwargs).act(rows(), {}).failures[0]
    assert failure.reason == "crash"
    return failure


def test_memory_of_one_process(bot, rows, alive):
    failure = lost(bot, rows, "hog = [bytearray(1 << 20) for _ in range(10_000)]", options="memory_mb=100")
    assert "MemoryError" in failure.log or "memory" in failure.detail
    assert alive() == []


def test_memory_of_all_processes_together(bot, rows, alive):
    """None of them has too much."""
    act = "for _ in range(8):\n    if not os.fork(): hog = b'x' * (60 << 20); time.sleep(60)\ntime.sleep(60)"
    failure = lost(bot, rows, act, options="memory_mb=200&move_seconds=20")
    assert failure.detail == "it used more than 200 MB of memory (memory_mb)"
    assert alive() == []


def test_memory_that_forks_share_is_counted_once(bot, rows):
    act = "hog = b'x' * (60 << 20)\nfor _ in range(8):\n    if not os.fork(): time.sleep(60)\ntime.sleep(0.5); answer()"
    assert bot(act, options="memory_mb=200&move_seconds=20").act(rows(), {}).failures == {}


def test_processor_time(bot, rows, alive):
    failure = lost(bot, rows, "while True: pass", options="cpu_seconds=1&move_seconds=20")
    assert failure.detail in ("it used more than 1 s of processor time (cpu_seconds)", "it was killed by SIGKILL")
    assert alive() == []


def test_processor_time_of_children(bot, rows):
    act = "for _ in range(4):\n    if not os.fork():\n        while True: pass\ntime.sleep(60)"
    failure = lost(bot, rows, act, options="cpu_seconds=1&move_seconds=20")
    assert failure.detail == "it used more than 1 s of processor time (cpu_seconds)"


def test_processes(bot, rows, alive):
    act = "for _ in range(40):\n    if not os.fork(): time.sleep(60)\ntime.sleep(60)"
    failure = lost(bot, rows, act, options="processes=8&move_seconds=20")
    assert failure.detail == "it had more than 8 processes (processes)"
    assert alive() == []
    act = "for _ in range(7):\n    if not os.fork(): time.sleep(60)\nanswer()"
    assert bot(act, options="processes=8").act(rows(), {}).failures == {}


@pytest.mark.skipif(not NAMESPACES, reason="without namespaces, a bomb is a matter of the machine's own limits")
def test_a_fork_bomb(bot, rows, alive):
    start = time.monotonic()
    failure = lost(bot, rows, "while True: os.fork()", options="processes=16&move_seconds=30")
    assert failure.detail == "it had more than 16 processes (processes)"
    assert alive(patience=10) == []
    assert time.monotonic() - start < 20


def test_files(bot, rows, tmp_path):
    act = f"open({str(tmp_path / 'big')!r}, 'wb').write(b'x' * (3 << 20))"
    failure = lost(bot, rows, act, options="file_mb=1")
    assert "SIGXFSZ" in failure.detail or "File too large" in failure.log
    assert (tmp_path / "big").stat().st_size <= 1 << 20


def test_a_daemon_goes_with_the_bot(bot, rows, marker, alive):
    daemon = f"subprocess.Popen(['setsid', 'sh', '-c', '(sleep 99; : {marker}) & :'])"
    policy = bot(f"{daemon}\ntime.sleep(0.1); answer()")
    assert policy.act(rows(), {}).failures == {}
    assert any("sleep" in line for line in alive(patience=0))
    policy.close()
    assert alive() == []


def test_a_bot_that_ends_leaves_nothing_either(bot, rows, marker, alive):
    daemon = f"subprocess.Popen(['setsid', 'sh', '-c', '(sleep 99; : {marker}) & :'])"
    lost(bot, rows, f"{daemon}\ntime.sleep(0.1); os._exit(1)")
    assert alive() == []


@pytest.mark.skipif(not NAMESPACES, reason="the kernel lets nobody have a network of its own")
def test_no_network_and_no_sight_of_others(bot, rows):
    act = (
        "import socket\n"
        "try: socket.create_connection(('127.0.0.1', 9)); code = 1\n"
        "except ConnectionRefusedError: code = 2\n"
        "except OSError: code = 0\n"
        f"answer(code + 3 * os.path.exists('/proc/{os.getpid()}') * (os.getpid() != {os.getpid()}))"
    )
    policy = bot(act)
    action = policy.act(rows(), {}).action[0, 0]
    assert policy.kept == "isolated"
    assert action in (0, 3)  # 3: where /proc cannot be mounted anew, or a bot of its own has that number


def test_secrets_of_the_environment_stay_here(bot, rows, monkeypatch):
    monkeypatch.setenv("ARENA_TEST_TOKEN", "secret")
    policy = bot("answer(int('ARENA_TEST_TOKEN' in os.environ) + 2 * ('PATH' in os.environ))")
    assert policy.act(rows(), {}).action.tolist() == [[2]]


MANAGER = """
import sys, time
import numpy as np
import games
from games import Limits, Task
from populations.agents import load_agent
from populations.policy import Rows
game = games.make("openspiel/tic_tac_toe")
policy = load_agent(sys.argv[1], game).policy
vector = game.vector(1, Limits(seats=2))
view = vector.assign(np.arange(1), [Task()], np.zeros(1, np.uint64))
zero = np.zeros(1, np.int64)
observation = {"vector": view.observation["vector"][:, 0]}
rows = Rows(observation, view.action_mask[:, 0], zero.astype(np.uint64), zero, zero, zero)
if sys.argv[2] == "thread":
    import threading
    thread = threading.Thread(target=policy.start); thread.start(); thread.join(); time.sleep(0.5)
assert not policy.act(rows, {}).failures
assert policy.usage.starts == 1
print("playing", flush=True)
if sys.argv[2] == "kill":
    time.sleep(60)
"""


def manage(script, marker, tmp_path, how):
    path = tmp_path / "manager.py"
    path.write_text(textwrap.dedent(MANAGER))
    daemon = f"subprocess.Popen(['setsid', 'sh', '-c', '(sleep 99; : {marker}) & :'])"
    uri = f"process:{sys.executable} {script(f'{daemon}; time.sleep(0.1); answer()', bye='time.sleep(60)')} {marker}"
    root = Path(__file__).parents[4]
    manager = subprocess.Popen(
        [sys.executable, str(path), uri, how],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert manager.stdout.readline() == "playing\n"
    return manager


def test_kill_9_of_the_manager_leaves_nothing(script, marker, tmp_path, alive):
    manager = manage(script, marker, tmp_path, "kill")
    assert len(alive(patience=0)) > 3
    manager.send_signal(signal.SIGKILL)
    manager.wait()
    assert alive() == []
    manager.stdout.close()


@pytest.mark.parametrize("how", ["end", "thread"])
def test_the_end_of_the_manager_leaves_nothing(how, script, marker, tmp_path, alive):
    """Nor does a bot end with the thread that started it."""
    manager = manage(script, marker, tmp_path, how)
    assert manager.wait(timeout=20) == 0
    assert alive(patience=0) == []
    manager.stdout.close()


@pytest.mark.parametrize("refused", [False, True], ids=["namespaces", "open"])
def test_with_and_without_namespaces(refused, bot, rows, marker, alive, monkeypatch, tmp_path):
    """Where the kernel refuses them, the supervisor adopts and ends what the bot leaves behind."""
    from populations.agents.process import bot as module

    source = Path(module.__file__).with_name("supervisor.py").read_text()
    if refused:
        source = source.replace("    user, group = os.getuid(), os.getgid()", "    return 'not today'", 1)
        assert "not today" in source
    (tmp_path / "module").mkdir()
    (tmp_path / "module" / "supervisor.py").write_text(source)
    monkeypatch.setattr(module, "__file__", str(tmp_path / "module" / "bot.py"))
    daemon = f"subprocess.Popen(['setsid', 'sh', '-c', '(sleep 99; : {marker}) & :'])"
    policy = bot(f"{daemon}\ntime.sleep(0.1)\nos._exit(1) if m['match'] == 2 else answer()")
    assert [*policy.act(rows(3), {}).failures] == [1]
    assert policy.kept == ("open: not today" if refused else "isolated")
    assert any("sleep" in line for line in alive(patience=0))
    policy.close()
    assert alive() == []
