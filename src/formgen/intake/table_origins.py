"""Where the values of a list stand in its sheet, worked out when somebody asks: more would not fit for a million."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from formgen.findings import Pointer
from formgen.intake import grids
from formgen.intake.grids import Sheet
from formgen.intake.headings import ID
from formgen.record import Origin

Sources = tuple[tuple[str, str], ...]
"""Fields of a row that were derived, each with the field that it follows from."""


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

    def _cell(self, index: int, way: Pointer) -> Origin:
        row = self.rows[index]
        asked = way[0] if way else ""
        field = next((source for derived, source in self.derived[index] if derived == asked), asked)
        column = self.columns.get(str(field))
        if column is None:
            return self.sheet.origin(self.file, row, min(self.columns.values()))
        cell = self.sheet.row(row).get(column)
        if cell is None:
            row, column = self.sheet.above.get((row, column), (row, column))
            cell = self.sheet.row(row).get(column)
        text = None if cell is None else grids.text_of(cell)
        return self.sheet.origin(self.file, row, column, text)
