"""Where the values of a submitted list are not written as they were read: nothing is changed behind anybody's back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from formgen.dossier import Dossier
from formgen.findings import Text
from formgen.forms import catalogue
from formgen.intake import grids, headings
from formgen.intake.table_origins import RowOrigins, TableOrigins
from formgen.record import Record
from formgen.reports.screen import Line

_EXAMPLES = 3
"""Cells of a field that are shown."""
_LONGEST = 40
_ALL = Text(
    "有 {count} 格读出的值与写法不同（formgen read {file} 逐格列出）：",
    "{count} cells were read as something else than they say (formgen read {file} lists them all):",
)
_FIELD = Text("{title} {count} 处：{examples}", "{title}, {count}: {examples}")
_COUNTED = Text("{title} {count} 处", "{title}, {count}")
_EXAMPLE = Text("{cell} “{text}” 读作 “{value}”", "{cell} “{text}” as “{value}”")
_BETWEEN = Text("；", "; ")
_AND_MORE = Text(" 等", " …")


@dataclass
class _Read:
    """The cells of a field that were read as something else."""

    count: int = 0
    examples: dict[str, dict[str, str]] = field(default_factory=dict)
    """By what was written."""


def lines(dossier: Dossier, lang: str, *, counts_only: bool) -> Iterator[Line]:
    """What was read as something else in a list that was handed in by itself, field by field.

    Args:
        dossier: what was read.
        lang: the language.
        counts_only: name no cell's text: it may be personal.
    """
    if dossier.scope is None:
        return
    found: dict[str, _Read] = {}
    for record in dossier.records.get(dossier.scope.form, ()):
        _look(record, found)
    if not found:
        return
    total = sum(each.count for each in found.values())
    yield Line(_ALL.lang(lang, {"count": total, "file": dossier.scope.path.name}), style="dim")
    table = headings.table(catalogue().edition(dossier.scope.form, dossier.as_of).schema)
    properties = table.item.get("properties", {}) if table is not None else {}
    for key, each in found.items():
        title = str(properties.get(key, {}).get("title", key)).partition("（")[0].partition("\n")[0]
        shown = _BETWEEN.lang(lang).join(_EXAMPLE.lang(lang, example) for example in each.examples.values())
        more = _AND_MORE.lang(lang) if each.count > len(each.examples) else ""
        values = {"title": title, "count": each.count, "examples": shown + more}
        yield Line((_COUNTED if counts_only else _FIELD).lang(lang, values), indent=2, style="dim")


def _look(record: Record, found: dict[str, _Read]) -> None:
    origins = record.origins
    if not isinstance(origins, TableOrigins | RowOrigins):
        return
    for key, column, rows, texts, values in origins.read_as(record.values):
        printed = list(map(_printed, values))
        if printed == texts:
            continue
        for row, text, read in zip(rows, texts, printed, strict=True):
            if text is not None and read is not None and text != read:
                _add(found.setdefault(key, _Read()), row, column, text, read)


def _add(each: _Read, row: int, column: int, text: str, value: str) -> None:
    each.count += 1
    if len(each.examples) < _EXAMPLES and (cut := _cut(text)) not in each.examples:
        each.examples[cut] = {"cell": grids.coordinate(row, column), "text": cut, "value": _cut(value)}


def _printed(value: Any) -> str | None:
    """A value as it would be written; None for one that can only be read as what it is (是, a list of lines)."""
    kind = type(value)
    if kind is dict:
        value = value.get("text")
        kind = type(value)
    elif kind is int:
        return str(value)
    return value if kind is str else None


def _cut(text: str) -> str:
    flat = text.replace("\n", " ")
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"
