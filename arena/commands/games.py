"""`arena games`: what can be played."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arena.console import Console, Json, opened

__all__ = ["games"]


def games(
    family: Annotated[
        str | None, typer.Argument(metavar="FAMILY", help="Only this family, such as openspiel or markov.")
    ] = None,
    describe: Annotated[
        str | None, typer.Option(metavar="GAME", help="Describe one game instead: seats, spaces, tasks, scores.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the games that can be played.

    A name is FAMILY/GAME. Most OpenSpiel games also take parameters, as in "openspiel/goofspiel(num_cards=4)",
    and a range of them makes a task parameter: "openspiel/goofspiel(num_cards=3..6)".

    Example: arena games --describe markov/resource-v0
    """
    with opened(as_json) as console:
        if describe:
            _describe(describe, console)
        else:
            _list(family, console)


def _list(family: str | None, console: Console) -> None:
    from games.errors import InputError, suggestion
    from games.registry import families, names

    if family is not None and family not in families():
        raise InputError(
            f"unknown family {family!r}{suggestion(family, families())} (families: {', '.join(families())})"
        )
    found = names(family)
    console.emit([{"family": name.partition("/")[0], "name": name} for name in found])
    console.table(["family", "name"], [(name.partition("/")[0], name) for name in found])
    console.say(f"\n`arena games --describe NAME` tells more of one of these {len(found)}.")


def _describe(name: str, console: Console) -> None:
    from games import make

    game = make(name)
    task = game.task_space.task()
    seats = game.seats(task)
    facts: dict[str, Any] = {
        "name": game.name,
        "seats": len(seats),
        "teams": len({seat.team for seat in seats}),
        "kinds": sorted({seat.kind for seat in seats}),
        "largest population": game.max_seats,
        "turns": "one seat at a time" if game.turn_based else "several seats at once",
        "comparison": game.comparison.value,
        "observation": {key: str(box) for key, box in game.observation_space.items()},
        "actions": str(game.action_space),
        "metrics": list(game.metrics),
    }
    conditions, rules = game.task_space.conditions, [rule.text for rule in game.task_space.constraints]
    parameters = [
        {
            "name": key,
            "type": type(parameter).__name__.lower(),
            "range": _range(parameter),
            "default": parameter.default,
        }
        | ({"only when": _when(conditions[key])} if key in conditions else {})
        for key, parameter in game.task_space.items()
    ]
    console.emit(facts | {"task parameters": parameters} | ({"rules": rules} if rules else {}))
    for key, value in facts.items():
        text = ", ".join(f"{k}: {v}" for k, v in value.items()) if isinstance(value, dict) else value
        text = ", ".join(text) or "none" if isinstance(text, list) else text
        console.say(f"{key:<19} {text}")
    if parameters:
        columns = ["task parameter", "type", "range", ">default", *(["only when"] if conditions else [])]
        console.table(columns, [[*p.values(), ""][: len(columns)] for p in parameters])
        for rule in rules:
            console.say(f"rule: {rule}")
    else:
        console.say("The game has one task only: it takes no task parameters.")


def _range(parameter: Any) -> str:
    if hasattr(parameter, "choices"):
        return ", ".join(map(str, parameter.choices))
    return f"{parameter.low} to {parameter.high}" + (" (log)" if getattr(parameter, "log", False) else "")


def _when(condition: Any) -> str:
    return f"{condition.parameter} is {' or '.join(map(str, condition.values))}"
