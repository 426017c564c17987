"""What came of merging, for a person and for programs."""

import json
from collections.abc import Iterator
from pathlib import Path

from formgen.findings import Text
from formgen.merging import Merged
from formgen.merging.duplicates import Duplicate
from formgen.merging.gathering import Problem, Sent
from formgen.merging.senders import College, Sender
from formgen.reports.screen import Line
from formgen.reports.tally import FailOn

_WRITTEN = Text("{file}：{rows} 人，来自 {files} 份报送件", "{file}: {rows} people from {files} files")
_NOTHING = Text("没有写出：没有一份名单里有人", "nothing was written: there is nobody in any list")
_ROWS = Text("{label}：{rows} 人{sender}", "{label}: {rows} people{sender}")
_EMPTY = Text("{label}：名单是空的{sender}", "{label}: the list is empty{sender}")
_BAD = Text("{label}：没有并入", "{label}: not taken in")
_FROM = Text("，{name}", ", {name}")
_UNKNOWN = Text(
    "，看不出是哪个学院报送的：请把文件名改成学院的全称",
    ", which college sent it cannot be told: call the file by the full name of the college",
)
_SEVERAL = Text("，看不出是 {names} 中的哪一个", ", which could be any of {names}")
_CONTRADICTED = Text("，{name}；而名单里的院系都是“{other}”", ", {name}; but everybody in it belongs to {other!r}")
_TWICE = Text("重复：{name}，{places}", "twice: {name}, {places}")
_MAYBE = Text("可能重复：{name}，{places}", "perhaps twice: {name}, {places}")
_MORE_TWICE = Text("还有 {count} 人重复或可能重复；--format json 列出全部", "{count} more; --format json lists all")
_SENT_AGAIN = Text(
    "{name} 有 {count} 份报送件，请核实以哪一份为准：{files}",
    "{name} has sent {count} files; which one counts? {files}",
)
_WAITING = Text("还没有报送（{count}）：{names}", "not sent yet ({count}): {names}")
_ALL_SENT = Text("各学院都已报送", "every college has sent")
_PASSED_OVER = Text("没有读取（不是表格，或是空白表、批注副本）：{names}", "not read (no lists, or ours): {names}")
_AND = Text("；", "; ")
_COMMA = Text("、", ", ")
_SHOWN = 20
"""Names of a long list that are shown to a person."""


def reaches(merged: Merged, threshold: FailOn) -> bool:
    """Whether something has to be mended: a file, somebody in two lists; with ``warning`` whatever is in doubt."""
    problems = [problem for each, _ in merged.sent for problem in each.problems]
    wrong = merged.data is None or any(problem.is_error for problem in problems)
    if wrong or any(each.certain for each in merged.duplicates):
        return True
    if threshold is FailOn.ERROR:
        return False
    unknown = merged.waiting_for is not None and any(sender.college is None for _, sender in merged.sent)
    contradicted = any(sender.contradicted for _, sender in merged.sent)
    empty = any(each.read and not each.rows for each, _ in merged.sent)
    in_doubt = unknown or contradicted or empty or sent_again(merged)
    return bool(problems or merged.duplicates or merged.waiting_for or in_doubt)


def sent_again(merged: Merged) -> dict[College, list[str]]:
    """The colleges of which several lists were taken in, with the labels of those."""
    found: dict[College, list[str]] = {}
    for each, sender in merged.sent:
        if sender.college is not None and each.read:
            found.setdefault(sender.college, []).append(each.label)
    return {college: labels for college, labels in found.items() if len(labels) > 1}


def lines(merged: Merged, output: Path, lang: str) -> Iterator[Line]:
    """The lines for a person: what was written, each file, who is in two lists, who has not sent."""
    if merged.data is None:
        yield Line(_NOTHING.lang(lang), style="bold red")
    else:
        files = sum(1 for each, _ in merged.sent if each.rows)
        yield Line(_WRITTEN.lang(lang, {"file": output, "rows": merged.rows, "files": files}), style="bold")
    for each, sender in merged.sent:
        yield Line(_file(merged, each, sender, lang), indent=2, style="" if each.read else "red")
        for problem in each.problems:
            yield from _problem(problem, lang)
    for college, labels in sent_again(merged).items():
        values = {"name": college.name, "count": len(labels), "files": _named(labels, lang)}
        yield Line(_SENT_AGAIN.lang(lang, values), style="yellow")
    for duplicate in merged.duplicates[:_SHOWN]:
        template, style = (_TWICE, "red") if duplicate.certain else (_MAYBE, "yellow")
        yield Line(template.lang(lang, _said(duplicate, lang)), style=style)
    if len(merged.duplicates) > _SHOWN:
        yield Line(_MORE_TWICE.lang(lang, {"count": len(merged.duplicates) - _SHOWN}), style="red")
    if merged.waiting_for:
        names = _named([college.name for college in merged.waiting_for], lang)
        yield Line(_WAITING.lang(lang, {"count": len(merged.waiting_for), "names": names}), style="yellow")
    elif merged.waiting_for is not None:
        yield Line(_ALL_SENT.lang(lang), style="green")
    if merged.passed_over:
        names = _named([name.as_posix() for name in merged.passed_over], lang)
        yield Line(_PASSED_OVER.lang(lang, {"names": names}))


def _file(merged: Merged, each: Sent, sender: Sender, lang: str) -> str:
    if not each.read:
        return _BAD.lang(lang, {"label": each.label})
    said = "" if merged.waiting_for is None else _sender(sender, lang)
    template = _ROWS if each.rows else _EMPTY
    return template.lang(lang, {"label": each.label, "rows": len(each.rows), "sender": said})


def _sender(sender: Sender, lang: str) -> str:
    if sender.college is None:
        names = _COMMA.lang(lang).join(college.name for college in sender.candidates)
        return _SEVERAL.lang(lang, {"names": names}) if names else _UNKNOWN.lang(lang)
    values = {"name": sender.college.name, "other": sender.contradicted}
    return (_CONTRADICTED if sender.contradicted else _FROM).lang(lang, values)


def _problem(problem: Problem, lang: str) -> Iterator[Line]:
    style = "red" if problem.is_error else "yellow"
    yield Line(f"{problem.place}: {problem.finding.message(lang)}", indent=4, style=style)
    if hint := problem.finding.kind.hint.lang(lang):
        yield Line(f"→ {hint}", indent=6)


def _said(duplicate: Duplicate, lang: str) -> dict[str, str]:
    places = _AND.lang(lang).join(str(row.origin) for row in duplicate.rows)
    return {"name": str(duplicate.rows[0].values.get("name")), "places": places}


def _named(names: list[str], lang: str) -> str:
    return _COMMA.lang(lang).join(names[:_SHOWN]) + ("…" if len(names) > _SHOWN else "")


def document(merged: Merged, output: Path, lang: str) -> str:
    """The same as one JSON document, of the shape that ``schemas/_merger.schema.json`` describes."""
    whole = {
        "version": 1,
        "form": merged.edition.key,
        "output": None if merged.data is None else output.as_posix(),
        "rows": merged.rows,
        "files": [_file_as_json(each, sender, lang) for each, sender in merged.sent],
        "duplicates": [
            {
                "name": duplicate.rows[0].values.get("name"),
                "certain": duplicate.certain,
                "places": [str(row.origin) for row in duplicate.rows],
            }
            for duplicate in merged.duplicates
        ],
        "not_sent": None if merged.waiting_for is None else [college.name for college in merged.waiting_for],
        "not_read": [name.as_posix() for name in merged.passed_over],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2)


def _file_as_json(each: Sent, sender: Sender, lang: str) -> dict[str, object]:
    return {
        "file": each.label,
        "read": each.read,
        "rows": len(each.rows),
        "sender": None if sender.college is None else sender.college.name,
        "could_be": [college.name for college in sender.candidates],
        "contradicted_by": sender.contradicted or None,
        "findings": [
            {
                "rule": problem.finding.kind.id,
                "severity": problem.finding.kind.severity,
                "message": problem.finding.message(lang),
                "place": str(problem.place),
            }
            for problem in each.problems
        ],
    }
