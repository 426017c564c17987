"""Takes the pictures of a Word form out of it, into a folder: each is a file that the record then names."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from formgen import pictures, whole_files
from formgen.errors import UsageError, system_reason
from formgen.findings import Pointer, Text
from formgen.forms import Schema
from formgen.intake import photos, picture_files
from formgen.record import Record


def take_out(record: Record, schema: Schema, file: Path, folder: Path) -> Record:
    """The record with its pictures saved in ``folder`` and named there; they keep the bytes that they had.

    Raises:
        PictureError: one is no JPEG or PNG, or damaged.
        UsageError: another file has its name, or it could not be written.
    """
    every = [entry for keys in photos.fields(schema) for entry in photos.named(record.values, keys)]
    named = [(at, name) for at, name in every if picture_files.split(name)[1] is not None]
    values = record.values
    for number, (at, name) in enumerate(named, start=1):
        data = picture_files.contents(file.parent, name, {}) or b""
        try:
            suffix = pictures.read(data).suffix
        except pictures.PictureError as error:
            raise pictures.PictureError(error.problem, place=name, remedy=error.remedy) from error
        path = folder / f"{file.stem}{'' if len(named) == 1 else f'-{number}'}.{suffix}"
        _save(path, data)
        values = _with(values, at, f"{folder.resolve().name}/{path.name}")
    return replace(record, values=values)


def _save(path: Path, data: bytes) -> None:
    """Writes a picture, never over another file."""
    try:
        if path.exists() and path.read_bytes() == data:
            return
        if path.exists():
            raise UsageError(
                Text("已有同名的文件，没有覆盖", "there is a file of this name; it was not replaced"),
                place=str(path),
                remedy=Text("请换一个文件夹，或先移走它", "choose another folder, or move it away"),
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        whole_files.write(path, data)
    except OSError as error:
        reason = system_reason(error)
        raise UsageError(
            Text(f"图片写不进去：{reason.zh}", f"the picture cannot be written: {reason.en}"),
            place=str(path),
            remedy=Text("请检查文件夹的权限和空间", "check the folder"),
        ) from error


def _with(values: Any, at: Pointer, value: str) -> Any:
    """``values`` with another value at a place that is there."""
    key, *rest = at
    new = _with(values[key], tuple(rest), value) if rest else value
    if isinstance(values, Mapping):
        return {**values, key: new}
    return [new if index == key else old for index, old in enumerate(values)]
