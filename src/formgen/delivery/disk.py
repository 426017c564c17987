"""Every change that delivery makes on the disk, one function each: tests break them one by one."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from formgen.errors import OutputError, system_reason
from formgen.findings import Text

STAGING = ".formgen-staging"
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOTDIR, errno.EEXIST, errno.EISDIR}


def write(path: Path | str, data: bytes) -> None:
    """Writes a new file, and the folders that it needs."""
    try:
        try:
            _write_new(path, data)
        except (FileNotFoundError, NotADirectoryError):  # to ask before each of thousands of files takes longer
            os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)
            _write_new(path, data)
    except OSError as error:
        # A full disk is reported without the name of the file.
        raise OSError(error.errno, error.strerror, error.filename or str(path)) from error


def _write_new(path: Path | str, data: bytes) -> None:
    # In one call: nothing has to be kept back for a second one.
    with open(path, "xb", buffering=0) as stream:
        left = memoryview(data)
        while left:
            left = left[stream.write(left) :]


def stage(path: Path | str, data: bytes) -> None:
    """Writes a file in the staging folder; what a run that was killed has left there goes."""
    try:
        write(path, data)
    except FileExistsError:
        os.unlink(path)
        write(path, data)


def compose(path: Path, writer: Callable[[BinaryIO], None]) -> None:
    """Writes a file in the staging folder bit by bit; what a run that was killed has left there goes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            writer(stream)
    except OSError as error:
        raise OSError(error.errno, error.strerror, error.filename or str(path)) from error


def append(path: Path, data: bytes) -> None:
    """Writes behind what a file holds."""
    try:
        with path.open("ab") as stream:
            stream.write(data)
    except OSError as error:
        raise OSError(error.errno, error.strerror, error.filename or str(path)) from error


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, where they are not there."""
    path.mkdir(parents=True, exist_ok=True)


def replace(source: Path | str, target: Path | str) -> None:
    """Gives a file its final name in one step; what had that name is gone."""
    os.replace(source, target)


def remove(path: Path) -> None:
    """Removes a file; it may be gone already."""
    path.unlink(missing_ok=True)


def clear(folder: Path) -> None:
    """Removes a folder with everything in it; it may be gone already."""
    if folder.is_dir():
        shutil.rmtree(folder)


def sync(paths: Iterable[Path | str]) -> None:
    """Waits until what was written is on the disk: once for all files where the system can do that."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in paths:
        with open(path, "r+b") as stream:
            os.fsync(stream.fileno())


def remove_if_empty(folder: Path) -> None:
    """Removes a folder unless something lies in it."""
    try:
        folder.rmdir()
    except OSError:
        return  # somebody's file is there, or the folder never was


def digest(path: Path | str) -> str | None:
    """``sha256:…`` of a file, None where there is none."""
    if not os.path.isfile(path):
        return None
    with open(path, "rb", buffering=0) as stream:
        if os.fstat(stream.fileno()).st_size <= _SMALL:  # of thousands of documents, this is faster
            return f"sha256:{hashlib.sha256(stream.read()).hexdigest()}"
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


_SMALL = 1024 * 1024
"""Bytes that are read at once."""


def holds(path: Path, content: Iterable[bytes]) -> bool:
    """Whether a file is there and holds this content, which comes bit by bit."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return all(stream.read(len(chunk)) == chunk for chunk in content) and not stream.read(1)


@contextmanager
def reporting(folder: Path) -> Iterator[None]:
    """Turns what the system says about a place in ``folder`` into an OutputError that says what to do."""
    try:
        yield
    except OSError as error:
        raise _output_error(error, folder) from error


def _output_error(error: OSError, folder: Path) -> OutputError:
    # A rename has two names; of the staging folder nobody has heard.
    named = str(error.filename2 or error.filename or folder)
    place = str(folder) if STAGING in named else named
    if error.errno in _FULL:
        return OutputError(
            Text("磁盘已满（或文件大小受限），没有写成", "the disk is full (or the size of files is limited)"),
            place=str(folder),
            remedy=Text("请腾出空间，或用 -o 换一个地方，再运行一次", "make room, or choose another place with -o"),
        )
    if error.errno in _FORBIDDEN:
        return OutputError(
            Text("没有写入权限，或文件正被别的程序打开", "no permission, or another program has the file open"),
            place=place,
            remedy=Text(
                "请关闭 Word、Excel 中打开的文件，或用 -o 换一个文件夹，再运行一次",
                "close the file in Word or Excel, or choose another folder with -o, and run again",
            ),
        )
    if error.errno in _NO_FOLDER:
        return OutputError(
            Text("这里需要一个文件夹，却有一个同名的文件", "a folder is needed here, but a file has that name"),
            place=_file_in_the_way(Path(place)),
            remedy=Text("请移走那个文件，或用 -o 换一个文件夹", "move that file away, or choose another place with -o"),
        )
    reason = system_reason(error)
    return OutputError(
        Text(f"写不进去：{reason.zh}", f"cannot be written: {reason.en}"),
        place=place,
        remedy=Text("请检查输出文件夹，再运行一次", "check the output folder and run again"),
    )


def _file_in_the_way(place: Path) -> str:
    """The file that has a folder's name on the way to a place: the system names what should have come below it."""
    above = (place, *place.parents)
    return str(next((path for path in reversed(above) if os.path.lexists(path) and not path.is_dir()), place))
