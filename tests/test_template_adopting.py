"""Names that somebody typed between double braces become controls, and the template then prints as a drawn one does."""

import copy
import io
import json
import random
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from lxml import etree

import by_hand
import office
from calling import Command
from formgen import dossier, forms, opc
from formgen.errors import TemplateError
from formgen.filling.adopting import adopt
from formgen.filling.outline import Sort, excel_name, outline
from formgen.filling.template import compile_template, examine
from formgen.filling.word_tree import W14, W
from office import control, paragraph, run, text_of

ROOT = Path(__file__).parents[1]
ON = date(2020, 11, 18)
CANDIDATE = forms.catalogue().edition("candidate_registration", ON)
CONGRESS = forms.catalogue().edition("congress_report", ON)
STAFF = forms.catalogue().edition("staff_list", ON)


def typed(data: bytes, seed: int) -> bytes:
    """The template as somebody types it: each control a name in braces, which Word has split over runs anywhere."""
    draw = random.Random(seed)
    root = by_hand.body(data)
    for sdt in reversed(list(root.iter(f"{W}sdt"))):
        content = sdt.find(f"{W}sdtContent")
        assert content is not None
        tag, inline = by_hand.tag(sdt), sdt.getparent().tag == f"{W}p"  # type: ignore[union-attr]
        if inline:
            first = next(content.iter(f"{W}r"))
            formatting = first.find(f"{W}rPr")
            text = draw.choice(["{{%s}}", "{{ %s }}", "｛｛%s｝｝"]) % tag
            cuts = sorted(draw.sample(range(1, len(text)), k=min(3, len(text) - 1)))
            for piece in (text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)):
                made = by_hand.typed(piece)
                if formatting is not None:
                    made.insert(0, copy.deepcopy(formatting))
                sdt.addprevious(made)
        else:
            for child in list(content):
                sdt.addprevious(child)
        sdt.getparent().remove(sdt)  # type: ignore[union-attr]
    return by_hand.with_body(data, root)


def demo(key: str) -> dict[str, Any]:
    loaded = dossier.load(ROOT / "inputs" / "demo-2020")
    return {**loaded.records[key][0].values, "dossier": loaded.values}


@pytest.mark.parametrize("seed", range(3))
def test_a_form_typed_in_braces_prints_what_the_drawn_one_prints(seed: int) -> None:
    data = CANDIDATE.templates[".docx"].read_bytes()
    adopted = adopt(typed(data, seed), "mine.docx", CANDIDATE)
    assert adopted.problems == ()
    template = compile_template(adopted.data, "mine.docx", CANDIDATE)
    drawn = compile_template(data, "drawn.docx", CANDIDATE)
    values = demo("candidate_registration")
    mine, theirs = text_of(template.fill(values).data), text_of(drawn.fill(values).data)
    # Regions around whole paragraphs cannot be typed: what they keep or leave out stands here in any case.
    left = [line for line in mine if line not in theirs]
    assert all("主席团选举候选人登记表" in line or set(line) <= set("\u3000年月日") for line in left)
    assert len(mine) - len(left) >= 0.9 * len(theirs)
    assert any("沈知远" in line or values["name"] in line for line in mine)


def test_what_stands_around_a_typed_name_stays_with_its_format(tmp_path: Path) -> None:
    bold = "<w:rPr><w:b/></w:rPr>"
    body = paragraph(
        run("姓名：{{na", bold), "<w:bookmarkStart w:id='1' w:name='x'/>", run("me}}（盖章）{{no"), run("te}}。")
    )
    adopted = adopt(office.docx(body), "t.docx", office.edition("name", "note"))
    assert (adopted.tags, adopted.problems) == (("note", "name"), ())
    template = compile_template(adopted.data, "t.docx", office.edition("name", "note"))
    filled = template.fill({"name": "王静", "note": "无"}).data
    assert text_of(filled) == ["姓名：王静（盖章）无。"]
    runs = {"".join(t.text or "" for t in r.iter(f"{W}t")): r for r in by_hand.body(filled).iter(f"{W}r")}
    assert runs["王静"].find(f"{W}rPr/{W}b") is not None
    assert runs["无"].find(f"{W}rPr/{W}b") is None


def test_every_kind_of_field_becomes_its_kind_of_control() -> None:
    form = office.edition("name", "sure", "state", "photo", "words", long={"type": "string", "maxLength": 20000})
    body = "".join(
        paragraph(run(text))
        for text in (
            "{{name}}{{sure=true}}有{{sure=false}}无",
            "{{state=met}}",
            "{{photo}}{{?photo}}",
            "{{words[]}}",
            "{{long}}",
            "见{{long}}",
        )
    )
    adopted = adopt(office.docx(body), "t.docx", form)
    assert adopted.problems == ()
    sdts = {by_hand.tag(sdt): sdt for sdt in by_hand.body(adopted.data).iter(f"{W}sdt")}
    kinds = {tag: etree.QName(sdt.find(f"{W}sdtPr")[-1]).localname for tag, sdt in sdts.items()}  # type: ignore[index]
    assert kinds == {
        "name": "text", "sure=true": "checkbox", "sure=false": "checkbox", "state=met": "checkbox",
        "photo": "picture", "?photo": "id", "words[]": "text", "long": "text",
    }  # fmt: skip
    texts = [sdt.find(f"{W}sdtPr/{W}text") for sdt in by_hand.body(adopted.data).iter(f"{W}sdt")]
    assert [text.get(f"{W}multiLine") for text in texts if text is not None][-2:] == ["1", None]
    ids = [sdt.find(f"{W}sdtPr/{W}id").get(f"{W}val") for sdt in sdts.values()]  # type: ignore[union-attr]
    assert len(set(ids)) == len(ids)
    assert sdts["sure=true"].find(f"{W}sdtPr/{W14}checkbox") is not None
    template = compile_template(adopted.data, "t.docx", form)
    filled = template.fill({"name": "王", "sure": False, "state": "met", "words": ["甲", "乙"], "long": "一\n二"})
    assert text_of(filled.data) == ["王☐有☑无", "☑", "甲", "乙", "一", "二", "见一<br>二"]


def test_names_in_headers_are_typed_too_and_controls_that_are_there_stay() -> None:
    body = paragraph(control("name", run("{{note}}"))) + paragraph(run("无"))
    data = office.docx(body, stories={"header1": paragraph(run("{{note}}"))})
    adopted = adopt(data, "t.docx", office.edition("name", "note"))
    assert adopted.tags == ("note",)
    assert b'w:val="note"' in opc.read(adopted.data, "").parts["word/header1.xml"]
    assert [by_hand.tag(sdt) for sdt in by_hand.body(adopted.data).iter(f"{W}sdt")] == ["name"]


def test_a_document_that_python_docx_wrote_is_adopted() -> None:
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "姓名", "职务"
    table.cell(1, 0).text, table.cell(1, 1).text = "{{groups[].title}}", "{{groups[].size}}"
    buffer = io.BytesIO()
    document.save(buffer)
    form = office.edition("groups")
    adopted = adopt(buffer.getvalue(), "t.docx", form)
    _, problems = examine(adopted.data, "t.docx", form)
    assert {problem.control for problem in problems} == {
        "groups[].photo",
        "groups[].people[].name",
        "groups[].people[].ok",
    }
    assert adopted.tags == ("groups[].title", "groups[].size")


def test_what_is_no_path_is_said_and_left_as_it_was_typed() -> None:
    adopted = adopt(office.docx(paragraph(run("{{姓名}} {{name}} {{}} {name}"))), "t.docx", office.edition("name"))
    assert adopted.tags == ("name",)
    assert [(problem.part, problem.control) for problem in adopted.problems] == [("word/document.xml", "姓名")]
    assert text_of(adopted.data)[0].startswith("{{姓名}} ")


# --- workbooks -------------------------------------------------------------------------------------------------------


def workbook(cells: dict[str, str], other: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名 单's"
    for place, text in cells.items():
        sheet[place] = text
    if other is not None:
        second = book.create_sheet("副表")
        for place, text in other.items():
            second[place] = text
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_names_typed_into_cells_become_defined_names() -> None:
    members = STAFF.schema["properties"]["members"]["items"]["properties"]
    keys = [key for key, field in members.items() if "x-optional-column" not in field]
    cells = {"A1": "{{dossier.organisation.name}}"}
    cells |= {f"{chr(65 + index)}2": members[key]["title"] for index, key in enumerate(keys)}
    cells |= {f"{chr(65 + index)}3": f"{{{{members[].{key}}}}}" for index, key in enumerate(keys)}
    adopted = adopt(workbook(cells, {"B2": "｛｛dossier.organisation.name｝｝"}), "staff_list.xlsx", STAFF)
    assert adopted.problems == ()
    book = openpyxl.load_workbook(io.BytesIO(adopted.data))
    assert book.defined_names["f_members.each.name"].attr_text == "'名 单''s'!$B$3"
    assert book["副表"].defined_names["f_dossier.organisation.name"].attr_text == "'副表'!$B$2"
    assert book["名 单's"]["B3"].value is None
    template = compile_template(adopted.data, "staff_list.xlsx", STAFF)
    filled = openpyxl.load_workbook(io.BytesIO(template.fill(demo("staff_list")).data))
    assert filled["名 单's"]["B3"].value == "沈知远"
    assert filled["副表"]["B2"].value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("姓名：{{name}}", "一格里只能有一个"),
        ("{{name}}{{note}}", "一格里只能有一个"),
        ("{{姓名}}", "不是字段路径"),
        ("{{!name}}", "不能这样写"),
        ("{{state=是 否}}", "不能这样写"),
    ],
)
def test_what_cannot_be_a_name_is_said_and_left_as_it_was_typed(text: str, said: str) -> None:
    adopted = adopt(workbook({"C4": text}), "t.xlsx", office.edition("name", "note", "state"))
    assert adopted.tags == ()
    [problem] = adopted.problems
    assert (problem.part, said in problem.text.zh) == ("名 单's!C4", True)


def test_one_name_twice_on_a_sheet_is_said() -> None:
    adopted = adopt(workbook({"A1": "{{name}}", "A2": "{{name}}", "A3": "{{state=met}}"}), "t.xlsx",
                    office.edition("name", "state"))  # fmt: skip
    assert adopted.tags == ("name", "state=met")
    assert "已经用过" in adopted.problems[0].text.zh


def test_inline_texts_and_formulas_in_cells_are_told_apart() -> None:
    sheet = office.Sheet({"A1": "{{name}}", "B1": '="{{note}}"'})
    adopted = adopt(office.xlsx({"表": sheet}), "t.xlsx", office.edition("name", "note"))
    assert adopted.tags == ("name",)


def test_a_file_that_is_no_package_is_refused() -> None:
    with pytest.raises(TemplateError, match="not a zip package"):
        adopt(b"{{name}}", "t.docx", office.edition("name"))
    with pytest.raises(TemplateError, match="no workbook"):
        adopt(office.pack({"[Content_Types].xml": office.content_types({})}), "t.xlsx", office.edition("name"))


# --- the outline and the commands ------------------------------------------------------------------------------------


def test_the_outline_has_every_field_that_a_template_may_print() -> None:
    entries = {entry.tag: entry for entry in outline(CANDIDATE)}
    assert entries["name"].sensitive
    assert (entries["photo"].sort, entries["birth"].sort, entries["plan"].sort) == (
        Sort.PICTURE,
        Sort.MONTH,
        Sort.LINES,
    )
    assert entries["gender"].choices == ("男", "女")
    assert entries["failed_course"].choices == ("true", "false")
    assert (entries["experience[].start"].repeated, entries["experience[].start"].name) == (
        True,
        "f_experience.each.start",
    )
    assert entries["dossier.organisation.name"].title == "学校名称"
    drawn = [(edition.templates[".docx"].read_bytes(), edition) for edition in (CANDIDATE, CONGRESS)]
    controls = [control for data, edition in drawn for control in compile_template(data, "t.docx", edition).controls]
    printed = {control.tag.partition("=")[0] for control in controls}
    assert printed - {"agenda[]"} <= entries.keys() | {entry.tag for entry in outline(CONGRESS)}
    assert excel_name("?photo") == "f_if.photo"


@pytest.fixture
def template(command: Command) -> Command:
    return lambda *words: command("template", *words)


def test_outline_lists_the_fields(template: Command) -> None:
    ended = template("outline", "staff_list", "--lang", "en")
    assert ended.code == 0
    assert "members[].name" in ended.out
    assert "f_members.each.name" in ended.out
    fields = json.loads(template("outline", "staff_list", "--format", "json").out)["fields"]
    assert {"tag": "members[].rank", "name": "f_members.each.rank", "kind": "text", "choices": [], "repeated": True,
            "sensitive": True}.items() <= next(f for f in fields if f["tag"] == "members[].rank").items()  # fmt: skip


def test_adopt_writes_a_template_and_checks_it(template: Command, tmp_path: Path) -> None:
    source, made = tmp_path / "我的.docx", tmp_path / "congress_report.docx"
    text = "{{held}}{{place}}{{delegate_total}}{{delegations[].name}}{{delegations[].count}}"
    source.write_bytes(office.docx("".join(paragraph(run(t)) for t in (text, "{{agenda[]}}", "{{photos[].fle}}"))))
    before = source.read_bytes()
    ended = template("adopt", source, "-o", made)
    assert ended.code == 1
    assert "7 处" in ended.out
    assert "没有字段“photos[].fle”，是不是“photos[].file”" in ended.out
    text = text.replace("{{delegations", "</w:t></w:r></w:p><w:p><w:r><w:t>{{delegations", 1)
    lines = (text, "{{agenda[]}}", "{{photos[].file}}", "{{photos[].caption}}")
    source.write_bytes(office.docx("".join(paragraph(run(line)) for line in lines)))
    assert template("adopt", source, "-o", made).code == 2  # somebody's file is there
    ended = template("adopt", source, "-o", made, "--force")
    assert (ended.code, "与“校级学生代表大会召开情况”相符" in ended.out) == (0, True)
    assert before != made.read_bytes()
    assert template("check", made).code == 0


@pytest.mark.parametrize(
    ("source", "made", "said"),
    [
        ("a.doc", "congress_report.docx", "不是 .docx 或 .xlsx"),
        ("a.docx", "congress_report.xlsx", "要以 .docx 结尾"),
        ("a.docx", "a.docx", "不能写到原来的文件上"),
        ("a.docx", "congress_report.docx", "没有找到 {{字段}}"),
        ("a.docx", "nothing.docx", "没有表单“nothing”"),
    ],
)
def test_adopt_says_in_a_sentence_what_it_cannot_do(
    source: str, made: str, said: str, template: Command, tmp_path: Path
) -> None:
    (tmp_path / source).write_bytes(office.docx(paragraph(run("姓名"))))
    ended = template("adopt", tmp_path / source, "-o", tmp_path / made)
    assert (ended.code, said in ended.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == [source]
