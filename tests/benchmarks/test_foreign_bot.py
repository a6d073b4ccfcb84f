import functools
import os

import pytest

from benchmarks import foreign_bot, harness


@pytest.fixture
def short(monkeypatch):
    brief = functools.partial(harness.interleave, rounds=1, seconds=0.01)
    monkeypatch.setattr(foreign_bot, "interleave", lambda ours, peer, **_: brief(ours, peer))
    monkeypatch.setattr(foreign_bot, "SLOTS", 8)


def test_the_figures_and_that_processors_are_given_back(short):
    before = os.sched_getaffinity(0)
    figures = foreign_bot.run(quick=True)

    assert os.sched_getaffinity(0) == before
    for name in ("ratio", "match_ratio", "batched_ratio", "ratio_median", "match_ratio_median", "batched_ratio_median"):
        assert figures[name] > 0
    assert figures["batched_decisions_per_s"] > figures["match_decisions_per_s"]
    assert figures["peer_decisions_per_s"] > 0


def test_a_bot_that_does_not_do_its_work_voids_the_rate(short, tmp_path, monkeypatch):
    for name in ("first_legal.py", "first_legal_batched.py"):
        text = (foreign_bot.BOTS / name).read_text()
        (tmp_path / name).write_text(text.replace('request["legal"][0]', 'request["legal"][-1]'))
    monkeypatch.setattr(foreign_bot, "BOTS", tmp_path)
    with pytest.raises(RuntimeError, match="the rate is void"):
        foreign_bot.run(quick=True)
