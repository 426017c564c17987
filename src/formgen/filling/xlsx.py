"""Compiling a workbook: cells with a defined name ``f_…`` become slots, and what lies below a list moves down.

Source: ECMA-376 Part 1, 18.2.5 (defined names), 18.3.1 (worksheets). Parts that hold no control stay as they are.
"""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from formgen import forms, opc
from formgen.filling.assembly import Marks, Misplaced, Region, Scopes, lookup
from formgen.filling.controls import NAME_PREFIX, Control, Path, Problem, Role, list_prefixes, parse_name, problem_with
from formgen.filling.references import Range, parse_range, split_formula
from formgen.filling.row_heights import Measures, RowHeight
from formgen.filling.rows import Block, Cell, Kept, Layout, Reference, Repeated, RowNumber
from formgen.filling.slots import Body, Piece
from formgen.filling.typesetting import Typeset, typesetter
from formgen.findings import Text

if TYPE_CHECKING:
    from openpyxl.formula.translate import Translator

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
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
_X14 = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}"
_RULES = tuple(f"{ns}{name}" for ns in (S, _X14) for name in ("conditionalFormatting", "dataValidation"))
_IMMOVABLE = {
    "table": Text("表格对象（套用表格格式）", "a table object"),
    "drawing": Text("图片或图形", "a drawing"),
    "comments": Text("批注", "comments"),
    "pivotTable": Text("数据透视表", "a pivot table"),
}
CompiledParts = list[tuple[str, Body, frozenset[str]]]


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
    for entry in named:
        if entry.sheet not in sheets:
            text = Text("名称没有指向工作表里的单元格", "the name points to no sheet of the workbook")
            problems.append(Problem(entry.sheet, entry.control.tag, text))
    parts: CompiledParts = []
    formulas = False
    styles = next((opc.parse_xml(package.parts[name]) for name in package.related(main, "styles")), None)
    for title, part in sheets.items():
        mine = [entry for entry in named if entry.sheet == title]
        compiler = _SheetCompiler(title, package, part, schema, layout, mine, styles)
        formulas = formulas or compiler.has_formulas
        if not compiler.is_static:
            parts.append((part, compiler.compile(problems), frozenset()))
    parts.append((main, _compile_main(workbook, layout, recalculate=formulas), frozenset()))
    return parts, [entry.control for entry in named if entry.prints], layout


def _sheet_parts(package: opc.Package, main: str, workbook: etree._Element) -> dict[str, str]:
    relationships = package.relationships(main)
    found = {}
    for sheet in workbook.iter(f"{S}sheet"):
        relationship = relationships.get(sheet.get(f"{_R}id", ""))
        if relationship is not None and relationship.part in package.parts and relationship.part is not None:
            found[sheet.get("name", "")] = relationship.part
    return found


def _read_names(workbook: etree._Element, schema: forms.Schema, problems: list[Problem]) -> list[_Named]:
    """The controls; their defined names are taken out of the workbook."""
    found: list[_Named] = []
    seen: set[tuple[str | None, str]] = set()
    cells: set[tuple[str, str, int]] = set()
    for element in list(workbook.iter(f"{S}definedName")):
        name = element.get("name", "")
        if not name.lower().startswith(NAME_PREFIX):
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
        elif (element.get("localSheetId"), name.lower()) in seen:
            problems.append(Problem("", name, Text("名称只有大小写不同", "names differ in case only")))
        else:
            seen.add((element.get("localSheetId"), name.lower()))
            item = forms.field_schema(schema, control.path) or {}
            rows_only = control.role is Role.PRESENT or (control.path[-1] == "[]" and item.get("type") == "object")
            entry = _Named(control, *place, prints=not rows_only)
            problem = (
                problem_with(control, schema, ticks=control.role is Role.TICK) if entry.prints or not item else None
            )
            if problem is not None:
                problems.append(Problem(entry.sheet, name, problem))
            cell = (entry.sheet, entry.range.columns[0], entry.range.rows[0])
            if entry.prints and cell in cells:
                text = Text("另一个名称已经指向这个单元格", "another name points to this cell already")
                problems.append(Problem(entry.sheet, name, text))
            if entry.prints:
                cells.add(cell)
            found.append(entry)
    return found


def _blocks(named: list[_Named], problems: list[Problem]) -> Iterator[Block]:
    rows: dict[tuple[str, Path], list[int]] = {}
    for entry in named:
        prefixes = list(list_prefixes(entry.control.path))
        if len(prefixes) > 1:
            text = Text("工作簿里的列表不能再套列表", "a list within a list has no place in a workbook")
            problems.append(Problem(entry.sheet, entry.control.tag, text))
        elif prefixes and entry.control.role is Role.PRESENT:
            text = Text("工作簿里的列表行不能按条件保留", "rows of a list cannot be kept on a condition in a workbook")
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
        styles: etree._Element | None,
    ) -> None:
        self._title = title
        self._root = opc.parse_xml(package.parts[part])
        self._related = [kind for kind in _IMMOVABLE if package.related(part, kind)]
        self._schema = schema
        self._layout = layout
        self._blocks = layout.of(title)
        self._controls = {(e.range.columns[0], e.range.rows[0]): e.control for e in named if e.prints}
        self._marks = Marks()
        self._measures = Measures(self._root, styles)
        places = (parse_range(merge.get("ref", "")) for merge in self._root.iter(f"{S}mergeCell"))
        self._merged = {(place[1].columns[0], place[1].rows[0]) for place in places if place is not None}
        """Cells that are wider or higher than their column and row."""
        self.has_formulas = next(self._root.iter(*(f"{S}{name}" for name in _FORMULAS), f"{XM}f"), None) is not None

    @property
    def is_static(self) -> bool:
        """Whether the sheet is the same in every document."""
        return not (self._blocks or self._controls or self.has_formulas)

    def compile(self, problems: list[Problem]) -> Body:
        """The sheet as pieces."""
        self._expand_shared_formulas()
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
        self._keep_merges()
        self._check_all_placed(problems)
        try:
            return self._marks.assemble(opc.serialise(self._root).decode())
        except Misplaced as error:
            problems.append(Problem(self._title, "", error.text))
            return Body()

    def _moves(self, row: int) -> bool:
        return any(block.first <= row for block in self._blocks)

    def _mark_row(self, row: etree._Element) -> None:
        number = int(row.get("r", "0"))
        if self._moves(number):
            row.set("r", self._row_token(number))
        wrapping: list[tuple[str, str, Control]] = []
        for cell in list(row):
            reference = parse_range(cell.get("r", ""))
            if reference is None:
                continue
            column = reference[1].columns[0]
            control = self._controls.pop((column, number), None)
            if control is not None:
                if control.role is Role.VALUE and (column, number) not in self._merged:
                    wrapping.append((column, cell.get("s", ""), control))
                row.replace(cell, self._cell(cell, column, number, control))
            elif self._moves(number):
                cell.set("r", column + self._row_token(number))

        if wrapping and row.get("ht") is None:
            row.set("ht", self._marks.attribute("ht", lambda scopes: self._height(wrapping, scopes)))

    def _height(self, cells: list[tuple[str, str, Control]], scopes: Scopes) -> RowHeight:
        measured = (
            self._measures.wrapping(column, style, lookup(control.path, scopes), self._typeset(control))
            for column, style, control in cells
        )
        return RowHeight(tuple(cell for cell in measured if cell is not None), self._measures.usual_height)

    def _typeset(self, control: Control) -> Typeset:
        return typesetter(forms.field_schema(self._schema, control.path) or {})

    def _row_token(self, number: int) -> str:
        return self._marks.attribute("r", lambda scopes: RowNumber(self._title, number))

    def _cell(self, cell: etree._Element, column: str, row: int, control: Control) -> etree._ProcessingInstruction:
        prefix = f"{cell.prefix}:" if cell.prefix else ""
        style = f' s="{cell.get("s")}"' if cell.get("s") else ""
        typeset = self._typeset(control)
        equals = control.equals if control.role is Role.TICK else None
        return self._marks.slot(
            lambda scopes: Cell(self._title, column, row, style, prefix, lookup(control.path, scopes), typeset, equals),
        )

    def _mark_block(self, block: Block) -> None:
        """Wrap the block's rows, and merged cells within them, for repetition."""
        in_block = self._rows_between(block.first, block.last)
        if in_block:
            self._wrap(block, in_block[0], in_block[-1])
        for merge in self._merges.get(block, ()):
            self._wrap(block, merge, merge)

    def _keep_merges(self) -> None:
        """Leave the list of merged cells out where all that it holds is left out: Excel opens no empty one."""
        merges = self._root.find(f"{S}mergeCells")
        blocks = tuple(block for block in self._blocks if block.path[-1] != "[]" and block in self._merges)
        if merges is not None and len(merges.findall(f"{S}mergeCell")) == sum(len(self._merges[b]) for b in blocks):
            marks = self._marks.region(Region((), lambda scopes, body, otherwise: Kept(blocks, body)))
            merges.addprevious(marks.start)
            merges.addnext(marks.end)

    def _expand_shared_formulas(self) -> None:
        """Give each cell a formula of its own: what several cells share cannot move apart."""
        shared: dict[str, Translator] = {}
        for cell in self._root.iter(f"{S}c"):
            formula = cell.find(f"{S}f")
            if formula is None or formula.get("t") != "shared":
                continue
            if formula.text:
                shared[formula.get("si", "")] = _translator(f"={formula.text}", cell.get("r", "A1"))
            if formula.get("si", "") in shared:
                formula.text = shared[formula.get("si", "")].translate_formula(cell.get("r", "A1"))[1:]
            for attribute in ("t", "si", "ref"):
                formula.attrib.pop(attribute, "")

    def _rows_between(self, first: int, last: int) -> list[etree._Element]:
        return [row for row, number in self._numbers.items() if first <= number <= last]

    def _wrap(self, block: Block, first: etree._Element, last: etree._Element) -> None:
        marks = self._marks.region(Region(block.path, _block_maker(block)))
        first.addprevious(marks.start)
        last.addnext(marks.end)

    def _mark_references(self) -> None:
        self._numbers = {row: int(row.get("r", "0")) for row in self._root.iter(f"{S}row")}
        self._merges: dict[Block, list[etree._Element]] = {}
        breaks = list(self._root.iter(f"{S}rowBreaks"))
        bases = {element: self._base(element) for element in self._root.iter(*_RULES)}
        for element in list(self._root.iter()):  # a list: cached values go on the way
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            attribute = _REFERENCES.get(name)
            if attribute is not None:
                if name == "mergeCell":
                    self._note_merge(element)
                if name == "hyperlink" and element.get("location"):
                    element.set("location", self._formula(element.get("location", "")))
                if element.get(attribute):
                    element.set(attribute, " ".join(self._token(r) for r in element.get(attribute, "").split()))
            elif name in _FORMULAS and element.text:
                rule = next(element.iterancestors(*_RULES), None)
                element.text = self._formula(element.text, None if rule is None else bases[rule])
                if element.get("ref"):
                    element.set("ref", self._token(element.get("ref", "")))
                self._drop_cached(element)
            elif name == "mergeCells":
                element.attrib.pop("count", "")  # it may grow, and is optional
            elif name == "sqref" and element.text:
                element.text = " ".join(self._token(r) for r in element.text.split())
            elif name == "brk" and element.getparent() in breaks and self._moves(int(element.get("id", "0"))):
                element.set("id", self._row_token(int(element.get("id", "0"))))

    def _base(self, rule: etree._Element) -> Block | None:
        """The block on whose first row a conditional format or a validation begins."""
        inner = rule.findtext(f"{XM}sqref")
        area = parse_range((rule.get("sqref") or inner or "").partition(" ")[0])
        if area is None:
            return None
        return next((block for block in self._blocks if block.first <= area[1].rows[0] <= block.last), None)

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
        return self._marks.attribute("ref", lambda scopes: Reference(self._title, parsed[1], formula=False))

    def _formula(self, formula: str, base: Block | None = None) -> str:
        return _formula(self._marks, formula, self._title, self._layout, base)

    def _check_all_placed(self, problems: list[Problem]) -> None:
        for (column, row), control in self._controls.items():
            text = Text(
                f"单元格 {column}{row} 在工作表里不存在（给它一个边框或格式）",
                f"there is no cell {column}{row} in the sheet: give it a border or a format",
            )
            problems.append(Problem(self._title, control.tag, text))


def _block_maker(block: Block) -> Callable[[Scopes, Body, Body], Piece]:
    def make(scopes: Scopes, body: Body, otherwise: Body) -> Piece:
        if block.path[-1] == "[]":
            return Repeated(block, lookup(block.path[:-1], scopes), body)
        return Kept((block,), body)

    return make


def _formula(marks: Marks, formula: str, sheet: str, layout: Layout, base: Block | None = None) -> str:
    """``formula`` with marks in place of the ranges that move; ``sheet`` is where unqualified ones lie."""
    pieces = []
    for text, place in split_formula(formula):
        if place is None:
            pieces.append(text)
            continue
        title, reference = place[0] or sheet, place[1]
        if any(block.first <= reference.rows[1] for block in layout.of(title)):
            pieces.append(text[: text.rfind("!") + 1])
            pieces.append(marks.attribute("ref", _reference_maker(title, reference, base)))
        else:
            pieces.append(text)
    return "".join(pieces)


def _reference_maker(title: str, reference: Range, base: Block | None) -> Callable[[Scopes], Piece]:
    return lambda scopes: Reference(title, reference, formula=True, base=base)


def _compile_main(workbook: etree._Element, layout: Layout, *, recalculate: bool) -> Body:
    """The workbook part: its defined names move with the rows."""
    marks = Marks()
    for element in workbook.iter(f"{S}definedName"):
        if element.text:
            element.text = _formula(marks, element.text, "", layout)
    calculation = workbook.find(f"{S}calcPr")
    if recalculate and calculation is not None:
        calculation.set("fullCalcOnLoad", "1")
    return marks.assemble(opc.serialise(workbook).decode())


def _translator(formula: str, cell: str) -> "Translator":
    from openpyxl.formula.translate import Translator  # few templates have such formulas, and it loads all of openpyxl

    return Translator(formula, cell)
