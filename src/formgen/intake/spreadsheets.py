"""Reads a form from a workbook: finds its table by the headings, and makes an item or a record of every row."""

from pathlib import Path

from openpyxl.utils import get_column_letter

from formgen.forms import Schema
from formgen.intake import kinds, limits, spellings
from formgen.intake.headings import Table, table
from formgen.intake.reading import Notes, Reading
from formgen.intake.rows import Rows, origin_of
from formgen.intake.workbooks import Sheet, sheets


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
    return notes.reading(*Rows(wanted, *place, columns, notes).records())


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
            origin = origin_of(notes, sheet, row, min(sheet.rows[row]))
            notes.add(kinds.SECOND_TABLE, (sheet.name,), origin, sheet=sheet.name)
    return chosen[1], chosen[2]


def _texts(sheet: Sheet, row: int) -> list[str]:
    return [written.text for written in sheet.rows[row].values()]


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
            origin = origin_of(notes, sheet, row, column)
            notes.add(kinds.DUPLICATE_COLUMN, (*wanted.base, field), origin, title=wanted.title(field), **letters)
            usable = False
        else:
            columns[field] = column
    for heading, column in unknown.items():
        origin = origin_of(notes, sheet, row, column)
        values = {"heading": heading, "nearest": wanted.nearest(heading)}
        notes.add(kinds.UNKNOWN_COLUMN, (*wanted.base, heading), origin, **values)
    for field in wanted.required:
        if field not in columns:
            origin = origin_of(notes, sheet, row, min(sheet.rows[row]))
            kind = kinds.MISSING_COLUMN if wanted.key is not None else kinds.ABSENT_COLUMN
            notes.add(kind, (*wanted.base, field), origin, title=wanted.title(field))
    return columns if usable else None
