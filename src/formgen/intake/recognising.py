"""Tells which form a file holds, from the headings of its table, the fields of its JSON, the places of a document."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from formgen.findings import Finding
from formgen.forms import Edition
from formgen.intake import documents, json_files, limits
from formgen.intake.headings import table
from formgen.intake.reading import Notes
from formgen.intake.workbooks import sheets

_NOBODY = "dossier"
"""What a finding about a file is about as long as its form is unknown."""


def recognise(path: Path, file: str, editions: Iterable[Edition]) -> tuple[list[str], Finding | None]:
    """The forms that a file fits best, several where it fits them alike; and why it cannot be opened, if so."""
    notes = Notes(file, _NOBODY, None)
    if path.suffix.lower() == ".json":
        scores = _by_fields(path, editions, notes)
    elif path.suffix.lower() in documents.SUFFIXES:
        scores = _by_places(path, file, editions, notes)
    else:
        scores = _by_headings(path, editions, notes)
    best = max(scores.values(), default=0)
    fitting = [key for key, score in scores.items() if score == best > 0]
    found = notes.reading().findings
    return fitting, found[0] if found and not fitting else None


def _by_fields(path: Path, editions: Iterable[Edition], notes: Notes) -> dict[str, int]:
    """How many fields of a JSON object each form has, of those that have all of them or most."""
    keys = json_files.top_level(path, notes)
    scores = {}
    for edition in editions:
        known = sum(key in edition.schema["properties"] for key in keys)
        if known * 2 > len(keys):
            scores[edition.key] = known
    return scores


def _by_places(path: Path, file: str, editions: Iterable[Edition], notes: Notes) -> dict[str, int]:
    """How many places of each form a document has."""
    data = notes.contents(path)
    document = None if data is None else documents.open_document(data, file, notes)
    return {} if document is None else documents.recognise(document, editions)


def _by_headings(path: Path, editions: Iterable[Edition], notes: Notes) -> dict[str, int]:
    """How many headings of one row each form knows, of those that find their headings there."""
    data = notes.contents(path)
    found = None if data is None else sheets(data, notes)
    if found is None:
        return {}
    rows: Sequence[Sequence[str]] = [
        [written.text for written in sheet.rows[row].values()]
        for sheet in found
        for row in sheet.rows
        if row <= limits.HEADING_ROWS
    ]
    scores = {}
    for edition in editions:
        wanted = table(edition.schema)
        known = [] if wanted is None else [wanted.known(texts) for texts in rows if wanted.is_heading_row(texts)]
        if known:
            scores[edition.key] = max(known)
    return scores
