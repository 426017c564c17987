"""Files for people's hands: the same bytes for the same content, and a seal that tells whether they were edited.

The seal is the digest of all other parts, in the file's own properties: whoever saves the file again breaks it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from lxml import etree

from formgen import opc
from formgen.errors import UsageError
from formgen.findings import Text

_CORE = "docProps/core.xml"
_IDENTIFIER = "{http://purl.org/dc/elements/1.1/}identifier"
_SEAL = "formgen:"


def sealed(parts: Mapping[str, bytes]) -> bytes:
    """The package of ``parts``, of which one are the core properties, with its seal."""
    root = opc.parse_xml(parts[_CORE])
    for element in root.findall(_IDENTIFIER):
        root.remove(element)
    etree.SubElement(root, _IDENTIFIER).text = _SEAL + _digest(opc.Package(parts))
    whole = {**parts, _CORE: opc.serialise(root)}
    return opc.write(opc.member(name, data) for name, data in whole.items())


def is_untouched(data: bytes) -> bool:
    """Whether a file is one of ours as we wrote it."""
    try:
        package = opc.read(data, "")
        identifier = opc.parse_xml(package.parts[_CORE]).findtext(_IDENTIFIER)
        return identifier == _SEAL + _digest(package)
    except (opc.PackageError, KeyError):  # no package, or one without properties
        return False


def _digest(package: opc.Package) -> str:
    return opc.digest_of_lines(
        opc.digest_line(name, package.content_type(name), data) for name, data in package.parts.items() if name != _CORE
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
    if path.exists() and not force and not is_untouched(path.read_bytes()):
        raise UsageError(
            Text("已有同名的文件，可能有人填过，没有覆盖", "there is a file, perhaps filled in; it was not replaced"),
            place=str(path),
            remedy=Text("请用 -o 换个文件名；确实不要了，加 --force", "choose another name, or add --force"),
        )


def put(path: Path, data: bytes, *, force: bool) -> None:
    """Writes a file whole or not at all; replaces one that is there only if nobody has edited it, or by force.

    Raises:
        UsageError: somebody's file is there.
        OSError: it could not be written.
    """
    refuse_to_replace(path, force=force)
    staged = path.with_name(f".{path.name}.part")
    try:
        with staged.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
