"""Looks up the pictures that a record names: whether they lie in the dossier, and their digests."""

import errno
import hashlib
import re
import stat
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from formgen import pictures
from formgen.errors import system_reason
from formgen.findings import Address, Finding, Kind, Pointer, Text
from formgen.forms import Schema
from formgen.intake import admission, kinds
from formgen.intake.spellings import fold
from formgen.record import Record

FOLDER = "photos"
_PICTURES = (".jpg", ".jpeg", ".png")
_SHOWN = 10
"""So many of the pictures that were found by name are listed."""

_DRIVE = re.compile(r"[A-Za-z]:")
_NONE_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL}
"""What the system says of a name that no file has."""


def look_up(root: Path, record: Record, schema: Schema) -> tuple[list[Finding], dict[str, str]]:
    """What is wrong with the pictures of ``record``, and ``sha256:…`` of each that is there by its relative name.

    ``root`` is the dossier's folder, resolved.
    """
    findings: list[Finding] = []
    digests: dict[str, str] = {}
    for pointer, name in _named(schema, record.values, ()):
        at = Address(record.form, pointer, record.id)
        wrong = _wrong_name(root, name)
        if wrong is not None:
            findings.append(Finding(wrong, at, {"path": name}))
            continue
        try:
            data = _contents(root / name)
            if data is None:
                findings.append(Finding(kinds.PHOTO_MISSING, at, {"path": name}))
                continue
            digests[PurePosixPath(name).as_posix()] = f"sha256:{hashlib.sha256(data).hexdigest()}"
            pictures.read(data)
        except OSError as error:
            findings.append(_problem(kinds.PHOTO_UNREADABLE, at, name, system_reason(error)))
        except pictures.PictureError as error:
            findings.append(_problem(kinds.PHOTO_DAMAGED, at, name, error.problem))
    return findings, digests


def attach(
    folder: Path, records: Sequence[Record], schema: Schema, *, by_id: bool = True
) -> tuple[list[Record], list[Finding]]:
    """The records of a table with the pictures of ``photos/`` that are theirs.

    A name in the table's own column is completed (``01.jpg`` is ``photos/01.jpg``). Where there is none, a picture is
    somebody's whose id (``by_id``), name or student number it is called by, if it is nobody else's; one finding says
    whose.
    """
    fields = [key for key, child in schema.get("properties", {}).items() if child.get("x-typeset") == "picture"]
    by_stem = _by_stem(folder / FOLDER) if fields else {}
    if not by_stem:
        return list(records), []
    asked = (*([""] if by_id else []), *schema.get("x-id", {}).get("fields", ()))
    owners = Counter(fold(text) for record in records for text in {_called(record, key) for key in asked} if text)
    found: list[Record] = []
    said: list[tuple[Record, str]] = []
    for record in records:
        values = record.values
        for field in fields:
            given = values.get(field)
            if isinstance(given, str) and "/" not in given and (folder / FOLDER / given).exists():
                values = {**values, field: f"{FOLDER}/{given}"}
            elif given is None:
                names = {by_stem.get(fold(text)) for key in asked if (text := _called(record, key))}
                names = {name for name in names if name is not None and owners[fold(PurePosixPath(name).stem)] == 1}
                if len(names) == 1:
                    values = {**values, field: f"{FOLDER}/{names.pop()}"}
                    said.append((record, f"{values.get('name', record.id)} {values[field]}"))
        found.append(replace(record, values=values))
    return found, [_attached(said)] if said else []


def _called(record: Record, key: str) -> str:
    """What a picture of a record may be called: by its id (no key) or by a field."""
    text = record.values.get(key) if key else record.id
    return text if isinstance(text, str) else ""


def _by_stem(folder: Path) -> dict[str, str | None]:
    """Folded name without suffix -> name of the one picture that has it, None where several do."""
    found: dict[str, str | None] = {}
    try:
        names = sorted(path.name for path in folder.iterdir() if path.suffix.lower() in _PICTURES)
    except OSError:
        return found  # no such folder: whoever names a picture in it is told so
    for name in names:
        stem = fold(PurePosixPath(name).stem)
        found[stem] = None if stem in found else name
    return found


def _attached(said: list[tuple[Record, str]]) -> Finding:
    shown = "、".join(text for _, text in said[:_SHOWN]) + ("…" if len(said) > _SHOWN else "")
    at = said[0][0].address
    return Finding(kinds.PHOTO_ATTACHED, at, {"count": len(said), "examples": shown})


def _problem(kind: Kind, at: Address, name: str, reason: Text) -> Finding:
    return Finding(kind, at, {"path": name, "problem": reason.zh, "english": reason.en})


def _named(schema: Schema, values: Any, at: Pointer) -> Iterator[tuple[Pointer, str]]:
    if isinstance(values, str):
        if schema.get("x-typeset") == "picture" and values:
            yield at, values
    elif isinstance(values, list):
        for index, item in enumerate(values):
            yield from _named(schema.get("items", {}), item, (*at, index))
    elif isinstance(values, dict):
        for key, child in schema.get("properties", {}).items():
            if key in values:
                yield from _named(child, values[key], (*at, key))


def _wrong_name(root: Path, name: str) -> Kind | None:
    """What is wrong with the name of a picture, None if it leads to the same place below ``root`` on every system."""
    slashed = name.replace("\\", "/")
    if slashed.startswith("/") or _DRIVE.match(name) or not admission.is_inside(root, root / slashed):
        return kinds.PHOTO_OUTSIDE
    return kinds.PHOTO_SPELLING if "\\" in name or ".." in PurePosixPath(name).parts else None


def _contents(path: Path) -> bytes | None:
    """The bytes of a file, no more of them than show that it is too large; None if there is none of this name.

    Raises:
        OSError: it is there, but cannot be read.
        PictureError: it is a pipe or a device, which would be waited for without end.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return None
        if not stat.S_ISREG(mode):
            raise pictures.PictureError(Text("这是管道或设备，不是文件", "it is a pipe or a device, no file"))
        with path.open("rb") as stream:
            return stream.read(pictures.MAX_BYTES + 1)
    except OSError as error:
        if error.errno in _NONE_THERE:
            return None
        raise
