"""Findings as one HTML file for the screen and for paper: no scripts, nothing from elsewhere.

How bad a finding is shows in a word, a sign and the shape of its border, so that it also does in black and white.
"""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import Final

from formgen.checks import Report
from formgen.delivery import Delivery
from formgen.dossier import Dossier
from formgen.errors import FormgenError
from formgen.findings import Address, Finding, Outcome, Severity, Text
from formgen.reports import rulebook, text
from formgen.reports.excerpts import Quotation, Row, excerpt
from formgen.reports.screen import plain
from formgen.reports.stylesheet import STYLE

PER_RULE: Final = 100
"""Findings of one rule in one form that are listed; the others are counted. JSON has them all."""
_QUOTED = 4
_LANGUAGES: Final = {"zh": "zh-CN", "en": "en"}
_TITLE: Final = Text("核对报告", "Report of findings")
_REDACTED: Final = Text(
    "姓名等个人信息已换成序号和单元格（--no-redact 显示原文）",
    "names and other personal data are replaced by serial number and cell (--no-redact shows them)",
)
_REFUSED: Final = Text("没有核对的", "Not judged")
_WROTE: Final = Text("写出的文件", "Files written")
_SIGNS: Final = {"error": "■", "warning": "▲", "info": "●", "unverified": "？", "waived": "○"}


def part(
    dossier: Dossier, report: Report, delivery: Delivery | None, lang: str = "zh", *, explain: bool = False
) -> str:
    """What the document says of one dossier; with ``explain`` also what each rule came to."""
    lines = ["<main>", *_dossier(dossier, report, lang)]
    lines += _explained(report, lang) if explain else ()
    lines += _written(delivery, lang) if delivery is not None and delivery.written else ()
    return "\n".join([*lines, "</main>"])


def document(
    parts: Sequence[str],
    refused: Sequence[tuple[str, FormgenError]] = (),
    lang: str = "zh",
    *,
    redacted: bool = False,
) -> str:
    """The HTML text of what a command found.

    Args:
        parts: what is said of each dossier.
        refused: what could not be judged, with the reason.
        lang: the language of titles and reasons.
        redacted: whether to say that personal values have been replaced in what is given.
    """
    title = _TITLE.lang(lang)
    lines = [
        f'<!DOCTYPE html>\n<html lang="{_LANGUAGES[lang]}">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # The file is sent around: whatever stands in the data, nothing is loaded and nothing runs.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{_text(title)}</h1>",
    ]
    if redacted:
        lines.append(_tag("p", _REDACTED.lang(lang), "note"))
    lines += parts
    if refused:
        items = [_tag("li", f"{path}: {error.sentence(lang)}") for path, error in refused]
        lines += ["<section>", _tag("h2", _REFUSED.lang(lang)), "<ul>", *items, "</ul>", "</section>"]
    return "\n".join([*lines, "</body>\n</html>"])


def _dossier(dossier: Dossier, report: Report, lang: str) -> Iterator[str]:
    yield _tag("p", text.heading(dossier, report, lang), "heading")
    yield _tag("p", text.closing(report, lang), "verdict stops" if report.stops else "verdict")
    listed, followers = text.fold(report.findings)
    for form, of_form in groupby(listed, key=lambda finding: finding.at.form):
        yield "<section>"
        yield _tag("h2", text.form_title(form, dossier, lang))
        yield from _form(list(of_form), followers, dossier, lang)
        yield "</section>"


def _form(
    findings: Sequence[Finding], followers: dict[Address, list[Finding]], dossier: Dossier, lang: str
) -> Iterator[str]:
    totals: dict[str, int] = {}
    for finding in findings:
        totals[finding.kind.id] = totals.get(finding.kind.id, 0) + 1
    shown: dict[str, int] = {}
    for _, run in groupby(findings, key=text.alike):
        block = list(run)
        kind = block[0].kind
        room = max(PER_RULE - shown.get(kind.id, 0), 0)
        shown[kind.id] = shown.get(kind.id, 0) + len(block)
        if room:
            weight = _weight(block[0])
            yield f'<article class="{weight}">'
            word = text.mark(block[0])[0].lang(lang)
            badge = _tag("span", f"{_SIGNS[weight]} {word}", "badge")
            yield f"<h3>{badge} {_text(f'{kind.id} {kind.title.lang(lang)}')}</h3>"
            for finding in block[:room]:
                yield from _finding(finding, followers.pop(finding.at, []), dossier, lang)
            if kind.basis:
                yield _tag("p", text.basis(kind, lang), "basis")
            if kind.hint.lang(lang):
                yield _tag("p", f"→ {kind.hint.lang(lang)}", "hint")
            yield "</article>"
        if shown[kind.id] == totals[kind.id] > PER_RULE:
            yield _tag("p", text.cut(kind.id, totals[kind.id], PER_RULE, lang), "note")


def _weight(finding: Finding) -> str:
    if finding.waived is not None:
        return "waived"
    return "unverified" if finding.outcome is Outcome.UNVERIFIED else Severity(finding.kind.severity).value


def _finding(finding: Finding, followers: Sequence[Finding], dossier: Dossier, lang: str) -> Iterator[str]:
    place = _tag("code", str(dossier.origin(finding.at)))
    yield '<div class="finding">'
    yield f"<p>{_text(finding.message(lang))} {place}</p>"
    yield from _excerpts(finding, dossier, lang)
    if finding.also:
        yield _tag("p", text.others(finding, dossier, lang), "note")
    if finding.waived is not None:
        yield _tag("p", text.waiver(finding, lang), "note")
    if followers:
        yield _tag("p", text.folded(followers, lang), "note")
    yield "</div>"


def _excerpts(finding: Finding, dossier: Dossier, lang: str) -> Iterator[str]:
    """The row or the clause; of clauses also those that it disagrees with."""
    found = excerpt(finding.at, dossier, lang)
    if isinstance(found, Row):
        yield from _table(found)
    others = (excerpt(address, dossier, lang) for address in finding.also)
    quotations = dict.fromkeys(each for each in (found, *others) if isinstance(each, Quotation))
    for quotation in list(quotations)[:_QUOTED]:
        source = _tag("cite", quotation.source)
        yield f"<blockquote>{_text(quotation.quote)} {source}</blockquote>"


def _table(row: Row) -> Iterator[str]:
    heads = [_tag("th", heading) for heading in row.headings]
    cells = [_tag("td", cell, "marked" if place == row.marked else "") for place, cell in enumerate(row.cells)]
    yield f'<div class="row"><table><tr>{"".join(heads)}</tr><tr>{"".join(cells)}</tr></table></div>'


def _explained(report: Report, lang: str) -> Iterator[str]:
    yield "<section>"
    yield _tag("h2", rulebook.EXPLANATION.lang(lang))
    heads = "".join(_tag("th", head.lang(lang)) for head in rulebook.EXPLAIN_HEADS)
    yield f'<table class="rules"><thead><tr>{heads}</tr></thead><tbody>'
    for row in rulebook.explanation(report, lang):
        yield f"<tr>{''.join(_tag('td', cell) for cell in row)}</tr>"
    yield "</tbody></table></section>"


def _written(delivery: Delivery, lang: str) -> Iterator[str]:
    yield "<section>"
    yield _tag("h2", _WROTE.lang(lang))
    yield f"<ul>{''.join(_tag('li', path) for path in delivery.written)}</ul></section>"


def _tag(name: str, content: str, kind: str = "") -> str:
    return f'<{name} class="{kind}">{_text(content)}</{name}>' if kind else f"<{name}>{_text(content)}</{name}>"


def _text(text: str) -> str:
    """Text that is nothing but text, its control characters spelt out."""
    return escape("\n".join(map(plain, text.split("\n"))))
