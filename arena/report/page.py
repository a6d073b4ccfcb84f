"""The page around the pictures: one HTML file, readable without a network, every name escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Any

from plotly.offline import get_plotlyjs

from arena.report.chapter import Chapter
from arena.report.curriculum_pictures import curriculum_pictures
from arena.report.pictures import Picture, curve_pictures, leaderboard_picture, payoff_picture
from arena.show import META_COLUMNS, meta_rows, ranks_text, rating_text, score_text, verdict_table
from arena.standings import Line, Standings
from league.formats import Verdict

__all__ = ["page"]

_STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #fbfaf7; color: #222; line-height: 1.5;
       font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 5rem; }
h1 { font-size: 1.9rem; margin: 0 0 .3rem; letter-spacing: -.01em; }
h2 { font-size: 1.45rem; margin: 3.5rem 0 .6rem; padding-top: 1.2rem; border-top: 1px solid #dcdad2; }
h3 { font-size: 1.08rem; margin: 2.2rem 0 .5rem; }
h4 { font-size: .95rem; margin: 1.2rem 0 0; font-weight: 600; }
p { margin: .4rem 0; } .quiet, figcaption { color: #66645e; font-size: .9rem; }
table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28rem .7rem; text-align: right; border-bottom: 1px solid #e7e5de; vertical-align: top; }
th { font-weight: 600; color: #55534d; border-bottom: 1px solid #bdbbb2; white-space: nowrap; }
th.text, td.text { text-align: left; overflow-wrap: anywhere; } td:first-child, th:first-child { padding-left: 0; }
td { white-space: nowrap; } td.text { white-space: normal; }
dl { display: grid; grid-template-columns: 8rem 1fr; gap: .15rem 1rem; margin: .6rem 0; font-size: .95rem; }
dt { color: #66645e; } dd { margin: 0; overflow-wrap: anywhere; }
figure { margin: .3rem 0 1rem; } .wide { overflow-x: auto; }
.pair { display: grid; grid-template-columns: repeat(auto-fill, minmax(26rem, 1fr)); gap: 0 2rem; }
details { margin: .8rem 0; } summary { cursor: pointer; color: #1f5fa8; font-size: .95rem; }
pre { background: #f2f0ea; padding: .8rem 1rem; overflow-x: auto; font-size: .82rem; line-height: 1.4; }
"""
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
_LARGE = 4  # pictures over the full width; the rest go two in a row


def page(title: str, subtitle: str, chapters: Sequence[Chapter]) -> str:
    """Return the HTML text of a report."""
    body = "".join(_chapter(chapter, number) for number, chapter in enumerate(chapters))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><script>{get_plotlyjs()}</script></head>"
        f'<body><main><h1>{escape(title)}</h1><p class="quiet">{escape(subtitle)}</p>{body}</main></body></html>\n'
    )


def _chapter(chapter: Chapter, number: int) -> str:
    facts = "".join(f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in chapter.facts)
    parts = [f"<h2>{escape(chapter.title)}</h2><dl>{facts}</dl>"]
    if chapter.configuration:
        parts.append(
            f"<details><summary>complete configuration</summary><pre>{escape(chapter.configuration)}</pre></details>"
        )
    if chapter.standings is not None:
        parts.append(_standings(chapter.standings, f"c{number}"))
    if chapter.curriculum is not None:
        parts.append("<h3>Curriculum</h3>")
        drawn = curriculum_pictures(chapter.curriculum)
        parts += [_titled(*p, f"c{number}t{k}") for k, p in enumerate(drawn)]
    pictures = list(curve_pictures(chapter))
    if pictures:
        parts.append("<h3>Learning curves</h3>")
        large = [p for p in pictures if p[1].caption][:_LARGE]
        parts += [_titled(*p, f"c{number}l{k}") for k, p in enumerate(large)]
        small = [p for p in pictures if p not in large]
        parts.append(f'<div class="pair">{"".join(_titled(*p, f"c{number}s{k}") for k, p in enumerate(small))}</div>')
    return "".join(parts)


def _standings(result: Standings, name: str) -> str:
    parts = ["<h3>Leaderboard</h3>"]
    parts += [f'<p class="quiet">{escape(sentence)}</p>' for sentence in result.method]
    picture = leaderboard_picture(result)
    if picture is not None:
        parts.append(_figure(picture, f"{name}leaderboard", "Leaderboard"))
    parts.append(_leaderboard(result.lines))
    if result.verdict is not None:
        parts.append(_verdict(result.verdict))
    picture = payoff_picture(result)
    if picture is not None:
        parts += [
            "<h3>Who scores what against whom</h3>",
            _figure(picture, f"{name}payoff", "Who scores what against whom"),
        ]
    if result.meta is not None:
        parts.append("<h3>Meta-game</h3>")
        parts += [f'<p class="quiet">{escape(sentence)}</p>' for sentence in result.meta.sentences]
        parts.append(_table(META_COLUMNS, meta_rows(result.meta, [line.agent for line in result.lines])))
    return "".join([*parts, "<h3>How matches ended</h3>", *_endings(result)])


def _endings(result: Standings) -> Iterator[str]:
    yield f"<p>{', '.join(f'{count:,} {escape(reason)}' for reason, count in result.endings.items())}.</p>"
    counts = [
        (line.agent, reason, f"{count:,}", f"{line.games:,}")
        for line in result.lines
        for reason, count in [*line.faults.items(), *([("adjudicated", line.adjudicated)] if line.adjudicated else [])]
    ]
    if counts:
        yield _table(["agent", "reason", ">matches", ">of those that count"], counts)
    if result.faults:
        rows = [(f.agent, f.reason, f.detail, f"{f.matches:,}") for f in result.faults]
        yield f"<details><summary>what happened</summary>{_table(['agent', 'reason', 'detail', '>matches'], rows)}"
        for fault in result.faults:
            if fault.log:
                heading = f"the last that {fault.agent} wrote to stderr in a match that it forfeited ({fault.reason})"
                yield f"<p>{escape(heading)}:</p><pre>{escape(fault.log)}</pre>"
        yield "</details>"


def _leaderboard(lines: Sequence[Line]) -> str:
    rated = any(line.rating is not None for line in lines)
    rows = []
    for place, line in enumerate(lines, 1):
        counts = [f"{x:,}" for x in (line.games, line.wins, line.draws, line.losses)]
        rows.append(
            [place, line.agent, *([rating_text(line), ranks_text(line)] if rated else []), *counts, score_text(line)]
        )
    columns = [
        ">#",
        "agent",
        *([">Elo", ">ranks"] if rated else []),
        ">matches",
        ">won",
        ">drawn",
        ">lost",
        ">mean score",
    ]
    return _table(columns, rows)


def _verdict(verdict: Verdict) -> str:
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in verdict.sentences)
    return f"<h3>What the format says</h3>{said}{_table(*verdict_table(verdict))}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    kinds = ["" if column.startswith(">") else ' class="text"' for column in columns]
    head = "".join(f"<th{kind}>{escape(c.removeprefix('>'))}</th>" for kind, c in zip(kinds, columns, strict=True))
    body = "".join(
        f"<tr>{''.join(f'<td{kind}>{escape(str(cell))}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _titled(heading: str, picture: Picture, name: str) -> str:
    return f"<section><h4>{escape(heading)}</h4>{_figure(picture, name, heading)}</section>"


def _figure(picture: Picture, name: str, heading: str) -> str:
    html = picture.figure.to_html(
        full_html=False, include_plotlyjs=False, div_id=name, config={"displayModeBar": False, "responsive": True}
    )
    text = escape(f"{heading}. {picture.text or picture.caption}".strip(), quote=True)
    caption = escape(picture.caption)
    return f'<figure><div role="img" aria-label="{text}">{html}</div><figcaption>{caption}</figcaption></figure>'
