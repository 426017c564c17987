"""Finds a form's table in a workbook: its sheet, its row or two of headings, and the column of each field."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Final

from formgen.intake import grids, limits, spellings, table_kinds
from formgen.intake.grids import Book, Row, Sheet
from formgen.intake.headings import Table, titles
from formgen.intake.reading import Notes
from formgen.record import Origin

_ALIKE: Final = 0.5
"""An unknown heading that looks so much like a missing one is probably that one."""
_SHOWN_ROWS: Final = 5
_COLUMNS: Final = 256
"""Of a row with more filled cells the first so many may be headings."""
_LONGEST: Final = 100
_HALF: Final = 2
"""A row that names fewer fields is no half of headings in two rows."""


@dataclass(frozen=True)
class Heading:
    """The headings of a table: each column's text, and the one that stands over it where there are two rows."""

    sheet: Sheet
    first: int
    last: int
    texts: Mapping[int, tuple[str, ...]]
    """Column -> what may be its heading, the likeliest first."""

    def known(self, wanted: Table) -> int:
        """How many columns name a field."""
        return len(self.fields(wanted))

    def fields(self, wanted: Table) -> set[str]:
        """The fields that are named."""
        return {found[0] for texts in self.texts.values() if (found := meanings(wanted, texts))}


def meanings(wanted: Table, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that a column may be, by the first of its headings that says something."""
    return next(filter(None, map(wanted.meanings, texts)), ())


def _joined(
    sheet: Sheet, number: int, above: Mapping[int, str], below: Mapping[int, str]
) -> dict[int, tuple[str, ...]]:
    """The headings of two rows: what stands below counts for itself, or behind what stands over several columns."""
    over = dict(above)
    for area in [area for area in sheet.merges if area.top == number and area.left in above][:_COLUMNS]:
        over.update((column, above[area.left]) for column in below if area.left <= column <= area.right)
    joined = _alone(above)
    for column, text in below.items():
        parent = over.get(column, "")
        joined[column] = (text, parent + text, parent) if parent else (text,)
    return joined


def _texts(row: Row) -> dict[int, str]:
    return {column: grids.text_of(cell) for column, cell in islice(zip(*row, strict=True), _COLUMNS)}


def first_rows(sheet: Sheet) -> list[int]:
    """The rows that may be headings."""
    return list(takewhile(lambda number: number <= limits.HEADING_ROWS, sheet.rows))


def in_row(sheet: Sheet, number: int) -> Heading:
    """What would be headings in a row by itself."""
    return Heading(sheet, number, number, _alone(_texts(sheet.rows[number])))


def with_titles(sheet: Sheet, forms: tuple[Table, ...]) -> list[int]:
    """The first rows in which a field of any of the forms may be named; most others are people."""
    rows = {number: set(map(grids.text_of, sheet.rows[number].cells[:_COLUMNS])) for number in first_rows(sheet)}
    known = titles(forms).among(set().union(*rows.values()))
    return [number for number, texts in rows.items() if not known.isdisjoint(texts)]


def best_in(wanted: Table, sheet: Sheet, among: Sequence[int] | None = None) -> Heading | None:
    """The headings of a form in a sheet: those that say most, of equals the first, one row rather than two.

    ``among`` are the rows :func:`with_titles` of the form, if they are known.
    """
    # A file is recognised by its headings, and then read.
    if id(wanted) not in sheet.headings:
        sheet.headings[id(wanted)] = (wanted, _best_in(wanted, sheet, among))  # with the form, so that its id stays
    heading: Heading | None = sheet.headings[id(wanted)][1]
    return heading


def _best_in(wanted: Table, sheet: Sheet, among: Sequence[int] | None) -> Heading | None:
    first = first_rows(sheet)
    known = dict.fromkeys(first, 0)
    best = _Best(wanted)
    for number in first if among is None else among:
        known[number] = best.offer(in_row(sheet, number))
        if best.is_whole:
            return best.heading
    for number in first:
        if max(known[number], known.get(number + 1, 0)) >= _HALF and number + 1 in known:
            texts = _joined(sheet, number, _texts(sheet.rows[number]), _texts(sheet.rows[number + 1]))
            best.offer(Heading(sheet, number, number + 1, texts))
    return best.heading


@dataclass
class _Best:
    """The best headings of a form so far."""

    wanted: Table
    heading: Heading | None = None
    known: int = 0
    is_whole: bool = False
    """Whether every required column is there: there is no need to look on."""

    def offer(self, new: Heading) -> int:
        """Takes headings that are better; how many fields they name."""
        fields = new.fields(self.wanted)
        if len(fields) > self.known and self.wanted.is_heading(fields):
            self.heading, self.known = new, len(fields)
            self.is_whole = fields.issuperset(self.wanted.required)
        return len(fields)


def _alone(texts: Mapping[int, str]) -> dict[int, tuple[str, ...]]:
    return {column: (text,) for column, text in texts.items()}


def find(wanted: Table, book: Book, notes: Notes) -> Heading | None:
    """The headings of a form in a workbook, None (with a finding) if it has none.

    On each sheet the rows that say most count, then the best of the sheets that are not hidden.
    """
    best: list[tuple[int, Heading]] = []
    for sheet in book.sheets:
        heading = best_in(wanted, sheet)
        if heading is not None:
            best.append((heading.known(wanted), heading))
    if not best:
        wanting = "、".join(map(wanted.title, wanted.required))
        notes.refuse(table_kinds.NO_TABLE, rows=limits.HEADING_ROWS, titles=wanting)
        return None
    _, chosen = max(best, key=lambda entry: (not entry[1].sheet.hidden, entry[0]))
    for _, other in best:
        if other is not chosen:
            name = other.sheet.name
            place = other.sheet.origin(notes.file, other.first, min(other.texts, default=1))
            notes.add(table_kinds.SECOND_TABLE, ("sheets", name), place, sheet=name, chosen=chosen.sheet.name)
    _say_what_is_hidden(chosen, book, notes)
    return chosen


def _say_what_is_hidden(chosen: Heading, book: Book, notes: Notes) -> None:
    sheet = chosen.sheet
    place = Origin(notes.file, sheet.name)
    at = ("sheets", sheet.name)
    if book.links:
        notes.add(table_kinds.LINKS, ("links",), Origin(notes.file))
    if sheet.hidden:
        notes.add(table_kinds.HIDDEN_SHEET, (*at, "hidden"), place, sheet=sheet.name)
    hidden = sorted(number for number in sheet.hidden_rows if number > chosen.last)
    if hidden:
        notes.add(
            table_kinds.HIDDEN_ROWS, (*at, "rows"), place, sheet=sheet.name, count=len(hidden), rows=_listed(hidden)
        )
    columns = [grids.letters(column) for column in sorted(chosen.texts) if _is_hidden(sheet, column)]
    if columns:
        notes.add(table_kinds.HIDDEN_COLUMNS, (*at, "columns"), place, sheet=sheet.name, columns="、".join(columns))
    ragged = {number: width for number, width in sheet.ragged.items() if number > chosen.last}
    if ragged:
        usual = sheet.usual_width
        said = {"count": len(ragged), "usual": usual, "rows": _listed(sorted(ragged))}
        notes.add(table_kinds.RAGGED, (*at, "ragged"), Origin(notes.file, sheet.name, f"A{min(ragged)}"), **said)


def _is_hidden(sheet: Sheet, column: int) -> bool:
    return any(column in columns for columns in sheet.hidden_columns)


def _listed(numbers: list[int]) -> str:
    return "、".join(map(str, numbers[:_SHOWN_ROWS])) + ("…" if len(numbers) > _SHOWN_ROWS else "")


def columns(wanted: Table, heading: Heading, notes: Notes) -> dict[str, int] | None:
    """The column of each field; None if one has two. Findings about a heading have the address of its column."""
    found: dict[str, int] = {}
    unknown: dict[str, int] = {}
    usable = True
    name = heading.sheet.column_name
    may_be = {column: meanings(wanted, texts) for column, texts in sorted(heading.texts.items())}
    sure = {fields[0] for fields in may_be.values() if len(fields) == 1}
    for column, fields in may_be.items():
        # A heading that may mean several fields means the first that no other column has.
        if not fields:
            unknown.setdefault(spellings.tidy(heading.texts[column][0]).replace("\n", ""), column)
            continue
        field = next((each for each in fields if each not in sure and each not in found), fields[-1])
        if field in found:
            said = {"first": name(found[field]), "second": name(column)}
            place = _place(notes, heading, column)
            notes.add(table_kinds.DUPLICATE_COLUMN, (*wanted.base, field), place, title=wanted.title(field), **said)
            usable = False
        else:
            found[field] = column
    missing = [field for field in wanted.required if field not in found]
    taken = _say_missing(wanted, heading, missing, unknown, notes)
    for text, column in unknown.items():
        if text not in taken:
            nearest = wanted.nearest(text)
            said = {
                "heading": text,
                "near_zh": f"；最接近的栏目是“{nearest}”" if nearest else "",
                "near_en": f"; the nearest known one is {nearest!r}" if nearest else "",
            }
            notes.add(table_kinds.UNKNOWN_COLUMN, (*wanted.base, text), _place(notes, heading, column), **said)
    return found if usable else None


def _say_missing(
    wanted: Table, heading: Heading, missing: list[str], unknown: Mapping[str, int], notes: Notes
) -> set[str]:
    """Notes each missing column, with the unknown heading that is probably it; gives back those headings."""
    kind = table_kinds.MISSING_COLUMN if wanted.key is not None else table_kinds.ABSENT_COLUMN
    taken: set[str] = set()
    for field in missing:
        folded = {spellings.fold(text)[:_LONGEST]: text for text in unknown if text not in taken}
        near = difflib.get_close_matches(spellings.fold(wanted.title(field)), folded, n=1, cutoff=_ALIKE)
        if not near and "x-mostly-blank" in wanted.item["properties"][field]:
            place = _place(notes, heading, min(heading.texts))
            notes.add(table_kinds.BLANK_COLUMN, ("columns", field), place, title=wanted.title(field))
            continue
        text = folded[near[0]] if near else ""
        taken |= {text} if near else set()
        said = {
            "title": wanted.title(field),
            "near_zh": f"；{heading.sheet.column_name(unknown[text])} 列“{text}”是不是就是它？" if near else "",
            "near_en": f"; is it {text!r}, column {heading.sheet.column_name(unknown[text])}?" if near else "",
        }
        column = unknown[text] if near else min(heading.texts)
        notes.add(kind, (*wanted.base, field), _place(notes, heading, column), **said)
    return taken


def _place(notes: Notes, heading: Heading, column: int) -> Origin:
    row = heading.last if column in heading.sheet.row(heading.last).columns else heading.first
    return heading.sheet.origin(notes.file, row, column)
