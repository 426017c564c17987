"""Annotating XLS, ODS and text: the copy is XLSX, with the same values, and its findings are the same."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from calling import Command
from formgen.annotation import conversion
from formgen.intake.grids import Area, Book, Cell, Mark, Marked, Row, Sheet
from test_annotate_rounds import HEADINGS, person

ROWS = (HEADINGS, person(1, "王静", status="党员"), person(2, "=李强", rank=""))


def as_text(path: Path) -> None:
    lines = [",".join(map(str, row)) for row in ROWS]
    path.write_bytes("\r\n".join(lines).encode("gb18030"))


def as_xls(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("名单")
    for number, row in enumerate(ROWS):
        for column, value in enumerate(row):
            if value != "":
                sheet.write(number, column, value)
    book.save(str(path))


def as_ods(path: Path) -> None:
    document = OpenDocumentSpreadsheet()
    table = Table(name="名单")
    for row in ROWS:
        line = TableRow()
        for value in row:
            cell = TableCell()
            if value != "":
                cell = TableCell(valuetype="string")
                cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(path))


@pytest.mark.parametrize(("suffix", "write"), [(".csv", as_text), (".xls", as_xls), (".ods", as_ods)])
def test_other_formats_come_back_as_xlsx_with_the_same_findings(
    command: Command, tmp_path: Path, suffix: str, write: Any
) -> None:
    file = tmp_path / f"名单{suffix}"
    write(file)
    before = file.read_bytes()
    first = command("annotate", file, "--as-of", "2020-12-01")
    assert (first.code, first.err) == (1, "")
    assert f"原文件是 {suffix}，副本写成 .xlsx" in first.out
    people, listed = openpyxl.load_workbook(tmp_path / "名单.批注.xlsx").worksheets
    assert [people.cell(3, column).value for column in (1, 2, 4)] == [2, "=李强", "机电系"]
    assert people["B3"].data_type == "s"
    assert "R85" in people["C2"].comment.text
    assert "R14" in people["F3"].comment.text
    assert "副本写成 .xlsx" in listed["A3"].value
    second = command("annotate", tmp_path / "名单.批注.xlsx", "--as-of", "2020-12-01")
    assert second.out.splitlines()[1] == first.out.splitlines()[1]
    assert file.read_bytes() == before


def test_a_copy_that_was_saved_in_an_old_format_comes_back_with_one_list(command: Command, tmp_path: Path) -> None:
    as_text(tmp_path / "名单.csv")
    command("annotate", tmp_path / "名单.csv", "--as-of", "2020-12-01")
    copy, old = openpyxl.load_workbook(tmp_path / "名单.批注.xlsx"), xlwt.Workbook()
    for sheet in copy.worksheets:
        written = old.add_sheet(sheet.title)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    written.write(cell.row - 1, cell.column - 1, cell.value)
    old.save(str(tmp_path / "名单.批注.xls"))
    command("annotate", tmp_path / "名单.批注.xls", "--as-of", "2020-12-01")
    again = openpyxl.load_workbook(tmp_path / "名单.批注2.xlsx")
    assert [sheet.title for sheet in again.worksheets] == [sheet.title for sheet in copy.worksheets]


def test_a_text_that_cannot_be_read_is_told_and_nothing_is_written(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "名单.csv"
    file.write_bytes(b"\xff\xff\xff,\x81\n")
    ended = command("annotate", file, "--form", "staff_list")
    assert ended.code == 1
    assert "名单.csv" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["名单.csv"]


def converted(**cells: Cell) -> Any:
    """The first row of a workbook with these cells, by the letters of their columns."""
    columns = tuple(openpyxl.utils.column_index_from_string(name) for name in cells)
    sheet = Sheet("表", rows={1: Row(columns, tuple(cells.values()))}, merges=[Area(3, 1, 4, 2)])
    return opened(sheet).worksheets[0]


def opened(*sheets: Sheet) -> openpyxl.Workbook:
    book = Book(list(sheets))
    return openpyxl.load_workbook(io.BytesIO(conversion.converted(book, conversion.names(book))))


def test_numbers_stay_numbers_and_what_only_looks_like_one_stays_text() -> None:
    sheet = converted(A="12", B="007", C="1234567890123456", D=Marked("2000.1", Mark.DECIMAL), E="-3", F="3/45")
    assert [cell.value for cell in sheet[1]] == [12, "007", "1234567890123456", 2000.1, -3, "3/45"]


def test_dates_stay_dates_and_errors_errors() -> None:
    sheet = converted(
        A=Marked("2020-11-17", Mark.DATE),
        B=Marked("2020-11-17 08:30:00", Mark.DATE),
        C=Marked("1899-12-31", Mark.DATE),
        D=Marked("#REF!", Mark.ERROR),
        E=Marked("#SPILL!", Mark.ERROR),
        F=Marked("", Mark.UNCOMPUTED),
        G=Marked("9" * 20, Mark.ROUNDED),
    )
    values = [cell.value for cell in sheet[1]]
    assert values[:6] == [datetime(2020, 11, 17), "2020-11-17 08:30:00", "1899-12-31", "#REF!", "#N/A", None]  # noqa: DTZ001
    assert [sheet["D1"].data_type, sheet["E1"].data_type] == ["e", "e"]
    assert sheet["G1"].data_type == "n"


def test_no_text_becomes_a_formula_and_line_breaks_are_seen() -> None:
    sheet = converted(A="=1+1", B="@a", C="甲\n乙", D="_x003D_1")
    assert [cell.data_type for cell in sheet[1]] == ["s"] * 4
    assert [cell.quotePrefix for cell in sheet[1]] == [True, True, False, False]
    assert sheet["C1"].alignment.wrap_text
    assert sheet["D1"].value == "_x005F_x003D_1"  # openpyxl gives the code of the underline as it stands


def test_merged_cells_and_what_is_hidden_stay_so() -> None:
    first = Sheet("甲", rows={1: Row((1, 2), ("a", "b")), 2: Row((1,), ("长" * 90,))}, hidden_rows={2})
    first.hidden_columns.append(range(2, 4))
    first.merges.append(Area(1, 1, 2, 1))
    book = opened(first, Sheet("乙", hidden=True))
    sheet = book.worksheets[0]
    assert [str(area) for area in sheet.merged_cells.ranges] == ["A1:A2"]
    assert (sheet.row_dimensions[2].hidden, sheet.column_dimensions["B"].hidden) == (True, True)
    assert sheet.column_dimensions["A"].width == 8
    assert book.worksheets[1].sheet_state == "hidden"


def test_sheets_get_names_that_excel_takes() -> None:
    names = conversion.names(Book([Sheet("a/b:c"), Sheet("A_B_C"), Sheet("'"), Sheet("长" * 40), Sheet("长" * 41)]))
    assert list(names.values()) == ["a_b_c", "A_B_C（2）", "Sheet", "长" * 31, "长" * 28 + "（2）"]
