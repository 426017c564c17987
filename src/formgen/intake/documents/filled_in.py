"""Reads forms out of documents that have been filled in.

A value is found by the tag of its control; of a form whose rows are statements, by the words of its row; else by the
label beside its cell. A field whose place is not found is said to be unreadable: it is never taken for empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from formgen import opc
from formgen.forms import Edition, catalogue, field_schema
from formgen.intake import documents, headings
from formgen.intake import kinds as intake_kinds
from formgen.intake.deriving import derive
from formgen.intake.documents import (
    by_label,
    by_tag,
    kinds,
    lists,
    pages,
    photographs,
    second_table,
    strict,
    word,
    written,
)
from formgen.intake.documents.blocks import Document, Row, TooMuch
from formgen.intake.documents.filings import Items, Statements, items
from formgen.intake.documents.layout import layout
from formgen.intake.documents.second_table import SecondTable
from formgen.intake.documents.taking import Taken, title_of
from formgen.intake.reading import Notes, Reading
from formgen.record import CellOrigins, Origin, Record
from formgen.tags import Path as Keys


def read(path: Path, file: str, edition: Edition, record_id: str | None) -> Reading:
    """The record of a form in a document. Whatever is in it, this never raises."""
    notes = Notes(file, edition.key, record_id)
    data = notes.contents(path)
    document = None if data is None else open_document(data, file, notes)
    return notes.reading() if document is None else read_as(document, edition, notes).reading


def open_document(data: bytes, file: str, notes: Notes) -> Document | None:
    """The text of a document by its suffix, None (with a finding) if it cannot be read."""
    try:
        document = _opened(data, file)
    except opc.PackageError as error:
        notes.refuse(kinds.DOCUMENT, problem=error.problem.zh, english=error.problem.en)
        return None
    except TooMuch as excess:
        notes.refuse(intake_kinds.TOO_LARGE, what=excess.what, limit=excess.limit)
        return None
    if document is None:
        notes.refuse(kinds.DOCUMENT, problem="这不是 Word 文件", english="this is no Word document")
    return document


def _opened(data: bytes, file: str) -> Document | None:
    suffix = Path(file).suffix.lower()
    if suffix == ".md":
        return pages.read_markdown(data, file)
    if suffix in (".html", ".htm"):
        return pages.read(data, file)
    return word.read(strict.as_ordinary(opc.read(data, file)), file)


@dataclass(frozen=True, slots=True)
class Found:
    """What a document says of a form: its reading, and the fields of the dossier that the form prints as well."""

    reading: Reading
    dossier: Any


def read_as(document: Document, edition: Edition, notes: Notes) -> Found:
    """The record of a form in a document that has been opened."""
    found = _Form(document, edition, Notes(notes.file, edition.key, notes.whole.record, notes.digest))
    wanted = headings.table(edition.schema)
    if wanted is not None and _list_score(document, edition, found) > 0:
        listed = Notes(notes.file, edition.key, None, notes.digest)
        _say_what_was_left_out(document, listed)
        return Found(lists.read(document, wanted, listed), {})
    if not found.is_this_form:
        _refuse(document, edition, notes)
        return Found(notes.reading(), {})
    if found.is_several:
        notes.refuse(kinds.SEVERAL, title=edition.title)
        return Found(notes.reading(), {})
    other = found.other_edition()
    if other is not None:
        since = max(edition.since, other.since).isoformat()
        notes.refuse(kinds.OTHER_EDITION, title=edition.title, words=_words(other), since=since)
        return Found(notes.reading(), {})
    found.say_what_is_missing()
    return found.finished()


def recognise(document: Document, editions: Iterable[Edition]) -> dict[str, int]:
    """How many places of each form a document has, of those that have enough to be it."""
    scores = {}
    for edition in editions:
        if documents.can_hold(edition):
            found = _Form(document, edition, Notes("", edition.key, None))
            listed = _list_score(document, edition, found)
            if found.is_this_form or listed:
                scores[edition.key] = max(found.score, listed)
    return scores


def _list_score(document: Document, edition: Edition, found: "_Form") -> int:
    """How many columns of a form's list a document has; 0 where it has none, or is one form that was filled in."""
    wanted = headings.table(edition.schema)
    if wanted is None or found.has_controls:
        return 0
    columns = lists.known(document, wanted)
    if wanted.key is None and lists.is_form(document, wanted):
        return 0
    return columns if wanted.key is not None or columns > found.score else 0


def _say_what_was_left_out(document: Document, notes: Notes) -> None:
    """Notes what a document holds and nobody sees."""
    if document.hidden:
        notes.add(kinds.HIDDEN_TEXT, ("document", "hidden"), document.hidden[0], count=len(document.hidden))
    if document.revised:
        notes.add(kinds.REVISED, ("document", "revised"), Origin(notes.file))


def best_edition(document: Document, editions: Sequence[Edition]) -> Edition:
    """The edition of a form that a document is: whose options it has; the newest where that cannot be told."""
    return max(
        editions, key=lambda edition: (_Form(document, edition, Notes("", edition.key, None)).score, edition.since)
    )


class _Form:
    """One document read as one form."""

    def __init__(self, document: Document, edition: Edition, notes: Notes) -> None:
        self._document, self._edition, self._notes = document, edition, notes
        self._taken = Taken(notes)
        self._group = items(edition.schema)
        self._where = layout(edition)
        self._tagged = by_tag.read(document, edition.printable, self._taken, self._where.pictures)
        self._statements, second = self._read_statements()
        if second is not None:
            second_table.read(*second, self._taken)
        labels = by_label.Reader(document, self._where, edition.printable, self._taken)
        labels.read(self._tagged, self._is_statement)
        self._labelled = labels.found
        photographs.take(document, edition.schema, self._where.pictures, self._taken)
        self._read_year()

    def _paths(self, *, expected: bool = False) -> set[Keys]:
        slots = (*self._where.cells, *self._where.lines)
        return {path for slot in slots if slot.expected or not expected for path in slot.paths}

    def _is_statement(self, path: Keys) -> bool:
        return self._group is not None and path[0] == self._group.key

    def _read_statements(self) -> tuple[Statements | None, tuple[Sequence[Row], SecondTable] | None]:
        """The rows of statements that have no controls, and those of the second table; None if there are none."""
        if self._group is None:
            return None, None
        key = self._group.key
        left = {k: f for k, f in self._group.fields.items() if (key, k, "conclusion") not in self._tagged}
        first, second = self._apart(Items(key, left))
        reader = Statements(self._notes, Items(key, left))
        if not left or not reader.read(first):
            return None, second
        self._taken.values.setdefault(key, {}).update(reader.values)
        self._taken.cells.update(reader.cells)
        return reader, second

    def _apart(self, wanted: Items) -> tuple[Document, tuple[Sequence[Row], SecondTable] | None]:
        """The document without the second table, and its rows; all of it where the statements stand there."""
        other = second_table.second_table(self._edition.schema)
        if other is None:
            return self._document, None
        first, rows = second_table.apart(self._document, other)
        trial = Statements(Notes("", self._edition.key, None), wanted)
        if not rows or (wanted.fields and not trial.read(first)):
            return self._document, None
        return first, (rows, other)

    def _read_year(self) -> None:
        """The academic year, wherever the document names it first."""
        for key, field in self._edition.schema["properties"].items():
            if field.get("x-read") != "academic_year":
                continue
            rows = {origin for at, origin in self._taken.cells.items() if self._is_statement(tuple(map(str, at)))}
            places = {(origin.sheet, origin.cell, origin.line) for origin in rows}
            for text, origin in self._document.texts:
                years = written.academic_year(text)
                # The words of an item name years, too.
                if years is not None and (origin.sheet, origin.cell, origin.line) not in places:
                    self._taken.put((key,), {"start": years[0], "end": years[1]}, origin._replace(text=text[:200]))
                    break

    @property
    def has_controls(self) -> bool:
        """Whether there are controls for the form's fields."""
        return any(path[0] != "dossier" for path in self._tagged)

    @property
    def is_this_form(self) -> bool:
        """Whether there is enough of the form in the document; 姓名 alone stands on many papers."""
        own = {path for path in self._labelled if path[0] != "dossier"}
        expected = {path for path in self._paths(expected=True) if path[0] != "dossier"}
        return self.has_controls or self._statements is not None or len(own) >= max(2, min(_FEWEST, len(expected)))

    @property
    def is_several(self) -> bool:
        """Whether the document holds the forms of several people: one field may be there twice, many are not."""
        return self._taken.twice >= _SEVERAL

    @property
    def score(self) -> int:
        """How much of the form there is: its controls count for more, and so does what is ticked."""
        rows = self._statements
        stated = len(rows.values) + rows.named if rows is not None else 0
        return 3 * len(self._tagged) + stated + len(self._labelled)

    def other_edition(self) -> Edition | None:
        """The edition that a document is instead: none of its options are those of this one, most those of that."""
        if self._statements is None or self._statements.named:
            return None
        for edition in catalogue().get(self._edition.key, ()):
            group = items(edition.schema)
            if group is None or edition is self._edition:
                continue
            reader = Statements(Notes(self._notes.file, edition.key, None), group)
            if reader.read(self._document) and reader.named * 2 > len(reader.values):
                return edition
        return None

    def say_what_is_missing(self) -> None:
        """Notes what was not read, and why."""
        _say_what_was_left_out(self._document, self._notes)
        self._say_what_has_no_place()

    def _say_what_has_no_place(self) -> None:
        """Notes the fields of the form whose place is not there. A filing that was typed anew has its rows only."""
        if self._statements is not None:
            return
        expected = self._paths(expected=True)
        missing = expected - self._tagged - self._labelled
        wholes = {_whole(path, missing, expected) for path in missing if path[0] != "dossier"}
        for at in sorted(place for place in wholes if not self._is_statement(place)):
            titles = (title_of(field_schema(self._edition.schema, at[:end]) or {}, at) for end in range(1, len(at) + 1))
            self._notes.add(kinds.NO_PLACE, at, Origin(self._notes.file), title=" · ".join(titles))

    def finished(self) -> Found:
        """The record, with what follows from its values."""
        values, cells = self._taken.values, self._taken.cells
        dossier = values.pop("dossier", {})
        derived = dict(derive(self._edition.schema, values))
        cells.update({at: cells[source] for at, source in derived.items() if source in cells})
        origins = CellOrigins(Origin(self._notes.file), cells)
        return Found(self._notes.reading(Record(self._edition.key, values, origins, self._notes.whole.record)), dossier)


_FEWEST: Final = 3
_SEVERAL: Final = 2


def _whole(path: Keys, missing: set[Keys], expected: set[Keys]) -> Keys:
    """The largest group of fields around one whose place is not there of which no field has a place."""
    for end in range(1, len(path)):
        group = path[:end]
        if group[-1] == "[]" or missing.issuperset(other for other in expected if other[:end] == group):
            return path[: path.index("[]")] if "[]" in group else group
    return path[: path.index("[]")] if "[]" in path else path


def _words(edition: Edition) -> str:
    """The options of an edition's conclusions, for a person."""
    group = items(edition.schema)
    spelled = group.any["conclusion"].get("x-spellings", {}) if group is not None else {}
    return "、".join(words[0] for words in spelled.values())


def _refuse(document: Document, edition: Edition, notes: Notes) -> None:
    """Says why nothing was read."""
    if document.pictures:
        notes.refuse(kinds.PICTURES_ONLY, title=edition.title, count=document.pictures)
    else:
        notes.refuse(kinds.NOT_FOUND, title=edition.title)
