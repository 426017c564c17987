"""Files of ours in people's hands: known as we wrote them, and never replaced once somebody has worked in them.

A file's seal is a comment at the end of the XML of its last part, with the digest of all others: no office program
keeps such a comment when it saves a file. Of a file without one no more than that part is unpacked.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from formgen import opc, packing, whole_files
from formgen.errors import UsageError
from formgen.findings import Text

_SEAL = re.compile(rb"<!--formgen (sha256:[0-9a-f]{64})-->$")
_SIZE = 100
"""A seal is shorter, and stands at the end."""


def sealed(parts: Mapping[str, bytes], name: str) -> bytes:
    """The package of ``parts``, of which ``name``, an XML part that we write ourselves, bears the seal."""
    seal = f"<!--formgen {_digest(parts, name)}-->".encode()
    others = (opc.member(each, data) for each, data in parts.items() if each != name)
    return opc.write((*others, opc.member(name, parts[name] + seal)))


def is_untouched(data: bytes) -> bool:
    """Whether a file is one of ours that nobody has changed since it was written."""
    if not packing.may_be_ours(data):
        return False
    try:
        archive = opc.survey(data, "")
        last = next(reversed(list(archive.members)), None)
        seal = None if last is None else _SEAL.search(b"".join(archive.chunks(last))[-_SIZE:])
        if last is None or seal is None:
            return False
        parts = opc.read(data, "").parts
    except opc.PackageError:
        return False
    return seal[1].decode() == _digest(parts, last)


def _digest(parts: Mapping[str, bytes], but: str) -> str:
    return opc.digest_of_lines(
        opc.digest_line_of(name, "", hashlib.sha256(data).hexdigest()) for name, data in parts.items() if name != but
    )


def refuse_to_replace(path: Path, *, force: bool) -> None:
    """Refuses a place where something is that somebody has made or edited, unless by force.

    Raises:
        UsageError: it is there.
    """
    if path.is_dir() or (path.exists() and not path.is_file()):
        raise UsageError(
            Text("这里是文件夹，或不是普通文件", "a folder, or no regular file"),
            place=str(path),
            remedy=Text("请用 -o 另写一个文件名", "name another file with -o"),
        )
    if path.exists() and not force and not is_ours(path):
        raise UsageError(
            Text("已有同名的文件，可能有人改过，没有覆盖", "there is a file, perhaps edited; it was not replaced"),
            place=str(path),
            remedy=Text(
                "请先移走它，或用 -o 换个文件名；确实不要了，加 --force",
                "move it away, choose another name with -o, or replace it with --force",
            ),
        )


def is_ours(path: Path) -> bool:
    """Whether there is a file that formgen wrote and nobody has touched."""
    return path.is_file() and path.stat().st_size <= opc.MAX_CONTENT and is_untouched(path.read_bytes())


def put(path: Path, data: bytes, *, force: bool) -> bool:
    """Writes a file whole or not at all, and only in the place of one that nobody has edited, or by force.

    Returns:
        Whether anything had to be written; False where the file is there already.

    Raises:
        UsageError: somebody's file is there.
        OSError: it could not be written.
    """
    if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
        return False
    refuse_to_replace(path, force=force)
    whole_files.write(path, data)
    return True
