"""The shipped checker over every name that `arena games` lists."""

import pytest

from games import InputError, make, names
from games.check import check_game


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_every_listed_game_keeps_the_contract(name):
    try:
        game = make(name)
    except InputError as error:
        if "install" not in str(error):
            raise
        pytest.skip(str(error))
    findings = check_game(game, matches=8, steps=20)
    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) > 15
