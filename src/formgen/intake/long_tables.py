"""The rows and texts of a table that may be long: where each row becomes a record, the later ones lie on the disk.

A school's candidates write pages about themselves. What is read of them goes by in order, and is then the
records' matter: no more of it is held in memory than is looked at. A list that becomes one record, of people with a
line each, is held as a whole, as fast as that is; which of the two a table is, its first texts tell.
"""

import marshal
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Final

from formgen.intake import grids, limits
from formgen.intake.grids import Cell, Excess, Mark, Marked, Row
from formgen.scratch import Pieces

Told = Callable[[Iterable[str]], bool]
"""Says by the first texts of a table whether its rows become records."""
_KEPT: Final = 1_500
"""So many rows are in memory before it is asked."""
_PAGE: Final = 100
"""Rows that are put down together, at the most."""
_PAGE_BYTES: Final = 1_000_000
"""With larger pages the next ones get fewer rows."""
_NEAR: Final = 4
"""Pages of rows that are held in memory when they are asked for by number: more than are read in turn."""
_CHANGED: Final = 500
"""So many rows are held in memory that were changed, before their pages are written anew."""
_KEPT_WEIGHT: Final = 4_000_000
"""What the texts that are in memory weigh before it is asked."""
_NEAR_WEIGHT: Final = 1_000_000
"""What those weigh that are held in memory for whoever asks for them next, twice."""
_PAGE_WEIGHT: Final = 4_000
_EACH: Final = 50
"""What a text weighs besides its characters."""
_FIRST_TEXTS: Final = 2_000
_MARKS: Final = {mark.value: mark for mark in Mark}
_row: Final[Callable[[tuple[tuple[int, ...], tuple[Cell, ...]]], Row]] = partial(tuple.__new__, Row)


class LongRows(Mapping[int, Row]):
    """The rows of a sheet by their number, put in in order. Of equal columns all have the same tuple."""

    def __init__(self, told: Told) -> None:
        self._told: Told | None = told
        self._few: dict[int, Row] = {}
        self._is_long = False
        self._pieces = Pieces()
        self._numbers = array("L")
        """Of all rows but those among which headings are looked for."""
        self._firsts = array("L")
        """Where in them each page begins."""
        self._where = array("L")
        """The piece of each page."""
        self._last: list[Row] = []
        """Those that are no whole page yet."""
        self._size = _PAGE
        self._shapes: dict[tuple[int, ...], int] = {}
        self._shape: list[tuple[int, ...]] = []
        self._changed: dict[int, Row] = {}
        self._near: dict[int, Row] = {}
        self._pages_near: deque[int] = deque()

    def update(self, rows: Iterable[tuple[int, Row]]) -> None:
        """Adds rows behind the others."""
        if self._is_long:
            for number, row in rows:
                self._numbers.append(number)
                self._last.append(row)
                if len(self._last) >= self._size:
                    self._put_down()
            return
        self._few.update(rows)
        if self._told is not None and len(self._few) >= _KEPT:
            every = list(self._few.items())
            first = every[: limits.HEADING_ROWS]
            if self._told(grids.text_of(cell) for _, row in first for cell in row.cells):
                self._few, self._is_long = dict(first), True
                self.update(every[limits.HEADING_ROWS :])
            self._told = None

    def __setitem__(self, number: int, row: Row) -> None:
        if number in self._few:
            self._few[number] = row
        elif not self._numbers or number > self._numbers[-1]:
            self.update(((number, row),))
        elif (waiting := self._waiting(number)) >= 0:
            self._last[waiting] = row
        else:
            self._changed[number] = row
            if number in self._near:
                self._near[number] = row
            if len(self._changed) >= _CHANGED:
                self._put_down_again()

    def _put_down(self) -> None:
        """Puts the last rows on the disk.

        Raises:
            Excess: there is no end of it: a long text may be meant by any number of cells.
        """
        self._where.append(len(self._pieces))
        self._firsts.append(len(self._numbers) - len(self._last))
        size = self._write(self._last)
        self._last.clear()
        if self._pieces.size > limits.ASIDE_BYTES:
            raise Excess("单元格里的文字 / texts in cells", limits.ASIDE_BYTES)
        if size > _PAGE_BYTES:
            self._size = max(self._size // 2, 1)

    def _put_down_again(self) -> None:
        """Puts the pages of changed rows on the disk once more, behind the others."""
        for page in sorted(set(map(self._page_of, self._changed))):
            rows = [row for _, row in self._page(page)]
            self._where[page] = len(self._pieces)
            self._write(rows)
        self._changed.clear()

    def _write(self, rows: Iterable[Row]) -> int:
        """Puts rows on the disk, in so many bytes."""
        shapes, every = [], []
        for columns, cells in rows:
            shape = self._shapes.get(columns)
            if shape is None:
                shape = self._shapes[columns] = len(self._shape)
                self._shape.append(columns)
            shapes.append(shape)
            every.append(cells)
        piece = _packed(shapes, every)
        self._pieces.append(piece)
        return len(piece)

    def _page(self, page: int) -> Iterator[tuple[int, Row]]:
        """The rows of a page."""
        shapes, cells = _unpacked(self._pieces[self._where[page]])
        numbers = self._numbers_of(page)
        rows = map(_row, zip(map(self._shape.__getitem__, shapes), cells, strict=True))
        if self._changed:
            return ((number, self._changed.get(number, row)) for number, row in zip(numbers, rows, strict=True))
        return zip(numbers, rows, strict=True)

    def _page_of(self, number: int) -> int:
        return bisect_right(self._firsts, bisect_left(self._numbers, number)) - 1

    def _numbers_of(self, page: int) -> Sequence[int]:
        begin, end = (*self._firsts[page : page + 2], len(self._numbers) - len(self._last))[:2]
        return self._numbers[begin:end]

    def settled(self) -> "dict[int, Row] | LongRows":
        """The rows once all are there: a dict of them where none is on the disk."""
        return self if self._is_long else self._few

    def __getitem__(self, number: int) -> Row:
        row = self._few.get(number) or self._near.get(number)
        return row if row is not None else self._far(number)

    def _far(self, number: int) -> Row:
        """A row that is not at hand, and with it its neighbours."""
        waiting = self._waiting(number)
        if waiting >= 0:
            return self._last[waiting]
        if len(self._pages_near) >= _NEAR:
            for gone in self._numbers_of(self._pages_near.popleft()):
                del self._near[gone]
        page = self._page_of(number)
        self._pages_near.append(page)
        self._near.update(self._page(page))
        return self._near[number]

    def _waiting(self, number: int) -> int:
        """Which of the rows that are no whole page yet has a number; less than 0 for one on the disk."""
        if number not in self:
            raise KeyError(number)
        return bisect_left(self._numbers, number) - (len(self._numbers) - len(self._last))

    def items(self) -> ItemsView[int, Row]:
        """The rows with their numbers, a page at a time."""
        return _Items(self)

    def each(self) -> Iterator[tuple[int, Row]]:
        """What :meth:`items` goes through."""
        yield from self._few.items()
        if self._is_long:
            yield from chain.from_iterable(map(self._page, range(len(self._firsts))))
            yield from zip(self._numbers[len(self._numbers) - len(self._last) :], self._last, strict=True)

    def __iter__(self) -> Iterator[int]:
        return chain(self._few, self._numbers)

    def __contains__(self, number: object) -> bool:
        if number in self._few or not isinstance(number, int):
            return number in self._few
        place = bisect_left(self._numbers, number)
        return place < len(self._numbers) and self._numbers[place] == number

    def __len__(self) -> int:
        return len(self._few) + len(self._numbers)


class _Items(ItemsView[int, Row]):
    """Rows with their numbers, in the order of the sheet."""

    _mapping: LongRows

    def __iter__(self) -> Iterator[tuple[int, Row]]:
        return self._mapping.each()


def _packed(shapes: list[int], cells: list[tuple[Cell, ...]]) -> bytes:
    try:
        return marshal.dumps((shapes, cells, False))
    except ValueError:  # there is more to know of some cell than its text
        plain = [
            tuple((cell.text, cell.mark.value) if isinstance(cell, Marked) else cell for cell in row) for row in cells
        ]
        return marshal.dumps((shapes, plain, True))


def _unpacked(piece: bytes) -> tuple[list[int], list[tuple[Cell, ...]]]:
    shapes, cells, marked = marshal.loads(piece)  # noqa: S302 - this process wrote it, where no other one can
    if marked:
        cells = [
            tuple(cell if type(cell) is str else Marked(cell[0], _MARKS[cell[1]]) for cell in row) for row in cells
        ]
    return shapes, cells


class LongTexts(dict[int, str]):
    """The texts of a workbook by their number, put in in order.

    As a dict it holds those that were asked for lately, with their neighbours; ``append`` and ``extend`` add texts as
    to a list. Whoever asks in order, or for rows in which each has his texts together, has each page read once; words
    that come again and again stay.
    """

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told: Told | None = told
        self._last: list[str] = []
        """Those that are on no page: all of them, as long as there are few."""
        self._weight = 0
        self._is_long = False
        self._pieces = Pieces()
        self._firsts = array("L")
        self._count = 0
        """How many are on the disk."""
        self._before: dict[int, str] = {}
        """What was asked for before that which was asked for lately."""

    def append(self, text: str) -> None:
        """Adds a text."""
        self.extend((text,))

    def extend(self, texts: Iterable[str]) -> None:
        """Adds texts."""
        some = list(texts)
        self._last += some
        self._weight += sum(map(len, some)) + _EACH * len(some)
        if self._weight > _KEPT_WEIGHT and self._told is not None:
            if self._told(islice(self._last, _FIRST_TEXTS)):
                self._is_long = True
            self._told = None
        if self._is_long and self._weight > _PAGE_WEIGHT:
            self._put_down()

    def _put_down(self) -> None:
        """Puts texts on the disk, page by page."""
        page: list[str] = []
        weight = 0
        for text in self._last:
            page.append(text)
            weight += len(text) + _EACH
            if weight > _PAGE_WEIGHT:
                self._pieces.append(marshal.dumps(page))
                self._firsts.append(self._count)
                self._count += len(page)
                page, weight = [], 0
        self._last, self._weight = page, weight

    def settled(self) -> "list[str] | LongTexts":
        """The texts once all are there: a list of them where none is on the disk."""
        self._weight = 0
        return self if self._is_long else self._last

    def __missing__(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        if index >= self._count:
            return self._last[index - self._count]
        if self._weight > _NEAR_WEIGHT:
            self._before = dict(self)
            self.clear()
            self._weight = 0
        text = self._before.get(index)
        if text is not None:
            self[index] = text
            self._weight += len(text) + _EACH
            return text
        page = bisect_right(self._firsts, index) - 1
        texts: list[str] = marshal.loads(self._pieces[page])  # noqa: S302 - as above
        self.update(enumerate(texts, self._firsts[page]))
        self._weight += sum(map(len, texts)) + _EACH * len(texts)
        return self[index]
