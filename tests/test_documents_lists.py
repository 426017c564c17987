"""A list that was handed in as a Word file or a page is read as a workbook is; its cells have the document's names."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formgen import cli, forms, intake, submission
from formgen.intake import Reading
from office import docx, paragraph, run
from typed_forms import cell, page, said

ON = date(2020, 11, 18)
STAFF = forms.catalogue().edition("staff_list", ON)
CANDIDATE = forms.catalogue().edition("candidate_registration", ON)
HEADINGS = ("序号", "姓 名", "党团身份", "所在院（系）", "年级", "排名", "有无不及格科目", "职务", "备注")
PEOPLE = (
    ("1", "王　静", "团员", "机电系", "19级", "3/45", "无", "学生会主席团", ""),
    ("2", "李明", "中共党员", "机电系", "2020级", "", "无", "学习部部长", ""),
    ("3", "赵六", "团员", "", "20级", "", "无", "学习部干事", ""),
    ("4", "孙七", "群众", "财经系", "19级", "15%", "无", "宣传部部长", "补"),
)


def table(*rows: tuple[str, ...], merged: dict[tuple[int, int], str] | None = None) -> str:
    """A Word table; ``merged`` are properties of cells by row and column, counted from 0."""
    made = ""
    for number, row in enumerate(rows):
        cells = (
            cell(paragraph(run(text)) if text else "<w:p/>", (merged or {}).get((number, column), ""))
            for column, text in enumerate(row)
        )
        made += f"<w:tr>{''.join(cells)}</w:tr>"
    return f"<w:tbl>{made}</w:tbl>"


def read(body: str | bytes, folder: Path, edition: forms.Edition = STAFF, name: str = "名单.docx") -> Reading:
    path = folder / name
    path.write_bytes(docx(f"{body}<w:p/>") if isinstance(body, str) else body)
    return intake.read(path, name, edition, path.stem if edition.many else None)


def members(reading: Reading) -> list[dict[str, Any]]:
    assert reading.record is not None
    found: list[dict[str, Any]] = reading.record.values["members"]
    return found


DOWN = {(2, 3): '<w:vMerge w:val="restart"/>', (3, 3): "<w:vMerge/>"}


def test_a_list_in_a_word_table_is_read_by_headings_and_aliases_with_merged_cells_filled_down(tmp_path: Path) -> None:
    reading = read(paragraph(run("工作人员名单")) + table(HEADINGS, *PEOPLE, merged=DOWN), tmp_path)
    assert said(reading) == []
    first, _, third, fourth = members(reading)
    assert first == {
        "serial": 1, "name": "王静", "political_status": "共青团员", "college": "机电系", "grade": 2019,
        "rank": {"text": "3/45", "kind": "fraction", "value": 3, "of": 45}, "failed_course": False,
        "experience": "学生会主席团", "role": "主席团成员",
    }  # fmt: skip
    assert (third["college"], third["department"], third["role"]) == ("机电系", "学习部", "干事")
    assert fourth["remark"] == "补"
    assert reading.record is not None
    find = reading.record.origins.find
    assert str(find(("members", 0, "name"))) == "名单.docx!第1个表格!第2行第2格"
    assert str(find(("members", 2, "college"))) == "名单.docx!第1个表格!第3行第4格"  # the cell that is merged
    assert str(find(("members", 2, "role"))) == "名单.docx!第1个表格!第4行第7格"
    assert find(("members", 0, "name")).text == "王　静"


@pytest.mark.parametrize("again", [(), (HEADINGS,)])
def test_a_list_that_a_page_break_has_cut_into_tables_is_one_list(
    again: tuple[tuple[str, ...], ...], tmp_path: Path
) -> None:
    reading = read(table(HEADINGS, *PEOPLE[:2]) + "<w:p/>" + table(*again, *PEOPLE[2:]), tmp_path)
    assert [member["name"] for member in members(reading)] == ["王静", "李明", "赵六", "孙七"]
    assert said(reading) == []
    assert reading.record is not None
    row = len(again) + 2
    assert str(reading.record.origins.find(("members", 3))) == f"名单.docx!第2个表格!第{row}行第1格"


def test_another_table_of_the_same_width_is_no_part_of_the_list(tmp_path: Path) -> None:
    other = tuple("甲乙丙丁戊己庚辛壬")
    reading = read(table(other) + "<w:p/>" + table(HEADINGS, *PEOPLE) + table(other), tmp_path)
    assert len(members(reading)) == 4
    assert str(reading.record.origins.find(("members", 0))) == "名单.docx!第2个表格!第2行第1格"  # type: ignore[union-attr]


def test_a_page_with_cells_over_rows_and_columns_is_read_alike(tmp_path: Path) -> None:
    rows = "".join(
        "<tr>" + "".join(f"<td{' rowspan=2' if (n, c) == (1, 3) else ''}>{text}</td>" for c, text in enumerate(row)
                         if (n, c) != (2, 3)) + "</tr>"
        for n, row in enumerate(PEOPLE)
    )  # fmt: skip
    heading = (
        "<tr><td colspan=9>工作人员名单</td></tr><tr>" + "".join(f"<th>{text}</th>" for text in HEADINGS) + "</tr>"
    )
    data = f"<meta charset=utf-8><table>{heading}{rows}<tr><td colspan=9>注：以上人员均已审核</td></tr></table>"
    reading = read(data.encode(), tmp_path, name="staff_list.html")
    assert [member["college"] for member in members(reading)] == ["机电系", "机电系", "机电系", "财经系"]
    assert said(reading) == []


def test_what_is_wrong_with_the_columns_is_said_with_their_numbers(tmp_path: Path) -> None:
    twice = tuple("姓名" if text == "备注" else text for text in HEADINGS)
    reading = read(table(twice, *PEOPLE), tmp_path)
    assert (reading.record, said(reading)[0]) == (None, ("I-duplicate-column", "members/name"))
    assert "2、9" in reading.findings[0].message()
    assert str(reading.places[reading.findings[0].at]) == "名单.docx!第1个表格!第1行第9格"
    fewer = table(HEADINGS[:5], *(row[:6] for row in PEOPLE))
    kinds = {kind for kind, _ in said(read(fewer, tmp_path))}
    assert {"I-missing-column", "I-untitled-column"} <= kinds


def test_a_table_of_candidates_gives_a_record_for_each_and_a_single_form_one(tmp_path: Path) -> None:
    headings = ("序号", "姓名", "性别", "民族", "学院", "班级", "政治面貌")
    people = (
        ("1", "王静", "女", "汉族", "机电系", "一班", "团员"),
        ("2", "李明", "男", "回族", "财经系", "二班", "团员"),
    )
    reading = read(table(headings, *people), tmp_path, CANDIDATE)
    assert [(record.id, record.values["name"]) for record in reading.records] == [("01", "王静"), ("02", "李明")]
    form = (("姓名", "王静", "性别", "女", "民族", "汉族"), ("学院", "机电系", "班级", "一班", "政治面貌", "团员"))
    reading = read(table(*form), tmp_path, CANDIDATE)
    assert [(record.id, record.values["class"]) for record in reading.records] == [("名单", "一班")]


def run_command(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([*map(str, arguments), "--as-of", "2020-11-18"])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_a_list_in_word_is_recognised_and_validated_and_read_by_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "机电系.docx"
    path.write_bytes(docx(table(HEADINGS, *PEOPLE) + "<w:p/>"))
    loaded = submission.load(path, as_of=ON)
    assert {form: len(records) for form, records in loaded.records.items()} == {"staff_list": 1}
    assert run_command("validate", path) == 1
    assert "机电系.docx!第1个表格!第5行第3格" in capsys.readouterr().out
    assert run_command("read", path) == 0
    assert json.loads(capsys.readouterr().out)["values"]["members"][0]["name"] == "王静"
    headings = ("序号", "姓名", "性别", "民族", "学院", "班级", "政治面貌")
    path.write_bytes(docx(table(headings, ("1", "王静", "女", "汉族", "机电系", "一班", "团员")) + "<w:p/>"))
    run_command("read", path)
    assert json.loads(capsys.readouterr().out)["records"][0]["record"] == "01"


def test_hidden_text_and_tracked_changes_of_a_list_are_told_too(tmp_path: Path) -> None:
    hidden = f"<w:p><w:ins>{run('x', '<w:rPr><w:vanish/></w:rPr>')}</w:ins></w:p>"
    reading = read(hidden + table(HEADINGS, *PEOPLE), tmp_path)
    assert said(reading) == [("I-hidden-text", "document/hidden"), ("I-changes-tracked", "document/revised")]


def test_an_empty_table_and_an_empty_page_hold_no_list(tmp_path: Path) -> None:
    assert said(read("<w:tbl/><w:tbl><w:tr/></w:tbl>", tmp_path)) == [("I-form-not-found", "")]
    assert said(read(page([[""]]), tmp_path, name="staff_list.html")) == [("I-form-not-found", "")]
