import numpy as np
import pytest

from games import InputError
from games.adapters.openspiel import make, tree


@pytest.mark.parametrize(
    ("name", "infosets", "finished"),
    [
        ("kuhn_poker", 12, 30),
        ("leduc_poker", 936, 5520),
        ("kuhn_poker(players=3)", 48, 312),
        ("matrix_rps", 2, 9),
        # Per player: 3 prizes in view, then 6 orders of two prizes with 3 * 3 earlier bids; the last card is forced.
        ("goofspiel(num_cards=3)", None, 6 * 36),
    ],
)
def test_sizes(name, infosets, finished):
    flat = tree(make(name))
    assert infosets in (None, len(flat.keys))
    assert len(flat.arrays["chance"]) == finished
    assert flat.arrays["legal"].shape == (len(flat.keys), make(name).actions.width)
    assert len(flat.observation["vector"]) == len(flat.keys)


@pytest.mark.parametrize(
    "name", ["kuhn_poker(players=3)", "leduc_poker", "goofspiel(num_cards=4,imp_info=True)", "goofspiel(num_cards=3)"]
)
def test_rows_are_what_the_vector_shows(vector, choose, name):
    flat = tree(make(name))
    player, legal = flat.arrays["player"], flat.arrays["legal"]
    number = {(p, key): i for i, (p, key) in enumerate(zip(player.tolist(), flat.keys, strict=True))}
    seeds = np.arange(150, dtype=np.uint64)
    games = vector(name, seeds)
    view, step, met = games.load_state_dict(games.state_dict()), 0, set()
    while view.acting.any():
        for slot, seat in np.argwhere(view.acting):
            i = number[int(seat), games.state(slot).information_state_string(int(seat))]
            np.testing.assert_array_equal(view.observation["vector"][slot, seat], flat.observation["vector"][i])
            np.testing.assert_array_equal(view.action_mask[slot, seat], legal[i])
            met.add(i)
        view = games.step(choose(view.action_mask, view.acting, seeds, np.full(150, step)))
        step += 1
    assert len(met) > len(flat.keys) / 20


def test_sequences_are_the_players_own_last_choices():
    """Kuhn poker, read off its rules: three cards, pass or bet."""
    flat = tree(make("kuhn_poker"))
    player, parent = flat.arrays["player"], flat.arrays["parent"]
    for i, key in enumerate(flat.keys):
        card, moves = key[0], key[1:]
        assert player[i] == len(moves) % 2
        if moves == "pb":  # the first player's second decision comes after its own pass
            assert flat.keys[parent[i] // 2] == card
            assert parent[i] % 2 == 0
        else:
            assert parent[i] == -1
    np.testing.assert_allclose(flat.arrays["chance"], 1 / 6)


def test_what_cannot_be_flattened_is_explained():
    with pytest.raises(InputError, match="leduc_poker is too large for exact measures: more than 1000 histories"):
        tree(make("leduc_poker"), limit=1000)
    with pytest.raises(InputError, match=r"dark_hex_ir.* has no exact measures: a player forgets what it did"):
        tree(make("dark_hex_ir(num_rows=2,num_cols=2)"))
    with pytest.raises(InputError, match="backgammon has no exact measures: OpenSpiel gives no information states"):
        tree(make("backgammon"))
