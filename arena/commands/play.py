"""`arena play`: one match to watch."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.console import Console, Json, opened

if TYPE_CHECKING:
    from league.driver import Driver
    from league.match import Record

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
        from arena.tasks import task_of
        from games import InputError, at_most, make
        from league.driver import Driver
        from league.lineup import seated, sides
        from league.match import Matchup
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
        try:
            record = _watch(driver, lineup, delay, console)
        finally:
            driver.vector.close()
        console.emit(_plain(record))
        console.say(_result(record))


def _watch(driver: Driver, lineup: tuple[str, ...], delay: float, console: Console) -> Record:
    driver.refill()
    records: list[Record] = []
    step = 0
    while not records:
        assert driver.view is not None
        acting = [seat for seat in range(len(lineup)) if driver.view.acting[0, seat]]
        console.say(f"\nstep {step}, to act: {', '.join(f'{seat} ({lineup[seat]})' for seat in acting)}")
        console.say(driver.vector.render(0))
        time.sleep(delay)
        records = driver.advance()
        step += 1
    console.say(f"\nafter step {step}")
    console.say(driver.vector.render(0))
    return records[0]


def _plain(record: Record) -> dict[str, Any]:
    asked = record.matchup
    return {
        "id": record.id,
        "task": dict(asked.task),
        "agents": asked.agents,
        "hashes": asked.hashes,
        "seed": asked.seed,
        "scores": record.scores,
        "returns": record.returns,
        "length": record.length,
        "reason": record.reason.value,
        "fault": record.fault,
        "detail": record.detail,
        "metrics": record.metrics,
    }


def _result(record: Record) -> str:
    seats = ", ".join(f"{agent} {score:g}" for agent, score in zip(record.matchup.agents, record.scores, strict=True))
    fault = "" if record.fault is None else f" by seat {record.fault}: {record.detail}"
    figures = "".join(f", {name} {value:g}" for name, value in record.metrics.items())
    return f"\nresult after {record.length} steps ({record.reason.value}{fault}): {seats}{figures}"
