from types import SimpleNamespace

import numpy as np
import pytest

from arena.rivals import compare, told
from eval import Interval


def standings(names, mean, count):
    payoff = SimpleNamespace(mean=np.array(mean, float), count=np.array(count, float))
    return SimpleNamespace(lines=[SimpleNamespace(agent=name) for name in names], payoff=payoff)


def test_the_better_population_has_the_better_mixture():
    """Ours are rock and paper, theirs scissors alone: rock beats it always."""
    half = 0.5
    table = standings(
        ["rock", "scissors", "paper"],
        [[half, 1.0, 0.0], [0.0, half, 1.0], [1.0, 0.0, half]],
        np.full((3, 3), 1000.0),
    )
    found = compare(table, ["rock", "paper"], ["scissors"])
    assert found.performance.mean == pytest.approx(0.5, abs=0.01)
    assert found.performance.low <= found.performance.mean <= found.performance.high + 1e-9
    assert (found.performance.count, found.ours, found.theirs) == (2000, 2, 1)
    other = compare(table, ["scissors"], ["rock", "paper"])
    assert other.performance.mean == pytest.approx(-found.performance.mean)
    assert "+0.49" in found.sentence or "+0.50" in found.sentence


@pytest.mark.parametrize(("low", "says"), [(-0.1, True), (0.1, False)])
def test_a_bound_that_says_nothing_is_called_so(low, says):
    gain, control = Interval(0.2, low, 0.3, 100), Interval(0.4, 0.3, 0.5, 100)
    text = told("main-003", SimpleNamespace(gain=gain, control=control, trials=(0.1, 0.2, 0.0)))
    assert ("that proves none" in text) == says
    assert "the best of 3 trained exploiters gains 0.2000" in text


def test_another_run_takes_part_and_exploiters_train(arena, trained):
    result = arena("evaluate", trained, "--against", trained, "--exploit", "600", "--encounters", "2", "--json")
    assert result.code == 0
    assert f'"{trained.name}/main-000"' in result.out
    assert '"exploited": {"main": {"gain"' in result.out
    assert '"against": {"performance"' in result.out
