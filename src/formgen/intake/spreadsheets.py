"""Reads a form that is one list from a workbook: finds its table, and makes an item of every row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake import kinds, limits, spellings
from formgen.intake.deriving import derive
from formgen.intake.headings import Table, table
from formgen.intake.reading import Notes, Reading
from formgen.intake.workbooks import Sheet, Written, coordinate, sheets
from formgen.record import CellOrigins, Origin, Record

_IDENTIFYING = ("serial", "name")
"""A row that has neither of these is about nobody."""
_MEMBER_CELLS = 3
"""So many filled cells below a note are no second note."""


def read(path: Path, file: str, form: str, schema: Schema, record_id: str | None) -> Reading:
    """The record in a workbook. Whatever is in it, this never raises."""
    notes = Notes(file, form, record_id)
    wanted = table(schema)
    if wanted is None:
        notes.refuse(kinds.FORMAT, suffix=path.suffix, formats=".json")
        return notes.reading()
    data = notes.contents(path)
    found = None if data is None else sheets(data, notes)
    if found is None:
        return notes.reading()
    place = _find(wanted, found, notes)
    if place is None:
        return notes.reading()
    columns = _columns(wanted, *place, notes)
    if columns is None:
        return notes.reading()
    return notes.reading(_Rows(wanted, *place, columns, notes).record())


def _find(wanted: Table, found: list[Sheet], notes: Notes) -> tuple[Sheet, int] | None:
    """The sheet and row of the headings: on each sheet the row that has most of them, then the best sheet."""
    best: list[tuple[int, Sheet, int]] = []
    for sheet in found:
        rows = [
            (len({wanted.field(text) for text in texts} - {None}), sheet, row)
            for row in sheet.rows
            if row <= limits.HEADING_ROWS and wanted.is_heading_row(texts := _texts(sheet, row))
        ]
        if rows:
            best.append(max(rows, key=lambda entry: entry[0]))
    if not best:
        titles = "、".join(map(wanted.title, wanted.required))
        notes.refuse(kinds.NO_TABLE, rows=limits.HEADING_ROWS, titles=titles)
        return None
    chosen = max(best, key=lambda entry: entry[0])
    for entry in best:
        if entry is not chosen:
            _, sheet, row = entry
            origin = _origin(notes, sheet, row, min(sheet.rows[row]))
            notes.add(kinds.SECOND_TABLE, (sheet.name,), origin, sheet=sheet.name)
    return chosen[1], chosen[2]


def _texts(sheet: Sheet, row: int) -> list[str]:
    return [written.text for written in sheet.rows[row].values()]


def _origin(notes: Notes, sheet: Sheet, row: int, column: int, text: str | None = None) -> Origin:
    return Origin(notes.file, sheet.name, coordinate(row, column), text=text)


def _columns(wanted: Table, sheet: Sheet, row: int, notes: Notes) -> dict[str, int] | None:
    """The column of each field; None if one has two. Findings about a heading have the address of its column."""
    columns: dict[str, int] = {}
    unknown: dict[str, int] = {}
    usable = True
    meanings = {column: wanted.meanings(written.text) for column, written in sheet.rows[row].items()}
    sure = {fields[0] for fields in meanings.values() if len(fields) == 1}
    for column, written in sheet.rows[row].items():
        # A heading that may mean several fields means the first that no other column has.
        fields = meanings[column]
        if not fields:
            unknown.setdefault(spellings.tidy(written.text), column)
            continue
        field = next((each for each in fields if each not in sure and each not in columns), fields[-1])
        if field in columns:
            letters = {"first": get_column_letter(columns[field]), "second": get_column_letter(column)}
            origin = _origin(notes, sheet, row, column)
            notes.add(kinds.DUPLICATE_COLUMN, (wanted.key, field), origin, title=wanted.title(field), **letters)
            usable = False
        else:
            columns[field] = column
    for heading, column in unknown.items():
        origin = _origin(notes, sheet, row, column)
        values = {"heading": heading, "nearest": wanted.nearest(heading)}
        notes.add(kinds.UNKNOWN_COLUMN, (wanted.key, heading), origin, **values)
    for field in wanted.required:
        if field not in columns:
            origin = _origin(notes, sheet, row, min(sheet.rows[row]))
            notes.add(kinds.MISSING_COLUMN, (wanted.key, field), origin, title=wanted.title(field))
    return columns if usable else None


@dataclass
class _Rows:
    """The rows below the headings, on their way into a record."""

    wanted: Table
    sheet: Sheet
    heading_row: int
    columns: Mapping[str, int]
    notes: Notes
    items: list[dict[str, Any]] = field(default_factory=list)
    cells: dict[Pointer, Origin] = field(default_factory=dict)
    _titled: set[int] = field(init=False)
    """Columns that have a heading, or of which it has been said that they have none."""

    def __post_init__(self) -> None:
        self._titled = set(self.sheet.rows[self.heading_row])

    def record(self) -> Record:
        """The record of all rows up to the end of the table."""
        note = None
        for row in self.sheet.rows:
            if row <= self.heading_row:
                continue
            self._report_untitled(row)
            filled = self._filled(row)
            if note is not None:
                if len(filled) >= _MEMBER_CELLS:
                    origin = _origin(self.notes, self.sheet, row, self._first_column())
                    self.notes.add(
                        kinds.ROWS_AFTER_NOTE, (self.wanted.key, len(self.items)), origin, note=note, row=row
                    )
                    break
            elif self._is_note(row, filled):
                note = row
            elif filled and not self._repeats_headings(filled):
                self._take(row)
        values = {self.wanted.key: self.items}
        whole = Origin(self.notes.file, self.sheet.name)
        return Record(self.notes.whole.form, values, CellOrigins(whole, self.cells), self.notes.whole.record)

    def _first_column(self) -> int:
        return min(self.columns.values())

    def _filled(self, row: int) -> dict[str, Written]:
        cells = self.sheet.rows[row]
        return {field: cells[column] for field, column in self.columns.items() if column in cells}

    def _repeats_headings(self, filled: Mapping[str, Written]) -> bool:
        """Whether the row is the headings once more, as on every page of a list put together by hand."""
        if len(filled) < _MEMBER_CELLS:
            return False
        return all(key in self.wanted.meanings(written.text) for key, written in filled.items())

    def _is_note(self, row: int, filled: Mapping[str, Written]) -> bool:
        """Whether the row has one remark and nobody in it, such as 注：… or 填表人：… below the table."""
        if len(filled) != 1:
            return False
        [(field, written)] = filled.items()
        if (row, self.columns[field]) in self.sheet.wide or field not in _IDENTIFYING:
            return True
        schema = self.wanted.item["properties"][field]
        return schema.get("type") == "integer" and isinstance(spellings.value(schema, written.text), str)

    def _report_untitled(self, row: int) -> None:
        """Says of a column without heading that its content is not read; once for each column."""
        for column, written in self.sheet.rows[row].items():
            if column not in self._titled:
                self._titled.add(column)
                origin = _origin(self.notes, self.sheet, row, column, written.text)
                letter = get_column_letter(column)
                self.notes.add(kinds.UNTITLED_COLUMN, (self.wanted.key, letter), origin, column=letter)

    def _take(self, row: int) -> None:
        at: Pointer = (self.wanted.key, len(self.items))
        item: dict[str, Any] = {}
        self.cells[at] = _origin(self.notes, self.sheet, row, self._first_column())
        for key in self.wanted.fields:
            if key not in self.columns:
                continue
            place = (row, self.columns[key])
            if place[1] not in self.sheet.rows[row]:
                place = self.sheet.above.get(place, place)
            written = self.sheet.rows.get(place[0], {}).get(place[1])
            text = None if written is None else written.text
            self.cells[*at, key] = _origin(self.notes, self.sheet, *place, text)
            value = None if written is None else self._value(written, key, at)
            if value is not None:
                item[key] = value
        for derived, source in derive(self.wanted.item, item, at):
            self.cells[derived] = self.cells[source]
        self.items.append(item)

    def _value(self, written: Written, key: str, at: Pointer) -> Any:
        title = self.wanted.title(key)
        schema = self.wanted.item["properties"][key]
        if written.error:
            self.notes.add(kinds.ERROR_CELL, (*at, key), title=title, text=written.text)
            return None
        if written.uncomputed:
            self.notes.add(kinds.FORMULA_NO_VALUE, (*at, key), title=title)
            return None
        if written.date and schema.get("x-typeset") not in ("date", "month"):
            self.notes.add(kinds.DATE_CELL, (*at, key), title=title, text=written.text)
        return spellings.value(schema, written.text)
