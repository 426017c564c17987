"""Files that are there whole or not at all: written beside their place, made durable, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content is at ``path`` once all of it was written; it can be read and sought, too.

    Folders that are missing are made. Whatever goes wrong, what was there before stays, and nothing is left over.

    Raises:
        OSError: it could not be written; it names the file that was asked for.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f".formgen-{os.getpid()}.part")  # a name of its own could be too long by these letters
    try:
        staged.unlink(missing_ok=True)  # of a run that was killed; a link that somebody has put there is not followed
        with staged.open("x+b") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())  # not of the whole disk: thousands may be written one after another
        staged.replace(path)
    except OSError as error:
        if error.filename not in (None, str(staged)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        staged.unlink(missing_ok=True)


def write(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all.

    Raises:
        OSError: it could not be written.
    """
    with whole(path) as stream:
        stream.write(data)
