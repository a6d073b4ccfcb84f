import json


def test_a_game_that_keeps_its_promises(arena):
    result = arena("check", "game", "testkit/dice-v0", "--matches", 8)
    assert result.code == 0
    assert "checks passed" in result.out
    assert "WRONG" not in result.out


def test_an_agent_that_keeps_its_promises(arena):
    result = arena("check", "agent", "scripted:first-legal", "testkit/dice-v0", "--json")
    assert result.code == 0
    assert result.json["ok"]
    assert [f["check"] for f in result.json["findings"]] == ["load", "play", "determinism"]
    assert arena("check", "agent", "random", "openspiel/kuhn_poker").code == 0


BOTS = """
import numpy as np
from populations.agents.random import RandomPolicy
from populations.policy import Decision

class Illegal(RandomPolicy):
    def act(self, rows, state):
        return Decision(np.full((len(rows), 1), 77, np.int32))

class Moody(RandomPolicy):
    rng = np.random.default_rng(0)
    def act(self, rows, state):
        rows.seed = self.rng.integers(1 << 60, size=len(rows)).astype(np.uint64)
        return super().act(rows, state)

def illegal(game):
    return Illegal(game.actions)

def moody(game):
    return Moody(game.actions)
"""


def test_agents_that_break_theirs(arena, tmp_path):
    (tmp_path / "brokenbots.py").write_text(BOTS)
    result = arena("check", "agent", "python:brokenbots:illegal", "openspiel/tic_tac_toe", "--json")
    assert result.code == 1
    wrong = {f["check"]: f["detail"] for f in result.json["findings"] if not f["ok"]}
    assert wrong == {"play": "20 illegal in 20 matches: illegal action [77]"}
    result = arena("check", "agent", "python:brokenbots:moody", "openspiel/tic_tac_toe")
    assert result.code == 1
    assert "draw chance from the seat's stream alone" in result.out


def test_a_whole_run(arena, trained):
    result = arena("check", "run", trained, "--json")
    assert result.code == 0
    assert [f["check"] for f in result.json["findings"]] == ["records", "matches", "snapshots", "checkpoint"]


def test_a_run_with_damage(arena, trained):
    first, second = sorted((trained / "snapshots").glob("*.json"))[:2]
    first.with_suffix(".safetensors").unlink()
    second.write_text(json.dumps(json.loads(second.read_text()) | {"steps": 12345}))
    (checkpoint,) = (trained / "checkpoints").glob("*.safetensors")
    checkpoint.write_bytes(checkpoint.read_bytes()[:100])
    result = arena("check", "run", trained, "--json")
    assert result.code == 1
    wrong = {f["check"]: f["detail"] for f in result.json["findings"] if not f["ok"]}
    assert set(wrong) == {"snapshots", "checkpoint"}
    assert wrong["snapshots"].startswith("2 of ")
    assert "cannot be read" in wrong["checkpoint"]
