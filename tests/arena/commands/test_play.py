def test_a_match_can_be_watched(arena):
    result = arena("play", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--seed", 3)
    assert result.code == 0
    assert "step 0, to act: 0 (random)" in result.out
    assert "step 1, to act: 1 (scripted:first-legal)" in result.out
    assert "..." in result.out  # an empty row of the board
    assert "result after" in result.out.splitlines()[-1]


def test_the_record_alone(arena):
    first = arena("play", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--seed", 3, "--json").json
    again = arena("play", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--seed", 3, "--json").json
    other = arena("play", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--seed", 4, "--json").json
    assert first == again != other
    assert first["agents"] == ["random", "scripted:first-legal"]
    assert sum(first["scores"]) == 0


def test_few_agents_take_turns_around_a_large_table(arena):
    result = arena("play", "markov/resource-v0", "random", "scripted:resource-greedy", "--task", "population=3")
    assert "2 agents for 3 sides" in result.out
    told = arena("play", "markov/resource-v0", "random", "--task", "population=3", "--steps", 4, "--json").json
    assert told["agents"] == ["random"] * 3
    assert told["length"] == 4
    assert told["reason"] == "truncated"
    assert set(told["metrics"]) == {"welfare_share", "mean_reward"}
