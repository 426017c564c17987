"""One run at a time in an output folder: two would take each other's files for somebody else's.

The lock is the system's, so that it goes with its process, however that ends. It lies on the folder itself, which
leaves no file behind; where a folder takes none (network file systems, Windows), on a file in it.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from formgen.errors import OutputError
from formgen.findings import Text

FILE = ".formgen-lock"
_TAKEN = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder, which must be there.

    Raises:
        OutputError: another run holds it.
        OSError: the folder cannot be opened, or its place takes no locks at all.
    """
    descriptor = _lock_folder(folder)
    if descriptor is None:
        descriptor = _lock_file(folder / FILE)
    try:
        yield
    finally:
        _unlock(descriptor)


def _unlock(descriptor: int) -> None:
    """Gives the lock back, also where a worker, a copy of this process, has it still open."""
    try:
        import fcntl
    except ImportError:  # Windows
        pass
    else:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def _lock_folder(folder: Path) -> int | None:
    """The descriptor that holds the folder's lock; None where folders take none."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _TAKEN:
            raise _taken(folder) from error
        return None
    return descriptor


def _lock_file(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _lock_bytes(descriptor)
    except OSError as error:
        os.close(descriptor)
        if error.errno in _TAKEN:
            raise _taken(path.parent) from error
        raise
    return descriptor


def _lock_bytes(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _taken(folder: Path) -> OutputError:
    return OutputError(
        Text("另一个 formgen 正在写这个文件夹", "another run of formgen is writing into this folder"),
        place=str(folder),
        remedy=Text("请等它结束，或用 -o 换一个文件夹", "wait for it to end, or choose another folder with -o"),
    )
