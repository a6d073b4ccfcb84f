"""What a report says about one folder, before it becomes a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from arena.config import dump
from arena.contest import asked_in, standings_in
from arena.history import latest_evaluation
from arena.report.curriculum import Curriculum, curriculum_of
from arena.runs import config_of
from arena.standings import Standings
from games import InputError
from league.store import Store
from league.tournament import STAGE

__all__ = ["Chapter", "Curve", "chapter_of"]

Curve = list[tuple[int, float]]


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One run or tournament.

    Attributes:
        title: the game and the folder.
        facts: (what, value) of what was run.
        configuration: as text, or empty.
        standings: the leaderboard and what belongs to it; None without matches between agents.
        curves: name to points (steps, value) of the learning curves.
        matches: matches behind each point of the curves of evaluations.
        curriculum: which tasks were set; None where there was only one.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    configuration: str = ""
    standings: Standings | None = None
    curves: dict[str, Curve]
    matches: int = 0
    curriculum: Curriculum | None = None


def chapter_of(folder: Path) -> Chapter:
    """Read a folder.

    Raises:
        InputError: when it holds neither a run nor a tournament.
    """
    with Store(folder) as store:
        kind = store.meta("kind")
        if kind == "tournament":
            return _tournament(folder, store)
        if kind == "training":
            return _training(folder, store)
    raise InputError(f"{folder} holds no training run and no tournament")


def _tournament(folder: Path, store: Store) -> Chapter:
    asked = asked_in(store)
    agents = [name for name, _ in asked["agents"]]
    tasks = list(dict.fromkeys(_text(task) or "the only one" for task, _ in asked["conditions"]))
    openings = list(dict.fromkeys(" ".join(map(str, opening)) for _, opening in asked["conditions"] if opening))
    facts = [
        ("game", asked["game"]),
        ("agents", f"{len(agents)}: {', '.join(agents)}"),
        ("format", _format(asked["format"])),
        ("tasks", _some(tasks)),
        *([("openings", _some(openings))] if openings else []),
        *([("longest match", f"{asked['steps']:,} steps")] if asked["steps"] else []),
        *([("adjudication", _text(_given(asked["adjudication"])))] if asked["adjudication"] else []),
        *([("patience", f"{asked['patience']} failures")] if asked["patience"] else []),
        ("seed", str(asked["seed"])),
        ("matches", f"{store.count_matches().get(STAGE, 0):,} recorded"),
        ("folder", str(folder)),
    ]
    result = standings_in(store)
    return Chapter(title=asked["game"], facts=tuple(facts), standings=result if result.games else None, curves={})


def _training(folder: Path, store: Store) -> Chapter:
    config = config_of(folder)
    saved = store.checkpoint()
    counts = store.count_matches()
    snapshots = sum(line.role == "snapshot" for _, _, line in store.agents().values())
    algorithms = (f"{name} ({part.kind})" for name, part in config.learners.items())
    facts = [
        ("game", config.game),
        ("learners", ", ".join(algorithms)),
        ("matchmaker", config.matchmaker.kind),
        ("teacher", config.teacher.kind),
        ("steps", f"{saved[0] if saved else 0:,} of {config.steps:,} decisions by learners"),
        ("matches", f"{counts.get('train', 0):,} in training"),
        ("snapshots", f"{snapshots:,}"),
        ("seed", str(config.seed)),
        ("folder", str(folder)),
    ]
    latest = latest_evaluation(folder)
    evaluation = None if latest is None else chapter_of(latest)
    if evaluation is not None:
        shown = dict(evaluation.facts)
        facts.append(("evaluation", f"{shown['format']}, {shown['matches']}"))
    return Chapter(
        title=config.game,
        facts=tuple(facts),
        configuration=dump(config),
        standings=None if evaluation is None else evaluation.standings,
        curves={name: store.curve(name) for name in store.curve_names()},
        matches=config.evaluation.matches,
        curriculum=curriculum_of(store, config),
    )


def _format(values: dict[str, object]) -> str:
    options = _text(_given({name: value for name, value in values.items() if name != "kind"}))
    return f"{values['kind']} ({options})" if options else str(values["kind"])


def _given(values: dict[str, object]) -> dict[str, object]:
    """Leave out what is not set."""
    return {name: value for name, value in values.items() if value not in (None, False)}


def _some(texts: list[str]) -> str:
    return f"{len(texts)}: {', '.join(texts[:6])}{' ...' if len(texts) > 6 else ''}"


def _text(task: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in task.items())
