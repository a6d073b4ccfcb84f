from benchmarks import resource_references as references


def test_a_row_has_every_agent_with_its_interval_and_the_scale_of_the_two_ends():
    row = references.measure(3, matches=12)

    assert list(row) == list(references.AGENTS)
    assert all(found.count == 12 and found.low <= found.mean <= found.high for found in row.values())
    scale = references.scale(row)
    assert scale.normalised(row["random"].mean) == 0
    assert scale.normalised(row["assignment"].mean) == 1
    table = references._table({3: row}).splitlines()
    assert len(table) == 3
    assert len({line.count("|") for line in table}) == 1
    assert "| 50.00 |" in table[2]  # in place, three agents get 2.5 each for twenty steps
