import numpy as np
import pytest

from league.teachers.levels import PRIORITIES, Level, LevelBuffer, Opinion, priorities

SCORES = np.array([0.1, 0.9, -0.2, 0.5, 0.4])


def slow(scores, priority, temperature=0.5, k=2, offset=0.0):
    """The published formulas, one level at a time; no two scores are the same."""
    n = len(scores)
    rank = [1 + sum(other > s for other in scores) for s in scores]
    raw = {
        "rank": [(1 / r) ** (1 / temperature) for r in rank],
        "power": [(max(s, 0) + offset) ** (1 / temperature) for s in scores],
        "softmax": [np.exp(s / temperature) for s in scores],
        "proportional": [max(s, 0) for s in scores],
        "eps_greedy": [0.05 / n + 0.95 * (r == 1) for r in rank],
        "max": [float(r == 1) for r in rank],
        "match": [min(max(s, 0), 1) * (1 - min(max(s, 0), 1)) for s in scores],
        "topk": [float(r <= k) for r in rank],
    }[priority]
    return np.array(raw) / sum(raw)


def buffer(capacity=5, *, scores=SCORES, **options):
    made = LevelBuffer(
        capacity, **({"priority": "rank", "temperature": 0.5, "k": 2, "staleness": 0.3, "evict": "weight"} | options)
    )
    rng = np.random.default_rng(0)
    for i, score in enumerate(scores):
        made.offer(Level(f"k{i}", [i / 10]), float(score), made.tick(), rng)
    return made


@pytest.mark.parametrize("offset", [0.0, 1e-3])
@pytest.mark.parametrize("ties_by_order", [False, True])
@pytest.mark.parametrize("priority", PRIORITIES)
def test_probabilities_by_the_slow_way(priority, ties_by_order, offset):
    found = priorities(SCORES, priority, temperature=0.5, k=2, offset=offset, ties_by_order=ties_by_order)
    np.testing.assert_allclose(found, slow(SCORES, priority, offset=offset), atol=1e-12)


def test_golden_ranks():
    """1, 1/2, 1/3 and 1/4 of dcd's rank transform at a temperature of 1, over their sum 25/12."""
    found = priorities(np.array([3.0, 1.0, 4.0, 2.0]), "rank", temperature=1.0, k=1)
    np.testing.assert_allclose(found, np.array([6.0, 3.0, 12.0, 4.0]) / 25.0)


def test_equal_scores_share_or_the_first_has_the_higher_rank():
    scores = np.array([1.0, 2.0, 1.0, 0.0])
    weights = np.array([1.0, 1 / 2, 1 / 3, 1 / 4]) / (25 / 12)
    options = {"priority": "rank", "temperature": 1.0, "k": 1}
    shared = priorities(scores, **options)
    np.testing.assert_allclose(shared, [weights[1:3].mean(), weights[0], weights[1:3].mean(), weights[3]])
    np.testing.assert_allclose(priorities(scores, **options, ties_by_order=True), weights[[1, 0, 2, 3]])


@pytest.mark.parametrize("priority", PRIORITIES)
@pytest.mark.parametrize("scores", [np.zeros(4), np.full(4, -3.0), np.ones(4), np.full(4, 1e150)])
def test_equal_levels_have_equal_probabilities(priority, scores):
    found = priorities(scores, priority, temperature=0.1, k=2)
    np.testing.assert_allclose(found, np.full(4, 0.25))


@pytest.mark.parametrize("priority", PRIORITIES)
def test_no_size_of_scores_breaks_a_distribution(priority):
    found = priorities(np.array([1e150, -1e150, 1e-300, 0.0]), priority, temperature=0.01, k=1)
    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1.0)


def test_staleness_is_proposals_since_a_level_was_played():
    levels = buffer()
    ages = {f"k{i}": 4 - i for i in range(5)}  # the last was made last
    for draw in range(50):
        share = np.array([ages[level.key] for level in levels.levels], float)
        expected = 0.7 * slow(SCORES, "rank") + 0.3 * share / share.sum()
        np.testing.assert_allclose(levels.weights(), expected)
        drawn = levels.draw(np.random.default_rng(draw)).key
        ages = {key: 0 if key == drawn else age + 1 for key, age in ages.items()}


def test_power_leaves_a_little_to_all_where_staleness_does_not():
    """dcd adds 0.001 to scores when nothing goes by staleness."""
    found = buffer(scores=[0.0, 1.0], staleness=0.0, priority="power", temperature=1.0).weights()
    np.testing.assert_allclose(found, np.array([0.001, 1.001]) / 1.002)
    assert buffer(scores=[0.0, 1.0], staleness=1e-9, priority="power").weights()[0] < 1e-8


def test_where_all_are_fresh_staleness_is_even():
    levels = buffer(scores=[1.0], staleness=1.0)
    levels.draw(np.random.default_rng(0))
    assert levels.weights().tolist() == [1.0]


def test_draws_follow_the_weights():
    rng = np.random.default_rng(3)
    levels = buffer(staleness=0.0)
    counts = np.bincount([int(levels.draw(rng).key[1]) for _ in range(20_000)], minlength=5) / 20_000
    np.testing.assert_allclose(counts, slow(SCORES, "rank"), atol=0.015)


@pytest.mark.parametrize(("evict", "gone"), [("score", "k2"), ("weight", "k4")])
def test_what_makes_room(evict, gone):
    """k2 has the least score; k4, drawn just now, the least weight where staleness is all."""
    levels = buffer(evict=evict, staleness=0.0 if evict == "score" else 1.0)
    rng = np.random.default_rng(0)
    assert not levels.offer(Level("bad", [0.0]), -0.5, levels.clock, rng)
    assert levels.offer(Level("good", [0.0]), 0.45, levels.clock, rng)
    assert levels.find(gone) is None
    assert levels.find("good") is not None
    assert len(levels) == 5


def test_an_equal_score_enters():
    levels = buffer(evict="score", staleness=0.0)
    assert levels.offer(Level("same", [0.0]), -0.2, levels.clock, np.random.default_rng(0))


def test_of_several_that_could_make_room_any_is_taken():
    gone = set()
    for seed in range(40):
        levels = buffer(scores=np.zeros(5), staleness=0.0)
        levels.offer(Level("new", [0.0]), 0.0, levels.clock, np.random.default_rng(seed))
        gone |= {f"k{i}" for i in range(5)} - {level.key for level in levels.levels}
    assert gone == {f"k{i}" for i in range(5)}
    first = buffer(scores=np.zeros(5), staleness=0.0, evict="score", ties_by_order=True)
    first.offer(Level("new", [0.0]), 0.0, first.clock, np.random.default_rng(1))
    assert first.find("k0") is None


def test_results_of_the_same_weights_are_averaged():
    one, other = Opinion(1), Opinion(1)
    for score in (1.0, 2.0, 6.0):
        one.add(score, 1, 0.5, average=True)
    for score in (6.0, 1.0, 2.0):
        other.add(score, 1, 0.5, average=True)
    assert one.score(0.5) == other.score(0.5) == 3.0
    one.add(5.0, 2, 0.5, average=True)
    assert one.score(0.5) == 4.0
    one.add(7.0, 2, 0.5, average=True)
    assert one.score(0.5) == 4.5


def test_where_nobody_counts_weights_the_last_result_is_of_new_ones():
    opinion = Opinion(0)
    for score in (1.0, 2.0, 6.0):
        opinion.add(score, 0, 1.0, average=True)
    assert opinion.score(1.0) == 6.0


def test_learners_count_the_same_and_are_bounded():
    level = Level("k", [0.0])
    for score in (1.0, 1.0, 1.0, 1.0):
        level.opinion(("a", ""), 1).add(score, 1, 1.0, average=True)
    level.opinion(("b", ""), 1).add(3.0, 1, 1.0, average=True)
    assert level.score(1.0) == 2.0
    for k in range(50):
        level.opinion((f"l{k}", ""), 1).add(0.0, 1, 1.0, average=True)
    assert len(level.opinions) == 8


def test_with_match_what_is_mastered_does_not_enter():
    levels = buffer(scores=[0.5, 0.9, 0.3], capacity=3, priority="match", evict="score", staleness=0.0)
    rng = np.random.default_rng(0)
    assert not levels.offer(Level("mastered", [0.0]), 1.0, levels.clock, rng)
    assert levels.offer(Level("between", [0.0]), 0.8, levels.clock, rng)
    assert levels.find("k1") is None
    published = buffer(scores=[0.5, 0.9, 0.3], capacity=3, priority="match", evict="score", ties_by_order=True)
    assert published.offer(Level("mastered", [0.0]), 1.0, published.clock, rng)
