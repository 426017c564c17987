"""A compiled part: static bytes and slots, joined once.

A template's XML is parsed once. What remains of it is a :class:`Body`: pieces in a row, of which the static ones are
encoded already. No tree is built to fill a document. A list is filled by columns (:mod:`formgen.filling.columns`): each
piece of its row gives the texts of some hundreds of items at once; memory holds no more of a long list than those.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from formgen.filling.columns import BATCH, Column, Weaver
from formgen.filling.lookups import Filling, Lookup
from formgen.filling.together import Place, Together
from formgen.filling.typesetting import Typeset, canonical
from formgen.filling.xml_text import escape, without_markup

CHUNK = 256 * 1024
"""Bytes that are put together at once, about."""
_KEPT = 64
"""How many texts are kept that follow from the lengths of lists."""
_BRIEF = 256
"""Characters of a text that may be kept with the static ones."""
_GUESS = 64
"""Bytes of a piece that is not static."""


class Piece:
    """Part of a compiled part: gives its text, alone or for many items of the innermost list."""

    __slots__ = ()

    @property
    def is_long(self) -> bool:
        """Whether the text may be long, and is better taken bit by bit."""
        return False

    @property
    def is_placed(self) -> bool:
        """Whether the text says nothing but where rows of a workbook lie."""
        return False

    def text(self, filling: Filling) -> bytes:
        """The text, encoded."""
        raise NotImplementedError

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The texts for each of ``items``: what stands side by side in the columns belongs together."""
        return ([self._of(filling, item) for item in items],)

    def chunks(self, filling: Filling) -> Iterator[bytes]:
        """The text bit by bit, where it may be long."""
        yield self.text(filling)

    def _of(self, filling: Filling, item: Any) -> bytes:
        filling.scopes[-1] = item
        return self.text(filling)


class Long(Piece):
    """A piece that repeats: its text may be long, and is made of its chunks."""

    __slots__ = ()

    @property
    def is_long(self) -> bool:
        """A list may be."""
        return True

    def text(self, filling: Filling) -> bytes:
        """All of the chunks."""
        return b"".join(self.chunks(filling))


@dataclass(frozen=True)
class Body:
    """Pieces in a row; a ``str`` is static."""

    pieces: tuple[str | Piece, ...] = ()

    @cached_property
    def static(self) -> bytes | None:
        """The text, if it is always the same."""
        texts = [piece for piece in self.pieces if isinstance(piece, str)]
        return "".join(texts).encode() if len(texts) == len(self.pieces) else None

    @cached_property
    def is_long(self) -> bool:
        """Whether one of the pieces is."""
        return any(isinstance(piece, Piece) and piece.is_long for piece in self.pieces)

    @cached_property
    def _encoded(self) -> tuple[bytes | Piece, ...]:
        return tuple(piece.encode() if isinstance(piece, str) else piece for piece in self.pieces)

    @cached_property
    def _whole(self) -> "_Joined":
        return _Joined(self._encoded)

    @cached_property
    def _apart(self) -> tuple["_Joined | Piece", ...]:
        """Long pieces, and what stands between them."""
        apart: list[_Joined | Piece] = []
        between: list[bytes | Piece] = []
        for piece in self._encoded:
            if len(piece) >= CHUNK if isinstance(piece, bytes) else piece.is_long:
                apart += (_Joined(between), _Joined([piece]) if isinstance(piece, bytes) else piece)
                between = []
            else:
                between.append(piece)
        return (*apart, _Joined(between))

    @cached_property
    def _weaver(self) -> Weaver:
        return Weaver()

    @cached_property
    def _joined_at_once(self) -> int:
        """How many items make a chunk, if the body is repeated."""
        size = sum(len(piece) if isinstance(piece, bytes) else _GUESS for piece in self._encoded)
        return max(1, CHUNK // max(1, size))

    @cached_property
    def batch(self) -> int:
        """How many items are filled at once; of those with lists of their own, no more than make a chunk."""
        return min(BATCH, self._joined_at_once) if self.is_long else BATCH

    def text(self, filling: Filling) -> bytes:
        """The text of every piece."""
        return self._whole.text(filling) if self.static is None else self.static

    def chunks(self, filling: Filling) -> Iterator[bytes]:
        """The text bit by bit."""
        for part in self._apart:
            if isinstance(part, Piece):
                yield from part.chunks(filling)
            else:
                yield part.text(filling)

    def repeated(self, filling: Filling, items: Sequence[Any]) -> Iterator[bytes]:
        """The text for each of ``items``, one after the other, chunk by chunk; their scope is open."""
        columns: list[Column] = []
        for piece in self._encoded:
            if isinstance(piece, bytes):
                columns.append(piece)
            else:
                columns += piece.columns(filling, items)
        yield from self._weaver.rows(columns, len(items), self._joined_at_once)


class _Joined:
    """Pieces that are joined at once: the static ones lie ready, the others are set among them."""

    def __init__(self, pieces: Iterable[bytes | Piece]) -> None:
        laid = [part for piece in pieces for part in (piece.parts if isinstance(piece, Lines) else (piece,))]
        self._ready = [piece if isinstance(piece, bytes) else b"" for piece in laid]
        self._values = Together(
            Place(index, piece.lookup, piece.typeset, piece.line_break.encode(), piece.tab.encode())
            for index, piece in enumerate(laid)
            if isinstance(piece, Value) and piece.lookup.keys
        )
        together = self._values.indexes
        others = ((index, piece) for index, piece in enumerate(laid) if index not in together)
        self._set = [(index, piece.text) for index, piece in others if isinstance(piece, Piece)]
        placed = [piece.is_placed for piece in laid if isinstance(piece, Piece)]
        self._is_placed = bool(placed) and all(placed)
        self._placed: dict[Any, bytes] = {}

    def text(self, filling: Filling) -> bytes:
        """The text of all; where it only follows from how long lists are, it is kept."""
        if not self._is_placed or filling.rows.current:
            return self._joined(filling)
        lengths = filling.rows.lengths
        found = self._placed.get(lengths)
        if found is None:
            found = self._joined(filling)
            if len(self._placed) < _KEPT:
                self._placed[lengths] = found
        return found

    def _joined(self, filling: Filling) -> bytes:
        texts = self._ready.copy()
        self._values.put(texts, filling)
        for index, text in self._set:
            texts[index] = text(filling)
        return b"".join(texts)


@dataclass(frozen=True, slots=True)
class Value(Piece):
    """A value as text. ``line_break`` and ``tab`` are the closing and opening XML around a line break and a tab."""

    lookup: Lookup
    typeset: Typeset
    line_break: str
    tab: str

    def text(self, filling: Filling) -> bytes:
        """The escaped text."""
        return self._set(self.typeset(self.lookup.find(filling))).encode()

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The escaped texts."""
        values = self.lookup.column(filling, items)
        if values is None:
            return (self.text(filling),)
        if values.same and len(text := self.typeset(values.values[0])) < _BRIEF:
            return (self._set(text).encode(),)
        digits = values.digits(self.typeset)
        if digits is not None:
            return (digits,)
        escaped = values.escaped(self.typeset)
        if escaped is None:
            escaped = [self._set(text).encode() for text in values.texts(self.typeset)[0]]
        return (escaped,)

    def _set(self, text: str) -> str:
        if text.isprintable():
            return without_markup(text)
        return escape(text).replace("\n", self.line_break).replace("\t", self.tab)


@dataclass(frozen=True, slots=True)
class Number(Piece):
    """A number that formgen itself gives, of a list or a shape."""

    lookup: Lookup

    def text(self, filling: Filling) -> bytes:
        """Its digits."""
        return b"%d" % int(self.lookup.find(filling))


@dataclass(frozen=True, slots=True)
class Line(Piece):
    """The current line of a value that is set in paragraphs."""

    tab: str

    def text(self, filling: Filling) -> bytes:
        """The escaped line."""
        return filling.line.replace("\t", self.tab).encode()


@dataclass(frozen=True)
class Lines(Piece):
    """A paragraph for each line of a value; one empty paragraph where it is absent."""

    lookup: Lookup
    typeset: Typeset
    body: Body

    def text(self, filling: Filling) -> bytes:
        """The body once for each line."""
        if self._simple is not None:
            before, value, after = self._simple
            return before + value.text(filling) + after
        texts = []
        for line in escape(self.typeset(self.lookup.find(filling))).split("\n"):
            filling.line = line
            texts.append(self.body.text(filling))
        return b"".join(texts)

    def columns(self, filling: Filling, items: Sequence[Any]) -> tuple[Column, ...]:
        """The same for each item."""
        if self._simple is None:
            return super().columns(filling, items)
        before, value, after = self._simple
        return before, *value.columns(filling, items), after

    @property
    def parts(self) -> "tuple[bytes | Piece, ...]":
        """What it is made of where that is a value between two texts, else itself."""
        return (self,) if self._simple is None else self._simple

    @cached_property
    def _simple(self) -> tuple[bytes, Value, bytes] | None:
        """Where the body holds nothing but the line, a line break closes the paragraph and opens the next."""
        match self.body.pieces:
            case (str(before), Line(tab), str(after)):
                return before.encode(), Value(self.lookup, self.typeset, after + before, tab), after.encode()
        return None


@dataclass(frozen=True, slots=True)
class When(Piece):
    """One of two texts: ``body`` if the value is present (or equals ``equals``), else ``otherwise``."""

    lookup: Lookup
    equals: str | None
    body: Body
    otherwise: Body

    @property
    def is_long(self) -> bool:
        """Whether one of the two is."""
        return self.body.is_long or self.otherwise.is_long

    def text(self, filling: Filling) -> bytes:
        """The one that holds."""
        return self._choice(filling).text(filling)

    def chunks(self, filling: Filling) -> Iterator[bytes]:
        """The one that holds, bit by bit."""
        return self._choice(filling).chunks(filling)

    def _choice(self, filling: Filling) -> Body:
        value = self.lookup.find(filling)
        if self.equals is None:
            return self.body if is_present(value) else self.otherwise
        return self.body if is_ticked(value, self.equals) else self.otherwise


@dataclass(frozen=True, slots=True)
class Each(Long):
    """``body`` for each item of a list; ``otherwise`` where there is none."""

    lookup: Lookup
    body: Body
    otherwise: Body

    def chunks(self, filling: Filling) -> Iterator[bytes]:
        """The same in batches."""
        items = self.lookup.find(filling)
        if not isinstance(items, list) or not items:
            yield from self.otherwise.chunks(filling)
            return
        filling.scopes.append(None)
        for batch in filling.batches(items, self.body.batch):
            yield from self.body.repeated(filling, batch)
        filling.scopes.pop()


@dataclass(frozen=True, slots=True)
class Blank(Piece):
    """``body`` with an item that has no values: a ruled line to write on."""

    body: Body

    def text(self, filling: Filling) -> bytes:
        """The body once."""
        filling.scopes.append(None)
        text = self.body.text(filling)
        filling.scopes.pop()
        return text


@dataclass(frozen=True, slots=True)
class Shape(Piece):
    """A picture: ``body`` with the picture's attributes, or the template's own placeholder."""

    lookup: Lookup
    box: tuple[int, int]
    body: Body
    otherwise: Body
    placeholders: tuple[str, ...]

    def text(self, filling: Filling) -> bytes:
        """The shape; the picture is handed to the package."""
        value = self.lookup.find(filling)
        picture = filling.pictures.get(value) if isinstance(value, str) else None
        if filling.embedded is None:
            raise AssertionError("a picture in a part that takes none")
        if picture is None:
            filling.embedded.keep(self.placeholders)
            return self.otherwise.text(filling)
        filling.picture = filling.embedded.shape(picture, self.box)
        return self.body.text(filling)


@dataclass(frozen=True, slots=True)
class ShapeAttribute(Piece):
    """An attribute of the current picture's shape."""

    name: str

    def text(self, filling: Filling) -> bytes:
        """The attribute's value."""
        return filling.picture[self.name].encode()


def is_present(value: Any) -> bool:
    """Whether there is anything to print: ``false`` and 0 are."""
    return value is not None and value != "" and value != [] and value != {}


def is_ticked(value: Any, equals: str) -> bool:
    """Whether the box for ``equals`` is ticked by ``value``."""
    return is_present(value) and not isinstance(value, (dict, list)) and canonical(value) == equals
