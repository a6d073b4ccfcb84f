import signal
import time

import pytest

from league.store import Store

AGENTS = ["openspiel/tic_tac_toe", "random", "scripted:first-legal", "openspiel:mcts?simulations=10"]


def test_a_leaderboard_with_what_it_rests_on(arena):
    result = arena("tournament", *AGENTS, "--encounters", 10, "--anchor", "random")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[0].split()[:3] == ["#", "agent", "Elo"]
    assert "openspiel:mcts?simulations=10" in lines[2]
    assert "anchor" in next(line for line in lines if "random" in line)
    assert "Bradley-Terry maximum likelihood from 60 matches in 30 pairs" in result.out
    assert "at 0: random, the anchor; a draw: half a win for each" in result.out
    assert "Wilson intervals" in result.out


def test_the_same_command_goes_on_and_another_one_is_refused(arena, tmp_path):
    command = ["tournament", *AGENTS[:3], "--encounters", 5, "--out", "t", "--json"]
    first = arena(*command).json
    assert first["games"] == 10
    assert arena(*command).json == first
    result = arena(*command, "--seed", 1)
    assert result.code == 2
    assert result.err == (
        "error: t holds another tournament: seed was 0 and is now 1; choose another folder, or ask for the same to go on\n"
    )
    with Store(tmp_path / "t") as store:
        assert store.count_matches() == {"tournament": 10}


def test_the_default_folder_is_named_after_what_is_asked(arena, tmp_path):
    told = arena("tournament", *AGENTS[:3], "--encounters", 2, "--json").json
    assert told["folder"].startswith("runs/tournament-openspiel-tic_tac_toe-")
    assert (tmp_path / told["folder"] / "league.sqlite").exists()


def test_tasks_from_a_file(arena, tmp_path):
    (tmp_path / "tasks.yaml").write_text("- {population: 2}\n- {population: 4}\n")
    game = ["markov/resource-v0", "random", "scripted:resource-greedy"]
    told = arena("tournament", *game, "--encounters", 2, "--tasks", "tasks.yaml", "--json").json
    assert told["games"] == 8
    (tmp_path / "tasks.yaml").write_text("- {population: 2}\n- {population: 400}\n")
    result = arena("tournament", *game, "--tasks", "tasks.yaml")
    assert result.err == "error: tasks.yaml:2: task parameter 'population' must be an integer from 2 to 48, not 400\n"
    (tmp_path / "tasks.yaml").write_text("population: 2\n")
    assert "tasks.yaml: must be a list of tasks" in arena("tournament", *game, "--tasks", "tasks.yaml").err
    result = arena("tournament", *game, "--tasks", "tasks.yaml", "--task", "population=3")
    assert result.err == "error: give either --task or --tasks, not both\n"


def test_forfeits_are_told_and_harm_nobody_else(arena, tmp_path, monkeypatch):
    (tmp_path / "badbots.py").write_text(
        "from populations.agents.random import RandomPolicy\n"
        "class Bad(RandomPolicy):\n"
        "    def act(self, rows, state):\n"
        "        if (rows.step > 2).any():\n"
        "            raise RuntimeError('out of order')\n"
        "        return super().act(rows, state)\n"
        "def make(game):\n"
        "    print('I chatter')\n"
        "    return Bad(game.actions)\n"
    )
    bad = "python:badbots:make"
    told = arena("tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", bad, "--json").json
    lines = {line["agent"]: line for line in told["leaderboard"]}
    assert lines[bad]["faults"] == {"crash": 200}
    assert lines["random"]["faults"] == {}
    assert lines["random"]["losses"] < 100
    assert told["faults"] == [
        {"agent": bad, "reason": "crash", "detail": "RuntimeError: out of order", "matches": 200, "log": ""}
    ]


def test_an_interrupted_tournament_keeps_what_was_played(process, arena, tmp_path):
    game = ["openspiel/connect_four", "random", "openspiel:mcts?simulations=100"]
    command = ["tournament", *game, "--encounters", 3000, "--slots", 4, "--out", "t"]
    child = process(*command)
    _wait_for(tmp_path / "t" / "league.sqlite-wal", child)
    time.sleep(1.0)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert out == ""
    assert err.startswith("finishing this match; Ctrl-C again stops at once")
    assert "matches are recorded; go on with: arena tournament openspiel/connect_four random" in err
    kept = int(err.split("stopped: ")[1].split(" matches")[0].replace(",", ""))
    with Store(tmp_path / "t") as store:
        assert store.count_matches().get("tournament", 0) == kept > 0


def test_a_folder_has_one_writer(process, arena, tmp_path):
    command = ["tournament", "openspiel/connect_four", "random", "openspiel:mcts?simulations=400", "--out", "t"]
    child = process(*command)
    _wait_for(tmp_path / "t" / "league.sqlite-wal", child)
    result = arena(*command)
    assert result.code == 2
    assert f"t is being written by process {child.pid}; wait for it, stop it, or choose another folder" in result.err


def _wait_for(path, child):
    for _ in range(600):
        if path.exists():
            return
        if child.poll() is not None:
            pytest.fail(f"the command ended: {child.communicate()}")
        time.sleep(0.05)
    pytest.fail(f"{path} did not appear")


def test_a_file_instead_of_a_long_command(arena, tmp_path):
    (tmp_path / "cup.yaml").write_text(
        "game: openspiel/tic_tac_toe\nagents: [random, 'scripted:first-legal']\nformat: {kind: round_robin, encounters: 4}\n"
    )
    told = arena("tournament", "cup.yaml", "--json").json
    assert told["games"] == 8
    command = ["tournament", *AGENTS[:3], "--encounters", 4, "--json"]
    assert arena(*command).json == told, "the same is asked for, so the same folder is found"
    assert arena("tournament", "cup.yaml", "--option", "encounters=2", "--json").json["games"] == 4
    assert arena("tournament", "cup.yaml", "scripted:last-legal", "--json").json["games"] == 24
    (tmp_path / "cup.yaml").write_text("game: openspiel/tic_tac_toe\nseed: x\nagents: [random]\n")
    assert arena("tournament", "cup.yaml").err == "error: cup.yaml:2: seed must be a whole number at least 0, not 'x'\n"
    (tmp_path / "cup.yaml").write_text("- 1\n")
    assert "cup.yaml: must be keys and values" in arena("tournament", "cup.yaml").err


def test_agents_from_a_file(arena, tmp_path):
    (tmp_path / "agents.yaml").write_text("- random\n- scripted:first-legal\n")
    told = arena("tournament", AGENTS[0], "--agents", "agents.yaml", "--encounters", 1, "--json").json
    assert told["games"] == 2
    more = arena(
        "tournament", AGENTS[0], "scripted:last-legal", "--agents", "agents.yaml", "--encounters", 1, "--json"
    ).json
    assert more["games"] == 6
    (tmp_path / "agents.yaml").write_text("- random\n- scripted:first-lgal\n")
    result = arena("tournament", AGENTS[0], "--agents", "agents.yaml")
    assert result.err.startswith("error: agents.yaml:2: unknown script")
    assert result.err.count("\n") == 1


def test_a_budget_of_games_may_grow(arena):
    command = ["tournament", *AGENTS[:3], "--encounters", 50, "--out", "t", "--json"]
    assert arena(*command, "--games", 10).json["games"] == 10
    assert arena(*command, "--games", 21).json["games"] == 20
    result = arena(*command, "--games", 10)
    assert result.code == 2
    assert "t holds 20 matches already: games may only grow, not fall to 10" in result.err
    assert arena(*command).json["games"] == 100


def test_a_budget_of_time_ends_a_tournament(arena):
    command = [
        "tournament",
        "openspiel/connect_four",
        "random",
        "openspiel:mcts?simulations=200",
        "--out",
        "t",
        "--json",
    ]
    told = arena(*command, "--encounters", 100_000, "--minutes", 0.01, "--slots", 4).json
    assert 0 < told["games"] < 20_000
    assert told["games"] % 2 == 0


def test_a_format_has_the_second_word(arena):
    agents = ["random", "scripted:first-legal", "scripted:last-legal", "scripted:centre-legal"]
    command = [
        "tournament",
        "openspiel/tic_tac_toe",
        *agents,
        "--format",
        "swiss",
        "--option",
        "rounds=2",
        "--out",
        "t",
    ]
    result = arena(*command)
    assert "Buchholz" in result.out
    told = arena(*command, "--json").json
    assert {row["agent"] for row in told["verdict"]["table"]} == set(agents)
    assert told["games"] == 2 * 2 * 2
    other = arena(*command[:-4], "--option", "rounds=3", "--out", "t")
    assert "t holds another tournament: format.rounds was 2 and is now 3" in other.err


def test_openings_are_played(arena, tmp_path):
    (tmp_path / "openings.yaml").write_text("- ['x(1,1)']\n- [0, 1]\n")
    arena("tournament", *AGENTS[:3], "--openings", "openings.yaml", "--encounters", 2, "--out", "t")
    with Store(tmp_path / "t") as store:
        assert sorted(record.matchup.opening for record in store.matches()) == [(0, 1)] * 4 + [(4,)] * 4


def test_adjudication_is_counted(arena):
    told = arena("tournament", *AGENTS[:3], "--encounters", 10, "--adjudicate", "draw_after=6", "--json").json
    assert told["endings"]["adjudicated"] > 0
    assert told["leaderboard"][0]["adjudicated"] == told["endings"]["adjudicated"]
