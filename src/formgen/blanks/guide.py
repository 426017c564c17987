"""The sheet 填写说明: what goes into each column, and what to mind."""

from collections.abc import Iterable, Mapping
from typing import Any

from formgen.blanks import sheet as look
from formgen.blanks.fields import Field

TITLE = "填写说明"
_HEAD = ("栏目", "是否必填", "怎样填", "可以填什么", "例子")
_WIDTHS = (26, 16, 40, 32, 30)
_LETTERS = "GHIJKLMNOPQRSTUVWXYZ"
"""Columns beside the explanations, for long lists of words."""
_NOTES = (
    "一人一行，从表头下面第一行填起，中间不空行；不合并单元格，不改动、不增减表头。",
    "有下拉箭头的格子从中选；选中一格，旁边会出现这一栏的提示。",
    "排名、学号这样的内容，在本表里可以直接填写；从别处复制时请用“选择性粘贴—数值”，以免带走格子的检查和格式。",
    "没有的内容空着，不写“无”“／”“同上”；“是否必填”里说要写“无”的栏目除外。",
    "填好后仍存为 .xlsx，文件名写上本单位的全称，如“信息工程学院.xlsx”：汇总时凭它认出是谁报送的。",
    "工作表只保护表头，没有密码：审阅—撤销工作表保护。",
)


def places_of_lists(fields: Mapping[str, Field]) -> dict[str, str]:
    """Where the guide lists the words of a column that are too many for its check, by key: beside the explanations."""
    return {
        key: f"'{TITLE}'!${letter}$2:${letter}${1 + len(field.words)}"
        for letter, (key, field) in zip(_LETTERS, _too_many(fields), strict=False)
    }


def _too_many(fields: Mapping[str, Field]) -> list[tuple[str, Field]]:
    return [(key, field) for key, field in fields.items() if field.words and not look.fits_inline(field)]


def fill(sheet: Any, fields: Mapping[str, Field]) -> None:
    """Writes the guide into an empty worksheet."""
    for letter, (_, field) in zip(_LETTERS, _too_many(fields), strict=False):
        sheet.column_dimensions[letter].width = max(look.column_width(field), 12)
        for row, text in enumerate((field.title, *field.words), start=1):
            look.put(sheet[f"{letter}{row}"], text)
            sheet[f"{letter}{row}"].font = look.LABEL if row == 1 else look.TEXT
    for letter, wide in zip("ABCDE", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = wide
    _line(sheet, 1, TITLE, look.TITLE, look.MIDDLE, 40)
    row = 2
    for number, note in enumerate(_NOTES, start=1):
        text = f"{number}. {note}"
        height = look.lines(text, sum(_WIDTHS) - 4) * 18 + 4
        _line(sheet, row, text, look.TEXT, look.START, height)
        row += 1
    _cells(sheet, row, _HEAD, heading=True)
    first = row
    for field in fields.values():
        row += 1
        hint = field.hint or "照实填写"
        _cells(sheet, row, (field.title, field.asked, hint, field.allowed, "、".join(field.examples)))
    look.set_page(sheet)
    sheet.print_title_rows = f"{first}:{first}"
    sheet.print_area = f"A1:E{row}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False


def _line(sheet: Any, row: int, text: str, font: Any, alignment: Any, height: int) -> None:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=len(_HEAD))
    cell = sheet.cell(row, 1)
    look.put(cell, text)
    cell.font, cell.alignment = font, alignment
    sheet.row_dimensions[row].height = height


def _cells(sheet: Any, row: int, texts: Iterable[str], *, heading: bool = False) -> None:
    tallest = 1
    for column, (text, wide) in enumerate(zip(texts, _WIDTHS, strict=True), start=1):
        cell = sheet.cell(row, column)
        look.put(cell, text)
        cell.font, cell.border = look.LABEL if heading else look.TEXT, look.BOX
        cell.alignment = look.MIDDLE if heading else look.START
        if heading:
            cell.fill = look.FILL
        tallest = max(tallest, look.lines(text, wide - 3))
    sheet.row_dimensions[row].height = tallest * 17 + 6
