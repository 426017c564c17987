"""Every change that a ledger makes on the disk, one function each: tests break them one by one.

A file appears whole or not at all, and never in the place of another: written under a name of its own, made durable,
then linked to its final name, which fails where that name is taken. What a broken run leaves begins with ``.new-``
and is nobody's.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

UNFINISHED: Final = ".new-"
_FEW: Final = 8


def create(path: Path, data: bytes) -> bool:
    """Writes a new file; False, and nothing is changed, where there is one already."""
    return create_all([(path, data)])[0]


def create_all(files: Sequence[tuple[Path, bytes]]) -> list[bool]:
    """Writes new files, made durable together: of each, whether it got its name; see :func:`create`."""
    new: list[Path] = []
    try:
        for path, data in files:
            make_folder(path.parent)
            new.append(path.parent / f"{UNFINISHED}{secrets.token_hex(8)}")
            write(new[-1], data)
        settle(new)
        done = [link(source, path) for source, (path, _) in zip(new, files, strict=True)]
        settle([path for (path, _), mine in zip(files, done, strict=True) if mine])
        return done
    finally:
        for source in new:
            remove(source)


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, where they are not there."""
    path.mkdir(parents=True, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Writes a new file."""
    with path.open("xb") as stream:
        stream.write(data)


def settle(paths: Sequence[Path]) -> None:
    """Waits until files and their names are on the disk: of a few one by one, else all at once."""
    if len(paths) > _FEW and hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        _sync(path, os.O_RDWR)
    for folder in {path.parent for path in paths} if hasattr(os, "O_DIRECTORY") else ():
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def link(source: Path, target: Path) -> bool:
    """Gives a file a second name; False where that name is taken."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    return True


def remove(path: Path) -> None:
    """Removes a file; it may be gone already."""
    path.unlink(missing_ok=True)


def _sync(path: Path, how: int) -> None:
    descriptor = os.open(path, how)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
