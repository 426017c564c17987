"""Whatever a document holds, reading ends soon, raises nothing, and says what it did not read."""

import datetime
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import office
import typed_forms as typed
from formgen import forms, opc
from formgen.intake import documents, limits
from formgen.intake.documents import comparing, pages, word
from formgen.intake.documents.blocks import Document, Paragraph, Table, TooMuch
from formgen.intake.reading import Notes
from office import paragraph, run
from typed_forms import A, conclusions, form_a, page, read, said

ON = datetime.date(2020, 11, 18)
CANDIDATE = forms.catalogue().edition("candidate_registration", ON)
SECONDS = 10
"""Of processor time, on any machine that tests run on; a page of a real school takes some hundredths."""


def texts(document: Document) -> list[str]:
    return [text for text, _ in document.texts]


# --- encodings and what a page hides ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "meta"),
    [
        ("gbk", "<meta http-equiv='Content-Type' content='text/html; charset=gb2312'>"),
        ("gb18030", '<meta charset="GBK">'),
        ("gb18030", ""),
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-16", ""),
        ("utf-8", '<meta charset="gb2312">'),  # what the page says of itself is wrong
        ("big5", '<meta charset="big5">'),
    ],
)
def test_a_page_is_read_in_its_encoding(encoding: str, meta: str) -> None:
    words = "學生會組織" if encoding == "big5" else "学生会组织"
    data = f"<html><head>{meta}</head><body><p>{words}</p></body></html>".encode(encoding)
    assert texts(pages.read(data, "a.html")) == [words]


def test_entities_scripts_and_hidden_parts_are_read_as_a_person_sees_them() -> None:
    data = (
        "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
        "<script>var a='未达标'</script><p style='display: none'>☑未达标</p><p>甲&nbsp;&amp;&#20057;&x;</p>\0"
        "<select><option>丙</option></select><!-- 丁 --><input type=text value=戊><p>第一行<br>第二行</p>"
    ).encode()
    assert texts(pages.read(data, "a.html")) == ["]>", "甲\xa0&乙&x;", "戊", "第一行", "第二行"]


def test_cells_over_several_rows_and_columns_keep_the_columns_of_the_others() -> None:
    data = (
        "<table><tr><td rowspan=2>甲</td><td colspan='2'>乙</td></tr><tr><td>丙</td><td>丁<table><tr><td>内</td></tr>"
        "</table></td></tr><tr><td colspan=x rowspan=-1>戊</td></tr></table>"
    ).encode()
    outer, inner = pages.read(data, "a.html").tables
    assert [[(cell.text, cell.column, cell.span) for cell in row.cells] for row in outer.rows] == [
        [("甲", 0, 1), ("乙", 1, 2)], [("丙", 1, 1), ("丁", 2, 1)], [("戊", 0, 1)],
    ]  # fmt: skip
    assert [str(cell.origin) for row in inner.rows for cell in row.cells] == ["a.html!第2个表格!第1行第1格"]


def test_a_word_table_keeps_its_grid_below_merged_cells_and_left_out_columns() -> None:
    merged, going_on, wide = '<w:vMerge w:val="restart"/>', "<w:vMerge/>", '<w:gridSpan w:val="2"/>'
    body = (
        "<w:tbl>"
        f"<w:tr>{typed.cell(paragraph(run('甲')), merged)}{typed.cell(paragraph(run('乙')), wide)}</w:tr>"
        f"<w:tr>{typed.cell(paragraph(), going_on)}{typed.cell(paragraph(run('丙')))}</w:tr>"
        f'<w:tr><w:trPr><w:gridBefore w:val="2"/></w:trPr>{typed.cell(paragraph(run("丁")))}</w:tr></w:tbl>'
    )
    document = word.read(opc.read(office.docx(body), ""), "a.docx")
    assert document is not None
    [table] = document.tables
    assert [[(cell.text, cell.column) for cell in row.cells] for row in table.rows] == [
        [("甲", 0), ("乙", 1)], [("丙", 1)], [("丁", 2)],
    ]  # fmt: skip
    assert table.rows[0].at(2) is table.rows[0].cells[1]
    assert table.rows[1].at(0) is None


def test_hidden_and_deleted_words_are_not_read_and_inserted_ones_are() -> None:
    body = (
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>藏</w:t></w:r><w:del><w:r><w:t>删</w:t></w:r></w:del><w:ins><w:r><w:t>增"
        "</w:t></w:r></w:ins><w:hyperlink><w:r><w:t>链</w:t></w:r></w:hyperlink><w:r><w:tab/><w:br/><w:noBreakHyphen/>"
        "<w:br w:type='page'/></w:r><w:r>"
        "<w:sym w:font='Wingdings' w:char='zz'/><w:sym w:font='Arial' w:char='0041'/></w:r>"
        "<w:r><w:fldChar w:fldCharType='begin'><w:ffData><w:ddList><w:result w:val='1'/><w:listEntry w:val='一'/>"
        "<w:listEntry w:val='二'/></w:ddList></w:ffData></w:fldChar>"
        "<w:fldChar w:fldCharType='begin'><w:ffData><w:ddList><w:result w:val='9'/></w:ddList></w:ffData></w:fldChar>"
        "</w:r></w:p>"
    )
    document = word.read(opc.read(office.docx(body), ""), "a.docx")
    assert document is not None
    assert texts(document) == ["增链\t\n-A二"]


# --- too much --------------------------------------------------------------------------------------------------------

LARGE = {
    "cells": b"<table>" + b"<tr><td>x<td>y</tr>" * 10_000,
    "rows": b"<table>" + b"<tr>" * 30_000,
    "paragraphs": b"<p>x</p>" * 30_000,
    "text": b"<p>" + b"x" * 2_000_000,
    "bytes": b"<p>" + b"<b></b>" * 1_000_000,
    "depth": b"<div>" * 50_000 + b"<p>x",
    "tables": b"<table><tr><td>" * 50_000,
    "spans": b"<table>" + b"<tr>" + b"<td colspan=1000 rowspan=65534>x" * 1000 + b"</tr>" + b"<tr><td>y</tr>" * 5_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_a_page_of_any_size_is_refused_or_read_in_bounded_time(name: str, tmp_path: Path) -> None:
    before = time.process_time()
    reading = read(LARGE[name], "a.html", tmp_path)
    assert time.process_time() - before < SECONDS
    assert reading.record is None
    expected = "I-form-not-found" if name == "spans" else "I-too-large"
    assert said(reading) == [(expected, "")]


def test_a_picture_within_the_page_does_not_make_it_too_large(tmp_path: Path) -> None:
    picture = b"<img src='data:image/png;base64," + b"QUFB" * 2_000_000 + b"'>"
    reading = read(page(form_a()) + picture, "a.html", tmp_path)
    assert set(conclusions(reading).values()) == {"met"}


@pytest.mark.parametrize("name", ["large.md", "large.docx"])
def test_other_documents_are_bounded_too(name: str, tmp_path: Path) -> None:
    data = b"x\n" * 30_000 if name.endswith(".md") else office.docx("<w:p/>" * 30_000)
    before = time.process_time()
    assert said(read(data, name, tmp_path)) == [("I-too-large", "")]
    assert time.process_time() - before < SECONDS


def test_a_word_document_with_an_enormous_body_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PAGE_BYTES", 50)
    with pytest.raises(TooMuch):
        word.read(opc.read(office.docx(paragraph(run("甲") * 4)), ""), "a.docx")


HARD = [
    " " * 4000,
    "签字：" * 1300,
    "（盖章）签字：" * 500,
    "：" * 4000,
    "a:" * 2000,
    "☑达标" * 1000,
    "{" * 4000,
    "（）达标" * 1000,
]


@pytest.mark.parametrize("text", HARD, ids=lambda text: text.strip()[:6] or "spaces")
def test_texts_that_are_hard_to_match_take_no_long_time(text: str, tmp_path: Path) -> None:
    rows = [
        [label, text] for label in ("学院团组织意见", "校团委意见", "姓名", "性别", "学号", "填表人", f"1. {text}")
    ] * 4
    before = time.process_time()
    for edition in (CANDIDATE, A):
        read(page(rows), "a.html", tmp_path, edition)
        read(typed.word(rows), "a.docx", tmp_path, edition)
    assert time.process_time() - before < SECONDS


# --- anything at all -------------------------------------------------------------------------------------------------

WORDS = [
    "姓名",
    "性别",
    "：",
    "☑",
    "达标",
    "未达标",
    "是",
    "否",
    "1.",
    "实有",
    "59",
    "人",
    "2020年",
    "11月17日",
    "至",
    "",
    "\n",
    "|",
]
TEXT = st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=6).map("".join)
ROWS = st.lists(st.lists(TEXT, max_size=5), max_size=8)
TAGS = st.sampled_from(
    ["<table>", "</table>", "<tr>", "<td>", "<td colspan=3 rowspan=2>", "</td>", "<p>", "<br>", "<input type=checkbox>",
     "<input type=checkbox checked>", "<font face='Wingdings 2'>", "</font>", "<img>", "<!--"]
)  # fmt: skip
CONTROLS = [
    "name",
    "gender=男",
    "experience[].unit",
    "items.3a.conclusion=met",
    "?photo",
    "a[].b[].c",
    "!",
    "photo",
    "members[]",
]


def any_form(data: bytes, name: str) -> None:
    """Read as every form, and as none."""
    notes = Notes(name, "dossier", None)
    document = documents.open_document(data, name, notes)
    if document is None:
        assert notes.reading().findings
        return
    known = [edition for editions in forms.catalogue().values() for edition in editions]
    documents.recognise(document, known)
    for edition in known:
        reading = documents.read_as(document, edition, Notes(name, edition.key, None)).reading
        assert reading.records or reading.findings
        for finding in reading.findings:
            assert finding.message("zh")
            assert finding.message("en")


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(TAGS | TEXT, max_size=40))
def test_any_page_is_read_or_refused(pieces: list[str]) -> None:
    any_form("".join(pieces).encode("utf-8", "replace"), "a.html")
    any_form("".join(pieces).encode("gb18030", "replace"), "a.md")


@settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for name in ("a.html", "a.md", "a.docx"):
        any_form(data, name)


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(rows=ROWS, tags=st.lists(st.sampled_from(CONTROLS), max_size=6), text=TEXT)
def test_any_word_document_is_read(rows: list[list[str]], tags: list[str], text: str) -> None:
    clean = "".join(letter for letter in text if letter.isprintable())
    controls = "".join(paragraph(office.control(tag, run(clean.replace("<", "").replace("&", "")))) for tag in tags)
    cells = [["".join(c for c in cell if c.isprintable()) for cell in row] or ["x"] for row in rows] or [["x"]]
    any_form(typed.word(cells, controls), "a.docx")


def test_a_package_without_a_document_is_said_to_be_none(tmp_path: Path) -> None:
    data = office.pack({"[Content_Types].xml": office.content_types({})})
    assert said(read(data, "a.docx", tmp_path)) == [("I-document", "")]
    assert said(read(office.docx(""), "a.docx", tmp_path)) == [("I-form-not-found", "")]


def test_blocks_are_paragraphs_and_tables_in_their_order() -> None:
    data = "<p>一</p><table><tr><td>二</td></tr></table>三".encode()
    assert [type(block) for block in pages.read(data, "a.html").blocks] == [Paragraph, Table, Paragraph]


def old_box(content: str) -> str:
    return f"<w:r><w:pict><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></w:pict></w:r>"


def nested(depth: int) -> str:
    content = paragraph(run("姓名：甲"))
    for _ in range(depth):
        content = paragraph(old_box(content))
    return content


@pytest.mark.parametrize(
    "body",
    [
        paragraph(office.drawing()) * 3000,
        paragraph(old_box(paragraph(run("甲")))) * 3000,
        nested(40),
        (office.table(office.row(paragraph(run("1")))) + "<w:p/>") * 3000,
        paragraph(run("甲", "<w:rPr><w:vanish/></w:rPr>") * 9000),
    ],
    ids=["pictures", "text boxes", "boxes in boxes", "a list in thousands of tables", "hidden runs"],
)
def test_many_drawings_boxes_and_tables_are_read_soon(body: str, tmp_path: Path) -> None:
    started = time.process_time()
    reading = read(office.docx(body), "a.docx", tmp_path, CANDIDATE, "a")
    assert time.process_time() - started < SECONDS
    assert reading.record is None


def test_text_boxes_without_end_are_refused() -> None:
    body = paragraph(old_box("") * (limits.DOCUMENT_CELLS + 1))
    with pytest.raises(TooMuch):
        word.read(opc.read(office.docx(body), "a.docx"), "a.docx")


def test_long_texts_are_not_remembered_from_file_to_file() -> None:
    tracemalloc.start()
    try:
        for number in range(100):
            text = f"{number}" + "长" * 50_000
            comparing.label(text)
            comparing.likeness(text, text)
        del text
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 2_000_000
