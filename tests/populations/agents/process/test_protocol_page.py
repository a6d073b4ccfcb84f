"""What docs/protocol.md says is so."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import games
from populations.agents.matches import InFlight
from populations.agents.process import Limits
from populations.agents.process.bot import _ENVIRONMENT, BYE, LOG_CHARACTERS, LOG_LINES
from populations.agents.process.handshake import VERSION, hello, ready
from populations.agents.process.requests import Requests

PAGE = (Path(__file__).parents[4] / "docs" / "protocol.md").read_text()


def spoken(block: str) -> list[tuple[str, dict]]:
    """Return (direction, message) of each message in a conversation."""
    joined = re.sub(r"\n   ", "", block)
    return [(line[0], json.loads(line[2:])) for line in joined.strip().splitlines()]


def told(heading: str) -> dict[str, str]:
    """Return the first two columns of the first table after a heading."""
    text = PAGE.split(heading, 1)[1]
    table = text[text.index("| --- |") :].split("\n\n", 1)[0]
    return dict(re.findall(r"^\| (`.*?`) \| (.*?) \|", table, re.MULTILINE))


def test_the_conversation(tic_tac_toe, rows):
    talk = spoken(re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[0])
    assert [way for way, _ in talk] == [">", "<", ">", "<", ">"]
    assert talk[0][1] == json.loads(hello(tic_tac_toe, Limits()))
    assert ready(json.dumps(talk[1][1]).encode()).name == "first legal"
    asked = rows(1)
    asked.seed[:] = 100
    request = Requests(tic_tac_toe.actions).row(1, asked, 0, InFlight().look(asked)[0], [])
    assert talk[2][1] == json.loads(request)
    assert list(talk[2][1]) == list(json.loads(request))
    assert talk[3][1] == {"id": 1, "action": 0}
    assert talk[4][1] == json.loads(BYE)


def test_the_fields(tic_tac_toe):
    assert set(told("## hello and ready")) == {f"`{k}`" for k in json.loads(hello(tic_tac_toe, Limits()))} - {"`type`"}
    named = " ".join(told("## Requests and answers"))
    for field in ("id", "observation", "legal", "seat", "step", "match", "seed", "over"):
        assert f"`{field}`" in named
    assert f"This page is version {VERSION} of the protocol" in PAGE


def test_the_options():
    assert told("## Limits") == {f"`{field.name}`": str(field.default) for field in fields(Limits)}
    for name in _ENVIRONMENT:
        assert f"`{name}`" in PAGE
    assert f"The last {LOG_LINES} lines of stderr ({LOG_CHARACTERS:,} characters)" in PAGE
    assert Limits().batch_seconds(3) == 6.0
    assert Limits().batch_seconds(300) == 10.0
    assert Limits(move_seconds=30).batch_seconds(300) == 30.0


def test_every_kind_of_action_is_introduced():
    kinds = {}
    for name in ("testkit/commands-v0", "testkit/teams-v0", "testkit/gridgoal-v0", "openspiel/tic_tac_toe"):
        kinds |= json.loads(hello(games.make(name), Limits()))["action"]
    assert {"sizes"} <= set(kinds) <= {"sizes", "low", "high", "uses"}
    for kind in kinds:
        assert f"`{kind}`" in PAGE
