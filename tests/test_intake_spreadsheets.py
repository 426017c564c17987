"""Reading workbooks: the table is found by its headings, nothing in it is lost silently, no file does harm."""

import io
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from formgen import intake
from formgen.findings import Address, Finding, Pointer, Severity
from formgen.forms import catalogue
from formgen.intake import Reading, limits
from formgen.intake.headings import table
from formgen.record import Origin

STAFF = catalogue()["staff_list"][0]
PROPERTIES = STAFF.schema["properties"]["members"]["items"]["properties"]
HEADINGS = [
    "序号", "姓名", "政治面貌", "院系", "年级", "最近1个学期/最近1学年/入学以来学习成绩综合排名（一年级新生不需填写）",
    "是否存在课程不及格情况", "院系、班级学生工作经历", "备注",
]  # fmt: skip
ROW = [1, "王静", "共青团员", "理工学院", "19级", 3, "否", "学习部部长", None]
MEMBER = {
    "serial": 1, "name": "王静", "political_status": "共青团员", "college": "理工学院", "grade": 2019,
    "rank": {"text": "3", "kind": "unknown", "value": 3}, "failed_course": False, "experience": "学习部部长",
    "department": "学习部", "role": "部长",
}  # fmt: skip
Read = Callable[..., Reading]


def sheet_of(*rows: Iterable[Any]) -> Worksheet:
    sheet = Workbook().worksheets[0]
    sheet.title = "名单"
    for row in rows:
        sheet.append(list(row))
    return sheet


def packed(sheet: Worksheet) -> bytes:
    stream = io.BytesIO()
    assert sheet.parent is not None
    sheet.parent.save(stream)
    return stream.getvalue()


def replaced(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A workbook with one part changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        assert name in old.namelist()
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return stream.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(name="read")
def fixture_read(tmp_path: Path) -> Read:
    def read(source: Worksheet | bytes, *, key: str = "staff_list") -> Reading:
        path = tmp_path / f"{key}.xlsx"
        path.write_bytes(source if isinstance(source, bytes) else packed(source))
        return intake.read(path, path.name, catalogue()[key][0], None)

    return read


def members(reading: Reading) -> list[dict[str, Any]]:
    assert reading.record is not None
    found: list[dict[str, Any]] = reading.record.values["members"]
    return found


def origin(reading: Reading, *pointer: str | int) -> Origin:
    assert reading.record is not None
    return reading.record.origins.find(("members", *pointer))


def place(reading: Reading, finding: Finding) -> str:
    if finding.at in reading.places:
        return str(reading.places[finding.at])
    assert reading.record is not None
    return str(reading.record.origins.find(finding.at.pointer))


def said(reading: Reading) -> list[tuple[str, str]]:
    """Kind and place of every finding; each has a sentence in both languages."""
    assert all(f.message("zh") and f.message("en") for f in reading.findings)
    return [
        (f.kind.id, place(reading, f).removeprefix("staff_list.xlsx").removeprefix("!名单!")) for f in reading.findings
    ]


def test_a_member_is_read_with_canonical_values_and_derived_fields(read: Read) -> None:
    reading = read(sheet_of(HEADINGS, ROW))
    assert members(reading) == [MEMBER]
    assert reading.findings == ()
    assert reading.digest is not None


def test_what_is_done_to_the_values_of_a_file_does_not_show_in_the_next_one(read: Read) -> None:
    before = read(sheet_of(HEADINGS, ROW)).records[0].values["members"][0]
    before["rank"]["value"] = 1
    assert read(sheet_of(HEADINGS, ROW)).records[0].values == {"members": [MEMBER]}


def test_each_value_has_its_cell_and_its_text(read: Read) -> None:
    reading = read(sheet_of(["名单"], [], HEADINGS, ROW))
    assert origin(reading, 0, "grade") == Origin("staff_list.xlsx", "名单", "E4", text="19级")
    assert str(origin(reading, 0, "rank", "value")) == "staff_list.xlsx!名单!F4"
    assert str(origin(reading, 0, "role")) == "staff_list.xlsx!名单!H4"
    assert str(origin(reading, 0)) == "staff_list.xlsx!名单!A4"
    assert str(origin(reading, 7)) == "staff_list.xlsx"


def test_an_empty_cell_is_an_absent_value_with_a_place(read: Read) -> None:
    row = [*ROW]
    row[5] = "  "
    reading = read(sheet_of(HEADINGS, row))
    assert "rank" not in members(reading)[0]
    assert "remark" not in members(reading)[0]
    assert origin(reading, 0, "rank") == Origin("staff_list.xlsx", "名单", "F2")
    assert str(origin(reading, 0, "remark")) == "staff_list.xlsx!名单!I2"


# --- finding the table -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "heading"),
    [
        ("rank", "最近1个学期／最近1学年／入学以来\n学习成绩综合排名 (一年级新生 不需填写)"),
        ("rank", "最近1个学期/最近1学年/入学以来学习成绩综合排名"),
        ("rank", "综合排名（%）"),
        ("college", "院 （ 系 ）"),
        ("college", "所在学院"),
        ("name", "姓　名"),
        ("failed_course", "有无挂科"),
        ("experience", "职务"),
    ],
)
def test_a_heading_is_known_by_its_aliases_whatever_its_spaces_and_brackets(
    read: Read, field: str, heading: str
) -> None:
    headings = [heading if list(PROPERTIES)[i] == field else title for i, title in enumerate(HEADINGS)]
    reading = read(sheet_of(headings, ROW))
    assert (members(reading), reading.findings) == ([MEMBER], ())


def test_columns_may_stand_in_any_order_and_anywhere(read: Read) -> None:
    reading = read(sheet_of(["校级组织工作人员名单"], [None, *HEADINGS[::-1]], [None, *ROW[::-1]]))
    assert (members(reading), reading.findings) == ([MEMBER], ())


def test_optional_columns_are_read_and_win_over_what_would_be_derived(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS, "岗位", "学历层次"], [*ROW, "干事", "本科生"]))
    assert members(reading) == [{**MEMBER, "role": "干事", "level": "本科"}]
    assert str(origin(reading, 0, "role")).endswith("!J2")


def test_a_column_of_posts_beside_the_experience_is_the_post(read: Read) -> None:
    for heading in ("职务", "现任职务", "学生会职务"):
        reading = read(sheet_of([*HEADINGS, heading, "部门"], [*ROW, "宣传部干事", None]))
        assert members(reading) == [{**MEMBER, "role": "干事", "department": "宣传部"}]
        assert origin(reading, 0, "role") == Origin("staff_list.xlsx", "名单", "J2", text="宣传部干事")
        assert reading.findings == ()


def test_a_column_of_posts_alone_serves_as_experience_and_post(read: Read) -> None:
    headings = [*HEADINGS[:7], "职务", "备注", "部门"]
    for post in ("部长", "副部长", "干事"):
        reading = read(sheet_of(headings, [*ROW[:7], post, None, "学术部"]))
        assert [members(reading)[0][key] for key in ("experience", "role", "department")] == [post, post, "学术部"]
        assert reading.findings == ()


def test_a_third_column_of_posts_is_one_too_many(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS, "岗位", "职务"], [*ROW, "干事", "干事"]))
    assert reading.record is None
    assert [finding.values["title"] for finding in reading.findings] == ["岗位"]


def test_a_dash_in_the_place_of_a_rank_is_absent_and_keeps_its_text(read: Read) -> None:
    row = [*ROW]
    row[5] = "—"
    reading = read(sheet_of(HEADINGS, row))
    assert "rank" not in members(reading)[0]
    assert origin(reading, 0, "rank") == Origin("staff_list.xlsx", "名单", "F2", text="—")


def test_an_empty_optional_cell_gets_the_derived_value_and_its_place(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS, "岗位"], [*ROW, None]))
    assert members(reading) == [MEMBER]
    assert str(origin(reading, 0, "role")).endswith("!H2")


def test_an_unknown_heading_is_a_warning_with_the_nearest_known_one(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS, "姓名拼音"], [*ROW, "Wang Jing"]))
    assert members(reading) == [MEMBER]
    assert said(reading) == [("I-unknown-column", "J1")]
    assert reading.findings[0].message("zh") == "不认识栏目“姓名拼音”，该栏没有读取；最接近的栏目是“姓名”"
    assert reading.findings[0].message("en").endswith("was not read; the nearest known one is '姓名'")
    assert reading.findings[0].kind.severity is Severity.WARNING


def test_each_missing_column_is_an_error_that_names_it(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS[:6], "备注"], [*ROW[:6], None]))
    assert said(reading) == [("I-missing-column", "A1")] * 2
    assert [f.values["title"] for f in reading.findings] == ["是否存在课程不及格情况", "院系、班级学生工作经历"]
    assert members(reading)[0]["name"] == "王静"


def test_two_columns_for_one_field_are_an_error_and_nothing_is_read(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS, "学院"], [*ROW, "文学院"]))
    assert reading.record is None
    assert said(reading) == [("I-duplicate-column", "J1")]
    assert reading.findings[0].values == {"title": "院系", "first": "D", "second": "J"}


def test_content_in_a_column_without_heading_is_a_warning_once(read: Read) -> None:
    reading = read(sheet_of(HEADINGS, ROW, [*ROW, "见附件"], [*ROW, "又一处"]))
    assert said(reading) == [("I-untitled-column", "J3")]


@pytest.mark.parametrize("rows", [[], [["姓名", "学院"], ["王静", "理工学院"]], [HEADINGS[:4], ROW[:4]]])
def test_without_half_of_the_headings_there_is_no_table(read: Read, rows: list[list[Any]]) -> None:
    reading = read(sheet_of(*rows))
    assert reading.record is None
    assert said(reading) == [("I-no-table", "")]


def test_headings_stand_in_the_first_fifty_rows(read: Read) -> None:
    assert members(read(sheet_of(*[["说明"]] * (limits.HEADING_ROWS - 1), HEADINGS, ROW))) == [MEMBER]
    assert read(sheet_of(*[["说明"]] * limits.HEADING_ROWS, HEADINGS, ROW)).record is None


def test_a_hidden_sheet_is_read_where_no_other_has_the_table_and_it_is_said(read: Read) -> None:
    sheet = sheet_of(HEADINGS, ROW)
    assert sheet.parent is not None
    other = sheet.parent.create_sheet("说明")
    sheet.sheet_state = "hidden"
    reading = read(sheet)
    assert members(reading) == [MEMBER]
    assert said(reading) == [("I-hidden-sheet", "")]
    for row in (HEADINGS, ROW, ROW):
        other.append(row)
    reading = read(sheet)
    assert len(members(reading)) == 2
    assert said(reading) == [("I-second-table", "A1")]
    assert reading.findings[0].values == {"sheet": "名单", "chosen": "说明"}


def test_the_table_may_be_on_any_sheet_and_a_second_one_is_a_warning(read: Read) -> None:
    book = Workbook()
    for title, headings in (("填写说明", ["请逐栏填写"]), ("样例", HEADINGS[:8]), ("名单", HEADINGS)):
        sheet = book.create_sheet(title)
        sheet.append(headings)
        sheet.append(ROW[: len(headings)])
    reading = read(book.worksheets[0])
    assert origin(reading, 0).sheet == "名单"
    assert said(reading) == [("I-second-table", "!样例!A1")]


# --- rows ------------------------------------------------------------------------------------------------------------


def test_empty_rows_and_repeated_headings_are_skipped(read: Read) -> None:
    reading = read(sheet_of(HEADINGS, ROW, [], [" "], HEADINGS, ROW))
    assert members(reading) == [MEMBER, MEMBER]
    assert str(origin(reading, 1, "name")).endswith("!B6")
    assert reading.findings == ()


@pytest.mark.parametrize(
    "note",
    [["注：以上为全部工作人员"], [None, None, "填表人：李明"], [None] * 8 + ["（盖章）"]],
)
def test_a_note_below_ends_the_table_and_is_no_member(read: Read, note: list[Any]) -> None:
    reading = read(sheet_of(HEADINGS, ROW, [], note, [None, None, None, "2020年11月18日"]))
    assert members(reading) == [MEMBER]
    assert reading.findings == ()


@pytest.mark.parametrize(
    "row",
    [
        ["合计", "5人"],
        ["合 计", 1, "团员1", None, None, None, "无"],
        [None, "总计：", 1],
        ["填表人：", "李明"],
        ["审核人：王华", None, None, None, "联系电话：000"],
        ["学院（盖章）：", None, None, "2025年11月3日"],
    ],
)
def test_sums_and_signatures_are_about_nobody_and_end_nothing(read: Read, row: list[Any]) -> None:
    reading = read(sheet_of(HEADINGS, ROW, row, ROW))
    assert members(reading) == [MEMBER, MEMBER]
    assert str(origin(reading, 1, "name")).endswith("!B4")
    assert reading.findings == ()


@pytest.mark.parametrize("name", ["单小合", "总布拉", "学军"])
def test_a_name_that_begins_as_a_sum_does_is_a_name(read: Read, name: str) -> None:
    assert [m["name"] for m in members(read(sheet_of(HEADINGS, [None, name, *ROW[2:]])))] == [name]


def test_a_merged_note_ends_the_table_even_below_the_names(read: Read) -> None:
    sheet = sheet_of(HEADINGS, ROW, [None, "以上名单经审核无误"])
    sheet.merge_cells("B3:I3")
    assert members(read(sheet)) == [MEMBER]


def test_people_below_a_note_are_an_error_and_not_silence(read: Read) -> None:
    reading = read(sheet_of(HEADINGS, ROW, ["以下为新增人员"], ROW, ROW))
    assert members(reading) == [MEMBER]
    assert said(reading) == [("I-rows-after-note", "A4")]
    assert reading.findings[0].values == {"note": 3, "row": 4}


@pytest.mark.parametrize("row", [[2], [None, "李明"]])
def test_a_serial_or_a_name_alone_is_still_a_member(read: Read, row: list[Any]) -> None:
    assert len(members(read(sheet_of(HEADINGS, ROW, row)))) == 2


def test_cells_merged_over_several_people_count_for_each_of_them(read: Read) -> None:
    sheet = sheet_of(HEADINGS, ROW, [2, "李明", "共青团员", None, "20级", None, "否", "宣传部干事"])
    sheet.merge_cells("D2:D3")
    reading = read(sheet)
    assert [m["college"] for m in members(reading)] == ["理工学院", "理工学院"]
    assert str(origin(reading, 1, "college")).endswith("!D2")


def test_a_merge_beyond_the_last_person_makes_no_member(read: Read) -> None:
    sheet = sheet_of(HEADINGS, ROW)
    sheet.merge_cells("D2:D9")
    assert len(members(read(sheet))) == 1


# --- cells -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "number_format", "rank"),
    [
        (0.15, "0%", {"text": "15%", "kind": "percent", "value": 15, "of": 100}),
        (0.125, "0.0%", {"text": "12.5%", "kind": "percent", "value": 125, "of": 1000}),
        (0.1 + 0.05, "0%", {"text": "15%", "kind": "percent", "value": 15, "of": 100}),
        (1, "0%", {"text": "100%", "kind": "percent", "value": 100, "of": 100}),
        (0.15, "General", {"text": "0.15", "kind": "unknown"}),
        (15.0, "General", {"text": "15", "kind": "unknown", "value": 15}),
        ("前15%", "General", {"text": "前15%", "kind": "percent", "value": 15, "of": 100}),
        ("２０", "@", {"text": "20", "kind": "unknown", "value": 20}),
    ],
)
def test_a_rank_is_read_as_the_cell_shows_it(read: Read, value: Any, number_format: str, rank: dict[str, Any]) -> None:
    sheet = sheet_of(HEADINGS, ROW)
    sheet["F2"] = value
    sheet["F2"].number_format = number_format
    reading = read(sheet)
    assert members(reading)[0]["rank"] == rank
    written = origin(reading, 0, "rank").text
    assert written is not None
    assert unicodedata.normalize("NFKC", written) == rank["text"]
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2020, 3, 15), "2020-03-15"),  # noqa: DTZ001 (a spreadsheet knows no time zones)
        (datetime(2020, 3, 15, 8), "2020-03-15 08:00:00"),  # noqa: DTZ001
        (time(3, 45), "03:45:00"),
    ],
)
def test_a_rank_that_became_a_date_is_reported(read: Read, moment: datetime | time, text: str) -> None:
    row = [*ROW]
    row[5] = moment
    reading = read(sheet_of(HEADINGS, row))
    assert said(reading) == [("I-date-cell", "F2")]
    assert members(reading)[0]["rank"] == {"text": text, "kind": "unknown"}


@pytest.mark.parametrize("text", ["3月15日", "15-Mar", "Mar-45", "2020/3/15", "2020-03-15", "3/15/2020"])
def test_a_rank_that_was_written_into_a_text_file_as_a_date_is_reported_too(tmp_path: Path, text: str) -> None:
    lines = [",".join(HEADINGS), f"1,王静,共青团员,理工学院,19级,{text},否,学习部部长,"]
    path = tmp_path / "staff_list.csv"
    path.write_bytes("\r\n".join(lines).encode("gbk"))
    reading = intake.read(path, path.name, STAFF, None)
    assert said(reading) == [("I-date-cell", "staff_list.csv!staff_list!F2")]
    assert members(reading)[0]["rank"] == {"text": text, "kind": "unknown"}


def test_numbers_and_truth_values_become_what_the_field_wants(read: Read) -> None:
    reading = read(sheet_of(HEADINGS, [1.0, 20190101, "团员", None, 19.0, None, True, None, 1.5]))
    expected = {
        "serial": 1, "name": "20190101", "political_status": "共青团员",
        "grade": 2019, "failed_course": True, "remark": "1.5",
    }  # fmt: skip
    assert members(reading) == [expected]


def test_a_number_too_large_for_a_float_stays_as_written(read: Read) -> None:
    data = replaced(packed(sheet_of(HEADINGS, ROW)), SHEET, lambda xml: xml.replace(b"<v>3</v>", b"<v>1e999</v>"))
    reading = read(data)
    assert members(reading)[0]["rank"] == {"text": "1e999", "kind": "unknown"}
    assert said(reading) == [("I-rounded", "F2")]


def test_what_is_not_understood_stays_as_written(read: Read) -> None:
    reading = read(sheet_of(HEADINGS, ["一", "王静", "党员", "理工学院", "大一", "3", "没有吧", "班长", "x"]))
    assert members(reading) == [
        {
            "serial": "一",
            "name": "王静",
            "political_status": "党员",
            "college": "理工学院",
            "grade": "大一",
            "rank": {"text": "3", "kind": "unknown", "value": 3},
            "failed_course": "没有吧",
            "experience": "班长",
            "remark": "x",
        }
    ]


def test_an_error_cell_is_reported_and_never_just_empty(read: Read) -> None:
    row = [*ROW]
    row[3] = "#REF!"
    reading = read(sheet_of(HEADINGS, row))
    assert said(reading) == [("I-error-cell", "D2")]
    assert reading.findings[0].values == {"title": "院系", "text": "#REF!"}
    assert "college" not in members(reading)[0]
    assert origin(reading, 0, "college").text == "#REF!"


def test_a_formula_without_result_is_reported(read: Read) -> None:
    row = [*ROW]
    row[0] = "=ROW()-1"
    reading = read(sheet_of(HEADINGS, row))
    assert said(reading) == [("I-formula-no-value", "A2")]
    assert reading.findings[0].at == Address("staff_list", ("members", 0, "serial"))
    assert "serial" not in members(reading)[0]


@pytest.mark.parametrize(
    ("cell", "serial"),
    [(b'<c r="A2"><f>ROW()-1</f><v>7</v></c>', 7), (b'<c r="A2" t="str"><f>""</f><v></v></c>', None)],
)
def test_a_formula_with_a_result_is_read(read: Read, cell: bytes, serial: int | None) -> None:
    old = b'<c r="A2" t="n"><v>1</v></c>'
    data = replaced(packed(sheet_of(HEADINGS, ROW)), SHEET, lambda xml: xml.replace(old, cell))
    assert b"<f>" in zipfile.ZipFile(io.BytesIO(data)).read(SHEET)
    reading = read(data)
    assert members(reading)[0].get("serial") == serial
    assert reading.findings == ()


# --- files that are damaged or made to do harm -----------------------------------------------------------------------


def test_a_wrong_dimension_loses_nothing(read: Read) -> None:
    data = packed(sheet_of(HEADINGS, ROW))
    wrong = replaced(data, SHEET, lambda xml: xml.replace(b'ref="A1:I2"', b'ref="A1:A1"'))
    assert wrong != data
    assert members(read(wrong)) == [MEMBER]


def test_a_cell_in_the_last_corner_costs_nothing(read: Read) -> None:
    sheet = sheet_of(HEADINGS, ROW)
    sheet["XFD1048576"] = "x"
    assert said(read(sheet)) == [("I-untitled-column", "XFD1048576")]


def test_pictures_and_notes_in_the_workbook_do_no_harm(read: Read) -> None:
    data = packed(sheet_of(HEADINGS, ROW))
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/media/image1.png", b"\x89PNG no picture")
    assert members(read(stream.getvalue())) == [MEMBER]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "I-package"),
        (b"PK\x03\x04", "I-package"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "I-other-format"),
        (b"name,college\n", "I-package"),
        (b"{}", "I-package"),
    ],
)
def test_what_is_no_workbook_is_a_finding(read: Read, data: bytes, kind: str) -> None:
    reading = read(data)
    assert reading.record is None
    assert said(reading) == [(kind, "")]


def test_a_doctype_is_refused(read: Read) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    data = replaced(
        packed(sheet_of(HEADINGS, ROW)), SHEET, lambda xml: xml.replace(b"<worksheet", bomb + b"<worksheet")
    )
    assert said(read(data)) == [("I-package", "")]


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET, lambda xml: xml[:-20]),
        (SHEET, lambda xml: xml.replace(b"<v>3</v>", b"<v>three</v>")),
        (SHEET, lambda xml: xml.replace(b'r="B2"', b'r="2B"')),
        (SHEET, lambda xml: b'<?xml version="1.0" encoding="none-such"?>' + xml),
        (SHEET, lambda xml: xml.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="?"/></mergeCells>')),
        (SHEET, lambda xml: xml.replace(b't="n"><v>3</v>', b't="s"><v>3</v>')),
        ("xl/_rels/workbook.xml.rels", lambda _: b"<Relationships/>"),
        ("xl/workbook.xml", lambda _: b"<workbook/>"),
        ("_rels/.rels", lambda _: b"<Relationships/>"),
    ],
)
def test_a_damaged_part_is_a_finding_and_no_traceback(read: Read, part: str, change: Callable[[bytes], bytes]) -> None:
    reading = read(replaced(packed(sheet_of(HEADINGS, ROW)), part, change))
    assert reading.record is None
    assert said(reading) == [("I-workbook-damaged", "")]


@pytest.mark.parametrize("reference", [b"A1:XFD1048576", b"&#65;1:XFD1048576"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_merge_of_the_whole_sheet_hides_all_but_its_corner(read: Read, reference: bytes, encoding: str) -> None:
    def change(xml: bytes) -> bytes:
        merge = b'</sheetData><mergeCells><mergeCell ref="' + reference + b'"/></mergeCells>'
        return xml.replace(b"</sheetData>", merge).decode().encode(encoding)

    assert said(read(replaced(packed(sheet_of(HEADINGS, ROW)), SHEET, change))) == [("I-no-table", "")]


def test_a_link_over_the_whole_sheet_costs_nothing(read: Read) -> None:
    link = b'</sheetData><hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>'
    data = replaced(packed(sheet_of(HEADINGS, ROW)), SHEET, lambda xml: xml.replace(b"</sheetData>", link))
    assert members(read(data)) == [MEMBER]


@pytest.mark.parametrize(("limit", "value"), [("CELLS", 10), ("ELEMENTS", 20)])
def test_a_workbook_beyond_a_limit_is_refused(
    read: Read, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(limits, limit, value)
    assert said(read(sheet_of(HEADINGS, ROW))) == []  # it weighs enough for so much
    monkeypatch.setattr(limits, "_MOST_CELLS", value)
    assert said(read(sheet_of(HEADINGS, ROW))) == [("I-too-large", "")]


def test_a_heavy_workbook_may_hold_more_than_a_light_one_and_no_more_than_excel_writes() -> None:
    light, million, heaviest = 10_000, 37_000_000, limits.TABLE_BYTES
    assert limits.cells(light) == limits.CELLS < 10_000_000 < limits.cells(million) <= limits.cells(heaviest) < 10**8
    assert limits.elements(light) == limits.ELEMENTS < limits.elements(million)
    assert limits.unpacked_bytes(light) == limits.UNPACKED_BYTES < 490_000_000 < limits.unpacked_bytes(million)
    assert limits.unpacked_bytes(heaviest) < 1 << 30


def test_many_merged_cells_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MERGES", 1)
    sheet = sheet_of(HEADINGS, ROW)
    for cells in ("A4:A5", "B4:B5"):
        sheet.merge_cells(cells)
    assert said(read(sheet)) == [("I-too-large", "")]


def test_a_file_beyond_the_limit_is_not_opened(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TABLE_BYTES", 100)
    assert said(read(sheet_of(HEADINGS, ROW))) == [("I-too-large", "")]


def test_a_form_of_many_lists_or_of_a_list_of_texts_is_no_table() -> None:
    texts = {"properties": {"agenda": {"type": "array", "items": {"type": "string"}}}}
    assert table(texts) is None
    assert table({**STAFF.schema, "x-records": "many"}) is None
    assert table(catalogue()["candidate_registration"][0].schema) is not None
    assert table(STAFF.schema) is not None


@pytest.mark.parametrize("key", ["assessment_filing", "congress_report", "charter"])
def test_a_form_that_is_not_one_list_is_not_read_from_a_workbook(read: Read, key: str) -> None:
    reading = read(sheet_of(HEADINGS, ROW), key=key)
    assert [f.kind.id for f in reading.findings] == ["I-format"]
    assert reading.record is None


BOOK = packed(sheet_of(["名单"], HEADINGS, ROW, ["注"]))
fuzz = settings(
    deadline=None, derandomize=True, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@fuzz
@given(at=st.integers(0, len(BOOK) - 1), junk=st.binary(max_size=4), cut=st.booleans())
def test_no_damaged_bytes_raise(at: int, junk: bytes, cut: bool, read: Read) -> None:
    reading = read(BOOK[:at] + junk + (b"" if cut else BOOK[at + len(junk) :]))
    assert reading.record is not None or reading.findings


CELL = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=12).filter(
    lambda t: not t.startswith("=")
)


@fuzz
@given(rows=st.lists(st.lists(CELL | TEXT, max_size=10), max_size=4))
def test_no_cells_raise_and_every_column_of_every_row_has_its_cell(rows: list[list[Any]], read: Read) -> None:
    reading = read(sheet_of(HEADINGS, *rows))
    for index, _ in enumerate(members(reading)):
        cells: list[Pointer] = [(index, field) for field in list(PROPERTIES)[:9]]
        assert [origin(reading, *pointer).cell[0] for pointer in cells] == list("ABCDEFGHI")  # type: ignore[index]
