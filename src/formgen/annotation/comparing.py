"""What changed since the last submission, in words: on the screen, and in the list."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from formgen.annotation.entries import Entry
from formgen.annotation.since import Became, Change, Comparison
from formgen.findings import Finding, Text
from formgen.reports.screen import Line

_LISTED = 20
"""Lines about one kind of change; the others are counted."""
_BECAME = {Became.NEW: Text("新出现", "new"), Became.OPEN: Text("仍未改", "still there")}
_SUMMARY = Text(
    "与上次（{file}）相比：改动 {changed} 处，增加 {added} 人，去掉 {gone} 人；问题改好 {mended} 项，新出现 {new} 项，"
    "仍未改 {open} 项",
    "since the last time ({file}): {changed} values changed, {added} people added, {gone} gone;"
    " {mended} findings mended, {new} new, {open} still there",
)
_CHANGED = Text("改动 {cell} {name} {field}：{before} → {after}", "changed {cell} {name} {field}: {before} → {after}")
_ADDED = Text("增加 {name}", "added {name}")
_GONE = Text("去掉 {name}", "gone {name}")
_MENDED = Text("改好 {rule} {message}", "mended {rule} {message}")
_EMPTY = Text("（空）", "(empty)")
_NAMELESS = Text("（没有姓名）", "(no name)")
_MORE = Text("……另有 {count} 处", "… and {count} more")


def summary(compared: Comparison, file: Path, lang: str) -> str:
    """One sentence about what changed."""
    count = compared.became.count
    values = {
        "changed": len(compared.changed),
        "added": len(compared.added),
        "gone": len(compared.gone),
        "mended": len(compared.mended),
        "new": count(Became.NEW),
        "open": count(Became.OPEN),
    }
    return _SUMMARY.lang(lang, {**values, "file": file.name})


def became(compared: Comparison, lang: str) -> list[str]:
    """For each finding whether it is new."""
    return [_BECAME[each].lang(lang) for each in compared.became]


def lines(compared: Comparison, file: Path, titles: Callable[[str], str], lang: str) -> Iterator[Line]:
    """All that changed, line by line; ``titles`` gives the heading of a field."""
    yield Line(summary(compared, file, lang), style="bold")

    def person(entry: Entry) -> str:
        return entry.name or _NAMELESS.lang(lang)

    def value(change: Change) -> dict[str, Any]:
        empty = _EMPTY.lang(lang)
        return {
            "cell": change.origin.cell or "",
            "name": person(change.person),
            "field": titles(change.field),
            "before": change.before or empty,
            "after": change.after or empty,
        }

    def finding(found: Finding) -> dict[str, Any]:
        return {"rule": found.kind.id, "message": found.message(lang)}

    yield from _told(_CHANGED, [value(change) for change in compared.changed], lang)
    yield from _told(_ADDED, [{"name": person(entry)} for entry in compared.added], lang)
    yield from _told(_GONE, [{"name": person(entry)} for entry in compared.gone], lang)
    yield from _told(_MENDED, [finding(found) for found in compared.mended], lang)


def _told(what: Text, values: Sequence[dict[str, Any]], lang: str) -> Iterator[Line]:
    for each in values[:_LISTED]:
        yield Line(what.lang(lang, each), indent=2)
    if len(values) > _LISTED:
        yield Line(_MORE.lang(lang, {"count": len(values) - _LISTED}), indent=2)
