"""What a workbook of any format is once it is open: sheets of cells, as a person sees them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from formgen.findings import Text
from formgen.intake import limits
from formgen.record import Origin

if TYPE_CHECKING:
    from formgen.intake.long_tables import LongRows

LAST_ROW: Final = 1_048_576
LAST_COLUMN: Final = 16_384
_EXACT_DIGITS: Final = 15
"""A spreadsheet keeps so many digits of a number; those behind are zeros or wrong."""
_REMEMBERED: Final = 50_000
LONGEST_WORD: Final = 100
"""Longer texts seldom come again, and are not remembered."""
_FORMATS: Final = 1024
"""So many formats of numbers are remembered from file to file."""
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_QUOTED = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')


class Mark(StrEnum):
    """What is special about a cell."""

    ERROR = "error"
    """It shows an error such as #REF! and has no value."""
    UNCOMPUTED = "uncomputed"
    """A formula whose result is not in the file."""
    DATE = "date"
    """A number that is formatted as a date, or as a date and time."""
    ROUNDED = "rounded"
    """A number that may have lost digits."""
    DECIMAL = "decimal"
    """A number with a fraction: 2000.1 may be October, its zero lost."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A cell about which there is more to know than its text."""

    text: str
    mark: Mark


Cell = str | Marked
"""A cell that is not empty, by its text as a person sees it."""


class Row(NamedTuple):
    """The cells of a row that are not empty, and their columns, counted from 1, in order."""

    columns: tuple[int, ...]
    cells: tuple[Cell, ...]

    def get(self, column: int) -> Cell | None:
        """The cell of a column."""
        return self.cells[self.columns.index(column)] if column in self.columns else None


EMPTY: Final = Row((), ())


class Area(NamedTuple):
    """A range of cells."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Sheet:
    """A sheet, as it is being read."""

    name: str
    rows: "dict[int, Row] | LongRows" = field(default_factory=dict)
    """Number of a row, counted from 1 -> its cells; rows without any are left out. In order."""
    merges: list[Area] = field(default_factory=list)
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    """Those that are not empty."""
    hidden_columns: list[range] = field(default_factory=list)
    ragged: dict[int, int] = field(default_factory=dict)
    """Of a text file: rows with another number of cells than most have, and how many."""
    usual_width: int = 0
    """How many cells most of its rows have."""
    headings: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was found in looking for those of a form."""

    @cached_property
    def above(self) -> Mapping[tuple[int, int], tuple[int, int]]:
        """Row and column of a cell under a vertically merged one -> those of the cell that holds its value."""
        return {
            (row, area.left): (area.top, area.left)
            for area in self.merges
            for row in range(area.top + 1, min(area.bottom, self.last_row) + 1)
        }

    @cached_property
    def wide(self) -> frozenset[tuple[int, int]]:
        """Cells that are merged over several columns."""
        return frozenset((area.top, area.left) for area in self.merges if area.right > area.left)

    @cached_property
    def last_row(self) -> int:
        """The last row that is not empty; known once all rows are."""
        return max(self.rows, default=0)

    def hide_columns(self, first: int, last: int) -> None:
        """Notes that columns are hidden; there is no need to know thousands of such ranges."""
        if len(self.hidden_columns) < limits.SHEETS:
            self.hidden_columns.append(range(first, last + 1))

    def uncover(self) -> None:
        """Takes out what stands in cells under merged ones: nobody sees it.

        Raises:
            Excess: there are many merged cells over many others.
        """
        looked_at = 0
        for area in sorted(self.merges):  # as the rows of a long table are got at best
            for number in range(area.top, min(area.bottom, self.last_row) + 1):
                row = self.rows.get(number, EMPTY)
                looked_at += len(row.columns)
                if looked_at > limits.CELLS:
                    raise Excess("合并范围 / merged area", limits.CELLS)
                anchor = area.left if number == area.top else 0
                seen = [
                    (column, cell)
                    for column, cell in zip(*row, strict=True)
                    if column == anchor or not area.left <= column <= area.right
                ]
                if len(seen) < len(row.columns):
                    self.rows[number] = Row(tuple(column for column, _ in seen), tuple(cell for _, cell in seen))

    def spent(self) -> "Sheet":
        """The sheet without its rows, once they have been read: what tells where a cell is."""
        return Sheet(self.name, hidden=self.hidden)

    def row(self, number: int) -> Row:
        """The cells of a row."""
        return self.rows.get(number, EMPTY)

    def origin(self, file: str, row: int, column: int, text: str | None = None) -> Origin:
        """The place of a cell."""
        return Origin(file, self.name, coordinate(row, column), text=text)

    def column_name(self, column: int) -> str:
        """What a person calls a column."""
        return letters(column)


@cache
def letters(column: int) -> str:
    """The name of a column, such as ``F``."""
    name = ""
    while column > 0:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def coordinate(row: int, column: int) -> str:
    """The name of a cell, such as ``F27``."""
    return f"{letters(column)}{row}"


@lru_cache(maxsize=LAST_COLUMN)  # what a damaged file calls its columns is not kept for ever
def column_of(name: str) -> int:
    """The number of the column ``F``; 0 where it is none."""
    number = 0
    if not (0 < len(name) <= 3 and name.isascii() and name.isupper()):
        return 0
    for letter in name:
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number if number <= LAST_COLUMN else 0


class Words:
    """The texts of a file that has the same few words in every row: each is kept once."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def same(self, text: str) -> str:
        """The text, as the object that it was before."""
        if len(text) > LONGEST_WORD:
            return text
        if len(self._known) >= _REMEMBERED:
            self._known.clear()  # names, which do not come again, have driven out the words
        return self._known.setdefault(text, text)


def text_of(cell: Cell) -> str:
    """The text of a cell."""
    return cell if isinstance(cell, str) else cell.text


def unescaped(text: str) -> str:
    """A text without the escapes that Excel writes for what XML cannot hold, such as ``_x000D_``."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


@lru_cache(maxsize=_FORMATS)
def is_date(number_format: str) -> bool:
    """Whether a number with this format is shown as a date or time."""
    return not {"y", "m", "d", "h", "s"}.isdisjoint(_QUOTED.sub("", number_format.partition(";")[0]).lower())


@lru_cache(maxsize=_FORMATS)
def is_percent(number_format: str) -> bool:
    """Whether a number with this format is shown as a percentage."""
    return "%" in _QUOTED.sub("", number_format)


def number(written: str, *, percent: bool = False) -> Cell:
    """The number that is ``written`` in a file, as Excel shows it: fifteen digits, so that 0.1 + 0.2 is 0.3.

    Raises:
        ValueError: it is no number.
    """
    if "_" in written:  # which Python reads as a number
        raise ValueError(written)
    value = float(written)
    if not isfinite(value):
        return Marked(written, Mark.ROUNDED)
    exact = Decimal(f"{value:.15g}")
    text = format(exact.scaleb(2) if percent else exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if percent:
        return f"{text}%"
    if "." in text:
        return Marked(text, Mark.DECIMAL)
    return Marked(text, Mark.ROUNDED) if len(text.lstrip("-")) > _EXACT_DIGITS else text


def moment(written: str) -> Cell | None:
    """The day or moment that is ``written`` in a file as in ISO 8601, as a person sees it; None if nothing is."""
    text = written.strip().removesuffix("T00:00:00").replace("T", " ").strip()
    return Marked(text, Mark.DATE) if text else None


class Damaged(Exception):
    """A workbook that cannot be read; the reason is for a person who knows such files."""


class Foreign(Exception):
    """A file of another kind, or with a password: what it is."""

    def __init__(self, found: Text) -> None:
        super().__init__(found.en)
        self.found = found


PASSWORD: Final = Text("加了密码的文件", "a file with a password")
TOO_OLD: Final = Text("Excel 97 以前的工作簿", "a workbook from before Excel 97")


class Excess(Exception):
    """A workbook that holds more than is read: what, and the limit."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what)
        self.what = what
        self.limit = limit


@dataclass
class Budget:
    """How much of a workbook has been read, and the end of it."""

    weight: int = 0
    """Bytes of its file."""
    cells: int = 0
    elements: int = 0
    merges: int = 0
    area: int = 0

    def row(self, cells: int) -> None:
        """Counts a row and its cells, the empty ones included."""
        self.cells += cells + 1
        if self.cells > limits.CELLS and self.cells > limits.cells(self.weight):
            raise Excess("单元格 / cells", limits.cells(self.weight))

    def element(self, count: int = 1) -> None:
        """Counts what else the file holds."""
        self.elements += count
        if self.elements > limits.ELEMENTS and self.elements > limits.elements(self.weight):
            raise Excess("XML", limits.elements(self.weight))

    def merge(self, area: Area) -> None:
        """Counts merged cells, and what they cover of the height of their columns."""
        self.merges += 1
        self.area += area.bottom - area.top + 1
        if self.merges > limits.MERGES:
            raise Excess("合并单元格 / merged cells", limits.MERGES)
        if self.area > limits.CELLS:
            raise Excess("合并范围 / merged area", limits.CELLS)


@dataclass
class Book:
    """A workbook."""

    sheets: list[Sheet]
    links: bool = False
    """Whether its formulas take values from other files."""
    digest: str | None = None
    """``sha256:…`` of its file."""
