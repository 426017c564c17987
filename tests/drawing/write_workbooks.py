"""Writes the two staff lists (staff_list.xlsx) of inputs/ from their canonical JSON, laid out as a college sends them.

Run by hand from the top of the checkout; the same openpyxl writes the same bytes::

    python tests/drawing/write_workbooks.py

The seed's list comes from ``tests/seed/staff_list.json``, the invented one from ``demo_staff_list.json`` beside this
file. Row 1 is the title, row 2 the nine headings, row 3 the first member; ranks that are a bare number are numbers,
as Excel makes of what a clerk types.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

HERE = Path(__file__).parent
INPUTS = HERE.parents[1] / "inputs"
SOURCES = {
    INPUTS / "lzmvc-2020" / "staff_list.xlsx": HERE.parent / "seed" / "staff_list.json",
    INPUTS / "demo-2020" / "staff_list.xlsx": HERE / "demo_staff_list.json",
}
TITLE = "校级组织工作人员名单"
HEADINGS = {
    "序号": 6,
    "姓名": 17,
    "政治面貌": 15,
    "院系": 19,
    "年级": 8,
    "最近1个学期/最近1学年/入学以来学习成绩综合排名\n(一年级新生不需填写)": 26,
    "是否存在课程不及格情况": 14,
    "院系、班级学生工作经历": 24,
    "备注": 12,
}
"""Heading -> width of its column in characters."""
WRITTEN_ON = "2020-12-01T08:00:00Z"
ZIP_DATE = (2020, 12, 1, 8, 0, 0)


def row_of(member: dict[str, Any]) -> list[str | int | None]:
    """The nine cells of ``member`` as the source writes them."""
    rank = member.get("rank", {}).get("text")
    return [
        member["serial"],
        member["name"],
        member["political_status"],
        member["college"],
        f"{member['grade'] % 100:02}级",
        int(rank) if rank and rank.isdecimal() else rank,
        "是" if member["failed_course"] else "否",
        member["experience"],
        member.get("remark"),
    ]


def lay_out(sheet: Worksheet, members: list[dict[str, Any]]) -> None:
    """Fills ``sheet`` with the title, the headings and one row a member, with borders and widths."""
    last = chr(ord("A") + len(HEADINGS) - 1)
    sheet["A1"] = TITLE
    sheet.merge_cells(f"A1:{last}1")
    sheet["A1"].font = Font(name="黑体", size=16)
    sheet.row_dimensions[1].height = 30
    sheet.append(list(HEADINGS))
    for member in members:
        sheet.append(row_of(member))
    line = Side(style="thin")
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.border = Border(left=line, right=line, top=line, bottom=line)
            cell.font = Font(name="黑体" if cell.row == 2 else "仿宋", size=11)
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
            if isinstance(cell.value, str):
                cell.number_format = "@"  # else Excel reads 3/45 as a day in March when somebody edits the cell
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[2].height = 48
    for column, width in enumerate(HEADINGS.values()):
        sheet.column_dimensions[chr(ord("A") + column)].width = width
    sheet.freeze_panes = "A3"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:2"


def bytes_of(book: Workbook) -> bytes:
    """The package of ``book`` without the time of writing, which openpyxl puts into each entry and the properties."""
    raw, fixed = io.BytesIO(), io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z", WRITTEN_ON.encode(), data)
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, data)
    return fixed.getvalue()


def main() -> None:
    for target, source in SOURCES.items():
        book = Workbook()
        book.properties.creator = ""
        sheet = book.active
        assert isinstance(sheet, Worksheet)
        sheet.title = "Sheet1"
        lay_out(sheet, json.loads(source.read_text("utf-8"))["members"])
        target.write_bytes(bytes_of(book))


if __name__ == "__main__":
    main()
