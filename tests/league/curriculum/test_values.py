import numpy as np
import pytest
from corridor import Corridor

from games import InputError
from league.curriculum import CurriculumWrapper, ValueTeller, value_statistics


def plain(rewards, values, last, discount, trace):
    """The definitions, term by term."""
    n = len(rewards)
    following = [*values[1:], last]
    deltas = [rewards[t] + discount * following[t] - values[t] for t in range(n)]
    advantage = [sum((discount * trace) ** k * deltas[t + k] for k in range(n - t)) for t in range(n)]
    mean = np.mean
    return (
        n,
        mean(values),
        mean(advantage),
        mean(np.abs(advantage)),
        mean(np.maximum(advantage, 0)),
        mean(np.abs(deltas)),
    )


@pytest.mark.parametrize("last", [0.0, 2.5])
def test_statistics_are_those_of_the_definitions(last):
    rng = np.random.default_rng(1)
    for n in (1, 2, 17):
        rewards, values = rng.normal(size=n), rng.normal(size=n)
        found = value_statistics(rewards, values, last, discount=0.9, trace=0.8)
        expected = plain(rewards, values, last, 0.9, 0.8)
        assert [getattr(found, name) for name in found.__slots__] == pytest.approx(expected, abs=1e-5)


def test_a_value_for_each_reward():
    with pytest.raises(InputError, match="not 2 for 1"):
        value_statistics([1.0], [1.0, 2.0])
    with pytest.raises(InputError, match="at least one"):
        value_statistics([], [])


def test_episodes_side_by_side_are_told_with_their_values(teacher):
    teacher.needs_values = True
    envs = [CurriculumWrapper(Corridor(), teacher, tell=False) for _ in range(2)]
    teller = ValueTeller(teacher, 2, discount=0.9, trace=0.8)
    for env in envs:
        env.reset()
    rng, kept, expected = np.random.default_rng(0), [[], []], {}
    for _ in range(25):
        values, last = rng.normal(size=2), rng.normal(size=2)
        rewards, results = [], []
        for slot, env in enumerate(envs):
            _, reward, over, _, info = env.step(0)
            rewards.append(reward)
            results.append(info["curriculum"].get("result"))
            kept[slot].append((reward, values[slot]))
            if over:
                a, b = zip(*kept[slot], strict=True)
                expected[results[-1].id] = plain(a, b, last[slot], 0.9, 0.8)
                kept[slot].clear()
                env.reset()
        teller.step(rewards, values, results, last, version=4)
    assert len(expected) > 8
    assert {r.id for r in teacher.results} == set(expected)
    for result in teacher.results:
        assert result.version == 4
        assert [getattr(result.values, n) for n in result.values.__slots__] == pytest.approx(
            expected[result.id], abs=1e-5
        )
