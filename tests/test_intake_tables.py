"""Finding a table: headings in two rows, merged cells, misspelt and missing columns, the nearest name."""

import io
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from formgen import intake, submission
from formgen.checks import check
from formgen.findings import Outcome, Severity
from formgen.forms import catalogue
from formgen.intake import Reading, limits

STAFF = catalogue()["staff_list"][0]
HEADINGS = ["序号", "姓名", "政治面貌", "院系", "年级", "综合排名", "有无挂科", "工作经历", "备注"]
ROW = [1, "王静", "共青团员", "理工学院", "19级", "3/45", "否", "学习部部长", None]
Read = Callable[[Worksheet], Reading]


def sheet_of(*rows: Iterable[Any]) -> Worksheet:
    sheet = Workbook().worksheets[0]
    for row in rows:
        sheet.append(list(row))
    return sheet


@pytest.fixture(name="read")
def fixture_read(tmp_path: Path) -> Read:
    def read(sheet: Worksheet) -> Reading:
        stream = io.BytesIO()
        assert sheet.parent is not None
        sheet.parent.save(stream)
        path = tmp_path / "a.xlsx"
        path.write_bytes(stream.getvalue())
        return intake.read(path, path.name, STAFF)

    return read


def members(reading: Reading) -> list[dict[str, Any]]:
    assert reading.record is not None
    found: list[dict[str, Any]] = reading.record.values["members"]
    return found


def said(reading: Reading) -> list[tuple[str, str]]:
    return [
        (finding.kind.id, str(reading.places.get(finding.at, "")).rpartition("!")[2]) for finding in reading.findings
    ]


def test_headings_may_stand_in_two_rows_under_common_ones(read: Read) -> None:
    above = ["序号", "姓名", "基本情况", None, None, "学习情况", None, "工作经历", "备注"]
    below = [None, None, "政治面貌", "院系", "年级", "综合排名", "有无挂科", None, None]
    sheet = sheet_of(["2020年名单"], above, below, ROW)
    for cells in ("A1:I1", "A2:A3", "B2:B3", "C2:E2", "F2:G2", "H2:H3", "I2:I3"):
        sheet.merge_cells(cells)
    reading = read(sheet)
    assert (len(members(reading)), said(reading)) == (1, [])
    assert members(reading)[0]["rank"]["text"] == "3/45"


def test_a_heading_may_be_cut_over_two_rows(read: Read) -> None:
    above = [*HEADINGS[:5], "学习成绩", *HEADINGS[6:]]
    below = [None] * 5 + ["综合排名"]
    reading = read(sheet_of(above, below, ROW))
    assert (len(members(reading)), said(reading)) == (1, [])


def test_a_title_over_the_headings_is_no_part_of_them(read: Read) -> None:
    sheet = sheet_of(["机电系名单", None, None, "2020年11月"], [], [None, "填表人：李明"], HEADINGS, ROW)
    assert (len(members(read(sheet))), said(read(sheet))) == (1, [])


def test_a_second_row_of_headings_beyond_the_fiftieth_is_not_looked_for(read: Read) -> None:
    half = [*HEADINGS[:4], None, None, None, None, None]
    rest = [None] * 4 + HEADINGS[4:]
    reading = read(sheet_of(*[["说明"]] * (limits.HEADING_ROWS - 1), half, rest, ROW))
    assert reading.record is None


@pytest.mark.parametrize(
    ("college", "failed", "answer"),
    [
        ("所在院（系）", "有无不及格科目", "无"),
        ("系别", "课程不及格情况", "均及格"),
        ("所属学院", "是否有\n不及格", "否"),
    ],
)
def test_headings_in_the_words_of_other_schools_are_known(read: Read, college: str, failed: str, answer: str) -> None:
    headings = [*HEADINGS[:3], college, HEADINGS[4], "学业成绩排名", failed, "学生干部经历", HEADINGS[8]]
    reading = read(sheet_of(headings, [*ROW[:6], answer, *ROW[7:]]))
    assert said(reading) == []
    assert members(reading)[0]["college"] == "理工学院"
    assert members(reading)[0]["failed_course"] is False


def test_a_misspelt_heading_is_named_where_its_column_is_missing_and_only_there(read: Read) -> None:
    headings = [*HEADINGS[:2], "政治面目", *HEADINGS[3:]]
    reading = read(sheet_of(headings, ROW))
    assert said(reading) == [("I-missing-column", "C1")]
    assert "C 列“政治面目”是不是就是它" in reading.findings[0].message("zh")
    assert "is it '政治面目', column C?" in reading.findings[0].message("en")


def test_a_missing_column_that_nothing_looks_like_is_told_alone(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS[:2], "QQ", *HEADINGS[3:]], ROW))
    assert said(reading) == [("I-missing-column", "A1"), ("I-unknown-column", "C1")]
    assert reading.findings[0].message("zh") == "表中没有“政治面貌”一栏"


def test_an_unknown_heading_is_called_in_one_line_and_likened_to_none_that_it_is_not_like(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS, "家庭\n住址", "家长\n姓名"], [*ROW, "兰州", "王父"]))
    assert said(reading) == [("I-unknown-column", "J1"), ("I-unknown-column", "K1")]
    assert reading.findings[0].message("zh") == "不认识栏目“家庭住址”，该栏没有读取"
    assert reading.findings[1].message("zh") == "不认识栏目“家长姓名”，该栏没有读取；最接近的栏目是“姓名”"


@pytest.mark.parametrize("serial", ["No.", "NO", "№"])
def test_without_a_column_for_remarks_nobody_has_one_and_all_is_judged(serial: str, read: Read) -> None:
    reading = read(sheet_of([serial, *HEADINGS[1:-1]], ROW[:-1]))
    assert said(reading) == [("I-blank-column", "A1")]
    [finding] = reading.findings
    assert finding.kind.severity is Severity.INFO
    assert finding.message("zh") == "表中没有“备注”一栏，当作各人都没有"
    assert "remark" not in members(reading)[0]


def test_a_column_for_remarks_that_is_misspelt_is_missing(read: Read) -> None:
    reading = read(sheet_of([*HEADINGS[:-1], "备 主注"], ROW))
    assert said(reading) == [("I-missing-column", "I1")]


def test_two_of_one_name_without_a_column_for_remarks_are_told(tmp_path: Path) -> None:
    path = tmp_path / "理学院.xlsx"
    book = sheet_of(HEADINGS[:-1], ROW[:-1], [2, *ROW[1:-1]]).parent
    assert book is not None
    book.save(path)
    report = check(submission.load(path, as_of=date(2020, 11, 18)))
    found = [(finding.kind.id, finding.outcome) for finding in report.findings if finding.kind.id == "R18"]
    assert found == [("R18", Outcome.FAILED)]


def test_a_column_under_two_headings_that_are_both_unknown_is_called_by_the_lower_one(read: Read) -> None:
    above = ["序号", "姓名", "政治面貌", "院系", "年级", "综合排名", "有无挂科", "情况", "其他"]
    below = [None] * 7 + ["工作经历", "籍贯"]
    reading = read(sheet_of(above, below, ROW))
    assert said(reading) == [("I-blank-column", "A1"), ("I-unknown-column", "I2")]
    assert reading.findings[1].values["heading"] == "籍贯"


def test_a_cell_that_covers_rows_below_the_last_one_adds_nobody(read: Read) -> None:
    sheet = sheet_of(HEADINGS, ROW, [2, "李明", None, None, "20级", None, "否", "宣传部干事"])
    sheet.merge_cells("C2:C4")
    sheet.merge_cells("D2:D40")
    found = members(read(sheet))
    assert [one["political_status"] for one in found] == ["共青团员"] * 2
    assert [one["college"] for one in found] == ["理工学院"] * 2
