"""Makes an item, or a record, of every row below the headings of a table."""

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from formgen.characters import ILLEGAL
from formgen.findings import Address, Finding, Kind
from formgen.intake import grids, kinds, spellings, table_kinds
from formgen.intake.columns import DATED, LOST, ODD, SCIENTIFIC, Column
from formgen.intake.deriving import Deriver
from formgen.intake.grids import Cell, Mark, Row
from formgen.intake.headings import ID, Table
from formgen.intake.json_text import clean
from formgen.intake.reading import Notes
from formgen.intake.table_origins import RowOrigins, Sources, SpentTable, TableOrigins
from formgen.intake.tables import Heading
from formgen.record import Origin, Origins, Record
from formgen.records import MakeOrigins, Records
from formgen.spilling import PLAIN, SpillDict, SpillList

_IDENTIFYING: Final = (ID, "serial", "name", "student_number")
"""A row that has none of these is about nobody."""
_MEMBER_CELLS: Final = 3
"""So many filled cells below a note are no second note."""
_ID_LENGTH: Final = 60
_TOGETHER: Final = 4_000
"""So many rows are read at once, column by column."""
_IN_TURN: Final = 200
"""The same where each becomes a record, and may have pages of text."""
_NAMED: Final = 5
"""Of so many times as many rows is held in memory what names them."""
_INTEGER: Final = {"type": "integer"}
_OCTOBER: Final = re.compile(r"[12][0-9]{3}\.1")
_OF_NOBODY: Final = re.compile(
    r"(?:合计|总计|小计|共计|总人数|(?:填表|填报|制表|经办|审核|审批|复核|负责|联系|主管|单位|报送|日期|时间)[^：:]{0,8}[：:]"
    r"|(?:学院|院系|院|系|单位|部门|党组织|团组织)?[(（]?(?:盖章|公章|签字|签名)).*"
)
"""What stands where others have a number or a name in a row of sums or signatures; spaces do not count."""
_FIRST_OF_NOBODY: Final = frozenset("合总小共填制经审复负联主单报日时学院系部党团盖公签（(")
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
    _fields: dict[str, Column] = field(init=False)

    def __post_init__(self) -> None:
        self.sheet = self.heading.sheet
        self._titled = set(self.heading.texts)
        every, self._deriver, self._alike = _readers(self.wanted)
        self._fields = {key: column.for_a_file() for key, column in every.items() if key in self.columns}
        self._first = min(self.columns.values())
        self._most = _TOGETHER if self.wanted.key is not None else _IN_TURN

    def records(self) -> Records:
        """The record of the whole list, or one for each row."""
        rows = array("L", self._members())
        key, form, record_id = self.wanted.key, self.notes.whole.form, self.notes.whole.record
        if key is None:
            return self._record_each(rows)
        items, derived = self._items(rows, lambda index: Address(form, (key, index), record_id))
        origins = TableOrigins(self.notes.file, self.sheet, self.columns, self.wanted.base, rows, derived)
        return Records([Record(form, {key: items}, origins, record_id)])

    def _record_each(self, rows: Sequence[int]) -> Records:
        """A record for each row; of its cells is kept what its values do not say, unless some are merged."""
        form, ids = self.notes.whole.form, list(self._ids(rows))
        derived: SpillList[Sources] = SpillList(codec=PLAIN)
        written: SpillList[Mapping[str, str]] = SpillList(codec=PLAIN)
        origins: MakeOrigins
        is_plain = type(self.sheet) is grids.Sheet and all(
            area.bottom <= self.heading.last for area in self.sheet.merges
        )
        if is_plain:
            table = SpentTable(self.notes.file, self.sheet.spent(), self.columns, rows, derived, written)
            origins = partial(RowOrigins, table)
        else:
            origins = partial(_origins_in, self.notes.file, self.sheet, self.columns, rows, derived)
        records = Records(origins=origins)
        for start in range(0, len(rows), _IN_TURN):
            some = rows[start : start + _IN_TURN]
            own = ids[start : start + _IN_TURN]
            items, sources = self._items(some, partial(_address, form, own))
            derived.extend(sources)
            if is_plain:
                written.extend(self._written(some, items))
            for place, (id_, item) in enumerate(zip(own, items, strict=True), start=start):
                records.append(Record(form, item, origins(place, item), id_))
        return records

    def _written(self, numbers: Sequence[int], items: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        """What is written in those cells of each row whose value is another."""
        written: list[dict[str, str]] = [{} for _ in numbers]
        for plan, places, rows in self._by_shape(numbers):
            own = [items[place] for place in places]
            for key, at in plan:
                cells = list(map(itemgetter(at), rows))
                values = [item.get(key) for item in own]
                if key == ID or values == cells:
                    continue
                for place, text, value in zip(places, map(grids.text_of, cells), values, strict=True):
                    if text != value:
                        written[place][key] = text
        return written

    # --- which rows --------------------------------------------------------------------------------------------------

    def _members(self) -> "array[int]":
        """The rows about somebody, up to the end of the table."""
        members = array("L")
        numbers: list[int] = []
        rows: list[Row] = []
        note = after = None
        last: tuple[int, ...] | None = None
        plan: Plan = ()
        for number, row in self.sheet.rows.items():
            if number <= self.heading.last:
                continue
            if row.columns is not last:
                last = row.columns
                plan = self._plans.get(last) or self._plan(number, row)
            if note is not None:
                if len(plan) >= _MEMBER_CELLS:
                    after = number
                    break
            elif len(plan) == 1 and self._is_note(number, row, *plan[0]):
                note = number
            elif plan:
                numbers.append(number)
                rows.append(row)
                if len(rows) == self._most:
                    members.extend(self._people(numbers, rows))
                    numbers, rows = [], []
        members.extend(self._people(numbers, rows))
        if after is not None:
            at = (*self.wanted.base, len(members))
            self.notes.add(table_kinds.ROWS_AFTER_NOTE, at, self._origin(after, self._first), note=note, row=after)
        return members

    def _origin(self, row: int, column: int, text: str | None = None) -> Origin:
        return self.sheet.origin(self.notes.file, row, column, text)

    def _plan(self, number: int, row: Row) -> Plan:
        """What is to be read of rows like this one; says of columns without heading that they are not."""
        for column, cell in zip(*row, strict=True):
            if column not in self._titled:
                self._titled.add(column)
                letter = self.sheet.column_name(column)
                place = self._origin(number, column, grids.text_of(cell))
                self.notes.add(table_kinds.UNTITLED_COLUMN, (*self.wanted.base, letter), place, column=letter)
        places = {column: place for place, column in enumerate(row.columns)}
        plan = tuple((key, places[column]) for key, column in self.columns.items() if column in places)
        self._plans[row.columns] = plan
        return plan

    def _by_shape(self, numbers: Iterable[int]) -> Iterator[tuple[Plan, list[int], list[tuple[Cell, ...]]]]:
        """The rows with the same columns filled: what is to be read of them, their places, their cells."""
        return self._grouped(map(self.sheet.rows.__getitem__, numbers))

    def _grouped(self, every: Iterable[Row]) -> Iterator[tuple[Plan, list[int], list[tuple[Cell, ...]]]]:
        shapes: dict[tuple[int, ...], tuple[list[int], list[tuple[Cell, ...]]]] = {}
        last: tuple[int, ...] | None = None
        places: list[int] = []
        rows: list[tuple[Cell, ...]] = []
        for place, (columns, cells) in enumerate(every):
            if columns is not last:
                places, rows = shapes.setdefault(columns, ([], []))
                last = columns
            places.append(place)
            rows.append(cells)
        for columns, (places, rows) in shapes.items():
            yield self._plans[columns], places, rows

    def _people(self, numbers: list[int], every: Sequence[Row]) -> list[int]:
        """The rows about somebody: not the headings once more, as on every page of a list put together by hand.

        Nor sums, nor who filled the list in.
        """
        others: set[int] = set()
        for plan, places, rows in self._grouped(every):
            others.update(places[at] for at in self._of_nobody(plan, rows))
            if len(plan) >= _MEMBER_CELLS:
                others.update(places[at] for at in self._repeats(plan, rows))
        return [number for place, number in enumerate(numbers) if place not in others] if others else numbers

    @staticmethod
    def _of_nobody(plan: Plan, rows: Sequence[tuple[Cell, ...]]) -> list[int]:
        """Which of the rows hold sums or signatures, by the first cell that would say whom a row is about."""
        at = next((dict(plan)[key] for key in _IDENTIFYING if key in dict(plan)), None)
        if at is None:
            return []
        texts = [grids.text_of(row[at]) for row in rows]
        if "".join(texts).isdecimal():
            return []
        likely = [(place, text) for place, text in enumerate(texts) if text.lstrip()[:1] in _FIRST_OF_NOBODY]
        return [place for place, text in likely if _OF_NOBODY.fullmatch("".join(text.split()))]

    def _repeats(self, plan: Plan, rows: Sequence[tuple[Cell, ...]]) -> list[int]:
        """Which of the rows say in every column what it is."""
        # Where few different texts stand in a column, it is soon seen that no heading is among them.
        columns = sorted(((set(map(itemgetter(at), rows)), key, at) for key, at in plan), key=lambda one: len(one[0]))
        found = list(range(len(rows)))
        for texts, key, at in columns:
            titles = {text for text in texts if key in self.wanted.meanings(grids.text_of(text))}
            found = [place for place in found if rows[place][at] in titles] if titles else []
            if not found:
                break
        return found

    def _is_note(self, number: int, row: Row, key: str, place: int) -> bool:
        """Whether the row has one remark and nobody in it, such as 注：… or 填表人：… below the table."""
        if (number, row.columns[place]) in self.sheet.wide or key not in _IDENTIFYING:
            return True
        schema = _INTEGER if key == ID else self.wanted.item["properties"][key]
        text = grids.text_of(row.cells[place])
        return schema.get("type") == "integer" and isinstance(spellings.value(schema, text), str)

    # --- what tells records apart ------------------------------------------------------------------------------------

    def _ids(self, rows: Sequence[int]) -> Iterator[str]:
        """The id of each row: its number, with as many digits as the longest (two at least), else a name, else the row.

        Two rows of the same id are an error; the second gets another, so that nothing is lost.
        """
        named: SpillList[list[str]] = SpillList(codec=PLAIN, kept=_NAMED)
        width = 2
        for start in range(0, len(rows), _IN_TURN):
            texts = [self._naming(row) for row in rows[start : start + _IN_TURN]]
            numbers = (spellings.value(_INTEGER, text) for text in texts)
            digits = (len(str(number)) for number in numbers if isinstance(number, int) and number >= 0)
            width = max(chain((width,), digits))
            named.append(texts)
        seen: SpillDict[int] = SpillDict(codec=PLAIN)
        for row, text in zip(rows, chain.from_iterable(named), strict=True):
            number = spellings.value(_INTEGER, text)
            id_ = f"{number:0{width}d}" if isinstance(number, int) and number >= 0 else _fit(text) or f"第{row}行"
            first = seen.setdefault(id_.casefold(), row)
            if first != row:
                self._same_id(first, row, text or id_)
                id_ = f"{id_}（第{row}行）"
            yield id_

    def _same_id(self, first: int, second: int, text: str) -> None:
        form = self.notes.whole.form
        column = next((self.columns[key] for key in (ID, *self.wanted.naming) if key in self.columns), self._first)
        at, also = Address(form, (ID, second)), Address(form, (ID, first))
        self.notes.places[also] = self._origin(first, column)
        values = {"text": text, "first": first, "second": second}
        self.notes.note(Finding(table_kinds.SAME_ID, at, values, also=(also,)), self._origin(second, column))

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

    def _items(
        self, numbers: Sequence[int], at: Callable[[int], Address]
    ) -> tuple[list[dict[str, Any]], list[Sources]]:
        """The values of each row, and which of them were derived; ``at`` is where those of a row will be."""
        items: list[dict[str, Any]] = []
        derived: list[Sources] = []
        covered = {row for row, _ in self.sheet.above} if self.sheet.merges else set()
        for start in range(0, len(numbers), _TOGETHER):
            some = numbers[start : start + _TOGETHER]
            read: list[dict[str, Any]] = [{}] * len(some)
            told: list[Sources] = [()] * len(some)
            odd = {place for place, number in enumerate(some) if number in covered} if covered else set()
            for plan, places, rows in self._by_shape(some):
                made, sources, strange = self._together([pair for pair in plan if pair[0] != ID], rows)
                odd.update(places[place] for place in strange)
                for place, item, source in zip(places, made, sources, strict=True):
                    read[place], told[place] = item, source
            for place in sorted(odd):
                read[place] = self._item(some[place], at(start + place))
                told[place] = self._deriver.sources(read[place])
            items += read
            derived += told
        return items, derived

    def _together(
        self, plan: Sequence[tuple[str, int]], rows: Sequence[tuple[Cell, ...]]
    ) -> tuple[list[dict[str, Any]], list[Sources], set[int]]:
        """The values of rows with the same columns filled, the derived ones, and which rows have to be looked at."""
        keys = tuple(key for key, _ in plan)
        columns = [self._fields[key].values(list(map(itemgetter(place), rows))) for key, place in plan]
        items: list[dict[str, Any]] = [vars(self._alike()) for _ in rows]
        for item, row in zip(items, zip(*columns, strict=True), strict=True) if keys else ():
            item.update(zip(keys, row, strict=True))
        odd: set[int] = set()
        whole = True
        for key, values in zip(keys, columns, strict=True):
            for gap in (ODD, None):
                if gap in values:
                    whole = False
                    for place, value in enumerate(values):
                        if value is gap:
                            del items[place][key]
                            if gap is ODD:
                                odd.add(place)
        if whole:
            return items, self._deriver.sources_of_many(items), odd
        sound = [{} if place in odd else item for place, item in enumerate(items)]
        return items, list(map(self._deriver.sources, sound)), odd

    def _item(self, number: int, at: Address) -> dict[str, Any]:
        """The values of one row, with what is to be said of its cells."""
        row = self.sheet.rows[number]
        item: dict[str, Any] = {}
        for key, place in self._plans[row.columns]:
            if key == ID:
                continue
            cell = row.cells[place]
            field = self._fields[key]
            value = self._odd(cell, at / key) if field.is_odd(cell) else field.read(str(cell))
            if value is not None:
                item[key] = value
        if self.sheet.merges:
            self._fill_down(number, item, at)
        return item

    def _fill_down(self, number: int, item: dict[str, Any], at: Address) -> None:
        """Adds what stands in cells that are merged over several rows."""
        for key in self._fields:
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
            self._say(table_kinds.ERROR_CELL, at, text=text)
            return None
        if mark is Mark.UNCOMPUTED:
            self._say(table_kinds.FORMULA_NO_VALUE, at)
            return None
        if mark is Mark.DATE and typeset not in ("date", "month"):
            self._say(table_kinds.DATE_CELL, at, text=text)
        elif self._fields[key].is_rank and DATED.fullmatch(text.strip()):
            self._say(table_kinds.DATE_CELL, at, text=text.strip())
        elif mark is Mark.ROUNDED:
            self._say(table_kinds.ROUNDED, at, text=text)
        elif mark is Mark.DECIMAL and typeset == "month" and _OCTOBER.fullmatch(text):
            self._say(table_kinds.AMBIGUOUS_MONTH, at, text=text)
            return text
        elif self._fields[key].is_worded and SCIENTIFIC.fullmatch(text):
            self._say(table_kinds.SCIENTIFIC, at, text=text)
        elif self._fields[key].is_worded and LOST.fullmatch(text):
            self._say(table_kinds.ROUNDED, at, text=text)
        illegal = ILLEGAL.search(text)
        if illegal is not None:
            self._say(kinds.CHARACTER, at, code=f"U+{ord(illegal[0]):04X}")
            text = clean(text)
        return self._fields[key].read(text)

    def _say(self, kind: Kind, at: Address, **values: object) -> None:
        if kind is not kinds.CHARACTER:
            values["title"] = self.wanted.title(str(at.pointer[-1]))
        self.notes.note(Finding(kind, at, values))


def _address(form: str, ids: Sequence[str], index: int) -> Address:
    return Address(form, (), ids[index])


def _origins_in(
    file: str, sheet: grids.Sheet, columns: Mapping[str, int], rows: Sequence[int], derived: Sequence[Sources],
    index: int, _: Any,
) -> Origins:  # fmt: skip
    """Those of a record whose cells are kept."""
    return TableOrigins(file, sheet, columns, (), (rows[index],), (derived[index],))


_known: dict[int, tuple[Table, dict[str, Column], Deriver, type]] = {}


def _readers(wanted: Table) -> tuple[dict[str, Column], Deriver, type]:
    """What reads the columns of a form, and what derives from them; both know what they read in files before.

    And what makes dictionaries for its rows: those that objects of one class keep their attributes in share one table
    of keys, and take a third of the memory.
    """
    if id(wanted) not in _known:
        columns = {key: Column(wanted.item["properties"][key]) for key in wanted.fields}
        alike = type("Row", (), {})
        vars(alike()).update((key, None) for key in wanted.fields)  # the first one lays out the keys
        # With the table, so that its id stays its own.
        _known[id(wanted)] = (wanted, columns, Deriver(wanted.item), alike)
    _, every, deriver, alike = _known[id(wanted)]
    return every, deriver, alike


def _fit(text: str) -> str:
    """A text as the id of a record, which names files and stands in addresses; empty if nothing of it can."""
    return ILLEGAL.sub("", text).replace(":", "：").replace("\n", " ").strip()[:_ID_LENGTH]
