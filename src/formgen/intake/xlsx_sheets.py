"""Reads the cells of one sheet of an XLSX workbook, in one pass over its XML."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from re import fullmatch
from typing import Final
from xml.parsers import expat

from formgen.intake import calendar, grids
from formgen.intake.grids import Area, Budget, Cell, Damaged, Mark, Marked, Row, Sheet, Words
from formgen.intake.xml_parts import Attributes, prefix_of

NUMBER, PERCENT, DATE = 0, 1, 2
"""What a number of a cell format is."""
PLAIN_DIGITS: Final = 15
"""A whole number of so many digits is shown as it is written."""
_TRUE: Final = ("1", "true")
_ROW_DIGITS: Final = len(str(grids.LAST_ROW))


@dataclass
class SheetReader:
    """Fills one sheet."""

    sheet: Sheet
    strings: Sequence[str]
    shows: Mapping[str, int]
    """Number of a cell format, as it is written -> what a number of it is."""
    since_1904: bool
    budget: Budget
    shapes: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)
    """Columns that are filled together; most rows of a list share one of them."""
    words: Words = field(default_factory=Words)
    close: Callable[[], None] = field(default=lambda: None, init=False)
    """Takes in the last row."""
    number: int = field(default=0, init=False)
    """Of the last row that was begun."""

    def begin(self, parser: expat.XMLParserType, root: str, _: Attributes) -> None:
        """Sets the handlers of everything in the sheet.

        They are called some millions of times, so they share variables, not an object, and a cell is finished when
        the next one begins, which saves the calls for the end of every element.
        """
        prefix = prefix_of(root)
        c, v, row, f, inline, t, phonetic, run = (
            prefix + name for name in ("c", "v", "row", "f", "is", "t", "rPh", "r")
        )
        others = {prefix + "mergeCell": self._merge, prefix + "col": self._hide}
        pieces: list[str] = []
        columns: list[int] = []
        cells: list[Cell] = []
        known: dict[str, int] = {}
        strings, shows = self.strings, self.shows
        column, seen = 0, 0  # of the last cell of this row; how many cells it has
        digits = "0"
        open_ = hidden = has_value = has_formula = aside = mixed = within = False
        kind, style = "n", ""

        def finish() -> None:
            nonlocal open_
            open_ = False
            text = "".join(pieces)
            cell: Cell | None
            if kind == "s" and has_value:
                index = int(text)
                if index < 0:
                    raise Damaged(f"{self.sheet.name}: text no. {index}")
                cell = strings[index] or None
            elif kind == "n" and has_value and text.isdecimal() and style not in shows and len(text) <= PLAIN_DIGITS:
                cell = text
            else:
                cell = self._cell(text, kind, style, has_value, has_formula)
            if cell is not None:
                columns.append(column)
                cells.append(cell)

        def close() -> None:
            nonlocal seen
            if open_:
                finish()
            self.budget.row(seen)
            seen = 0
            if cells:
                self._keep(self.number, columns, cells, hidden)
                columns.clear()
                cells.clear()

        def start(name: str, attributes: Attributes) -> None:
            nonlocal digits, column, seen, open_, has_value, has_formula, kind, style, hidden
            nonlocal aside, mixed, within
            if name == v:
                pieces.clear()  # of the formula
                has_value = True
            elif name == c:
                if open_:
                    finish()
                pieces.clear()
                if mixed:
                    mixed = within = False
                    parser.EndElementHandler, parser.CharacterDataHandler = None, pieces.append
                seen += 1
                reference = attributes.get("r")
                if reference is None:
                    column += 1
                else:
                    letters = reference[: -len(digits)]
                    before, column = column, known.get(letters) or known.setdefault(letters, grids.column_of(letters))
                    if column <= before or not reference.endswith(digits):
                        raise Damaged(f"{self.sheet.name}: {reference[:20]}")
                kind, style = attributes.get("t", "n"), attributes.get("s", "")
                open_, has_value, has_formula = True, False, False
            elif name == row:
                close()
                number, column = self._number(attributes.get("r"), self.number), 0
                self.number = number
                digits, hidden = str(number), attributes.get("hidden") in _TRUE
            elif name == f:
                has_formula = True
            elif name == inline:
                # A text in pieces: what stands between them is no part of it.
                mixed, within, aside = True, True, False
                parser.EndElementHandler, parser.CharacterDataHandler = end, None
                pieces.clear()
            elif name == t and mixed:
                has_value = True
                parser.CharacterDataHandler = None if aside else pieces.append
            elif name in (run, phonetic):
                aside = name == phonetic
            else:
                self.budget.element()
                if open_ and not within:  # a piece of text says how it looks
                    finish()  # what is written from here on is not the cell's
                if name in others:
                    others[name](attributes)

        def end(name: str) -> None:
            nonlocal within
            if name == t:
                parser.CharacterDataHandler = None
            elif name == inline:
                within = False

        def last() -> None:
            try:
                close()
            except (ValueError, LookupError) as error:  # of a text that is not there
                raise Damaged(f"{self.sheet.name}: {error}") from error

        self.close = last
        parser.CharacterDataHandler, parser.StartElementHandler = pieces.append, start

    def _number(self, written: str | None, before: int) -> int:
        if written is None:
            number = before + 1
        elif written.isascii() and written.isdecimal() and len(written) <= _ROW_DIGITS:
            number = int(written)
        else:
            number = 0
        if not before < number <= grids.LAST_ROW:
            raise Damaged(f"{self.sheet.name}: row {written}")
        return number

    def _keep(self, number: int, columns: list[int], cells: list[Cell], hidden: bool) -> None:
        shape = tuple(columns)
        if shape[-1] > grids.LAST_COLUMN:
            raise Damaged(f"{self.sheet.name}: column {shape[-1]}")
        self.sheet.rows[number] = Row(self.shapes.setdefault(shape, shape), tuple(cells))
        if hidden:
            self.sheet.hidden_rows.add(number)

    def cell(self, text: str, kind: str, style: str) -> Cell | None:
        """A cell in which a text is written that is not empty, by the type and the style of the cell."""
        return self._cell(text, kind, style, has_value=True, has_formula=False)

    def _cell(self, text: str, kind: str, style: str, has_value: bool, has_formula: bool) -> Cell | None:
        """A cell by its type, None for an empty one."""
        if not has_value or (kind == "n" and not text):
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
            return Marked(text.strip().removesuffix("T00:00:00").replace("T", " "), Mark.DATE)
        raise Damaged(f"{self.sheet.name}: t={kind[:20]} {text[:20]}")

    def _shown(self, text: str, style: str) -> Cell | None:
        shows = self.shows.get(style, NUMBER)
        if text.isspace():
            return None
        if shows == DATE:
            return calendar.shown(text, since_1904=self.since_1904)
        return grids.number(text, percent=shows == PERCENT)

    def _merge(self, attributes: Attributes) -> None:
        area = area_of(attributes.get("ref", ""))
        if area is None:
            raise Damaged(f"{self.sheet.name}: mergeCell {attributes.get('ref', '')[:30]}")
        self.budget.merge(area)
        self.sheet.merges.append(area)

    def _hide(self, attributes: Attributes) -> None:
        if attributes.get("hidden") not in _TRUE:
            return
        bounds = (attributes.get("min", ""), attributes.get("max", ""))
        if all(fullmatch("[0-9]{1,5}", bound) for bound in bounds):
            self.sheet.hide_columns(int(bounds[0]), int(bounds[1]))


def area_of(reference: str) -> Area | None:
    """The cells that a reference such as ``B3:D3`` names, None if it is none."""
    match = fullmatch("([A-Z]{1,3})([0-9]{1,7})(?::([A-Z]{1,3})([0-9]{1,7}))?", reference)
    if match is None:
        return None
    left, top = grids.column_of(match[1]), int(match[2])
    right, bottom = (grids.column_of(match[3]), int(match[4])) if match[3] else (left, top)
    sound = 0 < left <= right and 0 < top <= bottom <= grids.LAST_ROW
    return Area(top, left, bottom, right) if sound else None
