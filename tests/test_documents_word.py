"""What stands anywhere on the pages of a Word document is read, once; what nobody sees is not, and that is said."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import office
from formgen import forms, intake
from formgen.intake import Reading
from formgen.intake.documents import word
from office import block, control, paragraph, row, run, table
from typed_forms import B, cell, form_b, said
from typed_forms import read as read_filing
from typed_forms import word as typed_word

CANDIDATE = forms.catalogue().edition("candidate_registration", date(2020, 11, 18))
LABELS = (("姓名", "王静"), ("性别", "女"), ("民族", "汉族"), ("籍贯", "甘肃兰州"))


def rows(*pairs: tuple[str, str]) -> str:
    return table(*(row(paragraph(run(label)), paragraph(run(text))) for label, text in pairs))


FORM = rows(*LABELS)


def read(body: str, folder: Path, **parts: Any) -> Reading:
    path = folder / "01.docx"
    path.write_bytes(office.docx(body, **parts))
    return intake.read(path, path.name, CANDIDATE, "01")


def values(reading: Reading) -> dict[str, Any]:
    assert reading.record is not None
    found: dict[str, Any] = reading.record.values
    return found


def place(reading: Reading, field: str) -> str:
    assert reading.record is not None
    return str(reading.record.origins.find((field,)))


def told(reading: Reading) -> list[tuple[str, str]]:
    return [entry for entry in said(reading) if entry[0] != "I-field-unreadable"]


def box(content: str) -> str:
    """A text box as Word writes it: once for itself, once more for older ones."""
    modern = f"<w:drawing><wp:anchor><a:graphic><a:graphicData><wps:wsp><wps:txbx><w:txbxContent>{content}"
    modern += "</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{modern}</mc:Choice>'
        f"<mc:Fallback>{old_box(content, alone=False)}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def old_box(content: str, *, alone: bool = True) -> str:
    pict = f"<w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"
    return f"<w:r>{pict}</w:r>" if alone else pict


# --- text boxes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drawn", [box, old_box])
def test_what_stands_in_text_boxes_is_read_once(drawn: Any, tmp_path: Path) -> None:
    line = paragraph(run("填表说明"), drawn(paragraph(run("联系电话：138"))), run("如下"))
    reading = read(line + FORM + paragraph(drawn(rows(("学号", "2019010101"), ("专业", "数控技术")))), tmp_path)
    assert values(reading) == {
        "name": "王静", "gender": "女", "ethnicity": "汉族", "native_place": "甘肃兰州",
        "phone": "138", "student_number": "2019010101", "major": "数控技术",
    }  # fmt: skip
    assert told(reading) == []
    assert place(reading, "phone") == "01.docx!第1个文本框!第1段"
    assert place(reading, "major") == "01.docx!第2个文本框第1个表格!第2行第2格"
    assert place(reading, "name") == "01.docx!第1个表格!第1行第2格"


def test_a_cell_that_holds_nothing_but_a_text_box_was_filled_in_with_it(tmp_path: Path) -> None:
    filled = row(paragraph(run("专业")), paragraph(box(paragraph(run("数控")) + paragraph(run("技术")))))
    beside = row(paragraph(run("班级")), paragraph(run("一班"), box(paragraph(run("备注：走读")))))
    reading = read(table(filled, beside) + FORM, tmp_path)
    assert (values(reading)["major"], values(reading)["class"]) == ("数控技术", "一班")
    assert place(reading, "major") == "01.docx!第1个表格!第1行第2格"


def test_controls_in_text_boxes_are_read_by_their_tags(tmp_path: Path) -> None:
    reading = read(paragraph(box(paragraph(control("name", run("王静"))) + FORM)), tmp_path)
    assert (values(reading)["name"], place(reading, "name")) == ("王静", "01.docx!第1个文本框!第1段")


def test_boxes_in_groups_and_in_boxes_are_read_and_an_empty_choice_gives_way_to_the_older_one(tmp_path: Path) -> None:
    inner = box(paragraph(run("专业：数控技术"), box(paragraph(run("班级：一班")))))
    older = f"<mc:Choice/><mc:Fallback>{old_box(paragraph(run('专业：数控技术')), alone=False)}</mc:Fallback>"
    alternatives = [f"<w:r><mc:AlternateContent>{each}</mc:AlternateContent></w:r>" for each in (older, "")]
    for drawn in (inner, *alternatives):
        reading = read(paragraph(drawn) + FORM, tmp_path)
        assert values(reading).get("major") == ("数控技术" if "专业" in drawn else None)
        assert values(reading).get("class") == ("一班" if drawn is inner else None)


def test_a_filing_whose_table_stands_in_a_text_box_is_read(tmp_path: Path) -> None:
    body = typed_word(form_b())
    xml = office.parts_of(body)["word/document.xml"].decode()
    inner = xml[xml.index("<w:tbl>") : xml.index("</w:tbl>") + len("</w:tbl>")]
    reading = read_filing(office.docx(paragraph(box(inner))), "filing.docx", tmp_path, B)
    assert said(reading) == []
    assert reading.record is not None
    assert reading.record.values["items"]["3"]["count"] == 38


def test_what_is_found_in_a_text_box_is_commented_on_where_the_box_is_anchored(tmp_path: Path) -> None:
    data = office.docx(paragraph(run("甲"), box(paragraph(run("乙")))) + table(row(paragraph(box(rows(("丙", "丁")))))))
    found = word.located(office.opc.read(data, ""), "01.docx")
    assert found is not None
    _, root, elements = found
    inside = [element for (sheet, _), element in elements.items() if sheet is not None and "文本框" in sheet]
    assert inside
    assert all(next(element.iterancestors("{*}txbxContent"), None) is None for element in inside)
    assert all(element.getroottree().getroot() is root for element in elements.values())


# --- headers and footers ---------------------------------------------------------------------------------------------


def test_labels_in_headers_and_footers_are_read_where_the_text_has_none(tmp_path: Path) -> None:
    stories = {
        "header1": paragraph(run("学院：机电学院　　姓名：李明")),
        "header2": rows(("班级", "一班"), ("姓名", "李明")),
        "footer1": paragraph(control("phone", run("138"))),
    }
    reading = read(FORM, tmp_path, stories=stories)
    assert values(reading) == {
        "name": "王静", "gender": "女", "ethnicity": "汉族", "native_place": "甘肃兰州",
        "college": "机电学院", "class": "一班", "phone": "138",
    }  # fmt: skip
    assert told(reading) == []
    assert place(reading, "college") == "01.docx!页眉!第1段"
    assert place(reading, "class") == "01.docx!页眉2第1个表格!第1行第2格"
    assert place(reading, "phone") == "01.docx!页脚!第1段"


def test_the_academic_year_may_stand_in_the_header(tmp_path: Path) -> None:
    xml = office.parts_of(typed_word(form_b()))["word/document.xml"].decode()
    body = xml[xml.index("<w:body>") + 8 : xml.index("<w:sectPr")]
    stories = {"header1": paragraph(run("2022—2023学年"))}
    reading = read_filing(office.docx(body, stories=stories), "filing.docx", tmp_path, B)
    assert reading.record is not None
    assert reading.record.values["academic_year"] == {"start": 2022, "end": 2023}


def test_a_header_that_is_larger_than_any_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formgen.intake.limits.PAGE_BYTES", 1000)
    reading = read(paragraph(run("甲")), tmp_path, stories={"header1": paragraph(run("乙" * 2000))})
    assert said(reading) == [("I-too-large", "")]


# --- what nobody sees ------------------------------------------------------------------------------------------------


def test_hidden_text_is_not_read_and_that_is_said(tmp_path: Path) -> None:
    styles = (
        f'<w:styles {office.NAMESPACES}><w:style w:styleId="Base"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:styleId="Below"><w:basedOn w:val="Base"/></w:style>'
        '<w:style w:styleId="Round"><w:basedOn w:val="Round"/></w:style>'
        '<w:style w:styleId="Shown"><w:basedOn w:val="Base"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style></w:styles>'
    )
    vanish, style = "<w:rPr><w:vanish/></w:rPr>", '<w:rPr><w:rStyle w:val="{}"/></w:rPr>'
    body = table(
        row(paragraph(run("姓名")), paragraph(run("王静") + run("李明", vanish))),
        row(
            paragraph(run("专业")), paragraph(run("数控技术", style.format("Shown")) + run("x", style.format("Below")))
        ),
        row(paragraph(run("班级")), f'<w:p><w:pPr><w:pStyle w:val="Base"/></w:pPr>{run("一班")}</w:p>'),
        row(paragraph(run("民族")), f'<w:p><w:pPr><w:pStyle w:val="Round"/></w:pPr>{run("汉族")}</w:p>'),
        row(paragraph(run("籍贯")), paragraph(run("兰州", '<w:rPr><w:vanish w:val="0"/></w:rPr>') + run(" ", vanish))),
    )
    related = {"document": {"rIdStyles": ("styles", "styles.xml")}}
    reading = read(body, tmp_path, related=related, files={"word/styles.xml": styles})
    assert values(reading) == {"name": "王静", "major": "数控技术", "ethnicity": "汉族", "native_place": "兰州"}
    assert told(reading) == [("I-hidden-text", "document/hidden")]
    [finding] = [each for each in reading.findings if each.kind.id == "I-hidden-text"]
    assert "3 处" in finding.message()
    assert str(reading.places[finding.at]) == "01.docx!第1个表格!第1行第2格"


def test_of_tracked_changes_what_was_put_in_is_read_and_what_was_deleted_is_not(tmp_path: Path) -> None:
    deleted = "<w:del><w:r><w:delText>李明</w:delText></w:r></w:del>"
    body = table(
        row(paragraph(run("姓名")), paragraph(f"<w:ins>{run('王静')}</w:ins>{deleted}")),
        f"<w:tr><w:trPr><w:del/></w:trPr>{cell(paragraph(run('专业')))}{cell(paragraph(run('数控')))}</w:tr>",
        f"<w:tr>{cell(paragraph(run('班级')))}{cell(paragraph(run('二班')), '<w:cellDel/>')}"
        f"{cell(paragraph(run('一班')), '<w:cellIns/>')}</w:tr>",
        row(
            paragraph(run("民族")),
            paragraph(f"<w:moveTo>{run('汉族')}</w:moveTo><w:moveFrom>{run('回族')}</w:moveFrom>"),
        ),
    )
    reading = read(body, tmp_path)
    assert values(reading) == {"name": "王静", "class": "一班", "ethnicity": "汉族"}
    assert told(reading) == [("I-changes-tracked", "document/revised")]


def test_notes_and_comments_are_not_read_and_controls_at_every_level_are(tmp_path: Path) -> None:
    wrapped = block("", block("", table(control("", row(paragraph(run("专业")), block("", paragraph(run("数控"))))))))
    note = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="1"/></w:r>'
    body = FORM + wrapped + paragraph(control("", control("", run("班级：") + control("", run("一班")))) + note)
    stories = {"footnotes": f'<w:footnote w:id="2">{paragraph(run("学号：1"))}</w:footnote>'}
    reading = read(body, tmp_path, stories=stories)
    assert (values(reading)["major"], values(reading)["class"]) == ("数控", "一班")
    assert ("student_number" in values(reading), told(reading)) == (False, [])
