"""What the author of a bot in a process of its own wants to know before it meets others."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from games.check import Finding
from league.match import Record
from populations.agent import Agent
from populations.agents.process import BotFailed, ProcessPolicy

__all__ = ["check_bot", "determinism"]

_ADVICE = {
    "crash": "run its command by hand and type the lines of the protocol to see why",
    "timeout": "end every line, flush it, and think for less time, or give it more with ?move_seconds=",
    "illegal": 'answer each request with one line: its "id", and an action out of "legal"',
}


def check_bot(agent: Agent, policy: ProcessPolicy, play: Callable[[int], Sequence[Record]]) -> list[Finding]:
    """Start a bot, play with it, play the same again in another batch, and let it go.

    Args:
        agent: the bot.
        policy: its policy.
        play: plays some matches on every side, so many at a time, and returns their records.
    """
    begin = time.monotonic()
    try:
        ready = policy.start()
    except BotFailed as failed:
        return [Finding("start", False, f"{failed.detail}{_last_words(policy.log)}: {_start_advice(failed)}")]
    seconds = time.monotonic() - begin
    form = f"up to {ready.batch} rows a request" if ready.batch else "one row a request"
    findings = [
        Finding("start", True, f"ready after {seconds:.2f} s of the {policy.limits.start_seconds:g} s that it has"),
        Finding("protocol", True, f"{ready.name or 'the bot'} speaks our version and takes {form}"),
    ]
    records = play(64)
    findings += [*_seats(agent, records), _time(policy), _walls(policy)]
    records_again = play(3)
    findings.append(
        determinism(records, records_again, "draw chance from the request's seed, and keep nothing but the match's own")
    )
    return [*findings, _endurance(policy), _goodbye(policy), _stderr(policy)]


def determinism(records: Sequence[Record], again: Sequence[Record], advice: str) -> Finding:
    """Compare matches with the same ones in another batch."""
    second = {record.id: record for record in again}
    changed = [record for record in records if _course(second[record.id]) != _course(record)]
    return Finding(
        "determinism",
        not changed,
        f"{len(changed)} of {len(records)} matches went another way when played again in another batch ({advice})"
        if changed
        else "the same matches in another batch gave the same records",
    )


def _course(record: Record) -> Record:
    """Return what must be the same in another batch: all but the words of a bot."""
    return record._replace(detail="", log="")


def _seats(agent: Agent, records: Sequence[Record]) -> list[Finding]:
    played: Counter[int] = Counter()
    faults = defaultdict(list)
    for record in records:
        for seat, name in enumerate(record.matchup.agents):
            played[seat] += name == agent.id
        if record.fault is not None and record.matchup.agents[record.fault] == agent.id:
            faults[record.fault].append(record)
    findings = []
    for seat, count in sorted(played.items()):
        wrong = faults[seat]
        detail = f"{count} matches without a fault"
        if wrong:
            kinds = ", ".join(f"{n} {kind}" for kind, n in Counter(record.reason.value for record in wrong).items())
            first = wrong[0]
            words = f"{first.detail}{_last_words(first.log)}"
            detail = f"{kinds} in {count} matches, first at step {first.length}: {words}: {_ADVICE[first.reason.value]}"
        findings.append(Finding(f"seat {seat}", not wrong, detail))
    return findings


def _time(policy: ProcessPolicy) -> Finding:
    usage, limit = policy.usage, policy.limits.move_seconds
    mean = usage.seconds / max(usage.answers, 1)
    detail = f"mean {_seconds(mean)} a decision, slowest answer {_seconds(usage.slowest)}, of {limit:g} s allowed"
    if usage.slowest > limit / 2:
        return Finding("time", False, f"{detail}: leave room for a busy machine, or give it more with ?move_seconds=")
    return Finding("time", True, detail)


def _walls(policy: ProcessPolicy) -> Finding:
    kept = policy.kept
    if kept == "isolated":
        return Finding("walls", True, "it has no network and reaches no other processes")
    why = kept.removeprefix("open: ") or "it does not run any more"
    return Finding("walls", True, f"limits hold, but its network is open here: {why}")


def _endurance(policy: ProcessPolicy) -> Finding:
    usage = policy.usage
    if usage.starts == 1:
        return Finding("endurance", True, f"one process answered all {usage.answers:,} requests")
    ends = f", {usage.ends} times because it ended by itself" if usage.ends else ""
    detail = f"it was started {usage.starts} times for {usage.answers:,} requests{ends}{_last_words(policy.log)}"
    return Finding("endurance", False, f"{detail}: one process must serve all matches, until it reads bye")


def _goodbye(policy: ProcessPolicy) -> Finding:
    how = policy.close()
    if how in ("exited with status 0", ""):
        return Finding(
            "goodbye", True, "it left by itself, and nothing that it started is left" if how else "it had left"
        )
    return Finding("goodbye", False, f"after bye it {how}: end with status 0 within a second when you read bye")


def _stderr(policy: ProcessPolicy) -> Finding:
    count = policy.usage.stderr_bytes
    return Finding("stderr", True, f"{count:,} bytes{_last_words(policy.log)}" if count else "it wrote nothing there")


def _start_advice(failed: BotFailed) -> str:
    if failed.reason == "timeout":
        return "answer the first line with a ready message, end the line, and flush it; more time: ?start_seconds="
    return 'answer the first line with {"type": "ready", "protocol": 1}, and write nothing else to stdout'


def _last_words(log: str) -> str:
    lines = log.strip().splitlines()
    return f" (stderr ends with: {lines[-1][:200]})" if lines else ""


def _seconds(value: float) -> str:
    return f"{value * 1000:.2f} ms" if value < 1 else f"{value:.2f} s"
