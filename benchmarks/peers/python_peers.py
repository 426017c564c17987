"""The Python peers, each as its documentation shows it, with what it needs prepared once."""

import io
import json
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import forms
import measure


def _data(workshop: Path) -> Any:
    return json.loads((workshop / "data.json").read_text("utf-8"))


def _rows(workshop: Path, rows: int) -> list[dict[str, Any]]:
    members = _data(workshop)["members"]
    return [{**members[number % len(members)], "serial": number + 1} for number in range(rows)]


def docxtpl_candidate(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """One template object, rendered again and again; the photo as InlineImage."""
    from docx.shared import Mm
    from docxtpl import DocxTemplate, InlineImage

    template = DocxTemplate(workshop / "candidate-docxtpl.docx")
    records = _data(workshop)["candidates"]

    def make(number: int, out: Path) -> None:
        record = dict(records[number % len(records)])
        for key in forms.PARAGRAPHS:
            record[key] = record[key].split("\n")
        template.init_docx()
        record["photo"] = InlineImage(template, str(workshop / "photo.jpg"), width=Mm(30))
        template.render(record, autoescape=True)
        template.save(out)

    return make, ".docx", version("docxtpl")


def docxtpl_staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    from docxtpl import DocxTemplate

    template = DocxTemplate(workshop / "staff-docxtpl.docx")
    members = _rows(workshop, rows)

    def make(number: int, out: Path) -> None:
        template.render({"members": members}, autoescape=True)
        template.save(out)

    return make, ".docx", version("docxtpl")


def mailmerge_candidate(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """A new object for each document: it merges only once. It has no pictures."""
    from mailmerge import MailMerge

    template = (workshop / "candidate-mailmerge.docx").read_bytes()
    records = _data(workshop)["candidates"]

    def make(number: int, out: Path) -> None:
        with MailMerge(io.BytesIO(template)) as document:
            document.merge(**records[number % len(records)])
            document.write(str(out))

    return make, ".docx", version("docx-mailmerge2")


# --- workbooks -------------------------------------------------------------------------------------------------------


def openpyxl_staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """The template, which has so many styled rows, loaded for each file: the usual script."""
    import openpyxl

    template = (workshop / "staff-openpyxl.xlsx").read_bytes()
    members = _rows(workshop, rows)

    def make(number: int, out: Path) -> None:
        book = openpyxl.load_workbook(io.BytesIO(template))
        sheet = book.worksheets[0]
        for row, member in enumerate(members, start=4):
            for column, key in enumerate(forms.COLUMNS, start=1):
                sheet.cell(row, column).value = member[key]
        book.save(out)

    return make, ".xlsx", version("openpyxl")


def rust_staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """A bare table: it has no template, no title, no borders."""
    from rustpy_xlsxwriter import write_worksheet

    members = _rows(workshop, rows)

    def make(number: int, out: Path) -> None:
        write_worksheet(members, str(out), "名单")

    return make, ".xlsx", version("rustpy-xlsxwriter")


def pyexcelerate_staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    from pyexcelerate import Workbook

    members = _rows(workshop, rows)

    def make(number: int, out: Path) -> None:
        book = Workbook()
        book.new_sheet("名单", data=[forms.COLUMNS, *([member[key] for key in forms.COLUMNS] for member in members)])
        book.save(str(out))

    return make, ".xlsx", version("PyExcelerate")


def xlsxwriter_staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """Constant memory, a style for each cell; no template."""
    import xlsxwriter

    members = _rows(workshop, rows)

    def make(number: int, out: Path) -> None:
        with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
            sheet = book.add_worksheet("名单")
            style = book.add_format({"border": 1, "align": "center", "text_wrap": True})
            lines = count()
            for line in ([dict(zip(forms.COLUMNS, forms.COLUMNS, strict=True))], members):
                for member in line:
                    row = next(lines)
                    for column, key in enumerate(forms.COLUMNS):
                        sheet.write(row, column, member[key], style)

    return make, ".xlsx", version("XlsxWriter")


def write_styled(source: Path, target: Path, rows: int) -> None:
    """The shipped workbook template with so many styled rows: what a script for openpyxl starts from."""
    import openpyxl

    book = openpyxl.load_workbook(source)
    sheet = book.worksheets[0]
    for name in [name for name in book.defined_names if name.startswith("f_")]:
        del book.defined_names[name]
    for merged in [merged for merged in sheet.merged_cells.ranges if merged.min_row == 5]:
        sheet.unmerge_cells(str(merged))
    for column in range(1, len(forms.COLUMNS) + 1):
        styled, last = sheet.cell(4, column), sheet.cell(5, column)
        moved = sheet.cell(4 + rows, column)
        moved.value, moved._style = last.value, last._style
        last.value = None
        for row in range(4, 4 + rows):
            sheet.cell(row, column)._style = styled._style
    sheet.merge_cells(start_row=4 + rows, end_row=4 + rows, start_column=1, end_column=len(forms.COLUMNS))
    book.save(target)


CONTENDERS = {
    "docxtpl-candidate": docxtpl_candidate,
    "mailmerge-candidate": mailmerge_candidate,
    "docxtpl-staff": docxtpl_staff,
    "openpyxl-staff": openpyxl_staff,
    "rust-staff": rust_staff,
    "pyexcelerate-staff": pyexcelerate_staff,
    "xlsxwriter-staff": xlsxwriter_staff,
}

if __name__ == "__main__":
    import sys

    if sys.argv[1] == "styled":
        write_styled(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
    else:
        measure.main(CONTENDERS)
