import pytest


@pytest.mark.slow
def test_a_quick_look_at_the_demo(arena, tmp_path):
    told = arena("demo", "--steps", 4000, "--json").json
    poker, board = told["results"]
    assert poker["game"] == "openspiel/leduc_poker"
    assert len(poker["nash_conv"]) >= 2
    assert {line["agent"] for line in poker["standings"]["leaderboard"]} >= {"random", "main-000"}
    assert "openspiel:mcts?simulations=100" in {line["agent"] for line in board["standings"]["leaderboard"]}
    assert len(poker["claims"]) == 2
    assert len(board["claims"]) == 1
    assert (tmp_path / "demo" / "report.html").exists()
    text = arena("demo", "--steps", 4000).out  # goes on: everything is there already
    assert "NashConv over steps, exact" in text
    assert "last snapshot against random" in text
    assert "report: demo/report.html" in text


@pytest.mark.slow
def test_a_part_that_fails_is_told_in_its_own_words(arena, tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "leduc").mkdir()
    (tmp_path / "demo" / "leduc" / "thesis.txt").write_text("precious")
    (tmp_path / "demo" / "connect_four").mkdir()
    (tmp_path / "demo" / "connect_four" / "thesis.txt").write_text("precious")
    result = arena("demo")
    assert result.code == 2
    assert result.err == "error: leduc: demo/leduc is not empty and holds no run; choose another folder\n"
