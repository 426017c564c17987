"""A filing that a school typed into any table is read by the words of its rows; a conclusion is never guessed."""

import json
from datetime import date
from pathlib import Path

import pytest

import typed_forms as typed
from formgen import checks, submission
from formgen.findings import Outcome
from formgen.intake.documents import kinds
from typed_forms import A, B, conclusions, form_a, form_b, page, read, said, word

ROOT = Path(__file__).parents[1]


def test_the_published_page_gives_the_values_that_were_transcribed_from_it(tmp_path: Path) -> None:
    reading = read((ROOT / "tests/seed/disclosure-2020.md").read_bytes(), "disclosure.md", tmp_path)
    record = reading.record
    assert record is not None
    assert record.values == json.loads((ROOT / "inputs/lzmvc-2020/assessment_filing.json").read_text("utf-8"))
    assert said(reading) == []
    assert str(record.origins.find(("items", "9", "held"))) == "disclosure.md:24"
    assert "17 日至 18 日" in (record.origins.find(("items", "9", "held")).text or "")


BOXES = [
    "☑达标 □未达标",
    "√达标 未达标",
    "✓ 达标　☐ 未达标",
    "R达标 □未达标",
    "R达标 £未达标",
    "达标☑ 未达标☐",
    "达标（√） 未达标（ ）",
    "（√）达标 （ ）未达标",
    "☒达标 ☐未达标",
    "達標☑ 未達標□",
    "达标",
    "达标，正在巩固",
]


@pytest.mark.parametrize("boxes", BOXES)
def test_a_ticked_box_is_read_however_it_is_drawn(boxes: str, tmp_path: Path) -> None:
    reading = read(page(form_a(boxes=boxes)), "filing.html", tmp_path)
    assert conclusions(reading) == dict.fromkeys(typed.keys(A), "met")
    assert said(reading) == []


UNCLEAR = [
    ("☑达标 ☑未达标", "两个框都勾了"),
    ("☐达标 ☐未达标", "没有勾"),
    ("达标 未达标", "记号脱落"),
    ("达标√未达标", "看不出勾的是哪一个"),
    ("达标（√）未达标", "看不出勾的是哪一个"),
    ("✗达标 未达标", "没有勾选"),  # a cross may mean “no”
    ("☑", "看不出勾的是哪一个"),
    ("本校无此职能", "写作“本校无此职能”"),
    ("", "没有写结论"),
]


@pytest.mark.parametrize(("boxes", "reason"), UNCLEAR)
def test_what_is_not_ticked_exactly_once_is_undetermined_and_said(boxes: str, reason: str, tmp_path: Path) -> None:
    for data, name in ((page, "filing.html"), (word, "filing.docx")):
        changed = {"5": [f"5. {A.schema['properties']['items']['properties']['5']['description']}", boxes, ""]}
        reading = read(data(form_a(changed)), name, tmp_path)
        assert "5" not in conclusions(reading)
        assert said(reading) == [("I-undetermined", "items/5/conclusion")]
        [finding] = reading.findings
        assert reason in finding.message()
        assert "第 5 项" in finding.message()
        assert finding.stops
        assert conclusions(reading)["4"] == "met"


def test_the_box_whose_word_is_lost_is_the_option_that_is_left_over_and_that_is_said(tmp_path: Path) -> None:
    reading = read(page(form_b(boxes="☑ □否")), "filing.html", tmp_path, B)
    assert set(conclusions(reading).values()) == {"met"}
    assert {finding.kind for finding in reading.findings} == {kinds.DEDUCED}
    unclear = read(page(form_b(boxes="□否 ☑")), "filing.html", tmp_path, B)  # this way round nobody can tell
    assert conclusions(unclear) == {}


@pytest.mark.parametrize("boxes", ["☑是 □否", "R是 £否", "是☑否☐", "口否 √是", "☑是 否", "是"])
def test_the_later_form_says_yes_and_no(boxes: str, tmp_path: Path) -> None:
    reading = read(page(form_b(boxes=boxes)), "filing.html", tmp_path, B)
    assert conclusions(reading) == dict.fromkeys(typed.keys(B), "met")
    assert said(reading) == []


def test_boxes_of_a_symbol_font_are_boxes_in_word_and_on_a_page(tmp_path: Path) -> None:
    font = '<w:rPr><w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/></w:rPr>'
    drawn = [
        '<w:r><w:sym w:font="Wingdings 2" w:char="F052"/><w:t>达标</w:t><w:sym w:font="Wingdings 2" w:char="F0A3"/>'
        "<w:t>未达标</w:t></w:r>",
        f"<w:r>{font}<w:t>R</w:t></w:r><w:r><w:t>达标</w:t></w:r><w:r>{font}<w:t>£</w:t></w:r><w:r><w:t>未达标</w:t></w:r>",
        f"<w:r>{font}<w:t>\uf052</w:t></w:r><w:r><w:t>达标</w:t></w:r><w:r><w:t>\uf0a3未达标</w:t></w:r>",
        '<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="1"/></w:checkBox></w:ffData>'
        '</w:fldChar></w:r><w:r><w:t>达标</w:t></w:r><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox>'
        '<w:default w:val="1"/><w:checked w:val="0"/></w:checkBox></w:ffData></w:fldChar></w:r>'
        "<w:r><w:t>未达标</w:t></w:r>",
        "<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val='1'/></w14:checkbox></w:sdtPr><w:sdtContent>"
        "<w:r><w:t>☒</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>达标</w:t></w:r><w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr><w:sdtContent>"
        "<w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t>未达标</w:t></w:r>",
    ]
    table = [[f"<w:r><w:t>{text}</w:t></w:r>" for text in row] for row in form_a()]
    for index, boxes in enumerate(drawn, start=1):
        table[index][1] = boxes
    reading = read(word(table, raw=True), "filing.docx", tmp_path)
    assert said(reading) == []
    assert set(conclusions(reading).values()) == {"met"}
    spans = "<span style=\"font-family: 'Wingdings 2'\">R</span>达标 <font face='Wingdings 2'>£</font>未达标"
    reading = read(page(form_a(boxes=spans), raw=True), "filing.html", tmp_path)
    assert said(reading) == []
    assert set(conclusions(reading).values()) == {"met"}


def test_the_check_boxes_of_a_page_are_boxes(tmp_path: Path) -> None:
    boxes = '<input checked="" type="checkbox"/> 达标 <input type="checkbox"/> 未达标'
    reading = read(page(form_a(boxes=boxes), raw=True), "filing.html", tmp_path)
    assert set(conclusions(reading).values()) == {"met"}
    assert said(reading) == []
    boxes = "<input type=radio name=a>达标 <input type=radio name=a checked>未达标"
    assert set(conclusions(read(page(form_a(boxes=boxes), raw=True), "f.html", tmp_path)).values()) == {"unmet"}


def test_options_in_columns_of_their_own_are_ticked_there(tmp_path: Path) -> None:
    fields = A.schema["properties"]["items"]["properties"]
    marks = {"5": ("", "√"), "6": ("√", "√"), "7": ("", "")}
    rows = [["项目", "验收结论", "", "备注"], ["", "达标", "未达标", ""]]
    rows += [[f"{key}. {field['description']}", *marks.get(key, ("√", "")), "无"] for key, field in fields.items()]
    for data, name in ((page(rows), "filing.html"), (word(rows), "filing.docx")):
        reading = read(data, name, tmp_path)
        found = conclusions(reading)
        assert {key: found.get(key) for key in ("4", "5", "6", "7")} == {"4": "met", "5": "unmet", "6": None, "7": None}
        assert said(reading) == [("I-undetermined", "items/6/conclusion"), ("I-undetermined", "items/7/conclusion")]
        assert reading.record is not None
        assert reading.record.values["items"]["4"]["remark"] == "无"


def words(key: str, edition: typed.forms.Edition = A) -> str:
    return str(edition.schema["properties"]["items"]["properties"][key]["description"])


def test_columns_too_many_split_rows_and_boxes_in_the_cell_of_the_words_do_no_harm(tmp_path: Path) -> None:
    changed = {
        "3a": ["3. 机构和人员", f"{words('3a')} ☑ 达标 ☐ 未达标", "实有 59 人"],
        "3b": ["规模", words("3b"), "☑ 达标 ☐ 未达标", "实有 5 人"],
        "3c": ["", words("3c"), "☑ 达标 ☐ 未达标", "实有 6 个"],
        "4": [f"4. {words('4')}", "", "☐ 达标 ☑ 未达标", ""],
        "8": [f"8. {words('8')} ☑ 达标 ☐ 未达标 正在整改"],
    }
    for data, name in ((page, "filing.html"), (word, "filing.docx")):
        reading = read(data(form_a(changed)), name, tmp_path)
        assert said(reading) == []
        assert reading.record is not None
        items = reading.record.values["items"]
        assert items["3a"] == {"conclusion": "met", "count": 59, "wording": words("3a")}
        assert (items["3b"]["count"], items["3c"]["count"], items["4"]["conclusion"]) == (5, 6, "unmet")
        assert items["8"] == {"conclusion": "met", "remark": "正在整改", "wording": words("8")}


def test_one_line_for_each_row_with_bars_in_it_is_a_table_too(tmp_path: Path) -> None:
    lines = ["|".join(row) for row in form_a()]
    paragraphs = "".join(f"<p>{line}</p>" for line in lines)
    for data, name in (
        (f"<html><body>{paragraphs}</body></html>".encode(), "filing.html"),
        ("\n\n".join(lines).encode(), "filing.md"),
        (typed.office.docx("".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)), "filing.docx"),
    ):
        reading = read(data, name, tmp_path)
        assert said(reading) == []
        assert conclusions(reading) == dict.fromkeys(typed.keys(A), "met")
        assert reading.record is not None
        assert reading.record.values["items"]["3c"]["count"] == 6


COUNTS = [
    ("实有 59 人", 59, None, []),
    ("实有38人", 38, None, []),
    ("实有45", 45, None, []),
    ("实有：５９名", 59, None, []),
    ("26人", 26, None, []),
    ("实有 59 人，在校生 9000 人", 59, "在校生 9000 人", []),
    ("实有 6 个", 6, None, [("I-unit", "items/3a/count")]),
    ("实有    人", None, None, []),
    ("", None, None, []),
]


@pytest.mark.parametrize(("remark", "count", "left", "findings"), COUNTS)
def test_the_count_in_a_remark_is_read_and_a_wrong_unit_is_said(
    remark: str, count: int | None, left: str | None, findings: list[tuple[str, str]], tmp_path: Path
) -> None:
    reading = read(page(form_a({"3a": [f"3. {words('3a')}", "☑达标 ☐未达标", remark]})), "filing.html", tmp_path)
    assert reading.record is not None
    item = reading.record.values["items"]["3a"]
    assert (item.get("count"), item.get("remark"), said(reading)) == (count, left, findings)


DAYS = [
    ("召开日期为： 2020 年 11 月 17 日至 18 日", ("2020-11-17", "2020-11-18"), None),
    ("2020年11月17日—2020年11月18日", ("2020-11-17", "2020-11-18"), None),
    ("2023年12月19日-12月20日", ("2023-12-19", "2023-12-20"), None),
    ("召开时间：2020.11.17", ("2020-11-17", "2020-11-17"), None),
    ("2020-11-17，第一次", ("2020-11-17", "2020-11-17"), "第一次"),
]


@pytest.mark.parametrize(("remark", "held", "left"), DAYS)
def test_the_days_in_a_remark_are_read(remark: str, held: tuple[str, str], left: str | None, tmp_path: Path) -> None:
    reading = read(page(form_a({"9": [f"9. {words('9')}", "☑达标 ☐未达标", remark]})), "filing.html", tmp_path)
    assert reading.record is not None
    item = reading.record.values["items"]["9"]
    assert item["held"] == {"start": held[0], "end": held[1]}
    assert (item.get("remark"), said(reading)) == (left, [])


@pytest.mark.parametrize(
    "remark",
    ["3月30日", "2021113日", "201911920", "2020年2月30日", "2020年11月18日至17日", "2019年5月1日、2020年5月1日"],
)
def test_days_that_are_not_clear_stay_as_they_were_written(remark: str, tmp_path: Path) -> None:
    reading = read(page(form_a({"9": [f"9. {words('9')}", "☑达标 ☐未达标", remark]})), "filing.html", tmp_path)
    assert reading.record is not None
    item = reading.record.values["items"]["9"]
    assert ("held" in item, item["remark"]) == (False, remark)
    assert said(reading) == [("I-date-unclear", "items/9/held")]
    assert reading.record.origins.find(("items", "9", "held")).text == remark


def test_rows_of_the_later_form_are_found_by_their_words_and_those_that_nobody_saw_by_number(tmp_path: Path) -> None:
    changed = {
        "6": ["6. 除学生会主席团成员（含轮值执行主席）和工作部门成员，均不设置其他任何职务。★", "☑是 □否", ""],
        "8": ["★8." + words("8", B).replace("前 30% 以内", "前30%以内"), "□是 ☑否", "三人未达到"],
    }
    table = [*form_b(changed), ["13. 评奖评优与岗位不挂钩。▲", "☑是 □否", ""], ["14.", "☑是 □否", ""]]
    reading = read(page(table, before="<p>2022—2023学年评估表</p>"), "filing.html", tmp_path, B)
    assert said(reading) == []
    assert reading.record is not None
    values = reading.record.values
    assert values["items"]["6"]["mark"] == "core"
    assert values["items"]["6"]["wording"].startswith("除学生会主席团成员")
    assert values["items"]["8"] == {
        "conclusion": "unmet", "mark": "core", "remark": "三人未达到",
        "wording": words("8", B).replace("前 30% 以内", "前30%以内"),
    }  # fmt: skip
    assert values["items"]["13"] == {"conclusion": "met", "mark": "observed", "wording": "评奖评优与岗位不挂钩。▲"}
    assert "14" not in values["items"]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("2022—2023学年", {"start": 2022, "end": 2023}),
        ("20212022学年", {"start": 2021, "end": 2022}),
        ("2023学年", None),
    ],
)
def test_the_academic_year_is_read_where_it_stands(text: str, year: object, tmp_path: Path) -> None:
    reading = read(page(form_b(), before=f"<h1>{text}改革评估</h1>"), "filing.html", tmp_path, B)
    assert reading.record is not None
    assert reading.record.values.get("academic_year") == year


def test_the_heading_of_the_second_table_is_read_by_its_labels(tmp_path: Path) -> None:
    after = (
        "<table><tr><td>二级学生会组织数量</td><td>11</td>"
        "<td>是否已由省级团委、学联核查（复评）</td><td>R是 £否</td></tr><tr><td>自评公开链接</td><td>https://tw.example.edu.cn/info/1.htm</td></tr></table><p>填表人：张三</p>"
    )
    reading = read(page(form_b(), after=after), "filing.html", tmp_path, B)
    assert reading.record is not None
    assert reading.record.values["second_level"] == {
        "count": 11, "verified_by_province": True, "link": "https://tw.example.edu.cn/info/1.htm"
    }  # fmt: skip
    assert reading.record.values["filled_by"] == "张三"


def test_traditional_characters_with_readings_put_in_are_the_same_words(tmp_path: Path) -> None:
    row = ["5. 學(xué)生會(huì)組織工作人員為(wéi)共產黨員或共青團員。", "☑達標 ☐未達標", ""]
    reading = read(page(form_a({"5": row})), "filing.html", tmp_path)
    assert said(reading) == []
    assert conclusions(reading)["5"] == "met"
    assert reading.record is not None
    assert reading.record.values["items"]["5"]["wording"].startswith("學(xué)生會")  # as it is printed


def test_blank_remarks_are_no_remarks_and_a_wrong_heading_does_not_matter(tmp_path: Path) -> None:
    table = [row if index == 0 else [*row[:2], "　"] for index, row in enumerate(form_a())]
    reading = read(page(table, before="<h3>校级组织工作人员名单</h3>"), "filing.html", tmp_path)
    assert said(reading) == []
    assert reading.record is not None
    assert not any({"remark", "count", "held"} & item.keys() for item in reading.record.values["items"].values())


def test_a_row_that_is_not_there_is_said_and_not_taken_for_empty(tmp_path: Path) -> None:
    table = [row for row in form_a() if not row[0].startswith("12.")]
    reading = read(page(table), "filing.html", tmp_path)
    assert said(reading) == [("I-row-missing", "items/12")]
    assert "12" not in conclusions(reading)


def test_a_second_row_of_an_item_that_says_otherwise_is_said(tmp_path: Path) -> None:
    twice = [*form_a(), [f"5. {words('5')}", "☐达标 ☑未达标", ""], [f"4. {words('4')}", "☑达标 ☐未达标", ""]]
    reading = read(page(twice), "filing.html", tmp_path)
    assert said(reading) == [("I-row-twice", "items/5")]
    assert conclusions(reading)["5"] == "met"
    [finding] = reading.findings
    assert str(reading.places[finding.at]) == "filing.html!第1个表格!第19行第1格"


def test_tables_that_are_pictures_are_said_to_be(tmp_path: Path) -> None:
    reading = read("<p>改革情况</p><img src=1.png><img src=2.png>".encode(), "filing.html", tmp_path)
    assert (reading.record, said(reading)) == (None, [("I-tables-are-pictures", "")])
    assert "2 张" in reading.findings[0].message()
    drawing = '<w:p><w:r><w:drawing><a:blip r:embed="rIdDot"/></w:drawing></w:r></w:p>'
    assert said(read(typed.office.docx(drawing), "filing.docx", tmp_path)) == [("I-tables-are-pictures", "")]
    reading = read("# 通知\n\n![](1.png)\n".encode(), "filing.md", tmp_path)
    assert said(reading) == [("I-tables-are-pictures", "")]


def test_another_edition_of_the_form_is_said_to_be_one(tmp_path: Path) -> None:
    reading = read(page(form_b()), "filing.html", tmp_path, A)
    assert (reading.record, said(reading)) == (None, [("I-other-edition", "")])
    assert "是、否" in reading.findings[0].message()
    assert "2021-11-01" in reading.findings[0].message()
    assert said(read(page(form_a()), "filing.html", tmp_path, B)) == [("I-other-edition", "")]


def test_a_conclusion_that_cannot_be_told_is_one_finding_of_the_dossier(tmp_path: Path) -> None:
    """The rule about it is folded under what reading said."""
    table = form_a({"5": [f"5. {words('5')}", "☑达标 ☑未达标", ""]})
    path = tmp_path / "备案表.html"
    path.write_bytes(page(table))
    found = checks.check(submission.load(path, as_of=date(2020, 11, 30))).findings
    about = [finding for finding in found if finding.at.pointer[:2] == ("items", "5")]
    assert [finding.kind.id for finding in about if finding.outcome is Outcome.FAILED] == ["I-undetermined"]
