from collections import Counter

from scipy.stats import chisquare, kstest

from games import Integer, Real, TaskSpace
from league.teachers import Uniform

SPACE = TaskSpace({"size": Integer(2, 9, 5), "speed": Real(0.0, 2.0, 0.5)})


def test_every_task_is_equally_likely():
    tasks = [p.task for p in Uniform(SPACE, 3).ask(4000)]
    sizes = Counter(t["size"] for t in tasks)
    assert chisquare([sizes[k] for k in range(2, 10)]).pvalue > 0.01
    assert kstest([t["speed"] / 2.0 for t in tasks], "uniform").pvalue > 0.01


def test_the_seed_decides():
    draw = [Uniform(SPACE, seed).ask(5) for seed in (1, 1, 2)]
    assert draw[0] == draw[1] != draw[2]
