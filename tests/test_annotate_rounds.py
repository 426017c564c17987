"""A file that comes back: what changed since the last time; and the notes that are sent to the colleges."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from calling import Command
from formgen import resources
from office import Sheet, xlsx

HEADINGS = (
    "序号",
    "姓名",
    "政治面貌",
    "院系",
    "年级",
    "学习成绩综合排名",
    "是否存在课程不及格情况",
    "工作经历",
    "备注",
)
WORK = "2018年任数控1801班班长，现任学生会学习部干事"
Row = tuple[object, ...]


def person(serial: int, name: str, college: str = "机电系", **other: object) -> Row:
    """A row without faults, but for ``other`` values."""
    fields = {"status": "共青团员", "grade": "2018", "rank": "3/45", "failed": "否", "work": WORK, "remark": ""} | other
    return (
        serial,
        name,
        fields["status"],
        college,
        *(fields[key] for key in ("grade", "rank", "failed", "work", "remark")),
    )


def workbook(path: Path, *rows: Row) -> Path:
    """A staff list of these rows, its headings in the first."""
    cells: dict[str, Any] = {}
    for number, row in enumerate((HEADINGS, *rows), 1):
        cells |= {f"{column}{number}": value for column, value in zip("ABCDEFGHI", row, strict=True) if value != ""}
    path.write_bytes(xlsx({"名单": Sheet(cells)}))
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    rows = (
        person(1, "王静", status="党员"),
        person(2, "李强", rank=""),
        person(3, "张敏", "财经系", failed="是"),
        person(4, "赵磊", "财经系", grade="20级级"),
    )
    return workbook(tmp_path / "旧.xlsx", *rows)


def since(command: Command, old: Path, *rows: Row) -> tuple[str, list[list[Any]]]:
    """What is said of a new file with these rows beside the old one, and the list in its copy."""
    new = workbook(old.with_name("新.xlsx"), *rows)
    ended = command("annotate", new, "--since", old, "--as-of", "2020-12-01", "--force")
    assert ended.err == ""
    sheet = openpyxl.load_workbook(old.with_name("新.批注.xlsx")).worksheets[-1]
    return ended.out, [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]


def test_rows_that_moved_are_the_same_people_and_their_findings_the_same(command: Command, old: Path) -> None:
    moved = (
        person(1, "赵磊", "财经系", grade="20级级"),
        person(2, "张敏", "财经系", failed="是"),
        person(3, "李强", rank=""),
        person(4, "王静", status="党员"),
    )
    said, listed = since(command, old, *moved)
    assert "改动 0 处，增加 0 人，去掉 0 人；问题改好 0 项，新出现 0 项" in said
    assert {row[7] for row in listed[2:]} == {"仍未改"}
    assert listed[1][7] == "与上次相比"


def test_what_was_mended_is_told_and_what_is_new_is_marked(command: Command, old: Path) -> None:
    rows = (
        person(1, "王静", status="中共党员"),
        person(2, "李强", rank=""),
        person(3, "张敏", "财经系", status="群众"),
        person(4, "赵磊", "财经系"),
    )
    said, listed = since(command, old, *rows)
    assert "  改动 C2 王静 政治面貌：党员 → 中共党员" in said
    assert "  改动 G4 张敏 是否存在课程不及格情况：是 → 否" in said
    assert "  改好 R85 王静" in said
    by_rule = {row[6]: row[7] for row in listed[2:]}
    assert by_rule["R14"] == "仍未改"
    assert by_rule["R10"] == "新出现"
    assert "与上次（旧.xlsx）相比" in listed[0][0]


def test_people_who_came_and_went_are_named(command: Command, old: Path) -> None:
    rows = (person(1, "王静", status="党员"), person(2, "李强", rank=""), person(3, "钱多", "财经系"), person(4, ""))
    said, _ = since(command, old, *rows)
    assert "增加 1 人，去掉 1 人" in said
    assert "  增加 （没有姓名）" in said
    assert "  去掉 赵磊" in said
    assert "  增加 钱多" not in said  # the same serial number in the same college: a name that was corrected
    assert "  改动 B4 钱多 姓名：张敏 → 钱多" in said


def test_two_people_of_one_name_are_told_by_their_colleges(command: Command, old: Path) -> None:
    first = workbook(old.with_name("旧.xlsx"), person(1, "王静"), person(2, "王静", "财经系", rank="9/45"))
    said, _ = since(command, first, person(1, "王静", "财经系", rank="9/45"), person(2, "王静", rank="4/45"))
    assert "改动 1 处，增加 0 人，去掉 0 人" in said
    assert "3/45 → 4/45" in said


def test_a_finding_about_several_people_is_the_same_while_some_of_them_are_left(command: Command, old: Path) -> None:
    faulty = [person(number, f"王{number}", work="学生会学习部干事") for number in range(1, 5)]
    workbook(old, *faulty)
    mended = person(1, "王1", work=WORK)
    said, listed = since(command, old, mended, *faulty[1:])
    assert [row[7] for row in listed[2:] if row[6] == "R155"] == ["仍未改"]
    assert "改好 R155" not in said


def test_many_changes_are_counted(command: Command, old: Path) -> None:
    workbook(old, *(person(number, f"王{number}") for number in range(1, 25)))
    said, _ = since(command, old, *(person(number, f"王{number}", rank="4/45") for number in range(1, 25)))
    assert "改动 24 处" in said
    assert said.count("  改动 ") == 20
    assert "……另有 4 处" in said


def test_an_earlier_file_that_cannot_be_read_is_told(command: Command, old: Path) -> None:
    broken = old.with_name("坏.xlsx")
    broken.write_bytes(b"PK\x03\x04")
    ended = command("annotate", old, "--since", broken)
    assert ended.code == 1
    assert "坏.xlsx" in ended.err
    assert not old.with_name("旧.批注.xlsx").exists()


def test_changes_are_told_in_english(command: Command, old: Path) -> None:
    ended = command("annotate", old, "--since", old, "--lang", "en", "--as-of", "2020-12-01")
    assert "since the last time (旧.xlsx): 0 values changed" in ended.out


# --- notes -----------------------------------------------------------------------------------------------------------


def notes(command: Command, file: Path) -> list[str]:
    ended = command("annotate", file, "--note", "--as-of", "2020-12-01", "--force")
    return [part.strip() for part in ended.out.split("\n\n")[1:]]


def test_each_college_gets_a_note_about_its_own_people(command: Command, old: Path) -> None:
    first, second = notes(command, old)
    assert first.startswith("【机电系】您好，报来的《校级组织工作人员名单》（旧.xlsx）有")
    assert second.startswith("【财经系】")
    assert "C2 王静" in first
    assert "张敏" not in first
    assert "王静" not in second
    assert second.splitlines()[-1] == "位置和改法都标在附件“旧.批注.xlsx”里，改好后请直接发回这个附件。"


def test_what_concerns_several_colleges_names_to_each_its_own_people_only(command: Command, old: Path) -> None:
    rows = [
        person(number, f"王{number}", "甲系" if number < 3 else "乙系", work="学生会学习部干事")
        for number in range(1, 4)
    ]
    first, second = notes(command, workbook(old, *rows))
    [line] = [line for line in first.splitlines() if "学生工作经历只写了现任职务" in line]
    assert ("H2 王1、H3 王2" in line, "王3" in first) == (True, False)
    assert ("王3" in second, "王1" in second) == (True, False)


def test_the_note_on_a_single_colleges_list_has_what_is_said_of_the_whole(command: Command, old: Path) -> None:
    file = workbook(old, person(1, "王静", rank=""))
    book = openpyxl.load_workbook(file)
    book.worksheets[0].delete_cols(7)
    book.save(file)
    [note] = notes(command, file)
    assert note.startswith("【机电系】")
    assert "是否存在课程不及格情况" in note


def test_without_colleges_there_is_one_note(command: Command, old: Path) -> None:
    [note] = notes(command, workbook(old, person(1, "王静", "", rank=""), person(2, "李强", "", rank="")))
    assert note.startswith("您好")


def test_a_long_note_says_that_there_is_more(command: Command, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from formgen.annotation import notes as module

    monkeypatch.setattr(module, "_LINES", 1)
    monkeypatch.setattr(module, "_NAMED", 1)
    rows = [person(number, f"王{number}", rank="", status="群众") for number in range(1, 4)]
    [note] = notes(command, workbook(old, *rows))
    assert "等 3 处" in note
    assert "类问题见附件。位置和改法" in note


def test_what_is_unverified_because_a_row_says_too_little_is_for_the_college(command: Command, old: Path) -> None:
    rows = (
        person(1, "王静", "理学院", rank="第3名"),
        person(2, "李强", "理学院", failed=""),
        person(3, "赵云", "理学院", rank="14/45"),
    )
    demo = Path(__file__).parents[1] / "inputs/demo-2020"
    ended = command("annotate", workbook(old, *rows), "--note", "--dossier", demo, "--force")
    note = ended.out.split("\n\n")[1]
    assert "3 处请核对改正" in note
    lines = note.split("\n")
    assert lines[1].startswith("1. F4 赵云")
    assert any("F2 王静" in line and "第3名" in line for line in lines)
    assert any("G3 李强" in line for line in lines)
    assert "没有与其他表单" not in note  # which is for whoever has the lists of all


def test_nothing_to_correct_makes_no_note(command: Command, old: Path) -> None:
    ended = command("annotate", workbook(old, person(1, "王静")), "--note", "--as-of", "2020-12-01")
    assert "您好" not in ended.out


def test_a_note_names_who_is_meant_and_each_column_that_is_missing(command: Command, tmp_path: Path) -> None:
    headings = ("编号", "姓名", "性别", "民族", "出生年月", "政治面貌", "学号", "学院", "专业", "班级", "年级")
    row = (
        "01",
        "王静",
        "女",
        "汉族",
        "2000-03",
        "共青团员",
        "2018010101",
        "机电系",
        "数控技术",
        "数控1801班",
        "2018级",
    )
    cells = {
        f"{'ABCDEFGHIJK'[place]}{line}": text
        for line, texts in ((1, headings), (2, row))
        for place, text in enumerate(texts)
    }
    file = tmp_path / "候选人.xlsx"
    file.write_bytes(xlsx({"候选人": Sheet(cells)}))
    [note] = notes(command, file)
    assert "A2 王静：登记表还空着：照片" in note
    assert "表中没有“获奖情况”一栏" in note
    assert "1. 表中没有" in note or "2. 表中没有" in note


def test_a_value_that_follows_from_another_cell_is_told_once(command: Command, old: Path) -> None:
    workbook(old, person(1, "王静"))
    changed = "2018年任数控1801班班长，现任学生会宣传部部长"
    said, _ = since(command, old, person(1, "王静", work=changed))
    assert "改动 1 处" in said
    assert f"→ {changed}" in said


def test_what_is_said_of_the_whole_file_is_the_same_in_both(command: Command, old: Path) -> None:
    def without_remarks(path: Path) -> Path:
        book = openpyxl.load_workbook(path)
        book.worksheets[0].delete_cols(7)
        book.save(path)
        return path

    first = without_remarks(workbook(old, person(1, "王静")))
    new = without_remarks(workbook(old.with_name("新.xlsx"), person(1, "王静")))
    ended = command("annotate", new, "--since", first, "--as-of", "2020-12-01")
    assert "问题改好 0 项，新出现 0 项" in ended.out
    assert "是否存在课程不及格情况" in sheet_text(new.with_name("新.批注.xlsx"))


def sheet_text(path: Path) -> str:
    sheet = openpyxl.load_workbook(path).worksheets[-1]
    return "".join(str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_a_file_without_errors_ends_with_0_although_its_dossier_has_some(command: Command, tmp_path: Path) -> None:
    # It said that nothing was found, and ended with 1: a list of two people is not the 38 of the dossier.
    mended = workbook(tmp_path / "机电系.xlsx", person(1, "王静"), person(2, "李强", "文学院"))
    dossier = Path(__file__).parents[1] / "inputs/demo-2020"
    ended = command("annotate", mended, "--dossier", dossier)
    assert ended.code == 0, ended.out
    assert "不在这个文件里" in ended.out
    assert command("validate", mended, "--dossier", dossier).code == 1


def test_what_changed_is_told_for_programs_as_well(command: Command, old: Path) -> None:
    new = workbook(old.with_name("新.xlsx"), person(1, "王静"), person(2, "李强", rank=""), person(3, "赵云"))
    ended = command("annotate", new, "--since", old, "--as-of", "2020-12-01", "--format", "json")
    told = json.loads(ended.out)
    schema = json.loads((resources.folder("schemas") / "_annotation.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(told)) == []
    assert (told["since"]["added"], told["since"]["gone"]) == (["赵云"], ["张敏", "赵磊"])
    assert told["since"]["changed"] == [
        {
            "name": "王静",
            "field": "political_status",
            "before": "党员",
            "after": "共青团员",
            "sheet": "名单",
            "cell": "C2",
        }
    ]
    assert (
        dict(zip([each["rule"] for each in told["findings"]], told["since"]["findings"], strict=True))["R14"] == "open"
    )
    assert set(told["since"]["mended"]) == {"R12", "R85", "S-type"}


def test_a_note_gives_each_field_that_is_wrong_its_own_advice(command: Command, tmp_path: Path) -> None:
    headings = ("序号", "姓名", "政治面貌", "院系", "年级", "综合排名", "是否不及格", "工作经历", "备注")
    people = (("甲", "王静", "共青团员", "机电系", "大三", "3/45", "否", "班长"),)
    cells = {
        f"{'ABCDEFGHI'[place]}{line}": text
        for line, texts in enumerate((headings, *people), 1)
        for place, text in enumerate(texts)
    }
    file = tmp_path / "机电系.xlsx"
    file.write_bytes(xlsx({"名单": Sheet(cells)}))
    [note] = notes(command, file)
    advised = [line for line in note.splitlines() if "入学年份" in line]
    assert (len(advised), "E2 王静" in advised[0], "A2" in advised[0]) == (1, True, False)
