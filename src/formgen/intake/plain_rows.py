"""Reads many rows of a sheet at once, where its XML is written as Excel, WPS, LibreOffice and libraries write it.

Such rows are told by one regular expression, which runs some ten times as fast as a call for every element. It takes
only what is well-formed by itself and cannot mean two things; a row that is not written so goes through the parser
alone, and a sheet that is not laid out so is refused here, to be read whole by :class:`.xlsx_sheets.SheetReader`. What
comes out is the same.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import compress, groupby, repeat
from operator import add, ge, itemgetter
from typing import Any, Final

from formgen.intake import grids
from formgen.intake.grids import Cell, Row
from formgen.intake.xlsx_sheets import PLAIN_DIGITS, SheetReader
from formgen.intake.xml_parts import CHARACTER, TEXT, Attributes, Feed, is_utf_8, without_entities

_BEGIN: Final = b"<sheetData>"
_END: Final = b"</sheetData>"
_LAST: Final = b"</row>"
_LONGEST_HEAD: Final = 1_000_000
_LONGEST_ROW: Final = 4_000_000
"""Bytes before the rows, and of one row, that are held in memory together."""
_MOST_COLUMNS: Final = 64
_REMEMBERED: Final = 50_000
_SAMPLE: Final = 8_192
_OWN: Final = frozenset({"row", "c", "v", "f", "is", "t", "r", "rPh"})
_NAME: Final = "[A-Za-z][A-Za-z0-9:._-]*"
_VALUE: Final = '"[^"<>&\x00-\x1f\ufffe\uffff]*+"'
_ATTRIBUTE: Final = re.compile(f" ({_NAME})=({_VALUE})")
_ROW_ATTRIBUTES: Final = f"(?: {_NAME}={_VALUE})*+"
_CELL_ATTRIBUTES: Final = '(?: s="[0-9]{1,9}")?(?: t="[a-zA-Z]+")?(?: s="[0-9]{1,9}")?'
_FORMULA: Final = f'(?:<f(?: t="[a-z]+")?(?: ref="[A-Z0-9:]+")?(?: ca="1")?(?: si="[0-9]+")?(?:/>|>{CHARACTER}*+</f>))?'
_INLINE: Final = "<is>"
Match = tuple[str, ...]


class NotPlain(Exception):
    """A sheet that is not laid out in the plain way; it is no worse for that."""


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
    rows = _Rows(reader, part)
    for piece in pieces:
        end = rest.rfind(_LAST)
        if _END in rest[max(end, 0) :]:
            feed.give(_take(rest, rows))
            rest = piece
            break
        if end >= 0:
            end += len(_LAST)
            rows.take(rest[:end])
            rest = rest[end:]
        if len(rest) > _LONGEST_ROW:
            raise NotPlain
        rest += piece
    else:
        rest = _take(rest, rows)
    feed.give(rest)
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


def _take(data: bytes, rows: "_Rows") -> bytes:
    """Takes the last rows; what follows them."""
    at = data.find(_END)
    if at < 0:
        raise NotPlain
    rows.take(data[:at])
    return data[at:]


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
    return re.compile(f"{row}|(<row{_ROW_ATTRIBUTES}/>|<row[ >].*?</row>)|(.+)", re.DOTALL)


@lru_cache(maxsize=1024)
def _is_hidden(attributes: str) -> bool:
    """Whether a row with these attributes, besides its number, is hidden."""
    found = dict(_ATTRIBUTE.findall(attributes))
    if "r" in found or len(found) < len(_ATTRIBUTE.findall(attributes)):
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

    def __missing__(self, written: str) -> Cell | None:
        if len(self) >= _REMEMBERED:
            self.clear()  # names, which do not come again, have driven out the words
        found = self[written] = self._read(without_entities(written))
        return found


class _Rows:
    """Takes rows into the sheet of a reader."""

    def __init__(self, reader: SheetReader, part: str) -> None:
        self._reader = reader
        self._part = part
        self._columns: dict[int, str] = {}
        self._unknown = True
        """Whether the last rows had cells in columns that are not known yet."""
        self._texts: dict[str, _Inline] = {}

    def take(self, data: bytes) -> None:
        """Takes whole rows, as they are written."""
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            raise NotPlain from error
        inline = _INLINE in text
        found = self._matches(text, inline=inline)
        cells = text.count("<c ")
        if not any(map(itemgetter(-2), found)) and not any(map(itemgetter(-1), found)):
            self._unknown = False
            self._keep(found, cells, inline=inline)
            return
        self._unknown = True
        for apart, matches in groupby(found, key=lambda match: bool(match[-2])):
            some = list(matches)
            if any(match[-1] for match in some):
                raise NotPlain
            if apart:
                rows = "".join(match[-2] for match in some)
                cells -= rows.count("<c ")
                self._parse(rows)
            else:
                self._keep(some, 0, inline=inline)
        self._reader.budget.row(cells - 1)

    def _matches(self, text: str, *, inline: bool) -> list[Match]:
        if self._unknown:
            names = set(re.findall('<c r="([A-Z]{1,3})[0-9]', text if self._columns else text[:_SAMPLE]))
            self._columns.update((column, name) for name in names if (column := grids.column_of(name)))
            self._columns = dict(sorted(self._columns.items()))
            if len(self._columns) > _MOST_COLUMNS:
                raise NotPlain
        return _pattern(tuple(self._columns.values()), inline=inline).findall(text)

    def _parse(self, rows: str) -> None:
        """Takes rows that are not written in the plain way: by themselves, they are a document as well."""
        feed = Feed(self._part, self._reader.begin)
        feed.give(f"<sheetData>{rows}</sheetData>".encode())
        feed.end()
        self._reader.close()

    def _keep(self, found: Sequence[Match], cells: int, *, inline: bool) -> None:
        """Takes rows that are: column by column, for most of what there is to ask of a cell is the same below it."""
        if not found:
            return
        written, attributes, *groups = list(zip(*found, strict=True))[:-2]
        numbers = self._numbers(written)
        step = 3 if inline else 2
        filled: list[tuple[int, Sequence[Cell | None]]] = []
        for place, column in enumerate(self._columns):
            kinds, texts, *inlines = groups[place * step : (place + 1) * step]
            if inlines and any(inlines[0]):
                texts = tuple(map(add, texts, inlines[0]))  # one of the two is empty
            if any(texts):
                filled.append((column, self._cells(kinds, texts)))
        self._reader.budget.row(cells + len(numbers) - 1)
        self._put(numbers, filled)
        hidden = {each for each in set(attributes) if each and _is_hidden(each)}
        if hidden:
            sheet = self._reader.sheet
            there = (number for number, each in zip(numbers, attributes, strict=True) if each in hidden)
            sheet.hidden_rows.update(number for number in there if number in sheet.rows)

    def _numbers(self, written: Sequence[str]) -> list[int]:
        numbers = list(map(int, written))
        if numbers[0] <= self._reader.number or numbers[-1] > grids.LAST_ROW or any(map(ge, numbers, numbers[1:])):
            raise NotPlain
        self._reader.number = numbers[-1]
        return numbers

    def _cells(self, kinds: Sequence[str], texts: Sequence[str]) -> Sequence[Cell | None]:
        """The cells of a column; None for those that are empty."""
        every = set(kinds)
        if len(every) == 1 and all(texts):
            return self._same(kinds[0], texts)
        found: list[Cell | None] = [None] * len(texts)
        for kind in every:
            there = [at for at, text in enumerate(texts) if text and kinds[at] == kind]
            for at, cell in zip(there, self._same(kind, [texts[at] for at in there]), strict=True):
                found[at] = cell
        return found

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

    def _put(self, numbers: Sequence[int], filled: Sequence[tuple[int, Sequence[Cell | None]]]) -> None:
        """Puts rows together from columns."""
        if not filled:
            return
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
