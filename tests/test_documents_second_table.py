"""The second table of the later filing: names of organisations are read, anything else is told, never mixed up."""

from pathlib import Path

import pytest

import typed_forms as typed
from typed_forms import B, conclusions, form_b, page, read, said, word

LIST = (
    ("序号", "二级学生会组织名称", "工作人员数", "备注"),
    ("1", "机电学院学生会", "25", ""),
    ("2", "财经学院学生会", "28", "新设"),
    ("", "合计", "53", ""),
)
HEAD = (("二级学生会组织数量", "2", "自评公开链接", "https://tw.example.edu.cn/1.htm"),)


def cells(rows: tuple[tuple[str, ...], ...]) -> str:
    return "".join("<tr>" + "".join(f"<td>{text}</td>" for text in row) + "</tr>" for row in rows)


def second(*rows: tuple[str, ...], title: str = "某学院二级学生会组织改革自评表") -> str:
    return f"<p>{title}</p><table>{cells(rows)}</table>"


def test_names_and_remarks_are_read_and_columns_that_nobody_has_seen_are_told(tmp_path: Path) -> None:
    reading = read(page(form_b(), after=second(*HEAD, *LIST)), "filing.html", tmp_path, B)
    assert reading.record is not None
    assert reading.record.values["second_level"] == {
        "count": 2,
        "link": "https://tw.example.edu.cn/1.htm",
        "organisations": [{"name": "机电学院学生会"}, {"name": "财经学院学生会", "remark": "新设"}],
    }
    assert said(reading) == [("I-second-table-columns", "second_level/columns")]
    assert "工作人员数" in reading.findings[0].message()
    place = reading.record.origins.find(("second_level", "organisations", 1, "name"))
    assert str(place) == "filing.html!第2个表格!第4行第2格"


def test_a_second_table_of_statements_is_not_mixed_up_with_the_first_and_is_told(tmp_path: Path) -> None:
    items = (
        ("1. 院级学生会组织主席团成员不超过 3 人。", "□是 ☑否", ""),
        ("2. 工作人员为共产党员或共青团员。", "□是 ☑否", ""),
        ("13. 每学期述职。", "□是 ☑否", ""),
        ("", "", ""),
    )
    reading = read(page(form_b(), after=second(*items)), "filing.html", tmp_path, B)
    assert conclusions(reading) == dict.fromkeys(typed.keys(B), "met")
    assert said(reading) == [("I-second-table-rows", "second_level/rows")]
    assert "3 行" in reading.findings[0].message()
    assert str(reading.places[reading.findings[0].at]) == "filing.html!第2个表格!第1行第1格"


def test_its_title_may_stand_in_a_row_of_the_same_table(tmp_path: Path) -> None:
    rows = [*form_b(), ["附：二级学院学生会自评表", "", ""], ["名称", "备注", ""], ["机电学院学生会", "", ""]]
    for data, name in ((page(rows), "filing.html"), (word(rows), "filing.docx")):
        reading = read(data, name, tmp_path, B)
        assert reading.record is not None
        assert reading.record.values["second_level"] == {"organisations": [{"name": "机电学院学生会"}]}
        assert said(reading) == []


@pytest.mark.parametrize(
    "title", ["校级学生会组织自评表", "附件：1. 校级学生会组织自评表 2. 二级学生会组织自评表", "二级学生会组织数量"]
)
def test_a_title_above_the_first_table_takes_nothing_away_from_it(title: str, tmp_path: Path) -> None:
    reading = read(page(form_b(), before=f"<p>{title}</p>"), "filing.html", tmp_path, B)
    assert conclusions(reading) == dict.fromkeys(typed.keys(B), "met")
    assert said(reading) == []


def test_a_list_below_the_title_that_names_nobody_is_told(tmp_path: Path) -> None:
    rows = (("名称", "备注"), ("", "无"), ("名称", "备注"), ("机电学院学生会", ""))
    reading = read(page(form_b(), after=second(*rows)), "filing.html", tmp_path, B)
    assert reading.record is not None
    assert reading.record.values["second_level"]["organisations"] == [{"name": "机电学院学生会"}]
    assert said(reading) == [("I-second-table-rows", "second_level/rows")]
