"""One filled-in form, and where each of its values came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from formgen.findings import Address, Pointer


class Origin(NamedTuple):
    """Where a value was read: a cell of a sheet, or a line of a text file; ``text`` is how it was written there.

    A tuple, because a report makes thousands of them.
    """

    file: str
    sheet: str | None = None
    cell: str | None = None
    line: int | None = None
    text: str | None = None

    def __str__(self) -> str:
        if self.cell is not None:
            return f"{self.file}!{self.sheet}!{self.cell}"
        return f"{self.file}:{self.line}" if self.line is not None else self.file


class Origins(Protocol):
    """Finds the origin of a value."""

    def find(self, pointer: Pointer) -> Origin:
        """The origin of the value at ``pointer``; of its nearest parent where the value itself has none."""
        ...


@dataclass(frozen=True, slots=True)
class CellOrigins:
    """Origins of a record that was read from a table: one cell for each value."""

    whole: Origin
    cells: Mapping[Pointer, Origin] = field(default_factory=dict)

    def every(self) -> Iterator[tuple[Pointer, Origin]]:
        """Each place that has a cell."""
        yield from self.cells.items()

    def find(self, pointer: Pointer) -> Origin:
        """The cell of the value at ``pointer``, or of its nearest parent that has one."""
        for length in range(len(pointer), 0, -1):
            origin = self.cells.get(pointer[:length])
            if origin is not None:
                return origin
        return self.whole


@dataclass(frozen=True, slots=True)
class Record:
    """One filled-in form: its canonical values and their origins. ``id`` tells records of one form apart."""

    form: str
    values: Any
    """Not to be changed in place: what is equal in several rows of a list, such as a rank, may be one object."""
    origins: Origins
    id: str | None = None

    @property
    def address(self) -> Address:
        """The address of the whole record."""
        return Address(self.form, (), self.id)
