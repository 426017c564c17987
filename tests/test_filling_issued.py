"""An issued document prints its approvals and carries them apart from its values."""

import io
import json
from pathlib import Path
from typing import Any

import docx as python_docx
import openpyxl
import pytest

from formgen import load, opc, packing
from formgen.errors import FormgenError
from formgen.filling import approvals, data_part
from formgen.filling.approvals import Approvals, Shown, Signed
from formgen.filling.issued import issued
from formgen.filling.readback import read_document, with_seals
from formgen.filling.template import Template, compile_template
from formgen.forms import catalogue
from office import edition, paragraph, run, value, word

ROOT = Path(__file__).parents[1]
OPINION = {"opinion": "同意。", "signed_by": "申载阳", "date": "2020-11-10"}
APPROVALS = Approvals(
    "3f9a-1c07-55de",
    "sha256:" + "ab" * 32,
    (Signed("校团委", "申载阳", "2020-11-10", False), Signed("校党委", "祝<明>德&", "2020-11-13", True)),
    {"university_league": OPINION},
    {"photos/01.jpg": Shown("sha256:" + "cd" * 32, 1, False)},
)
FIRST, SECOND = APPROVALS.lines


def template_of(form: str, suffix: str) -> tuple[Template, dict[str, Any]]:
    dossier = load(ROOT / "inputs" / "demo-2020")
    found = catalogue().edition(form, dossier.as_of)
    path = found.templates[suffix]
    template = compile_template(path.read_bytes(), path.name, found)
    return template, {**dossier.records[form][0].values, "dossier": dossier.values}


def packed(package: opc.Package) -> bytes:
    return packing.write(packing.member(name, data) for name, data in package.parts.items())


def footers(data: bytes) -> list[str]:
    document = python_docx.Document(io.BytesIO(data))
    section = document.sections[0]
    kinds = (section.footer, section.first_page_footer, section.even_page_footer)
    return ["|".join(p.text for p in footer.paragraphs) for footer in kinds]


def test_case_head_and_names_stand_in_the_footers_of_every_kind() -> None:
    assert APPROVALS.lines == (
        f"案号 3f9a-1c07-55de　签批 sha256:{'ab' * 32}",
        "校团委 申载阳 2020-11-10；校党委 祝<明>德& 2020-11-13（纸质）",
    )
    template, values = template_of("candidate_registration", ".docx")
    found = footers(packed(issued(template, values, APPROVALS)))
    assert [text.startswith(f"{FIRST}\n{SECOND}") for text in found] == [True, True, True]
    assert found[0].endswith("— 1 —")


@pytest.mark.parametrize(("footer", "top"), [("1247", 1000), ("851", 811), ("200", 620), ("", 1000)])
def test_the_lines_stand_in_a_frame_below_the_page_number_of_the_lowest_page(footer: str, top: int) -> None:
    sections = [
        f'<w:sectPr><w:pgSz w:w="1" w:h="{height}"/><w:pgMar w:footer="{footer}"/></w:sectPr>'
        for height, footer in (("16838", "1247"), ("11906", footer))
    ]
    body = paragraph(f"<w:pPr>{sections[0]}</w:pPr>") + value("name")
    package = issued(word(body, edition("name"), section=sections[1]), {"name": "李"}, APPROVALS)
    lines = package.parts["word/formgen-issue-footer.xml"].decode()
    assert 'w:vAnchor="page"' in lines
    assert f'w:y="{11906 - top}"' in lines


def test_opinions_fill_the_cells_that_the_record_leaves_empty_and_no_other() -> None:
    template, values = template_of("candidate_registration", ".docx")
    own = {**OPINION, "opinion": "不同意。"}
    data = packed(issued(template, {**values, "opinions": {"university_league": own}}, APPROVALS))
    assert "不同意。" in texts(data)
    assert "同意。" not in texts(data)
    data = packed(issued(template, {**values, "opinions": {}}, APPROVALS))
    assert {"同意。", "2020年11月10日"} <= texts(data)
    assert APPROVALS.printed({"opinions": 1})["opinions"] == APPROVALS.opinions
    assert Approvals("", "", (), {}, {}).printed({"name": "李"}) == {"name": "李"}


def texts(data: bytes) -> set[str]:
    document = python_docx.Document(io.BytesIO(data))
    return {p.text.strip() for table in document.tables for row in table.rows for c in row.cells for p in c.paragraphs}


def test_the_data_part_keeps_values_and_approvals_apart() -> None:
    template, values = template_of("candidate_registration", ".docx")
    values = {**values, "opinions": {}}
    carried = data_part.find(issued(template, values, APPROVALS))
    assert carried is not None
    assert carried.values == template.carried_values(values)
    assert approvals.read(carried.approvals) == APPROVALS


def test_a_sheet_has_the_lines_in_its_print_footer() -> None:
    template, values = template_of("staff_list", ".xlsx")
    data = packed(issued(template, values, APPROVALS))
    footer = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].oddFooter
    assert footer.left.text == f"{FIRST}\n{SECOND.replace('&', '&&')}"
    assert "— &P —" in footer.center.text.replace("&[Page]", "&P")


@pytest.mark.parametrize(("form", "suffix"), [("candidate_registration", ".docx"), ("staff_list", ".xlsx")])
def test_an_issued_document_reads_back_without_differences(form: str, suffix: str) -> None:
    template, values = template_of(form, suffix)
    template = with_seals(template, suffix.removeprefix("."), {})
    data = packed(issued(template, {**values, "opinions": {}}, APPROVALS))
    found = read_document(data, f"x{suffix}", catalogue(), lambda _: {"members": values.get("members")})
    assert found.approvals == APPROVALS
    assert "opinions" not in found.values or found.values["opinions"] == {}
    assert found.differences == ()
    assert found.compared


def test_an_edited_opinion_is_named_by_its_field() -> None:
    template, values = template_of("candidate_registration", ".docx")
    parts = dict(issued(with_seals(template, "docx", {}), {**values, "opinions": {}}, APPROVALS).parts)
    parts["word/document.xml"] = parts["word/document.xml"].replace("申载阳".encode(), "申某某".encode())
    found = read_document(packed(opc.Package(parts)), "x.docx", catalogue(), lambda _: {})
    assert [each.field for each in found.differences] == ["opinions.university_league.signed_by"]


def test_a_footer_with_controls_of_its_own_is_compared_behind_the_lines() -> None:
    template = word(paragraph(run("正文")), edition("name"), stories={"footer1": value("name")})
    package = issued(template, {"name": "李"}, APPROVALS)
    assert b"framePr" in package.parts["word/footer1.xml"]
    assert data_part.find(package).approvals["case"] == "3f9a-1c07-55de"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "change",
    [
        {"case": 1},
        {"more": 1},
        {"opinions": {"x": 1}},
        {"pictures": {"x": 1}},
        {"signed": [{}]},
        {"signed": [{"title": "x", "person": "x", "day": "x", "paper": 1}]},
    ],
)
def test_approvals_of_another_shape_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormgenError, match="damaged"):
        approvals.read({**APPROVALS.value(), **change})
    template, values = template_of("candidate_registration", ".docx")
    parts = dict(issued(template, values, APPROVALS).parts)
    spoilt = json.dumps({**APPROVALS.value(), **change})
    parts[data_part.NAME] = data_part.build("candidate_registration", "", "", False, b"{}", json.loads(spoilt))
    with pytest.raises(FormgenError, match=r"x\.docx.*damaged"):
        read_document(packed(opc.Package(parts)), "x.docx", catalogue(), lambda _: {})
