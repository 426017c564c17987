"""Reads a form whose controls have lost their tags, or that never had any, by the words beside its places."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from formgen import prompts
from formgen.findings import Pointer
from formgen.forms import Schema, field_schema
from formgen.intake import spellings
from formgen.intake.documents import kinds, marks
from formgen.intake.documents.blocks import Cell, Document, Row, Table
from formgen.intake.documents.comparing import label
from formgen.intake.documents.layout import Layout, Slot, titles
from formgen.intake.documents.taking import Taken, title_of
from formgen.record import Origin
from formgen.tags import Path

_LINE, _CELL = 400, 4000
"""Longer texts are not searched for a place's own words: a line, a cell beside its label."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A text of the document where a slot may be."""

    text: str
    origin: Origin


class Reader:
    """Reads one document by the layout of a form."""

    def __init__(self, document: Document, layout: Layout, schema: Schema, taken: Taken) -> None:
        self._document = document
        self._layout = layout
        self._schema = schema
        self._taken = taken
        self._beside: dict[str, list[_Place]] = {}
        self._in_margins: dict[str, list[_Place]] = {}
        self._cells: list[Cell] = []
        for table in document.tables:
            for row in table.rows:
                self._cells += row.cells
                self._index(row, self._beside)
        for block in document.margins:
            for row in block.rows if isinstance(block, Table) else ():
                self._index(row, self._in_margins)
        self.found: set[Path] = set()

    def read(self, tagged: frozenset[Path], elsewhere: Callable[[Path], bool]) -> None:
        """Takes what stands in the places of the layout; ``found`` are then the fields that have one.

        Args:
            tagged: fields that have a control. Empty ones are looked for as well: somebody may have typed beside one.
            elsewhere: tells the fields that are not read here.
        """
        self._tagged, self._elsewhere = tagged, elsewhere
        lists: dict[Path, list[Slot]] = {}
        for slot in self._layout.cells:
            listed = next((path for path in slot.paths if "[]" in path), None)
            if listed is None:
                self._single(slot)
            elif listed not in tagged:
                lists.setdefault(listed[: listed.index("[]") + 1], []).append(slot)
        for prefix, slots in lists.items():
            self._list(prefix, slots)
            if not any(path in self.found for slot in slots for path in slot.paths):
                self._lines_of_a_list(prefix, slots)
        self._lines()

    def _is_read(self, path: Path) -> bool:
        return self._elsewhere(path) or (path in self._tagged and ("[]" in path or self._taken.has(path)))

    # --- where things are ---

    def _index(self, row: Row, beside: dict[str, list[_Place]]) -> None:
        for number, cell in enumerate(row.cells):
            after = row.cells[number + 1 :]
            if not after or label(after[0].text) in self._layout.words:
                continue
            target = after[0]
            # A column too many, as converters put in: the next cell is empty and the one after it is no label.
            if not target.text.strip() and len(after) > 1 and label(after[1].text) not in self._layout.words:
                target = after[1]
            beside.setdefault(label(cell.text), []).append(_Place(target.text, target.origin))

    def _places(self, slot: Slot) -> list[_Place]:
        """Where a slot may be: beside its label; where its own words stand; behind its label in the same cell.

        What headers and footers say counts where the text itself has no place for it.
        """
        found = [place for name in sorted(slot.labels) for place in self._beside.get(name, ())]
        if not found and slot.worded and self._is_told_by_words(slot):
            found = [_Place(cell.text, cell.origin) for cell in self._cells if slot.match(cell.text, _LINE)]
        if not found and len(set(slot.paths)) == 1:
            names = slot.labels or titles(field_schema(self._schema, slot.paths[0]) or {})
            found = [_Place(*place) for name in sorted(names) for place in self._document.labelled.get(name, ())]
        return found or [place for name in sorted(slot.labels) for place in self._in_margins.get(name, ())]

    def _is_told_by_words(self, slot: Slot) -> bool:
        """Whether no other place has the same words: five opinions, each with 签字 and a day, are told by labels."""
        return not any(other is not slot and other.words == slot.words for other in self._layout.cells)

    # --- single places ---

    def _single(self, slot: Slot) -> None:
        if all(map(self._is_read, slot.paths)):
            return
        readings = [(place, self._texts(slot, place.text)) for place in self._places(slot)]
        for path in dict.fromkeys(slot.paths):
            if self._is_read(path):
                continue
            texts = [(place, texts[path]) for place, texts in readings if path in texts]
            if not texts:
                continue
            self.found.add(path)
            filled = [(place, text) for place, text in texts if not prompts.is_prompt(text)] or texts[:1]
            other = next((text for _, text in filled if text.strip() != filled[0][1].strip()), None)
            if other is not None:
                said = {"first": filled[0][1].strip()[:40], "second": other.strip()[:40]}
                title = title_of(field_schema(self._schema, path) or {}, path)
                self._taken.twice += 1
                self._taken.notes.add(kinds.TWICE, path, filled[0][0].origin, title=title, **said)
                continue
            self._take(path, path, slot, filled[0][1], filled[0][0].origin)

    def _texts(self, slot: Slot, text: str) -> dict[Path, str]:
        """What a text says of each field of a slot; a field is left out if that cannot be told."""
        match = slot.match(text, _CELL)
        found = dict.fromkeys(slot.options, text)
        if match is not None:
            return {**found, **dict(zip(slot.groups, match.groups(), strict=True))}
        if len(slot.groups) == 1 and not slot.options:
            return {slot.groups[0]: text}
        return found

    def _take(self, at: Pointer, path: Path, slot: Slot, text: str, origin: Origin) -> None:
        schema = field_schema(self._schema, path) or {}
        origin = origin._replace(text=text.strip())
        if path in slot.options:
            self._taken.choose(at, schema, marks.choice(text, slot.options[path]), origin)
        else:
            self._taken.text(at, schema, text, origin)

    # --- lists in tables ---

    def _list(self, prefix: Path, slots: Sequence[Slot]) -> None:
        """The items of a list: the rows below its headings, up to a row that begins with a label."""
        for table in self._document.tables:
            for number, row in enumerate(table.rows):
                columns = _columns(row, slots)
                if len(columns) * 2 > len(slots):
                    self.found.update(path for slot in columns for path in slot.paths)
                    self._rows(prefix, columns, table, number, slots)
                    return

    def _lines_of_a_list(self, prefix: Path, slots: Sequence[Slot]) -> None:
        """A list whose items are lines in the cell beside its name, where the schema says how such a line reads."""
        at = prefix[:-1]
        schema = field_schema(self._schema, at) or {}
        places = [place for name in sorted(titles(schema)) for place in self._beside.get(name, ())]
        filled = [place for place in places if not prompts.is_prompt(place.text)]
        if "x-lines" not in schema or not places:
            return
        self.found.update(path for slot in slots for path in slot.paths)
        for place in filled[:1]:
            value = spellings.value(schema, place.text)
            if value is None:
                return  # “无”: there are none
            if isinstance(value, list) and any(isinstance(item, dict) for item in value):
                self._taken.put(at, value, place.origin._replace(text=place.text.strip()))
            else:
                self._taken.notes.add(kinds.LINES, at, place.origin, title=title_of(schema, at))

    def _rows(
        self, prefix: Path, columns: Mapping[Slot, Cell], table: Table, number: int, slots: Sequence[Slot]
    ) -> None:
        index = count()
        for row in table.rows[number + 1 :]:
            if len(_columns(row, slots)) * 2 > len(slots):
                continue  # the headings once more, as on every page
            if row.cells and label(row.cells[0].text) in self._layout.words:
                return
            cells = [(slot, row.at(heading.column)) for slot, heading in columns.items()]
            if all(cell is None or prompts.is_prompt(cell.text) for _, cell in cells):
                continue
            at: Pointer = (*prefix[:-1], next(index))
            for slot, cell in cells:
                for path, text in self._texts(slot, cell.text if cell is not None else "").items():
                    origin = cell.origin if cell is not None else table.rows[number].cells[0].origin
                    self._take((*at, *path[len(prefix) :]), path, slot, text, origin)

    # --- lines outside of tables ---

    def _lines(self) -> None:
        """Lines in the order of the template's; those without words of their own are items of a list between others."""
        slots = self._layout.lines
        position, items = 0, dict[Path, Iterator[int]]()
        worded: set[int] = set()
        for paragraph in self._document.paragraphs:
            for line in paragraph.text.split("\n"):
                index = self._next(slots, position, line)
                if index is None:
                    continue
                slot = slots[index]
                listed = next((path for path in slot.paths if "[]" in path), None)
                position = index if listed is not None else index + 1
                self.found.update(slot.paths)
                worded.add(index)
                prefix = listed[: listed.index("[]") + 1] if listed is not None else ()
                item = next(items.setdefault(prefix, count())) if listed is not None else 0
                for path, text in self._texts(slot, line).items():
                    at: Pointer = (*prefix[:-1], item, *path[len(prefix) :]) if listed is not None else path
                    if not self._is_read(path):
                        self._take(at, path, slot, text, paragraph.origin)
        for index, slot in enumerate(slots):  # a list of which there are no items lies between two lines that are there
            if _takes_anything(slots, index) and {index - 1, index + 1} <= worded:
                self.found.update(slot.paths)

    def _next(self, slots: Sequence[Slot], position: int, line: str) -> int | None:
        """The slot of a line: the next whose words it has, else the next one for any text."""
        if not line.strip():
            return None
        for index in range(position, len(slots)):
            if slots[index].worded and slots[index].match(line, _LINE):
                return index
        if position < len(slots) and _takes_anything(slots, position):
            return position
        return None


def _takes_anything(slots: Sequence[Slot], position: int) -> bool:
    """Whether a slot without words is a list that lies between lines with words: what stands there are its items."""
    slot = slots[position]
    between = 0 < position < len(slots) - 1 and slots[position - 1].worded and slots[position + 1].worded
    return not slot.worded and between and all("[]" in path for path in slot.paths)


def _columns(row: Row, slots: Sequence[Slot]) -> dict[Slot, Cell]:
    """The cell of a row that is the heading of each slot."""
    found: dict[Slot, Cell] = {}
    for slot in slots:
        cell = next((cell for cell in row.cells if label(cell.text) in slot.labels), None)
        if cell is not None:
            found[slot] = cell
    return found
