"""`arena teachers`: who can choose tasks."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from arena.console import Console, Json, opened

__all__ = ["teachers"]


def teachers(
    describe: Annotated[
        str | None, typer.Option(metavar="TEACHER", help="Describe one teacher instead: how it chooses, its options.")
    ] = None,
    as_json: Json = False,
) -> None:
    """List the teachers, which choose the tasks of a training run.

    A configuration names one as `kind` under `teacher`; its options stand beside it.

    Example: arena teachers --describe edge
    """
    with opened(as_json) as console:
        if describe:
            _describe(describe, console)
        else:
            _list(console)


def _list(console: Console) -> None:
    from arena.cli import explain
    from arena.docstring import docstring
    from league.teachers import teachers as known

    rows = []
    for name in known.names():
        try:
            rows.append((name, docstring(known.find(name)).summary, True))
        except (ImportError, AttributeError) as error:  # a package that it needs is missing, or it is broken
            rows.append((name, f"cannot be used: {explain(error) or error}", False))
    console.emit([{"name": name, "purpose": text, "usable": usable} for name, text, usable in rows])
    console.table(["teacher", "what it does"], [row[:2] for row in rows])
    console.say(f"\n`arena teachers --describe NAME` tells more of one of these {len(rows)}.")


def _describe(name: str, console: Console) -> None:
    from arena.docstring import docstring, filled, parameters
    from league.teachers import teachers as known

    maker = known.find(name)
    said = docstring(maker)
    options = list(parameters(maker))
    facts: dict[str, Any] = {
        "name": name,
        "class": f"{maker.__module__}:{getattr(maker, '__qualname__', '')}",
        "arXiv": list(said.papers),
        "value estimates": _needs_values(maker),
        "sketches": "drawn in reports" if hasattr(maker, "sketch") else "none",
    }
    console.emit(facts | {"purpose": said.summary, "text": said.text, "options": [o._asdict() for o in options]})
    console.say(said.summary)
    if said.text:
        console.say(f"\n{filled(said.text, console.width)}")
    console.say()
    for key, value in facts.items():
        if value:
            console.say(f"{key:<16} {', '.join(value) if isinstance(value, list) else value}")
    console.say()
    if options:
        rows = [(o.name, "required" if o.required else o.default, o.meaning + _among(o.choices)) for o in options]
        console.table(["option", "default", "meaning"], rows)
    else:
        console.say("It takes no options.")


def _among(choices: tuple[str, ...]) -> str:
    return f" One of: {', '.join(choices)}." if choices else ""


def _needs_values(maker: Any) -> str:
    """Return whether a teacher asks for what learners' own value estimates say of a match."""
    needs = getattr(maker, "needs_values", None)
    return ("needed" if needs else "not needed") if isinstance(needs, bool) else "as its options need"
