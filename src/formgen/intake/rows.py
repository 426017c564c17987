"""Makes an item, or a record, of every row below the headings of a table."""

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from formgen.findings import Address, Finding, Kind
from formgen.intake import grids, kinds, spellings
from formgen.intake.deriving import Deriver
from formgen.intake.grids import Cell, Mark, Row
from formgen.intake.headings import ID, Table
from formgen.intake.json_text import ILLEGAL, clean
from formgen.intake.reading import Notes
from formgen.intake.table_origins import Sources, TableOrigins
from formgen.intake.tables import Heading
from formgen.record import Origin, Record

_IDENTIFYING: Final = (ID, "serial", "name", "student_number")
"""A row that has none of these is about nobody."""
_MEMBER_CELLS: Final = 3
"""So many filled cells below a note are no second note."""
_ID_LENGTH: Final = 60
_INTEGER: Final = {"type": "integer"}
_SCIENTIFIC: Final = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{1,3}")
_LOST: Final = re.compile("[0-9]{3,}0{7,}")
"""What is left of a number of a dozen digits that was shown as 2.02E+11 and typed again."""
_OCTOBER: Final = re.compile(r"[12][0-9]{3}\.1")
Plan = tuple[tuple[str, int], ...]
"""Of rows whose filled columns are the same: field -> which of the cells."""


@dataclass
class Rows:
    """The rows below the headings, on their way into records."""

    wanted: Table
    heading: Heading
    columns: Mapping[str, int]
    notes: Notes
    _titled: set[int] = field(init=False)
    """Columns that have a heading, or of which it has been said that they have none."""
    _plans: dict[tuple[int, ...], Plan] = field(default_factory=dict)
    _readers: dict[str, Callable[[str], Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.sheet = self.heading.sheet
        self._titled = set(self.heading.texts)
        properties = self.wanted.item["properties"]
        self._readers = {key: spellings.reader(properties[key]) for key in self.wanted.fields if key in self.columns}
        # Names and numbers of people: one that was taken for a number may have lost its end.
        self._worded = {key for key in self._readers if spellings.is_term(properties[key])}
        self._first = min(self.columns.values())
        self._deriver = Deriver(self.wanted.item)

    def records(self) -> list[Record]:
        """The record of the whole list, or one for each row."""
        rows = array("L", self._members())
        form, record_id = self.notes.whole.form, self.notes.whole.record
        if self.wanted.key is None:
            return [self._record(row, id_) for row, id_ in zip(rows, self._ids(list(rows)), strict=True)]
        items: list[dict[str, Any]] = []
        derived: list[Sources] = []
        for index, row in enumerate(rows):
            item, sources = self._item(row, Address(form, (self.wanted.key, index), record_id))
            items.append(item)
            derived.append(sources)
        origins = TableOrigins(self.notes.file, self.sheet, self.columns, self.wanted.base, rows, derived)
        return [Record(form, {self.wanted.key: items}, origins, record_id)]

    def _record(self, row: int, id_: str) -> Record:
        values, sources = self._item(row, Address(self.notes.whole.form, (), id_))
        origins = TableOrigins(self.notes.file, self.sheet, self.columns, (), (row,), (sources,))
        return Record(self.notes.whole.form, values, origins, id_)

    # --- which rows --------------------------------------------------------------------------------------------------

    def _members(self) -> Iterator[int]:
        """The rows about somebody, up to the end of the table."""
        note = None
        taken = 0
        for number, row in self.sheet.rows.items():
            if number <= self.heading.last:
                continue
            plan = self._plans.get(row.columns) or self._plan(number, row)
            if note is not None:
                if len(plan) >= _MEMBER_CELLS:
                    place = self._origin(number, self._first)
                    self.notes.add(kinds.ROWS_AFTER_NOTE, (*self.wanted.base, taken), place, note=note, row=number)
                    break
            elif len(plan) == 1 and self._is_note(number, row, *plan[0]):
                note = number
            elif plan and not self._repeats_headings(row, plan):
                taken += 1
                yield number

    def _origin(self, row: int, column: int, text: str | None = None) -> Origin:
        return Origin(self.notes.file, self.sheet.name, grids.coordinate(row, column), text=text)

    def _plan(self, number: int, row: Row) -> Plan:
        """What is to be read of rows like this one; says of columns without heading that they are not."""
        for column, cell in zip(*row, strict=True):
            if column not in self._titled:
                self._titled.add(column)
                letter = grids.letters(column)
                place = self._origin(number, column, grids.text_of(cell))
                self.notes.add(kinds.UNTITLED_COLUMN, (*self.wanted.base, letter), place, column=letter)
        places = {column: place for place, column in enumerate(row.columns)}
        plan = tuple((key, places[column]) for key, column in self.columns.items() if column in places)
        self._plans[row.columns] = plan
        return plan

    def _repeats_headings(self, row: Row, plan: Plan) -> bool:
        """Whether the row is the headings once more, as on every page of a list put together by hand."""
        if len(plan) < _MEMBER_CELLS:
            return False
        return all(key in self.wanted.meanings(grids.text_of(row.cells[place])) for key, place in plan)

    def _is_note(self, number: int, row: Row, key: str, place: int) -> bool:
        """Whether the row has one remark and nobody in it, such as 注：… or 填表人：… below the table."""
        if (number, row.columns[place]) in self.sheet.wide or key not in _IDENTIFYING:
            return True
        schema = _INTEGER if key == ID else self.wanted.item["properties"][key]
        text = grids.text_of(row.cells[place])
        return schema.get("type") == "integer" and isinstance(spellings.value(schema, text), str)

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
                self._same_id(first, row, text or id_)
                id_ = f"{id_}（第{row}行）"
            ids.append(id_)
        return ids

    def _same_id(self, first: int, second: int, text: str) -> None:
        form = self.notes.whole.form
        column = next((self.columns[key] for key in (ID, *self.wanted.naming) if key in self.columns), self._first)
        at, also = Address(form, (ID, second)), Address(form, (ID, first))
        self.notes.places[also] = self._origin(first, column)
        values = {"text": text, "first": first, "second": second}
        self.notes.note(Finding(kinds.SAME_ID, at, values, also=(also,)), self._origin(second, column))

    def _naming(self, number: int) -> str:
        """What the first cell says that tells this row from others."""
        row = self.sheet.row(number)
        for key in (ID, *self.wanted.naming):
            cell = row.get(self.columns.get(key, 0))
            is_error = isinstance(cell, grids.Marked) and cell.mark is Mark.ERROR
            text = "" if cell is None or is_error else spellings.tidy(grids.text_of(cell))
            if text:
                return text
        return ""

    # --- what stands in them -----------------------------------------------------------------------------------------

    def _item(self, number: int, at: Address) -> tuple[dict[str, Any], Sources]:
        """The values of a row, and which of them were derived."""
        row = self.sheet.rows[number]
        readers, worded = self._readers, self._worded
        item: dict[str, Any] = {}
        for key, place in self._plans[row.columns]:
            cell = row.cells[place]
            if key == ID:
                continue
            if type(cell) is str and cell.isprintable() and not (key in worded and cell[0].isdecimal()):
                value = readers[key](cell)
            else:
                value = self._odd(cell, at / key)
            if value is not None:
                item[key] = value
        if self.sheet.merges:
            self._fill_down(number, item, at)
        return item, self._deriver.sources(item)

    def _fill_down(self, number: int, item: dict[str, Any], at: Address) -> None:
        """Adds what stands in cells that are merged over several rows."""
        for key in self._readers:
            anchor = self.sheet.above.get((number, self.columns[key]))
            cell = None if anchor is None or key in item else self.sheet.row(anchor[0]).get(anchor[1])
            value = None if cell is None else self._odd(cell, at / key)
            if value is not None:
                item[key] = value

    def _odd(self, cell: Cell, at: Address) -> Any:
        """The value of a cell about which there may be something to say."""
        key = str(at.pointer[-1])
        text = grids.text_of(cell)
        mark = cell.mark if isinstance(cell, grids.Marked) else None
        typeset = self.wanted.item["properties"][key].get("x-typeset")
        if mark is Mark.ERROR:
            self._say(kinds.ERROR_CELL, at, text=text)
            return None
        if mark is Mark.UNCOMPUTED:
            self._say(kinds.FORMULA_NO_VALUE, at)
            return None
        if mark is Mark.DATE and typeset not in ("date", "month"):
            self._say(kinds.DATE_CELL, at, text=text)
        elif mark is Mark.ROUNDED:
            self._say(kinds.ROUNDED, at, text=text)
        elif mark is Mark.DECIMAL and typeset == "month" and _OCTOBER.fullmatch(text):
            self._say(kinds.AMBIGUOUS_MONTH, at, text=text)
            return text
        elif key in self._worded and _SCIENTIFIC.fullmatch(text):
            self._say(kinds.SCIENTIFIC, at, text=text)
        elif key in self._worded and _LOST.fullmatch(text):
            self._say(kinds.ROUNDED, at, text=text)
        illegal = ILLEGAL.search(text)
        if illegal is not None:
            self._say(kinds.CHARACTER, at, code=f"U+{ord(illegal[0]):04X}")
            text = clean(text)
        return self._readers[key](text)

    def _say(self, kind: Kind, at: Address, **values: object) -> None:
        if kind is not kinds.CHARACTER:
            values["title"] = self.wanted.title(str(at.pointer[-1]))
        self.notes.note(Finding(kind, at, values))


def _fit(text: str) -> str:
    """A text as the id of a record, which names files and stands in addresses; empty if nothing of it can."""
    return ILLEGAL.sub("", text).replace(":", "：").replace("\n", " ").strip()[:_ID_LENGTH]
