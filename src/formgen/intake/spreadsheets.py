"""Reads a form from a workbook: finds its table by the headings, and makes an item or a record of every row."""

from pathlib import Path

from formgen.intake import collecting, limits, tables
from formgen.intake.grids import Book
from formgen.intake.headings import Table
from formgen.intake.opening import open_book
from formgen.intake.reading import Notes, Reading
from formgen.intake.rows import Rows


def read(path: Path, file: str, form: str, wanted: Table, book: Book | None = None) -> Reading:
    """The records in a workbook, which may be open already. Whatever is in it, this never raises."""
    notes = Notes(file, form, None)
    if book is None:
        book = _opened(path, notes, wanted)
    else:
        notes.digest = book.digest
    if book is None:
        return notes.reading()
    heading = tables.find(wanted, book, notes)
    columns = None if heading is None else tables.columns(wanted, heading, notes)
    for sheet in book.sheets:
        sheet.headings.clear()  # which lead back to it: so it goes when it was read, and what it has on the disk
    if heading is None or columns is None:
        return notes.reading()
    with collecting.put_off():
        return notes.reading_of(Rows(wanted, heading, columns, notes).records())


def _opened(path: Path, notes: Notes, wanted: Table) -> Book | None:
    """The workbook; the bytes of its file go before its rows become records."""
    data = notes.at_hand(path, limits.TABLE_BYTES)
    told = (lambda _: True) if wanted.key is None else None
    return None if data is None else open_book(data, path.suffix.lower(), notes, told)
