"""The two runs of the demo, each a chain of commands in a process of its own: train, then evaluate."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from arena.console import Console, clock
from arena.contest import standings_in
from arena.history import latest_evaluation
from arena.standings import Standings
from eval import wilson
from games import InputError
from league.store import Store

__all__ = ["SHOWS", "Show", "perform"]

_MCTS = "openspiel:mcts?simulations=100"


@dataclass(frozen=True)
class Show:
    """One run of the demo: a configuration of the examples, whom its snapshots meet, and what it should reach."""

    name: str
    game: str
    opponents: tuple[str, ...]
    encounters: int
    nash_conv_average: float | None = None
    nash_conv_last: float | None = None
    rate_against_random: float | None = None

    def commands(self, configuration: Path, run: Path, steps: int | None) -> list[list[str]]:
        """Return the arguments of the commands to run, one after the other; `steps` makes the training shorter."""
        length = [] if steps is None else ["--set", f"steps={steps}"]
        met = [part for uri in self.opponents for part in ("--opponents", uri)]
        rounds = ["--encounters", str(self.encounters), "--snapshots", "4", "--anchor", "random"]
        return [
            ["train", str(configuration), "--run", str(run), *length, "--json"],
            ["evaluate", str(run), *met, *rounds, "--json"],
        ]

    def standings(self, run: Path) -> Standings:
        """Return what the evaluation found."""
        folder = latest_evaluation(run)
        assert folder is not None
        with Store(folder) as store:
            return standings_in(store)

    def nash_conv(self, run: Path) -> list[tuple[int, float, float]]:
        """Return (steps, last, average) over the run."""
        with Store(run) as store:
            last, average = (dict(store.curve(f"main/nash_conv/{kind}")) for kind in ("last", "average"))
        return [(step, value, average[step]) for step, value in last.items() if step in average]

    def claims(self, run: Path, result: Standings) -> list[tuple[str, bool]]:
        """Return what was aimed at, and whether it was reached."""
        found: list[tuple[str, bool]] = []
        curve = self.nash_conv(run)
        for kind, goal, column in (
            ("the average over snapshots", self.nash_conv_average, 2),
            ("the last snapshot", self.nash_conv_last, 1),
        ):
            if goal is not None and curve:
                value = curve[-1][column]
                found.append((f"NashConv of {kind}: {value:.2f}, goal at most {goal}", value <= goal))
        if self.rate_against_random is not None:
            rate, low, games = self._against_random(run, result)
            text = (
                f"last snapshot against random: {100 * rate:.1f} % of {games:,} matches, lower bound {100 * low:.1f} %"
            )
            goal = self.rate_against_random
            found.append((f"{text}, goal at least {100 * goal:.0f} %", low >= goal))
        return found

    def _against_random(self, run: Path, result: Standings) -> tuple[float, float, int]:
        names = [line.agent for line in result.lines]
        last = max(name for name in names if name.startswith("main-"))
        i, j = names.index(last), names.index("random")
        games = int(result.payoff.count[i, j])
        rate = float(result.payoff.mean[i, j])
        return rate, float(wilson(rate * games, games)[0]), games


SHOWS = (
    Show("leduc", "openspiel/leduc_poker", ("random",), 400, nash_conv_average=1.2, nash_conv_last=2.0),
    Show("connect_four", "openspiel/connect_four", ("random", _MCTS), 400, rate_against_random=0.95),
)


@dataclass
class _Chain:
    """The commands of one show, run by a thread that waits for them."""

    show: Show
    state: str = "starting"
    error: str | None = None
    process: subprocess.Popen[str] | None = None

    def run(self, out: Path, steps: int | None) -> None:
        with as_file(files("arena") / "examples" / f"{self.show.name}.yaml") as configuration:
            for arguments in self.show.commands(configuration, out / self.show.name, steps):
                self.state = "rating" if arguments[0] == "evaluate" else "training"
                if not self._command(arguments):
                    return
        self.state = "done"

    def _command(self, arguments: list[str]) -> bool:
        with subprocess.Popen(
            [sys.executable, "-m", "arena", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C comes to us alone, and we pass it on once
        ) as process:
            self.process = process
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                event = json.loads(line)
                if event.get("event") == "progress":
                    left = event["seconds_left"]
                    rest = "" if left is None else f", {clock(left)} left"
                    self.state = (
                        f"{event['steps']:,} of {event['total']:,} steps, {event['steps_per_second']:,.0f}/s{rest}"
                    )
            complaint = process.stderr.read().strip()
        if process.returncode:
            self.error = complaint.splitlines()[-1] if complaint else f"exit code {process.returncode}"
        return process.returncode == 0


def perform(out: Path, console: Console, *, steps: int | None = None) -> None:
    """Run both chains side by side, showing how they go.

    Raises:
        InputError: when one of them fails, with its own words.
        KeyboardInterrupt: after Ctrl-C, when both have saved their work.
    """
    chains = [_Chain(show) for show in SHOWS]
    threads = [threading.Thread(target=chain.run, args=(out, steps), daemon=True) for chain in chains]
    for thread in threads:
        thread.start()
    start = time.monotonic()
    try:
        with console.status() as tell:
            while any(thread.is_alive() for thread in threads):
                states = "   ".join(f"{chain.show.name}: {chain.state}" for chain in chains)
                tell(f"{clock(time.monotonic() - start)}   {states}")
                time.sleep(0.25)
    except KeyboardInterrupt:
        for chain in chains:
            if chain.process is not None and chain.process.poll() is None:
                chain.process.send_signal(signal.SIGINT)
        for thread in threads:
            thread.join()
        raise
    for chain in chains:
        if chain.error:
            raise InputError(f"{chain.show.name}: {chain.error.removeprefix('error: ')}")
