"""Reads what people hand in: a file becomes a record, and findings where it cannot be read."""

from pathlib import Path

from formgen.forms import Edition
from formgen.intake import headings, json_files, kinds, spreadsheets
from formgen.intake.reading import Notes, Reading
from formgen.intake.recognising import recognise

__all__ = ["Reading", "read", "recognise"]


def read(path: Path, file: str, edition: Edition, record_id: str | None) -> Reading:
    """The record of a form in a file; what is wrong with the file becomes findings.

    Args:
        path: the file.
        file: its name for people: relative to the dossier, with forward slashes.
        edition: the form that it is to hold.
        record_id: the id of the record, for forms of which there are many.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        return json_files.read(path, file, edition.key, edition.schema, record_id)
    if suffix == ".xlsx":
        return spreadsheets.read(path, file, edition.key, edition.schema, record_id)
    notes = Notes(file, edition.key, record_id)
    formats = ".json" if headings.table(edition.schema) is None else ".json、.xlsx"
    notes.refuse(kinds.FORMAT, suffix=path.suffix, formats=formats)
    return notes.reading()
