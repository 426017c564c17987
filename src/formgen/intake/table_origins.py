"""Where the values of a list stand in its sheet, worked out when somebody asks: more would not fit for a million."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final, NamedTuple

from formgen.findings import Pointer
from formgen.intake import grids
from formgen.intake.grids import Cell, Sheet
from formgen.intake.headings import ID
from formgen.record import Origin
from formgen.spilling import SpillList

Sources = tuple[tuple[str, str], ...]
"""Fields of a row that were derived, each with the field that it follows from."""


class Read(NamedTuple):
    """A column of a table: what is written in its cells, and what they were read as, None where nothing is."""

    field: str
    column: int
    rows: Sequence[int]
    texts: Sequence[str | None]
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class TableOrigins:
    """Origins of the rows of a table: one record of many items, or with no ``base`` a record that is one row."""

    file: str
    sheet: Sheet
    columns: Mapping[str, int]
    base: Pointer
    rows: Sequence[int]
    """The row of each item."""
    derived: Sequence[Sources]

    def find(self, pointer: Pointer) -> Origin:
        """The cell of the value at ``pointer``, or of its nearest parent that has one."""
        depth = len(self.base)
        if depth == 0:
            return self._cell(0, pointer)
        index = pointer[depth] if pointer[:depth] == self.base and len(pointer) > depth else None
        if isinstance(index, int) and 0 <= index < len(self.rows):
            return self._cell(index, pointer[depth + 1 :])
        return Origin(self.file, self.sheet.name)

    def every(self) -> Iterator[tuple[Pointer, Origin]]:
        """Each row and each of its cells that is in the table."""
        for index, derived in enumerate(self.derived):
            at = (*self.base, index) if self.base else ()
            yield at, self.find(at)
            for key in (*self.columns, *(key for key, _ in derived if key not in self.columns)):
                if key != ID:
                    yield (*at, key), self.find((*at, key))

    def read_as(self, values: Any) -> Iterator[Read]:
        """What the columns were read as, in a record of these values; none of which each cell is its own value."""
        for key in self.base:
            values = values.get(str(key), ()) if isinstance(values, dict) else ()
        items = values if self.base else [values]
        written = self._written(len(items))
        for key, column in sorted(self.columns.items(), key=itemgetter(1)):
            cells = written.get(column)
            if key == ID or cells is None:
                continue
            read = [item.get(key) for item in items]
            if read != cells:
                texts = [None if cell is None else grids.text_of(cell) for cell in cells]
                yield Read(key, column, self.rows, texts, read)

    def _written(self, count: int) -> dict[int, list[Cell | None]]:
        """The cells of each column of the first rows; None for one that is not filled."""
        rows = [self.sheet.row(number) for number in self.rows[:count]]
        shapes = {row.columns for row in rows}
        if len(shapes) == 1:
            return dict(zip(*shapes, map(list, zip(*(row.cells for row in rows), strict=True)), strict=True))
        written: dict[int, list[Cell | None]] = {column: [None] * count for column in set().union(*shapes)}
        for place, row in enumerate(rows):
            for column, cell in zip(*row, strict=True):
                written[column][place] = cell
        return written

    def _cell(self, index: int, way: Pointer) -> Origin:
        row = self.rows[index]
        asked = way[0] if way else ""
        field = _source(self.derived[index], asked)
        column = self.columns.get(field)
        if column is None:
            return self.sheet.origin(self.file, row, min(self.columns.values()))
        cell = self.sheet.row(row).get(column)
        if cell is None:
            row, column = self.sheet.above.get((row, column), (row, column))
            cell = self.sheet.row(row).get(column)
        text = None if cell is None else grids.text_of(cell)
        return self.sheet.origin(self.file, row, column, text)


def _source(derived: Sources, asked: str | int) -> str:
    """The field whose cell says what stands in the one that is asked for."""
    for field, source in derived:
        if field == asked:
            return source
    return str(asked)


@dataclass(frozen=True, slots=True)
class SpentTable:
    """What is kept of a sheet that became a record for each row: of its cells what their values do not say."""

    file: str
    sheet: Sheet
    """Without its rows."""
    columns: Mapping[str, int]
    rows: Sequence[int]
    """The row of each record."""
    derived: SpillList[Sources]
    written: SpillList[Mapping[str, str]]
    """Of each record the texts of those cells whose value is another."""


@dataclass(frozen=True, slots=True)
class RowOrigins:
    """Origins of a record that is one row of a table: those of :class:`TableOrigins`, without the cells."""

    table: SpentTable
    index: int
    values: Mapping[str, Any]
    """As they were read."""

    def find(self, pointer: Pointer) -> Origin:
        """The cell of the value at ``pointer``, or of its nearest parent that has one."""
        table = self.table
        row = table.rows[self.index]
        asked = pointer[0] if pointer else ""
        field = _source(table.derived[self.index], asked)
        column = table.columns.get(field)
        if column is None:
            return table.sheet.origin(table.file, row, min(table.columns.values()))
        return table.sheet.origin(table.file, row, column, self._text(field))

    def every(self) -> Iterator[tuple[Pointer, Origin]]:
        """The row and each of its cells that is in the table."""
        columns = self.table.columns
        keys = (*columns, *(key for key, _ in self.table.derived[self.index] if key not in columns))
        yield (), self.find(())
        for key in keys:
            if key != ID:
                yield (key,), self.find((key,))

    def read_as(self, values: Any) -> Iterator[Read]:
        """What the cells of the row were read as, in a record of these values."""
        row = self.table.rows[self.index]
        for key, column in sorted(self.table.columns.items(), key=itemgetter(1)):
            if key != ID:
                yield Read(key, column, [row], [self._text(key)], [values.get(key)])

    def _text(self, field: str) -> str | None:
        """What is written in the cell of a field."""
        text: str | None = self.table.written[self.index].get(field)
        return self.values.get(field) if text is None else text


FROM_TABLES: Final = (TableOrigins, RowOrigins)
"""Origins of what was read from the rows of a table."""
