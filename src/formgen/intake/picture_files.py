"""Opens the picture that a record names: a file of the dossier, or one that was put into a Word form.

The second is called by its form and its part, ``candidate_registration/01.docx#word/media/image2.jpg``: it stays where
it was handed in, and nobody has to save it by hand.
"""

import errno
import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path

from formgen import opc, pictures
from formgen.findings import Text
from formgen.intake import limits

_INSIDE = re.compile(r"(?P<file>.+\.doc[xm])#(?P<part>[^#]+)", re.IGNORECASE | re.DOTALL)
_NONE_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}
"""What the system says of a name that no file has."""


def name_of(file: str, part: str) -> str:
    """What the picture in a part of a Word form is called."""
    return f"{file}#{part}"


def split(name: str) -> tuple[str, str | None]:
    """The file that a picture lies in, and its part there; None for a picture that is a file itself."""
    match = _INSIDE.fullmatch(name)
    return (name, None) if match is None else (match["file"], match["part"])


def contents(folder: Path, name: str, apart: Mapping[str, Path]) -> bytes | None:
    """The bytes of a picture, no more of them than show that it is too large; None if there is none of this name.

    Args:
        folder: the dossier's folder.
        name: what the record calls the picture.
        apart: files that lie elsewhere, by their names.

    Raises:
        OSError: it is there, but cannot be read.
        PictureError: it is a pipe or a device, which would be waited for without end, or its form cannot be opened.
    """
    file, part = split(name)
    most = pictures.MAX_BYTES if part is None else limits.FILE_BYTES
    data = _bytes(apart.get(file) or os.path.join(folder, file), most)
    return data if data is None or part is None else _part(data, file, part)


def _part(data: bytes, file: str, part: str) -> bytes | None:
    try:
        archive = opc.survey(data, file)
        if part not in archive:
            return None
        found = bytearray()
        for chunk in archive.chunks(part):
            found += chunk
            if len(found) > pictures.MAX_BYTES:
                break
        return bytes(found[: pictures.MAX_BYTES + 1])
    except opc.PackageError as error:
        raise pictures.PictureError(error.problem, remedy=error.remedy) from error


def _bytes(path: Path | str, most: int) -> bytes | None:
    try:
        seen = os.stat(path)
        if stat.S_ISDIR(seen.st_mode):
            return None
        if not stat.S_ISREG(seen.st_mode):
            raise pictures.PictureError(Text("这是管道或设备，不是文件", "it is a pipe or a device, no file"))
        # As the system gives it: another buffer takes longer than to read the file.
        with open(path, "rb", buffering=0) as stream:
            # Room for the most that may come would be taken from the system, and given back, for each of thousands.
            left = min(seen.st_size, most) + 1
            read: list[bytes] = []
            while left and (some := stream.read(left)):
                read.append(some)
                left -= len(some)
            return b"".join(read)
    except OSError as error:
        if error.errno in _NONE_THERE:
            return None
        raise
