"""Looks up the pictures that a record names: whether they lie in the dossier, and their digests."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from formgen import pictures
from formgen.findings import Address, Finding, Pointer
from formgen.forms import Schema
from formgen.intake import kinds
from formgen.record import Record

_DRIVE = re.compile(r"[A-Za-z]:")


def look_up(folder: Path, record: Record, schema: Schema) -> tuple[list[Finding], dict[str, str]]:
    """What is wrong with the pictures of ``record``, and ``sha256:…`` of each that is there by its relative name."""
    findings: list[Finding] = []
    digests: dict[str, str] = {}
    root = folder.resolve()
    for pointer, name in _named(schema, record.values, ()):
        at = Address(record.form, pointer, record.id)
        path = _inside(root, name)
        if path is None:
            findings.append(Finding(kinds.PHOTO_OUTSIDE, at, {"path": name}))
            continue
        data = _contents(path)
        if data is None:
            findings.append(Finding(kinds.PHOTO_MISSING, at, {"path": name}))
            continue
        digests[PurePosixPath(name).as_posix()] = f"sha256:{hashlib.sha256(data).hexdigest()}"
        try:
            pictures.read(data)
        except pictures.PictureError as error:
            said = {"path": name, "problem": error.problem.zh, "english": error.problem.en}
            findings.append(Finding(kinds.PHOTO_DAMAGED, at, said))
    return findings, digests


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


def _inside(root: Path, name: str) -> Path | None:
    """The file that ``name`` leads to, None if that is not below ``root`` on every system."""
    parts = PurePosixPath(name).parts
    if "\\" in name or name.startswith("/") or _DRIVE.match(name) or ".." in parts:
        return None
    try:
        path = (root / name).resolve()
    except (OSError, RuntimeError):  # a name that is too long; links that lead in a circle
        return root / name
    return path if path.is_relative_to(root) else None


def _contents(path: Path) -> bytes | None:
    """The bytes of a file, no more of them than show that it is too large; None if there is none to read."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return stream.read(pictures.MAX_BYTES + 1)
    except OSError:  # unreadable is as good as missing: the same has to be done about it
        return None
