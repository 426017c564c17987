"""Reads ODS spreadsheets in one pass over their content, with repeated rows and cells counted before they are made.

Source: OpenDocument 1.3, part 3, section 9 (tables).
"""

import re
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from formgen.intake import calendar, grids, limits
from formgen.intake.grids import Area, Book, Budget, Cell, Damaged, Excess, Foreign, Mark, Marked, Row, Sheet
from formgen.intake.long_tables import LongRows, Told
from formgen.intake.xml_parts import Attributes, parse
from formgen.opc import Archive

_CONTENT: Final = "content.xml"
_ENCRYPTED: Final = b"manifest:encryption-data"
_MANIFEST: Final = "META-INF/manifest.xml"
_HIDDEN: Final = ("collapse", "filter")
_CELLS: Final = ("table-cell", "covered-table-cell")
_ERROR: Final = re.compile(r"#[A-Z/0!?]+|Err:[0-9]+")
_URN: Final = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES: Final = {f"{_URN}{name}:1.0": f"xmlns:{name}" for name in ("office", "style", "table", "text")}
_NO_TEXT: Final = frozenset({"annotation", "shapes", "frame", "ruby-text", "note"})
"""What stands in or beside a cell and is not what it says."""
_NUMBERS: Final = ("float", "currency", "percentage")
_TRUTHS: Final = {("1", "TRUE"): "true", ("0", "FALSE"): "false", ("1", "真"): "true", ("0", "假"): "false"}
"""Numbers that are shown as words: LibreOffice writes a truth value of an XLSX so, as the formula ``TRUE()``."""


def read(archive: Archive, told: Told | None = None) -> Book:
    """The workbook in an ODS package.

    Raises:
        Damaged: it cannot be read.
        Foreign: it has a password.
        Excess: it holds too much.
        PackageError: the package is damaged.
    """
    if _MANIFEST in archive and _ENCRYPTED in b"".join(archive.chunks(_MANIFEST)):
        raise Foreign(grids.PASSWORD)
    if _CONTENT not in archive:
        raise Damaged(f"{_CONTENT}: missing")
    content = _Content(told)
    parse(archive.chunks(_CONTENT), _CONTENT, content.begin)
    if not content.sheets:
        raise Damaged("no table")
    for sheet in content.sheets:
        sheet.rows = sheet.rows.settled() if isinstance(sheet.rows, LongRows) else sheet.rows
        sheet.uncover()
    return Book(content.sheets, content.links)


@dataclass
class _Content:
    told: Told | None = None
    sheets: list[Sheet] = field(default_factory=list)
    links: bool = False
    budget: Budget = field(default_factory=Budget)
    _undisplayed: set[str] = field(default_factory=set)
    """Styles of sheets that are not shown."""
    _style: str = ""
    _row: int = 0
    """The row that comes next, and how many times; the same of the column."""
    _times: int = 1
    _row_hidden: bool = False
    _column: int = 0
    _described: int = 0
    """The column that the next description of columns is about."""
    _cells: list[tuple[int, int, Cell]] = field(default_factory=list)
    """Of this row: first column, how many times, cell."""
    _seen: int = 0
    _cell: Attributes = field(default_factory=dict)
    _pieces: list[str] = field(default_factory=list)
    """Of the text of this cell."""
    _paragraphs: int = 0
    _inside_table: bool = False
    _aside: int = 0
    """How deep inside of what is no text of the cell: a comment, a drawing."""

    def begin(self, parser: expat.XMLParserType, root: str, at: Attributes) -> None:
        """Sets the handlers."""
        for name, space in at.items():
            if space in _SPACES and name != _SPACES[space]:
                # Attributes are looked for by these prefixes; without how often a cell is repeated, all would move.
                raise Damaged(f"{root}: {name[:20]}")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text

    def _start(self, name: str, at: Attributes) -> None:
        self.budget.element()
        local = name.rpartition(":")[2]
        if self._aside or local in _NO_TEXT:
            self._aside += 1
        elif local == "style":
            self._style = at.get("style:name", "")
        elif local == "table-properties" and at.get("table:display") == "false":
            self._undisplayed.add(self._style)
        elif local == "table":
            if self._inside_table:
                raise Damaged(f"{self.sheets[-1].name}: <{name[:20]}>")
            self._inside_table = True
            if len(self.sheets) >= limits.SHEETS:
                raise Excess("工作表 / sheets", limits.SHEETS)
            hidden = at.get("table:style-name") in self._undisplayed
            self.sheets.append(
                Sheet(at.get("table:name", ""), {} if self.told is None else LongRows(self.told), hidden=hidden)
            )
            self._row = self._described = 1
        elif local == "table-source":
            self.links = True
        elif not self.sheets:
            pass
        elif local == "table-column":
            times = _times(at, "table:number-columns-repeated")
            if at.get("table:visibility") in _HIDDEN:
                self.sheets[-1].hide_columns(self._described, self._described + times - 1)
            self._described += times
        elif local == "table-row":
            self._times = _times(at, "table:number-rows-repeated")
            self._row_hidden = at.get("table:visibility") in _HIDDEN
            self._column, self._seen = 1, 0
            self._cells.clear()
        elif local in _CELLS:
            self._cell = at
            self._pieces.clear()
            self._paragraphs = 0
        else:
            self._inside(local, at)

    def _inside(self, local: str, at: Attributes) -> None:
        """Takes what a paragraph of a cell is made of."""
        if local == "p":
            self._paragraphs += 1
            if self._paragraphs > 1:
                self._pieces.append("\n")
        elif not self._paragraphs:
            pass
        elif local == "s":
            self._pieces.append(" " * min(_times(at, "text:c"), limits.HEADING_ROWS))
        elif local == "tab":
            self._pieces.append("\t")
        elif local == "line-break":
            self._pieces.append("\n")

    def _text(self, text: str) -> None:
        if self._paragraphs and not self._aside:
            self._pieces.append(text)

    def _end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
            return
        local = name.rpartition(":")[2]
        if local in _CELLS and self.sheets:
            self._take_cell(covered=local == "covered-table-cell")
        elif local == "table-row" and self.sheets:
            self._take_row()
        elif local == "table":
            self._inside_table = False

    def _take_cell(self, *, covered: bool) -> None:
        at, times = self._cell, _times(self._cell, "table:number-columns-repeated")
        cell = None if covered else _shown(at, "".join(self._pieces))
        self._pieces.clear()
        self._paragraphs = 0
        if cell is not None:
            self._seen += times
            if self._seen > grids.LAST_COLUMN:
                raise Damaged(f"{self.sheets[-1].name}: row {self._row}")
            self._cells.append((self._column, times, cell))
        across, down = (_times(at, f"table:number-{way}-spanned") for way in ("columns", "rows"))
        if across > 1 or down > 1:
            bottom = min(self._row + down - 1, grids.LAST_ROW)
            area = Area(self._row, self._column, bottom, self._column + across - 1)
            self.budget.merge(area)
            self.sheets[-1].merges.append(area)
        self._column += times

    def _take_row(self) -> None:
        sheet = self.sheets[-1]
        self.budget.row(self._seen)
        if self._cells:
            columns = tuple(first + more for first, times, _ in self._cells for more in range(times))
            cells = tuple(cell for _, times, cell in self._cells for _ in range(times))
            if columns[-1] > grids.LAST_COLUMN or self._row + self._times - 1 > grids.LAST_ROW:
                raise Damaged(f"{sheet.name}: row {self._row}")
            for number in range(self._row, self._row + self._times):
                self.budget.row(self._seen)
                sheet.rows[number] = Row(columns, cells)
                if self._row_hidden:
                    sheet.hidden_rows.add(number)
        self._row += self._times


def _times(at: Attributes, name: str) -> int:
    """A count in an attribute; 1 where there is none."""
    text = at.get(name, "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(grids.LAST_ROW))):
        raise Damaged(f"{name}={text[:20]}")
    return max(int(text), 1)


def _shown(at: Attributes, text: str) -> Cell | None:
    """A cell as a person sees it; None if it is empty."""
    if at.get("calcext:value-type") == "error" or ("table:formula" in at and _ERROR.fullmatch(text)):
        return Marked(text or "#", Mark.ERROR)
    kind = at.get("office:value-type", "string")
    try:
        if kind in _NUMBERS:
            if text and (truth := _TRUTHS.get((at["office:value"], text.upper()))) is not None:
                return truth
            return grids.number(at["office:value"], percent=kind == "percentage")
        if kind == "date":
            return grids.moment(at["office:date-value"])
        if kind == "time":
            return calendar.of_duration(at["office:time-value"])
        if kind == "boolean":
            return at["office:boolean-value"].strip() or None
    except (KeyError, ValueError) as error:
        raise Damaged(f"office:value-type={kind[:20]}") from error
    text = text or at.get("office:string-value", "")
    if text and not text.isspace():
        return text
    return Marked("", Mark.UNCOMPUTED) if "table:formula" in at and "office:value-type" not in at else None
