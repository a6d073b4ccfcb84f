"""`arena play`: one match to watch."""

from __future__ import annotations

from typing import Annotated

import typer

from arena.console import Json, opened

__all__ = ["play"]


def play(
    game: Annotated[str, typer.Argument(metavar="GAME", help="The game's name, as `arena games` lists it.")],
    agents: Annotated[list[str], typer.Argument(metavar="AGENT", help="Agents (URIs), seat by seat.")],
    task: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="A parameter of the task; repeatable.")
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="Of the match: the same seed gives the same match.")
    ] = 0,
    steps: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Truncate the match after so many steps.")
    ] = None,
    delay: Annotated[float, typer.Option(min=0.0, metavar="SECONDS", help="Pause after each step.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Play one match and watch it in the terminal, step by step.

    When there are fewer agents than sides, they take turns around the table. With --json, print the match's record alone.

    Example: arena play openspiel/connect_four openspiel:mcts random --delay 0.5
    """
    with opened(as_json) as console:
        from arena.rows import row
        from arena.tasks import task_of
        from arena.watch import result_text, watch
        from games import InputError, Step, at_most, make
        from league.driver import Driver
        from league.lineup import seated, sides
        from league.match import Matchup, Record
        from populations.agents.uri import load_agent

        rules = make(game)
        chosen = task_of(rules, task or [])
        rules = at_most(rules, len(rules.seats(chosen)))
        members = [load_agent(uri, rules) for uri in agents]
        count = len(sides(rules, chosen))
        if len(members) > count:
            raise InputError(
                f"{rules.name} has {count} sides, and there are {len(members)} agents: name at most {count}"
            )
        if len(members) < count:
            console.say(f"{len(members)} agents for {count} sides: they take turns around the table.")
        around = [members[side % len(members)] for side in range(count)]
        lineup = seated(rules, chosen, [agent.id for agent in around])
        hashes = seated(rules, chosen, [agent.hash for agent in around])
        queue = iter([Matchup("play", 0, chosen, lineup, hashes, seed)])
        by_id = {agent.id: agent for agent in members}
        driver = Driver(rules, by_id, lambda: next(queue, None), slots=1, seats=rules.max_seats, steps=steps)

        def advance() -> Record | None:
            return next(iter(driver.advance()), None)

        def view() -> Step:
            assert driver.view is not None
            return driver.view

        driver.refill()
        try:
            record = watch(driver.vector, view, advance, agents=lineup, delay=delay, console=console)
        finally:
            driver.vector.close()
        console.emit(row(rules.name, record))
        console.say(result_text(record))
