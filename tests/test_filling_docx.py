"""Do Word templates become the documents that their controls ask for, whatever the values are?"""

import io
import json
import re
from typing import Any

import docx as python_docx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from formgen import opc, pictures
from formgen.filling import data_part
from formgen.filling.template import Template, compile_template
from formgen.forms import Edition
from formgen.pictures import Picture
from making import ANY_JSON
from office import (
    NAMESPACES,
    block,
    body_of,
    control,
    docx,
    drawing,
    edition,
    paragraph,
    parts_of,
    picture,
    problems,
    relationships,
    row,
    run,
    table,
    text_of,
    tick,
    value,
    word,
)

MULTI = '<w:text w:multiLine="1"/>'
GROUPS = edition(
    groups={
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "people": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
            },
        },
    }
)
NAMES = edition(people={"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}})


def filled(body: str, form: Edition, values: Any, **parts: Any) -> bytes:
    return word(body, form, **parts).fill(values).data


def lines(body: str, form: Edition, values: Any) -> list[str]:
    """The text of the filled document's paragraphs; python-docx must open it."""
    data = filled(body, form, values)
    python_docx.Document(io.BytesIO(data))
    return text_of(data)


# --- values ----------------------------------------------------------------------------------------------------------


def test_a_value_takes_the_place_and_the_format_of_its_control() -> None:
    body = paragraph(run("姓名："), control("name", run("请填写", "<w:rPr><w:b/></w:rPr>")), run("。"))
    data = filled(body, edition("name"), {"name": "李𠮷·某"})
    assert body_of(data) == (
        "<w:p><w:r><w:t>姓名：</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>李𠮷·某</w:t></w:r><w:r><w:t>。</w:t></w:r></w:p>"
    )


@pytest.mark.parametrize(
    "values", [{}, {"name": None}, {"name": ""}, {"name": []}, {"name": {"x": 1}}, [], None, "x", 3]
)
def test_an_absent_value_leaves_its_paragraph_empty(values: Any) -> None:
    assert body_of(filled(value("name"), edition("name"), values)) == "<w:p><w:r><w:t></w:t></w:r></w:p>"


NASTY = "a&b<c>d\"e'f]]>g&amp;<!--h--><?i?>"
TEXTS = [
    (NASTY, NASTY),
    ("一\r\n二\r三\n四", "一<br>二<br>三<br>四"),
    ("一\t二", "一<tab>二"),
    ("\0\x01\x08\x0b\x0c\x1f", "\ufffd" * 6),
    ("\ud800a\udfff", "\ufffda\ufffd"),
    ("\ufffe\uffff", "\ufffd\ufffd"),
    ("𠮷䶮·\u2028\x85\xa0", "𠮷䶮·\u2028\x85\xa0"),
    ("  前后  ", "  前后  "),
    ("字" * 20_000, "字" * 20_000),
]


@pytest.mark.parametrize(("text", "printed"), TEXTS, ids=range(len(TEXTS)))
def test_any_text_stands_in_the_document_as_it_is(text: str, printed: str) -> None:
    assert lines(value("name"), edition("name"), {"name": text}) == [printed]


def test_spaces_are_kept() -> None:
    assert (
        b'<w:t xml:space="preserve"> a </w:t>'
        in parts_of(filled(value("name"), edition("name"), {"name": " a "}))["word/document.xml"]
    )


@given(st.text())
@example("\ud800")
def test_every_text_is_xml(text: str) -> None:
    template = word(value("name"), edition("name"))
    found = "".join(text_of(template.fill({"name": text}).data))
    assert found.replace("<br>", "\n").replace("<tab>", "\t") == re.sub(
        "[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")
    )


def test_a_text_of_several_lines_in_a_paragraph_of_its_own_is_set_in_paragraphs() -> None:
    properties = "<w:pPr><w:ind w:firstLine='480'/></w:pPr>"
    inline = f"<w:p>{properties}{control('name', properties=MULTI)}</w:p>"
    as_block = block("name", f"<w:p>{properties}{run()}</w:p>{paragraph(run())}", MULTI)
    for body in (inline, as_block):
        data = filled(body, edition("name"), {"name": "一\n\n二\t&"})
        assert body_of(data).count('<w:pPr><w:ind w:firstLine="480"/></w:pPr>') == 3
        assert text_of(data) == ["一", "二<tab>&"]
        assert body_of(filled(body, edition("name"), {})).count("<w:p>") == 1


@pytest.mark.parametrize("properties", ["", '<w:text w:multiLine="0"/>', '<w:text w:multiLine="false"/>', "<w:text/>"])
def test_a_text_of_several_lines_elsewhere_is_broken_within_its_paragraph(properties: str) -> None:
    assert lines(paragraph(control("name", properties=properties)), edition("name"), {"name": "一\n二"}) == ["一<br>二"]


def test_a_text_of_several_lines_beside_other_text_is_broken_within_its_paragraph() -> None:
    body = paragraph(run("意见："), control("name", properties=MULTI))
    assert lines(body, edition("name"), {"name": "一\n二"}) == ["意见：一<br>二"]


def test_a_control_that_word_split_into_runs_is_one_value_in_the_format_of_the_first() -> None:
    held = (
        run("请", "<w:rPr><w:b/></w:rPr>") + '<w:proofErr w:type="spellStart"/>' + run("填写") + "<w:r><w:tab/></w:r>"
    )
    data = filled(paragraph(control("name", held)), edition("name"), {"name": "李"})
    assert body_of(data) == "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>李</w:t></w:r></w:p>"


def test_the_grey_of_a_placeholder_is_not_that_of_the_value() -> None:
    grey = run("单击输入", '<w:rPr><w:rStyle w:val="PlaceholderText"/><w:sz w:val="21"/></w:rPr>')
    body = paragraph(control("name", grey, "<w:showingPlcHdr/>"))
    data = filled(body, edition("name"), {"name": "李"})
    assert body_of(data) == '<w:p><w:r><w:rPr><w:sz w:val="21"/></w:rPr><w:t>李</w:t></w:r></w:p>'
    styled = paragraph(control("name", grey))
    assert "rStyle" in body_of(filled(styled, edition("name"), {"name": "李"}))


@pytest.mark.parametrize(
    "body",
    [
        paragraph(control("name", "")),
        paragraph(control("name", "", "<w:rPr><w:b/></w:rPr>")),
        paragraph('<w:sdt><w:sdtPr><w:tag w:val="name"/></w:sdtPr></w:sdt>'),
        block("name", ""),
        block("name", "<w:p><w:pPr/></w:p>"),
        table(row(block("name", ""))),
    ],
)
def test_a_control_without_anything_in_it_takes_a_value(body: str) -> None:
    data = filled(body, edition("name"), {"name": "李"})
    assert [p.text for p in _every_paragraph(data)] == ["李"]
    assert ("<w:b/>" in body) == ("<w:b/>" in body_of(data))


def _every_paragraph(data: bytes) -> list[Any]:
    document = python_docx.Document(io.BytesIO(data))
    cells = [cell for found in document.tables for line in found.rows for cell in line.cells]
    return [p for holder in (document, *cells) for p in holder.paragraphs]


def test_controls_around_cells_and_rows_take_a_value_too() -> None:
    cell = table("<w:tr>" + control("name", f"<w:tc>{paragraph(run())}{paragraph(run())}</w:tc>") + "</w:tr>")
    data = filled(cell, edition("name"), {"name": "李"})
    assert "<w:tr><w:tc><w:p><w:r><w:t>李</w:t></w:r></w:p></w:tc></w:tr>" in body_of(data)


def test_a_template_with_another_prefix_for_word_is_filled_with_that() -> None:
    body = paragraph(control("name")) + paragraph(tick("state=met"))
    plain = docx(body)
    parts = parts_of(plain)
    text = parts["word/document.xml"].decode()
    swapped = (
        re.sub(r"(</?)w:", r"\1", text).replace("xmlns:w=", "xmlns=").replace("<document ", f"<document {W_AGAIN} ")
    )
    swapped = re.sub(r" w:(val)=", r" ww:\1=", swapped)
    data = compile_template(docx(body, files={"word/document.xml": swapped}), "a.docx", edition("name", "state"))
    assert text_of(data.fill({"name": "一\n二", "state": "met"}).data) == ["一<br>二", "☑"]


W_AGAIN = 'xmlns:ww="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def test_what_word_keeps_of_editing_is_dropped() -> None:
    body = (
        '<w:p w:rsidR="00A1" w:rsidRDefault="00A2" w14:paraId="1" w14:textId="2">'
        '<w:r w:rsidRPr="00A3"><w:t>a</w:t></w:r>'
        "<!-- 注 --></w:p>" + value("name")
    )
    assert "rsid" not in body_of(filled(body, edition("name"), {}))
    assert "w14:paraId" not in body_of(filled(body, edition("name"), {}))


GALLERY = (
    '<w:sdt><w:sdtPr><w:id w:val="1"/><w:docPartObj><w:docPartGallery w:val="Page Numbers (Bottom of Page)"/>'
    f"</w:docPartObj></w:sdtPr><w:sdtContent>{paragraph(run('第 1 页'))}</w:sdtContent></w:sdt>"
)


def test_a_gallery_of_page_numbers_needs_no_tag_and_leaves_its_content() -> None:
    stories = {"footer1": GALLERY, "footer2": GALLERY + value("note"), "header1": paragraph(run("静"))}
    template = word(value("name") + GALLERY, edition("name", "note"), stories=stories)
    data = template.fill({"name": "李", "note": "注"}).data
    assert text_of(data) == ["李", "第 1 页"]
    assert text_of(data, "word/footer1.xml") == ["第 1 页"]
    assert text_of(data, "word/footer2.xml") == ["第 1 页", "注"]
    assert not any(b"w:sdt" in part for part in parts_of(data).values())
    original = docx(value("name") + GALLERY, stories=stories)
    assert parts_of(data)["word/header1.xml"] == parts_of(original)["word/header1.xml"]


@pytest.mark.parametrize("story", ["header1", "footer1", "footnotes", "endnotes"])
def test_controls_in_every_story_are_filled(story: str) -> None:
    data = filled(value("note"), edition("name", "note"), {"name": "李"}, stories={story: value("name")})
    assert text_of(data, f"word/{story}.xml") == ["李"]


# --- repetition ------------------------------------------------------------------------------------------------------

PEOPLE = {"people": [{"name": "甲"}, {"name": "乙"}, {"name": "丙"}]}


def test_a_row_is_repeated_for_each_item() -> None:
    body = table(row(paragraph(run("姓名"))), row(value("people[].name")), row(paragraph(run("合计"))))
    assert lines(body, NAMES, PEOPLE) == ["姓名", "甲", "乙", "丙", "合计"]


@pytest.mark.parametrize("people", [[], None, {}, "甲", 3, [{}], [None], [[]], ["甲"]])
def test_a_table_without_items_keeps_one_empty_row_to_write_on(people: Any) -> None:
    data = filled(table(row(value("people[].name"))), NAMES, {"people": people})
    assert body_of(data).count("<w:tr>") == 1
    assert text_of(data) == []


def test_a_paragraph_is_repeated_for_each_item_and_left_out_without_any() -> None:
    body = paragraph(run("名单")) + value("people[].name")
    assert lines(body, NAMES, PEOPLE) == ["名单", "甲", "乙", "丙"]
    assert body_of(filled(body, NAMES, {})).count("<w:p>") == 1


def test_a_list_of_texts_is_repeated() -> None:
    assert lines(value("words[]"), edition("words"), {"words": ["一", "二", 3, None, {}]}) == ["一", "二", "3"]
    multi = paragraph(control("words[]", properties=MULTI))
    assert lines(multi, edition("words"), {"words": ["一\n二", "三"]}) == ["一", "二", "三"]


def test_values_of_the_record_stand_in_repeated_rows_too() -> None:
    form = edition("name", **NAMES.schema["properties"])
    body = table(row(value("people[].name"), value("name")))
    assert lines(body, form, {**PEOPLE, "name": "同"}) == ["甲", "同", "乙", "同", "丙", "同"]


NESTED = {
    "groups": [{"title": "一", "people": [{"name": "甲"}, {"name": "乙"}]}, {"title": "二", "people": [{"name": "丙"}]}]
}


def test_lists_within_lists_are_repeated_by_rows() -> None:
    body = table(row(value("groups[].title")), row(value("groups[].people[].name")))
    assert lines(body, GROUPS, NESTED) == ["一", "甲", "乙", "二", "丙"]
    assert body_of(filled(body, GROUPS, {})).count("<w:tr>") == 2
    assert body_of(filled(body, GROUPS, {"groups": [{}, {}]})).count("<w:tr>") == 4


def test_lists_within_lists_are_repeated_by_regions_of_their_own() -> None:
    inner = block("groups[].people[]", value("groups[].people[].name"))
    body = block("groups[]", paragraph(run("组：")) + value("groups[].title") + inner) + paragraph(run("完"))
    assert lines(body, GROUPS, NESTED) == ["组：", "一", "甲", "乙", "组：", "二", "丙", "完"]
    assert lines(body, GROUPS, {}) == ["完"]


def test_a_region_may_hold_whole_tables_and_one_row_of_them() -> None:
    rows = block("groups[].people[]", row(value("groups[].people[].name")))
    body = block("groups[]", value("groups[].title") + table(row(paragraph(run("姓名"))), rows) + paragraph())
    assert lines(body, GROUPS, NESTED) == ["一", "姓名", "甲", "乙", "二", "姓名", "丙"]


def test_a_title_and_the_table_below_it_are_repeated_together() -> None:
    body = value("groups[].title") + table(row(value("groups[].people[].name"))) + paragraph(run("完"))
    assert lines(body, GROUPS, NESTED) == ["一", "甲", "乙", "二", "丙", "完"]


def test_a_list_printed_twice_in_regions_of_its_own_is_repeated_twice() -> None:
    body = block("people[]", value("people[].name")) + paragraph(run("又")) + block("people[]", value("people[].name"))
    assert lines(body, NAMES, PEOPLE) == ["甲", "乙", "丙", "又", "甲", "乙", "丙"]


def test_a_nested_table_within_a_repeated_row_is_repeated_with_it() -> None:
    inner = table(row(value("groups[].people[].name"))) + paragraph()
    body = table(row(value("groups[].title") + inner))
    assert lines(body, GROUPS, NESTED) == ["一", "甲", "乙", "二", "丙"]


def test_regions_that_cross_are_refused() -> None:
    body = value("people[].name") + block("?name", value("people[].name") + value("name"))
    found = problems(docx(body), edition("name", **NAMES.schema["properties"]))
    assert any("overlaps another region" in problem for problem in found)


# --- conditions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "present"), [("李", True), (0, True), (False, True), ("", False), (None, False), ([], False), ({}, False)]
)
def test_a_region_is_kept_if_its_value_is_present_or_absent(name: Any, present: bool) -> None:
    body = (
        block("?name", paragraph(run("有")))
        + block("!name", paragraph(run("无")))
        + paragraph(run("完"))
        + value("name")
    )
    found = lines(body, edition("name"), {"name": name})
    assert found[:2] == ["有" if present else "无", "完"]


def test_an_inline_condition_keeps_its_paragraph_or_row() -> None:
    body = paragraph(control("?name", run("姓名：")), control("name")) + paragraph(run("完"))
    assert lines(body, edition("name"), {"name": "李"}) == ["姓名：李", "完"]
    assert lines(body, edition("name"), {}) == ["完"]
    rows = table(row(paragraph(run("头"))), row(paragraph(control("?name", run("姓名"))), value("name")))
    assert lines(rows, edition("name"), {"name": "李"}) == ["头", "姓名", "李"]
    assert lines(rows, edition("name"), {}) == ["头"]


def test_conditions_may_hold_other_controls_and_stand_in_lists() -> None:
    body = table(row(block("?people[].name", value("people[].name")) + paragraph(run("·"))))
    assert lines(body, NAMES, {"people": [{"name": "甲"}, {}]}) == ["甲", "·", "·"]
    inline = paragraph(control("!people[].name", run("缺"))) + value("people[].name")
    assert lines(inline, NAMES, {"people": [{"name": "甲"}, {}]}) == ["甲", "缺"]


def test_a_cell_always_keeps_a_paragraph_at_its_end() -> None:
    form = edition("name", "note", "words")
    hidden = value("note") + value("words[]")
    cells = [
        block("?name", paragraph(run("有"))),
        paragraph(control("?name", run("有"))),
        value("words[]"),
        block("?name", table(row(paragraph(run("内")))) + paragraph()),
        table(row(paragraph(run("内")))) + paragraph(control("?name", run("有"))),
        block("?name", paragraph(run("有"))) + block("!name", paragraph(run("无"))),
        paragraph(run("静")) + block("?name", paragraph()),
    ]
    for cell in cells:
        for values in ({}, {"name": "李"}):
            data = filled(table(row(cell)) + hidden + value("name"), form, values)
            for found in opc.parse_xml(parts_of(data)["word/document.xml"]).iter(f"{{{W}}}tc"):
                assert found[-1].tag == f"{{{W}}}p", cell
    still = filled(table(row(paragraph(run("静")) + block("?name", paragraph()))) + hidden + value("name"), form, {})
    assert body_of(still).count("<w:p>") == 3


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def test_a_header_always_keeps_a_paragraph() -> None:
    stories = {"header1": paragraph(control("?name", run("有")))}
    data = filled(value("name"), edition("name"), {}, stories=stories)
    assert body_of(data, "word/header1.xml") == "<w:p/>"


# --- text boxes ------------------------------------------------------------------------------------------------------


def boxed(content: str) -> str:
    """A paragraph with a text box, as Word writes it: twice, for new and old readers."""
    return paragraph(
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx><w:txbxContent>"
        f"{content}</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>"
        f"{content}</w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_controls_in_text_boxes_are_filled() -> None:
    body = boxed(value("name") + block("?note", paragraph(run("注："))) + value("note"))
    assert text_of(filled(body, edition("name", "note"), {"name": "李"}))[1:] == ["李", "李"]
    assert text_of(filled(body, edition("name", "note"), {"note": "好"}))[1:] == ["注：", "好", "注：", "好"]


def test_a_list_in_a_text_box_is_repeated_within_it() -> None:
    for body in (boxed(value("people[].name")), boxed(block("people[]", value("people[].name")))):
        for outer in (body, table(row(body))):
            data = filled(outer, NAMES, PEOPLE)
            text = body_of(data)
            assert text.count("<mc:Fallback>") == 1
            assert [line for line in text_of(data) if len(line) == 1] == ["甲", "乙", "丙"] * 2
            assert "<w:txbxContent/>" not in body_of(filled(outer, NAMES, {}))


# --- check boxes -----------------------------------------------------------------------------------------------------

STATES = (
    '<w14:checkedState w14:val="2612" w14:font="MS Gothic"/><w14:uncheckedState w14:val="2610" w14:font="MS Gothic"/>'
)


@pytest.mark.parametrize(
    ("state", "met", "unmet"),
    [("met", "☑", "☐"), ("unmet", "☐", "☑"), (None, "☐", "☐"), (3, "☐", "☐"), (["met"], "☐", "☐"), ({}, "☐", "☐")],
)
def test_a_box_is_ticked_if_the_value_is_its_own(state: Any, met: str, unmet: str) -> None:
    body = paragraph(tick("state=met"), run("达标"), tick("state=unmet"), run("未达标"))
    assert lines(body, edition("state"), {"state": state}) == [f"{met}达标{unmet}未达标"]


def test_a_box_takes_signs_and_font_from_the_template() -> None:
    body = paragraph(
        tick("sure=true", STATES, run("☐", '<w:rPr><w:rFonts w:hint="eastAsia"/><w:sz w:val="24"/></w:rPr>'))
    )
    for sure, sign in ((True, "☒"), (False, "☐"), ("true", "☒")):
        text = body_of(filled(body, edition("sure"), {"sure": sure}))
        assert text == (
            '<w:p><w:r><w:rPr><w:rFonts w:hint="eastAsia" w:ascii="MS Gothic" w:hAnsi="MS Gothic" '
            'w:eastAsia="MS Gothic" '
            f'w:cs="MS Gothic"/><w:sz w:val="24"/></w:rPr><w:t>{sign}</w:t></w:r></w:p>'
        )


def test_a_box_keeps_its_character_style_before_the_font() -> None:
    for held in (run("☐"), run("☐", '<w:rPr><w:rStyle w:val="a"/><w:b/></w:rPr>'), run("☐", "<w:rPr><w:b/></w:rPr>")):
        text = body_of(filled(paragraph(tick("sure=true", STATES, held)), edition("sure"), {}))
        assert re.search(r'<w:rPr>(<w:rStyle w:val="a"/>)?<w:rFonts [^>]*/>(<w:b/>)?</w:rPr>', text)


def test_a_box_in_a_repeated_row_follows_the_item() -> None:
    form = edition(people={"type": "array", "items": {"type": "object", "properties": {"ok": {"type": "boolean"}}}})
    body = table(row(paragraph(tick("people[].ok=true"), tick("people[].ok=false"))))
    assert lines(body, form, {"people": [{"ok": True}, {"ok": False}, {}]}) == ["☑☐", "☐☑", "☐☐"]


# --- pictures --------------------------------------------------------------------------------------------------------


def photo(width: int = 30, height: int = 40, colour: str = "red", orientation: int = 1) -> Picture:
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (width, height), colour).save(file, "JPEG", exif=exif)
    return pictures.read(file.getvalue())


PHOTO = edition("photo")
RED, BLUE = photo(), photo(colour="blue")


def with_photo(body: str, form: Edition, values: Any, given: dict[str, Picture], **parts: Any) -> bytes:
    data = word(body, form, **parts).fill(values, given).data
    python_docx.Document(io.BytesIO(data))
    return data


def media(data: bytes) -> dict[str, bytes]:
    return {name: part for name, part in parts_of(data).items() if "media" in name}


def embedded(data: bytes, part: str = "word/document.xml") -> list[str]:
    """The file that each shape of a part shows."""
    package = opc.read(data, "a")
    rels = package.relationships(part)
    return [str(rels[id].part) for id in re.findall(r'r:embed="([^"]*)"', package.parts[part].decode())]


def test_a_picture_takes_the_place_of_the_placeholder() -> None:
    data = with_photo(paragraph(picture("photo")), PHOTO, {"photo": "a.jpg"}, {"a.jpg": RED})
    assert embedded(data) == ["word/media/picture1.jpg"]
    assert media(data) == {"word/media/picture1.jpg": RED.data}
    assert opc.read(data, "a").content_type("word/media/picture1.jpg") == "image/jpeg"
    text = body_of(data)
    assert text.count('cx="900000" cy="1200000"') == 2
    assert 'rot="0" flipH="0"' in text
    assert "w:sdt" not in text


@pytest.mark.parametrize("value", [None, "b.jpg", 3, {}, ["a.jpg"]])
def test_without_a_picture_the_placeholder_stays(value: Any) -> None:
    data = with_photo(paragraph(picture("photo")), PHOTO, {"photo": value}, {"a.jpg": RED})
    assert embedded(data) == ["word/media/dot.png"]
    assert "rot=" not in body_of(data)


PICTURES = edition(
    groups={
        "type": "array",
        "items": {"type": "object", "properties": {"photo": {"type": "string", "x-typeset": "picture"}}},
    }
)


def test_the_same_picture_is_stored_once() -> None:
    items = {"groups": [{"photo": "a"}, {"photo": "b"}, {"photo": "a2"}, {}]}
    data = with_photo(paragraph(picture("groups[].photo")), PICTURES, items, {"a": RED, "a2": photo(), "b": BLUE})
    assert embedded(data) == [
        f"word/media/{name}" for name in ("picture1.jpg", "picture2.jpg", "picture1.jpg", "dot.png")
    ]
    assert len(media(data)) == 3
    ids = re.findall(r'docPr id="([0-9]+)"', body_of(data))
    assert len(set(ids)) == 4


def test_the_same_picture_in_two_parts_is_stored_once_and_related_twice() -> None:
    parts: dict[str, Any] = {
        "stories": {"header1": paragraph(picture("photo", "rIdHead"))},
        "related": {"header1": {"rIdHead": ("image", "media/dot.png")}},
    }
    body = paragraph(picture("photo")) + paragraph(picture("seal"))
    form = edition("photo", seal={"type": "string", "x-typeset": "picture"})
    data = with_photo(body, form, {"photo": "a"}, {"a": RED}, **parts)
    assert embedded(data) == ["word/media/picture1.jpg", "word/media/dot.png"]
    assert embedded(data, "word/header1.xml") == ["word/media/picture1.jpg"]
    assert "rIdHead" not in opc.read(data, "a").relationships("word/header1.xml")
    assert len(media(data)) == 2
    both = with_photo(body, form, {"photo": "a", "seal": "a"}, {"a": RED}, **parts)
    assert list(media(both)) == ["word/media/picture1.jpg"]


def test_a_placeholder_that_is_shown_elsewhere_stays() -> None:
    static = paragraph(drawing()) + paragraph(picture("photo"))
    data = with_photo(static, PHOTO, {"photo": "a"}, {"a": RED})
    assert embedded(data) == ["word/media/dot.png", "word/media/picture1.jpg"]
    assert "word/media/dot.png" in media(data)
    other = with_photo(
        paragraph(picture("photo")),
        PHOTO,
        {"photo": "a"},
        {"a": RED},
        stories={"header1": paragraph(drawing("rIdLogo"))},
        related={"header1": {"rIdLogo": ("image", "media/dot.png")}},
    )
    assert "word/media/dot.png" in media(other)
    assert embedded(other, "word/header1.xml") == ["word/media/dot.png"]


def test_a_placeholder_stays_whatever_quotes_its_relationship_has() -> None:
    header = paragraph(picture("photo", "rIdHead"))
    rels = relationships({"rIdHead": ("image", "media/head.png")}).replace('"', "'")
    files = {"word/_rels/header1.xml.rels": rels, "word/media/head.png": b"placeholder"}
    data = with_photo(paragraph(run()), PHOTO, {}, {}, stories={"header1": header}, files=files)
    assert embedded(data, "word/header1.xml") == ["word/media/head.png"]
    assert media(data)["word/media/head.png"] == b"placeholder"


def test_a_picture_never_takes_the_name_of_one_of_the_template() -> None:
    data = with_photo(
        paragraph(picture("photo")), PHOTO, {"photo": "a"}, {"a": RED}, files={"word/media/Picture1.JPG": b"own"}
    )
    assert media(data)["word/media/Picture1.JPG"] == b"own"
    assert len(media(data)) == 2
    assert parts_of(data)[embedded(data)[0]] == RED.data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_and_mirrored_and_fits_the_frame(orientation: int) -> None:
    given = photo(60, 40, orientation=orientation)
    text = body_of(with_photo(paragraph(picture("photo")), PHOTO, {"photo": "a"}, {"a": given}))
    turned = orientation >= 5
    # Upright it is 60×40 or 40×60; the frame is 900000×1200000.
    upright = (800_000, 1_200_000) if turned else (900_000, 600_000)
    size = tuple(reversed(upright)) if turned else upright
    assert re.findall(r'cx="([0-9]+)" cy="([0-9]+)"', text) == [tuple(map(str, size))] * 2
    found = re.search(r'rot="([0-9]+)" flipH="([01])"', text)
    assert found is not None
    assert (int(found[1]), found[2] == "1") == (given.turns * 5_400_000, given.mirrored)
    beside = (upright[0] - size[0]) // 2
    above = (upright[1] - size[1]) // 2
    assert f'l="{max(0, beside)}" t="{max(0, above)}" r="{max(0, beside)}" b="{max(0, above)}"' in text


def test_a_very_thin_picture_has_a_size() -> None:
    file = io.BytesIO()
    for size in ((60_000, 1), (1, 60_000)):
        file = io.BytesIO()
        Image.new("L", size).save(file, "PNG")
        text = body_of(
            with_photo(paragraph(picture("photo")), PHOTO, {"photo": "a"}, {"a": pictures.read(file.getvalue())})
        )
        assert all(int(number) > 0 for number in re.findall(r'c[xy]="([0-9]+)"', text))


def test_a_picture_without_frame_effects_is_placed_too() -> None:
    bare = re.sub(r"<wp:effectExtent[^>]*>|<a:xfrm>.*</a:xfrm>", "", drawing())
    data = with_photo(paragraph(control("photo", bare, "<w:picture/>")), PHOTO, {"photo": "a"}, {"a": RED})
    assert embedded(data) == ["word/media/picture1.jpg"]


def test_a_condition_may_keep_a_picture_with_its_row() -> None:
    body = block("?photo", paragraph(picture("photo"))) + paragraph(run("完"))
    assert embedded(with_photo(body, PHOTO, {"photo": "a"}, {"a": RED})) == ["word/media/picture1.jpg"]
    data = with_photo(body, PHOTO, {}, {})
    assert text_of(data) == ["完"]
    assert media(data) == {}


# --- the data part and the whole -------------------------------------------------------------------------------------


def carried(data: bytes) -> data_part.Carried:
    found = data_part.find(opc.read(data, "a"))
    assert found is not None
    return found


def test_a_document_carries_exactly_the_values_that_it_prints() -> None:
    form = edition("name", "state", **NAMES.schema["properties"])
    body = value("name") + paragraph(tick("state=met")) + value("people[].name")
    values = {"name": "李", "state": "met", "role": "主席", "people": [{"name": "甲", "role": "部长"}, 3, {}]}
    found = carried(filled(body, form, values))
    assert found.values == {"name": "李", "state": "met", "people": [{"name": "甲"}, None, {}]}
    assert (found.form, found.schema, found.draft) == ("trial", "sha256:0", False)
    assert found.template.startswith("sha256:")


@given(st.dictionaries(st.sampled_from(["name", "count"]), ANY_JSON))
@example({"name": "\ud800\ufffe\x7f\x85]]>&<\r\n\0"})
def test_what_is_carried_survives_the_way_through_xml(values: dict[str, Any]) -> None:
    template = word(value("name") + value("count"), edition("name", "count"))
    assert json.dumps(carried(template.fill(values).data).values) == json.dumps(values | {}) or _same(
        carried(template.fill(values).data).values, values
    )


def _same(one: Any, two: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(two, sort_keys=True)


@pytest.mark.parametrize("renamed", [False, True])
def test_a_template_made_from_a_document_carries_its_data_once(renamed: bool) -> None:
    made = filled(value("name"), edition("name"), {"name": "旧"})
    parts = dict(parts_of(made))
    if renamed:  # as Word does when it saves
        parts["customXml/item1.xml"] = parts.pop(data_part.NAME)
        parts["customXml/_rels/item1.xml.rels"] = parts.pop("customXml/_rels/item1000.xml.rels")
        for name in ("[Content_Types].xml", "word/_rels/document.xml.rels"):
            parts[name] = parts[name].replace(b"item1000.xml", b"item1.xml")
    parts["word/document.xml"] = f"<w:document {NAMESPACES}><w:body>{value('name')}</w:body></w:document>".encode()
    again = compile_template(opc.write([opc.member(n, d) for n, d in parts.items()]), "a.docx", edition("name"))
    data = again.fill({"name": "新"}).data
    assert carried(data).values == {"name": "新"}
    assert [name for name in parts_of(data) if name.startswith("customXml/item")].count(data_part.NAME) == 1
    assert not any("旧".encode() in part for part in parts_of(data).values())
    assert parts_of(data)["[Content_Types].xml"].count(b"customXml/item1") == 1
    assert len(opc.read(data, "a").related("word/document.xml", "customXml")) == 1


@pytest.mark.parametrize("text", ["{", "1" * 5000, "[" * 100_000])
def test_carried_data_that_is_damaged_is_a_package_error(text: str) -> None:
    part = f'<record xmlns="{data_part.NAMESPACE}">{text}</record>'.encode()
    with pytest.raises(opc.PackageError, match="carries is damaged"):
        data_part.find(opc.Package({data_part.NAME: part}))


def test_a_field_that_is_printed_whole_is_carried_whole() -> None:
    for paths in ([("held",), ("held", "start")], [("held", "start"), ("held",)]):
        tree = data_part.tree_of(paths)
        assert data_part.pruned({"held": {"start": 1, "end": 2}, "x": 3}, tree) == {"held": {"start": 1, "end": 2}}


def test_a_package_without_our_data_carries_none() -> None:
    other = f'<x xmlns="{data_part.NAMESPACE}"/>'.encode()
    for parts in ({}, {"customXml/item1.xml": b"<a/>"}, {"customXml/item1.xml": other}):
        assert data_part.find(opc.Package(parts)) is None


def test_a_thumbnail_of_the_template_is_left_behind() -> None:
    parts = parts_of(docx(value("name"), files={"docProps/thumbnail.jpeg": b"old"}))
    linked = opc.with_relationship(parts, "", "rIdT", "http://x/metadata/thumbnail", "docProps/thumbnail.jpeg")
    data = compile_template(opc.write([opc.member(n, d) for n, d in linked.items()]), "a.docx", edition("name"))
    assert "docProps/thumbnail.jpeg" not in parts_of(data.fill({}).data)


EVERY = edition("name", "note", "count", "sure", "state", "born", "photo", "words", "groups")
BODY = (
    value("name")
    + paragraph(run("注"), control("note"))
    + value("count")
    + paragraph(tick("sure=true"), tick("state=met"))
    + value("born")
    + paragraph(picture("photo"))
    + paragraph(control("words[]", properties=MULTI))
    + table(
        row(value("groups[].title"), value("groups[].size"), paragraph(picture("groups[].photo"))),
        row(value("groups[].people[].name"), paragraph(tick("groups[].people[].ok=true"))),
    )
    + block("?note", paragraph(run("有注")))
    + block("!count", paragraph(run("无数")))
)


@pytest.fixture(scope="module")
def every() -> Template:
    return word(BODY, EVERY)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(sorted(EVERY.schema["properties"])), ANY_JSON) | ANY_JSON)
def test_any_json_can_be_filled_in(every: Template, values: Any) -> None:
    document = every.fill(values, {"": RED})
    package = opc.read(document.data, "a")
    assert package.content_digest == document.content_digest
    for part in package.parts:
        if part.endswith((".xml", ".rels")):
            opc.parse_xml(package.parts[part])
        assert all(
            target.part is None or target.part in package.parts for target in package.relationships(part).values()
        )


def test_filling_leaves_nothing_behind_for_the_next_document(every: Template) -> None:
    full = {"name": "李", "photo": "a", "words": ["一"], "groups": [{"photo": "a", "people": [{"name": "甲"}]}]}
    empty = every.fill({}).data
    first = every.fill(full, {"a": RED}).data
    assert every.fill({}).data == empty
    assert every.fill(full, {"a": RED}).data == first
    assert word(BODY, EVERY).fill(full, {"a": RED}).data == first
