"""The same list as XLSX, XLSM, XLS, ODS and text: read alike, or refused in one sentence."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import python_calamine
import xlsxwriter
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf import opendocument, table, text

from formgen import intake
from formgen.forms import catalogue
from formgen.intake import Reading, calendar, grids, limits, ole_file, xls_book, xlsx_book
from formgen.intake.grids import Mark, Marked, Row, Sheet
from formgen.intake.opening import open_book
from formgen.intake.reading import Notes
from formgen.intake.xml_parts import parse

STAFF = catalogue()["staff_list"][0]
HEADINGS = ["序号", "姓名", "政治面貌", "院系", "年级", "综合排名", "有无挂科", "工作经历", "备注"]
ROW = [1, "王静", "共青团员", "理工学院", "19级", 0.15, "否", "学习部部长", None]
MEMBER = {
    "serial": 1, "name": "王静", "political_status": "共青团员", "college": "理工学院", "grade": 2019,
    "rank": {"text": "15%", "kind": "percent", "value": 15, "of": 100}, "failed_course": False,
    "experience": "学习部部长", "department": "学习部", "role": "部长",
}  # fmt: skip
Rows = list[list[Any]]
fuzz = settings(
    deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def xlsx(rows: Rows, *, since_1904: bool = False) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"date_1904": since_1904})
    sheet = book.add_worksheet("名单")
    percent, day = book.add_format({"num_format": "0%"}), book.add_format({"num_format": "yyyy-mm-dd"})
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, datetime):
                sheet.write_datetime(row, column, value, day)
            else:
                sheet.write(row, column, value, percent if isinstance(value, float) else None)
    book.close()
    return stream.getvalue()


def xls(rows: Rows, change: Callable[[Any], None] = lambda _: None) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("名单")
    percent, day = xlwt.easyxf(num_format_str="0%"), xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, datetime):
                sheet.write(row, column, value, day)
            elif value is not None:
                sheet.write(row, column, value, *([percent] if isinstance(value, float) else []))
    change(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(rows: Rows) -> bytes:
    document = opendocument.OpenDocumentSpreadsheet()
    sheet = table.Table(name="名单")
    for values in rows:
        line = table.TableRow()
        for value in values:
            kinds: dict[str, Any] = {}
            if isinstance(value, float):
                kinds = {"valuetype": "percentage", "value": value}
            elif isinstance(value, int):
                kinds = {"valuetype": "float", "value": value}
            elif isinstance(value, datetime):
                kinds = {"valuetype": "date", "datevalue": value.isoformat()}
            cell = table.TableCell(**kinds)
            if value is not None:
                cell.addElement(text.P(text=str(value)))
            line.addElement(cell)
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def csv(rows: Rows, delimiter: str = ",") -> str:
    shown = [["15%" if cell == 0.15 else "" if cell is None else str(cell) for cell in row] for row in rows]
    return "".join(delimiter.join(row) + "\r\n" for row in shown)


@pytest.fixture(name="read")
def fixture_read(tmp_path: Path) -> Callable[[str, bytes], Reading]:
    def read(suffix: str, data: bytes) -> Reading:
        path = tmp_path / f"机电系{suffix}"
        path.write_bytes(data)
        return intake.read(path, path.name, STAFF)

    return read


Read = Callable[[str, bytes], Reading]


def members(reading: Reading) -> list[dict[str, Any]]:
    assert reading.record is not None, [finding.message("en") for finding in reading.findings]
    found: list[dict[str, Any]] = reading.record.values["members"]
    return found


def said(reading: Reading) -> list[str]:
    assert all(finding.message("zh") and finding.message("en") for finding in reading.findings)
    return [finding.kind.id for finding in reading.findings]


def sheets(suffix: str, data: bytes) -> list[Sheet]:
    notes = Notes(f"a{suffix}", "staff_list", None)
    book = open_book(data, suffix, notes)
    assert book is not None, [finding.message("en") for finding in notes.reading().findings]
    return book.sheets


TABLE = [["2020年名单"], HEADINGS, ROW]
TEXT = csv(TABLE)
FORMATS = {
    ".xlsx": xlsx(TABLE), ".xlsm": xlsx(TABLE), ".xls": xls(TABLE), ".ods": ods(TABLE),
    ".csv": TEXT.encode(), ".tsv": csv(TABLE, "\t").encode("utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_list_is_read_alike_from_every_format_with_the_cells_it_came_from(read: Read, suffix: str) -> None:
    reading = read(suffix, FORMATS[suffix])
    assert (members(reading), said(reading)) == ([MEMBER], [])
    assert reading.record is not None
    origin = reading.record.origins.find(("members", 0, "grade"))
    assert (origin.cell, origin.text) == ("E3", "19级")
    assert origin.sheet == ("机电系" if suffix in (".csv", ".tsv") else "名单")
    assert str(reading.record.origins.find(("members", 0, "role"))).endswith("!H3")


# --- dates, percentages, numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
def test_dates_are_days_and_percentages_are_percent(suffix: str) -> None:
    make = {".xlsx": xlsx, ".xls": xls, ".ods": ods}[suffix]
    row = [datetime(2020, 3, 15), 0.125, 7, "x"]  # noqa: DTZ001 (a spreadsheet knows no time zones)
    assert sheets(suffix, make([row]))[0].rows == {
        1: Row((1, 2, 3, 4), (Marked("2020-03-15", Mark.DATE), "12.5%", "7", "x"))
    }


def test_the_years_may_be_counted_from_1904() -> None:
    row = [datetime(2020, 3, 15)]  # noqa: DTZ001
    assert sheets(".xlsx", xlsx([row], since_1904=True))[0].rows[1].cells == (Marked("2020-03-15", Mark.DATE),)


@pytest.mark.parametrize(
    ("written", "since_1904", "expected"),
    [
        ("1", False, Marked("1900-01-01", Mark.DATE)),
        ("59", False, Marked("1900-02-28", Mark.DATE)),
        ("61", False, Marked("1900-03-01", Mark.DATE)),
        ("0", True, Marked("1904-01-01", Mark.DATE)),
        ("0.5", False, Marked("12:00:00", Mark.DATE)),
        ("43905.25", False, Marked("2020-03-15 06:00:00", Mark.DATE)),
        ("-1", False, "-1"),
        ("2958466", False, "2958466"),
    ],
)
def test_a_day_is_counted_as_excel_counts_it(written: str, since_1904: bool, expected: object) -> None:
    assert calendar.shown(written, since_1904=since_1904) == expected


def test_a_duration_is_no_time_of_day() -> None:
    assert calendar.of_duration("PT03H45M00S") == Marked("03:45:00", Mark.DATE)
    with pytest.raises(ValueError, match="P1D"):
        calendar.of_duration("P1D")


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("0.30000000000000004", Marked("0.3", Mark.DECIMAL)),
        ("1.0", "1"),
        ("-5", "-5"),
        ("202019010123", "202019010123"),
        ("2.02019010123E+17", Marked("202019010123000000", Mark.ROUNDED)),
        ("1e999", Marked("1e999", Mark.ROUNDED)),
    ],
)
def test_a_number_is_what_excel_shows_and_says_when_it_lost_digits(written: str, cell: object) -> None:
    assert grids.number(written) == cell


@pytest.mark.parametrize(
    ("code", "is_date", "is_percent"),
    [
        ("General", False, False), ("0.00%", False, True), ('yyyy"年"m"月"', True, False), ("[Red]0", False, False),
        ('0"日"', False, False), (r"\d0", False, False), ("[h]:mm", True, False), ("@", False, False),
        ('0"%"', False, False),
    ],
)  # fmt: skip
def test_a_number_format_is_told_by_its_letters_outside_of_quotes(code: str, is_date: bool, is_percent: bool) -> None:
    assert (grids.is_date(code), grids.is_percent(code)) == (is_date, is_percent)


def test_what_files_call_their_columns_and_formats_is_not_remembered_without_end() -> None:
    for number in range(20_000):
        grids.is_date(f'0"{number}"')
        grids.is_percent(f'0"{number}"')
        grids.column_of(f"?{number}")
    for remembering in (grids.is_date, grids.is_percent, grids.column_of):
        assert remembering.cache_info().currsize < 20_000


def test_columns_are_named_as_in_excel() -> None:
    assert [grids.letters(number) for number in (1, 26, 27, 16384)] == ["A", "Z", "AA", "XFD"]
    assert [grids.column_of(name) for name in ("A", "XFD", "XFE", "a", "", "A1", "ÄA")] == [1, 16384, 0, 0, 0, 0, 0]


# --- what a row loses in spreadsheets --------------------------------------------------------------------------------


def test_a_number_that_lost_its_digits_is_a_finding(read: Read) -> None:
    rows = [[*ROW] for _ in range(3)]
    for row, value in zip(rows, ("2.02E+11", "202000000000", 123456789012345678), strict=True):
        row[3] = value
    reading = read(".xlsx", xlsx([HEADINGS, *rows]))
    assert said(reading) == ["I-scientific", "I-rounded", "I-rounded"]
    assert [finding.values["text"] for finding in reading.findings] == [
        "2.02E+11",
        "202000000000",
        "123456789012346000",
    ]
    assert members(reading)[0]["college"] == "2.02E+11"


def test_a_month_that_may_have_lost_its_zero_stays_as_written(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    headings = ["序号", "姓名", "性别", "出生年月", "政治面貌", "班级"]
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    rows = [headings, [1, "王静", "女", 2000.1, "团员", "一班"], [2, "李明", "男", 2000.11, "团员", "一班"]]
    for number, values in enumerate(rows):
        for column, value in enumerate(values):
            sheet.write(number, column, value)
    book.save(str(path))
    reading = intake.read(path, path.name, catalogue()["candidate_registration"][0])
    assert [record.values["birth"] for record in reading.records] == ["2000.1", "2000-11"]
    assert [finding.kind.id for finding in reading.findings if "absent" not in finding.kind.id] == ["I-ambiguous-month"]


# --- text files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.encode("utf-16"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        csv(TABLE, ";").encode(),
        csv(TABLE, "|").encode("gb18030"),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace("学习部部长", '"学习部部长"').encode(),
    ],
)
def test_a_text_is_read_in_any_usual_encoding_and_with_any_usual_delimiter(read: Read, data: bytes) -> None:
    assert members(read(".csv", data)) == [MEMBER]


def test_a_cell_of_a_text_may_hold_line_breaks_and_the_row_is_counted_as_excel_does(read: Read) -> None:
    rows = TEXT.replace("理工学院", '"理工\n学院"') + "\r\n" + csv([[2, *ROW[1:]]])
    reading = read(".csv", rows.encode())
    assert reading.record is not None
    assert reading.record.origins.find(("members", 1, "serial")).cell == "A5"


@pytest.mark.parametrize(
    "data",
    [
        "序号\n".encode() + b"\xff\xff\xff\n",
        "序号\n".encode("utf-8-sig") + "王静\n".encode("gb18030"),
        "序号\n王\ud800静\n".encode("utf-16", "surrogatepass"),
        ("序号\n1,2,3\n").encode("utf-16")[:-1],
        b"\xfe\xff" + "序号\n王\udc00静".encode("utf-16-be", "surrogatepass"),
        "序号,1,2,3,4\n王\ud800静".encode("utf-16-le", "surrogatepass"),
    ],
    ids=[
        "no text",
        "a line in another encoding",
        "half a character",
        "half of the last one",
        "the other half",
        "no mark",
    ],
)
def test_what_is_no_text_says_in_which_line(read: Read, data: bytes) -> None:
    reading = read(".csv", data)
    assert (said(reading), reading.findings[0].values) == (["I-csv-encoding"], {"line": 2})


@pytest.mark.parametrize("shown", ["#N/A", "#REF!", "#NAME?", "#DIV/0!", "Err:502", "########"])
def test_what_a_spreadsheet_shows_instead_of_a_value_is_no_value_of_a_text(read: Read, shown: str) -> None:
    reading = read(".csv", TEXT.replace("理工学院", shown).encode())
    assert members(reading) == [{key: value for key, value in MEMBER.items() if key != "college"}]
    assert said(reading) == ["I-error-cell"]


@pytest.mark.parametrize("written", ['="理工学院"', '"=""理工学院"""'])
def test_what_is_written_as_a_formula_of_one_text_is_that_text(read: Read, written: str) -> None:
    assert members(read(".csv", TEXT.replace("理工学院", written).encode())) == [MEMBER]
    without = TEXT.replace("理工学院", written.replace("理工学院", ""))
    assert members(read(".csv", without.encode())) == [
        {key: value for key, value in MEMBER.items() if key != "college"}
    ]


@pytest.mark.parametrize("college", ["#1院", "理工#N/A", "##", "Err: 1"])
def test_a_text_with_such_signs_in_it_stays_a_text(read: Read, college: str) -> None:
    assert members(read(".csv", TEXT.replace("理工学院", college).encode())) == [MEMBER | {"college": college}]


def test_a_quotation_mark_without_its_pair_says_where_it_begins(read: Read) -> None:
    for line in ('2,"李明,共青团员\r\n', '2,"李"明,共青团员\r\n'):
        reading = read(".csv", (TEXT + line + csv([ROW])).encode())
        assert (said(reading), reading.findings[0].values) == (["I-csv-quote"], {"line": 4})
    endless = read(".csv", (TEXT + '"' + "x" * 200_000 + '"').encode())
    assert said(endless) == ["I-csv-quote"]


def test_zeros_in_a_text_are_taken_out_and_told(read: Read) -> None:
    reading = read(".csv", TEXT.replace("王静", "王\0静").encode())
    assert (members(reading), said(reading)) == ([MEMBER], ["I-csv-nul"])


def test_rows_of_another_length_are_told_once(read: Read) -> None:
    rows = csv([HEADINGS, *[[number, *ROW[1:]] for number in range(1, 6)]]) + "6,李明\r\n" + csv([[*ROW, "x", "y"]])
    reading = read(".csv", rows.encode())
    assert said(reading) == ["I-ragged", "I-untitled-column", "I-untitled-column"]
    assert reading.findings[0].values == {"count": 2, "usual": 9, "rows": "7、8"}


def test_a_text_of_too_many_cells_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(read(".csv", TEXT.encode() + b"," * 20_000)) == ["I-too-large"]
    monkeypatch.setattr(limits, "CELLS", 10)
    assert said(read(".csv", TEXT.encode())) == ["I-too-large"]


# --- hidden, merged, linked ------------------------------------------------------------------------------------------


def hiding(rows: Rows) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("名单")
    for row, values in enumerate(rows):
        sheet.write_row(row, 0, values)
    sheet.set_row(len(rows) - 1, None, None, {"hidden": True})
    sheet.set_column("D:E", None, None, {"hidden": True})
    book.close()
    return stream.getvalue()


def test_hidden_rows_and_columns_are_read_and_told(read: Read) -> None:
    def hide(sheet: Any) -> None:
        sheet.row(3).hidden = True
        sheet.col(3).hidden = sheet.col(4).hidden = True

    rows = [HEADINGS, ROW, ROW, [2, *ROW[1:]]]
    for reading in (read(".xlsx", hiding(rows)), read(".xls", xls(rows, hide))):
        assert len(members(reading)) == 3
        assert said(reading) == ["I-hidden-rows", "I-hidden-columns"]
        assert reading.findings[0].values == {"sheet": "名单", "count": 1, "rows": "4"}
        assert reading.findings[1].values == {"sheet": "名单", "columns": "D、E"}


def test_formulas_that_look_into_other_files_are_told(read: Read) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FORMATS[".xlsx"])) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/workbook.xml":
                data = data.replace(
                    b"</sheets>", b"</sheets><externalReferences><externalReference/></externalReferences>"
                )
            new.writestr(name, data)
    reading = read(".xlsx", stream.getvalue())
    assert (members(reading), said(reading)) == ([MEMBER], ["I-links"])


def test_a_footer_is_no_part_of_the_last_cell(read: Read) -> None:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet("名单")
    for number, values in enumerate([HEADINGS, [*ROW[:5], 30]]):
        sheet.write_row(number, 0, values)
    sheet.set_footer("&C— &P —")
    book.close()
    reading = read(".xlsx", stream.getvalue())
    assert (members(reading)[0]["rank"]["text"], said(reading)) == ("30", [])


def test_what_stands_under_a_merged_cell_is_not_there(read: Read) -> None:
    sheet = Sheet("a", {1: Row((1, 2), ("x", "y")), 2: Row((1,), ("z",))}, [grids.Area(1, 1, 2, 2)])
    sheet.uncover()
    assert sheet.rows == {1: Row((1,), ("x",)), 2: Row((), ())}


# --- XLS -------------------------------------------------------------------------------------------------------------

CELLS = (
    st.none()
    | st.integers(-(10**6), 10**6)
    | st.text(st.characters(codec="utf-16", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
)


@fuzz
@given(rows=st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=8))
def test_an_old_workbook_says_what_another_reader_says(rows: Rows) -> None:
    data = xls(rows)
    oracle = python_calamine.load_workbook(io.BytesIO(data)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    found = sheets(".xls", data)[0]
    for number, row in enumerate(oracle, start=1):
        for column, value in enumerate(row, start=1):
            shown = str(int(value)) if isinstance(value, float) else str(value)
            cell = found.row(number).get(column)
            assert ("" if cell is None else cell) == ("" if shown.isspace() else shown)


def test_a_table_of_texts_may_run_over_several_records() -> None:
    texts = [f"{number}" + "学习部部长" * 400 for number in range(30)] + ["latin " * 2000]
    assert [row.cells[0] for row in sheets(".xls", xls([[each] for each in texts]))[0].rows.values()] == texts


def test_formulas_of_an_old_workbook_give_their_results() -> None:
    records = [
        struct.pack("<HHHdHIH", 0, 0, 0, 2.5, 0, 0, 0),
        struct.pack("<HHH8sHIH", 0, 1, 0, b"\x01\0\x01\0\0\0\xff\xff", 0, 0, 0),
        struct.pack("<HHH8sHIH", 0, 2, 0, b"\x02\0\x17\0\0\0\xff\xff", 0, 0, 0),
        struct.pack("<HHH8sHIH", 0, 3, 0, b"\x00\0\0\0\0\0\xff\xff", 0, 0, 0),
        struct.pack("<HHH8sHIH", 0, 4, 0, b"\x03\0\0\0\0\0\xff\xff", 0, 0, 0),
    ]
    whole = b"".join(struct.pack("<HH", 6, len(record)) + record for record in records[:4])
    whole += struct.pack("<HHHB", 0x207, 7, 4, 0) + b"text" + struct.pack("<HH", 6, len(records[4])) + records[4]
    data = xls([["x"]])
    # The record of the one text cell, in whose place the formulas are put.
    at = data.index(struct.pack("<HHHHH", 0xFD, 10, 0, 0, 17)[:8])
    streamed = ole_file.OleFile(data).stream("Workbook")
    start = streamed.index(data[at : at + 14])
    book = xls_book._Workbook(streamed[:start] + whole + streamed[start + 14 :]).book()
    assert book.sheets[0].rows[1] == Row(
        (1, 2, 3, 4), (Marked("2.5", Mark.DECIMAL), "true", Marked("#REF!", Mark.ERROR), "text")
    )


OLD = FORMATS[".xls"]


@fuzz
@given(at=st.integers(0, len(OLD) - 1), junk=st.binary(max_size=4), cut=st.booleans())
def test_no_damaged_old_workbook_raises(at: int, junk: bytes, cut: bool, read: Read) -> None:
    reading = read(".xls", OLD[:at] + junk + (b"" if cut else OLD[at + len(junk) :]))
    assert reading.record is not None or reading.findings


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (30, b"\x01\0"),  # size of a sector
        (48, b"\xf0\xff\xff\x00"),  # where the directory begins
        (48, b"\xfe\xff\xff\xff"),
        (60, b"\x00\x00\xff\x00"),  # where the chains of small streams begin
        (68, b"\x00\0\0\0"),  # where the list of chains goes on
    ],
)
def test_an_old_file_that_leads_astray_is_refused(read: Read, at: int, value: bytes) -> None:
    reading = read(".xls", OLD[:at] + value + OLD[at + len(value) :])
    assert reading.record is None
    assert said(reading) == ["I-workbook-damaged"]


# --- ODS -------------------------------------------------------------------------------------------------------------


def content(inside: str, before: str = "") -> bytes:
    """An ODS file with a table of these rows."""
    names = 'xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:style="s" xmlns:calcext="c"'
    sheet = f'<table:table table:name="名单" table:style-name="ta1">{inside}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    xml = f"<office:document-content {names}>{before}{body}</office:document-content>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", xml)
    return stream.getvalue()


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def row(inside: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{inside}</table:table-row>"


WIDE, HIGH = 'table:number-columns-repeated="16384"', 'table:number-rows-repeated="1048576"'


def test_repeated_cells_and_rows_of_ods_are_what_they_say() -> None:
    empty = row("<table:table-cell/>", 'table:number-rows-repeated="1048570"')
    inside = (
        row(cell("a", 'table:number-columns-repeated="2"'), 'table:number-rows-repeated="2"') + empty + row(cell("b"))
    )
    assert sheets(".ods", content(inside))[0].rows == {
        1: Row((1, 2), ("a", "a")),
        2: Row((1, 2), ("a", "a")),
        1048573: Row((1,), ("b",)),
    }


@pytest.mark.parametrize(
    ("inside", "kind"),
    [
        (row(cell("a", 'table:number-columns-repeated="16385"')), "I-workbook-damaged"),
        (row(cell("a", 'table:number-columns-repeated="99999999999"')), "I-workbook-damaged"),
        (row(cell("a", 'office:value-type="float" office:value="x"')), "I-workbook-damaged"),
        (row(cell("a", 'office:value-type="date"')), "I-workbook-damaged"),
        (
            row(cell("a" * 9, 'table:number-columns-repeated="16384"'), 'table:number-rows-repeated="1048576"'),
            "I-too-large",
        ),
        (row(cell("a")) + row(cell("b"), HIGH), "I-workbook-damaged"),
        ("<table:table-row>", "I-workbook-damaged"),
        (
            row(f"<table:table-cell><table:table>{row(cell('a'))}</table:table></table:table-cell>"),
            "I-workbook-damaged",
        ),
        ("", "I-no-table"),
    ],
)
def test_an_ods_that_claims_too_much_is_refused(read: Read, inside: str, kind: str) -> None:
    assert said(read(".ods", content(inside))) == [kind]


def test_what_an_ods_cell_holds_is_told_apart() -> None:
    line = row(
        cell("#REF!", 'table:formula="of:=[.A0]" calcext:value-type="error"')
        + cell("Err:502", 'table:formula="of:=X()" office:value-type="string"')
        + cell("", 'table:formula="of:=1"')
        + cell("真", 'office:value-type="boolean" office:boolean-value="true"')
        + cell("TRUE", 'table:formula="of:=TRUE()" office:value-type="float" office:value="1"')
        + cell("FALSE", 'office:value-type="float" office:value="0"')
        + cell("1", 'office:value-type="float" office:value="1"')
        + cell("", 'office:value-type="time" office:time-value="PT03H45M00S"')
        + cell("<text:ruby><text:ruby-base>五</text:ruby-base><text:ruby-text>wǔ</text:ruby-text></text:ruby>")
        + cell("六<text:note><text:note-body><text:p>脚注</text:p></text:note-body></text:note>")
        + '<table:table-cell office:value-type="string" office:string-value="七"/>'
        + cell("", 'office:value-type="date" office:date-value=""')
        + cell("", 'office:value-type="boolean" office:boolean-value=""')
        + "<table:table-cell><office:annotation><text:p>批注</text:p></office:annotation>"
        + "<text:p>一<text:s text:c='2'/>二<text:tab/>三<text:line-break/>四</text:p><text:p>五</text:p>"
        + "</table:table-cell>"
    )
    assert sheets(".ods", content(line))[0].rows[1].cells == (
        Marked("#REF!", Mark.ERROR),
        Marked("Err:502", Mark.ERROR),
        Marked("", Mark.UNCOMPUTED),
        "true",
        "true",
        "false",
        "1",
        Marked("03:45:00", Mark.DATE),
        "五",
        "六",
        "七",
        "一  二\t三\n四\n五",
    )


def with_content(data: bytes, xml: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, xml if entry == "content.xml" else old.read(entry))
    return stream.getvalue()


@pytest.mark.parametrize("name", ["office", "table", "text"])
def test_an_ods_with_other_prefixes_than_all_programs_write_is_refused(read: Read, name: str) -> None:
    data = ods(TABLE)
    assert members(read(".ods", data)) == [MEMBER]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("content.xml")
    other = re.sub(rf"(?<=[< /]){name}(?=:)|(?<=xmlns:){name}(?==)", "o", xml.decode())
    assert other != xml.decode()
    assert said(read(".ods", with_content(data, other))) == ["I-workbook-damaged"]


def test_hidden_and_merged_parts_of_ods_are_known() -> None:
    before = '<style:style style:name="ta1"><style:table-properties table:display="false"/></style:style>'
    columns = '<table:table-column/><table:table-column table:visibility="collapse" table:number-columns-repeated="2"/>'
    merged = cell("a", 'table:number-rows-spanned="2" table:number-columns-spanned="2"')
    under = "<table:covered-table-cell><text:p>x</text:p></table:covered-table-cell>"
    inside = columns + row(merged + under) + row(under + under + cell("b"), 'table:visibility="filter"')
    [sheet] = sheets(".ods", content(inside, before))
    assert sheet.hidden
    assert sheet.hidden_columns == [range(2, 4)]
    assert sheet.hidden_rows == {2}
    assert sheet.merges == [grids.Area(1, 1, 2, 2)]
    assert sheet.rows == {1: Row((1,), ("a",)), 2: Row((3,), ("b",))}


# --- files that are not what their name says -------------------------------------------------------------------------


def ole(name: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name.encode("utf-16-le") + bytes(600)


@pytest.mark.parametrize(
    ("suffix", "data", "found"),
    [
        (".xls", b"<html><table><tr><td>1", "网页"),
        (".xlsx", "\ufeff<?xml version='1.0'?><Workbook>".encode(), "网页或 XML"),
        (".xls", FORMATS[".xlsx"], "XLSX"),
        (".xlsx", FORMATS[".xls"], "旧格式 .xls"),
        (".xlsx", FORMATS[".ods"], "ODS"),
        (".ods", FORMATS[".xlsx"], "XLSX"),
        (".csv", FORMATS[".xlsx"], "XLSX"),
        (".csv", FORMATS[".xls"], "旧格式 .xls"),
        (".xlsx", ole("EncryptedPackage"), "密码"),
        (".xls", ole("EncryptedPackage"), "密码"),
        (".xls", ole("WordDocument"), ".doc"),
        (".xls", b"1,2,3", "不是工作簿"),
        (".csv", b"PK\x03\x04" + bytes(40), "压缩"),
        (".xlsx", b"PK\x03\x04" + b"word/document.xml", "Word"),
    ],
)
def test_a_renamed_or_locked_file_is_told_in_one_sentence(read: Read, suffix: str, data: bytes, found: str) -> None:
    reading = read(suffix, data)
    assert said(reading) == ["I-other-format"]
    assert found in reading.findings[0].message("zh")
    assert "另存为 .xlsx" in reading.findings[0].kind.hint.zh


@pytest.mark.parametrize("suffix", [".et", ".wps", ".doc"])
def test_formats_that_are_not_read_name_those_that_are(read: Read, suffix: str) -> None:
    reading = read(suffix, b"")
    assert said(reading) == ["I-format"]
    assert "另存" in reading.findings[0].kind.hint.zh


def test_a_workbook_of_too_many_sheets_is_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHEETS", 0)
    for suffix in (".xlsx", ".xls", ".ods"):
        assert said(read(suffix, FORMATS[suffix])) == ["I-too-large"]


def test_an_ods_with_a_password_or_without_content_is_refused(read: Read) -> None:
    for name, data, kind in (
        ("META-INF/manifest.xml", b"<manifest:encryption-data/>", "I-other-format"),
        ("x", b"", "I-workbook-damaged"),
    ):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr(name, data)
        assert said(read(".ods", stream.getvalue())) == [kind]


def test_limits_can_be_raised_by_a_whole_number_only() -> None:
    assert limits.factor("10") == 10
    for wrong in ("0", "-1", "x", "1.5", "9999", "99999999999", "１"):
        with pytest.raises(Exception, match="FORMGEN_LIMITS"):
            limits.factor(wrong)


# --- files made to do harm -------------------------------------------------------------------------------------------


def with_sheet(xml: str, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    """The list with one part replaced."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(FORMATS[".xlsx"])) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.namelist():
            new.writestr(member, xml if member == name else old.read(member))
    return stream.getvalue()


def many_merges(count: int, width: int) -> str:
    cells = "".join(f'<c r="{grids.letters(column)}1"><v>1</v></c>' for column in range(1, width + 1))
    return (
        f'<worksheet><sheetData><row r="1">{cells}</row></sheetData>'
        + '<mergeCell ref="A1:B1"/>' * count
        + "</worksheet>"
    )


TWICE = '<workbook xmlns:r="x"><sheets><sheet name="a" r:id="rId1"/><sheet name="b" r:id="rId1"/></sheets></workbook>'


def rows_of(xml: str) -> bytes:
    return with_sheet(f"<worksheet><sheetData>{xml}</sheetData></worksheet>")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (with_sheet("<worksheet " + "".join(f'a{n}="" ' for n in range(600_000)) + "/>"), "I-workbook-damaged"),
        (with_sheet(many_merges(90_000, 60)), "I-too-large"),
        (with_sheet(TWICE, "xl/workbook.xml"), "I-workbook-damaged"),
        (with_sheet("<worksheet><sheetData/>" + "<a/>" * 30 + "</worksheet>"), "I-no-table"),
        (rows_of('<row r="2"/><row r="1"/>'), "I-workbook-damaged"),
        (rows_of('<row r="1"><c r="B1"/><c r="A1"/></row>'), "I-workbook-damaged"),
        (rows_of('<row r="1"><c r="A2"/></row>'), "I-workbook-damaged"),
        (rows_of('<row r="-1"/>'), "I-workbook-damaged"),
        (rows_of('<row><c t="s"><v>-1</v></c></row>'), "I-workbook-damaged"),
        (rows_of('<row><c t="q"><v>1</v></c></row>'), "I-workbook-damaged"),
        (rows_of('<row r="1"><c r="XFD1"/><c><v>1</v></c></row>'), "I-workbook-damaged"),
        (with_sheet("<sst>" + "<si/>" * 2, "xl/sharedStrings.xml"), "I-workbook-damaged"),
    ],
)
def test_a_workbook_made_to_do_harm_is_refused_at_once(read: Read, data: bytes, kind: str) -> None:
    assert said(read(".xlsx", data)) == [kind]


def test_a_row_of_thousands_of_headings_is_looked_at_as_far_as_a_form_can_reach(read: Read) -> None:
    headings = [*HEADINGS, *(f"姓名{number}" for number in range(2_000))]
    reading = read(".csv", csv([headings, ROW]).encode())
    assert len(members(reading)) == 1
    assert len([kind for kind in said(reading) if kind == "I-unknown-column"]) == limits.FINDINGS_PER_KIND


def test_cells_and_rows_without_a_reference_follow_each_other() -> None:
    row = "<row><c><v>1</v></c><c r='C1'><v>2</v></c><c t='b'><v>1</v></c><c t='d'><v>2020-03-15T00:00:00</v></c></row>"
    xml = f"<worksheet>{row}{row.replace('C1', 'C2')}</worksheet>".replace("<", "<x:").replace("<x:/", "</x:")
    data = with_sheet(xml)
    [sheet] = sheets(".xlsx", data)
    assert sheet.rows[1] == Row((1, 3, 4, 5), ("1", "2", "true", Marked("2020-03-15", Mark.DATE)))
    assert sheet.rows[2].columns == (1, 3, 4, 5)


def test_a_sheet_that_is_written_with_indents_is_read_alike() -> None:
    with zipfile.ZipFile(io.BytesIO(FORMATS[".xlsx"])) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode().replace("><", ">\n  <")
    assert sheets(".xlsx", with_sheet(xml))[0].rows == sheets(".xlsx", FORMATS[".xlsx"])[0].rows


def test_rich_text_is_one_text_and_its_reading_is_left_out() -> None:
    rich = "<is>\n<r><t>王</t></r>\n<r><t>静</t></r><rPh sb='0' eb='1'><t>ワン</t></rPh></is>"
    data = rows_of(f"<row r='1'><c r='A1' t='inlineStr'>{rich}</c><c r='B1' t='str'><v>_x0041_</v></c></row>")
    assert sheets(".xlsx", data)[0].rows[1].cells == ("王静", "A")
    written = (
        "<is><r><rPr><b/><sz val='11'/></rPr><t>王</t></r><r><rPr><i/></rPr><t>静</t></r><phoneticPr fontId='1'/></is>"
    )
    more = "<extLst><ext><is><t>别的</t></is></ext></extLst>"
    data = rows_of(f"<row r='1'><c r='A1' t='inlineStr'>{written}{more}</c><c r='B1'><v>7</v></c></row>")
    assert sheets(".xlsx", data)[0].rows[1].cells == ("王静", "7")  # a run's font once lost the text
    phonetic = "<sst><si><t>王</t><rPh sb='0' eb='1'><t>ワン</t></rPh><phoneticPr/></si></sst>"
    found: list[str] = []
    parse([phonetic.encode()], "x", xlsx_book._text_collector(found, grids.Budget()))
    assert found == ["王"]
