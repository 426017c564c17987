"""A text file that is read piece by piece: in which encoding it is written, what is in it, its lines."""

import codecs
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from formgen.scratch import Scratch

_PIECE: Final = 1 << 18
"""Bytes; an even number, so that each of two bytes keeps its side."""
_UTF_16: Final = 50
"""One byte in so many is zero, at the least, in a table in UTF-16."""
_LONGEST_MARK: Final = 8
_BOM: Final = "\ufeff"
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class Undecodable(Exception):
    """Bytes that are no text; on which line."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True)
class Text:
    """A text in an encoding."""

    data: bytes | Scratch
    encoding: str

    def pieces(self) -> Iterator[str]:
        """What is written, without the mark of the encoding.

        Raises:
            Undecodable: it is in no such encoding.
        """
        decode = codecs.getincrementaldecoder(self.encoding)().decode
        size = len(self.data)
        lines, is_begun = 1, False
        for begin in range(0, size, _PIECE):
            try:
                piece = decode(self.data[begin : begin + _PIECE], begin + _PIECE >= size)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(self.encoding, errors="replace")
                raise Undecodable(lines + before.count("\n")) from error
            lines += piece.count("\n")
            if piece:
                yield piece if is_begun else piece.removeprefix(_BOM)
                is_begun = True

    def lines(self) -> Iterator[str]:
        r"""Its lines with their ends, as ``io.StringIO(…, newline="")`` has them, without zeros."""
        parts: list[str] = []
        for piece in self.pieces():
            parts.append(piece.replace("\0", ""))
            if "\n" in piece or "\r" in piece:
                lines = list(io.StringIO("".join(parts), newline=""))
                # One that ends in a carriage return may go on with a line feed.
                parts = [lines.pop()] if lines and not lines[-1].endswith("\n") else []
                yield from lines
        yield from io.StringIO("".join(parts), newline="")


@dataclass
class Contents:
    """What a text was seen to hold."""

    head: str = ""
    """Its beginning, without zeros."""
    zero: int = 0
    """On which line the first zero stands; 0 if there is none."""
    holds: frozenset[str] = frozenset()
    """Those of the marks that were looked for."""


def understood(data: bytes | Scratch, marks: Sequence[str], head: int) -> tuple[Text, Contents]:
    """A text in the first encoding that it can be in, and what is in it: which of the marks, so much of its beginning.

    Raises:
        Undecodable: it is in none; with the line by the last.
    """
    encodings = _encodings(data)
    for encoding in encodings:
        text = Text(data, encoding)
        try:
            return text, _contents(text, marks, head)
        except Undecodable:
            if encoding == encodings[-1]:
                raise
    raise AssertionError(encodings)


def _contents(text: Text, marks: Sequence[str], head: int) -> Contents:
    found, holds = Contents(), set[str]()
    before, lines = "", 1
    for piece in text.pieces():
        if not found.zero and "\0" in piece:
            found.zero = lines + piece.count("\n", 0, piece.index("\0"))
        lines += piece.count("\n")
        plain = piece.replace("\0", "")
        found.head += plain[: head - len(found.head)]
        both = before + plain
        holds.update(mark for mark in marks if mark in both)
        before = both[-_LONGEST_MARK:]
    found.holds = frozenset(holds)
    return found


def _encodings(data: bytes | Scratch) -> Sequence[str]:
    """In which a text may be written, the likeliest first."""
    for mark, encoding in _BOMS:
        if data[: len(mark)] == mark:
            return (encoding,)
    zeros = {"utf-16-le": 0, "utf-16-be": 0}
    for begin in range(0, len(data), _PIECE):
        piece = data[begin : begin + _PIECE]
        zeros["utf-16-le"] += piece[1::2].count(0)
        zeros["utf-16-be"] += piece[::2].count(0)
    likely = max(zeros, key=lambda encoding: zeros[encoding])
    if len(data) % 2 == 0 and zeros[likely] > max(len(data) // _UTF_16, min(zeros.values())):
        # Without a mark: half of every comma, digit and line feed is then a zero, on one and the same side.
        return (likely,)
    return ("utf-8", "gb18030")
