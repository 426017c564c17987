"""Reads CSV and TSV in the encodings that Chinese offices write, with the delimiter that the file shows."""

import csv
import io
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Final

from formgen.intake import grids, limits, table_kinds
from formgen.intake.grids import Book, Budget, Cell, Excess, Mark, Marked, Row, Sheet, Words
from formgen.intake.long_tables import LongRows, Told
from formgen.intake.reading import Notes
from formgen.intake.text_files import Contents, Text, Undecodable, understood
from formgen.record import Origin
from formgen.scratch import Scratch

_DELIMITERS: Final = (",", "\t", ";", "|")
_PROBED_LINES: Final = 60
_FIELD: Final = 131_072
"""Characters of one field: more are an unclosed quote, or no table."""
_ERROR: Final = re.compile(r"#{3,}|#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!)|Err:[0-9]{3}")
_AS_TEXT: Final = re.compile(r'\A="([^"]*)"\Z')
"""How programs write a number of many digits for Excel to take for a text, which then shows it without the rest."""
_ERROR_MARKS: Final = ("#", "Err:")
_FORMULA_MARK: Final = '="'
"""A text without these has no cell that shows an error, or is written as a formula."""


def read(data: bytes | Scratch, notes: Notes, told: Told | None = None) -> Book | None:
    """The table in a text, None (with a finding) if it cannot be read.

    Raises:
        Excess: it holds too much.
    """
    try:
        text, contents = understood(data, (*_ERROR_MARKS, _FORMULA_MARK), limits.HEADING_ROWS * 2000)
    except Undecodable as problem:
        notes.add(table_kinds.CSV_ENCODING, (), Origin(notes.file, line=problem.line), line=problem.line)
        return None
    if contents.zero:
        notes.add(table_kinds.CSV_NUL, (), Origin(notes.file, line=contents.zero))
    # The name that Excel gives the sheet of a text file, so that its cells can be named.
    name = notes.file.rpartition("/")[2].rpartition(".")[0]
    sheet = Sheet(name, {} if told is None else LongRows(told))
    if not _fill(sheet, text, contents, notes):
        return None
    sheet.rows = sheet.rows.settled() if isinstance(sheet.rows, LongRows) else sheet.rows
    return Book([sheet])


def _delimiter(beginning: str) -> str:
    """The delimiter that gives the most rows of the same number of cells, several at least."""
    head = "\n".join(beginning.splitlines()[:_PROBED_LINES])

    def agreement(delimiter: str) -> int:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
        except csv.Error:
            return 0
        return max(((width - 1) * count for width, count in widths.items()), default=0)

    return max(_DELIMITERS, key=agreement)


def _fill(sheet: Sheet, text: Text, contents: Contents, notes: Notes) -> bool:
    """Whether the rows of a text could be taken into the sheet."""
    budget = Budget()
    shapes: dict[tuple[int, ...], tuple[int, ...]] = {}
    numbers, widths = array("L"), array("L")  # of its rows
    words = Words()
    cell = words.same if contents.holds.isdisjoint(_ERROR_MARKS) else partial(_marked, words)
    has_formulas = _FORMULA_MARK in contents.holds
    records = _Records(text.lines(), _delimiter(contents.head))
    try:
        for number, fields in enumerate(records, start=1):
            budget.row(len(fields))
            if has_formulas:
                fields = [_AS_TEXT.sub(r"\1", field) for field in fields]
            if len(fields) > grids.LAST_COLUMN or number > grids.LAST_ROW:
                raise Excess("行或列 / rows or columns", grids.LAST_ROW)
            columns = tuple(column for column, cell in enumerate(fields, start=1) if cell and not cell.isspace())
            if columns:
                sheet.rows[number] = Row(
                    shapes.setdefault(columns, columns), tuple(cell(fields[column - 1]) for column in columns)
                )
                numbers.append(number)
                widths.append(len(fields))
    except csv.Error:
        line = records.line + 1
        notes.add(table_kinds.CSV_QUOTE, (), Origin(notes.file, line=line), line=line)
        return False
    usual = sheet.usual_width = Counter(widths).most_common(1)[0][0] if widths else 0
    sheet.ragged = {number: width for number, width in zip(numbers, widths, strict=True) if width != usual}
    return True


def _marked(words: Words, text: str) -> Cell:
    """A cell of a text in which some may show an error, or that a column was too narrow: so spreadsheets write it."""
    return Marked(text, Mark.ERROR) if _ERROR.fullmatch(text) else words.same(text)


class _Records:
    """The records of a text; ``line`` is the one on which the last of them ends."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._reader = csv.reader(lines, delimiter=delimiter, strict=True)
        self.line = 0

    def __iter__(self) -> Iterator[list[str]]:
        before = csv.field_size_limit(_FIELD)
        try:
            for fields in self._reader:
                self.line = self._reader.line_num
                yield fields
        finally:
            csv.field_size_limit(before)
