"""Fifty agents, 100,000 games, bots that misbehave in nine ways, and a manager that is killed ten times on the way.

Forty agents play the same rules and stray from them more and more often: their order is known. Ten are processes: one is
steady, nine crash at the start, crash in mid-game, stall, move illegally, write garbage, flood their output, eat memory,
fork without end, or answer more and more slowly until they do not. A plain twin, which knows what each of them does when,
says beforehand how every match ends. What is left of the processes is looked for in the system's own list.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import kendalltau

from eval import aggregate, fit_bradley_terry
from games import Game, make
from league.formats import RoundRobin
from league.match import Matchup, Reason, Record
from league.store import Store
from league.tournament import STAGE, Tournament, conditions
from populations.agent import Agent
from populations.agents.matches import Sitting
from populations.agents.uri import load_agent

GAME = "openspiel/connect_four"
PATIENCE = 20
EVERY = 8
BOT = Path(__file__).parent / "peers" / "unruly.py"
LIMITS = "move_seconds=2&memory_mb=128&processes=8"
REASONS = {
    "start": Reason.CRASH,
    "crash": Reason.CRASH,
    "stall": Reason.TIMEOUT,
    "illegal": Reason.ILLEGAL,
    "garbage": Reason.ILLEGAL,
    "flood": Reason.ILLEGAL,
    "hog": Reason.CRASH,
    "fork": Reason.CRASH,
    "slow-death": Reason.TIMEOUT,
}
"""What each kind of bot is recorded with."""


def run(quick: bool) -> dict[str, Any]:
    games, kills = (4_000, 3) if quick else (100_000, 10)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        start = time.perf_counter()
        _manage(folder / "whole", games)
        seconds = time.perf_counter() - start
        killed = _killed(folder / "killed", games, kills, seconds)
        left = _left_behind()
        with Store(folder / "whole") as store:
            whole = list(store.matches(STAGE))
        with Store(folder / "killed") as store:
            again = list(store.matches(STAGE))
    agents = {agent.id: agent for agent in _field(make(GAME))}
    expected = expected_ends([record.matchup for record in whole])
    found = [(record.reason, record.fault) for record in whole]
    counts = Counter(record.reason.value for record in whole)
    return {
        "games": len(whole),
        "agents": len(agents),
        "kills": killed,
        "games_per_s": len(whole) / seconds,
        "tournament_seconds": seconds,
        "reasons": dict(sorted(counts.items())),
        "expected_reasons": dict(sorted(Counter(_plain(end) for end, _ in expected).items())),
        "matches_that_ended_otherwise": sum(map(_differs, expected, found)),
        "results_changed_by_kills": sum(_essence(a) != _essence(b) for a, b in zip(whole, again, strict=True)),
        "processes_left": left,
        **_order(whole),
        "cores": 2,
    }


def _plain(reason: Reason | None) -> str:
    return "normal" if reason is None else reason.value


def _differs(expected: tuple[Reason | None, int | None], found: tuple[Reason, int | None]) -> bool:
    return (expected[0] or Reason.NORMAL, expected[1]) != found


def _essence(record: Record) -> tuple[Any, ...]:
    return record.id, record.scores, record.returns, record.length, record.reason, record.fault, record.metrics


def _field(game: Game) -> list[Agent]:
    strays = [f"scripted:connect-four-rules?stray={k / 40}" for k in range(40)]
    command = f"{shlex.quote(sys.executable)} {shlex.quote(str(BOT))}"
    bots = [f"process:{command} {kind} {EVERY}?{LIMITS}" for kind in ("steady", *REASONS)]
    return [load_agent(uri, game) for uri in [*strays, *bots]]


def play(folder: Path, games: int) -> None:
    """Play the tournament in a folder, or what is left of it."""
    game = make(GAME)
    tournament = Tournament(
        game=game,
        format=RoundRobin(encounters=None),
        agents=tuple(_field(game)),
        conditions=conditions([game.task_space.task()]),
        patience=PATIENCE,
        games=games,
    )
    with Store(folder, write=True, create=True) as store:
        for _ in tournament.play(store, slots=1024):
            pass


def _command(folder: Path, games: int) -> list[str]:
    call = (
        f"from benchmarks.tournament_faults import play; from pathlib import Path; play(Path({str(folder)!r}), {games})"
    )
    return [sys.executable, "-c", call]


def _manage(folder: Path, games: int) -> None:
    subprocess.run(_command(folder, games), check=True)


def _killed(folder: Path, games: int, kills: int, seconds: float) -> int:
    """Play the tournament while its manager is killed again and again; return how often that was."""
    rng, done = np.random.default_rng(0), 0
    while done < kills:
        process = subprocess.Popen(_command(folder, games))
        time.sleep(4.0 + rng.uniform(0.2, 1.6) * seconds / (kills + 2))
        if process.poll() is not None:
            break  # it has finished already
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        done += 1
    _manage(folder, games)
    return done


def _left_behind() -> int:
    """Return how many processes still run the bot, by the system's own list."""
    time.sleep(1.0)
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += str(BOT).encode() in path.read_bytes()
        except OSError:
            continue
    return found


def expected_ends(matchups: list[Matchup]) -> list[tuple[Reason | None, int | None]]:
    """Return for each match, in order, why it ends and by whose fault; None where nobody is at fault.

    Written without regard to the tournament's own code: a list of failures for each agent, and a look at who fails first.
    """
    failures: dict[str, list[bool]] = defaultdict(list)  # agent -> for each of its matches, whether it failed in it
    ends: list[tuple[Reason | None, int | None]] = []
    for matchup in matchups:
        end = _withdrawn(matchup, failures) or _first_fault(matchup) or (None, None)
        for seat, agent in enumerate(matchup.agents):
            failures[agent].append(end[1] == seat and end[0] in (Reason.CRASH, Reason.TIMEOUT))
        ends.append(end)
    return ends


def _withdrawn(matchup: Matchup, failures: dict[str, list[bool]]) -> tuple[Reason, int] | None:
    from league.conduct import WINDOW

    for seat, agent in enumerate(matchup.agents):
        known = failures[agent][: max(len(failures[agent]) - WINDOW, 0)]
        if sum(known) >= PATIENCE:
            return Reason.WITHDRAWN, seat
    return None


def _first_fault(matchup: Matchup) -> tuple[Reason, int] | None:
    found = []
    for seat, agent in enumerate(matchup.agents):
        kind = _kind(agent)
        if kind == "start":
            found.append((seat, Reason.CRASH, seat))
        elif kind in REASONS and Sitting(0, matchup.seed, seat, 0).chance % EVERY == 0:
            found.append((4 + seat, REASONS[kind], seat))
    return min(found)[1:] if found else None


def _kind(agent: str) -> str:
    words = agent.partition("?")[0].split()
    return words[-2] if agent.startswith("process:") else ""


def _order(records: list[Record]) -> dict[str, Any]:
    """Rate the agents whose order is known."""
    counted = [r for r in records if r.reason.counts]
    names = sorted({agent for r in counted for agent in r.matchup.agents})
    numbers = {name: k for k, name in enumerate(names)}
    first = [numbers[r.matchup.agents[0]] for r in counted]
    second = [numbers[r.matchup.agents[1]] for r in counted]
    points = [0.5 + 0.5 * float(np.sign(r.scores[0] - r.scores[1])) for r in counted]
    ratings = fit_bradley_terry(*aggregate(first, second, points, agents=len(names)), prior=0.5)
    known = sorted((n for n in names if "stray" in n), key=lambda n: float(n.rpartition("=")[2]))
    rated = [float(ratings.rating[numbers[name]]) for name in known]
    surely_wrong = sum(
        ratings.better(numbers[b], numbers[a]) > 0.999 for k, a in enumerate(known) for b in known[k + 1 :]
    )
    return {
        "kendall_tau_with_known_order": float(kendalltau(rated, range(len(rated), 0, -1)).statistic),
        "pairs_surely_in_the_wrong_order": int(surely_wrong),
    }
