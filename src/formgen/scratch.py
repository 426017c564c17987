"""Bytes in a file without a name, which is gone with the process, however that ends.

It lies where :mod:`formgen.spilling` keeps what it puts on the disk. That one finds single entries and replaces them;
this one only grows, and gives back what it took in a fifth of the time.
"""

import os
import sys
from array import array
from typing import IO, Any, Final

from formgen.spilling import no_room

_SETTINGS: Final = ("SQLITE_TMPDIR", "TMPDIR")
_ROOMY: Final = "/var/tmp"  # noqa: S108 - no name is made up there; /tmp may lie in memory
_BLOCK: Final = 1 << 16
"""Bytes that are searched at a time."""


class Scratch:
    """Bytes, of which pieces can be cut out."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._size = 0

    def append(self, piece: bytes) -> None:
        """Puts a piece behind the others.

        Raises:
            OutputError: the disk does not take it.
        """
        try:
            rest = memoryview(piece)
            while rest:
                rest = rest[self.stream().write(rest) :]
        except OSError as error:
            raise no_room(error) from error
        self._size += len(piece)

    def stream(self) -> IO[bytes]:
        """The file, for who reads it and nothing else; it stands anywhere, and is closed with this object."""
        if self._file is None:
            self._file = _new()
        return self._file

    def __getitem__(self, part: slice) -> bytes:
        begin, end, _ = part.indices(self._size)
        return _at(self.stream(), begin, end - begin) if begin < end else b""

    def __bytes__(self) -> bytes:
        return self[:]

    def __contains__(self, piece: bytes) -> bool:
        # From the end: there a zip file names what is in it.
        begins = range(0, self._size, _BLOCK)
        return any(piece in self[begin : begin + _BLOCK + len(piece) - 1] for begin in reversed(begins))

    def __len__(self) -> int:
        return self._size

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()


class Pieces:
    """Pieces by their number."""

    def __init__(self) -> None:
        self._bytes = Scratch()
        self._ends = array("Q", [0])

    def append(self, piece: bytes) -> None:
        """Puts a piece behind the others.

        Raises:
            OutputError: the disk does not take it.
        """
        self._bytes.append(piece)
        self._ends.append(len(self._bytes))

    def __getitem__(self, index: int) -> bytes:
        return self._bytes[self._ends[index] : self._ends[index + 1]]

    @property
    def size(self) -> int:
        """Bytes of all pieces."""
        return len(self._bytes)

    def __len__(self) -> int:
        return len(self._ends) - 1


def _new() -> Any:
    from tempfile import TemporaryFile

    folders = (*map(os.environ.get, _SETTINGS), _ROOMY)
    folder = next((each for each in folders if each and os.access(each, os.W_OK | os.X_OK)), None)
    return TemporaryFile(dir=folder, buffering=0)


if sys.platform == "win32":

    def _at(file: IO[bytes], begin: int, size: int) -> bytes:
        file.seek(begin)
        found = file.read(size)
        file.seek(0, os.SEEK_END)
        return found

else:

    def _at(file: IO[bytes], begin: int, size: int) -> bytes:
        # Where a file stands is shared with every forked process, which may read at the same time.
        return os.pread(file.fileno(), size, begin)
