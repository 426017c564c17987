"""A compiled part: static text and slots, written into a list of strings that is joined once.

A template's XML is parsed once. What remains of it is a sequence of these pieces; filling a document walks them, and
builds no tree.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from formgen.filling.typesetting import Typeset, canonical
from formgen.pictures import Picture

# What XML 1.0 cannot hold. It is a schema finding long before; a draft prints the replacement character for it.
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>]|" + _ILLEGAL.pattern)
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    r"""``text`` as the content of an XML element, whatever is in it; every kind of line end becomes ``\\n``."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "\ufffd"), text)


@dataclass(slots=True)
class Filling:
    """One document being filled."""

    scopes: list[Any]
    """The record's values, then the current item of each list that is being repeated."""
    out: list[str] = field(default_factory=list)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    embedded: "Embedded | None" = None
    """Takes the pictures of the part that is being filled."""
    picture: Mapping[str, str] = field(default_factory=dict)
    """What the attributes of the current picture's shape are."""
    rows: Any = None
    """In a workbook: how far rows have moved (:class:`~formgen.filling.rows.Rows`)."""
    line: str = ""
    """The current line, escaped, of a value that is set in paragraphs."""


class Embedded(Protocol):
    """Puts pictures into a package for the part that shows them."""

    def shape(self, picture: Picture, box: tuple[int, int]) -> Mapping[str, str]:
        """The attributes of the shape that shows ``picture`` within ``box`` (EMU)."""
        ...

    def keep(self, relationships: Sequence[str]) -> None:
        """Note that the template's own pictures, by relationship id, are still shown."""
        ...


class Piece(Protocol):
    """Part of a compiled part."""

    def write(self, filling: Filling) -> None:
        """Append this piece's text."""
        ...


Pieces = Sequence["str | Piece"]


def write(pieces: Pieces, filling: Filling) -> None:
    """Append every piece's text."""
    out = filling.out
    for piece in pieces:
        if isinstance(piece, str):
            out.append(piece)
        else:
            piece.write(filling)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Where a value is: ``keys`` from the scope at ``depth`` (0 is the record)."""

    depth: int
    keys: tuple[str, ...]

    def find(self, filling: Filling) -> Any:
        """The value, or None where it is absent."""
        value = filling.scopes[self.depth]
        for key in self.keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value


@dataclass(frozen=True, slots=True)
class Value:
    """A value as text. ``breaks`` are the closing and opening XML around a line break and a tab."""

    lookup: Lookup
    typeset: Typeset
    line_break: str
    tab: str

    def write(self, filling: Filling) -> None:
        """Append the escaped text."""
        text = escape(self.typeset(self.lookup.find(filling)))
        if "\n" in text or "\t" in text:
            text = text.replace("\n", self.line_break).replace("\t", self.tab)
        filling.out.append(text)


@dataclass(frozen=True, slots=True)
class Line:
    """The current line of a value that is set in paragraphs."""

    tab: str

    def write(self, filling: Filling) -> None:
        """Append the escaped line."""
        filling.out.append(filling.line.replace("\t", self.tab))


@dataclass(frozen=True, slots=True)
class Lines:
    """A paragraph for each line of a value; one empty paragraph where it is absent."""

    lookup: Lookup
    typeset: Typeset
    body: Pieces

    def write(self, filling: Filling) -> None:
        """Append the body once for each line."""
        for line in escape(self.typeset(self.lookup.find(filling))).split("\n"):
            filling.line = line
            write(self.body, filling)


@dataclass(frozen=True, slots=True)
class When:
    """One of two texts: ``body`` if the value is present (or equals ``equals``), else ``otherwise``."""

    lookup: Lookup
    equals: str | None
    body: Pieces
    otherwise: Pieces

    def write(self, filling: Filling) -> None:
        """Append the one that holds."""
        value = self.lookup.find(filling)
        if self.equals is None:
            holds = is_present(value)
        else:
            holds = is_present(value) and not isinstance(value, (dict, list)) and canonical(value) == self.equals
        write(self.body if holds else self.otherwise, filling)


@dataclass(frozen=True, slots=True)
class Each:
    """``body`` for each item of a list; ``otherwise`` where there is none."""

    lookup: Lookup
    body: Pieces
    otherwise: Pieces

    def write(self, filling: Filling) -> None:
        """Append the body once for each item."""
        items = self.lookup.find(filling)
        if not isinstance(items, list) or not items:
            write(self.otherwise, filling)
            return
        filling.scopes.append(None)
        for item in items:
            filling.scopes[-1] = item
            write(self.body, filling)
        filling.scopes.pop()


@dataclass(frozen=True, slots=True)
class Blank:
    """``body`` with an item that has no values: a ruled line to write on."""

    body: Pieces

    def write(self, filling: Filling) -> None:
        """Append the body once."""
        filling.scopes.append(None)
        write(self.body, filling)
        filling.scopes.pop()


@dataclass(frozen=True, slots=True)
class Shape:
    """A picture: ``body`` with the picture's attributes, or the template's own placeholder."""

    lookup: Lookup
    box: tuple[int, int]
    body: Pieces
    otherwise: Pieces
    placeholders: tuple[str, ...]

    def write(self, filling: Filling) -> None:
        """Append the shape, and hand the picture to the package."""
        value = self.lookup.find(filling)
        picture = filling.pictures.get(value) if isinstance(value, str) else None
        if filling.embedded is None:
            raise AssertionError("a picture in a part that takes none")
        if picture is None:
            filling.embedded.keep(self.placeholders)
            write(self.otherwise, filling)
        else:
            filling.picture = filling.embedded.shape(picture, self.box)
            write(self.body, filling)


@dataclass(frozen=True, slots=True)
class ShapeAttribute:
    """An attribute of the current picture's shape."""

    name: str

    def write(self, filling: Filling) -> None:
        """Append the attribute's value."""
        filling.out.append(filling.picture[self.name])


def is_present(value: Any) -> bool:
    """Whether there is anything to print: ``false`` and 0 are."""
    return value is not None and value != "" and value != [] and value != {}
