"""Blank workbooks: all that is in them comes from the schema, and what a person fills in is read back."""

import io
import json
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from formgen import blanks, cli, forms, intake, opc, own_files, parameters, resources, rules, schema_checks
from formgen.blanks import guide, sheet, workbook
from formgen.blanks.fields import Entry, describe
from formgen.errors import UsageError
from formgen.findings import Address
from formgen.forms import Schema, catalogue
from formgen.intake import headings, spellings
from formgen.tags import split_path

STAFF = catalogue().edition("staff_list", date.max)
CANDIDATES = catalogue().edition("candidate_registration", date.max)
KEYS = workbook.fields(headings.table(STAFF.schema) or pytest.fail("the staff list is no table"))
PERSON = {
    "serial": 1,
    "name": "王小明",
    "political_status": "共青团员",
    "college": "信息工程学院",
    "grade": "19级",
    "rank": "3/45",
    "failed_course": "否",
    "experience": "2019年任软件1901班班长，现任学生会学习部部长",
}


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


def filled(data: bytes, *people: dict[str, Any]) -> bytes:
    """The blank as somebody fills it in: a row for each person."""
    book = opened(data)
    for row, person in enumerate(people, start=sheet.FIRST):
        for column, key in enumerate(KEYS, start=1):
            book.worksheets[0].cell(row, column).value = person.get(key)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def reading(path: Path) -> intake.Reading:
    return intake.read(path, path.name, STAFF, None)


def nodes(schema: Schema) -> Iterator[Schema]:
    """Every field of a schema, those inside of others too."""
    yield schema
    for child in schema.get("properties", {}).values():
        yield from nodes(child)
    if "items" in schema:
        yield from nodes(schema["items"])


EVERY_FIELD = [field for editions in catalogue().values() for e in editions for field in nodes(e.schema)]


# --- what is said of a field -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("keyword", ["x-examples", "x-offer"])
def test_what_a_schema_shows_as_an_entry_is_read_as_a_value_that_it_allows(keyword: str) -> None:
    shown = [(field, text) for field in EVERY_FIELD for text in field.get(keyword, ())]
    assert shown
    for field, text in shown:
        value = spellings.value(field, text)
        assert schema_checks.check(value, field, Address("staff_list")) == (), (field["title"], text)
        assert keyword != "x-offer" or value == text


def test_every_word_to_choose_from_is_read_as_the_value_that_it_stands_for() -> None:
    chosen = [field for field in EVERY_FIELD if "enum" in field or field.get("type") == "boolean"]
    assert chosen
    for field in chosen:
        wanted = [True, False] if field["type"] == "boolean" else field["enum"]
        assert [spellings.value(field, word) for word in describe(field).words] == wanted, field.get("title")


def test_a_choice_is_in_chinese_where_the_schema_knows_a_chinese_word_for_it() -> None:
    field = {"title": "结论", "type": "string", "enum": ["met", "open"], "x-spellings": {"met": ["符合", "达标"]}}
    assert describe(field).words == ("符合", "open")


@pytest.mark.parametrize(
    ("schema", "entry", "allowed"),
    [
        ({"type": "string", "format": "date", "x-typeset": "date", "pattern": "^[0-9-]+$"}, Entry.DATE, "年-月-日"),
        ({"type": "string", "x-typeset": "month", "pattern": "^[0-9-]+$"}, Entry.MONTH, "年-月"),
        ({"type": "string", "x-typeset": "month", "pattern": "^([0-9-]+|至今)$"}, Entry.TEXT, "文字"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, Entry.NUMBER, "1～9 的整数"),
        ({"type": "integer", "maximum": 10_000_000}, Entry.NUMBER, "整数"),
        ({"type": "integer", "x-read": "grade", "minimum": 1900, "maximum": 2999}, Entry.GRADE, "1900～2999 的整数"),
        ({"type": "string", "maxLength": 60}, Entry.TEXT, "文字，不超过 60 字"),
        ({"type": "string", "x-offer": ["甲", "乙"]}, Entry.OFFER, "可选：甲、乙；也可写别的"),
        ({"type": "boolean", "x-typeset": "yes_no"}, Entry.CHOICE, "只能选：是、否"),
    ],
)
def test_what_may_be_entered_follows_from_the_schema(schema: Schema, entry: Entry, allowed: str) -> None:
    field = describe({"title": "某栏", **schema})
    assert (field.entry, field.allowed) == (entry, allowed)


# --- the workbook ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def blank() -> bytes:
    return blanks.make(STAFF, ".xlsx", rows=40)


def test_its_headings_are_the_titles_of_the_schema_in_their_order(blank: bytes) -> None:
    target = opened(blank).worksheets[0]
    assert target["A1"].value == target.title == STAFF.title
    assert [cell.value for cell in target[sheet.HEADING_ROW]] == [field.title for field in KEYS.values()]


def test_only_the_rows_to_be_filled_in_can_be_changed_and_no_password_is_in_the_way(blank: bytes) -> None:
    target = opened(blank).worksheets[0]
    assert target.protection.sheet
    assert target.protection.password is None
    assert all(target.cell(row, 1).protection.locked for row in range(1, sheet.FIRST))
    rows = target.iter_rows(min_row=sheet.FIRST)
    assert {cell.protection.locked for row in rows for cell in row} == {False}
    assert target.max_row == sheet.HEADING_ROW + 40


def test_it_shows_a_hint_and_checks_the_entry_in_every_column(blank: bytes) -> None:
    target = opened(blank).worksheets[0]
    rules = {str(rule.sqref)[0]: rule for rule in target.data_validations.dataValidation}
    assert len(rules) == len(KEYS)
    for letter, field in zip(rules, KEYS.values(), strict=True):
        rule = rules[letter]
        assert str(rule.sqref) == f"{letter}{sheet.FIRST}:{letter}{target.max_row}"
        assert rule.showInputMessage
        assert rule.prompt.startswith(field.asked)
        assert (len(rule.prompt) <= 255, len(rule.promptTitle) <= 32, len(rule.error) <= 225) == (True, True, True)
        if field.words:
            assert rule.formula1 == f'"{",".join(field.words)}"'
            assert rule.showErrorMessage == (field.entry is Entry.CHOICE)


def test_what_excel_would_turn_into_a_date_is_entered_as_text(blank: bytes) -> None:
    target = opened(blank).worksheets[0]
    formats = {key: target.cell(sheet.FIRST, column).number_format for column, key in enumerate(KEYS, start=1)}
    assert formats["rank"] == formats["experience"] == "@"
    assert formats["serial"] == "0"


def test_it_prints_on_a4_landscape_with_the_headings_on_every_page_and_stay_on_the_screen(blank: bytes) -> None:
    target = opened(blank).worksheets[0]
    assert (target.page_setup.paperSize, target.page_setup.orientation) == (9, "landscape")
    assert target.print_title_rows == f"${sheet.HEADING_ROW}:${sheet.HEADING_ROW}"
    assert target.freeze_panes == f"A{sheet.FIRST}"


def test_the_guide_says_of_each_column_what_is_asked_and_what_is_allowed(blank: bytes) -> None:
    told = opened(blank)[guide.TITLE]
    rows = [[cell.value for cell in row] for row in told.iter_rows()]
    for field in KEYS.values():
        expected = [field.title, field.asked, field.hint or "照实填写", field.allowed, "、".join(field.examples)]
        assert expected in rows
    assert told.protection.sheet


def test_columns_that_are_not_on_the_paper_need_not_be_filled_in() -> None:
    assert {key for key, field in KEYS.items() if field.asked == "可不填"} == {"role", "department", "level"}
    assert KEYS["name"].asked == "必填"
    assert KEYS["rank"].asked == "一年级新生不填，其他人必填"


def test_a_registration_asks_for_what_its_rule_asks_for_and_for_nothing_else() -> None:
    asked = parameters.load().value("candidate.asked", date(2020, 11, 18))
    fields = {key: describe(schema) for key, schema in CANDIDATES.schema["properties"].items()}
    assert {key for key, field in fields.items() if field.asked == "必填"} == {"name", *asked}
    assert {field.asked for key, field in fields.items() if key not in {"name", *asked}} == {
        "可不填", "没有可不填", "由各级组织填写"
    }  # fmt: skip


def test_the_only_column_in_which_one_writes_that_there_is_nothing_is_the_one_of_which_a_rule_says_so(
    blank: bytes,
) -> None:
    assert {key for key, field in KEYS.items() if "写“无”" in field.asked} == {"experience"}
    [experience] = [rule for rule in rules.all_rules() if rule.id == "R155"]
    assert "没有经历的写“无" in experience.kind.hint.zh
    told = [str(row[0].value) for row in opened(blank)[guide.TITLE].iter_rows()]
    assert [note for note in told if "“无”" in note] == [
        "4. 没有的内容空着，不写“无”“／”“同上”；“是否必填”里说要写“无”的栏目除外。"
    ]


def test_the_same_form_gives_the_same_bytes(blank: bytes) -> None:
    assert blanks.make(STAFF, ".xlsx", rows=40) == blank
    assert opened(blanks.make(STAFF, ".xlsx")).worksheets[0].max_row == sheet.HEADING_ROW + workbook.ROWS


# --- for one school --------------------------------------------------------------------------------------------------


def school(*colleges: Any) -> dict[str, Any]:
    listed = [{"key": name, "name": name} if isinstance(name, str) else name for name in colleges]
    return {"organisation": {"name": "青禾职业学院"}, "colleges": listed}


def test_for_a_school_it_bears_the_name_and_offers_the_colleges() -> None:
    book = opened(blanks.make(STAFF, ".xlsx", rows=5, dossier=school("理学院", "机电系", "理学院", 3, {"key": "a"})))
    target = book.worksheets[0]
    assert target["A2"].value.startswith("青禾职业学院　一人一行")
    [rule] = [rule for rule in target.data_validations.dataValidation if str(rule.sqref) == "D4:D8"]
    assert (rule.formula1, rule.showErrorMessage) == ('"理学院,机电系"', False)
    assert "可选：理学院、机电系；也可写别的" in [cell.value for cell in book[guide.TITLE]["D"]]


def test_more_colleges_than_a_check_holds_stand_beside_the_guide(tmp_path: Path) -> None:
    names = [f"第{number}临床医学与护理学院" for number in range(1, 41)]
    data = blanks.make(STAFF, ".xlsx", rows=5, dossier=school(*names))
    book = opened(data)
    [rule] = [rule for rule in book.worksheets[0].data_validations.dataValidation if str(rule.sqref) == "D4:D8"]
    assert rule.formula1 == f"'{guide.TITLE}'!$G$2:$G$41"
    assert [cell.value for cell in book[guide.TITLE]["G"]][:41] == ["院系", *names]
    assert "可选：列表中的 40 个；也可写别的" in [cell.value for cell in book[guide.TITLE]["D"]]
    path = tmp_path / "名单.xlsx"
    path.write_bytes(filled(data, {**PERSON, "college": names[-1]}))
    assert reading(path).findings == ()


@pytest.mark.parametrize(
    "dossier", [{}, {"organisation": 3, "colleges": {}}, {"organisation": {"name": 3}, "colleges": [3]}]
)
def test_what_a_dossier_does_not_say_is_left_out(dossier: dict[str, Any]) -> None:
    assert blanks.make(STAFF, ".xlsx", rows=5, dossier=dossier) == blanks.make(STAFF, ".xlsx", rows=5)


def test_a_list_that_is_offered_stands_in_the_dossier() -> None:
    named = {field["x-offer-from"] for field in EVERY_FIELD if "x-offer-from" in field}
    assert named
    for path in named:
        assert (forms.field_schema(forms.dossier_schema(), split_path(path)[1:]) or {}).get("type") == "string", path


def test_excel_is_told_not_to_mark_texts_that_look_like_dates_and_numbers(blank: bytes) -> None:
    data = opc.read(blank, "").parts["xl/worksheets/sheet1.xml"]
    assert data.endswith(
        b'<ignoredErrors><ignoredError sqref="A1:L43" numberStoredAsText="1" twoDigitTextYear="1"/></ignoredErrors>'
        b"</worksheet>"
    )


# --- the way back ----------------------------------------------------------------------------------------------------


def test_an_empty_blank_is_read_as_a_list_of_nobody(blank: bytes, tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(blank)
    found = reading(path)
    assert found.findings == ()
    [record] = found.records
    assert record.values == {"members": []}


def test_a_filled_blank_is_read_without_a_finding(blank: bytes, tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(filled(blank, PERSON, {**PERSON, "serial": 2, "name": "李四", "grade": 2020, "rank": None}))
    found = reading(path)
    assert found.findings == ()
    [record] = found.records
    assert schema_checks.check(record.values, STAFF.schema, record.address) == ()
    first, second = record.values["members"]
    assert first["grade"] == 2019
    assert first["rank"] == {"text": "3/45", "kind": "fraction", "value": 3, "of": 45}
    assert first["failed_course"] is False
    assert (first["department"], first["role"]) == ("学习部", "部长")
    assert (second["name"], second["grade"], "rank" in second) == ("李四", 2020, False)


def test_a_row_of_examples_and_of_choices_is_read_without_a_finding(blank: bytes, tmp_path: Path) -> None:
    rows = [{key: (field.examples or field.words)[0] for key, field in KEYS.items()}]
    rows += [{**rows[0], key: word} for key, field in KEYS.items() for word in field.words]
    path = tmp_path / "名单.xlsx"
    path.write_bytes(filled(blank, *rows))
    found = reading(path)
    assert found.findings == ()
    [record] = found.records
    assert schema_checks.check(record.values, STAFF.schema, record.address) == ()


@pytest.mark.office
def test_a_blank_that_libreoffice_has_saved_keeps_its_checks_and_is_read_without_a_finding(
    blank: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "信息工程学院.xlsx"
    path.write_bytes(filled(blank, PERSON))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    out = tmp_path / "saved"
    convert = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    subprocess.run([*convert, str(path)], check=True, capture_output=True, timeout=120)
    found = reading(out / path.name)
    assert found.findings == ()
    [record] = found.records
    assert record.values["members"][0]["rank"]["text"] == "3/45"
    saved = openpyxl.load_workbook(out / path.name).worksheets[0]
    kinds = {rule.type for rule in saved.data_validations.dataValidation}
    assert kinds == {"whole", "list", "textLength", "custom"}
    assert saved.protection.sheet
    assert not own_files.is_untouched((out / path.name).read_bytes())


# --- cells -----------------------------------------------------------------------------------------------------------


def test_a_text_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    people = [{"name": text, "serial": 1, "college": "甲系"} for text in ("=1+1", "+86", "-", "@某")]
    content = sheet.Sheet(STAFF.title, "", KEYS, people, spare=0, locked=False)
    data = workbook.packed([("名单", lambda target: sheet.fill(target, content))])
    cells = [opened(data).worksheets[0].cell(row, 2) for row in range(sheet.FIRST, sheet.FIRST + 4)]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (person["name"], "s", True) for person in people
    ]


def test_values_stand_as_the_form_prints_them_and_numbers_as_numbers() -> None:
    rank = {"text": "前15%", "kind": "percent", "value": 15, "of": 100}
    values = {"serial": 7, "grade": 2019, "failed_course": True, "rank": rank, "name": "王小明", "remark": None}
    shown = {key: sheet.shown(KEYS[key], value) for key, value in values.items()}
    assert shown == {
        "serial": 7,
        "grade": "19级",
        "failed_course": "是",
        "rank": "前15%",
        "name": "王小明",
        "remark": "",
    }


def test_a_row_is_as_high_as_its_text_needs() -> None:
    people = [{"experience": "很长的经历" * 20}, {"experience": "短"}]
    content = sheet.Sheet(STAFF.title, "", KEYS, people, spare=0, locked=False)
    target = opened(workbook.packed([("名单", lambda page: sheet.fill(page, content))])).worksheets[0]
    assert target.row_dimensions[sheet.FIRST].height > 100
    assert target.row_dimensions[sheet.FIRST + 1].height is None


def test_choices_that_a_workbook_cannot_list_are_our_mistake() -> None:
    field = describe({"title": "某栏", "type": "string", "enum": ["甲,乙"]})
    content = sheet.Sheet("某表", "", {"some": field}, (), spare=1, locked=True)
    with pytest.raises(ValueError, match="某栏"):
        workbook.packed([("某表", lambda target: sheet.fill(target, content))])


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_file_that_nobody_has_edited_is_replaced_and_one_that_somebody_filled_in_is_not(
    blank: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "表.xlsx"
    own_files.put(path, blank, force=False)
    shorter = blanks.make(STAFF, ".xlsx", rows=20)
    own_files.put(path, shorter, force=False)
    assert path.read_bytes() == shorter
    theirs = filled(blank, PERSON)
    path.write_bytes(theirs)
    with pytest.raises(UsageError, match="not replaced"):
        own_files.put(path, blank, force=False)
    assert path.read_bytes() == theirs
    own_files.put(path, blank, force=True)
    assert path.read_bytes() == blank
    assert [entry.name for entry in tmp_path.iterdir()] == ["表.xlsx"]


def test_a_file_is_whole_or_absent(blank: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        own_files.put(tmp_path / "表.xlsx", blank, force=False)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_named_as_it_was_asked_for(blank: bytes, tmp_path: Path) -> None:
    own_files.put(tmp_path / "学院" / "表.xlsx", blank, force=False)  # a folder that is missing is made
    (tmp_path / "文件").write_bytes(b"")
    long = tmp_path / ("长" * 100 + ".xlsx")
    for place, named in ((tmp_path / "文件" / "表.xlsx", tmp_path / "文件"), (long, long)):
        with pytest.raises(OSError) as refused:  # noqa: PT011 - which one depends on the system
            own_files.put(place, blank, force=False)
        assert refused.value.filename == str(named)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 damaged", b"any text"])
def test_what_is_no_file_of_ours_is_not_taken_for_one(content: bytes) -> None:
    assert not own_files.is_untouched(content)


def test_a_template_has_no_seal() -> None:
    data = (resources.folder("templates") / "staff_list.xlsx").read_bytes()
    assert opc.read(data, "").parts["docProps/core.xml"]
    assert not own_files.is_untouched(data)


# --- the command -----------------------------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    return int(str(ended.value.code)), printed.out, printed.err


def test_the_command_writes_a_blank_named_by_its_form(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "blank", "staff_list") == (
        0,
        "已写出“校级组织工作人员名单”的空白表：校级组织工作人员名单（空白）.xlsx\n",
        "",
    )
    assert own_files.is_untouched((tmp_path / "校级组织工作人员名单（空白）.xlsx").read_bytes())


def test_the_command_says_in_english_where_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    code, out, _ = run(capsys, "blank", "staff_list", "-o", path, "--rows", 30, "--lang", "en")
    assert (code, out) == (0, f"wrote a blank form of 校级组织工作人员名单: {path}\n")
    assert opened(path.read_bytes()).worksheets[0].max_row == sheet.HEADING_ROW + 30


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("no_such_form",), "没有表单"),
        (("charter", "-o", "a.xlsx"), "只写成 JSON"),
        (("assessment_filing",), "更早的版次有：加 --as-of 2021-10-31"),
        (("congress_report", "-o", "a.xlsx"), "可以是：.docx"),
        (("staff_list", "-o", "a.docx", "--rows", "201"), "最多留 200 行"),
        (("staff_list", "-o", "a.pdf"), "可以是：.xlsx、.docx"),
        (("staff_list", "-o", "a"), "看不出要写成哪种文件"),
        (("staff_list", "--rows", "0"), "--rows"),
        (("staff_list", "-o", "folder.xlsx"), "这里是文件夹"),
    ],
)
def test_a_blank_that_cannot_be_made_is_refused(
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.xlsx").mkdir()
    code, out, err = run(capsys, "blank", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert [path.name for path in tmp_path.iterdir()] == ["folder.xlsx"]


def test_every_form_that_is_one_list_has_a_blank_workbook() -> None:
    for editions in forms.catalogue().values():
        for edition in editions:
            is_list = headings.table(edition.schema) is not None
            assert (".xlsx" in blanks.formats(edition)) == is_list, json.dumps(edition.key)


# --- a table of forms of which there are many ------------------------------------------------------------------------


def test_a_form_that_each_person_fills_in_is_a_document_and_its_table_a_workbook() -> None:
    assert blanks.formats(CANDIDATES) == (".docx", ".xlsx")
    assert blanks.formats(STAFF) == (".xlsx", ".docx")


def test_a_filled_table_of_candidates_is_read_without_a_finding(tmp_path: Path) -> None:
    table = headings.table(CANDIDATES.schema)
    assert table is not None
    columns = workbook.fields(table)
    assert next(iter(columns.values())).title == "序号"
    book = opened(blanks.make(CANDIDATES, ".xlsx", rows=5))
    for row in (0, 1):
        for column, (key, field) in enumerate(columns.items(), start=1):
            text = f"{row + 1}" if key == headings.ID else (*field.examples, *field.words, "文字")[0]
            if key != "photo":
                book.worksheets[0].cell(sheet.FIRST + row, column).value = int(text) if key == headings.ID else text
    path = tmp_path / "候选人.xlsx"
    book.save(path)
    found = intake.read(path, path.name, CANDIDATES, None)
    assert found.findings == ()
    assert [record.id for record in found.records] == ["01", "02"]
    for record in found.records:
        assert schema_checks.check(record.values, CANDIDATES.schema, record.address) == ()
        assert record.values["experience"] == [
            {"start": "2018-09", "end": "2019-09", "unit": "数控1801班", "post": "班长"}
        ]
