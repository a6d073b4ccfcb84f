import re

import pytest

from arena.outcomes import outcomes_in
from arena.report import write_report
from arena.report.chapter import Chapter
from arena.report.page import page
from arena.standings import standings
from games import InputError, make
from league.match import Matchup, Reason, Record
from league.store import Store

EVIL = "<img src=x onerror=alert(1)>"


def standings_of(names, folder):
    game = make("openspiel/tic_tac_toe")
    records = []
    for seed in range(40):
        task = game.task_space.task()
        asked = Matchup("tournament", seed, task, (names[0], names[1]), ("h", "g"), seed, (0, seed, 0))
        score = (1.0, -1.0) if seed % 3 else (-1.0, 1.0)
        fault = {"reason": Reason.CRASH, "fault": 1, "detail": EVIL} if seed == 1 else {"reason": Reason.NORMAL}
        records.append(Record(asked.id, asked, score, score, 5, **fault))
    with Store(folder, write=True, create=True) as store:
        with store.transaction():
            store.add_matches(records)
        return standings(game, outcomes_in(store, game, names, "tournament"))


@pytest.fixture
def text(tmp_path):
    curves = {
        f"{EVIL}/entropy": [(k, 1.0 / (k + 1)) for k in range(3000)],
        "main/nash_conv/last": [(0, 4.0), (10, 1.0)],
    }
    chapter = Chapter(
        title=EVIL,
        facts=((EVIL, EVIL),),
        configuration=EVIL,
        standings=standings_of([EVIL, "b"], tmp_path),
        curves=curves,
    )
    return page("report", "today", [chapter])


def without_plotly(text):
    """The page less the library, which is the one long script."""
    return re.sub(r"<script>/\*\*.*?</script>", "", text, count=1, flags=re.DOTALL)


def test_names_are_text_wherever_they_appear(text):
    own = without_plotly(text)
    assert len(own) < 200_000
    assert "<img" not in own
    assert "&lt;img src=x onerror=alert(1)&gt;" in own


def test_nothing_is_fetched(text):
    own = without_plotly(text)
    assert not re.findall(r"(?:src|href)\s*=\s*[\"']", own)
    assert "default-src &#x27;none&#x27;" in own or "default-src 'none'" in own
    assert text.count("Plotly.newPlot(") >= 3


def test_the_parts_of_a_tournament(arena, tmp_path):
    command = ["tournament", "openspiel/tic_tac_toe", "random", "scripted:first-legal", "--encounters", 5, "--out", "t"]
    result = arena(*command, "--report")
    assert "report:  t/report.html" in result.out
    own = without_plotly((tmp_path / "t" / "report.html").read_text())
    for heading in (
        "Leaderboard",
        "Who scores what against whom",
        "How matches ended",
        "scripted:first-legal",
        "10 normal.",
    ):
        assert heading in own
    assert "Learning curves" not in own


def test_the_parts_of_a_training(arena, trained, tmp_path):
    arena("evaluate", trained, "--encounters", 2)
    told = arena("report", trained, "--out", "sub/page.html", "--json").json
    assert told == {"report": "sub/page.html"}
    own = without_plotly((tmp_path / "sub" / "page.html").read_text())
    for part in ("NashConv", "Snapshots against fixed opponents", "Score in training", "entropy", "value loss", ">kl<"):
        assert part in own
    for part in ("complete configuration", "epochs: 1", "random", "Leaderboard", "main-001"):
        assert part in own


def test_a_training_without_an_evaluation_has_a_report(trained, tmp_path):
    own = without_plotly(write_report([trained], tmp_path / "r.html").read_text())
    assert "Learning curves" in own
    assert "Leaderboard" not in own


def test_a_place_that_cannot_be_written(trained, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot write the report"):
        write_report([trained], tmp_path / "file" / "r.html")


def test_the_format_has_a_table_of_its_own(arena, tmp_path):
    agents = ["random", "scripted:first-legal", "scripted:last-legal"]
    options = ["--format", "knockout", "--adjudicate", "draw_after=8", "--steps", 9, "--patience", 3]
    arena("tournament", "openspiel/tic_tac_toe", *agents, *options, "--out", "t", "--report")
    own = without_plotly((tmp_path / "t" / "report.html").read_text())
    for part in (
        "What the format says",
        "won the knockout",
        "semi-final",
        "draw_after 8",
        "9 steps",
        "3 failures",
        "knockout (",
    ):
        assert part in own


def test_the_meta_game_and_the_last_words_of_a_bot(tmp_path):
    game = make("openspiel/tic_tac_toe")
    names = ["a", "b", "c"]
    records = []
    for seed in range(60):
        pair = (names[seed % 3], names[(seed + 1) % 3])
        asked = Matchup("tournament", seed, game.task_space.task(), pair, pair, seed, (0, seed, 0))
        score = (1.0, -1.0) if seed % 5 else (-1.0, 1.0)
        fault = {"reason": Reason.CRASH, "fault": 1, "detail": "it ended", "log": EVIL} if seed == 1 else {}
        records.append(Record(asked.id, asked, score, score, 5, **{"reason": Reason.NORMAL} | fault))
    with Store(tmp_path, write=True, create=True) as store:
        with store.transaction():
            store.add_matches(records)
        result = standings(game, outcomes_in(store, game, names, "tournament"))
    own = without_plotly(page("r", "today", [Chapter(title="t", facts=(), standings=result, curves={})]))
    assert "Meta-game" in own
    assert "the last that c wrote to stderr" in own
    assert "<img" not in own
