"""The merged list as a workbook, with a sheet that says where each row came from."""

from collections.abc import Iterable, Sequence
from typing import Any

from formgen.blanks import sheet, workbook
from formgen.blanks.fields import width
from formgen.forms import Edition
from formgen.intake.headings import ID, Table
from formgen.merging.gathering import Row, Sent
from formgen.merging.senders import Sender

SOURCES = "来源"
_HEAD = ("名单行号", "姓名", "报送单位", "文件", "工作表", "原位置")
_WIDTHS = (10, 12, 24, 44, 24, 12)
_SERIAL = "serial"


def workbook_of(edition: Edition, table: Table, sent: Sequence[tuple[Sent, Sender]]) -> bytes:
    """The workbook of all rows in their order, numbered anew."""
    rows = [(row, sender) for each, sender in sent for row in each.rows]
    number = ID if table.key is None else _SERIAL
    cells = [{**row.cells, number: count} for count, (row, _) in enumerate(rows, start=1)]
    columns = workbook.fields(table)
    # A column that may be left out is, where nobody has anything in it.
    used = {key: field for key, field in columns.items() if key not in table.optional or any(key in c for c in cells)}
    files = sum(1 for each, _ in sent if each.rows)
    note = f"由 {files} 份报送件汇总，共 {len(rows)} 人；每一行从哪里来，见“{SOURCES}”。"
    content = sheet.Sheet(edition.title, note, used, cells, spare=0, locked=False)
    sources = [_source(line, row, sender) for line, (row, sender) in enumerate(rows, start=sheet.FIRST)]
    return workbook.packed(
        [
            (workbook.sheet_title(edition), lambda target: sheet.fill(target, content)),
            (SOURCES, lambda target: _fill_sources(target, sources)),
        ]
    )


def _source(number: int, row: Row, sender: Sender) -> tuple[str | int, ...]:
    origin = row.origin
    place = origin.cell or ("" if origin.line is None else f"第{origin.line}行")
    name = row.values.get("name")
    college = sender.college.name if sender.college is not None else ""
    return (number, name if isinstance(name, str) else "", college, origin.file, origin.sheet or "", place)


def _fill_sources(target: Any, sources: Iterable[Sequence[str | int]]) -> None:
    for letter, wide in zip("ABCDEF", _WIDTHS, strict=True):
        target.column_dimensions[letter].width = wide
    looks: dict[object, Any] = {}
    for number, cells in enumerate([_HEAD, *sources], start=1):
        tallest = 1
        for column, (value, wide) in enumerate(zip(cells, _WIDTHS, strict=True), start=1):
            cell = target.cell(number, column)
            middle = number == 1 or column == 1
            sheet.dress(cell, looks, (number == 1, middle), _heading if number == 1 else _number if middle else _text)
            sheet.put(cell, value)
            tallest = max(tallest, -(-width(str(value)) // (wide - 3)))
        if tallest > 1:
            target.row_dimensions[number].height = min(409, tallest * 17 + 6)
    target.freeze_panes = "A2"
    sheet.set_page(target)
    target.print_title_rows = "1:1"


def _heading(cell: Any) -> None:
    cell.font, cell.border, cell.alignment, cell.fill = sheet.LABEL, sheet.BOX, sheet.MIDDLE, sheet.FILL


def _number(cell: Any) -> None:
    cell.font, cell.border, cell.alignment = sheet.TEXT, sheet.BOX, sheet.MIDDLE


def _text(cell: Any) -> None:
    cell.font, cell.border, cell.alignment = sheet.TEXT, sheet.BOX, sheet.START
