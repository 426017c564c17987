"""The boxes in which a sheet's comments are shown: a VML drawing, which Excel demands for every comment.

The part is changed as bytes: what Excel itself writes there is not always well-formed.

Source: ECMA-376 Part 4, 14.1 and 19.4 (VML).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping

from formgen import opc
from formgen.annotation.sheet_part import Place, SheetPart
from formgen.findings import Text

_NAMESPACES = {
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "x": "urn:schemas-microsoft-com:office:excel",
}
_DECLARED = "".join(f' xmlns:{prefix}="{name}"' for prefix, name in _NAMESPACES.items())
_EMPTY = f"<xml{_DECLARED}></xml>".encode()
_KIND = (
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"{declared}>'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:1.5pt;'
    'width:{width}pt;height:{height}pt;z-index:{order};visibility:hidden" fillcolor="#ffffe1"'
    ' o:insetmode="auto"{declared}><v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div>'
    '</v:textbox><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
# A shape ends before the next one begins: without that, a part with beginnings only would take for ever.
_SHAPES = re.compile(
    rb"<(?P<prefix>[A-Za-z]+:)shape[\s>](?:(?!<[A-Za-z]+:shape[\s>]).)*?</(?P=prefix)shape\s*>\s*", re.DOTALL
)
_ROW = re.compile(rb"<[A-Za-z]+:Row>\s*([0-9]{1,7})\s*<")
_COLUMN = re.compile(rb"<[A-Za-z]+:Column>\s*([0-9]{1,5})\s*<")
_ANCHOR = re.compile(rb"(<[A-Za-z]+:Anchor>)([^<]*)(<)")
_BLOCKS = re.compile(rb"(<[A-Za-z]+:idmap\b[^>]*?\sdata\s*=\s*[\"'])([0-9, ]*)([\"'])")
_BLOCK = 1024
"""Ids of shapes are given out in blocks, which no two drawings of a workbook share."""

_WIDTH, _LINE, _MARGIN, _TALLEST = 320, 16, 14, 640
"""Pixels: of a box, of a line of its text, of what is above and below the text, of the tallest box."""
_PER_LINE = 48
"""Letters on a line of a box; a Chinese character counts for two."""
_WIDE = "\u2e80"
_DEFAULT_COLUMN, _DEFAULT_ROW = 64, 20
_LAST_ROW, _LAST_COLUMN = 1_048_575, 16_383
_FARTHEST = 200
"""Columns or rows that a box may reach over: hidden ones have no size."""


class _Grid:
    """Sizes of a sheet's columns and rows in pixels, counted from 0."""

    def __init__(self, sheet: SheetPart) -> None:
        self._sheet = sheet
        self._columns = sorted((each.first, each.last, each.width) for each in sheet.columns if each.width is not None)
        self._firsts = [first for first, _, _ in self._columns]

    def _column(self, number: int) -> int:
        at = bisect_right(self._firsts, number + 1) - 1
        if at < 0 or self._columns[at][1] <= number:
            return _DEFAULT_COLUMN
        width = self._columns[at][2]
        return round(width * 7 + 5) if width else 0

    def _row(self, number: int) -> int:
        points = self._sheet.heights.get(number + 1, self._sheet.row_height)
        return _DEFAULT_ROW if points is None else round(points * 4 / 3)

    def right_of(self, column: int, offset: int, width: int) -> tuple[int, int]:
        """The column and the offset in it that lie ``width`` to the right."""
        return _walk(self._column, column, offset + width, _LAST_COLUMN)

    def below(self, row: int, offset: int, height: int) -> tuple[int, int]:
        """The row and the offset in it that lie ``height`` below."""
        return _walk(self._row, row, offset + height, _LAST_ROW)


def _walk(size: Callable[[int], int], start: int, offset: int, last: int) -> tuple[int, int]:
    number = start
    while number < min(last, start + _FARTHEST) and offset > size(number):
        offset -= size(number)
        number += 1
    return number, min(offset, size(number))


def taken_blocks(parts: Mapping[str, bytes]) -> set[int]:
    """The blocks of shape ids that the drawings of a workbook have."""
    found = (
        match[2] for name, data in parts.items() if name.lower().endswith(".vml") for match in _BLOCKS.finditer(data)
    )
    return {int(number) for numbers in found for number in re.findall(rb"[0-9]{1,6}", numbers)}


class Boxes:
    """The drawing of a sheet's comments."""

    def __init__(self, data: bytes | None, sheet: SheetPart, part: str) -> None:
        self._data = _EMPTY if data is None else _narrow(data)
        self._grid = _Grid(sheet)
        if not 0 <= self._data.find(b"<xml") < self._data.rfind(b"</xml>"):
            raise opc.PackageError(
                Text(f"批注的图形部件已损坏（{part}）", f"the drawing of the comments is damaged ({part})")
            )

    def remove(self, places: Iterable[Place]) -> None:
        """Takes away the boxes of comments that are gone."""
        gone = set(places)
        self._data = _SHAPES.sub(lambda shape: b"" if _place(shape[0]) in gone else shape[0], self._data)

    def show(self, texts: Mapping[Place, str], taken: set[int]) -> None:
        """Gives each comment a box that is large enough, and one to each that has none; blocks of ids are ``taken``."""
        have: set[Place] = set()

        def enlarged(shape: re.Match[bytes]) -> bytes:
            place = _place(shape[0])
            if place is None or place not in texts:
                return shape[0]
            have.add(place)
            return self._enlarged(shape[0], texts[place])

        self._data = _SHAPES.sub(enlarged, self._data)
        self._draw({place: text for place, text in sorted(texts.items()) if place not in have}, taken)

    def data(self) -> bytes:
        """The bytes of the part."""
        return self._data

    # --- shapes ----------------------------------------------------------------------------------------------------

    def _draw(self, texts: Mapping[Place, str], taken: set[int]) -> None:
        if not texts:
            return
        first = max(taken, default=0) + 1
        blocks = range(first, first + -(-len(texts) // (_BLOCK - 1)))
        taken.update(blocks)
        self._reserve(blocks)
        root = self._data[: self._data.find(b">", self._data.find(b"<xml"))]
        known = all(f'xmlns:{prefix}="{name}"'.encode() in root for prefix, name in _NAMESPACES.items())
        declared = "" if known else _DECLARED
        shapes = [] if b'id="_x0000_t202"' in self._data else [_KIND.format(declared=declared)]
        for number, (place, text) in enumerate(texts.items()):
            id = (first + number // (_BLOCK - 1)) * _BLOCK + number % (_BLOCK - 1) + 1
            row, column = place[0] - 1, place[1] - 1
            values = {"anchor": self._anchor(row, column, text), "row": row, "column": column, "order": number + 1}
            size = {"width": _WIDTH * 3 // 4, "height": _height(text) * 3 // 4}
            shapes.append(_SHAPE.format(id=id, declared=declared, **values, **size))
        end = self._data.rindex(b"</xml>")
        self._data = self._data[:end] + "".join(shapes).encode() + self._data[end:]

    def _reserve(self, blocks: Iterable[int]) -> None:
        numbers = ",".join(map(str, blocks)).encode()
        if _BLOCKS.search(self._data):
            self._data = _BLOCKS.sub(
                lambda m: m[1] + (m[2] + b"," if m[2] else b"") + numbers + m[3], self._data, count=1
            )
            return
        layout = (
            f'<o:shapelayout v:ext="edit"{_DECLARED}><o:idmap v:ext="edit" data="{numbers.decode()}"/></o:shapelayout>'
        )
        start = self._data.index(b">", self._data.index(b"<xml")) + 1
        self._data = self._data[:start] + layout.encode() + self._data[start:]

    def _anchor(self, row: int, column: int, text: str) -> str:
        left, over = min(column + 1, _LAST_COLUMN), 15
        top, down = (row - 1, 10) if row else (0, 2)
        right = self._grid.right_of(left, over, _WIDTH)
        bottom = self._grid.below(top, down, _height(text))
        return ", ".join(map(str, (left, over, top, down, *right, *bottom)))

    def _enlarged(self, shape: bytes, text: str) -> bytes:
        """A shape that is there, made taller where its text would not be seen."""
        found = _ANCHOR.search(shape)
        numbers = re.findall("[0-9]{1,7}", found[2].decode("ascii", "replace")) if found is not None else []
        if found is None or len(numbers) != 8:
            return shape
        left, over, top, down, right, beyond, *bottom = map(int, numbers)
        needed = self._grid.below(top, down, _height(text))
        if tuple(bottom) >= needed:
            return shape
        anchor = ", ".join(map(str, (left, over, top, down, right, beyond, *needed)))
        return shape[: found.start(2)] + anchor.encode() + shape[found.end(2) :]


def _narrow(data: bytes) -> bytes:
    """The part in UTF-8."""
    return data.decode("utf-16", "replace").encode() if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data


def _place(shape: bytes) -> Place | None:
    """The cell whose comment a shape shows; None for a button or another control."""
    row, column = _ROW.search(shape), _COLUMN.search(shape)
    if row is None or column is None or b'"Note"' not in shape.replace(b"'", b'"'):
        return None
    return int(row[1]) + 1, int(column[1]) + 1


def _height(text: str) -> int:
    lines = (len(line) + sum(char >= _WIDE for char in line) for line in text.split("\n"))
    return min(_MARGIN + _LINE * sum(1 + length // _PER_LINE for length in lines), _TALLEST)
