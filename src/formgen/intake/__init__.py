"""Reads what people hand in: a file becomes a record, and findings where it cannot be read."""

from pathlib import Path

from formgen.forms import Edition
from formgen.intake import documents, headings, json_files, kinds, spreadsheets
from formgen.intake.grids import Book
from formgen.intake.opening import SUFFIXES
from formgen.intake.reading import Notes, Reading
from formgen.intake.recognising import Recognised, recognise

__all__ = ["SUFFIXES", "Reading", "Recognised", "id_of", "read", "recognise"]

_ONE_RECORD = (".json", *documents.SUFFIXES)


def id_of(path: Path, edition: Edition) -> str | None:
    """The id of the one record in a file of a form of which there are many; None if it holds a table of them."""
    return path.stem if edition.many and path.suffix.lower() in _ONE_RECORD else None


def read(path: Path, file: str, edition: Edition, record_id: str | None = None, book: Book | None = None) -> Reading:
    """The records of a form in a file; what is wrong with the file becomes findings.

    Args:
        path: the file.
        file: its name for people: relative to the dossier, with forward slashes.
        edition: the form that it is to hold.
        record_id: the id of the record, of a form of which there are many; None for a table of them.
        book: the workbook in the file, if it is open already.
    """
    suffix = path.suffix.lower()
    if suffix == ".json":
        return json_files.read(path, file, edition.key, edition.schema, record_id)
    wanted = headings.table(edition.schema) if record_id is None else None
    if suffix in SUFFIXES and wanted is not None:
        return spreadsheets.read(path, file, edition.key, wanted, book)
    if suffix in documents.SUFFIXES and documents.can_hold(edition):
        return documents.read(path, file, edition, record_id)
    notes = Notes(file, edition.key, record_id)
    formats = [".json"]
    formats += SUFFIXES if wanted is not None else ()
    formats += documents.SUFFIXES if documents.can_hold(edition) else ()
    notes.refuse(kinds.FORMAT, suffix=path.suffix, formats="、".join(formats))
    return notes.reading()
