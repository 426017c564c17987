"""Takes one stream out of an OLE compound file, the container of old Office documents. Every chain ends.

Source: [MS-CFB].
"""

import struct
from collections.abc import Iterable
from typing import Final

from formgen.intake.grids import Damaged

_HEADER: Final = 512
_ENTRY: Final = 128
_LAST_SECTOR: Final = 0xFFFFFFFA
_IN_HEADER: Final = 109
_SHIFTS: Final = (9, 12)
_MINI_SHIFT: Final = 6


class OleFile:
    """An OLE compound file.

    Raises:
        Damaged: it is none, or not whole.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER:
            raise Damaged("OLE: cut off")
        shift = self._u16(data, 30)
        if shift not in _SHIFTS or self._u16(data, 32) != _MINI_SHIFT:
            raise Damaged("OLE: sector size")
        self._data = data
        self._size = 1 << shift
        self._cutoff = self._u32(data, 56)
        self._fat = self._table(self._fat_sectors(data))
        self._minifat = self._table(self._chain(self._u32(data, 60), self._fat))
        directory = b"".join(map(self._sector, self._chain(self._u32(data, 48), self._fat)))
        entries = [directory[at : at + _ENTRY] for at in range(0, len(directory) - _ENTRY + 1, _ENTRY)]
        self._entries = {self._name(entry): entry for entry in reversed(entries)}
        if not entries:
            raise Damaged("OLE: no directory")
        self._root = entries[0]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def stream(self, name: str) -> bytes:
        """The content of a stream.

        Raises:
            Damaged: it is not whole.
        """
        start, size = self._place(self._entries[name])
        if size >= self._cutoff:
            content = b"".join(map(self._sector, self._chain(start, self._fat)))
        else:
            first, length = self._place(self._root)
            mini = b"".join(map(self._sector, self._chain(first, self._fat)))[:length]
            step = 1 << _MINI_SHIFT
            content = b"".join(mini[at * step : (at + 1) * step] for at in self._chain(start, self._minifat))
        if len(content) < size:
            raise Damaged(f"OLE: {name} is cut off")
        return content[:size]

    def _fat_sectors(self, data: bytes) -> list[int]:
        found = [self._u32(data, 76 + 4 * index) for index in range(_IN_HEADER)]
        following, seen = self._u32(data, 68), set[int]()
        while following < _LAST_SECTOR:
            if following in seen:
                raise Damaged("OLE: a chain without end")
            seen.add(following)
            sector = self._sector(following)
            *more, following = struct.unpack(f"<{len(sector) // 4}I", sector)
            found += more
        return [sector for sector in found if sector < _LAST_SECTOR]

    def _table(self, sectors: Iterable[int]) -> list[int]:
        return [entry for sector in sectors for entry in struct.unpack(f"<{self._size // 4}I", self._sector(sector))]

    def _chain(self, start: int, table: list[int]) -> list[int]:
        found: list[int] = []
        while start < _LAST_SECTOR:
            if start >= len(table) or len(found) > len(table):
                raise Damaged("OLE: a chain without end")
            found.append(start)
            start = table[start]
        return found

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        content = self._data[at : at + self._size]
        if len(content) < self._size:
            # The last sector of a file need not be padded.
            if not content:
                raise Damaged("OLE: cut off")
            content = content.ljust(self._size, b"\0")
        return content

    @staticmethod
    def _name(entry: bytes) -> str:
        length = min(OleFile._u16(entry, 64), 64)
        return entry[: max(length - 2, 0)].decode("utf-16-le", errors="replace")

    @staticmethod
    def _place(entry: bytes) -> tuple[int, int]:
        """First sector and size of a stream."""
        return OleFile._u32(entry, 116), OleFile._u32(entry, 120)

    @staticmethod
    def _u16(data: bytes, at: int) -> int:
        return int.from_bytes(data[at : at + 2], "little")

    @staticmethod
    def _u32(data: bytes, at: int) -> int:
        return int.from_bytes(data[at : at + 4], "little")
