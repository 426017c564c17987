"""Tells which form a file holds, from the headings of its table, the fields of its JSON, the places of a document."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from formgen.findings import Finding
from formgen.forms import Edition
from formgen.intake import documents, json_files, limits, tables
from formgen.intake.grids import Book, Sheet
from formgen.intake.headings import Table, table, titles
from formgen.intake.long_tables import Told
from formgen.intake.opening import open_book
from formgen.intake.reading import Notes
from formgen.intake.tables import Heading

_TOP = 4
"""So many rows stand above the rows of most lists, their headings among them."""
_NOBODY = "dossier"
"""What a finding about a file is about as long as its form is unknown."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file was told to be."""

    forms: tuple[str, ...]
    """The forms that it fits best, several where it fits them alike."""
    problem: Finding | None = None
    """Why it cannot be opened."""
    book: Book | None = None
    """The open workbook, so that it need not be opened once more."""


def recognise(path: Path, file: str, editions: Collection[Edition]) -> Recognised:
    """The forms that a file may hold."""
    notes = Notes(file, _NOBODY, None)
    book: Book | None = None
    if path.suffix.lower() == ".json":
        scores = _by_fields(path, editions, notes)
    elif path.suffix.lower() in documents.SUFFIXES:
        scores = _by_places(path, file, editions, notes)
    else:
        data = notes.at_hand(path, limits.TABLE_BYTES)
        book = None if data is None else open_book(data, path.suffix.lower(), notes, _told(editions))
        scores = {} if book is None else _by_headings(book, editions)
    best = max(scores.values(), default=0)
    fitting = tuple(key for key, score in scores.items() if score == best > 0)
    found = notes.reading().findings
    return Recognised(fitting, found[0] if found and not fitting else None, book)


def _told(editions: Collection[Edition]) -> Told:
    """Tells by the first texts of a table whether it looks most like one of a form whose rows become records.

    What comes out is the same in any case: it is a matter of memory and time.
    """

    def told(texts: Iterable[str]) -> bool:
        wanted = _tables(editions).values()
        among = titles(tuple(wanted)).among(set(texts)) if wanted else set[str]()
        named = [(form, {field for text in among for field in form.meanings(text)[:1]}) for form in wanted]
        likely = [(len(fields), form.key is None) for form, fields in named if form.is_heading(fields)]
        return max(likely, default=(0, False))[1]

    return told


def _tables(editions: Iterable[Edition]) -> dict[str, Table]:
    """The tables of those forms that have one."""
    return {edition.key: found for edition in editions if (found := table(edition.schema)) is not None}


def _by_fields(path: Path, editions: Iterable[Edition], notes: Notes) -> dict[str, int]:
    """How many fields of a JSON object each form has, of those that have most of them."""
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


def _by_headings(book: Book, editions: Iterable[Edition]) -> dict[str, int]:
    """How many headings of one sheet each form knows, of those that find theirs there."""
    scores: dict[str, int] = {}
    wanted = _tables(editions)
    for sheet in book.sheets:
        whole = _at_the_top(sheet, wanted.values())
        rows = tables.with_titles(sheet, tuple(wanted.values())) if wanted and whole is None else []
        for key, form in wanted.items():
            # Where every heading is known, no other row can be better: other forms have to know this one.
            heading = tables.best_in(form, sheet, rows) if whole is None else whole
            if heading is not None and form.is_heading(heading.fields(form)):
                scores[key] = max(scores.get(key, 0), heading.known(form))
                whole = heading if heading.known(form) == len(heading.texts) else whole
    return scores


def _at_the_top(sheet: Sheet, wanted: Collection[Table]) -> Heading | None:
    """The first rows' headings of which a form knows every one; most lists need no other look."""
    for heading in map(partial(tables.in_row, sheet), tables.first_rows(sheet)[:_TOP]):
        for form in wanted:
            fields = heading.fields(form)
            if len(fields) == len(heading.texts) and form.is_heading(fields):
                return heading
    return None
