"""Pieces of bytes in a file without a name, which is gone with the process, however that ends.

It lies where :mod:`formgen.spilling` keeps what it puts on the disk. That one finds single entries and replaces them;
this one takes whole pages and gives them back, in a fifth of the time.
"""

import os
import sys
from array import array
from typing import IO, Any, Final

from formgen.spilling import no_room

_SETTINGS: Final = ("SQLITE_TMPDIR", "TMPDIR")
_ROOMY: Final = "/var/tmp"  # noqa: S108 - no name is made up there; /tmp may lie in memory


class Pieces:
    """Pieces by their number."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._ends = array("Q", [0])

    def append(self, piece: bytes) -> None:
        """Puts a piece behind the others.

        Raises:
            OutputError: the disk does not take it.
        """
        try:
            if self._file is None:
                self._file = _new()
            rest = memoryview(piece)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise no_room(error) from error
        self._ends.append(self._ends[-1] + len(piece))

    def __getitem__(self, index: int) -> bytes:
        begin, end = self._ends[index], self._ends[index + 1]
        return b"" if self._file is None else _at(self._file, begin, end - begin)

    @property
    def size(self) -> int:
        """Bytes of all pieces."""
        return self._ends[-1]

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __del__(self) -> None:
        if self._file is not None:
            self._file.close()


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
