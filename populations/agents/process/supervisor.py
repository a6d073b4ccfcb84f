"""A small program between us and a bot: it starts the bot, holds it to its limits, and lets nothing of it survive.

It runs by itself, `python -I -S supervisor.py CONTROL MEMORY CPU PROCESSES FILE COMMAND...`, imports nothing but the standard
library, and is the parent of a keeper, which is the parent of the bot. Where the kernel allows it the keeper is the first
process of a namespace of its own, without network and out of reach of other processes: when it ends, the kernel ends all
that the bot ever started. Elsewhere the supervisor adopts what the bot leaves behind and ends it process by process.

CONTROL is a socket to whoever started it. It carries two lines to there, how the bot is kept (`isolated` or `open: WHY`)
and how it ended, and one byte from there: `k` ends the bot at once. When the other end closes, also because its owner was
killed, the bot has a second to leave by itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import resource
import select
import signal
import sys
import time
from collections.abc import Iterator

LINUX = sys.platform == "linux"
TICK = 0.1
"""Seconds between two looks at what the bot uses."""
GRACE = 1.0
"""Seconds between the end of its input and the end of the bot."""
THREADS = 512
"""Threads and processes together: what the kernel refuses by itself, should the bot outrun our looks. Not for root."""

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
PDEATHSIG, CAPBSET_DROP, SUBREAPER, NO_NEW_PRIVILEGES = 1, 24, 36, 38
_libc = ctypes.CDLL(None, use_errno=True) if LINUX else None


def main(control: int, memory: int, cpu: int, processes: int, file: int, command: list[str]) -> None:
    """Keep one bot from its start to its end; limits in bytes and seconds."""
    parent = os.getppid()
    os.set_inheritable(control, False)
    _go_first()
    refusal = _isolate() if LINUX else "only Linux has namespaces"
    _prctl(SUBREAPER, 1)
    ended, status = os.pipe()
    keeper = os.fork()
    if keeper == 0:
        os.close(control)
        os.close(ended)
        _keep(status, not refusal, memory, cpu, file, command)
    os.close(status)
    _leave_pipes()
    _say(control, f"open: {refusal}" if refusal else "isolated")
    cause = _wait(parent, control, ended, keeper, memory, cpu, processes)
    _end_all(keeper)
    _say(control, cause)


def _wait(parent: int, control: int, ended: int, keeper: int, memory: int, cpu: int, processes: int) -> str:
    """Return what ended the bot, as a clause that follows its name."""
    poll, leave = select.poll(), float("inf")
    poll.register(control, select.POLLIN)
    poll.register(ended, select.POLLIN)
    while time.monotonic() < leave:
        ready = [fd for fd, _ in poll.poll(TICK * 1000)]
        if ended in ready:
            return _described(os.read(ended, 16).decode())
        if control in ready:
            if _order(control):
                return "was stopped"
            poll.unregister(control)
            leave = time.monotonic() + GRACE
        if os.getppid() != parent:
            leave = min(leave, time.monotonic() + GRACE)
        if cause := _excess(keeper, memory, cpu, processes):
            return cause
    return "was stopped"


def _order(control: int) -> bytes:
    with contextlib.suppress(OSError):
        return os.read(control, 1)
    return b""


def _described(status: str) -> str:
    if not status:
        return "was killed from outside"
    code = os.waitstatus_to_exitcode(int(status))
    return f"exited with status {code}" if code >= 0 else f"was killed by {signal.Signals(-code).name}"


def _say(control: int, text: str) -> None:
    with contextlib.suppress(OSError):  # nobody listens any more
        os.write(control, text.encode() + b"\n")


def _leave_pipes() -> None:
    """Let go of the bot's pipes, so that whoever reads them sees the end when the bot closes them."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in range(3):
        os.dup2(null, fd)


# The bot's side


def _keep(status: int, isolated: bool, memory: int, cpu: int, file: int, command: list[str]) -> None:
    """Start the bot, collect all that ends, and leave when the bot does."""
    _prctl(PDEATHSIG, signal.SIGKILL)
    os.setpgid(0, 0)
    if isolated:
        _mount_proc()
        _cap_processes()
    if LINUX:  # when memory is short on the whole machine, the bot goes first
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as adjust:
            adjust.write("1000")
    bot = os.fork()
    if bot == 0:
        _become(isolated, memory, cpu, file, command)
    _leave_pipes()
    pid = 0
    while pid != bot:
        pid, code = os.wait()
    os.write(status, str(code).encode())
    os._exit(0)


def _become(isolated: bool, memory: int, cpu: int, file: int, command: list[str]) -> None:
    limits = [(resource.RLIMIT_DATA, memory), (resource.RLIMIT_CPU, cpu + 1), (resource.RLIMIT_FSIZE, file)]
    if isolated and os.getuid() != 0:  # in a namespace of its own it counts nobody else's; elsewhere it would
        limits.append((resource.RLIMIT_NPROC, THREADS))
    for limit, value in [*limits, (resource.RLIMIT_CORE, 0)]:
        hard = resource.getrlimit(limit)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (value, value))
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    _prctl(PDEATHSIG, signal.SIGKILL)
    _prctl(NO_NEW_PRIVILEGES, 1)
    if isolated:
        for capability in range(64):
            _prctl(CAPBSET_DROP, capability)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(127)


# The kernel


def _prctl(option: int, value: int) -> None:
    if _libc is not None:
        _libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def _isolate() -> str:
    """Enter namespaces of our own, users first for those who are not root; return why that is impossible, or nothing."""
    assert _libc is not None
    user, group = os.getuid(), os.getgid()
    for extra in (NEWUSER, 0):
        if _libc.unshare(NEWPID | NEWNET | NEWIPC | extra) == 0:
            break
    else:
        return os.strerror(ctypes.get_errno())
    if extra:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    return ""


def _mount_proc() -> None:
    """Show the bot its own processes alone, where that is allowed."""
    assert _libc is not None
    if _libc.unshare(NEWNS) == 0:
        recursive_private, nosuid_nodev_noexec = 0x44000, 0xE
        if _libc.mount(b"none", b"/", None, ctypes.c_ulong(recursive_private), None) == 0:
            _libc.mount(b"proc", b"/proc", b"proc", ctypes.c_ulong(nosuid_nodev_noexec), None)


def _go_first() -> None:
    """Run ahead of any number of processes of the bot, where that is allowed (to root), so that our looks come in time."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def _cap_processes() -> None:
    """Let the namespace hold few processes. Linux has a cap for each namespace from 6.14 on; before, it was the machine's."""
    if tuple(int(digits) for digits in re.findall(r"\d+", os.uname().release)[:2]) >= (6, 14):
        with contextlib.suppress(OSError), open("/proc/sys/kernel/pid_max", "w") as file:
            file.write(str(THREADS))


def _descendants(pid: int) -> Iterator[int]:
    """Yield all processes under this one, parents first. Nothing where the system does not tell."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                for child in map(int, file.read().split()):
                    yield child
                    yield from _descendants(child)


def _excess(keeper: int, memory: int, cpu: int, processes: int) -> str:
    """Return which limit all processes of the bot together exceed, or nothing."""
    pids: list[int] = []
    for pid in _descendants(keeper):
        pids.append(pid)
        if len(pids) > processes:
            return f"had more than {processes} processes (processes)"
    ticks = pages = 0
    for pid in (keeper, *pids):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
            own, waited = fields[11:13], fields[13:15]
            ticks += sum(map(int, waited if pid == keeper else own + waited))
            pages += 0 if pid == keeper else int(fields[21])
    if ticks > cpu * os.sysconf("SC_CLK_TCK"):
        return f"used more than {cpu} s of processor time (cpu_seconds)"
    if pages * resource.getpagesize() > memory and sum(map(_share, pids)) > memory:
        return f"used more than {memory >> 20} MB of memory (memory_mb)"
    return ""


def _share(pid: int) -> int:
    """Return the bytes of a process, with its part of what it shares with others."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:
        for line in file:
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) << 10
    return 0


def _end_all(keeper: int) -> None:
    """Kill whatever is left, again and again until nothing is: what forks may escape one round."""
    last = time.monotonic() + 5
    while time.monotonic() < last:
        with contextlib.suppress(OSError):
            os.killpg(keeper, signal.SIGKILL)
        for pid in [*_descendants(os.getpid())]:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


if __name__ == "__main__":
    _control, _memory, _cpu, _processes, _file = map(int, sys.argv[1:6])
    main(_control, _memory, _cpu, _processes, _file, sys.argv[6:])
