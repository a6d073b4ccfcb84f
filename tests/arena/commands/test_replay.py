import pytest

from league.store import Store

CUP = ["tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--encounters", 3, "--out", "cup"]


@pytest.fixture
def cup(arena, tmp_path):
    arena(*CUP, "--replays")
    with Store(tmp_path / "cup") as store:
        return list(store.matches())


def test_a_match_is_shown_again(arena, cup):
    record = cup[3]
    by_id = arena("replay", "cup", record.id)
    assert by_id.code == 0
    assert "step 0, to act: 0" in by_id.out
    assert f"after step {record.length}" in by_id.out
    assert by_id.out.splitlines()[-1] == "It ended as it was recorded."
    assert arena("replay", "cup", ".".join(map(str, record.matchup.place))).out == by_id.out
    assert arena("replay", "cup", record.id[:12]).out == by_id.out
    assert arena("replay", "cup", record.id, "--json").json["id"] == record.id


def test_matches_that_cannot_be_shown(arena, cup, tmp_path):
    assert "6 matches of cup begin with '0000'" in arena("replay", "cup", "0000").err
    assert "cup holds no match 'x'" in arena("replay", "cup", "x").err
    with Store(tmp_path / "cup", write=True) as store, store.transaction():
        store.db.execute("delete from replays where id = ?", (cup[0].id,))
        store.db.execute("update matches set scores = '[5.0, 5.0]' where id = ?", (cup[1].id,))
    result = arena("replay", "cup", cup[0].id)
    assert (result.code, result.out) == (2, "")
    assert f"match {cup[0].id} has no replay" in result.err
    result = arena("replay", "cup", cup[1].id)
    assert result.code == 2
    assert f"match {cup[1].id} goes another way when it is played again: its scores are" in result.err


def test_a_match_that_a_rule_ended(arena, tmp_path):
    arena(*CUP, "--replays", "--adjudicate", "draw_after=4")
    result = arena("replay", "cup", "0.0.0")
    assert "(adjudicated: draw after 4 steps)" in result.out
    assert result.out.splitlines()[-1] == "All of it was possible; it was not the game that ended it."
