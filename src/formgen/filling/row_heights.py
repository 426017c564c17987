"""How high a row of a workbook must be for the texts that wrap in it.

Excel fits a row without a height when it opens the file; LibreOffice and some printers' programs do not, and print one
text over another. So the height is estimated here: from the column's width, the style's font size and the text. East
Asian characters count two columns. Source: ECMA-376 Part 1, 18.3.1.13 (column width), 18.3.1.73 (row height in points).
"""

import unicodedata
from dataclasses import dataclass
from fractions import Fraction

from lxml import etree

from formgen.filling.slots import Filling, Lookup
from formgen.filling.typesetting import Typeset

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_HIGHEST = 409
"""Points: Excel's limit. A text that needs more can only be read in the cell."""
_PADDING = 6
_DEFAULT_WIDTH = "8.43"
_DEFAULT_HEIGHT = "15"


@dataclass(frozen=True, slots=True)
class Wrapping:
    """A cell whose text wraps: how many half-width characters fit on a line, and how high a line is in points."""

    value: Lookup
    typeset: Typeset
    capacity: int
    line: int

    def height(self, filling: Filling) -> int:
        """The points that its text needs; 0 for one line."""
        text = self.typeset(self.value.find(filling))
        if len(text) * 2 <= self.capacity and "\n" not in text:
            return 0
        lines = sum(max(1, -(-columns_of(line) // self.capacity)) for line in text.split("\n"))
        return _PADDING + self.line * lines if lines > 1 else 0


@dataclass(frozen=True, slots=True)
class RowHeight:
    """The height of a row: the sheet's own, or more where a text needs it."""

    cells: tuple[Wrapping, ...]
    usual: str

    def write(self, filling: Filling) -> None:
        """Append the height."""
        needed = max((cell.height(filling) for cell in self.cells), default=0)
        filling.out.append(str(min(needed, _HIGHEST)) if needed > Fraction(self.usual) else self.usual)


class Measures:
    """The widths and styles of a sheet."""

    def __init__(self, sheet: etree._Element, styles: etree._Element | None) -> None:
        layout = sheet.find(f"{S}sheetFormatPr")
        attributes: dict[str | bytes, str | bytes] = {} if layout is None else dict(layout.attrib)
        self.usual_height = str(attributes.get("defaultRowHeight", _DEFAULT_HEIGHT))
        self._usual_width = str(attributes.get("defaultColWidth", _DEFAULT_WIDTH))
        self._widths = [
            (int(column.get("min", "0")), int(column.get("max", "0")), str(column.get("width", self._usual_width)))
            for column in sheet.iter(f"{S}col")
        ]
        self._formats = [] if styles is None else list(styles.iterfind(f"{S}cellXfs/{S}xf"))
        self._fonts = [] if styles is None else list(styles.iterfind(f"{S}fonts/{S}font"))

    def wrapping(self, column: str, style: str, value: Lookup, typeset: Typeset) -> Wrapping | None:
        """The measures of a cell, None if its text does not wrap."""
        if not style.isdecimal() or int(style) >= len(self._formats):
            return None
        alignment = self._formats[int(style)].find(f"{S}alignment")
        if alignment is None or alignment.get("wrapText") not in ("1", "true"):
            return None
        # Seen in LibreOffice: fifteen sixteenths of the width fit; less in a font larger than the usual 11 points.
        size = self._size(str(self._formats[int(style)].get("fontId", "0")))
        capacity = int(Fraction(self._width(_number(column))) * Fraction(15, 16) * min(Fraction(1), 11 / size))
        return Wrapping(value, typeset, max(1, capacity), -(-size * 3 // 2))

    def _width(self, column: int) -> str:
        return next((width for first, last, width in self._widths if first <= column <= last), self._usual_width)

    def _size(self, font: str) -> Fraction:
        element = self._fonts[int(font)].find(f"{S}sz") if int(font) < len(self._fonts) else None
        return Fraction(element.get("val", "11")) if element is not None else Fraction(11)


def columns_of(text: str) -> int:
    """How many half-width columns ``text`` takes; marks such as “ and · are full width in Chinese fonts."""
    return sum(2 if unicodedata.east_asian_width(character) in "WFA" else 1 for character in text)


def _number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
