"""Bringing lists together: nothing is lost or changed, every row has its source, nobody's list stops the others'."""

import io
import json
import subprocess
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path, PurePath
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import making
from formgen import annotation, blanks, cli, intake, merging, resources, submission
from formgen.blanks import sheet, workbook
from formgen.errors import UsageError
from formgen.forms import catalogue
from formgen.intake import headings, limits
from formgen.merging import College, Colleges, Merged, gathering, telling, writing
from formgen.merging.cells import NotWritable, cells_of
from formgen.merging.duplicates import duplicates
from formgen.merging.gathering import Row, Sent
from formgen.merging.senders import sender
from formgen.record import Origin
from formgen.reports.tally import FailOn

STAFF = catalogue().edition("staff_list", date.max)
CANDIDATES = catalogue().edition("candidate_registration", date.max)
TABLE = headings.table(STAFF.schema) or pytest.fail("the staff list is no table")
SCHEMA = json.loads((resources.folder("schemas") / "_merger.schema.json").read_text("utf-8"))
COLUMNS = workbook.fields(TABLE)
BLANK = blanks.make(STAFF, ".xlsx", rows=5)
COLLEGES = Colleges(
    tuple(
        College(name, key)
        for name, key in (("信息工程学院", "xxgc"), ("信息学院", "xx"), ("机电系", "jd"), ("理学院", "lx"))
    )
)


def person(name: str, college: str | None = "信息工程学院", **more: Any) -> dict[str, Any]:
    given = {"name": name, "college": college, "political_status": "共青团员", "grade": "19级", "rank": "3/45"}
    return {**given, "failed_course": "否", "experience": "2019年任班长，现任学习部部长", **more}


def write(path: Path, *people: Mapping[str, Any]) -> Path:
    """A list as a college fills in the blank."""
    book = openpyxl.load_workbook(io.BytesIO(BLANK))
    for row, each in enumerate(people, start=sheet.FIRST):
        for column, key in enumerate(COLUMNS, start=1):
            cell = book.worksheets[0].cell(row, column)
            cell.value = each.get(key)
            if isinstance(cell.value, str):
                cell.data_type = "s"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def merge(*paths: Path, edition: Any = STAFF, colleges: Colleges = COLLEGES, output: Path = Path("out.xlsx")) -> Merged:
    return merging.merge(paths, edition, output, colleges, lambda total: None, lambda count: None)


def members(path: Path) -> list[dict[str, Any]]:
    """What is read from a list, without a finding."""
    reading = intake.read(path, path.name, STAFF, None)
    assert reading.findings == ()
    [record] = reading.records
    found: list[dict[str, Any]] = record.values["members"]
    return found


def saved(merged: Merged, path: Path) -> Path:
    assert merged.data is not None
    path.write_bytes(merged.data)
    return path


# --- what is written -------------------------------------------------------------------------------------------------


def test_the_merged_list_holds_everybody_as_they_were_numbered_anew(tmp_path: Path) -> None:
    one = write(tmp_path / "甲.xlsx", person("王小明", serial=7, rank="前15%"), person("李四", grade=2020, rank=None))
    two = write(tmp_path / "乙.xlsx", person("赵六", serial=1, level="本科", role="副部长", department="宣传部"))
    everybody = [*members(one), *members(two)]
    path = saved(merge(one, two), tmp_path / "全校.xlsx")
    assert members(path) == [{**each, "serial": number} for number, each in enumerate(everybody, start=1)]


def test_it_is_recognised_and_judged_as_a_list_like_any_other(tmp_path: Path) -> None:
    path = saved(merge(write(tmp_path / "甲.xlsx", person("王小明"))), tmp_path / "全校.xlsx")
    dossier = submission.load(path)
    assert list(dossier.records) == ["staff_list"]
    assert [finding.kind.id for finding in dossier.findings] == ["I-no-dossier"]


def test_each_row_says_from_which_cell_of_which_file_it_came(tmp_path: Path) -> None:
    files = [
        write(tmp_path / "信息工程学院.xlsx", person("王小明"), person("李四")),
        write(tmp_path / "名单.xlsx", person("赵六", college=None)),
    ]
    merged = merge(*files)
    sources = openpyxl.load_workbook(io.BytesIO(merged.data or b""))[writing.SOURCES]
    title = STAFF.title
    parent = tmp_path.name
    assert [tuple(cell.value for cell in row) for row in sources.iter_rows()] == [
        ("名单行号", "姓名", "报送单位", "文件", "工作表", "原位置"),
        (4, "王小明", "信息工程学院", f"{parent}/信息工程学院.xlsx", title, "A4"),
        (5, "李四", "信息工程学院", f"{parent}/信息工程学院.xlsx", title, "A5"),
        (6, "赵六", None, f"{parent}/名单.xlsx", title, "A4"),
    ]


def test_values_stand_as_the_form_prints_them_and_a_text_never_becomes_a_formula(tmp_path: Path) -> None:
    odd = ["=1+1", "+86", "-", "@某"]
    path = write(tmp_path / "甲.xlsx", *(person(f"王{number}", remark=text) for number, text in enumerate(odd)))
    target = openpyxl.load_workbook(io.BytesIO(merge(path).data or b"")).worksheets[0]
    keys = [key for key in COLUMNS if key not in TABLE.optional]
    shown = dict(zip(keys, target[sheet.FIRST], strict=True))
    assert shown["serial"].value == 1
    assert (shown["grade"].value, shown["failed_course"].value, shown["rank"].value) == ("19级", "否", "3/45")
    remarks = [target.cell(row, keys.index("remark") + 1) for row in range(sheet.FIRST, sheet.FIRST + len(odd))]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in remarks] == [(text, "s", True) for text in odd]


def test_columns_that_are_not_on_the_paper_are_there_only_if_somebody_filled_them_in(tmp_path: Path) -> None:
    plain = merge(write(tmp_path / "甲.xlsx", person("王小明")))
    headed = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(plain.data or b"")).worksheets[0][3]]
    assert headed == [field.title for key, field in COLUMNS.items() if key not in TABLE.optional]
    more = merge(write(tmp_path / "乙.xlsx", person("王小明", level="本科")))
    assert "学历层次" in [cell.value for cell in openpyxl.load_workbook(io.BytesIO(more.data or b"")).worksheets[0][3]]


def test_what_is_derived_is_not_written_down_so_that_a_correction_counts(tmp_path: Path) -> None:
    derived = {"experience": "现任学习部部长", "role": "部长", "department": "学习部"}
    assert cells_of(derived, {}, COLUMNS, TABLE) == {"experience": "现任学习部部长"}
    given = {"experience": "现任学习部部长", "role": "副部长", "department": "宣传部"}
    assert cells_of(given, {}, COLUMNS, TABLE) == given


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    files = [write(tmp_path / f"{name}.xlsx", person(name)) for name in ("甲", "乙")]
    assert merge(*files).data == merge(*files).data


def test_the_list_can_be_edited_and_keeps_its_checks(tmp_path: Path) -> None:
    target = openpyxl.load_workbook(
        io.BytesIO(merge(write(tmp_path / "甲.xlsx", person("王"))).data or b"")
    ).worksheets[0]
    assert not target.protection.sheet
    assert target.data_validations.dataValidation
    assert target.print_title_rows == "$3:$3"


def test_a_table_of_candidates_is_merged_too_with_their_experience_as_it_was_written(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(blanks.make(CANDIDATES, ".xlsx", rows=3)))
    columns = workbook.fields(headings.table(CANDIDATES.schema) or pytest.fail("no table"))
    said = {
        "name": "王小明",
        "experience": "2018.09-2019.09 数控1801班 班长\n2019.09至今 学习部 部长",
        "birth": "2001-05",
    }
    for column, key in enumerate(columns, start=1):
        book.worksheets[0].cell(sheet.FIRST, column).value = said.get(key)
    book.save(tmp_path / "甲.xlsx")
    book.save(tmp_path / "乙.xlsx")
    merged = merge(tmp_path / "甲.xlsx", tmp_path / "乙.xlsx", edition=CANDIDATES)
    path = saved(merged, tmp_path / "全部.xlsx")
    reading = intake.read(path, path.name, CANDIDATES, None)
    assert [record.id for record in reading.records] == ["01", "02"]
    [before] = intake.read(tmp_path / "甲.xlsx", "甲.xlsx", CANDIDATES, None).records
    assert [record.values for record in reading.records] == [before.values] * 2
    assert before.values["experience"][1]["end"] == "至今"


@settings(max_examples=15)
@given(st.lists(making.values(TABLE.item), min_size=1, max_size=12))
def test_any_value_is_written_so_that_it_is_read_back_or_not_at_all(tmp_path_factory: Any, rows: list[Any]) -> None:
    written = []
    for drawn in rows:
        values, cells = {**drawn, "name": "王小明"}, None
        while cells is None:
            try:
                cells = cells_of(values, {}, COLUMNS, TABLE)
            except NotWritable as error:  # a text of blanks, a rank whose numbers are not its text's
                del values[error.key]
        written.append((values, cells))
    row = [Row(values, Origin("甲.xlsx"), cells) for values, cells in written]
    each = Sent(Path("甲.xlsx"), PurePath("甲.xlsx"), "甲.xlsx", tuple(row), (), read=True)
    data = writing.workbook_of(STAFF, TABLE, [(each, merging.Sender(None))])
    path = tmp_path_factory.mktemp("any") / "全校.xlsx"
    path.write_bytes(data)
    expected = [{**values, "serial": number} for number, (values, _) in enumerate(written, start=1)]
    found = intake.read(path, path.name, STAFF, None).records[0].values["members"]
    assert [{key: each[key] for key in wanted} for each, wanted in zip(found, expected, strict=True)] == expected


# --- which files -----------------------------------------------------------------------------------------------------


def test_a_folder_stands_for_all_lists_in_it_and_says_what_it_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "收件"
    write(folder / "乙.xlsx", person("乙"))
    write(folder / "机电系" / "名单.xlsx", person("甲", college=None))
    write(folder / "~$乙.xlsx", person("锁"))
    write(folder / "_旧" / "丙.xlsx", person("旧"))
    (folder / "扫描.pdf").write_bytes(b"%PDF")
    (folder / "空白.xlsx").write_bytes(BLANK)
    merged = merge(folder)
    assert [(each.label, sent.college and sent.college.name) for each, sent in merged.sent] == [
        ("收件/乙.xlsx", "信息工程学院"),
        ("收件/机电系/名单.xlsx", "机电系"),
    ]
    assert [name.as_posix() for name in merged.passed_over] == ["收件/扫描.pdf", "收件/空白.xlsx"]


def test_a_copy_that_we_annotated_is_not_taken_for_a_list_that_somebody_sent(tmp_path: Path) -> None:
    path = write(tmp_path / "收件" / "甲.xlsx", person("王小明"))
    code = run_quietly("annotate", path)
    assert code in (0, 1)
    assert len(list(path.parent.iterdir())) == 2
    assert len(merge(path.parent).sent) == 1
    assert annotation.__doc__


def test_a_file_named_twice_is_taken_once_and_the_result_itself_never(tmp_path: Path) -> None:
    path = write(tmp_path / "甲.xlsx", person("王小明"))
    output = saved(merge(path), tmp_path / "全校.xlsx")
    merged = merge(tmp_path, path, output=output)
    assert [each.path for each, _ in merged.sent] == [path]


@pytest.mark.parametrize("given", ["folder", "file"])
def test_a_list_that_somebody_sent_is_never_overwritten_even_by_force(
    given: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "甲.xlsx", person("王小明"))
    before = path.read_bytes()
    assert run_quietly("merge", tmp_path if given == "folder" else path, "-o", path, "--force") == 2
    assert "覆盖" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_lists_of_other_programs_are_taken_too(tmp_path: Path) -> None:
    titles = [field.title for key, field in COLUMNS.items() if key not in TABLE.optional]
    row = ["1", "周九", "共青团员", "理学院", "2020级", "", "无", "2020年任班长，现任文体部干事", "=1+1"]
    text = "\r\n".join(",".join(cells) for cells in (titles, row))
    path = tmp_path / "理学院.csv"
    path.write_bytes(text.encode("gb18030"))
    merged = merge(path)
    [(each, sent)] = merged.sent
    assert (len(each.rows), sent.college and sent.college.name) == (1, "理学院")
    [found] = members(saved(merged, tmp_path / "全校.xlsx"))
    assert (found["name"], found["grade"], found["failed_course"], found["remark"]) == ("周九", 2020, False, "=1+1")


def test_a_file_too_large_to_be_opened_is_refused_by_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "甲.xlsx", person("王小明"))
    monkeypatch.setattr(limits, "TABLE_BYTES", 1000)
    [(each, _)] = merge(tmp_path).sent
    assert [problem.finding.kind.name for problem in each.problems] == ["too-large"]


def test_files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "机电系" / "名单.xlsx", person(folder)) for folder in ("一", "二")]
    labels = [each.label for each, _ in merge(*paths).sent]
    assert labels == [path.as_posix() for path in paths]


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        merge(tmp_path / "无.xlsx")


# --- what is wrong with one file -------------------------------------------------------------------------------------


def test_one_bad_file_is_named_with_its_finding_and_never_stops_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "坏.xlsx"
    bad.write_bytes(b"PK\x03\x04")
    merged = merge(bad, write(tmp_path / "好.xlsx", person("王小明")))
    [broken, good] = [each for each, _ in merged.sent]
    assert not broken.read
    assert [problem.finding.kind.id for problem in broken.problems] == ["I-package"]
    assert (good.read, len(good.rows)) == (True, 1)
    assert telling.reaches(merged, FailOn.ERROR)
    assert members(saved(merged, tmp_path / "全校.xlsx"))[0]["name"] == "王小明"


def test_a_link_and_a_single_form_are_no_lists(tmp_path: Path) -> None:
    write(tmp_path / "甲.xlsx", person("王小明"))
    (tmp_path / "收件").mkdir()
    (tmp_path / "收件" / "链接.xlsx").symlink_to(tmp_path / "甲.xlsx")
    [(linked, _)] = merge(tmp_path / "收件").sent
    assert [problem.finding.kind.name for problem in linked.problems] == ["outside"]
    form = tmp_path / "01.json"
    form.write_text('{"name": "王小明"}', "utf-8")
    [(single, _)] = merge(form, edition=CANDIDATES).sent
    assert [problem.finding.kind.name for problem in single.problems] == ["format"]
    assert not single.read


def test_a_value_that_no_cell_can_hold_keeps_its_file_out_and_is_named(tmp_path: Path) -> None:
    path = tmp_path / "甲.json"
    path.write_text(json.dumps({"members": [{"name": "王小明", "experience": ["班长"]}]}), "utf-8")
    [(each, _)] = merge(path).sent
    [problem] = [problem for problem in each.problems if problem.finding.kind is gathering.NOT_WRITABLE]
    assert problem.finding.message("zh") == "“院系、班级学生工作经历”的内容写不进名单的格子"
    assert (each.read, each.rows) == (False, ())
    with pytest.raises(NotWritable, match="unknown"):
        cells_of({"unknown": "x"}, {}, COLUMNS, TABLE)


def test_a_json_list_is_merged_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "甲.json"
    people = [{"name": "王小明", "grade": 2019, "failed_course": False}, "no row"]
    path.write_text(json.dumps({"members": people}, ensure_ascii=False), "utf-8")
    merged = merge(path)
    assert members(saved(merged, tmp_path / "全校.xlsx")) == [{**people[0], "serial": 1}]  # type: ignore[dict-item]
    odd = tmp_path / "乙.json"
    odd.write_text('{"members": 3}', "utf-8")
    assert merge(odd).data is None


def test_more_rows_than_can_be_read_back_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "甲.xlsx", person("王"), person("李"))
    sent = gathering.read(path, PurePath("甲.xlsx"), "甲.xlsx", STAFF, TABLE)
    monkeypatch.setattr(gathering, "read", lambda *_: sent)
    monkeypatch.setattr(limits, "CELLS", len(TABLE.fields) + 2)
    with pytest.raises(UsageError, match="2 rows"):
        merge(path)


def test_what_is_no_list_cannot_be_merged(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no list"):
        merge(tmp_path, edition=catalogue().edition("charter", date.max))


# --- who sent --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "college"),
    [
        ("信息工程学院.xlsx", "信息工程学院"),
        ("附件1-信息工程学院名单.xlsx", "信息工程学院"),
        ("青川大学信息工程学院学生会工作人员.xlsx", "信息工程学院"),
        ("信息工程系.xlsx", "信息工程学院"),
        ("校级组织工作人员名单信息工程学院.xlsx", "信息工程学院"),
        ("信息工程（定稿）.xlsx", "信息工程学院"),
        ("XXGC_2020.xlsx", "信息工程学院"),
        ("信息学院2020.xlsx", "信息学院"),
        ("机电学院.xlsx", "机电系"),
        ("理学院.xlsx", "理学院"),
        ("机电系/名单.xlsx", "机电系"),
        ("收件/机电系/信息学院.xlsx", "信息学院"),
        # No guesses: another name, a longer one, a name of one character without its suffix.
        ("电子信息学院.xlsx", None),
        ("信息工程学院士班.xlsx", None),
        ("理学系.xlsx", None),
        ("新名单.xlsx", None),
        ("", None),
    ],
)
def test_a_sender_is_known_by_the_name_of_the_file_or_its_folder_and_never_guessed(
    name: str, college: str | None
) -> None:
    found = sender(PurePath(name), [], COLLEGES)
    assert (found.college and found.college.name) == college
    assert found.candidates == ()


def test_a_name_that_fits_two_colleges_is_no_sender() -> None:
    found = sender(PurePath("机电系、理学院.xlsx"), ["机电系"], COLLEGES)
    assert found.college is None
    assert [college.name for college in found.candidates] == ["机电系", "理学院"]


@pytest.mark.parametrize(
    ("rows", "college"),
    [
        (["信息工程学院", "信息工程系"], "信息工程学院"),
        (["xxgc"], "信息工程学院"),
        (["信息工程学院", "理学院"], None),
        (["信息工程学院", None], None),
        (["电子系"], None),
        ([], None),
    ],
)
def test_a_file_without_a_telling_name_is_known_by_the_college_of_everybody_in_it(
    rows: Sequence[str | None], college: str | None
) -> None:
    found = sender(PurePath("名单.xlsx"), rows, COLLEGES)
    assert (found.college and found.college.name) == college


def test_a_name_that_the_rows_contradict_is_said() -> None:
    found = sender(PurePath("理学院.xlsx"), ["机电系"], COLLEGES)
    assert (found.college and found.college.name, found.contradicted) == ("理学院", "机电系")


def test_colleges_that_differ_by_their_suffix_only_are_told_apart_by_it() -> None:
    both = Colleges((College("机电学院", "a1"), College("机电系", "b1")))
    assert [college.name for college in both.within("机电系")] == ["机电系"]
    assert both.within("机电") == ()
    assert both.named("机电") is None


def test_a_key_that_may_stand_for_anything_names_no_college() -> None:
    numbered = Colleges((College("理学院", "1"), College("机电系", "b")))
    assert numbered.within("名单-1") == numbered.within("b-2020") == ()
    assert numbered.named("1") == College("理学院", "1")


def test_colleges_are_read_from_a_dossier_whatever_it_holds() -> None:
    listed = [{"key": "a", "name": "甲系"}, {"key": "b"}, {"name": 3, "key": "c"}, "d", {"name": "", "key": ""}]
    assert merging.colleges_of({"colleges": listed}).all == (College("甲系", "a"),)
    assert merging.colleges_of({"colleges": 3}).all == merging.colleges_of(None).all == ()


def test_who_has_not_sent_is_said_and_an_unreadable_list_is_not_counted(tmp_path: Path) -> None:
    (tmp_path / "理学院.xlsx").write_bytes(b"")
    write(tmp_path / "机电系.xlsx")
    write(tmp_path / "信息学院.xlsx", person("王小明", college="信息学院"))
    merged = merge(tmp_path)
    assert [college.name for college in merged.waiting_for or ()] == ["信息工程学院", "理学院"]
    assert merge(tmp_path, colleges=Colleges(())).waiting_for is None


# --- who is in two lists ---------------------------------------------------------------------------------------------


def twice(one: dict[str, Any], other: dict[str, Any], *, apart: bool = True) -> list[tuple[bool, list[str]]]:
    rows = [Row(values, Origin(f"{number}.xlsx"), {}) for number, values in enumerate((one, other))]
    groups = [[rows[0]], [rows[1]]] if apart else [rows]
    sent = [Sent(Path(), PurePath(), "", tuple(group), (), read=True) for group in groups]
    return [(each.certain, [str(row.origin) for row in each.rows]) for each in duplicates(sent)]


PLACES = ["0.xlsx", "1.xlsx"]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"college": "理学院"}, {"college": "理学院"}, [(True, PLACES)]),
        ({"college": "理学院"}, {"college": "机电系"}, []),
        ({"college": "理学院"}, {}, [(False, PLACES)]),
        ({"college": "信息工程学院"}, {"college": "信息工程系"}, [(True, PLACES)]),
        ({"student_number": "1", "college": "理学院"}, {"student_number": "1", "college": "机电系"}, [(True, PLACES)]),
        ({"student_number": "1", "college": "理学院"}, {"student_number": "2", "college": "理学院"}, []),
        ({"student_number": "1", "college": "理学院"}, {"college": "理学院"}, [(True, PLACES)]),
    ],
)
def test_a_name_in_two_files_is_one_person_if_number_or_college_agree(
    one: dict[str, Any], other: dict[str, Any], found: list[tuple[bool, list[str]]]
) -> None:
    assert twice({"name": "王小明", **one}, {"name": "王 小明", **other}) == found


def test_a_doubt_is_told_apart_from_those_who_are_certainly_one_person() -> None:
    colleges: list[dict[str, Any]] = [{"college": "理学院"}, {"college": "机电系"}, {"college": "理学院"}, {}]
    rows = [Row({"name": "王小明", **each}, Origin(f"{number}"), {}) for number, each in enumerate(colleges)]
    sent = [Sent(Path(), PurePath(), "", (row,), (), read=True) for row in rows]
    found = [(each.certain, [str(row.origin) for row in each.rows]) for each in duplicates(sent)]
    assert found == [(True, ["0", "2"]), (False, ["0", "2", "1", "3"])]


def test_other_names_and_two_rows_of_one_file_are_nobody_twice() -> None:
    assert twice({"name": "王小明"}, {"name": "李四"}) == []
    assert twice({"name": "王小明", "college": "甲"}, {"name": "王小明", "college": "甲"}, apart=False) == []
    assert twice({"college": "甲"}, {"name": 3, "college": "甲"}) == []


# --- the command -----------------------------------------------------------------------------------------------------


def run_quietly(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    return int(str(ended.value.code))


@pytest.fixture
def school(tmp_path: Path) -> Path:
    """A dossier with two colleges."""
    folder = tmp_path / "案卷"
    folder.mkdir()
    colleges = [{"key": name, "name": name} for name in ("理学院", "机电系")]
    head = {"organisation": {"name": "青禾职业学院"}, "filing_date": "2020-12-04", "colleges": colleges}
    (folder / "dossier.json").write_text(json.dumps(head, ensure_ascii=False), "utf-8")
    return folder


def test_the_command_says_what_it_wrote_who_is_missing_and_who_is_in_two_lists(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, output = tmp_path / "收件", tmp_path / "staff_list.xlsx"
    write(folder / "理学院.xlsx", person("王小明", college="理学院"), person("李四", college="机电系"))
    write(folder / "新.xlsx", person("王小明", college="理学院"), person("李四", college=None))
    write(folder / "机电系、理学院.xlsx")
    (folder / "坏.xlsx").write_bytes(b"PK")
    (folder / "图.png").write_bytes(b"")
    assert run_quietly("merge", folder, "-o", output, "--dossier", school) == 1
    printed = capsys.readouterr()
    sheet_name = STAFF.title
    assert printed.out.splitlines() == [
        f"{output}：4 人，来自 2 份报送件",
        "  收件/坏.xlsx：没有并入",
        "    收件/坏.xlsx: 工作簿打不开：这不是 .docx/.xlsx 文件（不是 zip 包）",
        "      → 请在 Excel 或 WPS 中打开，去掉密码，另存为 .xlsx",
        "  收件/新.xlsx：2 人，看不出是哪个学院报送的：请把文件名改成学院的全称",
        "  收件/机电系、理学院.xlsx：名单是空的，看不出是 理学院、机电系 中的哪一个",
        "  收件/理学院.xlsx：2 人，理学院",
        f"重复：王小明，收件/新.xlsx!{sheet_name}!A4；收件/理学院.xlsx!{sheet_name}!A4",
        f"可能重复：李四，收件/新.xlsx!{sheet_name}!A5；收件/理学院.xlsx!{sheet_name}!A5",
        "还没有报送（1）：机电系",
        "没有读取（不是表格，或是空白表、批注副本）：收件/图.png",
    ]
    assert printed.err == ""
    assert len(members(output)) == 4


def test_two_lists_of_one_college_are_said_and_of_many_duplicates_the_first(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "_SHOWN", 3)
    people = [person(f"王{number}", college="理学院") for number in range(5)]
    many = [*people, *({**each, "name": each["name"] + "甲"} for each in people)]
    files = [write(tmp_path / name, *many) for name in ("理学院.xlsx", "理学院2.xlsx")]
    assert run_quietly("merge", *files, "-o", tmp_path / "out.xlsx", "--dossier", school) == 1
    said = capsys.readouterr().out.splitlines()
    labels = "、".join(f"{tmp_path.name}/{name}" for name in ("理学院.xlsx", "理学院2.xlsx"))
    assert f"理学院 有 2 份报送件，请核实以哪一份为准：{labels}" in said
    assert len([line for line in said if line.startswith("重复：")]) == 3
    assert "还有 7 人重复或可能重复；--format json 列出全部" in said


def test_the_command_ends_with_0_when_everybody_has_sent_a_good_list(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [
        write(tmp_path / "理学院.xlsx", person("王小明", college="机电系")),
        write(tmp_path / "机电系.xlsx", person("李四", college="机电系")),
    ]
    output = tmp_path / "out.xlsx"
    arguments = ("merge", *files, "-o", output, "--dossier", school, "--lang", "en")
    assert run_quietly(*arguments) == 0
    printed = capsys.readouterr().out
    assert "理学院; but everybody in it belongs to '机电系'" in printed
    assert printed.endswith("every college has sent\n")
    assert run_quietly(*arguments, "--fail-on", "warning") == 1


def test_its_json_is_one_document_that_says_the_same(
    school: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "收件" / "理学院.xlsx", person("王小明", college="理学院"))
    write(tmp_path / "收件" / "机电系.xlsx", person("王小明", college="理学院"))
    (tmp_path / "收件" / "坏.xlsx").write_bytes(b"PK")
    output = tmp_path / "out.xlsx"
    assert run_quietly("merge", tmp_path / "收件", "-o", output, "--dossier", school, "--format", "json") == 1
    whole = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(SCHEMA)
    assert list(Draft202012Validator(SCHEMA).iter_errors(whole)) == []
    assert (whole["form"], whole["rows"], whole["output"]) == ("staff_list", 2, output.as_posix())
    assert [(each["file"], each["read"], each["sender"]) for each in whole["files"]] == [
        ("收件/坏.xlsx", False, None),
        ("收件/机电系.xlsx", True, "机电系"),
        ("收件/理学院.xlsx", True, "理学院"),
    ]
    assert whole["files"][0]["findings"][0]["rule"] == "I-package"
    assert whole["files"][1]["contradicted_by"] == "理学院"
    assert (whole["duplicates"][0]["name"], whole["duplicates"][0]["certain"]) == ("王小明", True)
    assert (whole["not_sent"], whole["not_read"]) == ([], [])


def test_its_json_has_nulls_for_what_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_quietly("merge", write(tmp_path / "空.xlsx"), "-o", tmp_path / "out.xlsx", "--format", "json") == 1
    whole = json.loads(capsys.readouterr().out)
    assert list(Draft202012Validator(SCHEMA).iter_errors(whole)) == []
    assert (whole["output"], whole["not_sent"], whole["files"][0]["sender"]) == (None, None, None)


def test_nothing_is_written_where_there_is_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_quietly("merge", write(tmp_path / "空.xlsx"), "-o", tmp_path / "out.xlsx") == 1
    assert capsys.readouterr().out == f"没有写出：没有一份名单里有人\n  {tmp_path.name}/空.xlsx：名单是空的\n"
    assert not (tmp_path / "out.xlsx").exists()


def test_a_list_that_somebody_has_edited_is_not_replaced_without_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write(tmp_path / "甲.xlsx", person("王小明"))
    output = tmp_path / "out.xlsx"
    assert run_quietly("merge", source, "-o", output) == 0
    ours = output.read_bytes()
    assert run_quietly("merge", source, "-o", output) == 0
    assert output.read_bytes() == ours
    write(output, person("改过"))
    assert run_quietly("merge", source, "-o", output) == 2
    assert "没有覆盖" in capsys.readouterr().err
    assert run_quietly("merge", source, "-o", output, "--force") == 0
    assert output.read_bytes() == ours


@pytest.mark.parametrize("name", ["out.csv", "out"])
def test_the_result_is_a_workbook(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_quietly("merge", write(tmp_path / "甲.xlsx", person("王")), "-o", tmp_path / name) == 2
    assert ".xlsx" in capsys.readouterr().err


@pytest.mark.office
def test_libreoffice_opens_the_merged_list_and_saves_it_so_that_it_is_read_as_the_same(tmp_path: Path) -> None:
    source = write(
        tmp_path / "甲.xlsx", person("王小明", remark="=1+1", rank="前15%"), person("买买提·艾山", level="本科")
    )
    path = saved(merge(source), tmp_path / "全校.xlsx")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = tmp_path / "saved"
    convert = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    subprocess.run([*convert, str(path)], check=True, capture_output=True, timeout=120)
    assert members(out / path.name) == members(path)
