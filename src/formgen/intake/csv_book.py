"""Reads CSV and TSV in the encodings that Chinese offices write, with the delimiter that the file shows."""

import csv
import io
import re
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from formgen.intake import grids, limits, table_kinds
from formgen.intake.grids import Book, Budget, Cell, Excess, Mark, Marked, Row, Sheet, Words
from formgen.intake.long_tables import LongRows, Told
from formgen.intake.reading import Notes
from formgen.record import Origin

_DELIMITERS: Final = (",", "\t", ";", "|")
_PROBED_LINES: Final = 60
_FIELD: Final = 131_072
"""Characters of one field: more are an unclosed quote, or no table."""
_UTF_16: Final = 50
"""One byte in so many is zero, at the least, in a table in UTF-16."""
_ERROR: Final = re.compile(r"#{3,}|#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!)|Err:[0-9]{3}")
_AS_TEXT: Final = re.compile(r'\A="([^"]*)"\Z')
"""How programs write a number of many digits for Excel to take for a text, which then shows it without the rest."""
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def read(data: bytes, notes: Notes, told: Told | None = None) -> Book | None:
    """The table in a text, None (with a finding) if it cannot be read.

    Raises:
        Excess: it holds too much.
    """
    text = _decoded(data, notes)
    if text is None:
        return None
    if "\0" in text:
        notes.add(table_kinds.CSV_NUL, (), Origin(notes.file, line=text.count("\n", 0, text.index("\0")) + 1))
        text = text.replace("\0", "")
    # The name that Excel gives the sheet of a text file, so that its cells can be named.
    name = notes.file.rpartition("/")[2].rpartition(".")[0]
    sheet = Sheet(name, {} if told is None else LongRows(told))
    if not _fill(sheet, text, _delimiter(text), notes):
        return None
    sheet.rows = sheet.rows.settled() if isinstance(sheet.rows, LongRows) else sheet.rows
    return Book([sheet])


def _decoded(data: bytes, notes: Notes) -> str | None:
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            problem = error
    line = _line(data[: problem.start], problem.encoding)
    notes.add(table_kinds.CSV_ENCODING, (), Origin(notes.file, line=line), line=line)
    return None


def _encodings(data: bytes) -> Sequence[str]:
    """In which a text may be written, the likeliest first."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return (encoding,)
    zeros = {"utf-16-le": data[1::2].count(0), "utf-16-be": data[::2].count(0)}
    likely = max(zeros, key=lambda encoding: zeros[encoding])
    if len(data) % 2 == 0 and zeros[likely] > max(len(data) // _UTF_16, min(zeros.values())):
        # Without a mark: half of every comma, digit and line feed is then a zero, on one and the same side.
        return (likely,)
    return ("utf-8", "gb18030")


def _line(before: bytes, encoding: str) -> int:
    """The line that comes after these bytes."""
    return before.decode(encoding, errors="replace").count("\n") + 1


def _delimiter(text: str) -> str:
    """The delimiter that gives the most rows of the same number of cells, several at least."""
    head = "\n".join(text[: limits.HEADING_ROWS * 2000].splitlines()[:_PROBED_LINES])

    def agreement(delimiter: str) -> int:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
        except csv.Error:
            return 0
        return max(((width - 1) * count for width, count in widths.items()), default=0)

    return max(_DELIMITERS, key=agreement)


def _fill(sheet: Sheet, text: str, delimiter: str, notes: Notes) -> bool:
    """Whether the rows of a text could be taken into the sheet."""
    budget = Budget()
    shapes: dict[tuple[int, ...], tuple[int, ...]] = {}
    numbers, widths = array("L"), array("L")  # of its rows
    words = Words()
    cell = partial(_marked, words) if "#" in text or "Err:" in text else words.same
    has_formulas = '="' in text
    records = _Records(text, delimiter)
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

    def __init__(self, text: str, delimiter: str) -> None:
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        self.line = 0

    def __iter__(self) -> Iterator[list[str]]:
        before = csv.field_size_limit(_FIELD)
        try:
            for fields in self._reader:
                self.line = self._reader.line_num
                yield fields
        finally:
            csv.field_size_limit(before)
