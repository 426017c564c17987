"""A form that is one list as a worksheet: headings, what may be entered, and rows, filled or not."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from functools import partial
from typing import Any

from openpyxl.cell import Cell
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from formgen.blanks.fields import Entry, Field, width
from formgen.filling.typesetting import typesetter

TITLE_ROW, NOTE_ROW, HEADING_ROW = 1, 2, 3
FIRST = HEADING_ROW + 1
"""The first row to be filled in."""
_RULED = 18
"""Rows with borders from the beginning: as many as fit on the page of an empty list. Others get them when filled."""
_FORMULA = ("=", "+", "-", "@")
CELL = 32_767
"""Characters that Excel takes in a cell."""
_PROMPT, _TITLE, _INLINE = 255, 32, 255
"""Characters that Excel takes in an input message, in its title, and in a list of choices."""
_NARROWEST, _ROOMY, _WIDEST, _LINES = 6, 16, 30, 3
_HEIGHT, _LINE = 22, 17

LINE = Side(style="thin", color="000000")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
TITLE = Font(name="方正小标宋简体", charset=134, size=22)
LABEL = Font(name="黑体", charset=134, size=11)
TEXT = Font(name="仿宋", charset=134, size=12)
NOTE = Font(name="仿宋", charset=134, size=12, color="C00000")
FILL, LIGHT = PatternFill("solid", fgColor="F2F2F2"), PatternFill("solid", fgColor="FAFAFA")
MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
START = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_FORMATS = {Entry.NUMBER: "0", Entry.GRADE: "General", Entry.DATE: "yyyy-mm-dd"}
_DAYS = (1, 401_768)
"""1900-01-01 and 2999-12-31 as Excel counts days."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to stand on a sheet."""

    title: str
    note: str
    fields: Mapping[str, Field]
    """The columns by the keys of their fields, in order."""
    rows: Sequence[Mapping[str, str | int]]
    """What stands in the cells of each row, by key."""
    spare: int
    """Empty rows below them."""
    locked: bool
    """Whether only the cells of rows can be changed."""
    lists: Mapping[str, str] = dataclass_field(default_factory=dict)
    """Where the words of a column stand that are too many for its own list, by key."""


def fill(sheet: Any, content: Sheet) -> None:
    """Writes ``content`` into an empty worksheet."""
    last = get_column_letter(len(content.fields))
    _banner(sheet, TITLE_ROW, last, content.title, TITLE, MIDDLE, 40)
    _banner(sheet, NOTE_ROW, last, content.note, NOTE, START, 24)
    sheet.row_dimensions[HEADING_ROW].height = _headings(sheet, content)
    bottom = HEADING_ROW + len(content.rows) + content.spare
    looks: dict[object, Any] = {}
    for number, row in enumerate([*content.rows, *[{}] * content.spare], start=FIRST):
        _row(sheet, number, content, row, looks)
    if content.spare:
        # Whoever has filled in more rows than are ruled gets lines around them, on paper too.
        rule = Rule(
            type="expression", formula=[f"COUNTA($A{FIRST}:${last}{FIRST})>0"], dxf=DifferentialStyle(border=BOX)
        )
        sheet.conditional_formatting.add(f"A{FIRST}:{last}{bottom}", rule)
    for (letter, field), key in zip(_lettered(content), content.fields, strict=True):
        check = _check(field, f"{letter}{FIRST}", content.lists.get(key))
        check.add(f"{letter}{FIRST}:{letter}{max(FIRST, bottom)}")
        sheet.add_data_validation(check)
    _page(sheet, content)


def _lettered(content: Sheet) -> list[tuple[str, Field]]:
    return [(get_column_letter(number), field) for number, field in enumerate(content.fields.values(), start=1)]


def _banner(sheet: Any, row: int, last: str, text: str, font: Font, alignment: Alignment, height: int) -> None:
    sheet.merge_cells(f"A{row}:{last}{row}")
    cell = sheet.cell(row, 1)
    put(cell, text)
    cell.font, cell.alignment = font, alignment
    sheet.row_dimensions[row].height = height


def _headings(sheet: Any, content: Sheet) -> int:
    """Writes the headings and sets the widths of their columns; the height that they need."""
    tallest = 1
    for letter, field in _lettered(content):
        wide = column_width(field)
        sheet.column_dimensions[letter].width = wide
        cell = sheet[f"{letter}{HEADING_ROW}"]
        put(cell, field.title)
        cell.font, cell.alignment, cell.border = LABEL, MIDDLE, BOX
        cell.fill = LIGHT if field.schema.get("x-optional-column") else FILL
        tallest = max(tallest, lines(field.title, wide - 2))
    return max(_HEIGHT, tallest * _LINE + 6)


def column_width(field: Field) -> int:
    """Wide enough for the usual entry, and for the heading in three lines."""
    heading = -(-width(field.title) // _LINES) + 2 if width(field.title) > 2 * _NARROWEST else width(field.title) + 2
    longest = max((width(text) for text in (*field.examples, *field.words)), default=0)
    return min(_WIDEST, max(_ROOMY if is_long(field) else _NARROWEST, heading, longest + 4))


def is_long(field: Field) -> bool:
    """Whether sentences are expected, and not a name or a word."""
    return "x-lines" in field.schema or field.schema.get("maxLength", 0) > CELL // 2


def lines(text: str, wide: int) -> int:
    """How many lines a text takes in a column."""
    return sum(max(1, -(-width(line) // max(1, wide))) for line in text.split("\n"))


def _row(sheet: Any, number: int, content: Sheet, row: Mapping[str, str | int], looks: dict[object, Any]) -> None:
    tallest = 1
    ruled = bool(row) or number < FIRST + _RULED
    for column, (key, field) in enumerate(content.fields.items(), start=1):
        cell = sheet.cell(number, column)
        dress(cell, looks, (key, ruled), partial(_style, field, ruled=ruled))
        text = row.get(key, "")
        put(cell, text)
        if isinstance(text, str) and text:
            tallest = max(tallest, lines(text, column_width(field) - 2))
    if tallest > 1:
        sheet.row_dimensions[number].height = min(409, tallest * _LINE + 6)


def _style(field: Field, cell: Cell, *, ruled: bool) -> None:
    cell.font = TEXT
    cell.alignment = START if is_long(field) else MIDDLE
    cell.number_format = _FORMATS.get(field.entry, "@")
    cell.protection = Protection(locked=False)
    if ruled:
        cell.border = BOX


def dress(cell: Any, looks: dict[object, Any], key: object, style: Callable[[Any], None]) -> None:
    """Gives a cell the look of ``key``, which ``style`` makes once: openpyxl takes long over each attribute."""
    if key in looks:
        cell._style = copy.copy(looks[key])
    else:
        style(cell)
        looks[key] = copy.copy(cell._style)


def shown(field: Field, value: Any) -> str | int:
    """What stands in the cell of a value: a number where the form prints one, else the text that it prints."""
    if isinstance(value, int) and not isinstance(value, bool) and "x-typeset" not in field.schema:
        return value
    return typesetter(field.schema)(value)


def put(cell: Cell, value: str | int) -> None:
    """Sets a cell: whatever a text begins with, it is a text, and stays one when somebody edits it."""
    if value == "":
        return
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value.startswith(_FORMULA)


def fits_inline(field: Field) -> bool:
    """Whether a column's words can be listed in its check itself."""
    return len(",".join(field.words)) <= _INLINE and not any(set(word) & set(',"') for word in field.words)


def _check(field: Field, first: str, words: str | None) -> DataValidation:
    """What Excel lets a person enter in a column, and what it says while they do."""
    rule = DataValidation(**_condition(field, first, words), allow_blank=True)
    rule.promptTitle, rule.prompt = _cut(field.title, _TITLE), _cut(field.prompt, _PROMPT)
    rule.showInputMessage = True
    rule.errorTitle = "请检查这一格"
    rule.error = _cut(f"“{field.title}”：{field.hint or field.allowed}", 225)
    # An offer can be declined; what is read in several spellings is doubted, not refused.
    rule.showErrorMessage = field.entry is not Entry.OFFER
    rule.errorStyle = "warning" if field.entry in (Entry.GRADE, Entry.RANK, Entry.MONTH) else "stop"
    return rule


def _condition(field: Field, cell: str, words: str | None) -> dict[str, Any]:
    schema = field.schema
    low, high = schema.get("minimum", 0), schema.get("maximum", 10**9)
    match field.entry:
        case Entry.CHOICE | Entry.OFFER:
            if words is None and not fits_inline(field):
                raise ValueError(f"{field.title}: its words have no place")
            return {"type": "list", "formula1": words if words is not None else f'"{",".join(field.words)}"'}
        case Entry.NUMBER:
            return {"type": "whole", "operator": "between", "formula1": low, "formula2": high}
        case Entry.GRADE:
            year = f"AND(ISNUMBER({cell}),{cell}>={low},{cell}<={high})"
            return {"type": "custom", "formula1": f'OR({year},RIGHT({cell},1)="级")'}
        case Entry.RANK:
            marks = ",".join(f'ISNUMBER(FIND("{mark}",{cell}))' for mark in ("/", "%", "％", "第"))
            return {"type": "custom", "formula1": f"OR({marks})"}
        case Entry.DATE:
            return {"type": "date", "operator": "between", "formula1": _DAYS[0], "formula2": _DAYS[1]}
        case Entry.MONTH:
            return {"type": "custom", "formula1": f'AND(LEN({cell})=7,MID({cell},5,1)="-")'}
        case Entry.TEXT:
            longest = min(CELL, schema.get("maxLength", CELL))
            return {"type": "textLength", "operator": "lessThanOrEqual", "formula1": longest}


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _page(sheet: Any, content: Sheet) -> None:
    """Freezes the headings, sets the page, and protects what is not to be filled in."""
    sheet.freeze_panes = f"A{FIRST}"
    for pane in sheet.sheet_view.selection:
        pane.activeCell = pane.sqref = f"A{FIRST}"
    # Not "customHeight": rows of a fixed height would not grow with what people write into them.
    sheet.sheet_format.defaultRowHeight = _HEIGHT
    set_page(sheet)
    sheet.print_title_rows = f"{HEADING_ROW}:{HEADING_ROW}"
    sheet.print_options.horizontalCentered = True
    if content.locked:
        protection = sheet.protection
        protection.sheet = True
        protection.formatColumns = protection.formatRows = False


def set_page(sheet: Any) -> None:
    """A4, landscape, as wide as the page, with a page number."""
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    margins = sheet.page_margins
    margins.left = margins.right = 0.5
    margins.top = margins.bottom = 0.7
    margins.header = margins.footer = 0.35
    sheet.oddFooter.center.text = "— &P —"
