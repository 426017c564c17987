"""Reads XLS, the binary workbooks of Excel 97 to 2003. Macros and formulas are never looked at, only their results.

Source: [MS-XLS].
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from formgen.intake import calendar, grids, limits
from formgen.intake.grids import Area, Book, Budget, Cell, Damaged, Excess, Foreign, Mark, Marked, Row, Sheet
from formgen.intake.ole_file import OleFile
from formgen.intake.xls_strings import Strings, text_at
from formgen.intake.xlsx_book import DATE_FORMATS, PERCENT_FORMATS

_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_FILEPASS, _DATEMODE, _FORMAT, _XF, _BOUNDSHEET, _SST, _SUPBOOK = 0x2F, 0x22, 0x41E, 0xE0, 0x85, 0xFC, 0x1AE
_ROW, _COLINFO, _MERGEDCELLS = 0x208, 0x7D, 0xE5
_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _MULRK, _BOOLERR, _FORMULA, _STRING = (
    0xFD, 0x204, 0xD6, 0x203, 0x27E, 0xBD, 0x205, 0x06, 0x207,
)  # fmt: skip
_VERSION_8: Final = 0x0600
_WORKSHEET: Final = 0
_HIDDEN_ROW: Final = 0x20
_SELF: Final = (0x0401, 0x3A01)
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read(data: bytes) -> Book:
    """The workbook in an OLE file.

    Raises:
        Damaged: it cannot be read.
        Foreign: it is older than Excel 97, or has a password.
        Excess: it holds too much.
    """
    file = OleFile(data)
    if "Workbook" not in file:
        raise Foreign(grids.TOO_OLD) if "Book" in file else Damaged("no workbook")
    try:
        return _Workbook(file.stream("Workbook")).book()
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise Damaged(str(error)) from error


def _records(data: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Type and content of each record from an offset to the end of its part."""
    while at + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, at)
        content = data[at + 4 : at + 4 + length]
        if len(content) < length:
            break
        at += 4 + length
        yield kind, content
        if kind == _EOF:
            return
    raise Damaged("cut off")


@dataclass
class _Workbook:
    data: bytes
    budget: Budget = field(default_factory=Budget)
    since_1904: bool = False
    links: bool = False
    strings: list[str] = field(default_factory=list)
    _formats: dict[int, str] = field(default_factory=dict)
    _shows: list[int] = field(default_factory=list)
    """Number of the number format of each cell format."""

    def book(self) -> Book:
        """The workbook with all its worksheets."""
        listed: list[tuple[int, Sheet]] = []
        strings: Strings | None = None
        for kind, content in _records(self.data, 0):
            self.budget.element()
            if kind == _BOF and struct.unpack_from("<H", content)[0] != _VERSION_8:
                raise Foreign(grids.TOO_OLD)
            if kind == _FILEPASS:
                raise Foreign(grids.PASSWORD)
            if kind == _CONTINUE and strings is not None:
                strings.more(content)
                continue
            if strings is not None:
                self.strings, strings = strings.all(), None
            if kind == _SST:
                strings = Strings(content)
            elif kind == _BOUNDSHEET:
                offset, state, sort = struct.unpack_from("<IBB", content)
                if sort == _WORKSHEET:
                    listed.append((offset, Sheet(text_at(content, 6, short=True), hidden=state & 3 != 0)))
            else:
                self._take(kind, content)
        if not listed:
            raise Damaged("no worksheet")
        if len(listed) > limits.SHEETS:
            raise Excess("工作表 / sheets", limits.SHEETS)
        for offset, sheet in listed:
            _SheetReader(self, sheet).take(offset)
        return Book([sheet for _, sheet in listed], self.links)

    def _take(self, kind: int, content: bytes) -> None:
        if kind == _DATEMODE:
            self.since_1904 = content[:1] == b"\x01"
        elif kind == _FORMAT:
            self._formats[struct.unpack_from("<H", content)[0]] = text_at(content, 2)
        elif kind == _XF:
            self._shows.append(struct.unpack_from("<H", content, 2)[0])
        elif kind == _SUPBOOK:
            self.links |= struct.unpack_from("<H", content, 2)[0] not in _SELF

    def shown(self, value: float, style: int) -> Cell:
        """A number as its cell format shows it."""
        format_ = self._shows[style] if style < len(self._shows) else 0
        code = self._formats.get(format_, "")
        written = repr(value)
        if format_ in DATE_FORMATS or grids.is_date(code):
            return calendar.shown(written, since_1904=self.since_1904)
        return grids.number(written, percent=format_ in PERCENT_FORMATS or grids.is_percent(code))


@dataclass
class _SheetReader:
    book: _Workbook
    sheet: Sheet
    _cells: dict[int, dict[int, Cell]] = field(default_factory=dict)
    _hidden: set[int] = field(default_factory=set)
    _waiting: tuple[int, int] | None = None
    """Place of the formula whose text comes in a later record."""

    def take(self, offset: int) -> None:
        """Reads the sheet whose records begin at an offset."""
        for kind, content in _records(self.book.data, offset):
            self.book.budget.row(0)
            if kind in (_LABELSST, _LABEL, _RSTRING, _NUMBER, _RK, _BOOLERR, _FORMULA):
                self._cell(kind, content)
            elif kind == _MULRK:
                self._numbers(content)
            elif kind == _STRING and self._waiting is not None:
                self._put(*self._waiting, text_at(content, 0))
                self._waiting = None
            elif kind == _ROW and len(content) > 12 and content[12] & _HIDDEN_ROW:
                self._hidden.add(struct.unpack_from("<H", content)[0] + 1)
            elif kind == _COLINFO and content[8] & 1:
                first, last = struct.unpack_from("<HH", content)
                self.sheet.hide_columns(first + 1, min(last, 255) + 1)
            elif kind == _MERGEDCELLS:
                self._merge(content)
        for number in sorted(self._cells):
            row = sorted(self._cells[number].items())
            self.sheet.rows[number] = Row(tuple(column for column, _ in row), tuple(cell for _, cell in row))
        self.sheet.hidden_rows = self._hidden & self.sheet.rows.keys()
        self.sheet.uncover()

    def _put(self, row: int, column: int, cell: Cell) -> None:
        self.book.budget.row(0)
        if not isinstance(cell, str) or (cell and not cell.isspace()):
            self._cells.setdefault(row + 1, {})[column + 1] = cell

    def _cell(self, kind: int, content: bytes) -> None:
        row, column, style = struct.unpack_from("<HHH", content)
        if kind == _LABELSST:
            self._put(row, column, self.book.strings[struct.unpack_from("<I", content, 6)[0]])
        elif kind in (_LABEL, _RSTRING):
            self._put(row, column, text_at(content, 6))
        elif kind == _NUMBER:
            self._put(row, column, self.book.shown(struct.unpack_from("<d", content, 6)[0], style))
        elif kind == _RK:
            self._put(row, column, self.book.shown(_rk(content[6:10]), style))
        elif kind == _BOOLERR:
            self._put(row, column, _bool_or_error(content[6], error=content[7] != 0))
        elif content[12:14] != b"\xff\xff":
            self._put(row, column, self.book.shown(struct.unpack_from("<d", content, 6)[0], style))
        elif content[6] == 0:
            self._waiting = (row, column)
        elif content[6] in (1, 2):
            self._put(row, column, _bool_or_error(content[8], error=content[6] == 2))

    def _numbers(self, content: bytes) -> None:
        row, first = struct.unpack_from("<HH", content)
        for index, at in enumerate(range(4, len(content) - 7, 6)):
            style = struct.unpack_from("<H", content, at)[0]
            self._put(row, first + index, self.book.shown(_rk(content[at + 2 : at + 6]), style))

    def _merge(self, content: bytes) -> None:
        for at in range(2, len(content) - 7, 8):
            top, bottom, left, right = (number + 1 for number in struct.unpack_from("<HHHH", content, at))
            if top > bottom or left > right:
                raise Damaged(f"{self.sheet.name}: merged cells")
            area = Area(top, left, bottom, right)
            self.book.budget.merge(area)
            self.sheet.merges.append(area)


def _rk(content: bytes) -> float:
    """A number in four bytes: the upper half of a float or an integer, perhaps in hundredths."""
    (raw,) = struct.unpack("<I", content)
    if raw & 2:
        value = float(struct.unpack("<i", content)[0] >> 2)
    else:
        (value,) = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", raw & 0xFFFFFFFC))
    return value / 100 if raw & 1 else value


def _bool_or_error(code: int, *, error: bool) -> Cell:
    if error:
        return Marked(_ERRORS.get(code, "#"), Mark.ERROR)
    return "true" if code else "false"
