"""Lists that were handed in as a document: its tables as the sheets of a workbook, read as those are.

A list that goes on in a second table, as converters and page breaks make of one, is one sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from formgen import prompts
from formgen.intake import grids, spellings, tables
from formgen.intake.documents.blocks import Document, Row, Table
from formgen.intake.documents.comparing import label
from formgen.intake.grids import Area, Book, Sheet
from formgen.intake.headings import Table as Wanted
from formgen.intake.reading import Notes, Reading
from formgen.intake.rows import Rows
from formgen.record import Origin

_INTEGER = {"type": "integer"}
_HEADINGS = 3
"""One of so many first rows is repeated where a list goes on."""

_LABELS = 3
"""A row with so many names of fields is about no person."""


@dataclass
class _Paper(Sheet):
    """A sheet that was a table of a document: its cells are called as they are there."""

    places: dict[tuple[int, int], Origin] = field(default_factory=dict)
    firsts: dict[int, Origin] = field(default_factory=dict)
    """Row -> the place of its first cell, for what has none of its own."""

    def origin(self, file: str, row: int, column: int, text: str | None = None) -> Origin:
        """The place of a cell in its document."""
        place = self.places.get((row, column)) or self.firsts.get(row, Origin(file, self.name))
        return place._replace(text=text)

    def column_name(self, column: int) -> str:
        """A column by its number: in a document it has no letters."""
        return str(column)


def known(document: Document, wanted: Wanted) -> int:
    """How many columns of a list a document has; 0 where it holds no list of this form."""
    found = (tables.best_in(wanted, sheet) for sheet in _book(document).sheets)
    return max((heading.known(wanted) for heading in found if heading is not None), default=0)


def is_form(document: Document, wanted: Wanted) -> bool:
    """Whether what looks like a list is one form with its labels above its fields: other rows hold labels as well."""
    rows = [{fields[0] for cell in row.cells if (fields := wanted.meanings(cell.text))} for table in document.tables
            for row in table.rows]  # fmt: skip
    named = [fields for fields in rows if len(fields) >= _LABELS]
    return any(fields - named[0] for fields in named[1:])


def read(document: Document, wanted: Wanted, notes: Notes) -> Reading:
    """The records of the list in a document."""
    heading = tables.find(wanted, _book(document), notes)
    columns = None if heading is None else tables.columns(wanted, heading, notes)
    if heading is None or columns is None:
        return notes.reading()
    return notes.reading_of(Rows(wanted, heading, columns, notes).records())


def _book(document: Document) -> Book:
    """The tables of a document as sheets."""
    sheets: list[_Paper] = []
    before: Table | None = None
    for table in document.tables:
        if before is None or not _goes_on(before, table):
            named = next((cell.origin.sheet for row in table.rows for cell in row.cells), None)
            sheets.append(_Paper(named or ""))
            before = table
        _add(sheets[-1], table)
    return Book(list(sheets))


def _goes_on(before: Table, table: Table) -> bool:
    """Whether a table is the rest of the one before it: as wide, and it repeats its headings or goes on numbering."""
    if not table.rows or _width(before) != _width(table):
        return False
    words = _words(table.rows[0])
    if words and any(_words(row) == words for row in before.rows[:_HEADINGS]):
        return True
    return bool(words) and isinstance(spellings.value(_INTEGER, words[0]), int)


def _width(table: Table) -> int:
    return max((cell.column + cell.span for row in table.rows for cell in row.cells), default=0)


def _words(row: Row) -> Sequence[str]:
    return [label(cell.text) for cell in row.cells]


def _add(sheet: _Paper, table: Table) -> None:
    """Adds the rows of a table below those that are there."""
    first = next(reversed(sheet.firsts), 0) + 1
    merged: dict[int, Area] = {}
    areas: dict[tuple[int, int], Area] = {}
    for number, row in enumerate(table.rows, start=first):
        filled: dict[int, str] = {}
        over = {column: area for column, area in merged.items() if column in row.continued}
        merged = {column: area._replace(bottom=number) for column, area in over.items()}
        for cell in row.cells:
            column = cell.column + 1
            sheet.places[number, column] = cell.origin
            sheet.firsts.setdefault(number, cell.origin)
            merged[cell.column] = Area(number, column, number, cell.column + cell.span)
            if cell.text.strip() and not prompts.is_prompt(cell.text):
                filled[column] = cell.text.strip()
        sheet.firsts.setdefault(number, sheet.firsts.get(number - 1, Origin("", sheet.name)))
        if filled:
            sheet.rows[number] = grids.Row(tuple(filled), tuple(filled.values()))
        for area in merged.values():
            areas[area.top, area.left] = area
    sheet.merges += [area for area in areas.values() if area.bottom > area.top or area.right > area.left]
