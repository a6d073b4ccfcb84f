import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from arena import cli

SNAPSHOTS = Path(__file__).parent / "snapshots"
COMMANDS = ["", "games", "agents", "teachers", "play", "tournament", "train", "epc", "league", "evaluate"]
COMMANDS += ["report", "export", "replay", "demo", "check", "check game", "check agent", "check run"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_what_was_reviewed(command, arena):
    """Set ARENA_UPDATE_SNAPSHOTS=1 to write the texts anew; then read the difference."""
    result = arena(*command.split(), "--help")
    assert (result.code, result.err) == (0, "")
    path = SNAPSHOTS / f"help{'-' if command else ''}{command.replace(' ', '-')}.txt"
    if os.environ.get("ARENA_UPDATE_SNAPSHOTS"):
        path.write_text(result.out)
    assert result.out == path.read_text()


@pytest.mark.parametrize("command", [c for c in COMMANDS if c not in ("", "check")])
def test_every_command_has_an_example_and_json(command, arena):
    text = arena(*command.split(), "--help").out
    assert f"Example: arena {command}" in text
    assert "--json" in text


@pytest.mark.parametrize("command", ["", "check"])
def test_a_bare_command_helps(command, arena):
    assert arena(*command.split()).out == arena(*command.split(), "--help").out


def test_version(arena):
    assert re.fullmatch(r"arena \d+\.\d+\.\d+\n", arena("--version").out)


def test_help_loads_nothing_heavy():
    code = "import sys, arena.cli; print(*sorted(sys.modules))"
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    heavy = {"torch", "numba", "numpy", "pettingzoo", "pyspiel", "plotly", "pydantic", "scipy", "games", "league"}
    assert not heavy & set(out.split())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("gmaes", "error: No such command 'gmaes'. Did you mean 'games'? (see `arena --help`)"),
        ("play", "error: Missing argument 'GAME' (see `arena play --help`)"),
        ("play openspiel/tic_tac_toe random --foo", "error: No such option: --foo (see `arena play --help`)"),
        ("play openspiel/tic_tac_toe random --delay x", "error: Invalid value for '--delay'"),
        ("games opensp", "error: unknown family 'opensp'; did you mean 'openspiel'?"),
        (
            "games --describe markov/resource",
            "error: unknown game 'markov/resource'; did you mean 'markov/resource-v0'?",
        ),
        ("play openspiel/tictactoe random", "error: unknown OpenSpiel game 'tictactoe'; did you mean 'tic_tac_toe'?"),
        ("play nothing random", "error: unknown game 'nothing': a name is FAMILY/GAME"),
        ("play openspiel/tic_tac_toe randm", "error: unknown agent 'randm'; did you mean 'random'?"),
        (
            "play openspiel/tic_tac_toe random random random",
            "error: openspiel/tic_tac_toe has 2 sides, and there are 3",
        ),
        (
            "play openspiel/leduc_poker openspiel:mcts",
            "error: agent 'openspiel:mcts' cannot play openspiel/leduc_poker: it searches the true state",
        ),
        (
            "play markov/resource-v0 random --task population=99",
            "error: task parameter 'population' must be an integer",
        ),
        ("play markov/resource-v0 random --task popluation=9", "error: unknown task parameter 'popluation'; did you"),
        (
            "play markov/resource-v0 random --task population",
            "error: --task population: must be NAME=VALUE, as in --task",
        ),
        ("tournament openspiel/tic_tac_toe random", "error: a tournament needs at least two agents"),
        ("tournament openspiel/tic_tac_toe random random", "error: agent 'random' is named twice"),
        (
            "tournament openspiel/tic_tac_toe random scripted:first-legal --encounters 0",
            "error: Invalid value for '--enc",
        ),
        (
            "tournament openspiel/tic_tac_toe random scripted:first-legal --tasks no.yaml",
            "error: cannot read no.yaml: No",
        ),
        ("train none.yaml", "error: cannot read none.yaml: No such file or directory"),
        ("evaluate nowhere", "error: nowhere holds no training run: it has no config.yaml"),
        ("report nowhere", "error: nowhere is no league: it has no league.sqlite"),
        ("check run nowhere", "error: nowhere is no league: it has no league.sqlite"),
        ("check agent randm openspiel/tic_tac_toe", "error: unknown agent 'randm'; did you mean 'random'?"),
        ("check game testkit/dice", "error: unknown game 'testkit/dice'; did you mean 'testkit/dice-v0'?"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(command, message, arena):
    result = arena(*command.split())
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(message)
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ModuleNotFoundError("No module", name="pysc2.env"), "pip install 'arena-league[starcraft]'"),
        (ModuleNotFoundError("No module", name="pygame"), "pip install pygame"),
        (PermissionError(13, "Permission denied", "runs"), "runs: Permission denied"),
        (OSError(28, "No space left on device"), "No space left on device"),
        (
            sqlite3.OperationalError("database or disk is full"),
            "database or disk is full; everything recorded before is",
        ),
        (sqlite3.DatabaseError("database disk image is malformed"), "image is malformed"),
        (FloatingPointError("the gradient is not finite"), "the gradient is not finite"),
        (MemoryError(), "not enough memory for what was asked"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory for what was asked"),
    ],
)
def test_failures_of_the_machine_are_explained(error, message):
    assert message in str(cli.explain(error))


def test_our_own_mistakes_keep_their_traceback():
    assert cli.explain(RuntimeError("a bug")) is None
