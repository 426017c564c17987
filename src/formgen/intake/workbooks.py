"""Opens a workbook that may be damaged or made to do harm, and gives its visible sheets as plain cells."""

import io
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from xml.parsers import expat

import openpyxl
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from formgen import opc
from formgen.intake import kinds, limits
from formgen.intake.reading import Notes

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_SPREADS = ("mergeCell", "hyperlink", "comment")


@dataclass(frozen=True, slots=True)
class Written:
    """A cell that is not empty: its text as a person sees it. ``error`` and ``uncomputed`` cells have no value."""

    text: str
    error: bool = False
    uncomputed: bool = False
    date: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A visible sheet."""

    name: str
    rows: Mapping[int, Mapping[int, Written]]
    """Row -> column -> cell, both counted from 1; only cells that are not empty, in order."""
    above: Mapping[tuple[int, int], tuple[int, int]]
    """Row and column of a cell under a vertically merged one -> those of the cell that holds its value."""
    wide: frozenset[tuple[int, int]]
    """Cells that are merged over several columns."""


def coordinate(row: int, column: int) -> str:
    """The name of a cell, such as ``F27``."""
    return f"{get_column_letter(column)}{row}"


def sheets(data: bytes, notes: Notes) -> list[Sheet] | None:
    """The visible sheets of the workbook in ``data``, None (with a finding) if it cannot be read."""
    try:
        package = opc.read(data, notes.file)
    except opc.PackageError as error:
        notes.refuse(kinds.PACKAGE, problem=error.problem.zh, english=error.problem.en)
        return None
    survey = _Survey()
    parts = {name: content if survey.take(name, content) else b"" for name, content in package.parts.items()}
    if survey.excess is not None:
        notes.refuse(kinds.TOO_LARGE, what=survey.excess[0], limit=survey.excess[1])
        return None
    if survey.damaged is not None:
        notes.refuse(kinds.WORKBOOK_DAMAGED, reason=survey.damaged)
        return None
    try:
        return _load(_packed(parts), survey.formulas)
    except Exception as error:  # openpyxl raises nearly anything on a damaged file: KeyError, TypeError, AttributeError
        notes.refuse(kinds.WORKBOOK_DAMAGED, reason=type(error).__name__)
        return None


# --- before openpyxl sees it -----------------------------------------------------------------------------------------


class _Survey:
    """Counts what makes openpyxl slow or large. It expands merged cells, links and comments to every cell they cover.

    A parser, not a search in the bytes: attributes can be written with character references, parts in UTF-16.
    """

    def __init__(self) -> None:
        self.cells = self.elements = self.area = self.merges = self.links = 0
        self.formulas = False
        self.excess: tuple[str, int] | None = None
        self.damaged: str | None = None

    def take(self, name: str, content: bytes) -> bool:
        """Whether a part is XML; what it holds is counted until there is too much."""
        if self.excess is not None:
            return False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._element
        try:
            parser.Parse(content, True)
        except _Enough:
            return False
        except (expat.ExpatError, ValueError, LookupError) as error:  # the latter two: an unknown encoding
            # A picture, a font, a printer's settings are no XML, and openpyxl gets them empty: nothing unseen goes in.
            if name.lower().endswith((".xml", ".rels")):
                self.damaged = f"{name}: {error}"
            return False
        return True

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        local = name.rpartition(" ")[2]
        if local in ("c", "row"):
            self.cells += 1
        elif local == "f":
            self.formulas = True
        elif local in _SPREADS:
            self.area += _area(attributes.get("ref", ""))
            self.merges += local == "mergeCell"
            self.links += local == "hyperlink"
        for what, count, limit in (
            ("单元格 / cells", self.cells, limits.CELLS),
            ("合并范围 / merged area", self.area, limits.CELLS),
            ("合并单元格 / merged cells", self.merges, limits.MERGES),
            ("XML", self.elements, limits.ELEMENTS),
            ("超链接 × 合并单元格 / links × merged cells", self.links * self.merges, limits.LINKED_MERGES),
        ):
            if count > limit:
                self.excess = (what, limit)
                raise _Enough


class _Enough(Exception):
    """Ends the parsing of a part."""


def _area(reference: str) -> int:
    try:
        left, top, right, bottom = range_boundaries(reference)
    except ValueError:  # no range at all: openpyxl will say so itself
        return 0
    columns = abs((right or _LAST_COLUMN) - (left or 1)) + 1
    return columns * (abs((bottom or _LAST_ROW) - (top or 1)) + 1)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


# --- openpyxl --------------------------------------------------------------------------------------------------------


def _load(data: bytes, formulas: bool) -> list[Sheet]:
    visible = [sheet for sheet in _worksheets(data, data_only=True) if sheet.sheet_state == "visible"]
    uncomputed: dict[str, set[tuple[int, int]]] = {}
    if formulas:  # read once more: openpyxl gives either the results or the formulas
        for sheet in _worksheets(data, data_only=False):
            uncomputed[sheet.title] = {at for at, cell in sheet._cells.items() if cell.data_type == "f"}
    return [_sheet(sheet, uncomputed.get(sheet.title, set())) for sheet in visible]


def _worksheets(data: bytes, *, data_only: bool) -> list[Worksheet]:
    # Not read_only: in that mode openpyxl believes the size that the sheet declares, and a wrong one loses rows.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about drop-down lists and charts that openpyxl would lose when saving
        workbook = openpyxl.load_workbook(io.BytesIO(data), data_only=data_only, keep_links=False)
    return list(workbook.worksheets)


def _sheet(sheet: Worksheet, formulas: set[tuple[int, int]]) -> Sheet:
    rows: dict[int, dict[int, Written]] = {}
    # Not iter_rows: it makes a cell for every place, and one cell in the last corner makes 17 thousand million.
    for row, column in sorted(sheet._cells):
        cell = sheet._cells[row, column]
        if isinstance(cell, MergedCell):
            continue
        written = _written(cell, (row, column) in formulas)
        if written is not None:
            rows.setdefault(row, {})[column] = written
    above: dict[tuple[int, int], tuple[int, int]] = {}
    wide = set()
    for merged in sheet.merged_cells.ranges:
        anchor = (merged.min_row, merged.min_col)
        above.update({(row, merged.min_col): anchor for row in range(merged.min_row + 1, merged.max_row + 1)})
        if merged.max_col > merged.min_col:
            wide.add(anchor)
    return Sheet(sheet.title, rows, above, frozenset(wide))


def _written(cell: Cell, formula: bool) -> Written | None:
    value = cell.value
    if value is None:
        # A formula whose result is an empty text has the type "str"; without a result it has none.
        return Written("", uncomputed=True) if formula and cell.data_type != "str" else None
    if cell.data_type == "e":
        return Written(str(value), error=True)
    text = _shown(value, cell.number_format)
    return Written(text, date=isinstance(value, date)) if text.strip() else None


def _shown(value: object, number_format: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number(value, percent="%" in number_format)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _number(value: int | float, *, percent: bool) -> str:
    """The number as Excel shows it: fifteen digits, so that 0.1 + 0.2 is 0.3."""
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.15g}")
    text = format(exact.scaleb(2) if percent else exact, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text}%" if percent else text
