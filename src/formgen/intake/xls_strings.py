"""The texts of an XLS workbook: one character in one byte or two, in a table that runs over several records."""

import struct
from typing import Final

from formgen.intake.grids import Damaged

_WIDE, _EXTENDED, _RICH = 0x01, 0x04, 0x08
_SMALLEST: Final = 3
"""No text takes fewer bytes: that bounds what their number may claim."""


def text_at(content: bytes, at: int, *, short: bool = False) -> str:
    """The text that begins at an offset of a record; ``short``: its length is one byte."""
    length = content[at] if short else struct.unpack_from("<H", content, at)[0]
    at += 1 if short else 2
    wide = content[at] & _WIDE
    return _decode(content[at + 1 : at + 1 + (length << wide)], wide)


def _decode(content: bytes, wide: int) -> str:
    return content.decode("utf-16-le" if wide else "latin-1", errors="replace")


class Strings:
    """The table of texts. A text that is cut by the end of a record says anew how wide its characters are."""

    def __init__(self, first: bytes) -> None:
        self._records = [first]
        self._record, self._at = 0, 8

    def more(self, content: bytes) -> None:
        """Adds the record that continues the table."""
        self._records.append(content)

    def all(self) -> list[str]:
        """All texts.

        Raises:
            Damaged: the table is cut off.
        """
        (count,) = struct.unpack_from("<I", self._records[0], 4)
        if count * _SMALLEST > sum(map(len, self._records)):
            raise Damaged("table of texts")
        return [self._text() for _ in range(count)]

    def _text(self) -> str:
        (length,) = struct.unpack("<H", self._take(2))
        flags = self._take(1)[0]
        runs = struct.unpack("<H", self._take(2))[0] if flags & _RICH else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & _EXTENDED else 0
        pieces: list[str] = []
        wide = flags & _WIDE
        while length:
            if self._left() == 0:
                self._turn()
                wide = self._take(1)[0] & _WIDE
            taken = min(length, self._left() >> wide)
            if taken == 0:
                raise Damaged("table of texts")
            pieces.append(_decode(self._take(taken << wide), wide))
            length -= taken
        self._skip(runs * 4 + extra)
        return "".join(pieces)

    def _left(self) -> int:
        return len(self._records[self._record]) - self._at

    def _turn(self) -> None:
        self._record, self._at = self._record + 1, 0
        if self._record == len(self._records):
            raise Damaged("table of texts")

    def _take(self, size: int) -> bytes:
        if self._left() == 0:
            self._turn()
        if self._left() < size:
            raise Damaged("table of texts")
        found = self._records[self._record][self._at : self._at + size]
        self._at += size
        return found

    def _skip(self, size: int) -> None:
        while size > self._left():
            size -= self._left()
            self._turn()
        self._at += size
