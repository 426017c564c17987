"""Reads the cells of one sheet of an XLSX workbook, in one pass over its XML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from re import fullmatch
from typing import Final
from xml.parsers import expat

from formgen.intake import calendar, grids
from formgen.intake.grids import Area, Budget, Cell, Damaged, Mark, Marked, Row, Sheet, Words
from formgen.intake.long_tables import LongRows
from formgen.intake.xml_parts import Attributes, prefix_of

NUMBER, PERCENT, DATE = 0, 1, 2
"""What a number of a cell format is."""
PLAIN_DIGITS: Final = 15
"""A whole number of so many digits is shown as it is written."""
_TRUE: Final = ("1", "true")
_BARE: Final = frozenset({"n", "b", "d"})
"""Types of cells whose values are no texts: blanks are none."""
_ASIDE: Final = frozenset({"extLst", "AlternateContent"})
"""Where programs put what others need not understand. Nothing in it is a cell to those."""
_CELLS: Final = frozenset({"c", "v", "is", "t"})
_ROW_DIGITS: Final = len(str(grids.LAST_ROW))


def _nothing() -> None:
    """Is called where no row was begun."""


@dataclass
class SheetReader:
    """Fills one sheet."""

    sheet: Sheet
    strings: Sequence[str] | Mapping[int, str]
    shows: Mapping[str, int]
    """Number of a cell format, as it is written -> what a number of it is."""
    since_1904: bool
    budget: Budget
    shapes: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)
    """Columns that are filled together; most rows of a list share one of them."""
    words: Words = field(default_factory=Words)
    close: Callable[[], None] = field(default=_nothing, init=False)
    """Takes in the last row."""
    number: int = field(default=0, init=False)
    """Of the last row that was begun."""

    def begin(self, parser: expat.XMLParserType, root: str, _: Attributes) -> None:
        """Sets the handlers of everything in the sheet."""
        cells = _Cells(self, parser, prefix_of(root))
        self.close = cells.last
        parser.CharacterDataHandler, parser.StartElementHandler = cells.pieces.append, cells.start

    def done(self) -> Sheet:
        """The sheet, once all of it is read; the reader then leads nowhere back to itself."""
        self.close = _nothing
        sheet = self.sheet
        sheet.rows = sheet.rows.settled() if isinstance(sheet.rows, LongRows) else sheet.rows
        sheet.uncover()
        return sheet

    def row_number(self, written: str | None, before: int) -> int:
        """The number of a row, which follows that of the row before where none is written."""
        if written is None:
            number = before + 1
        elif written.isascii() and written.isdecimal() and len(written) <= _ROW_DIGITS:
            number = int(written)
        else:
            number = 0
        if not before < number <= grids.LAST_ROW:
            raise Damaged(f"{self.sheet.name}: row {written}")
        return number

    def keep(self, number: int, columns: list[int], cells: list[Cell], hidden: bool) -> None:
        """Takes in the cells of a row."""
        shape = tuple(columns)
        if shape[-1] > grids.LAST_COLUMN:
            raise Damaged(f"{self.sheet.name}: column {shape[-1]}")
        self.sheet.rows[number] = Row(self.shapes.setdefault(shape, shape), tuple(cells))
        if hidden:
            self.sheet.hidden_rows.add(number)

    def cell(self, text: str, kind: str, style: str) -> Cell | None:
        """A cell in which a text is written that is not empty, by the type and the style of the cell."""
        return self.typed_cell(text, kind, style, has_value=True, has_formula=False)

    def typed_cell(self, text: str, kind: str, style: str, has_value: bool, has_formula: bool) -> Cell | None:
        """A cell by its type, None for an empty one."""
        if not has_value or (kind in _BARE and not text.strip()):
            return Marked("", Mark.UNCOMPUTED) if has_formula else None
        try:
            if kind == "n":
                return self._shown(text, style)
        except ValueError as error:
            raise Damaged(f"{self.sheet.name}: {text[:20]}") from error
        if kind in ("str", "inlineStr"):
            return self.words.same(grids.unescaped(text)) if text and not text.isspace() else None
        if kind == "e":
            return Marked(text.strip() or "#", Mark.ERROR)
        if kind == "b":
            return "true" if text.strip() in _TRUE else "false"
        if kind == "d":
            return grids.moment(text)
        raise Damaged(f"{self.sheet.name}: t={kind[:20]} {text[:20]}")

    def _shown(self, text: str, style: str) -> Cell | None:
        shows = self.shows.get(style, NUMBER)
        if shows == DATE:
            return calendar.shown(text, since_1904=self.since_1904)
        return grids.number(text, percent=shows == PERCENT)

    def merge(self, attributes: Attributes) -> None:
        """Takes in cells that are merged."""
        area = area_of(attributes.get("ref", ""))
        if area is None:
            raise Damaged(f"{self.sheet.name}: mergeCell {attributes.get('ref', '')[:30]}")
        self.budget.merge(area)
        self.sheet.merges.append(area)

    def hide(self, attributes: Attributes) -> None:
        """Takes in columns that may be hidden."""
        if attributes.get("hidden") not in _TRUE:
            return
        bounds = (attributes.get("min", ""), attributes.get("max", ""))
        if all(fullmatch("[0-9]{1,5}", bound) for bound in bounds):
            self.sheet.hide_columns(int(bounds[0]), int(bounds[1]))


class _Cells:
    """The cells of a sheet as the parser comes by them.

    Its methods are called some millions of times; a cell is finished when the next one begins, which saves the calls
    for the end of every element.
    """

    __slots__ = (
        "_aside", "_c", "_cells", "_column", "_columns", "_digits", "_ends", "_has_formula", "_has_value", "_hidden",
        "_kind", "_known", "_mixed", "_open", "_others", "_parser", "_prefix", "_reader", "_seen", "_sheet_data",
        "_style", "_takes", "_v", "_within", "pieces",
    )  # fmt: skip

    def __init__(self, reader: SheetReader, parser: expat.XMLParserType, prefix: str) -> None:
        self._reader, self._parser = reader, parser
        self._c, self._v = prefix + "c", prefix + "v"
        self._ends, self._sheet_data = (prefix + "t", prefix + "is"), prefix + "sheetData"
        taken = {"row": self._row, "f": self._formula, "is": self._inline, "t": self._text}
        taken |= {"rPh": self._phonetic, "r": self._run}
        self._takes = {prefix + name: take for name, take in taken.items()}
        self._others = {prefix + "mergeCell": reader.merge, prefix + "col": reader.hide}
        self.pieces: list[str] = []
        self._columns: list[int] = []
        self._cells: list[Cell] = []
        self._known: dict[str, int] = {}
        self._column = self._seen = 0  # the last cell of this row; how many cells it has
        self._digits = "0"
        self._hidden = False
        self._open = self._has_value = self._has_formula = False  # of the last cell
        self._kind, self._style = "n", ""
        self._mixed = self._within = self._aside = False  # whether its text comes in pieces, and where in them we are

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        if name == self._v:
            if self._has_value or not self._open:
                raise self._misplaced(name)
            self.pieces.clear()  # of the formula
            self._has_value = True
        elif name == self._c:
            if self._open:
                self._finish()
            self.pieces.clear()
            if self._mixed:
                self._end_of_pieces()
            self._seen += 1
            reference = attributes.get("r")
            if reference is None:
                self._column += 1
            else:
                letters, before = reference[: -len(self._digits)], self._column
                column = self._known.get(letters) or self._known.setdefault(letters, grids.column_of(letters))
                if column <= before or not reference.endswith(self._digits):
                    raise Damaged(f"{self._reader.sheet.name}: {reference[:20]}")
                self._column = column
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._open, self._has_value, self._has_formula = True, False, False
        elif (take := self._takes.get(name)) is not None:
            take(attributes)
        else:
            self._other(name, attributes)

    def last(self) -> None:
        """Takes in the last row."""
        try:
            self._close_row()
        except (ValueError, LookupError) as error:  # of a text that is not there
            raise Damaged(f"{self._reader.sheet.name}: {error}") from error
        self._takes.clear()  # which lead back here: without them it goes at once, and what the reader has on the disk

    def _finish(self) -> None:
        self._open = False
        reader, kind = self._reader, self._kind
        text = "".join(self.pieces)
        cell: Cell | None
        if kind == "s" and self._has_value:
            index = int(text)
            if index < 0 or "_" in text:  # Python reads 1_0 as 10
                raise Damaged(f"{reader.sheet.name}: text no. {index}")
            cell = reader.strings[index] or None
        elif (
            (kind == "n" and self._has_value)
            and (text.isdecimal() and len(text) <= PLAIN_DIGITS)
            and self._style not in reader.shows
        ):
            cell = text
        else:
            cell = reader.typed_cell(text, kind, self._style, self._has_value, self._has_formula)
        if cell is not None:
            self._columns.append(self._column)
            self._cells.append(cell)

    def _row(self, attributes: Attributes) -> None:
        self._close_row()
        number = self._reader.row_number(attributes.get("r"), self._reader.number)
        self._reader.number, self._column = number, 0
        self._digits, self._hidden = str(number), attributes.get("hidden") in _TRUE

    def _close_row(self) -> None:
        if self._open:
            self._finish()
        self._reader.budget.row(self._seen)
        self._seen = 0
        if self._cells:
            self._reader.keep(self._reader.number, self._columns, self._cells, self._hidden)
            self._columns.clear()
            self._cells.clear()

    def _formula(self, _: Attributes) -> None:
        self._has_formula = True

    def _inline(self, _: Attributes) -> None:
        """A text in pieces: what stands between them is no part of it."""
        if self._has_value or not self._open:
            raise self._misplaced(self._ends[1])
        self._mixed, self._within, self._aside = True, True, False
        self._parser.EndElementHandler, self._parser.CharacterDataHandler = self._end, None
        self.pieces.clear()

    def _end_of_pieces(self) -> None:
        self._mixed = self._within = False
        self._parser.EndElementHandler, self._parser.CharacterDataHandler = None, self.pieces.append

    def _text(self, attributes: Attributes) -> None:
        if not self._mixed:
            self._other(self._ends[0], attributes)
            return
        self._has_value = True
        self._parser.CharacterDataHandler = None if self._aside else self.pieces.append

    def _run(self, _: Attributes) -> None:
        self._aside = False

    def _phonetic(self, _: Attributes) -> None:
        self._aside = True

    def _end(self, name: str) -> None:
        text, inline = self._ends
        if name == text:
            self._parser.CharacterDataHandler = None
        elif name == inline:
            self._within = False

    def _other(self, name: str, attributes: Attributes) -> None:
        self._reader.budget.element()
        if self._open and not self._within:  # a piece of text says how it looks
            self._finish()  # what is written from here on is not the cell's
        local = name.rpartition(":")[2]
        if name in self._others:
            self._others[name](attributes)
        elif local in _ASIDE:
            self._pass_over(name)
        elif local in _CELLS or (name == self._sheet_data and self._reader.number):
            raise self._misplaced(name)  # by another prefix it may be a cell all the same

    def _pass_over(self, outer: str) -> None:
        """Takes in nothing of what lies in an element. One with cells is refused: some programs would show them."""
        parser, budget = self._parser, self._reader.budget
        begins, ends, takes = parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler
        depth = 1

        def start(name: str, _: Attributes) -> None:
            nonlocal depth
            budget.element()
            depth += 1
            if name.rpartition(":")[2] == "c":
                raise self._misplaced(name)

        def end(_: str) -> None:
            nonlocal depth
            depth -= 1
            if not depth:
                parser.StartElementHandler, parser.EndElementHandler = begins, ends
                parser.CharacterDataHandler = takes
                if ends is not None:
                    ends(outer)

        parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, None

    def _misplaced(self, name: str) -> Damaged:
        return Damaged(f"{self._reader.sheet.name}: <{name[:20]}>")


def area_of(reference: str) -> Area | None:
    """The cells that a reference such as ``B3:D3`` names, None if it is none."""
    match = fullmatch("([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?", reference)
    if match is None:
        return None
    left, top = grids.column_of(match[1]), int(match[2])
    right, bottom = (grids.column_of(match[3]), int(match[4])) if match[3] else (left, top)
    sound = 0 < left <= right and 0 < top <= bottom <= grids.LAST_ROW
    return Area(top, left, bottom, right) if sound else None
