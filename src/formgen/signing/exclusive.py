"""Every change that a ledger makes on the disk, one function each: tests break them one by one.

A file appears whole or not at all, and never in the place of another: written under a name of its own, made durable,
then linked to its final name, which fails where that name is taken. What a broken run leaves begins with ``.new-``
and is nobody's.
"""

import os
import secrets
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".new-"


def create(path: Path, data: bytes) -> bool:
    """Writes a new file; False, and nothing is changed, where there is one already."""
    make_folder(path.parent)
    new = path.parent / f"{UNFINISHED}{secrets.token_hex(8)}"
    try:
        write(new, data)
        return link(new, path)
    finally:
        remove(new)


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, where they are not there."""
    path.mkdir(parents=True, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Writes a new file, and waits until it is on the disk."""
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def link(source: Path, target: Path) -> bool:
    """Gives a file a second name; False where that name is taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    _sync_folder(target.parent)
    return True


def remove(path: Path) -> None:
    """Removes a file; it may be gone already."""
    path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Waits until a folder's names are on the disk, where the system can do that."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
