import sys
from pathlib import Path

import pytest

BOTS = Path(__file__).parents[2] / "examples" / "bots"

BOT = """
import json, sys, os, time, random
for line in sys.stdin:
    m = json.loads(line)
    if m["type"] == "hello":
        {hello}
        a = {{"type": "ready", "protocol": {protocol}, "name": "my bot"}}
    elif m["type"] == "act":
        a = {{"id": m["id"], "action": m["legal"][0]}}
        {act}
    else:
        {bye}
    print(json.dumps(a), flush=True)
"""


@pytest.fixture
def check(arena, tmp_path):
    def run(act="pass", *, hello="pass", protocol=1, bye="break", options="move_seconds=0.5"):
        (tmp_path / "bot.py").write_text(BOT.format(act=act, hello=hello, protocol=protocol, bye=bye))
        result = arena(
            *("check", "agent", f"process:{sys.executable} bot.py?{options}", "openspiel/tic_tac_toe"),
            *("--matches", 8, "--json"),
        )
        found = {finding["check"]: finding for finding in result.json["findings"]}
        wrong = {name: finding["detail"] for name, finding in found.items() if not finding["ok"]}
        assert result.code == bool(wrong)
        assert result.json["ok"] == (not wrong)
        return found, wrong

    return run


@pytest.mark.parametrize(
    ("command", "form"),
    [
        (f"{sys.executable} {BOTS / 'first_legal.py'}", "first legal speaks our version and takes one row a request"),
        (f"{sys.executable} {BOTS / 'first_legal_batched.py'}", "takes up to 64 rows a request"),
        (f"node {BOTS / 'first_legal.js'}", "first legal speaks our version and takes one row a request"),
    ],
    ids=["python", "batched", "node"],
)
@pytest.mark.parametrize("game", ["openspiel/kuhn_poker", "testkit/dice-v0"])
def test_the_example_bots_are_in_order(command, form, game, arena):
    import shutil

    if not shutil.which(command.split()[0]):
        pytest.skip("it is not installed")
    result = arena("check", "agent", f"process:{command}", game, "--matches", 12, "--json")
    found = {finding["check"]: finding["detail"] for finding in result.json["findings"]}
    assert result.code == 0, found
    assert form in found["protocol"]
    seats = [name for name in found if name.startswith("seat ")]
    assert len(seats) == (3 if "dice" in game else 2)
    assert found["endurance"].startswith("one process answered all ")
    assert found["goodbye"] == "it left by itself, and nothing that it started is left"
    assert found["stderr"] == "it wrote nothing there"


def test_the_findings_of_a_good_bot(check):
    found, wrong = check("print('hm', file=sys.stderr, flush=True)")
    assert wrong == {}
    names = [
        "load",
        "start",
        "protocol",
        "seat 0",
        "seat 1",
        "time",
        "walls",
        "determinism",
        "endurance",
        "goodbye",
        "stderr",
    ]
    assert list(found) == names
    assert "(stderr ends with: hm)" in found["stderr"]["detail"]
    assert found["seat 0"]["detail"] == "4 matches without a fault"


@pytest.mark.parametrize(
    ("kwargs", "where", "texts"),
    [
        (
            {"hello": "sys.exit('no licence')"},
            "start",
            ["exited with status 1 (stderr ends with: no licence)", 'with {"type": "ready", "protocol": 1}'],
        ),
        (
            {"hello": "time.sleep(9)", "options": "start_seconds=0.3"},
            "start",
            ["no answer within 0.3 s", "?start_seconds="],
        ),
        ({"protocol": 7}, "start", ["it speaks protocol 7, and this is protocol 1"]),
        ({"hello": "print('Hello!')"}, "start", ["its line is no JSON object", "write nothing else to stdout"]),
        (
            {"act": "a['action'] = 8"},
            "seat 1",
            ["illegal in 4 matches", "action 8 is not legal here", 'out of "legal"'],
        ),
        ({"act": "1 / (m['seat'] - 1)"}, "seat 1", ["4 crash in 4 matches, first at step 1", "ZeroDivisionError"]),
        (
            {"act": "time.sleep(9 * (m['step'] > 3 and m['seat'] == 0))", "options": "move_seconds=0.2"},
            "seat 0",
            ["timeout in 4 matches, first at step 4", "no answer within 0.2 s", "?move_seconds="],
        ),
        ({"act": "time.sleep(0.15 * (m['id'] == 3))", "options": "move_seconds=0.25"}, "time", ["leave room"]),
        ({"act": "a['action'] = random.choice(m['legal'])"}, "determinism", ["draw chance from the request's seed"]),
        (
            {"act": "print(json.dumps(a), flush=True); os._exit(5)"},
            "endurance",
            ["because it ended by itself", "one process must serve all matches"],
        ),
        ({"bye": "time.sleep(9)"}, "goodbye", ["after bye it was stopped", "within a second"]),
        ({"bye": "sys.exit(4)"}, "goodbye", ["after bye it exited with status 4"]),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(kwargs, where, texts, check):
    _, wrong = check(**kwargs)
    assert where in wrong
    for text in texts:
        assert text in wrong[where]
    if where in ("goodbye", "determinism", "time"):
        assert list(wrong) == [where]
