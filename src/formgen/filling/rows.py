"""Where the rows of a workbook come to lie, and the pieces of a sheet that depend on it.

A list pushes down what lies below it: its rows are written once for each item, and every reference follows.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from formgen.filling.controls import Path
from formgen.filling.references import Range
from formgen.filling.slots import Filling, Lookup, Pieces, escape, is_present, write
from formgen.filling.typesetting import Typeset, canonical

_CELL_LIMIT = 32_767
# Excel reads "_x0041_" in a text as an escaped character.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a sheet that are written for each item of a list, or only if a value is present."""

    sheet: str
    first: int
    last: int
    path: Path

    @property
    def height(self) -> int:
        """How many rows one item has."""
        return self.last - self.first + 1

    def count(self, values: Any) -> int:
        """How many times the rows are written; a list without any item leaves one empty line to write on."""
        for key in self.path:
            if key == "[]":
                return max(1, len(values)) if isinstance(values, list) else 1
            values = values.get(key) if isinstance(values, dict) else None
        return 1 if is_present(values) else 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a workbook, from top to bottom of each sheet."""

    blocks: tuple[Block, ...]

    def rows(self, filling: Filling) -> "Rows":
        """Where each row comes to lie for one record."""
        counts = {block: block.count(filling.scopes[0]) for block in self.blocks}
        return Rows(counts)

    def of(self, sheet: str) -> list[Block]:
        """The blocks of one sheet."""
        return [block for block in self.blocks if block.sheet == sheet]


@dataclass(slots=True)
class Rows:
    """Where the template's rows come to lie in one document."""

    counts: dict[Block, int]
    current: dict[Block, int] = field(default_factory=dict)
    """The item that is being written, by block."""

    def span(self, sheet: str, range: Range, base: Block | None) -> tuple[int, int]:
        """The new first and last row of a range; the last lies above the first where none of its rows is left.

        Outside of a repeated block, a range within it is that of all items. Inside, it follows what copying a row
        down does: a row with ``$`` stays (the first item's, the last one's), one without is the current item's.
        ``base`` is the block whose first item is the current one.
        """
        (first, last), (_, first_sign, _, last_sign) = range.rows, range.signs
        base = base if base is not None and self.counts[base] else None
        start = self._place(sheet, first, last=False, fixed=first_sign == "$", base=base)
        inside = any(b.sheet == sheet and b.first <= first <= b.last for b in (*self.current, base) if b is not None)
        if range.single and inside:
            return start, start
        return start, self._place(sheet, last, last=True, fixed=last_sign == "$", base=base)

    def start(self, sheet: str, row: int) -> int:
        """The new number of a row; of a repeated row that of the current item, else of the first."""
        return self._place(sheet, row, last=False, fixed=False, base=None)

    def _place(self, sheet: str, row: int, *, last: bool, fixed: bool, base: Block | None) -> int:
        moved = row
        for block, count in self.counts.items():
            if block.sheet != sheet or block.first > row:
                continue
            if block.last < row:
                moved += (count - 1) * block.height
            elif not count:  # the row below what is left out, or the one above
                moved += block.first - row - (1 if last else 0)
            else:
                current = self.current.get(block, 0 if block == base else None)
                moved += ((count - 1 if last else 0) if current is None or fixed else current) * block.height
        return moved


# --- pieces ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Repeated:
    """A block's rows, once for each item."""

    block: Block
    items: Lookup
    body: Pieces

    def write(self, filling: Filling) -> None:
        """Append the rows of each item."""
        items = self.items.find(filling)
        rows: Rows = filling.rows
        filling.scopes.append(None)
        for index, item in enumerate(items if isinstance(items, list) and items else [None]):
            filling.scopes[-1] = item
            rows.current[self.block] = index
            write(self.body, filling)
        filling.scopes.pop()
        rows.current.pop(self.block, None)


@dataclass(frozen=True, slots=True)
class Kept:
    """What belongs to blocks, if the value of one is present."""

    blocks: tuple[Block, ...]
    body: Pieces

    def write(self, filling: Filling) -> None:
        """Append what is kept."""
        if any(filling.rows.counts[block] for block in self.blocks):
            write(self.body, filling)


@dataclass(frozen=True, slots=True)
class RowNumber:
    """The new number of a row."""

    sheet: str
    row: int

    def write(self, filling: Filling) -> None:
        """Append the number."""
        filling.out.append(str(filling.rows.start(self.sheet, self.row)))


@dataclass(frozen=True, slots=True)
class Reference:
    """A range in an attribute or a formula."""

    sheet: str
    range: Range
    formula: bool
    base: Block | None = None
    """The block on which a rule of the sheet lies: its formula is that of the first item."""

    def write(self, filling: Filling) -> None:
        """Append the range."""
        rows: Rows = filling.rows
        start, end = rows.span(self.sheet, self.range, self.base)
        gone = end < start and self.range.rows[0] <= self.range.rows[1]
        if gone and self.formula:
            filling.out.append("#REF!")  # as Excel writes it when rows are deleted
        else:
            filling.out.append(self.range.text(start, start if gone else end))


@dataclass(frozen=True, slots=True)
class Cell:
    """A whole cell: a number, a text, or nothing, in the style of the template's cell."""

    sheet: str
    column: str
    row: int
    style: str
    prefix: str
    value: Lookup
    typeset: Typeset
    equals: str | None

    def write(self, filling: Filling) -> None:
        """Append the cell."""
        value = self.value.find(filling)
        tag = self.prefix
        start = f'<{tag}c r="{self.column}{filling.rows.start(self.sheet, self.row)}"{self.style}'
        if self.equals is not None:
            text = "☑" if is_present(value) and canonical(value) == self.equals else "☐"
        elif isinstance(value, int) and (number := self.typeset(value)) == str(value):
            filling.out.append(f"{start}><{tag}v>{number}</{tag}v></{tag}c>")
            return
        else:
            text = self.typeset(value)
        if not text:
            filling.out.append(f"{start}/>")
            return
        if len(text) * 2 > _CELL_LIMIT and len(text.encode("utf-16-le", "replace")) // 2 > _CELL_LIMIT:
            # Excel refuses the file otherwise. No schema allows such a text: only a draft comes here.
            text = text[: _CELL_LIMIT // 2] + "…"
        text = _LOOKS_ESCAPED.sub("_x005F_", escape(text))
        opening, closing = f'<{tag}is><{tag}t xml:space="preserve">', f"</{tag}t></{tag}is></{tag}c>"
        filling.out.append(f'{start} t="inlineStr">{opening}{text}{closing}')
