"""How high a row of a workbook must be for the texts that wrap in it.

Excel fits a row without a height when it opens the file; LibreOffice and some printers' programs do not, and print one
text over another. So the height is estimated here: from the column's width, the style's font size and the text. East
Asian characters count two columns. Source: ECMA-376 Part 1, 18.3.1.13 (column width), 18.3.1.73 (row height in points).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from operator import add
from typing import Any

from lxml import etree

from formgen.filling.columns import Column
from formgen.filling.lookups import Filling, Lookup
from formgen.filling.slots import Piece
from formgen.filling.typesetting import Typeset

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_HIGHEST = 409
"""Points: Excel's limit. A text that needs more can only be read in the cell."""
_PADDING = 6
_DEFAULT_WIDTH = "8.43"
_DEFAULT_HEIGHT = "15"


@dataclass(frozen=True)
class Wrapping:
    """A cell whose text wraps: how many half-width characters fit on a line, and how high a line is in points."""

    value: Lookup
    typeset: Typeset
    capacity: int
    line: int

    def heights(self, filling: Filling, items: Sequence[Any]) -> Sequence[int]:
        """The height for each of ``items``; nothing where one line is enough for all."""
        values = self.value.column(filling, items)
        if values is None:
            return [self.height(self.typeset(self.value.find(filling)))] * len(items)
        texts, together = values.texts(self.typeset)
        breaks = "\n" in together
        fits = self.capacity // 2
        if not breaks and max(map(len, texts)) <= fits:
            return ()
        if breaks or not USUAL.fullmatch(together):
            return [self.height(text) if breaks or len(text) > fits else 0 for text in texts]
        # A narrow character has one byte, a wide one three: half of bytes and characters are columns.
        doubled = map(add, map(len, texts), map(len, map(str.encode, texts)))
        return list(map(self._points.__getitem__, doubled))

    @cached_property
    def _points(self) -> "_Points":
        return _Points(self)

    def height(self, text: str) -> int:
        """The points that ``text`` needs; 0 for one line."""
        if len(text) * 2 <= self.capacity and "\n" not in text:
            return 0
        return self.of(sum(max(1, -(-columns_of(line) // self.capacity)) for line in text.split("\n")))

    def of(self, lines: int) -> int:
        """The points that so many lines need; 0 for one."""
        return _PADDING + self.line * lines if lines > 1 else 0


class _Points(dict[int, int]):
    """The height of a cell by twice its columns; there are few different ones."""

    def __init__(self, cell: Wrapping) -> None:
        self._cell = cell

    def __missing__(self, doubled: int) -> int:
        points = self._cell.of(-(-doubled // (2 * self._cell.capacity)))
        if points < _HIGHEST:
            self[doubled] = points
        return points


@dataclass(frozen=True)
class RowHeight(Piece):
    """The height of a row: the sheet's own, or more where a text needs it."""

    cells: tuple[Wrapping, ...]
    usual: str

    def text(self, filling: Filling) -> bytes:
        """The height."""
        needed = (cell.height(cell.typeset(cell.value.find(filling))) for cell in self.cells)
        return self._height(max(needed, default=0))

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The height for each item."""
        needed = [heights for cell in self.cells if (heights := cell.heights(filling, items))]
        if not needed:
            return (self._usual,)
        highest = needed[0] if len(needed) == 1 else list(map(max, *needed))
        texts = {points: self._height(points) for points in set(highest)}
        if len(texts) == 1:
            return tuple(texts.values())
        return (list(map(texts.__getitem__, highest)),)

    def _height(self, needed: int) -> bytes:
        return self._usual if needed <= self._least else b"%d" % min(needed, _HIGHEST)

    @cached_property
    def _usual(self) -> bytes:
        return self.usual.encode()

    @cached_property
    def _least(self) -> int:
        """The usual height in whole points: more than that is more than the usual height."""
        return int(Fraction(self.usual))


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
    rest = _IDEOGRAPHS.sub("", text)
    return 2 * (len(text) - len(rest)) + sum(map(_WIDTHS.__getitem__, rest))


# The bulk of what is written, counted without looking each up.
_IDEOGRAPHS = re.compile("[\u4e00-\u9fff\u3001-\u303e\uff01-\uff60]+")
USUAL = re.compile("[ -~\u4e00-\u9fff\u3001-\u303e\uff01-\uff60“”…]*")
"""Texts of characters of which a narrow one has one byte, and a wide one three."""


class _Widths(dict[str, int]):
    """How many columns a character takes, for those that were asked for."""

    def __missing__(self, character: str) -> int:
        width = 2 if unicodedata.east_asian_width(character) in "WFA" else 1
        if character < "\U00010000":  # what lies beyond is rare, and there is much of it
            self[character] = width
        return width


_WIDTHS = _Widths()


def _number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
