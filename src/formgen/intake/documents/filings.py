"""Reads a form whose rows are statements with a conclusion each, typed into any table: the filing of the reform.

A row is found by its words, as the schema has them, or by its number; not by its place: schools split rows, add
columns, put the boxes into the cell of the words, or have no table at all but one line for each row.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from formgen.findings import Pointer
from formgen.forms import Schema
from formgen.intake.documents import kinds, marks, written
from formgen.intake.documents.blocks import Cell, Document, Paragraph, Row, Table
from formgen.intake.documents.comparing import label, likeness
from formgen.intake.documents.marks import Choice, State
from formgen.intake.reading import Notes
from formgen.intake.spellings import tidy
from formgen.record import Origin

_NUMBER = re.compile(r"[\s★▲]*([0-9]{1,2})\s*[.．、)）]?\s*(?=\D)")
_SEPARATOR = re.compile(r"[\t|｜]")
_SAME, _REWORDED = 0.55, 0.3
"""How like the official words a row has to be; the second where its number is the item's."""
_NUMBERED: Final = 0.2
"""What the right number adds."""
_COUNT = re.compile(r"实有[^0-9]{0,4}([0-9]{1,7})([人个名位]?)|^([0-9]{1,7})([人个名位]?)$")
_NO_COUNT = re.compile(r"实有[:：]?[人个名位]?")
"""What a blank form prints."""
_LIMIT = re.compile(r"不超过[0-9]+([人个])")
_PEOPLE: Final = frozenset({"人", "名", "位"})
_DAY_LABEL = re.compile(r"^[^\s0-9，,。；;]{0,6}(?:日期|时间)\s*[为是]?\s*[:：]?")
_LEFT_OVER: Final = " \t\n，,；;。、：:（）()"
_REASONS: Final[Mapping[State, tuple[str, str]]] = {
    State.BOTH: ("两个框都勾了", "both boxes are ticked"),
    State.NEITHER: ("没有勾，或看不出勾的是哪一个", "none is ticked, or it cannot be told which"),
    State.NO_BOXES: ("两个选项都在，勾选的记号脱落了", "both options are there, the tick is lost"),
    State.NOTHING: ("写作“{text}”，没有勾选", "it reads {text!r}, and nothing is ticked"),
}


@dataclass(frozen=True, slots=True)
class Items:
    """The statements of a form."""

    key: str
    fields: Mapping[str, Schema]

    @property
    def any(self) -> Schema:
        """The schema of one of them: the options are the same for all."""
        found: Schema = next(iter(self.fields.values()))["properties"]
        return found


def items(schema: Schema) -> Items | None:
    """The group of a schema whose fields are statements with a conclusion, None if it has none."""
    for key, group in schema.get("properties", {}).items():
        fields = group.get("properties", {})
        if fields and all({"conclusion", "wording"} <= set(child.get("properties", ())) for child in fields.values()):
            return Items(key, fields)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A row as it may hold a statement: the cell with the words, and those after it."""

    order: int
    cells: tuple[Cell, ...]
    index: int
    words: str
    number: str
    choice: Choice
    """What the cell itself says of the options."""
    headings: Mapping[str, int]
    """Conclusion, remark and options -> their column, where the table says so."""


@dataclass
class Statements:
    """Reads the statements of one document."""

    notes: Notes
    wanted: Items
    values: dict[str, Any] = field(default_factory=dict)
    cells: dict[Pointer, Origin] = field(default_factory=dict)
    named: int = 0
    """How many rows name the options of this form, ticked or not."""
    _known: dict[_Line, tuple[tuple[str, float], ...]] = field(default_factory=dict)

    def read(self, document: Document) -> bool:
        """Whether there is any statement in the document; their values are in ``values``, by the keys of the group."""
        lines = list(self._lines(document))
        found = self._assigned(lines)
        if not found:
            return False
        for key in self.wanted.fields:
            if key in found:
                self._take(key, found[key])
            elif self._has_words(key):
                title = self.wanted.fields[key].get("title", key)
                self.notes.add(kinds.NO_ROW, (self.wanted.key, key), Origin(self.notes.file), title=title)
        self._repeated(lines, found)
        return True

    # --- finding the rows ---

    @property
    def options(self) -> Mapping[str, list[str]]:
        """The canonical conclusions with their words on the form."""
        spelled: Mapping[str, list[str]] = self.wanted.any["conclusion"].get("x-spellings", {})
        return spelled

    def _has_words(self, key: str) -> bool:
        """Whether anybody has seen the words of an item: they end as sentences do."""
        return str(self.wanted.fields[key].get("description", "")).endswith("。")

    def _lines(self, document: Document) -> Iterator[_Line]:
        order = 0
        for block in document.blocks:
            headings: dict[str, int] = {}
            for row in _rows(block):
                headings = {**headings, **self._headings(row)}
                for index, cell in enumerate(row.cells):
                    choice = marks.choice(cell.text, self.options)
                    words = cell.text[: choice.start] if choice.state is not State.NOTHING else cell.text
                    if tidy(words):
                        number = _NUMBER.match(words)
                        bare = words[number.end() :] if number is not None else words
                        numbered = number[1] if number is not None else ""
                        yield _Line(order, row.cells, index, bare, numbered, choice, headings)
                order += 1

    def _headings(self, row: Row) -> dict[str, int]:
        """The columns of conclusion and remark, if the row names them."""
        found = {}
        for field_ in ("conclusion", "remark"):
            schema = self.wanted.any[field_]
            names = {label(name) for name in (schema.get("title", ""), *schema.get("x-aliases", ()))}
            for cell in row.cells:
                if label(cell.text) in names:
                    found[field_] = cell.column
        # A column for each option: 达标 and 未达标 side by side, and nothing else in the row that is an item.
        for option, words in self.options.items():
            columns = [cell.column for cell in row.cells if label(cell.text) in map(label, words)]
            if len(columns) == 1:
                found[option] = columns[0]
        both = sum(option in found for option in self.options) == len(self.options)
        return found if both else {key: column for key, column in found.items() if key not in self.options}

    def _assigned(self, lines: list[_Line]) -> dict[str, _Line]:
        """The row of each item: the best match first, each row for one item."""
        scored = [(score, line.order, key, line) for line in lines for key, score in self._scores(line)]
        scored.sort(key=lambda entry: (-entry[0], entry[1]))
        found: dict[str, _Line] = {}
        taken: set[int] = set()
        for _, order, key, line in scored:
            if key not in found and order not in taken:
                found[key] = line
                taken.add(order)
        return found

    def _scores(self, line: _Line) -> Sequence[tuple[str, float]]:
        """The items that a row may be, each with how well it fits."""
        if line not in self._known:
            self._known[line] = tuple(self._scored(line))
        return self._known[line]

    def _scored(self, line: _Line) -> Iterator[tuple[str, float]]:
        for key, schema in self.wanted.fields.items():
            numbered = line.number != "" and re.fullmatch(rf"{line.number}[a-z]?", key) is not None
            if self._has_words(key):
                score = likeness(line.words, schema["description"])
                if score >= (_REWORDED if numbered else _SAME):
                    yield key, score + (_NUMBERED if numbered else 0)
            elif numbered and len(tidy(line.words)) >= 4 and self._says_something(line):
                yield key, _NUMBERED

    def _says_something(self, line: _Line) -> bool:
        """Whether there are boxes in a row: enough to take its number for that of an item nobody has seen."""
        states = [marks.choice(cell.text, self.options).state for cell in line.cells[line.index :]]
        return any(state in (State.CHOSEN, State.BOTH, State.NEITHER) for state in states)

    def _repeated(self, lines: list[_Line], found: Mapping[str, _Line]) -> None:
        """Says of other rows with the words of an item that they conclude otherwise."""
        taken = {line.order for line in found.values()}
        for line in lines:
            key = next((key for key, score in self._scores(line) if score >= 0.9 and key in found), None)
            if key is None or line.order in taken:
                continue
            other, mine = self._conclusion(line)[1], self._conclusion(found[key])[1]
            if (other.state, other.value) != (mine.state, mine.value):
                title = self.wanted.fields[key].get("title", key)
                cell = line.cells[line.index]
                self.notes.add(kinds.ROW_TWICE, (self.wanted.key, key), cell.origin, title=title)

    # --- reading a row ---

    def _conclusion(self, line: _Line) -> tuple[Cell, Choice]:
        """The cell of the conclusion, and what it says."""
        if line.choice.state is not State.NOTHING:
            return line.cells[line.index], line.choice
        after = line.cells[line.index + 1 :]
        columns = [(option, line.headings[option]) for option in self.options if option in line.headings]
        if len(columns) > 1:
            return self._by_column(line, columns)
        for cell in after:
            choice = marks.choice(cell.text, self.options)
            if choice.state is not State.NOTHING:
                return cell, choice
        column = line.headings.get("conclusion")
        named = [cell for cell in after if column is not None and cell.column <= column < cell.column + cell.span]
        filled = [cell for cell in after if tidy(cell.text)]
        remark = line.headings.get("remark")
        free = [cell for cell in filled if cell.column != remark]
        return next(iter([*named, *free[:1]]), line.cells[line.index]), Choice(State.NOTHING)

    def _by_column(self, line: _Line, columns: Sequence[tuple[str, int]]) -> tuple[Cell, Choice]:
        """The conclusion where each option has a column of its own, and a tick stands in one of them."""
        row = Row(line.cells)
        cells = [(option, row.at(column)) for option, column in columns]
        there = [(option, cell) for option, cell in cells if cell is not None]
        ticked = [option for option, cell in there if marks.is_tick(cell.text)]
        last = there[-1][1] if there else line.cells[line.index]
        state = {0: State.NEITHER, 1: State.CHOSEN}.get(len(ticked), State.BOTH)
        return last, Choice(state, ticked[0] if state is State.CHOSEN else None, 0, len(last.text), words=True)

    def _take(self, key: str, line: _Line) -> None:
        at: Pointer = (self.wanted.key, key)
        schema = self.wanted.fields[key]["properties"]
        title = self.wanted.fields[key].get("title", key)
        item: dict[str, Any] = {}
        words = line.cells[line.index]
        self.cells[at] = words.written(words.text)
        cell, choice = self._conclusion(line)
        self.named += choice.named
        self._conclude(item, at, title, words, cell, choice)
        detail, place = self._detail(line, cell, choice)
        if detail:
            self.cells[*at, "remark"] = place.written(detail)
            detail = self._figures(item, at, title, schema, detail, place)
        if detail:
            item["remark"] = detail
        mark = self._mark(schema, line)
        if mark is not None:
            item["mark"] = mark
        item["wording"] = "".join(tidy(line.words).split("\n"))
        self.values[key] = item

    def _conclude(self, item: dict[str, Any], at: Pointer, title: str, words: Cell, cell: Cell, choice: Choice) -> None:
        pointer = (*at, "conclusion")
        self.cells[pointer] = cell.written(cell.text)
        if choice.value is not None:
            item["conclusion"] = choice.value
            if choice.deduced:
                self.notes.add(kinds.DEDUCED, pointer, title=title, value=self.options[choice.value][0])
            return
        text = tidy(cell.text)[:40]
        said = _REASONS[choice.state]
        if choice.state is State.NOTHING and (cell is words or not text):
            said = ("没有写结论", "there is none")
        self.notes.add(
            kinds.UNDETERMINED,
            pointer,
            title=title,
            reason=said[0].format(text=text),
            english=said[1].format(text=text),
        )

    def _detail(self, line: _Line, conclusion: Cell, choice: Choice) -> tuple[str, Cell]:
        """What stands after the conclusion: in its own cell, and in the cells after it."""
        own = conclusion.text[choice.end :] if choice.state is not State.NOTHING else ""
        parts = [(own.strip(_LEFT_OVER), conclusion)]
        after = line.cells[line.cells.index(conclusion) + 1 :]
        parts += [(tidy(cell.text), cell) for cell in after]
        filled = [(text, cell) for text, cell in parts if text]
        if not filled:
            return "", (after[-1] if after else conclusion)
        return "\n".join(text for text, _ in filled), filled[0][1]

    def _figures(self, item: dict[str, Any], at: Pointer, title: str, schema: Schema, detail: str, place: Cell) -> str:
        """Takes the count or the days out of a remark; what is left of it."""
        if "count" in schema:
            return self._count(item, at, title, detail, place)
        if "held" in schema:
            return self._held(item, at, schema["held"], detail, place)
        return detail

    def _count(self, item: dict[str, Any], at: Pointer, title: str, detail: str, place: Cell) -> str:
        matches = list(_COUNT.finditer(written.fold(detail)))
        if len(matches) != 1:
            return "" if _NO_COUNT.fullmatch(written.fold(detail)) else detail
        number, unit = next((n, u) for n, u in (matches[0].group(1, 2), matches[0].group(3, 4)) if n)
        item["count"] = int(number)
        self.cells[*at, "count"] = place.written(detail)
        limit = _LIMIT.search(written.fold(self.wanted.fields[str(at[-1])]["description"]))
        wanted = limit[1] if limit is not None else ""
        if unit and wanted and unit != wanted and not {unit, wanted} <= _PEOPLE:
            self.notes.add(kinds.UNIT, (*at, "count"), title=title, text=matches[0][0], unit=wanted)
        return written.without(detail, matches[0].span()).strip(_LEFT_OVER)

    def _held(self, item: dict[str, Any], at: Pointer, schema: Schema, detail: str, place: Cell) -> str:
        """Takes the days, and the words that only name them (召开日期为：)."""
        found = written.days(detail)
        self.cells[*at, "held"] = place.written(detail)
        if found is not None:
            item["held"] = {"start": found.start, "end": found.end}
            rest = written.without(detail, found.span)
        else:
            rest = detail
        rest = _DAY_LABEL.sub("", rest.strip()).strip(_LEFT_OVER)
        if found is None and re.search("[0-9]", written.fold(rest)):
            self.notes.add(kinds.DATE, (*at, "held"), title=schema.get("title", ""), text=tidy(detail)[:40])
        return rest

    def _mark(self, schema: Schema, line: _Line) -> str | None:
        """The sign (★ ▲) that a later form puts before or behind its words."""
        spelled: Mapping[str, list[str]] = schema.get("mark", {}).get("x-spellings", {})
        text = line.cells[line.index].text
        found = [value for value, signs in spelled.items() if any(sign in text for sign in signs)]
        return found[0] if len(found) == 1 else None


def _rows(block: Table | Paragraph) -> Iterator[Row]:
    """The rows of a table; a line of text is one, its cells between tabs or bars."""
    if isinstance(block, Table):
        yield from block.rows
        return
    for line in block.text.split("\n"):
        texts = _SEPARATOR.split(line)
        yield Row(tuple(Cell(text, column, 1, block.origin) for column, text in enumerate(texts)))
