"""Checks of agents and of run folders; those of games live with the contract, in `games.check`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from arena.bot_checks import check_bot, determinism
from games import Game, InputError
from games.check import Finding
from league import checkpoint
from league.evaluation import gauntlet
from league.match import Record
from league.play import play
from league.store import Store
from populations.agent import Agent
from populations.agents import load_agent
from populations.agents.process import ProcessPolicy
from populations.snapshots import load as load_snapshot

__all__ = ["Finding", "check_agent", "check_run"]


def check_agent(uri: str, game: Game, *, matches: int, seed: int) -> list[Finding]:
    """Play an agent against the random one, on every side; of a bot in a process of its own, look at all that it does.

    Args:
        uri: the agent.
        game: what it shall play.
        matches: at least so many.
        seed: of the matches.

    Raises:
        InputError: when the agent cannot be loaded or refuses the game.
    """
    agent, opponent = load_agent(uri, game), load_agent("random", game)
    loaded = Finding("load", True, f"{agent.id} was loaded and accepts the game")
    if isinstance(agent.policy, ProcessPolicy):
        return [
            loaded,
            *check_bot(agent, agent.policy, lambda slots: _play(game, agent, opponent, matches, seed, slots)),
        ]
    if agent.id == opponent.id:
        agent = Agent("subject", agent.hash, agent.policy)
    records = _play(game, agent, opponent, matches, seed, slots=64)
    faults = [r for r in records if r.fault is not None and r.matchup.agents[r.fault] == agent.id]
    kinds = Counter(r.reason.value for r in faults)
    return [
        loaded,
        Finding(
            "play",
            not faults,
            f"{', '.join(f'{count} {kind}' for kind, count in kinds.items())} in {len(records)} matches: {faults[0].detail}"
            if faults
            else f"{len(records)} matches on every side without a fault",
        ),
        determinism(
            records,
            _play(game, agent, opponent, matches, seed, slots=3),
            "agents must draw chance from the seat's stream alone, and keep nothing between calls",
        ),
    ]


def _play(game: Game, agent: Agent, opponent: Agent, matches: int, seed: int, slots: int) -> list[Record]:
    tasks = [game.task_space.task()]
    asked = gauntlet(game, agent, [opponent], tasks=tasks, matches=matches, stage="check", seed=seed)
    return list(play(game, asked, {agent.id: agent, opponent.id: opponent}, slots=slots))


def check_run(folder: Path) -> list[Finding]:
    """Read all that a folder holds.

    Raises:
        InputError: when the folder holds no records, or those of another version.
    """
    findings = []
    with Store(folder) as store:
        whole = store.db.execute("pragma integrity_check").fetchone()[0]
        findings.append(Finding("records", whole == "ok", "the database is whole" if whole == "ok" else whole))
        counts = store.count_matches()
        stages = ", ".join(f"{count:,} {stage}" for stage, count in counts.items() if not stage.startswith("evaluate "))
        measured = sum(count for stage, count in counts.items() if stage.startswith("evaluate "))
        shown = f"{stages or 'none'}{f', {measured:,} in evaluations' if measured else ''}"
        findings.append(Finding("matches", True, f"{sum(counts.values()):,} matches: {shown}"))
        frozen = {i: h for i, (h, _, line) in store.agents().items() if line.role == "snapshot"}
        findings += _snapshots(folder / "snapshots", frozen)
        saved = store.checkpoint()
        if saved is not None:
            findings.append(_checkpoint(folder / "checkpoints", saved[1], saved[0]))
    return findings


def _snapshots(folder: Path, frozen: dict[str, str]) -> list[Finding]:
    problems = []
    for content in frozen.values():
        try:
            load_snapshot(folder, content)
        except InputError as error:
            problems.append(str(error))
    first = f"{len(problems)} of {len(frozen)} cannot be used: {problems[0]}" if problems else ""
    return [Finding("snapshots", not problems, first or f"{len(frozen)} snapshots, each with the hash in its manifest")]


def _checkpoint(folder: Path, file: str, step: int) -> Finding:
    try:
        arrays = checkpoint.read(folder, file)
    except InputError as error:
        return Finding("checkpoint", False, str(error))
    return Finding("checkpoint", True, f"{len(arrays)} arrays at step {step:,}")
