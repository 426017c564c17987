"""Forms that schools have drawn themselves, laid out in other ways: read, or refused clearly; never one for another."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from formgen import forms, intake
from formgen.intake import Reading
from typed_forms import page, said, word

CANDIDATE = forms.catalogue().edition("candidate_registration", date(2020, 11, 18))


def read(rows: list[list[str]], folder: Path, *, as_page: bool = False) -> Reading:
    name = "01.html" if as_page else "01.docx"
    path = folder / name
    path.write_bytes(page(rows) if as_page else word(rows))
    return intake.read(path, name, CANDIDATE, "01")


def values(reading: Reading) -> dict[str, Any]:
    assert reading.record is not None
    found: dict[str, Any] = reading.record.values
    return found


def told(reading: Reading) -> list[tuple[str, str]]:
    return [entry for entry in said(reading) if entry[0] != "I-field-unreadable"]


OWN = [
    ["姓　　名：", "王静", "性 别：", "女", "出 生 年月", "2001.05", "照 片"],
    ["民族:", "汉族", "政治 面貌", "共青团员", "学号（必填）", "2019010101"],
    ["所在院系", "机电工程系", "专业班级", "数控1901班", "手机号码", "13800000000"],
    ["竞选职位", "主席团成员", "", "", "宿舍", "3-201"],
    ["工作经历", "2019.9-2020.6 数控1901班 班长"],
    ["院团总支意见", "同意推荐　签字：李四　（盖章）　2020年11月8日"],
]


@pytest.mark.parametrize("as_page", [False, True])
def test_labels_with_spaces_colons_hints_and_other_words_are_found(tmp_path: Path, *, as_page: bool) -> None:
    reading = read(OWN, tmp_path, as_page=as_page)
    assert values(reading) == {
        "name": "王静",
        "gender": "女",
        "birth": "2001-05",
        "ethnicity": "汉族",
        "political_status": "共青团员",
        "student_number": "2019010101",
        "college": "机电工程系",
        "class": "数控1901班",
        "phone": "13800000000",
        "desired_post": "主席团成员",
        "experience": [{"start": "2019-09", "end": "2020-06", "unit": "数控1901班", "post": "班长"}],
    }
    assert told(reading) == []


def test_an_opinion_with_another_label_is_nobodys_and_not_everybodys(tmp_path: Path) -> None:
    reading = read(OWN, tmp_path)
    assert "opinions" not in values(reading)
    unread = [entry for entry in said(reading) if entry[1].startswith("opinions")]
    assert unread == [("I-field-unreadable", "opinions")]


def test_what_has_no_place_is_told_by_the_group_that_it_belongs_to(tmp_path: Path) -> None:
    reading = read([*OWN, ["学院团组织意见", "同意推荐。\n签字：李明\t（盖章）\n2020年11月3日"]], tmp_path)
    told = [entry.message() for entry in reading.findings if entry.at.pointer[:1] == ("opinions",)]
    assert [text.split("“")[1].split("”")[0] for text in told] == [
        "推荐与审查意见 · 学院党组织意见",
        "推荐与审查意见 · 学生工作部门意见",
        "推荐与审查意见 · 校团委意见",
        "推荐与审查意见 · 校党委意见",
    ]


def test_a_list_whose_place_is_not_found_is_told_once(tmp_path: Path) -> None:
    reading = read([row for row in OWN if row[0] != "工作经历"], tmp_path)
    assert [entry for entry in said(reading) if "experience" in entry[1]] == [("I-field-unreadable", "experience")]


def test_lines_that_are_not_understood_are_told_and_an_empty_cell_is_empty(tmp_path: Path) -> None:
    other = [*OWN[:4], ["工作经历", "一直担任班长"]]
    reading = read(other, tmp_path)
    assert ("experience" in values(reading), told(reading)) == (False, [("I-lines-unclear", "experience")])
    for nothing in ("", "无"):
        reading = read([*OWN[:4], ["工作经历", nothing]], tmp_path)
        assert ("experience" in values(reading), told(reading)) == (False, [])


def test_the_forms_of_two_people_in_one_file_are_refused_and_never_mixed(tmp_path: Path) -> None:
    other = [[*row] for row in OWN]
    other[0][1], other[0][3], other[1][5] = "李明", "男", "2019010102"
    reading = read([*OWN, *other], tmp_path)
    assert (reading.record, said(reading)) == (None, [("I-several-forms", "")])


def test_labels_above_their_fields_are_no_list_of_people(tmp_path: Path) -> None:
    above = [
        ["姓名", "性别", "民族", "学院", "班级"],
        ["王静", "女", "汉族", "机电", "一班"],
        ["政治面貌", "学号", "年级", "专业", "联系电话"],
        ["团员", "1", "19级", "数控", "138"],
    ]
    reading = read(above, tmp_path)
    assert (reading.record, said(reading)) == (None, [("I-form-not-found", "")])
