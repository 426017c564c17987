"""Compiling a workbook: cells with a defined name ``f_…`` become slots, and what lies below a list moves down.

Source: ECMA-376 Part 1, 18.2.5 (defined names), 18.3.1 (worksheets). Parts that hold no control stay as they are.
"""

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from formgen import forms, opc
from formgen.filling.assembly import Marks, Misplaced, Region, Scopes, lookup
from formgen.filling.controls import NAME_PREFIX, Control, Path, Problem, Role, list_prefixes, parse_name, problem_with
from formgen.filling.references import Range, parse_range, split_formula
from formgen.filling.slots import Filling, Lookup, Piece, Pieces, escape, is_present, write
from formgen.filling.typesetting import Typeset, canonical, typesetter
from formgen.findings import Text

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CELL_LIMIT = 32_767
# Excel reads "_x0041_" in a text as an escaped character.
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_REFERENCES = {
    "mergeCell": "ref",
    "dimension": "ref",
    "autoFilter": "ref",
    "hyperlink": "ref",
    "conditionalFormatting": "sqref",
    "dataValidation": "sqref",
    "ignoredError": "sqref",
    "protectedRange": "sqref",
}
_FORMULAS = ("f", "formula", "formula1", "formula2")
_IMMOVABLE = {
    "table": Text("表格对象（套用表格格式）", "a table object"),
    "drawing": Text("图片或图形", "a drawing"),
    "comments": Text("批注", "comments"),
    "pivotTable": Text("数据透视表", "a pivot table"),
}
CompiledParts = list[tuple[str, Pieces, frozenset[str]]]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of a sheet that are written for each item of a list, or only if a value is present."""

    sheet: str
    first: int
    last: int
    path: Path

    @property
    def height(self) -> int:
        """How many rows one item has."""
        return self.last - self.first + 1

    def count(self, values: Any) -> int:
        """How many times the rows are written; a list without any item leaves one empty line to write on."""
        for key in self.path:
            if key == "[]":
                return max(1, len(values)) if isinstance(values, list) else 1
            values = values.get(key) if isinstance(values, dict) else None
        return 1 if is_present(values) else 0


@dataclass(frozen=True, slots=True)
class Layout:
    """The blocks of a workbook, from top to bottom of each sheet."""

    blocks: tuple[Block, ...]

    def rows(self, filling: Filling) -> "Rows":
        """Where each row comes to lie for one record."""
        counts = {block: block.count(filling.scopes[0]) for block in self.blocks}
        return Rows(counts)

    def of(self, sheet: str) -> list[Block]:
        """The blocks of one sheet."""
        return [block for block in self.blocks if block.sheet == sheet]


@dataclass(slots=True)
class Rows:
    """Where the template's rows come to lie in one document."""

    counts: dict[Block, int]
    current: dict[Block, int] = field(default_factory=dict)
    """The item that is being written, by block."""

    def start(self, sheet: str, row: int) -> int:
        """The new number of a row; of a repeated row that of the current item, else of the first."""
        return self._place(sheet, row, last=False)

    def end(self, sheet: str, row: int) -> int:
        """The new number of a row that ends a range: of a repeated row, outside of it, that of the last item."""
        return self._place(sheet, row, last=True)

    def _place(self, sheet: str, row: int, *, last: bool) -> int:
        moved = row
        for block, count in self.counts.items():
            if block.sheet != sheet or block.first > row:
                continue
            if block.last < row:
                moved += (count - 1) * block.height
            else:
                item = self.current.get(block, count - 1 if last else 0)
                moved += item * block.height
        return moved


# --- pieces ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Repeated:
    """A block's rows, once for each item."""

    block: Block
    items: Lookup
    body: Pieces

    def write(self, filling: Filling) -> None:
        items = self.items.find(filling)
        rows: Rows = filling.rows
        filling.scopes.append(None)
        for index, item in enumerate(items if isinstance(items, list) and items else [None]):
            filling.scopes[-1] = item
            rows.current[self.block] = index
            write(self.body, filling)
        filling.scopes.pop()
        rows.current.pop(self.block, None)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A block's rows, if its value is present."""

    block: Block
    body: Pieces

    def write(self, filling: Filling) -> None:
        if filling.rows.counts[self.block]:
            write(self.body, filling)


@dataclass(frozen=True, slots=True)
class _RowNumber:
    sheet: str
    row: int

    def write(self, filling: Filling) -> None:
        filling.out.append(str(filling.rows.start(self.sheet, self.row)))


@dataclass(frozen=True, slots=True)
class _Reference:
    """A range in an attribute or a formula."""

    sheet: str
    range: Range

    def write(self, filling: Filling) -> None:
        rows: Rows = filling.rows
        first, last = self.range.rows
        filling.out.append(self.range.text(rows.start(self.sheet, first), rows.end(self.sheet, last)))


@dataclass(frozen=True, slots=True)
class _Cell:
    """A whole cell: a number, a text, or nothing, in the style of the template's cell."""

    sheet: str
    column: str
    row: int
    style: str
    value: Lookup
    typeset: Typeset
    equals: str | None

    def write(self, filling: Filling) -> None:
        value = self.value.find(filling)
        start = f'<c r="{self.column}{filling.rows.start(self.sheet, self.row)}"{self.style}'
        if self.equals is not None:
            text = "☑" if is_present(value) and canonical(value) == self.equals else "☐"
        elif isinstance(value, int) and (number := self.typeset(value)) == str(value):
            filling.out.append(f"{start}><v>{number}</v></c>")
            return
        else:
            text = self.typeset(value)
        if not text:
            filling.out.append(f"{start}/>")
            return
        if len(text) * 2 > _CELL_LIMIT and len(text.encode("utf-16-le", "replace")) // 2 > _CELL_LIMIT:
            # Excel refuses the file otherwise. No schema allows such a text: only a draft comes here.
            text = text[: _CELL_LIMIT // 2] + "…"
        text = _LOOKS_ESCAPED.sub("_x005F_", escape(text))
        filling.out.append(f'{start} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>')


# --- compiling -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Named:
    """A defined name that is a control, and the cells it names."""

    control: Control
    sheet: str
    range: Range
    prints: bool
    """Whether it is the place of a value, and not only rows that are repeated or kept."""


def compile_workbook(
    package: opc.Package, main: str, schema: forms.Schema, problems: list[Problem]
) -> tuple[CompiledParts, list[Control], Layout]:
    """The parts of a workbook that are written anew, its controls, and its layout; problems are added."""
    workbook = opc.parse_xml(package.parts[main])
    named = _read_names(workbook, schema, problems)
    layout = Layout(tuple(_blocks(named, problems)))
    sheets = _sheet_parts(package, main, workbook)
    moves = any(block.path[-1:] == ("[]",) for block in layout.blocks)
    parts: CompiledParts = []
    for title, part in sheets.items():
        compiler = _SheetCompiler(title, package, part, schema, layout, [n for n in named if n.sheet == title])
        parts.append((part, compiler.compile(problems), frozenset()))
    parts.append(
        (main, _compile_main(workbook, layout, recalculate=moves and _has_formulas(package, sheets)), frozenset())
    )
    return parts, [entry.control for entry in named if entry.prints], layout


def _sheet_parts(package: opc.Package, main: str, workbook: etree._Element) -> dict[str, str]:
    relationships = package.relationships(main)
    found = {}
    for sheet in workbook.iter(f"{S}sheet"):
        relationship = relationships.get(sheet.get(f"{_R}id", ""))
        if relationship is not None and relationship.part in package.parts and relationship.part is not None:
            found[sheet.get("name", "")] = relationship.part
    return found


def _has_formulas(package: opc.Package, sheets: dict[str, str]) -> bool:
    return any(b"<f" in package.parts[part] for part in sheets.values())


def _read_names(workbook: etree._Element, schema: forms.Schema, problems: list[Problem]) -> list[_Named]:
    """The controls; their defined names are taken out of the workbook."""
    found: list[_Named] = []
    seen: set[str] = set()
    for element in list(workbook.iter(f"{S}definedName")):
        name = element.get("name", "")
        if not name.startswith(NAME_PREFIX):
            continue
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
            if not len(parent):
                workbook.remove(parent)
        control, place = parse_name(name), parse_range(element.text or "")
        if control is None:
            problems.append(Problem("", name, Text("名称不是字段路径", "the name is no path to a field")))
        elif place is None:
            problems.append(Problem("", name, Text("名称没有指向单元格", "the name points to no cells")))
        elif name.lower() in seen:
            problems.append(Problem("", name, Text("名称只有大小写不同", "names differ in case only")))
        else:
            seen.add(name.lower())
            item = forms.field_schema(schema, control.path) or {}
            rows_only = control.role is Role.PRESENT or (control.path[-1] == "[]" and item.get("type") == "object")
            entry = _Named(control, *place, prints=not rows_only)
            problem = (
                problem_with(control, schema, ticks=control.role is Role.TICK) if entry.prints or not item else None
            )
            if problem is not None:
                problems.append(Problem(entry.sheet, name, problem))
            found.append(entry)
    return found


def _blocks(named: list[_Named], problems: list[Problem]) -> Iterator[Block]:
    rows: dict[tuple[str, Path], list[int]] = {}
    for entry in named:
        prefixes = list(list_prefixes(entry.control.path))
        if len(prefixes) > 1:
            text = Text("工作簿里的列表不能再套列表", "a list within a list has no place in a workbook")
            problems.append(Problem(entry.sheet, entry.control.tag, text))
        elif prefixes:
            rows.setdefault((entry.sheet, prefixes[0]), []).extend(entry.range.rows)
        elif entry.control.role is Role.PRESENT:
            rows.setdefault((entry.sheet, entry.control.path), []).extend(entry.range.rows)
    blocks = sorted(
        (Block(sheet, min(numbers), max(numbers), path) for (sheet, path), numbers in rows.items()),
        key=lambda block: (block.sheet, block.first),
    )
    for upper, lower in itertools.pairwise(blocks):
        if upper.sheet == lower.sheet and upper.last >= lower.first:
            text = Text("两个重复区域的行重叠", "the rows of two lists overlap")
            problems.append(Problem(upper.sheet, ".".join(lower.path), text))
    yield from blocks


class _SheetCompiler:
    def __init__(
        self,
        title: str,
        package: opc.Package,
        part: str,
        schema: forms.Schema,
        layout: Layout,
        named: list[_Named],
    ) -> None:
        self._title = title
        self._root = opc.parse_xml(package.parts[part])
        self._related = [kind for kind in _IMMOVABLE if package.related(part, kind)]
        self._schema = schema
        self._layout = layout
        self._blocks = layout.of(title)
        self._controls = {(e.range.columns[0], e.range.rows[0]): e.control for e in named if e.prints}
        self._marks = Marks()

    def compile(self, problems: list[Problem]) -> Pieces:
        """The sheet as pieces."""
        moving = [block for block in self._blocks if block.path[-1] == "[]"]
        if moving:
            for kind in self._related:
                text = Text(
                    f"有列表的工作表不能带{_IMMOVABLE[kind].zh}：行数变化时它不会跟着移动",
                    f"a sheet with a list must not hold {_IMMOVABLE[kind].en}: it would not move with the rows",
                )
                problems.append(Problem(self._title, "", text))
        self._mark_references()
        for row in list(self._root.iter(f"{S}row")):
            self._mark_row(row)
        for block in self._blocks:
            self._mark_block(block)
        self._check_all_placed(problems)
        try:
            return self._marks.assemble(opc.serialise(self._root).decode())
        except Misplaced as error:
            problems.append(Problem(self._title, "", error.text))
            return ()

    def _moves(self, row: int) -> bool:
        return any(block.first <= row for block in self._blocks)

    def _mark_row(self, row: etree._Element) -> None:
        number = int(row.get("r", "0"))
        if self._moves(number):
            row.set("r", self._row_token(number))
        for cell in list(row):
            reference = parse_range(cell.get("r", ""))
            if reference is None:
                continue
            column = reference[1].columns[0]
            control = self._controls.pop((column, number), None)
            if control is not None:
                row.replace(cell, self._cell(cell, column, number, control))
            elif self._moves(number):
                cell.set("r", column + self._row_token(number))

    def _row_token(self, number: int) -> str:
        return self._marks.attribute("r", lambda scopes: _RowNumber(self._title, number))

    def _cell(self, cell: etree._Element, column: str, row: int, control: Control) -> etree._ProcessingInstruction:
        style = f' s="{cell.get("s")}"' if cell.get("s") else ""
        typeset = typesetter(forms.field_schema(self._schema, control.path) or {})
        equals = control.equals if control.role is Role.TICK else None
        return self._marks.slot(
            lambda scopes: _Cell(self._title, column, row, style, lookup(control.path, scopes), typeset, equals),
        )

    def _mark_block(self, block: Block) -> None:
        """Wrap the block's rows, and merged cells within them, for repetition."""
        in_block = self._rows_between(block.first, block.last)
        if in_block:
            self._wrap(block, in_block[0], in_block[-1])
        for merge in self._merges.get(block, ()):
            self._wrap(block, merge, merge)

    def _rows_between(self, first: int, last: int) -> list[etree._Element]:
        return [row for row, number in self._numbers.items() if first <= number <= last]

    def _wrap(self, block: Block, first: etree._Element, last: etree._Element) -> None:
        marks = self._marks.region(Region(block.path, _block_maker(block)))
        first.addprevious(marks.start)
        last.addnext(marks.end)

    def _mark_references(self) -> None:
        self._numbers = {row: int(row.get("r", "0")) for row in self._root.iter(f"{S}row")}
        self._merges: dict[Block, list[etree._Element]] = {}
        for element in self._root.iter():
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            attribute = _REFERENCES.get(name)
            if attribute is not None:
                if name == "mergeCell":
                    self._note_merge(element)
                element.set(attribute, " ".join(self._token(r) for r in element.get(attribute, "").split()))
            elif name in _FORMULAS and element.text:
                element.text = self._formula(element.text)
                if element.get("ref"):
                    element.set("ref", self._token(element.get("ref", "")))
                self._drop_cached(element)
            elif name == "mergeCells":
                element.attrib.pop("count", "")  # it may grow, and is optional
            elif name == "brk" and self._moves(int(element.get("id", "0"))):
                element.set("id", self._row_token(int(element.get("id", "0"))))

    def _note_merge(self, element: etree._Element) -> None:
        parsed = parse_range(element.get("ref", ""))
        for block in self._blocks if parsed is not None else ():
            if parsed is not None and block.first <= parsed[1].rows[0] and parsed[1].rows[1] <= block.last:
                self._merges.setdefault(block, []).append(element)

    def _drop_cached(self, element: etree._Element) -> None:
        cell = element.getparent()
        if cell is not None and cell.tag == f"{S}c":
            for value in cell.findall(f"{S}v"):
                cell.remove(value)

    def _token(self, reference: str) -> str:
        parsed = parse_range(reference)
        if parsed is None or not self._moves(parsed[1].rows[1]):
            return reference
        return self._marks.attribute("ref", lambda scopes: _Reference(self._title, parsed[1]))

    def _formula(self, formula: str) -> str:
        return _formula(self._marks, formula, self._title, self._layout)

    def _check_all_placed(self, problems: list[Problem]) -> None:
        for (column, row), control in self._controls.items():
            text = Text(
                f"单元格 {column}{row} 在工作表里不存在（给它一个边框或格式）",
                f"there is no cell {column}{row} in the sheet: give it a border or a format",
            )
            problems.append(Problem(self._title, control.tag, text))


def _block_maker(block: Block) -> Callable[[Scopes, Pieces, Pieces], Piece]:
    def make(scopes: Scopes, body: Pieces, otherwise: Pieces) -> Piece:
        if block.path[-1] == "[]":
            return _Repeated(block, lookup(block.path[:-1], scopes), body)
        return _Kept(block, body)

    return make


def _formula(marks: Marks, formula: str, sheet: str, layout: Layout) -> str:
    """``formula`` with marks in place of the ranges that move; ``sheet`` is where unqualified ones lie."""
    pieces = []
    for text, place in split_formula(formula):
        if place is None:
            pieces.append(text)
            continue
        title, reference = place[0] or sheet, place[1]
        if any(block.first <= reference.rows[1] for block in layout.of(title)):
            pieces.append(text[: text.rfind("!") + 1])
            pieces.append(marks.attribute("ref", _reference_maker(title, reference)))
        else:
            pieces.append(text)
    return "".join(pieces)


def _reference_maker(title: str, reference: Range) -> Callable[[Scopes], Piece]:
    return lambda scopes: _Reference(title, reference)


def _compile_main(workbook: etree._Element, layout: Layout, *, recalculate: bool) -> Pieces:
    """The workbook part: its defined names move with the rows."""
    marks = Marks()
    for element in workbook.iter(f"{S}definedName"):
        if element.text:
            element.text = _formula(marks, element.text, "", layout)
    calculation = workbook.find(f"{S}calcPr")
    if recalculate and calculation is not None:
        calculation.set("fullCalcOnLoad", "1")
    return marks.assemble(opc.serialise(workbook).decode())
