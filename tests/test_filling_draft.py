"""Is the mark of a draft on every page of a Word document?"""

import io

import docx as python_docx
import pytest

from formgen import opc
from formgen.filling import data_part
from formgen.filling.template import Template
from office import body_of, edition, paragraph, parts_of, run, value, word

WORDS = "草稿　不得报送"
FORM = edition("name")


def draft(body: str, **parts: object) -> Template:
    return word(body, FORM, draft=True, **parts)


def reference(kind: str, id: str) -> str:
    return f'<w:headerReference w:type="{kind}" r:id="{id}"/>'


def headers(data: bytes) -> list[dict[str, str]]:
    """For each section, by kind of page, the text of the header that it shows."""
    found = []
    document = python_docx.Document(io.BytesIO(data))
    for section in document.sections:
        kinds = {"default": section.header, "first": section.first_page_header, "even": section.even_page_header}
        found.append({kind: "|".join(p.text for p in header.paragraphs) for kind, header in kinds.items()})
    return found


EVERYWHERE = {"default": WORDS, "first": WORDS, "even": WORDS}


@pytest.mark.parametrize("section", ["<w:sectPr/>", "", '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr>'])
def test_a_template_without_headers_gets_one_for_every_page(section: str) -> None:
    data = draft(value("name"), section=section).fill({"name": "李"}).data
    assert headers(data) == [EVERYWHERE]
    assert len([name for name in parts_of(data) if "header" in name]) == 1


def test_headers_that_there_are_keep_their_text_below_the_mark() -> None:
    stories = {"header1": paragraph(run("甲")), "header2": paragraph(run("乙"))}
    section = f"<w:sectPr>{reference('default', 'rId_header1')}{reference('first', 'rId_header2')}</w:sectPr>"
    data = draft(value("name"), stories=stories, section=section).fill({}).data
    assert headers(data) == [{"default": f"{WORDS}|甲", "first": f"{WORDS}|乙", "even": WORDS}]


def test_a_template_with_headers_of_every_kind_gets_the_mark_in_each() -> None:
    stories = {f"header{n}": paragraph(run(str(n))) for n in (1, 2, 3)}
    kinds = zip(("default", "first", "even"), stories, strict=True)
    section = f"<w:sectPr>{''.join(reference(kind, f'rId_{name}') for kind, name in kinds)}</w:sectPr>"
    data = draft(value("name"), stories=stories, section=section).fill({}).data
    assert headers(data) == [{"default": f"{WORDS}|1", "first": f"{WORDS}|2", "even": f"{WORDS}|3"}]


def test_every_section_is_marked_with_a_header_of_its_own_or_that_before_it() -> None:
    first = "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"
    section = f"<w:sectPr>{reference('default', 'rId_header1')}</w:sectPr>"
    data = draft(first + value("name"), stories={"header1": paragraph(run("甲"))}, section=section).fill({}).data
    assert headers(data) == [EVERYWHERE, {**EVERYWHERE, "default": f"{WORDS}|甲"}]


def test_controls_in_a_marked_header_are_filled_and_the_draft_says_so() -> None:
    section = f"<w:sectPr>{reference('default', 'rId_header1')}</w:sectPr>"
    template = draft(paragraph(run("静")), stories={"header1": value("name")}, section=section)
    data = template.fill({"name": "李"}).data
    assert headers(data)[0]["default"] == f"{WORDS}|李"
    found = data_part.find(opc.read(data, "a"))
    assert found is not None
    assert found.draft
    assert template.draft


def test_a_clean_document_has_no_mark() -> None:
    data = word(value("name"), FORM).fill({}).data
    assert not any("草稿".encode() in part for part in parts_of(data).values())
    assert "headerReference" not in body_of(data)
