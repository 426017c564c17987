"""Reads many rows of a sheet at once, where its XML is written as Excel, WPS, LibreOffice and libraries write it.

Such rows are told by one regular expression, which runs some ten times as fast as a call for every element. It takes
only what is well-formed by itself and cannot mean two things; a row that is not written so goes through the parser
alone, and a sheet that is not laid out so is refused here, to be read whole by :class:`.xlsx_sheets.SheetReader`. What
comes out is the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import compress, groupby, repeat, zip_longest
from operator import add, ge, itemgetter
from typing import Any, Final, NamedTuple

from formgen.intake import grids
from formgen.intake.grids import Cell, Row
from formgen.intake.xlsx_sheets import PLAIN_DIGITS, SheetReader
from formgen.intake.xml_parts import CHARACTER, TEXT, Attributes, Feed, NotPlain, is_utf_8, take_items, without_entities

_BEGIN: Final = b"<sheetData>"
_LONGEST_HEAD: Final = 1_000_000
"""Bytes before the rows that are held in memory together."""
_MOST_COLUMNS: Final = 64
_REMEMBERED: Final = 50_000
_LONG_TOGETHER: Final = 300_000
"""Long texts are remembered up to so many characters together."""
_SAMPLE: Final = 6
"""So many rows are looked at before there is a notion of how most are written."""
_FEW: Final = 4
"""With more than one row in so many that is written in another way, it is formed anew."""
_OWN: Final = frozenset({"row", "c", "v", "f", "is", "t", "r", "rPh"})
_NAME: Final = "[A-Za-z][A-Za-z0-9:._-]*"
_VALUE: Final = '"[^"<>&\x00-\x1f\ufffe\uffff]*+"'
_ATTRIBUTE: Final = re.compile(f" ({_NAME})=({_VALUE})")
_ROW_ATTRIBUTES: Final = f"(?: {_NAME}={_VALUE})*+"
_WHOLE: Final = re.compile(_ROW_ATTRIBUTES)
_CELL_ATTRIBUTES: Final = '(?: s="[0-9]{1,9}")?(?: t="[a-zA-Z]+")?(?: s="[0-9]{1,9}")?'
_FORMULA: Final = f'(?:<f(?: t="[a-z]+")?(?: ref="[A-Z0-9:]+")?(?: ca="1")?(?: si="[0-9]+")?(?:/>|>{CHARACTER}*+</f>))?'
_OTHERS: Final = f"|(<row{_ROW_ATTRIBUTES}/>|<row[ >].*?</row>)|(.+)"
_REFERENCE: Final = re.compile('<c r="([A-Z]{1,3})[0-9]')
_INLINE: Final = "<is>"
Match = tuple[str, ...]


def read(chunks: Iterable[bytes], part: str, reader: SheetReader) -> None:
    """Fills the sheet of ``reader``.

    Raises:
        NotPlain: the sheet has to be read the long way; what ``reader`` has taken in by now is to be forgotten.
        Damaged: there is something wrong with it, which the long way says more exactly.
        Excess: it holds too much.
        PackageError: the package is damaged.
    """
    pieces = iter(chunks)
    feed = Feed(part, reader.begin)
    rest = _head(pieces, feed)
    close = reader.close
    feed.give(take_items(pieces, rest, b"</row>", b"</sheetData>", _Rows(reader, part).take))
    for piece in pieces:
        feed.give(piece)
    feed.end()
    close()


def _head(pieces: Iterator[bytes], feed: Feed) -> bytes:
    """Gives what stands before the rows to the parser; what follows of the pieces that were read."""
    head = b""
    while (at := head.find(_BEGIN)) < 0:
        piece = next(pieces, b"")
        if not piece or len(head) > _LONGEST_HEAD:
            raise NotPlain
        head += piece
    if not is_utf_8(head):
        raise NotPlain
    at += len(_BEGIN)
    _Watch(feed).give(head[:at])
    return head[at:]


class _Watch:
    """Sees that the parser, given the beginning of a sheet, stands right behind the tag that begins the rows."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._depth = 0
        self._last = ""
        self._begin: Any = feed.parser.StartElementHandler
        feed.parser.StartElementHandler = self._root
        feed.parser.EndElementHandler = self._leave

    def give(self, head: bytes) -> None:
        """Has it parsed."""
        parser = self._feed.parser
        self._feed.give(head)
        if (self._last, self._depth) != ("sheetData", 2):
            raise NotPlain
        parser.StartElementHandler, parser.EndElementHandler = self._begin, None

    def _root(self, name: str, attributes: Attributes) -> None:
        if name != "worksheet":
            raise NotPlain
        self._begin(name, attributes)
        self._begin = self._feed.parser.StartElementHandler
        self._feed.parser.StartElementHandler = self._enter
        self._depth = 1

    def _enter(self, name: str, attributes: Attributes) -> None:
        self._depth += 1
        self._last = name
        if name in _OWN:
            raise NotPlain
        self._begin(name, attributes)

    def _leave(self, _: str) -> None:
        self._depth -= 1
        self._last = ""


@lru_cache(maxsize=64)
def _pattern(columns: tuple[str, ...], *, inline: bool) -> re.Pattern[str]:
    """Tells rows with cells in these columns only: number, attributes, then of each cell its own and its text.

    The last two groups are a row that is written in another way, and anything that is no row.
    """
    value = f">{_FORMULA}<v>({CHARACTER}++)</v></c>"
    if inline:
        value += f'|(?<=inlineStr")><is><t(?: xml:space="preserve")?>({TEXT})</t></is></c>'
    cells = "".join(f'(?:<c r="{name}\\1"({_CELL_ATTRIBUTES})(?:/>|></c>|{value}))?+' for name in columns)
    row = f'<row r="([1-9][0-9]{{0,6}})"({_ROW_ATTRIBUTES})(?:/>|>{cells}</row>)'
    return re.compile(f"{row}{_OTHERS}", re.DOTALL)


@lru_cache(maxsize=64)
def _laid_out(cells: tuple[tuple[str, str, bool], ...]) -> re.Pattern[str]:
    """Tells rows that are written as most: number, attributes, the text of each cell; then as :func:`_pattern`."""
    every = []
    for name, attributes, is_inline in cells:
        if is_inline:
            value = f'<is><t(?: xml:space="preserve")?>({TEXT})</t></is></c>'
        else:
            value = "<v>([0-9]++)</v></c>" if ' t="s"' in attributes else f"<v>({CHARACTER}++)</v></c>"
        every.append(f'(?:<c r="{name}\\1"{attributes}(?:>{value}|/>))?+')
    row = f'<row r="([1-9][0-9]{{0,6}})"([^<>&/]*+)>{"".join(every)}</row>'
    return re.compile(f"{row}{_OTHERS}", re.DOTALL)


def _end_of_rows(text: str, count: int) -> int:
    """Where so many rows end, or the last of them."""
    end = 0
    for _ in range(count):
        at = text.find("</row>", end)
        if at < 0:
            return len(text)
        end = at + len("</row>")
    return end


@lru_cache(maxsize=1024)
def _is_hidden(attributes: str) -> bool:
    """Whether a row with these attributes, besides its number, is hidden."""
    found = dict(_ATTRIBUTE.findall(attributes))
    if _WHOLE.fullmatch(attributes) is None or "r" in found or len(found) < len(_ATTRIBUTE.findall(attributes)):
        raise NotPlain  # one of them is there twice
    return found.get("hidden") in ('"1"', '"true"')


@lru_cache(maxsize=1024)
def _type_and_style(attributes: str) -> tuple[str, str]:
    """What the attributes of a cell, besides its place, say of it."""
    found = dict(_ATTRIBUTE.findall(attributes))
    if len(found) < attributes.count("="):
        raise NotPlain
    return found.get("t", '"n"')[1:-1], found.get("s", '""')[1:-1]


class _Inline(dict[str, Cell | None]):
    """Texts as they are written in the cells of one kind, read once each."""

    def __init__(self, read: Callable[[str], Cell | None]) -> None:
        super().__init__()
        self._read = read
        self._long: dict[str, Cell | None] = {}
        self._characters = 0
        """In the long ones."""

    def __missing__(self, written: str) -> Cell | None:
        if len(written) > grids.LONGEST_WORD:
            return self._of_long(written)
        if len(self) >= _REMEMBERED:
            self.clear()  # names, which do not come again, have driven out the words
        found = self[written] = self._read(without_entities(written))
        return found

    def _of_long(self, written: str) -> Cell | None:
        if written in self._long:
            return self._long[written]
        self._characters += len(written)
        if self._characters > _LONG_TOGETHER:
            self._long, self._characters = {}, len(written)
        found = self._long[written] = self._read(without_entities(written))
        return found


class _Layout(NamedTuple):
    """How most rows of a sheet are written.

    Of each column that is filled: its number; its name, the attributes of its cells, whether their texts are inline.
    """

    columns: tuple[int, ...]
    cells: tuple[tuple[str, str, bool], ...]

    @classmethod
    def of(cls, columns: Sequence["_Column"], names: Mapping[int, str]) -> "_Layout":
        """The layout of most of these cells."""
        found = []
        for column, kinds, texts, inlines in columns:
            written = Counter(
                (kind, bool(inline)) for kind, text, inline in zip_longest(kinds, texts, inlines) if text or inline
            )
            [((kind, is_inline), _)] = written.most_common(1)
            found.append((column, (names[column], kind, is_inline)))
        return cls(tuple(column for column, _ in found), tuple(cells for _, cells in found))


_usual: list[_Layout] = []
"""How the rows were written in the sheet before: those of a school mostly come from one blank. What comes out is the
same with any layout, and one that does not fit is learnt anew."""


class _Column(NamedTuple):
    """The cells of a column: its number, their attributes, their values, and their texts where some are inline."""

    number: int
    kinds: Sequence[str]
    texts: Sequence[str]
    inlines: Sequence[str]


class _Rows:
    """Takes rows into the sheet of a reader."""

    def __init__(self, reader: SheetReader, part: str) -> None:
        self._reader = reader
        self._part = part
        self._names: dict[int, str] = {}
        """Of each column that there was."""
        self._layout: _Layout | None = _usual[0] if _usual else None
        self._texts: dict[str, _Inline] = {}

    def take(self, text: str) -> None:
        """Takes whole rows, as they are written."""
        if self._layout is None:
            end = _end_of_rows(text, _SAMPLE)
            self._look_at(text[:end])
            text = text[end:]
        if not text:
            return
        if self._layout is None:
            self._look_at(text)
            return
        layout = self._layout
        found = _laid_out(layout.cells).findall(text)
        others = [match[-2] for match in found if match[-2]]
        if not others:
            self._take_laid_out(layout, found, text.count("<c "))
            return
        for is_other, matches in groupby(found, key=lambda match: bool(match[-2])):
            some = list(matches)
            if is_other:
                self._look_at("".join(match[-2] for match in some), learn=len(others) * _FEW > len(found))
            else:
                self._take_laid_out(layout, some, 0)
        cells = text.count("<c ") - sum(other.count("<c ") for other in others)
        self._reader.budget.row(cells - 1)

    def _take_laid_out(self, layout: _Layout, found: Sequence[Match], cells: int) -> None:
        """Takes rows that are written as most are."""
        if any(map(itemgetter(-1), found)):
            raise NotPlain
        written, attributes, *columns = list(zip(*found, strict=True))[:-2]
        filled = [
            (column, self._same(kind, texts) if all(texts) else self._with_gaps(kind, texts))
            for column, (_, kind, _), texts in zip(layout.columns, layout.cells, columns, strict=True)
            if any(texts)
        ]
        self._put(written, attributes, filled, cells)

    def _look_at(self, text: str, *, learn: bool = True) -> None:
        """Takes rows that may be written in any plain way, and notes how most of them are."""
        names = set(_REFERENCE.findall(text))
        if not names.issubset(self._names.values()):
            self._names.update((column, name) for name in names if (column := grids.column_of(name)))
            self._names = dict(sorted(self._names.items()))
            if len(self._names) > _MOST_COLUMNS:
                raise NotPlain
        inline = _INLINE in text
        found = _pattern(tuple(self._names.values()), inline=inline).findall(text)
        cells = text.count("<c ")
        for is_apart, matches in groupby(found, key=lambda match: bool(match[-2])):
            some = list(matches)
            if any(match[-1] for match in some):
                raise NotPlain
            if is_apart:
                rows = "".join(match[-2] for match in some)
                cells -= rows.count("<c ")
                self._parse(rows)
            else:
                columns = self._take_plain(some, inline=inline)
                if learn and columns:
                    self._layout = _Layout.of(columns, self._names)
                    _usual[:] = [self._layout]
        self._reader.budget.row(cells - 1)

    def _parse(self, rows: str) -> None:
        """Takes rows that are not written in the plain way: by themselves, they are a document as well."""
        feed = Feed(self._part, self._reader.begin)
        feed.give(f"<sheetData>{rows}</sheetData>".encode())
        feed.end()
        self._reader.close()

    def _take_plain(self, found: Sequence[Match], *, inline: bool) -> list[_Column]:
        """Takes rows that are; their columns."""
        written, attributes, *groups = list(zip(*found, strict=True))[:-2]
        step = 3 if inline else 2
        columns = []
        filled: list[tuple[int, Sequence[Cell | None]]] = []
        for place, number in enumerate(self._names):
            column = _Column(number, *groups[place * step : (place + 1) * step], *(() if inline else ((),)))
            texts = tuple(map(add, column.texts, column.inlines)) if any(column.inlines) else column.texts
            if any(texts):
                columns.append(column)
                filled.append((number, self._cells(column.kinds, texts)))
        self._put(written, attributes, filled, 0)
        return columns

    def _numbers(self, written: Sequence[str]) -> list[int]:
        numbers = list(map(int, written))
        if numbers[0] <= self._reader.number or numbers[-1] > grids.LAST_ROW or any(map(ge, numbers, numbers[1:])):
            raise NotPlain
        self._reader.number = numbers[-1]
        return numbers

    def _cells(self, kinds: Sequence[str], texts: Sequence[str]) -> Sequence[Cell | None]:
        """The cells of a column; None, or an empty text, for those that are empty."""
        if any("_" in text for kind, text in zip(kinds, texts, strict=True) if ' t="s"' in kind):
            raise NotPlain  # Python reads 1_0 as 10
        every = set(kinds)
        if len(every) == 1 and all(texts):
            return self._same(kinds[0], texts)
        found: list[Cell | None] = [None] * len(texts)
        for kind in every:
            for at, cell in enumerate(
                self._with_gaps(kind, [text * (kinds[at] == kind) for at, text in enumerate(texts)])
            ):
                found[at] = cell or found[at]
        return found

    def _with_gaps(self, kind: str, texts: Sequence[str]) -> Sequence[Cell | None]:
        """Cells of one kind, and nothing where there is no text."""
        there = iter(self._same(kind, list(filter(None, texts))))
        return [next(there) if text else None for text in texts]

    def _same(self, attributes: str, texts: Sequence[str]) -> Sequence[Cell | None]:
        """Cells of one kind, none of them without a text."""
        kind, style = _type_and_style(attributes)
        reader = self._reader
        if kind == "s":
            try:
                indices = list(map(int, texts))
                if min(indices, default=0) < 0:
                    raise NotPlain
                return list(map(reader.strings.__getitem__, indices))
            except (ValueError, LookupError) as error:
                raise NotPlain from error
        is_plain = kind == "n" and style not in reader.shows
        if is_plain and all(map(str.isdecimal, texts)) and max(map(len, texts), default=0) <= PLAIN_DIGITS:
            return texts
        known = self._texts.get(attributes)
        if known is None:
            known = self._texts[attributes] = _Inline(lambda text: reader.cell(text, kind, style))
        return list(map(known.__getitem__, texts))

    def _put(
        self,
        written: Sequence[str],
        attributes: Sequence[str],
        filled: Sequence[tuple[int, Sequence[Cell | None]]],
        seen: int,
    ) -> None:
        """Puts rows together from columns; ``seen`` cells were there, the empty ones included."""
        numbers = self._numbers(written)
        self._reader.budget.row(seen + len(numbers) - 1)
        hidden = {each for each in set(attributes) if each and _is_hidden(each)}
        if filled:
            self._put_cells(numbers, filled)
        if hidden:
            sheet = self._reader.sheet
            there = (number for number, each in zip(numbers, attributes, strict=True) if each in hidden)
            sheet.hidden_rows.update(number for number in there if number in sheet.rows)

    def _put_cells(self, numbers: Sequence[int], filled: Sequence[tuple[int, Sequence[Cell | None]]]) -> None:
        columns = tuple(column for column, _ in filled)
        whole = self._reader.shapes.setdefault(columns, columns)
        cells = zip(*(cells for _, cells in filled), strict=True)
        rows = self._reader.sheet.rows
        if all(all(cells) for _, cells in filled):
            rows.update(zip(numbers, map(_row, zip(repeat(whole), cells)), strict=True))
            return
        shapes = self._reader.shapes
        for number, row in zip(numbers, cells, strict=True):
            if all(row):
                rows[number] = Row(whole, row)
            elif any(row):
                shape = tuple(compress(columns, row))
                rows[number] = Row(shapes.setdefault(shape, shape), tuple(filter(None, row)))


_row: Final[Callable[[tuple[tuple[int, ...], tuple[Cell | None, ...]]], Row]] = partial(tuple.__new__, Row)
