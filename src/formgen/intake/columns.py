"""Reads the cells of a column together: in a list, most of them are as sound as the one above, and many the same."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

from formgen.characters import ILLEGAL
from formgen.forms import Schema
from formgen.intake import grids, spellings
from formgen.intake.grids import Cell

ODD: Final = object()
"""Stands for the value of a cell about which there may be something to say."""
_REMEMBERED: Final = 4096
_CHARACTERS: Final = 200_000
"""Cells are remembered up to this number of them, or with so many characters together."""
_LONGEST: Final = 400
"""Longer texts are not remembered: what is, stays for the next file."""
SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}")
LOST: Final = re.compile("[0-9]{3,}0{7,}")
"""What is left of a number of a dozen digits that was shown as 2.02E+11 and typed again."""
_DAMAGED: Final = re.compile(r"[0-9][Ee]\+?[0-9]|0{7}")
"""Every text that has one of these has this somewhere."""
DATED: Final = re.compile(
    r"[0-9]{1,2}月[0-9]{1,2}日|[12][0-9]{3}[-/年][0-9]{1,2}[-/月][0-9]{1,2}日?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}"
    r"|[0-9]{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-[0-9]{2}"
)
"""What a spreadsheet writes into a text file for 3/15 or 3/45 that it took for a date."""


class Column:
    """The cells of a field on their way to values."""

    def __init__(self, schema: Schema) -> None:
        self.read: Callable[[str], Any] = spellings.reader(schema)
        """The value of one cell, by its text."""
        self.is_worded = spellings.is_term(schema)
        """Whether it holds names and numbers of people: one that was taken for a number may have lost its end."""
        self.is_rank = spellings.is_rank(schema)
        """Whether it holds ranks: what is written as a date there was none."""
        self._is_plain = spellings.is_plain(schema)
        self._is_integer = spellings.is_integer(schema)
        self._schema = schema
        self._known = _Known(self)

    def for_a_file(self) -> "Column":
        """Itself; where values are objects, a new one: who changes a value in one file changes it in no other."""
        return Column(self._schema) if self._schema.get("type") in ("object", "array") else self

    def values(self, cells: Sequence[Cell]) -> Sequence[Any]:
        """The value of each cell, None where nothing is written, :data:`ODD` where it has to be looked at."""
        if self._is_plain or self._is_integer:
            try:
                together = "".join(cells)  # type: ignore[arg-type] # there may be one that is no text: see below
            except TypeError:
                pass
            else:
                if self._is_plain and self._is_sound(together):
                    return cells
                if self._is_integer and together.isascii() and together.isdecimal() and _are_short(cells):
                    return list(map(int, cells))  # type: ignore[arg-type]
        return list(map(self._known.__getitem__, cells))

    def is_odd(self, cell: Cell) -> bool:
        """Whether there may be something to say of a cell."""
        if type(cell) is not str or (self.is_worded and _DAMAGED.search(cell)):
            return True
        if self.is_rank and DATED.fullmatch(cell.strip()):
            return True
        return not cell.isprintable() and ILLEGAL.search(cell) is not None

    def _is_sound(self, together: str) -> bool:
        """Whether texts are values as they are. A part of what is normalised is normalised."""
        sound = together.isprintable() and " " not in together and "_x000D_" not in together
        return (
            sound and unicodedata.is_normalized("NFC", together) and not (self.is_worded and _DAMAGED.search(together))
        )


class _Known(dict[Cell, Any]):
    """The value of each cell that was read before."""

    def __init__(self, column: Column) -> None:
        super().__init__()
        self._column = column
        self._characters = 0

    def __missing__(self, cell: Cell) -> Any:
        if len(self) >= _REMEMBERED or self._characters > _CHARACTERS:
            self.clear()
            self._characters = 0
        column = self._column
        found = ODD if column.is_odd(cell) else column.read(str(cell))
        length = len(grids.text_of(cell))
        if length <= _LONGEST:
            self._characters += length
            self[cell] = found
        return found


def _are_short(cells: Sequence[Cell]) -> bool:
    return max(map(len, cells), default=0) <= spellings.EXACT_DIGITS  # type: ignore[arg-type]
