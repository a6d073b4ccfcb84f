import json
import re
import sys

import pyarrow.parquet as pq
import pyspiel
import pytest

from arena.export import EXPORTS, export
from games import InputError
from league.store import Store

CUP = ["tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--encounters", 3, "--replays"]


@pytest.fixture
def cup(arena):
    def hold(*options, game="openspiel/tic_tac_toe"):
        assert arena("tournament", game, *CUP[2:], "--out", "cup", *options).code == 0
        return "cup"

    return hold


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_results_as_lines(arena, cup, tmp_path):
    cup()
    told = arena("export", "cup", "--json").json
    assert told == {"file": "cup/matches.jsonl", "matches": 6, "left_out": 0}
    found = lines_of(tmp_path / "cup" / "matches.jsonl")
    with Store(tmp_path / "cup") as store:
        records = list(store.matches())
    assert [line["id"] for line in found] == [record.id for record in records]
    for line, record in zip(found, records, strict=True):
        assert line["rules"] == "openspiel/tic_tac_toe"
        assert (line["round"], line["pair"], line["game"]) == record.matchup.place
        assert tuple(line["agents"]) == record.matchup.agents
        assert tuple(line["scores"]) == record.scores
        assert line["reason"] == "normal"
        assert line["seed"] == record.matchup.seed


def test_a_table_says_what_the_lines_say(arena, cup, tmp_path):
    cup(game="testkit/dice-v0")
    arena("export", "cup")
    arena("export", "cup", "--format", "parquet", "--out", "sub/table.parquet")
    table = pq.read_table(tmp_path / "sub" / "table.parquet").to_pylist()
    for values in table:
        values |= {key: json.loads(values[key]) for key in ("task", "metrics")}
    assert table == lines_of(tmp_path / "cup" / "matches.jsonl")


def test_moves_as_text_lead_to_the_recorded_result(arena, cup, tmp_path):
    (tmp_path / "openings.yaml").write_text("- ['x(1,1)', 'o(0,0)']\n")
    cup("--openings", "openings.yaml")
    assert "6 matches: cup/matches.pgn" in arena("export", "cup", "--format", "pgn").out
    text = (tmp_path / "cup" / "matches.pgn").read_text()
    assert max(map(len, text.splitlines())) <= 80
    games = re.split(r"\n\n(?=\[Event)", text.strip())
    assert len(games) == 6
    results = {(1.0, -1.0): "1-0", (-1.0, 1.0): "0-1", (0.0, 0.0): "1/2-1/2"}
    for game in games:
        headers = dict(re.findall(r'^\[(\w+) "(.*)"\]$', game, re.MULTILINE))
        assert {headers["White"], headers["Black"]} == {"random", "scripted:first-legal"}
        assert headers["Opening"] == "4 0"
        words = game.split("\n\n")[1].split()
        moves = [word for word in words[:-1] if not word.endswith(".")]
        state = pyspiel.load_game("tic_tac_toe").new_initial_state()
        for move in moves:
            state.apply_action(state.string_to_action(state.current_player(), move))
        assert state.is_terminal()
        assert words[-1] == headers["Result"] == results[tuple(state.returns())]
        assert moves[:2] == ["x(1,1)", "o(0,0)"]


def test_what_was_played_as_lines_leads_to_the_recorded_result(arena, cup, tmp_path):
    cup()
    arena("export", "cup", "--format", "replay", "--out", "played.jsonl")
    found = lines_of(tmp_path / "played.jsonl")
    assert len(found) == 6
    for line in found:
        assert (line["format"], line["version"], line["limit"]) == ("arena-replay", 1, None)
        state = pyspiel.load_game("tic_tac_toe").new_initial_state()
        for step in line["actions"]:
            player = state.current_player()
            assert step[1 - player] is None
            state.apply_action(step[player])
        assert state.returns() == line["scores"]


def test_games_whose_seats_act_together_have_no_pgn(arena, cup, tmp_path):
    cup(game="testkit/skirmish-v0")
    result = arena("export", "cup", "--format", "pgn")
    assert result.err == "error: seats act at the same time in testkit/skirmish-v0: use the format replay instead\n"
    assert arena("export", "cup", "--format", "replay").code == 0
    line = lines_of(tmp_path / "cup" / "replays.jsonl")[0]
    assert len(line["actions"]) == line["length"]
    assert len(line["actions"][0]) == len(line["agents"])


def test_matches_without_a_replay_are_told(arena, tmp_path):
    arena(*CUP[:-1], "--out", "cup")
    result = arena("export", "cup", "--format", "pgn")
    assert result.code == 2
    assert result.err.startswith("error: cup holds no replays: a tournament keeps what was played only when")
    assert sorted(path.suffix for path in (tmp_path / "cup").iterdir() if "matches" in path.name) == []
    arena(*CUP, "--option", "encounters=3", "--out", "cup")  # all is played: nothing more is kept
    with Store(tmp_path / "cup", write=True) as store, store.transaction():
        store.db.execute("delete from matches where ordinal >= 4")
    arena(*CUP, "--out", "cup")
    result = arena("export", "cup", "--format", "pgn")
    assert "2 matches: cup/matches.pgn" in result.out
    assert "4 matches have no replay and are left out" in result.out


def test_a_training_run_has_results(arena, trained):
    assert arena("export", trained, "--json").json["matches"] > 10
    assert "holds no tournament" in arena("export", trained, "--format", "replay").err


def test_what_cannot_be_exported(arena, cup, monkeypatch, tmp_path):
    cup()
    assert "unknown export format 'pgm'; did you mean 'pgn'?" in arena("export", "cup", "--format", "pgm").err
    assert "nowhere is no league" in arena("export", "nowhere").err
    (tmp_path / "file").write_text("")
    assert "cannot write file/x.jsonl" in arena("export", "cup", "--out", "file/x.jsonl").err
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = arena("export", "cup", "--format", "parquet")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "pip install 'arena-league[parquet]'" in result.err


def test_a_file_is_whole_or_not_there(cup, tmp_path, monkeypatch, arena):
    cup()

    def broken(store, path):
        path.write_text("half")
        raise InputError("no more")

    monkeypatch.setitem(EXPORTS, "jsonl", ("matches.jsonl", broken))
    with pytest.raises(InputError, match="no more"):
        export(tmp_path / "cup", "jsonl")
    assert not [path for path in (tmp_path / "cup").iterdir() if path.name.startswith("matches")]
