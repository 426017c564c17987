"""Reads XML piece by piece: nothing is built from it but what is asked for, and no entity is expanded."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NoReturn
from xml.parsers import expat

from formgen.characters import ILLEGAL
from formgen.intake.grids import Budget, Damaged
from formgen.opc import doctype_refused

LONGEST: Final = 4_000_000
"""Bytes of one tag with its attributes, or of one item of a list, which are held in memory together."""
CHARACTER: Final = "[^<>&\x00-\x08\x0b-\x1f\ufffe\uffff]"
"""Of a regular expression: what stands in a text for itself, and does so nowhere else."""
_ENTITY: Final = "&(?:amp|lt|gt|quot|apos|#[1-9][0-9]{0,6});"
TEXT: Final = f"{CHARACTER}*+(?:{_ENTITY}{CHARACTER}*+)*+"
"""A text with entities that stand for one character each."""
_SPLIT: Final = re.compile(f"({_ENTITY})")
_ENTITIES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_ENCODING: Final = re.compile(rb"""^\xef\xbb\xbf<\?xml|^<\?xml[^>]*encoding\s*=\s*["'](?!(?i:utf-8)["'])""")
Attributes = dict[str, str]
Beginning = Callable[[expat.XMLParserType, str, Attributes], None]


def parse(
    chunks: Iterable[bytes],
    part: str,
    begin: Beginning,
) -> None:
    """Parses a part; ``begin`` is called with its first element and sets the handlers for all that follow.

    Raises:
        Damaged: it is no XML.
        PackageError: it has a DOCTYPE, or the package is damaged.
    """
    feed = Feed(part, begin)
    for chunk in chunks:
        feed.give(chunk)
    feed.end()


class Feed:
    """A part on its way through the parser; its pieces are given one by one. Errors are those of :func:`parse`."""

    def __init__(self, part: str, begin: Beginning) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = _refuse_doctype
        self.parser.StartElementHandler = lambda name, attributes: begin(self.parser, name, attributes)
        self._part = part
        self._given = 0

    def give(self, chunk: bytes) -> None:
        """Parses what is whole with this piece."""
        self._parse(chunk, False)
        self._given += len(chunk)
        if self._given - self.parser.CurrentByteIndex > LONGEST:
            raise Damaged(f"{self._part}: a tag without end")

    def end(self) -> None:
        """Sees that everything that was begun has ended."""
        self._parse(b"", True)
        parser = self.parser  # without these it goes at once, and what they know with it
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None

    def _parse(self, chunk: bytes, final: bool) -> None:
        try:
            self.parser.Parse(chunk, final)
        except (expat.ExpatError, ValueError, LookupError) as error:
            # The latter two: an unknown encoding, a text no. 99.
            raise Damaged(f"{self._part}: {error}") from error


class NotPlain(Exception):
    """A part, or a piece of it, that is not laid out in the plain way; it is no worse for that."""


def take_items(pieces: Iterator[bytes], rest: bytes, last: bytes, end: bytes, take: Callable[[str], None]) -> bytes:
    """Gives the items of a list to ``take``, many whole ones at a time; what begins with the end of the list.

    Args:
        pieces: of the part; those behind the end are left.
        rest: what of the part has been read and not been taken.
        last: what an item ends in.
        end: what the list ends in.
        take: gets items as they are written.

    Raises:
        NotPlain: the list has no end, an item is too long, or there is something that is no UTF-8.
    """
    for piece in pieces:
        at = rest.rfind(last)
        if end in rest[max(at, 0) :]:
            return _take_last(rest, end, take) + piece
        if at >= 0:
            at += len(last)
            _take(rest[:at], take)
            rest = rest[at:]
        if len(rest) > LONGEST:
            raise NotPlain
        rest += piece
    return _take_last(rest, end, take)


def _take(data: bytes, take: Callable[[str], None]) -> None:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotPlain from error
    if text:
        take(text)


def _take_last(rest: bytes, end: bytes, take: Callable[[str], None]) -> bytes:
    at = rest.find(end)
    if at < 0:
        raise NotPlain
    _take(rest[:at], take)
    return rest[at:]


def elements(
    chunks: Iterable[bytes], part: str, budget: Budget, wanted: tuple[str, ...]
) -> Sequence[tuple[str, Attributes]]:
    """The elements of these local names with their attributes, in order. What is given belongs to others, too."""
    pieces = iter(chunks)
    first = next(pieces, b"")
    second = next(pieces, None)
    if second is not None or len(first) > _SMALL:
        return _elements(chain((first, *(() if second is None else (second,))), pieces), part, budget, wanted)
    known = _seen.get((first, wanted))
    if known is not None:
        budget.element(known[1])
        return known[0]
    before = budget.elements
    found = _elements((first,), part, budget, wanted)
    if len(_seen) >= _REMEMBERED:
        _seen.clear()
    _seen[first, wanted] = found, budget.elements - before
    return found


_SMALL: Final = 16_000
_REMEMBERED: Final = 64
_seen: dict[tuple[bytes, tuple[str, ...]], tuple[Sequence[tuple[str, Attributes]], int]] = {}
"""What small parts held, and of how many elements: in all files of a program they are the same."""


def _elements(
    chunks: Iterable[bytes], part: str, budget: Budget, wanted: tuple[str, ...]
) -> Sequence[tuple[str, Attributes]]:
    names = frozenset(wanted)
    found: list[tuple[str, Attributes]] = []

    def take(name: str, attributes: Attributes) -> None:
        budget.element()
        local = name.rpartition(":")[2]
        if local in names:
            found.append((local, attributes))

    def begin(parser: expat.XMLParserType, name: str, attributes: Attributes) -> None:
        parser.StartElementHandler = take
        take(name, attributes)

    parse(chunks, part, begin)
    return found


def attribute(attributes: Attributes, local: str) -> str:
    """The attribute of a local name, whatever its prefix; empty if there is none."""
    if local in attributes:
        return attributes[local]
    return next((value for name, value in attributes.items() if name.endswith(f":{local}")), "")


def prefix_of(name: str) -> str:
    """What stands before the local name of an element: ``x:`` or nothing."""
    return name[: len(name) - len(name.rpartition(":")[2])]


def without_entities(written: str) -> str:
    """What a :data:`TEXT` says.

    Raises:
        Damaged: an entity stands for no character.
    """
    if "&" not in written:
        return written
    pieces = _SPLIT.split(written)
    pieces[1::2] = map(_meanings.__getitem__, pieces[1::2])
    return "".join(pieces)


class _Meanings(dict[str, str]):
    """What entities stand for, found out once: libraries write every Chinese character as one."""

    def __missing__(self, entity: str) -> str:
        number = int(entity[2:-1])
        character = chr(number) if number <= sys.maxunicode else ""
        if not character or ILLEGAL.match(character):
            raise Damaged(f"{entity}: no character")
        if len(self) < _MOST_MEANINGS:
            self[entity] = character
        return character


_meanings: Final = _Meanings(_ENTITIES)
_MOST_MEANINGS: Final = 50_000


def is_utf_8(head: bytes) -> bool:
    """Whether a part that begins so is in UTF-8, without a mark at its beginning."""
    return _ENCODING.search(head) is None


def _refuse_doctype(*_: object) -> NoReturn:
    raise doctype_refused()
