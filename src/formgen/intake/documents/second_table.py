"""Reads the second table of a filing, that of the organisations below: their names; the rest is told, not read.

Its columns have not been seen on any school's form. So that its rows are not taken for those of the first table, what
stands below its title is kept apart; so that nothing is silently left out, what was not read there is counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from formgen.forms import Schema
from formgen.intake.documents import kinds
from formgen.intake.documents.blocks import Cell, Document, Paragraph, Row, Table
from formgen.intake.documents.comparing import label, likeness
from formgen.intake.documents.layout import titles
from formgen.intake.documents.taking import Taken
from formgen.intake.spellings import tidy

_TITLE: Final = 60
"""No title is longer."""
_LIKE: Final = 0.6
_SERIAL: Final = frozenset({"序号", "编号"})
_SUMS: Final = ("合计", "总计", "小计")


@dataclass(frozen=True, slots=True)
class SecondTable:
    """The group of a form that is a table of its own: fields in its head, and a list."""

    key: str
    group: Schema
    list_key: str

    @property
    def item(self) -> Mapping[str, Schema]:
        """The fields of a row."""
        found: Mapping[str, Schema] = self.group["properties"][self.list_key]["items"]["properties"]
        return found

    def is_title(self, text: str) -> bool:
        """Whether a text is the title of this table. The first table is called alike, but for the first word."""
        folded = label(text)
        if not folded or len(folded) > _TITLE or any(folded in titles(field) for field in self._fields()):
            return False
        names = titles(self.group)
        return any(name[:2] in folded and likeness(folded, name) >= _LIKE for name in names)

    def _fields(self) -> Iterator[Schema]:
        yield from self.group["properties"].values()

    def is_field(self, row: Row) -> bool:
        """Whether a row says a field of the head."""
        known = {name for field in self._fields() for name in titles(field)}
        return any(label(cell.text) in known for cell in row.cells)

    def headings(self, row: Row) -> dict[str, Cell]:
        """The fields of a row of headings, each with its cell; none unless the first of them is among these."""
        found = {
            key: cell for key, field in self.item.items() for cell in row.cells if label(cell.text) in titles(field)
        }
        return found if next(iter(self.item)) in found else {}


def second_table(schema: Schema) -> SecondTable | None:
    """The second table of a form, None if it has none."""
    for key, group in schema.get("properties", {}).items():
        for child, field in group.get("properties", {}).items() if group.get("type") == "object" else ():
            if field.get("type") == "array" and "properties" in field.get("items", {}):
                return SecondTable(key, group, child)
    return None


def apart(document: Document, wanted: SecondTable) -> tuple[Document, Sequence[Row]]:
    """The document without the rows below the title of the second table, and those rows."""
    blocks: list[Table | Paragraph] = []
    rows: list[Row] = []
    titled = False
    for block in document.blocks:
        if isinstance(block, Paragraph):
            if block.text.strip():
                titled = wanted.is_title(block.text)
            blocks.append(block)
            continue
        own: list[Row] = []
        for row in block.rows:
            filled = [cell for cell in row.cells if cell.text.strip()]
            if len(filled) == 1 and wanted.is_title(filled[0].text):
                titled = True
            elif titled:
                rows.append(row)
            else:
                own.append(row)
        blocks.append(replace(block, rows=tuple(own)))
    return replace(document, blocks=tuple(blocks)), rows


def read(rows: Sequence[Row], wanted: SecondTable, taken: Taken) -> None:
    """Takes the organisations of the second table; says of columns and rows that they were not read."""
    columns: dict[str, Cell] = {}
    unread: list[Row] = []
    index = 0
    for row in rows:
        found = wanted.headings(row)
        if found and not columns:
            columns = found
            _say_columns(row, columns, wanted, taken)
        if found or wanted.is_field(row) or not any(cell.text.strip() for cell in row.cells):
            continue
        item = {key: cell for key, heading in columns.items() if (cell := row.at(heading.column)) is not None}
        name = tidy(item[next(iter(wanted.item))].text) if next(iter(wanted.item)) in item else ""
        if not columns or not name:
            unread.append(row)
        elif not name.startswith(_SUMS):
            _take(index, item, wanted, taken)
            index += 1
    if unread:
        at, place = (wanted.key, "rows"), unread[0].cells[0].origin
        taken.notes.add(kinds.SECOND_ROWS, at, place, title=wanted.group["title"], count=len(unread))


def _take(index: int, item: Mapping[str, Cell], wanted: SecondTable, taken: Taken) -> None:
    for key, cell in item.items():
        at: tuple[Any, ...] = (wanted.key, wanted.list_key, index, key)
        taken.text(at, wanted.item[key], cell.text, cell.written(cell.text))


def _say_columns(row: Row, columns: Mapping[str, Cell], wanted: SecondTable, taken: Taken) -> None:
    read_ = {cell.column for cell in columns.values()}
    left = [tidy(cell.text) for cell in row.cells if cell.column not in read_ and label(cell.text) not in _SERIAL]
    named = [text for text in left if text]
    if named:
        at, place = (wanted.key, "columns"), row.cells[0].origin
        shown = "、".join(named)
        taken.notes.add(kinds.SECOND_COLUMNS, at, place, title=wanted.group["title"], columns=shown[:200])
