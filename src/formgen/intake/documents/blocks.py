"""What every kind of document is read into: paragraphs and tables in their order, each cell with its place.

Boxes are one sign each, whatever drew them (a control, a form field, a symbol font, an input of a web page):
:data:`TICKED` or :data:`BARE`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from formgen.intake import limits
from formgen.intake.documents.comparing import label
from formgen.intake.documents.drawings import Image
from formgen.record import Origin

_COLUMNS = 200
_LINE = 400
_LABELLED = re.compile(r"([^\s:：]{1,40})[ \t\u3000]*[:：]\s*(.*?)(?=[ \t\u3000]{2,}[^\s:：]{1,40}[:：]|\n|$)")
TICKED, BARE = "☑", "☐"
OPEN, CLOSE = "\ue0f2", "\ue0f3"
"""Around the number of a control, in a text that shows where it stands (``Cell.marked``)."""


@dataclass(frozen=True, slots=True)
class Held:
    """A content control, and what it holds.

    ``unit`` is a number for the table row (or the paragraph) that it stands in: what is repeated for a list.
    ``ticked`` is None for what is no check box; ``choice`` the value behind the shown text of a drop-down list.
    """

    tag: str
    text: str
    unit: int
    origin: Origin
    ticked: bool | None = None
    choice: str | None = None
    picture: Image | None = None
    """The picture that it shows."""
    in_table: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: ``column`` counts from 0 as in a grid, so that a wide cell moves those after it."""

    text: str
    column: int
    span: int
    origin: Origin
    marked: str = ""
    """The text with a mark in place of each control."""

    def written(self, text: str) -> Origin:
        """The cell as the origin of a value that was written so."""
        return self.origin._replace(text=text)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its own cells, without those that continue a cell of the row above."""

    cells: tuple[Cell, ...]
    continued: frozenset[int] = frozenset()
    """Columns in which a cell of the row above goes on."""

    def at(self, column: int) -> Cell | None:
        """The cell that covers a column of the grid."""
        return next((cell for cell in self.cells if cell.column <= column < cell.column + cell.span), None)


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph outside of tables."""

    text: str
    origin: Origin
    marked: str = ""


@dataclass(frozen=True, slots=True)
class Put:
    """A picture that lies in the file, and where it was put."""

    image: Image
    origin: Origin
    in_cell: bool


@dataclass(frozen=True)
class Document:
    """A document's text in its order; what text boxes hold comes last."""

    blocks: tuple[Table | Paragraph, ...]
    controls: tuple[Held, ...] = ()
    pictures: int = 0
    margins: tuple[Table | Paragraph, ...] = ()
    """What stands in headers and footers."""
    put: tuple[Put, ...] = ()
    hidden: tuple[Origin, ...] = ()
    """Where there is text that is not shown: it is not read."""
    revised: bool = False
    """Whether changes are tracked: what was put in is read, what was deleted is not."""

    @property
    def tables(self) -> Iterator[Table]:
        """The tables, those inside of others after them."""
        return (block for block in self.blocks if isinstance(block, Table))

    @cached_property
    def labelled(self) -> Mapping[str, list[tuple[str, Origin]]]:
        """What stands behind a word and a colon (填表人：张三), by that word; long texts are no such lines.

        What a header or a footer says counts where the text itself does not say it.
        """
        return {**_labelled(_texts(self.margins)), **_labelled(_texts(self.blocks))}

    @property
    def texts(self) -> Iterator[tuple[str, Origin]]:
        """Every text with its place, in the order of the document; headers and footers last."""
        yield from _texts((*self.blocks, *self.margins))

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        """The paragraphs outside of tables."""
        return (block for block in self.blocks if isinstance(block, Paragraph))


def _texts(blocks: tuple[Table | Paragraph, ...]) -> Iterator[tuple[str, Origin]]:
    for block in blocks:
        if isinstance(block, Paragraph):
            yield block.text, block.origin
        else:
            yield from ((cell.text, cell.origin) for row in block.rows for cell in row.cells)


def _labelled(texts: Iterator[tuple[str, Origin]]) -> dict[str, list[tuple[str, Origin]]]:
    found: dict[str, list[tuple[str, Origin]]] = {}
    for text, origin in texts:
        for match in _LABELLED.finditer(text) if len(text) <= _LINE else ():
            found.setdefault(label(match[1]), []).append((match[2], origin))
    return found


class TooMuch(Exception):
    """There is more in a document than is read: what, and how much is."""

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what, limit)
        self.what, self.limit = what, limit


@dataclass
class Places:
    """Names the places of a document as a person counts them, and counts what is read.

    Raises:
        TooMuch: there is more than any form has.
    """

    file: str
    _story: str = ""
    """The header, footer or text box that is being read; empty for the body."""
    _counts: Counter[str] = field(default_factory=Counter)
    _places: int = 0
    _letters: int = 0

    @contextmanager
    def within(self, story: str) -> Iterator[None]:
        """Names places as those of a header, a footer or a text box."""
        kept, self._story = self._story, story
        try:
            yield
        finally:
            self._story = kept

    @contextmanager
    def in_a_box(self) -> Iterator[None]:
        """Names places as those of the next text box."""
        self.spend()
        self._counts["box"] += 1
        with self.within(f"第{self._counts['box']}个文本框"):
            yield

    def spend(self, text: str = "") -> None:
        """Counts a place and its text."""
        self._places += 1
        self._letters += len(text)
        if self._places > limits.DOCUMENT_CELLS:
            raise TooMuch("单元格、行和段落 / cells, rows and paragraphs", limits.DOCUMENT_CELLS)
        if self._letters > limits.DOCUMENT_TEXT:
            raise TooMuch("字数 / characters", limits.DOCUMENT_TEXT)

    def paragraph(self) -> Origin:
        """The next paragraph outside of tables."""
        place = self.next_paragraph()
        self._counts[f"paragraphs{self._story}"] += 1
        return place

    def next_paragraph(self) -> Origin:
        """The place of the paragraph that :meth:`paragraph` will give."""
        number = self._counts[f"paragraphs{self._story}"] + 1
        return Origin(self.file, self._story or "正文", f"第{number}段")

    def table(self) -> int:
        """The number of the next table."""
        self._counts[f"tables{self._story}"] += 1
        return self._counts[f"tables{self._story}"]

    def cell(self, table: int, row: int, number: int) -> Origin:
        """A cell, all three counted from 1."""
        return Origin(self.file, f"{self._story}第{table}个表格", f"第{row}行第{number}格")


@dataclass
class Grid:
    """Gives the cells of a table their columns; cells that span rows push those below to the right."""

    places: Places
    number: int
    rows: list[Row] = field(default_factory=list)
    _covered: dict[int, int] = field(default_factory=dict)
    """Column -> how many more rows a cell above covers it."""
    _cells: list[Cell] = field(default_factory=list)
    _continued: set[int] = field(default_factory=set)
    _column: int = 0

    def place(self) -> Origin:
        """The place of the next cell of the current row."""
        return self.places.cell(self.number, len(self.rows) + 1, len(self._cells) + 1)

    def add(self, text: str, span: int, down: int, marked: str = "") -> None:
        """The next cell of the current row, ``span`` columns wide and ``down`` rows high."""
        while self._covered.get(self._column, 0) > 0:
            self._column += 1
        self.places.spend(text)
        span = max(1, min(span, _COLUMNS - self._column))  # no table is wider, and what is beyond covers nothing
        self._cells.append(Cell(text, self._column, span, self.place(), marked))
        if down > 1 and self._column < _COLUMNS:
            self._covered.update(dict.fromkeys(range(self._column, self._column + span), down))
        self._column += span

    def skip(self, span: int, *, continued: bool = False) -> None:
        """Columns without a cell of this row; ``continued`` where the one above goes on there."""
        if continued:
            self._continued.add(self._column)
        self._column += span

    def end_row(self) -> None:
        """The row is over."""
        self.places.spend()
        self.rows.append(Row(tuple(self._cells), frozenset(self._continued)))
        self._covered = {column: left - 1 for column, left in self._covered.items() if left > 1}
        self._continued = set(self._covered)
        self._cells, self._column = [], 0
