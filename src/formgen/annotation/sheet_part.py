"""Changes some cells of a sheet in the bytes of its part; rows without such a cell stay byte for byte.

Source: ECMA-376 Part 1, 18.3.1 (worksheets), in its transitional and its strict namespace.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

from formgen import opc
from formgen.annotation import spans
from formgen.annotation.spans import Tag
from formgen.findings import Text

Place = tuple[int, int]
"""Row and column, counted from 1."""
TRANSITIONAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
"""The namespace of relationships (also the beginning of their types) that goes with a sheet's own."""
_BEHIND_DRAWING = {
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
}
"""The elements of a sheet that do not stand before ``legacyDrawing``, which is where comments are drawn."""
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


def place_of(cell: str) -> Place | None:
    """The place that a reference such as ``F27`` names; None for one that is none."""
    if re.fullmatch(r"[A-Z]{1,3}[1-9][0-9]{0,6}", cell) is None:
        return None
    letters, row = coordinate_from_string(cell)
    column = column_index_from_string(letters)
    return (row, column) if row <= _LAST_ROW and column <= _LAST_COLUMN else None


def reference(place: Place) -> str:
    """The reference of a place, such as ``F27``."""
    return f"{get_column_letter(place[1])}{place[0]}"


def parsed(data: bytes, root: str, namespace: str) -> etree._Element:
    """The root element of a smaller part, without what is no element.

    Raises:
        PackageError: it is another element, or in another namespace.
    """
    found = opc.parse_xml(data)
    if found.tag != f"{{{namespace}}}{root}":
        raise _unusual(root)
    etree.strip_tags(found, etree.Comment, etree.ProcessingInstruction)
    return found


@dataclass(frozen=True, slots=True)
class Column:
    """Columns of the same width and style."""

    first: int
    last: int
    width: float | None
    style: int


@dataclass
class SheetPart:
    """A sheet: its bytes, and where in them the things stand that matter here."""

    data: bytes
    namespace: str
    prefix: bytes
    """Of the sheet's own elements, with its colon."""
    rows: tuple[int, int]
    """Where the content of ``sheetData`` begins and ends."""
    empty: Tag | None
    """The ``sheetData`` of a sheet without a row, written as one tag."""
    dimension: Tag | None
    columns: tuple[Column, ...]
    merged: tuple[tuple[int, int, int, int], ...]
    """Merged ranges: left, top, right, bottom."""
    drawing: Tag | None
    """The ``legacyDrawing`` element, if there is one."""
    drawing_place: int
    """Where one belongs if there is none."""
    row_height: float | None
    heights: dict[int, float] = field(default_factory=dict)
    """Heights of rows in points that differ from the usual, known once the sheet was changed."""

    @property
    def relations(self) -> str:
        """The namespace of relationships."""
        return RELATIONS[self.namespace]

    def column_style(self, column: int) -> int:
        """The style of cells of a column that have none of their own."""
        return next((each.style for each in self.columns if each.first <= column <= each.last), 0)


def read(data: bytes, part: str) -> SheetPart:
    """The sheet in a part.

    Raises:
        PackageError: it is no sheet, or one that is written in a way in which it cannot be changed safely.
    """
    data = spans.utf8(data, part)
    root = next(spans.tags(data))
    prefix = root.name[: -len(root.local)]
    declared = dict(spans.namespaces(data, root.start, root.end))
    namespace = declared.get(prefix[:-1], "")
    if root.local != "worksheet" or namespace not in RELATIONS:
        raise _unusual(part)
    sheet = SheetPart(data, namespace, prefix, (0, 0), None, None, (), (), None, 0, None)
    found = False
    for tag, end in spans.children(data, root.end, prefix + b"sheetData"):
        if tag.name[: -len(tag.local)] != prefix:
            continue
        if tag.local not in _BEHIND_DRAWING:
            sheet.drawing_place = end
        if tag.local == "sheetData":
            found = True
            sheet.rows = (tag.end, end if tag.empty else data.rindex(b"<", 0, end))
            sheet.empty = tag if tag.empty else None
        _note(sheet, tag)
    if not found or any(ns == namespace or p == prefix[:-1] for p, ns in spans.namespaces(data, *sheet.rows)):
        raise _unusual(part)
    return sheet


def _unusual(part: str) -> opc.PackageError:
    return opc.PackageError(
        Text(
            f"工作簿的写法不寻常，不能在副本上批注（{part}）",
            f"the workbook is written in an unusual way and cannot be annotated ({part})",
        ),
        remedy=Text("请在 Excel 或 WPS 中打开，另存为 .xlsx 再试", "open it in Excel, save it as .xlsx and try again"),
    )


def _note(sheet: SheetPart, tag: Tag) -> None:
    match tag.local:
        case "dimension":
            sheet.dimension = tag
        case "sheetFormatPr":
            sheet.row_height = _number(tag.get("defaultRowHeight"))
        case "cols":
            sheet.columns = tuple(_columns(sheet, tag))
        case "mergeCells":
            sheet.merged = tuple(_merged(sheet, tag))
        case "legacyDrawing":
            sheet.drawing = tag
        case _:
            pass


def _columns(sheet: SheetPart, group: Tag) -> Iterator[Column]:
    for tag, _ in _inside(sheet, group):
        first, last = _whole(tag.get("min")), _whole(tag.get("max"))
        if first and last:
            width = 0.0 if tag.get("hidden") in ("1", "true") else _number(tag.get("width"))
            yield Column(first, last, width, _whole(tag.get("style")) or 0)


def _merged(sheet: SheetPart, group: Tag) -> Iterator[tuple[int, int, int, int]]:
    for tag, _ in _inside(sheet, group):
        area = _area(tag.get("ref"))
        if area is not None:
            yield area


def _inside(sheet: SheetPart, group: Tag) -> Iterator[tuple[Tag, int]]:
    return iter(()) if group.empty else spans.children(sheet.data, group.end)


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch("[0-9]{1,7}", text) else None


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,20})?", text) else None


# --- changing --------------------------------------------------------------------------------------------------------


def anchors(sheet: SheetPart, places: Iterable[Place]) -> dict[Place, Place]:
    """For each place the cell that shows what stands there: of a merged range the first, else itself."""
    found = {place: place for place in places}
    rows = sorted({row for row, _ in found})
    by_row: dict[int, list[Place]] = {}
    for place in found:
        by_row.setdefault(place[0], []).append(place)
    for left, top, right, bottom in sheet.merged:
        for row in rows[bisect_left(rows, top) : bisect_right(rows, bottom)]:
            for place in by_row[row]:
                if left <= place[1] <= right:
                    found[place] = (top, left)
    return found


def restyled(sheet: SheetPart, styles: Mapping[Place, Callable[[int], int]]) -> bytes:
    """The bytes of the sheet with other styles on some cells; one that is not there yet is made, and its row.

    Args:
        sheet: the sheet; the heights of its rows are noted in it.
        styles: for each place what makes the new style of the cell's old one.
    """
    wanted: dict[int, dict[int, Callable[[int], int]]] = {}
    for (row, column), style in sorted(styles.items(), key=lambda item: item[0]):
        wanted.setdefault(row, {})[column] = style
    edit = _Edit(sheet, wanted)
    start, end = sheet.rows
    body = b"".join(edit.body())
    if sheet.empty is not None and body:
        body = sheet.empty.opened() + body + b"</" + sheet.prefix + b"sheetData>"
        start = sheet.empty.start
    return b"".join((edit.head(start), body, sheet.data[end:]))


def draw(sheet: SheetPart, id: str) -> None:
    """Makes the sheet lead to the drawing of its comments by the relationship ``id``."""
    name = sheet.prefix + b"legacyDrawing"
    element = f' xmlns:r="{sheet.relations}" r:id="{id}"/>'.encode()
    start, end = sheet.drawing_place, sheet.drawing_place
    if sheet.drawing is not None:
        start, end = sheet.drawing.start, sheet.drawing.end
        element = element if sheet.drawing.empty else element[:-2] + b">"
    sheet.data = b"".join((sheet.data[:start], b"<" + name, element, sheet.data[end:]))


class _Edit:
    """One pass over the rows of a sheet."""

    def __init__(self, sheet: SheetPart, wanted: dict[int, dict[int, Callable[[int], int]]]) -> None:
        self.sheet = sheet
        self.data = sheet.data
        self.wanted = wanted
        self.row_name, self.cell_name = sheet.prefix + b"row", sheet.prefix + b"c"
        self.made: list[Place] = []

    def head(self, end: int) -> bytes:
        """What stands before the rows, the declared size widened by the cells that were made."""
        tag = self.sheet.dimension
        bounds = _area(tag.get("ref")) if tag is not None else None
        if tag is None or bounds is None or not self.made:
            return self.data[:end]
        left, top, right, bottom = bounds
        rows, columns = [row for row, _ in self.made], [column for _, column in self.made]
        first = reference((min(top, *rows), min(left, *columns)))
        last = reference((max(bottom, *rows), max(right, *columns)))
        written = tag.with_attribute("ref", first if first == last else f"{first}:{last}")
        return self.data[: tag.start] + written + self.data[tag.end : end]

    def body(self) -> Iterator[bytes]:
        """The pieces of what stands between the tags of ``sheetData``."""
        position, end = self.sheet.rows
        waiting = sorted(self.wanted, reverse=True)
        number = 0
        opened: Tag | None = None
        for tag in spans.tags(self.data, position, end, (self.row_name,)):
            if not tag.closes:
                number = _whole(tag.get("r")) or number + 1
                height = _number(tag.get("ht"))
                if height is not None:
                    self.sheet.heights[number] = height
                opened = tag
                while waiting and waiting[-1] < number:
                    yield self.data[position : tag.start]
                    position = tag.start
                    yield self._new_row(waiting.pop())
            if (tag.closes or tag.empty) and opened is not None and waiting and waiting[-1] == number:
                yield self.data[position : opened.start]
                yield from self._row(opened, tag, number, self.wanted[waiting.pop()])
                position = tag.end
        yield self.data[position:end]
        yield from map(self._new_row, reversed(waiting))

    def _new_row(self, row: int) -> bytes:
        cells = b"".join(
            self._new_cell((row, column), style, self.sheet.column_style(column))
            for column, style in self.wanted[row].items()
        )
        return b'<%b r="%d">%b</%b>' % (self.row_name, row, cells, self.row_name)

    def _new_cell(self, place: Place, style: Callable[[int], int], base: int) -> bytes:
        self.made.append(place)
        return b'<%b r="%b" s="%d"/>' % (self.cell_name, reference(place).encode(), style(base))

    def _row(
        self, opened: Tag, closed: Tag, number: int, wanted: Mapping[int, Callable[[int], int]]
    ) -> Iterator[bytes]:
        made = len(self.made)
        cells = list(self._cells(opened, closed, number, dict(wanted)))
        # The declared span of a row would no longer be true.
        start = opened.with_attribute("spans", None) if len(self.made) > made else self.data[opened.start : opened.end]
        if opened.empty:
            tag = spans.Tag(opened.name, 0, 0, closes=False, empty=False, rest=opened.rest.removesuffix(b"/"))
            yield tag.with_attribute("spans", None)
            yield from cells
            yield b"</%b>" % self.row_name
        else:
            yield start
            yield from cells
            yield self.data[closed.start : closed.end]

    def _cells(self, opened: Tag, closed: Tag, row: int, wanted: dict[int, Callable[[int], int]]) -> Iterator[bytes]:
        """The pieces of a row's content: its cells, those that were wanted with their new style."""
        own = _whole(opened.get("s")) if opened.get("customFormat") in ("1", "true") else None
        position, end = opened.end, closed.start
        column = 0
        last = opened.end
        for tag in () if opened.empty else spans.tags(self.data, position, end, (self.cell_name,)):
            if tag.closes:
                last = tag.end
                continue
            place = place_of(tag.get("r") or "")
            column = place[1] if place is not None else column + 1
            for missing in [each for each in wanted if each < column]:
                yield self.data[position : tag.start]
                position = tag.start
                yield self._new_cell((row, missing), wanted.pop(missing), self._base(own, missing))
            if column in wanted:
                yield self.data[position : tag.start]
                style = wanted.pop(column)(_whole(tag.get("s")) or 0)
                yield tag.with_attribute("s", str(style))
                position = tag.end
            last = max(last, tag.end)
        yield self.data[position:last]
        for missing, make in wanted.items():
            yield self._new_cell((row, missing), make, self._base(own, missing))
        if not opened.empty:
            yield self.data[last:end]

    def _base(self, own: int | None, column: int) -> int:
        return own if own is not None else self.sheet.column_style(column)


def _area(text: str | None) -> tuple[int, int, int, int] | None:
    """The left, top, right and bottom of a range such as ``A1:I61`` or ``A1``; None for one that is none."""
    first, _, last = (text or "").partition(":")
    start, end = place_of(first), place_of(last or first)
    return None if start is None or end is None else (start[1], start[0], end[1], end[0])
