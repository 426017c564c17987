"""Where in a JSON text each value stands: a tokenizer that keeps lines, which the json module does not."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from formgen.characters import ILLEGAL
from formgen.findings import Pointer
from formgen.record import Origin

# Possessive, and satisfied by an unfinished string: otherwise a text of nothing but \" takes quadratic time.
_STRING = r'"(?:[^"\\]++|\\(?:.|\Z))*+"?'
_TOKEN = re.compile(rf'{_STRING}|[\[\]{{}},:]|\n|[^\s\[\]{{}},:"]+', re.DOTALL)
_BRACKET = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """A value in a JSON text (of a list or object: its opening bracket), or with ``is_key`` the key before it.

    ``shown`` is the line where a person looks for it: that of the key, if it has one.
    """

    pointer: Pointer
    text: str
    line: int
    shown: int
    end: int
    inside: int = 0
    """Where the list or object begins that it stands in: tells apart what has the same pointer."""
    is_key: bool = False


def depth(text: str, limit: int) -> tuple[bool, int]:
    """Whether brackets are nested deeper than ``limit``, and in which line that begins."""
    level = 0
    for match in _BRACKET.finditer(text):
        token = match[0]
        if token in ("[", "{"):
            level += 1
            if level > limit:
                return True, text.count("\n", 0, match.start()) + 1
        elif token in ("]", "}"):
            level -= 1
    return False, 0


def tokens(text: str, start: int = 0, line: int = 1, base: Pointer = ()) -> Iterator[Token]:
    """The keys and values of the value that begins at ``start``, in order. ``text`` is something json accepted."""
    stack: list[tuple[Pointer, bool, int]] = []  # the open brackets: pointer, whether it is an object, offset
    place: list[str | int] = []  # in each of them, the key or index of the value that comes next
    expecting_key = False
    shown = line
    for match in _TOKEN.finditer(text, start):
        piece = match[0]
        if piece == "\n":
            line += 1
        elif piece == ",":
            expecting_key = stack[-1][1]
            if not expecting_key:
                place[-1] = int(place[-1]) + 1
        elif piece in ("]", "}"):
            stack.pop()
            place.pop()
            expecting_key = False
            if not stack:
                return
        elif expecting_key:
            place[-1] = clean(json.loads(piece))
            shown, expecting_key = line, False
            yield Token((*stack[-1][0], place[-1]), piece, line, line, match.end(), stack[-1][2], is_key=True)
        elif piece != ":":
            parent, in_object, inside = stack[-1] if stack else ((), False, 0)
            pointer = (*parent, place[-1]) if stack else base
            yield Token(pointer, piece, line, shown if in_object else line, match.end(), inside)
            if piece in ("[", "{"):
                stack.append((pointer, piece == "{", match.start()))
                place.append(0)
                expecting_key = piece == "{"


def clean(text: str) -> str:
    """``text`` with U+FFFD for every character that no document can hold."""
    return ILLEGAL.sub("\ufffd", text)


@dataclass(frozen=True)
class JsonOrigins:
    """Origins of a record that was read from JSON: lines, found only when somebody asks.

    ``derived`` leads from a field that intake derived to the field that it was derived from.
    """

    file: str
    text: str
    derived: Mapping[Pointer, Pointer] = field(default_factory=dict)

    @cached_property
    def _containers(self) -> dict[Pointer, tuple[int, int, int]]:
        """Offset, line and shown line of every list and object; single values are looked up inside theirs."""
        return {
            token.pointer: (token.end - 1, token.line, token.shown)
            for token in tokens(self.text)
            if not token.is_key and token.text in ("[", "{")
        }

    def find(self, pointer: Pointer) -> Origin:
        """The line of the value at ``pointer``, or of its nearest parent that exists."""
        for length in range(len(pointer), 0, -1):
            source = self.derived.get(pointer[:length])
            if source is not None:
                return self.find(source)
        for length in range(len(pointer), -1, -1):
            container = self._containers.get(pointer[:length])
            if container is None:
                continue
            offset, line, shown = container
            if length < len(pointer):
                shown = self._child(pointer[: length + 1], offset, line) or shown
            return Origin(self.file, line=shown)
        first = next(tokens(self.text))  # the text is a single number or word
        return Origin(self.file, line=first.line)

    def _child(self, pointer: Pointer, offset: int, line: int) -> int | None:
        for token in tokens(self.text, offset, line, pointer[:-1]):
            if token.pointer == pointer:
                return token.shown
        return None
