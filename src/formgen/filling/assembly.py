"""From marked XML to pieces: the step that Word and Excel templates share.

A compiler marks its tree with processing instructions ``<?fg …?>`` and, where XML allows none, with attribute values
``fg.N.name``; the tree is serialised once, and the text between the marks is static.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from formgen.filling.controls import Path, join_path
from formgen.filling.lookups import Lookup
from formgen.filling.slots import Body, Piece
from formgen.findings import Text

_MARK = re.compile(r"<\?fg ([\[|\]v])([0-9]+)\?>|fg\.([0-9]+)\.([a-z]+)\.gf")
Scopes = tuple[Path, ...]
"""The lists that are being repeated at a place of the template, outermost first."""


class Misplaced(Exception):
    """A list's control stands outside what is repeated for that list."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Slot:
    """A mark that stands for one piece."""

    make: Callable[[Scopes], Piece]


@dataclass(frozen=True, slots=True)
class Region:
    """A pair of marks around what is repeated or kept; ``[]`` paths open a scope for their body."""

    path: Path
    make: Callable[[Scopes, Body, Body], Piece]
    always: bool = False
    """Whether something is written in any case."""

    @property
    def repeats(self) -> bool:
        """Whether the body is written for each item of a list."""
        return self.path[-1:] == ("[]",)


class Marks:
    """The marks of one part, numbered."""

    def __init__(self) -> None:
        self._entries: list[Slot | Region] = []

    def slot(self, make: Callable[[Scopes], Piece]) -> etree._ProcessingInstruction:
        """The mark for a new slot."""
        return _mark("v", self._add(Slot(make)))

    def region(self, region: Region) -> "RegionMarks":
        """The marks for a new region."""
        number = self._add(region)
        return RegionMarks(_mark("[", number), _mark("|", number), _mark("]", number))

    def attribute(self, name: str, make: Callable[[Scopes], Piece]) -> str:
        """The attribute value that stands for a new slot."""
        return f"fg.{self._add(Slot(make))}.{name}.gf"

    def may_vanish(self, number: int) -> bool:
        """Whether the region of that number can be written as nothing."""
        entry = self._entries[number]
        return isinstance(entry, Region) and not entry.always

    def _add(self, entry: Slot | Region) -> int:
        self._entries.append(entry)
        return len(self._entries) - 1

    def assemble(self, xml: str) -> Body:
        """The pieces of a serialised part."""
        tokens = _tokens(xml)
        body, stop = self._sequence(tokens, 0, ())
        if stop != len(tokens):
            raise AssertionError("a region ends that did not begin")
        return body

    def _sequence(self, tokens: list[str | tuple[str, int]], at: int, scopes: Scopes) -> tuple[Body, int]:
        pieces: list[str | Piece] = []
        while at < len(tokens):
            token = tokens[at]
            if isinstance(token, str):
                pieces.append(token)
                at += 1
                continue
            sign, number = token
            if sign in "|]":
                break
            entry = self._entries[number]
            if isinstance(entry, Slot):
                pieces.append(entry.make(scopes))
                at += 1
                continue
            inner = (*scopes, entry.path) if entry.repeats else scopes
            body, at = self._sequence(tokens, at + 1, inner)
            otherwise = Body()
            if tokens[at] == ("|", number):
                # What is written when a list is empty may itself be a blank item, in the list's scope.
                otherwise, at = self._sequence(tokens, at + 1, inner)
            if tokens[at] != ("]", number):
                raise Misplaced(_overlap(entry.path))
            at += 1
            pieces.append(entry.make(scopes, body, otherwise))
        return Body(tuple(pieces)), at


@dataclass(frozen=True, slots=True)
class RegionMarks:
    """The three marks of a region; ``middle`` is only placed where there is an otherwise."""

    start: etree._ProcessingInstruction
    middle: etree._ProcessingInstruction
    end: etree._ProcessingInstruction


def _mark(sign: str, number: int) -> etree._ProcessingInstruction:
    return etree.ProcessingInstruction("fg", f"{sign}{number}")


def _tokens(xml: str) -> list[str | tuple[str, int]]:
    tokens: list[str | tuple[str, int]] = []
    end = 0
    for match in _MARK.finditer(xml):
        if match.start() > end:
            tokens.append(xml[end : match.start()])
        sign, number, attribute, _ = match.groups()
        tokens.append((sign, int(number)) if sign else ("v", int(attribute)))
        end = match.end()
    if end < len(xml):
        tokens.append(xml[end:])
    return tokens


def lookup(path: Path, scopes: Scopes) -> Lookup:
    """Where the value at ``path`` is found at a place with these scopes.

    Raises:
        Misplaced: the path goes through a list that is not being repeated there.
    """
    depth, keys = 0, path
    for index, scope in enumerate(scopes, start=1):
        if path[: len(scope)] == scope:
            depth, keys = index, path[len(scope) :]
    if "[]" in keys:
        outer = join_path(path[: len(path) - len(keys) + keys.index("[]") + 1])
        raise Misplaced(
            Text(f"这里不在“{outer}”重复的范围之内", f"this is outside of what is repeated for {outer!r}"),
        )
    return Lookup(depth, keys)


def _overlap(path: Path) -> Text:
    name = join_path(path)
    return Text(f"“{name}”的重复范围与另一个交叉", f"what is repeated for {name!r} overlaps another region")
