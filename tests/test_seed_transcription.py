"""Does inputs/lzmvc-2020 say what the published document says: all of it, and nothing else?

The tables are read again here, straight from the copy of the document, by code that shares nothing with the intake.
"""

import hashlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openpyxl import load_workbook

from formgen import forms, parameters

HERE = Path(__file__).parent
SEED = HERE / "seed" / "disclosure-2020.md"
INPUTS = HERE.parent / "inputs"
DOSSIER = INPUTS / "lzmvc-2020"
SEED_SHA256 = "60a5a056f9d9160337beb51d640cab11bb90f590517a07794cf957fdb30b9952"

# The schema corrects two misprints of the seed after the same form of other schools: (seed, schema).
CORRECTIONS = {"7": ("校团委合审查后", "校团委联合审查后"), "11": ("二十七大会会议", "二十七大会议")}
ITEMS = ["1", "2", "3a", "3b", "3c", *(str(number) for number in range(4, 16))]
BOX = re.compile(r'<input (checked="" )?type="checkbox"/> (\S+)')


def lines() -> list[str]:
    """The document's lines; line 1 of the document is at 0."""
    return SEED.read_text("utf-8").split("\n")


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def filing() -> Any:
    return read(DOSSIER / "assessment_filing.json")["items"]


def congress() -> Any:
    return read(DOSSIER / "congress_report.json")


def printed_items() -> list[tuple[str, str, list[str], str]]:
    """Key, wording, ticked conclusions and remark of each row of the filing (lines 12 to 30)."""
    found: list[tuple[str, str, list[str], str]] = []
    number = ""
    for line in lines()[11:30]:
        if "checkbox" not in line:
            continue
        cells = line.split("\t")
        head = re.match(r"([0-9]+)\. ?(.*)", cells[0])
        if head is not None:
            number = head[1]
        boxes = next(cell for cell in cells if "checkbox" in cell)
        # Item 3 is split: its first column is a heading, the wording stands in the second, there before the boxes.
        wording = boxes.split("<input")[0] or (cells[1] if number == "3" else cells[0])
        part = "abc"[sum(key.startswith("3") for key, *_ in found)] if number == "3" else ""
        ticked = [label for tick, label in BOX.findall(boxes) if tick]
        found.append((number + part, re.sub(r"^[0-9]+\. ", "", wording).strip(), ticked, cells[-1].strip()))
    return found


def printed_staff() -> list[list[str]]:
    """The nine cells of each of the printed staff rows."""
    rows = [line.split("\t") for line in lines()]
    return [row for row in rows if len(row) == 9 and row[0].isdecimal()]


def printed_headings() -> list[str]:
    return next(line for line in lines() if line.startswith("序号\t姓名")).split("\t")


def sheet_rows() -> list[tuple[Any, ...]]:
    book = load_workbook(DOSSIER / "staff_list.xlsx")
    assert book.sheetnames == ["Sheet1"]
    return list(book["Sheet1"].iter_rows(values_only=True))


def twin() -> list[dict[str, Any]]:
    members: list[dict[str, Any]] = read(HERE / "seed" / "staff_list.json")["members"]
    return members


def schema_of(key: str) -> forms.Schema:
    return forms.catalogue().edition(key, date(2020, 11, 18)).schema


def errors_of(path: Path, schema: forms.Schema) -> list[str]:
    validator = Draft202012Validator(dict(schema), format_checker=FormatChecker(["date"]))
    return [f"{path.name}{error.json_path[1:]}: {error.message}" for error in validator.iter_errors(read(path))]


def json_files() -> list[Path]:
    found = sorted(INPUTS.glob("*/**/*.json"))
    return [*found, HERE / "seed" / "staff_list.json", HERE / "drawing" / "demo_staff_list.json"]


def test_the_copy_of_the_document_has_not_changed() -> None:
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == SEED_SHA256


# --- organisation --------------------------------------------------------------------------------------------------


def test_the_organisation_is_the_printed_one_and_its_kind_is_left_open_as_printed() -> None:
    (row,) = [line for line in lines() if line.startswith("组织名称：")]
    name, kinds = row.removeprefix("组织名称：").split(" ")
    assert kinds == "学生会/研究生会"
    assert read(DOSSIER / "dossier.json")["organisation"] == {"name": name}


def test_the_dossier_says_nothing_that_the_document_does_not_say() -> None:
    assert set(read(DOSSIER / "dossier.json")) == {"organisation", "as_of"}
    files = {str(path.relative_to(DOSSIER)) for path in DOSSIER.rglob("*")}
    forms_of_the_document = {"assessment_filing.json", "congress_report.json", "staff_list.xlsx"}
    # charter.json: tests/test_charter.py compares its quotations with the document.
    assert files == {"dossier.json", "charter.json", "responsible_persons.json"} | forms_of_the_document


def test_the_reason_for_the_day_of_the_law_cites_lines_that_name_that_day() -> None:
    as_of = read(DOSSIER / "dossier.json")["as_of"]
    assert as_of["date"] == "2020-11-18"
    cited = [int(number) for group in re.findall(r"第([0-9、]+)行", as_of["why"]) for number in group.split("、")]
    assert cited == [34, 24, 305]
    charter, filed, reported = (lines()[number - 1] for number in cited)
    assert charter == "(2020年11月18日学院第一次学生代表大会讨论通过)"
    assert filed.endswith("召开日期为： 2020 年 11 月 17 日至 18 日")
    assert reported == "一、时间：2020年11月17日—2020年11月18日"


# --- assessment filing ---------------------------------------------------------------------------------------------


def test_the_document_prints_fifteen_items_the_third_in_three_parts() -> None:
    assert [key for key, *_ in printed_items()] == ITEMS
    assert list(filing()) == ITEMS


def test_every_item_has_the_conclusion_that_is_ticked() -> None:
    words = {"达标": "met", "未达标": "unmet"}
    ticked = {key: [words[label] for label in labels] for key, _, labels, _ in printed_items()}
    assert ticked == {key: [item["conclusion"]] for key, item in filing().items()}


def test_every_remark_is_a_count_or_a_date_and_is_transcribed() -> None:
    expected: dict[str, dict[str, Any]] = {key: {} for key in ITEMS}
    for key, _, _, remark in printed_items():
        count = re.fullmatch(r"实有 ([0-9]+) [人个]", remark)
        held = re.fullmatch(r"召开日期为： (\d{4}) 年 (\d+) 月 (\d+) 日至 (\d+) 日", remark)
        assert count or held or not remark, remark
        if count:
            expected[key] = {"count": int(count[1])}
        if held:
            month = f"{held[1]}-{int(held[2]):02}"
            expected[key] = {"held": {"start": f"{month}-{int(held[3]):02}", "end": f"{month}-{int(held[4]):02}"}}
    apart = ("conclusion", "wording")
    transcribed = {key: {k: v for k, v in item.items() if k not in apart} for key, item in filing().items()}
    assert transcribed == expected
    assert [transcribed[key]["count"] for key in ("3a", "3b", "3c")] == [59, 5, 6]


def test_the_wording_of_every_item_is_transcribed_as_printed() -> None:
    assert {key: wording for key, wording, _, _ in printed_items()} == {
        key: item["wording"] for key, item in filing().items()
    }


def test_the_official_wording_of_2020_is_that_of_the_schema() -> None:
    described = schema_of("assessment_filing")["properties"]["items"]["properties"]
    official = parameters.load().value("filing.wording", date(2020, 11, 18))
    assert official == {key: item["description"] for key, item in described.items()}


def test_the_schema_words_every_item_as_printed_but_for_two_known_misprints() -> None:
    described = schema_of("assessment_filing")["properties"]["items"]["properties"]
    corrected = {}
    for key, wording, _, _ in printed_items():
        misprint, correct = CORRECTIONS.get(key, ("", ""))
        assert misprint in wording, key
        corrected[key] = wording.replace(misprint, correct) if misprint else wording
    assert corrected == {key: item["description"] for key, item in described.items()}


# --- staff list ----------------------------------------------------------------------------------------------------


def test_the_document_prints_fifty_nine_members_in_order() -> None:
    assert [int(row[0]) for row in printed_staff()] == list(range(1, 60))


def test_the_sheet_has_a_title_row_and_then_the_printed_headings() -> None:
    title, headings, *_ = sheet_rows()
    assert title == ("校级组织工作人员名单", *[None] * 8)
    assert f"## {title[0]}" in lines()
    assert "\n(" in headings[5], "the long heading is broken before its bracket"
    assert [heading.replace("\n", " ") for heading in headings] == printed_headings()


def test_the_sheet_holds_every_printed_cell_and_no_other() -> None:
    _, _, *members = sheet_rows()
    as_printed = [["" if value is None else str(value) for value in row] for row in members]
    assert as_printed == printed_staff()


def test_serials_and_ranks_in_the_sheet_are_numbers_and_the_rest_is_text() -> None:
    _, _, *members = sheet_rows()
    for row in members:
        kinds = [type(value) for value in row]
        assert kinds[0] is int, row
        assert kinds[5] in (int, type(None)), row
        assert {*kinds[1:5], *kinds[6:8]} == {str}, row


def test_the_one_member_past_the_first_year_without_a_rank_stands_in_row_28() -> None:
    unranked = [
        (row_number, row[1])
        for row_number, row in enumerate(sheet_rows(), start=1)
        if row[4] == "19级" and row[5] is None
    ]
    assert unranked == [(28, "程子敏")]


def test_the_canonical_twin_says_the_same_of_every_member() -> None:
    patterns = schema_of("staff_list")["properties"]["members"]["items"]["x-derive"]["patterns"]
    expected = []
    for serial, name, status, college, grade, rank, failed, experience, remark in printed_staff():
        assert (failed, remark, grade[2:]) == ("否", "", "级")
        member: dict[str, Any] = {
            "serial": int(serial),
            "name": name,
            "political_status": status,
            "college": college,
            "grade": 2000 + int(grade[:2]),
            "failed_course": False,
            "experience": experience,
        }
        if rank:
            member["rank"] = {"text": rank, "kind": "unknown", "value": int(rank)}
        match, fixed = next(
            (match, entry.get("values", {}))
            for entry in patterns
            if (match := re.search(entry["pattern"], experience)) is not None
        )
        named = {key: value for key, value in match.groupdict().items() if not key.startswith("not_")}
        expected.append({**member, **named, **fixed})
    assert twin() == expected


def test_the_twin_counts_what_the_filing_states() -> None:
    members = twin()
    presidium = [member for member in members if member["role"] == "主席团成员"]
    departments = {member["department"] for member in members if "department" in member}
    stated = [filing()[key]["count"] for key in ("3a", "3b", "3c")]
    assert [len(members), len(presidium), len(departments)] == stated


# --- congress ------------------------------------------------------------------------------------------------------


def congress_lines() -> list[str]:
    """The lines of the section on the congress that are not blank."""
    start = lines().index("## 校级学生代表大会召开情况")
    end = lines().index("# 校级学生代表大会代表产生办法")
    return [line for line in lines()[start + 1 : end] if line]


def test_time_place_and_total_of_the_congress_are_the_printed_ones() -> None:
    time, place, total = congress_lines()[:3]
    start, end = (
        "-".join(f"{int(number):02}" for number in re.findall("[0-9]+", day)) for day in time.split("：")[1].split("—")
    )
    assert congress()["held"] == {"start": start, "end": end} == filing()["9"]["held"]
    assert place == f"二、地点：{congress()['place']}"
    assert total == f"三、代表数量：{congress()['delegate_total']}名"


def test_the_seven_delegations_are_the_printed_ones_and_make_up_the_total() -> None:
    printed = [line for line in congress_lines() if re.match("第.代表团", line)]
    assert [f"{one['name']}：{one['count']}名" for one in congress()["delegations"]] == printed
    assert [one["count"] for one in congress()["delegations"]] == [34, 34, 36, 35, 33, 37, 36]
    assert sum(one["count"] for one in congress()["delegations"]) == congress()["delegate_total"] == 245


def test_the_agenda_is_printed_word_for_word_and_no_photo_is_claimed() -> None:
    *_, heading, first, second, photos = congress_lines()
    assert (heading, photos) == ("四、主要议程：", "五、现场照片：")
    assert [f"(一) {congress()['agenda'][0]}", f"(二) {congress()['agenda'][1]}"] == [first, second]
    assert len(congress()["agenda"]) == 2
    assert "photos" not in congress()


# --- shape, of both dossiers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", json_files(), ids=lambda path: "/".join(path.parts[-3:]))
def test_every_json_file_has_the_shape_of_its_schema(path: Path) -> None:
    key = path.parent.name if path.parent.name in forms.catalogue() else path.stem.removeprefix("demo_")
    schema = forms.dossier_schema() if key == "dossier" else schema_of(key)
    assert errors_of(path, schema) == []


def test_a_date_that_does_not_exist_is_not_of_the_right_shape(tmp_path: Path) -> None:
    path = tmp_path / "congress_report.json"
    path.write_text('{"held": {"start": "2020-11-31"}}', "utf-8")
    (error,) = errors_of(path, schema_of("congress_report"))
    assert error.startswith("congress_report.json.held.start: ")
