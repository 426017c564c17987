"""Where the rows of a workbook come to lie, and the pieces of a sheet that depend on it.

A list pushes down what lies below it: its rows are written once for each item, and every reference follows.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from formgen.filling.columns import DIGITS, Column, Lasting, Values, counting
from formgen.filling.controls import Path
from formgen.filling.lookups import Filling, Lookup
from formgen.filling.references import Range
from formgen.filling.slots import Body, Long, Piece, is_present, is_ticked
from formgen.filling.typesetting import Typeset
from formgen.filling.xml_text import escape

_CELL_LIMIT = 32_767
_NO_ITEM = [None]
"""What an empty list leaves: one line to write on."""
_NEEDS_KEEPING = re.compile(r"\A\s|\s\Z|[\n\t]")
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

    def rows(self, values: Any) -> "Rows":
        """Where each row comes to lie for one record."""
        counts = {block: block.count(values) for block in self.blocks}
        return Rows(counts)

    def of(self, sheet: str) -> list[Block]:
        """The blocks of one sheet."""
        return [block for block in self.blocks if block.sheet == sheet]


@dataclass(slots=True)
class Rows:
    """Where the template's rows come to lie in one document."""

    counts: dict[Block, int]
    current: dict[Block, int] = field(default_factory=dict)
    """The item that is being written, by block; while many are written at once, the first of them."""
    _numbers: dict[tuple[str, int], Lasting | list[bytes]] = field(default_factory=dict)
    """The new numbers of a row for the items that are being written: every cell of the row has the same."""
    _settled: dict[tuple[str, int], bytes] = field(default_factory=dict)
    """The new numbers of rows beside the list that is being written."""

    @property
    def lengths(self) -> tuple[int, ...]:
        """How many times each block is written."""
        return tuple(self.counts.values())

    def begin(self, block: Block, index: int) -> None:
        """Turn to the item of that number."""
        self.current[block] = index
        self._numbers.clear()

    def end(self, block: Block) -> None:
        """Turn to what stands below the block."""
        self.current.pop(block, None)
        self._numbers.clear()

    def numbers(self, sheet: str, row: int, count: int) -> Lasting | list[bytes]:
        """The new numbers of a row for the next ``count`` items."""
        found = self._numbers.get((sheet, row))
        if found is None:
            start = self.start(sheet, row)
            inside = (b for b in self.current if b.sheet == sheet and b.first <= row <= b.last)
            step = next((block.height for block in inside), 0)
            # Those of a list that stands where the template has it are the same in every document.
            in_place = start == row
            found = counting(start, step) if in_place else [DIGITS[start + step * index] for index in range(count)]
            self._numbers[sheet, row] = found
        return found

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

    def number(self, sheet: str, row: int) -> bytes:
        """The same as text."""
        if self.current:
            return b"%d" % self.start(sheet, row)
        found = self._settled.get((sheet, row))
        if found is None:
            found = self._settled[sheet, row] = b"%d" % self.start(sheet, row)
        return found

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
class Repeated(Long):
    """A block's rows, once for each item."""

    block: Block
    items: Lookup
    body: Body

    def chunks(self, filling: Filling) -> Iterator[bytes]:
        """The same in batches."""
        found = self.items.find(filling)
        items = found if isinstance(found, list) and found else _NO_ITEM
        rows: Rows = filling.rows
        filling.scopes.append(None)
        for index, batch in enumerate(filling.batches(items, self.body.batch)):
            rows.begin(self.block, index * self.body.batch)
            yield from self.body.repeated(filling, batch)
        rows.end(self.block)
        filling.scopes.pop()


@dataclass(frozen=True, slots=True)
class Kept(Piece):
    """What belongs to blocks, if the value of one is present."""

    blocks: tuple[Block, ...]
    body: Body

    def text(self, filling: Filling) -> bytes:
        """What is kept."""
        return self.body.text(filling) if any(filling.rows.counts[block] for block in self.blocks) else b""


@dataclass(frozen=True, slots=True)
class RowNumber(Piece):
    """The new number of a row."""

    sheet: str
    row: int

    @property
    def is_placed(self) -> bool:
        """It is."""
        return True

    def text(self, filling: Filling) -> bytes:
        """The number."""
        number: bytes = filling.rows.number(self.sheet, self.row)
        return number

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The number for each item."""
        return (filling.rows.numbers(self.sheet, self.row, len(items)),)


@dataclass(frozen=True, slots=True)
class Reference(Piece):
    """A range in an attribute or a formula."""

    sheet: str
    range: Range
    formula: bool
    base: Block | None = None
    """The block on which a rule of the sheet lies: its formula is that of the first item."""

    @property
    def is_placed(self) -> bool:
        """It is."""
        return True

    def text(self, filling: Filling) -> bytes:
        """The range."""
        rows: Rows = filling.rows
        start, end = rows.span(self.sheet, self.range, self.base)
        gone = end < start and self.range.rows[0] <= self.range.rows[1]
        if gone and self.formula:
            return b"#REF!"  # as Excel writes it when rows are deleted
        return self.range.text(start, start if gone else end).encode()

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The range for each item."""
        rows: Rows = filling.rows
        texts = []
        ((block, first),) = rows.current.items()
        for rows.current[block] in range(first, first + len(items)):
            texts.append(self.text(filling))
        rows.current[block] = first
        return (texts,)


@dataclass(frozen=True)
class Cell(Piece):
    """A whole cell: a number, a text, or nothing, in the style of the template's cell."""

    sheet: str
    column: str
    row: int
    style: str
    prefix: str
    lookup: Lookup
    typeset: Typeset
    equals: str | None

    def text(self, filling: Filling) -> bytes:
        """The cell."""
        number: bytes = filling.rows.number(self.sheet, self.row)
        return self._start + number + self._content(self.lookup.find(filling))

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The cell for each item: its start, its row's number, and what follows."""
        values = self.lookup.column(filling, items)
        if values is None:
            follows: tuple[Column, ...] = (self._content(self.lookup.find(filling)),)
        else:
            follows = self._contents(values)
        return self._start, filling.rows.numbers(self.sheet, self.row, len(items)), *follows

    def _content(self, value: Any) -> bytes:
        """What follows the row's number."""
        if self.equals is not None:
            text = "☑" if is_ticked(value, self.equals) else "☐"
        elif isinstance(value, int) and (number := self.typeset(value)) == str(value):
            return self._number[0] + number.encode() + self._number[1]
        else:
            text = self.typeset(value)
        return self._set(_cell_text(text)) if text else self._empty

    def _contents(self, found: Values) -> tuple[Column, ...]:
        """The same for many values, in one column or several."""
        digits = found.digits(self.typeset) if self.equals is None else None
        if digits is not None:
            return self._number[0], digits, self._number[1]
        if self.equals is not None or not found.kinds.isdisjoint((int, bool)):
            return (found.each(self._content),)
        texts, together = found.texts(self.typeset)
        if not together:
            return (self._empty,)
        escaped = found.escaped(self.typeset)
        if escaped is None or "_x" in together or len(together) * 2 > _CELL_LIMIT:
            return ([self._set(_cell_text(text)) if text else self._empty for text in texts],)
        before, after = self._text
        if " " not in together:
            if all(texts):
                return before, escaped, after
            return ([before + text + after if text else self._empty for text in escaped],)
        kept = self._kept_text[0]
        befores = [kept if text[:1] == b" " or text[-1:] == b" " else before for text in escaped]
        if all(texts):
            return befores, escaped, after
        pairs = zip(befores, escaped, strict=True)
        return ([start + text + after if text else self._empty for start, text in pairs],)

    def _set(self, text: str) -> bytes:
        # Excel drops white space at the ends of a text unless it is told to keep it.
        before, after = self._kept_text if _NEEDS_KEEPING.search(text) else self._text
        return before + text.encode() + after

    @cached_property
    def _start(self) -> bytes:
        return f'<{self.prefix}c r="{self.column}'.encode()

    @cached_property
    def _number(self) -> tuple[bytes, bytes]:
        """What stands around a number."""
        return f'"{self.style}><{self.prefix}v>'.encode(), f"</{self.prefix}v></{self.prefix}c>".encode()

    @cached_property
    def _text(self) -> tuple[bytes, bytes]:
        """What stands around a text."""
        return self._around_text("")

    @cached_property
    def _kept_text(self) -> tuple[bytes, bytes]:
        """What stands around a text whose white space is to be kept."""
        return self._around_text(' xml:space="preserve"')

    def _around_text(self, space: str) -> tuple[bytes, bytes]:
        tag = self.prefix
        opening = f'"{self.style} t="inlineStr"><{tag}is><{tag}t{space}>'
        return opening.encode(), f"</{tag}t></{tag}is></{tag}c>".encode()

    @cached_property
    def _empty(self) -> bytes:
        return f'"{self.style}/>'.encode()


def _cell_text(text: str) -> str:
    """The content of a text cell: escaped, and cut where Excel would refuse the file."""
    if len(text) * 2 > _CELL_LIMIT and len(text.encode("utf-16-le", "replace")) // 2 > _CELL_LIMIT:
        # No schema allows such a text: only a draft comes here.
        text = text[: _CELL_LIMIT // 2] + "…"
    return _LOOKS_ESCAPED.sub("_x005F_", escape(text)) if "_x" in text else escape(text)
