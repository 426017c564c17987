"""Annotating Word forms: each finding is a comment on its cell, and nothing else changes."""

import io
import re
from pathlib import Path

import docx
import pytest

from calling import Command
from formgen import annotation, opc, own_files
from formgen.annotation import word_document
from office import W, body_of, content_types, docx_parts, pack, paragraph, parts_of, row, run, table
from office import docx as document
from test_annotation import contents, remark

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
FORM = table(
    row(paragraph(run("姓名")), paragraph(run("王静")) + paragraph(run("（女）"))), row(paragraph(run("年级")))
)
REFERENCE = '<w:commentRangeStart w:id="7"/><w:commentRangeEnd w:id="7"/><w:r><w:commentReference w:id="7"/></w:r>'
THEIRS = docx_parts(
    f"<w:p>{REFERENCE}</w:p>{FORM}",
    related={"document": {"rId5": ("comments", "comments.xml")}},
    files={
        "word/comments.xml": f'<w:comments xmlns:w="{W}"><w:comment w:id="7" w:author="张老师">'
        "<w:p><w:r><w:t>请核对</w:t></w:r></w:p></w:comment></w:comments>",
        "[Content_Types].xml": content_types(
            {
                "word/document.xml": f"{WORD}.document.main+xml",
                "word/comments.xml": f"{WORD}.comments+xml",
            }
        ),
    },
)
NAME = ("第1个表格", "第1行第2格")


def annotated(data: bytes, *remarks: annotation.Remark) -> bytes:
    return word_document.annotate(data, contents(*remarks)).data


def comments(data: bytes) -> list[tuple[str, str]]:
    """Author and first line of each comment, as python-docx finds them."""
    return [(each.author, each.text.split("\n")[0]) for each in docx.Document(io.BytesIO(data)).comments]


def test_a_finding_is_a_comment_around_what_stands_in_its_cell() -> None:
    made = annotated(document(FORM), remark(NAME[1], sheet=NAME[0]))
    assert comments(made) == [("formgen", "错误 R1  写错了")]
    marked = re.search('<w:commentRangeStart w:id="0"/>(.*)<w:commentRangeEnd w:id="0"/>', body_of(made))
    assert marked is not None
    assert re.findall("<w:t[^>]*>([^<]*)<", marked[1]) == ["王静", "（女）"]


def test_what_is_about_no_single_place_stands_at_the_beginning() -> None:
    made = annotated(document(paragraph(run("登记表")) + FORM), remark(None, sheet=None), remark("第1段", sheet="正文"))
    assert body_of(made).startswith('<w:p><w:commentRangeStart w:id="0"/>')
    assert len(comments(made)) == 1


def test_every_other_part_of_a_document_stays_byte_for_byte() -> None:
    before = parts_of(document(FORM, stories={"header1": paragraph(run("页眉"))}))
    made = parts_of(annotated(pack(before), remark(NAME[1], sheet=NAME[0])))
    changed = {name for name in before if made[name] != before[name]}
    assert changed == {"[Content_Types].xml", "word/document.xml", "word/_rels/document.xml.rels"}
    assert set(made) - set(before) == {"word/comments1.xml"}


def test_peoples_comments_stay_and_ours_of_before_go() -> None:
    once = annotated(pack(THEIRS), remark(NAME[1], sheet=NAME[0]))
    twice = annotated(once, remark("第2行第1格", "年级空着", sheet=NAME[0]))
    assert comments(once) == [("张老师", "请核对"), ("formgen", "错误 R1  写错了")]
    assert comments(twice) == [("张老师", "请核对"), ("formgen", "错误 R1  年级空着")]
    assert REFERENCE in body_of(twice)
    bare = [
        opc.serialise(opc.parse_xml(parts_of(data)["word/document.xml"])) for data in (annotated(twice), pack(THEIRS))
    ]
    assert bare[0] == bare[1]


def test_a_reference_in_a_run_with_words_goes_and_the_words_stay() -> None:
    once = annotated(document(FORM), remark(NAME[1], sheet=NAME[0]))
    text = parts_of(once)["word/document.xml"].decode()
    joined = text.replace('<w:commentReference w:id="0"/>', '<w:commentReference w:id="0"/><w:t>另加</w:t>')
    twice = annotated(pack({**parts_of(once), "word/document.xml": joined}))
    assert "另加" in body_of(twice)
    assert "commentReference" not in body_of(twice)


def test_a_cell_without_a_paragraph_gets_no_comment() -> None:
    made = annotated(document(paragraph(run("表")) + table(row(""))), remark("第1行第1格", sheet="第1个表格"))
    assert comments(made) == []


def test_paragraph_properties_stay_first() -> None:
    made = annotated(document("<w:p><w:pPr/>" + run("登记表") + "</w:p>"), remark(None, sheet=None))
    assert body_of(made).startswith('<w:p><w:pPr/><w:commentRangeStart w:id="0"/>')


@pytest.mark.parametrize("parts", [docx_parts(""), {**docx_parts(FORM), "word/document.xml": "<other/>"}])
def test_a_document_without_text_is_refused(parts: dict[str, bytes | str]) -> None:
    with pytest.raises(opc.PackageError, match="no text"):
        annotated(pack(parts), remark(None))


def test_an_unchanged_copy_of_a_document_is_known(tmp_path: Path) -> None:
    made = annotated(document(FORM), remark(NAME[1], sheet=NAME[0]))
    assert own_files.is_untouched(made)
    assert not own_files.is_untouched(pack({**parts_of(made), "word/media/dot.png": b"other"}))


def test_a_filled_form_comes_back_with_its_findings_and_can_be_sent_in_again(command: Command, tmp_path: Path) -> None:
    form = tmp_path / "01.docx"
    command("blank", "candidate_registration", "-o", form)
    before = form.read_bytes()
    first = command("annotate", form, "--as-of", "2020-12-01")
    assert (first.code, first.err) == (1, "")
    assert "处加了批注" in first.out
    assert form.read_bytes() == before
    second = command("annotate", tmp_path / "01.批注.docx", "--as-of", "2020-12-01")
    assert second.out.splitlines()[1] == first.out.splitlines()[1]
    copies = [(tmp_path / name).read_bytes() for name in ("01.批注.docx", "01.批注2.docx")]
    assert comments(copies[0]) == comments(copies[1]) != []
    assert "没有变化" in command("annotate", form, "--as-of", "2020-12-01").out
