"""Makes an item, or a record, of every row below the headings of a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl.utils import get_column_letter

from formgen.findings import Address, Finding, Pointer
from formgen.intake import kinds, spellings
from formgen.intake.deriving import derive
from formgen.intake.headings import ID, Table
from formgen.intake.json_text import ILLEGAL
from formgen.intake.reading import Notes
from formgen.intake.workbooks import Sheet, Written, coordinate
from formgen.record import CellOrigins, Origin, Record

_IDENTIFYING = (ID, "serial", "name", "student_number")
"""A row that has none of these is about nobody."""
_MEMBER_CELLS = 3
"""So many filled cells below a note are no second note."""
_ID_LENGTH = 60
_INTEGER = {"type": "integer"}


def origin_of(notes: Notes, sheet: Sheet, row: int, column: int, text: str | None = None) -> Origin:
    """The place of a cell, with the text that stands in it."""
    return Origin(notes.file, sheet.name, coordinate(row, column), text=text)


@dataclass
class Rows:
    """The rows below the headings, on their way into records."""

    wanted: Table
    sheet: Sheet
    heading_row: int
    columns: Mapping[str, int]
    notes: Notes
    _titled: set[int] = field(init=False)
    """Columns that have a heading, or of which it has been said that they have none."""

    def __post_init__(self) -> None:
        self._titled = set(self.sheet.rows[self.heading_row])

    def records(self) -> list[Record]:
        """The record of the whole list, or one for each row."""
        rows = list(self._members())
        form, record_id = self.notes.whole.form, self.notes.whole.record
        if self.wanted.key is None:
            return [self._record(row, id_) for row, id_ in zip(rows, self._ids(rows), strict=True)]
        cells: dict[Pointer, Origin] = {}
        items = [
            self._item(row, Address(form, (self.wanted.key, index), record_id), cells) for index, row in enumerate(rows)
        ]
        whole = Origin(self.notes.file, self.sheet.name)
        return [Record(form, {self.wanted.key: items}, CellOrigins(whole, cells), record_id)]

    def _record(self, row: int, id_: str) -> Record:
        cells: dict[Pointer, Origin] = {}
        values = self._item(row, Address(self.notes.whole.form, (), id_), cells)
        return Record(self.notes.whole.form, values, CellOrigins(cells.pop(()), cells), id_)

    # --- which rows --------------------------------------------------------------------------------------------------

    def _members(self) -> Iterator[int]:
        """The rows about somebody, up to the end of the table."""
        note = None
        taken = 0
        for row in self.sheet.rows:
            if row <= self.heading_row:
                continue
            self._report_untitled(row)
            filled = self._filled(row)
            if note is not None:
                if len(filled) >= _MEMBER_CELLS:
                    origin = origin_of(self.notes, self.sheet, row, self._first_column())
                    self.notes.add(kinds.ROWS_AFTER_NOTE, (*self.wanted.base, taken), origin, note=note, row=row)
                    break
            elif self._is_note(row, filled):
                note = row
            elif filled and not self._repeats_headings(filled):
                taken += 1
                yield row

    def _first_column(self) -> int:
        return min(self.columns.values())

    def _filled(self, row: int) -> dict[str, Written]:
        cells = self.sheet.rows[row]
        return {field: cells[column] for field, column in self.columns.items() if column in cells}

    def _repeats_headings(self, filled: Mapping[str, Written]) -> bool:
        """Whether the row is the headings once more, as on every page of a list put together by hand."""
        if len(filled) < _MEMBER_CELLS:
            return False
        return all(key in self.wanted.meanings(written.text) for key, written in filled.items())

    def _is_note(self, row: int, filled: Mapping[str, Written]) -> bool:
        """Whether the row has one remark and nobody in it, such as 注：… or 填表人：… below the table."""
        if len(filled) != 1:
            return False
        [(field, written)] = filled.items()
        if (row, self.columns[field]) in self.sheet.wide or field not in _IDENTIFYING:
            return True
        schema = _INTEGER if field == ID else self.wanted.item["properties"][field]
        return schema.get("type") == "integer" and isinstance(spellings.value(schema, written.text), str)

    def _report_untitled(self, row: int) -> None:
        """Says of a column without heading that its content is not read; once for each column."""
        for column, written in self.sheet.rows[row].items():
            if column not in self._titled:
                self._titled.add(column)
                origin = origin_of(self.notes, self.sheet, row, column, written.text)
                letter = get_column_letter(column)
                self.notes.add(kinds.UNTITLED_COLUMN, (*self.wanted.base, letter), origin, column=letter)

    # --- what tells records apart ------------------------------------------------------------------------------------

    def _ids(self, rows: list[int]) -> list[str]:
        """The id of each row: its number, with as many digits as the longest (two at least), else a name, else the row.

        Two rows of the same id are an error; the second gets another, so that nothing is lost.
        """
        written = [self._naming(row) for row in rows]
        numbers = [spellings.value(_INTEGER, text) for text in written]
        width = max([2, *(len(str(number)) for number in numbers if isinstance(number, int) and number >= 0)])
        ids: list[str] = []
        seen: dict[str, int] = {}
        for row, text, number in zip(rows, written, numbers, strict=True):
            id_ = f"{number:0{width}d}" if isinstance(number, int) and number >= 0 else _fit(text) or f"第{row}行"
            first = seen.setdefault(id_.casefold(), row)
            if first != row:
                self._same_id(ids[rows.index(first)], first, row, text)
                id_ = f"{id_}（第{row}行）"
            ids.append(id_)
        return ids

    def _same_id(self, id_: str, first: int, second: int, text: str) -> None:
        form = self.notes.whole.form
        column = next((self.columns[field] for field in (ID, *self.wanted.naming) if field in self.columns), 1)
        # Of what the second row says nothing is kept under the first one's id: its place goes by the row.
        at, also = Address(form, (ID, second)), Address(form, (ID, first))
        self.notes.places[also] = origin_of(self.notes, self.sheet, first, column)
        origin = origin_of(self.notes, self.sheet, second, column)
        values = {"text": text or id_, "first": first, "second": second}
        self.notes.note(Finding(kinds.SAME_ID, at, values, also=(also,)), origin)

    def _naming(self, row: int) -> str:
        """What the first cell says that tells this row from others."""
        cells = self.sheet.rows[row]
        for key in (ID, *self.wanted.naming):
            written = cells.get(self.columns.get(key, 0))
            if written is not None and not written.error and spellings.tidy(written.text):
                return spellings.tidy(written.text)
        return ""

    # --- what stands in them -----------------------------------------------------------------------------------------

    def _item(self, row: int, at: Address, cells: dict[Pointer, Origin]) -> dict[str, Any]:
        item: dict[str, Any] = {}
        cells[at.pointer] = origin_of(self.notes, self.sheet, row, self._first_column())
        for key in self.wanted.fields:
            if key not in self.columns:
                continue
            place = (row, self.columns[key])
            if place[1] not in self.sheet.rows[row]:
                place = self.sheet.above.get(place, place)
            written = self.sheet.rows.get(place[0], {}).get(place[1])
            text = None if written is None else written.text
            cells[*at.pointer, key] = origin_of(self.notes, self.sheet, *place, text)
            value = None if written is None else self._value(written, at / key)
            if value is not None:
                item[key] = value
        for derived, source in derive(self.wanted.item, item, at.pointer):
            cells[derived] = cells[source]
        return item

    def _value(self, written: Written, at: Address) -> Any:
        key = str(at.pointer[-1])
        title = self.wanted.title(key)
        schema = self.wanted.item["properties"][key]
        if written.error:
            self.notes.note(Finding(kinds.ERROR_CELL, at, {"title": title, "text": written.text}))
            return None
        if written.uncomputed:
            self.notes.note(Finding(kinds.FORMULA_NO_VALUE, at, {"title": title}))
            return None
        if written.date and schema.get("x-typeset") not in ("date", "month"):
            self.notes.note(Finding(kinds.DATE_CELL, at, {"title": title, "text": written.text}))
        return spellings.value(schema, written.text)


def _fit(text: str) -> str:
    """A text as the id of a record, which names files and stands in addresses; empty if nothing of it can."""
    return ILLEGAL.sub("", text).replace(":", "：").replace("\n", " ").strip()[:_ID_LENGTH]
