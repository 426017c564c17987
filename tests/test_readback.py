"""What a document prints can be read back from it, and an edit of its text is noticed."""

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formgen import forms, intake, opc
from formgen.filling import Readback, UnknownDocument, compile_template, data_part, read_document
from formgen.filling.template import Template
from making import values as drawn

ROOT = Path(__file__).parents[1]
ON = date(2020, 11, 18)
TEMPLATES = [
    pytest.param(edition, suffix, id=f"{edition.key}{suffix}")
    for editions in forms.catalogue().values()
    for edition in editions
    for suffix in edition.templates
]


def compiled(edition: forms.Edition, suffix: str, *, draft: bool = False) -> Template:
    path = edition.templates[suffix]
    return compile_template(path.read_bytes(), path.name, edition, draft=draft)


def of(key: str, suffix: str = ".docx") -> Template:
    return compiled(forms.catalogue().edition(key, ON), suffix)


def read(data: bytes, name: str, folder: Path | None = None) -> Readback:
    def read_list(edition: forms.Edition) -> Any:
        assert folder is not None
        path = folder / name
        path.write_bytes(data)
        record = intake.read(path, name, edition, None).record
        return {} if record is None else record.values

    return read_document(data, name, forms.catalogue(), read_list)


def demo(name: str) -> Any:
    return json.loads((ROOT / "inputs/demo-2020" / name).read_text("utf-8"))


def edited(data: bytes, old: str, new: str) -> bytes:
    """The document with a text replaced, as Word's user would do it; python-docx writes it anew."""
    document = docx.Document(io.BytesIO(data))
    paragraphs = [p for t in document.tables for row in t.rows for cell in row.cells for p in cell.paragraphs]
    for run in (run for paragraph in (*document.paragraphs, *paragraphs) for run in paragraph.runs):
        if old in run.text:
            run.text = run.text.replace(old, new)
            break
    else:
        raise AssertionError(f"{old} is not in the document")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("edition", "suffix"), TEMPLATES)
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_a_schema_allows_is_filled_and_read_back_in_every_printed_field(
    edition: forms.Edition, suffix: str, data: st.DataObject
) -> None:
    template = compiled(edition, suffix, draft=data.draw(st.booleans()))
    values = {**data.draw(drawn(edition.schema)), "dossier": data.draw(drawn(forms.dossier_schema()))}
    document = template.fill(values)
    assert opc.read(document.data, "").content_digest == document.content_digest
    printed = data_part.pruned(values, data_part.tree_of(template.printed))
    listed = {key: value for key, value in printed.items() if isinstance(value, list)} if suffix == ".xlsx" else {}
    found = read_document(document.data, f"x{suffix}", forms.catalogue(), lambda edition: listed)
    assert (found.form, found.draft, found.compared) == (edition.key, template.draft, True)
    assert found.values == printed
    assert found.differences == ()


def test_a_workbook_s_list_is_read_from_its_cells(tmp_path: Path) -> None:
    members = json.loads((ROOT / "tests/drawing/demo_staff_list.json").read_text("utf-8"))["members"]
    dossier = demo("dossier.json")
    data = of("staff_list", ".xlsx").fill({"members": members, "dossier": dossier}).data
    found = read(data, "list.xlsx", tmp_path)
    unprinted = ("role", "department", "level")
    assert found.values["members"] == [{k: v for k, v in m.items() if k not in unprinted} for m in members]
    assert found.values["dossier"]["organisation"] == {"name": dossier["organisation"]["name"]}
    assert found.differences == ()


def test_an_edited_field_is_named_with_what_stands_there_now() -> None:
    values = {**demo("candidate_registration/01.json"), "dossier": demo("dossier.json")}
    data = of("candidate_registration").fill(values).data
    found = read(edited(data, values["name"], "某某"), "x.docx")
    assert [(d.field, d.expected, d.found) for d in found.differences] == [("name", values["name"], "某某")]
    assert found.values["name"] == values["name"]


def test_an_edited_field_of_a_list_is_named_by_its_path() -> None:
    values = {**demo("congress_report.json"), "dossier": demo("dossier.json")}
    delegation = values["delegations"][2]["name"]
    data = of("congress_report").fill(values).data
    (difference,) = read(edited(data, delegation, "第三团"), "x.docx").differences
    assert (difference.field, difference.found) == ("delegations[].name", "第三团")


def test_words_of_the_form_itself_that_were_edited_are_shown_by_their_paragraph() -> None:
    data = of("congress_report").fill({"dossier": {}}).data
    (difference,) = read(edited(data, "主要议程", "次要议程"), "x.docx").differences
    assert (difference.field, difference.expected, difference.found) == ("", "四、主要议程：", "四、次要议程：")


def test_a_removed_paragraph_and_a_removed_part_are_noticed() -> None:
    data = of("congress_report").fill({"dossier": {}, "delegations": [{"name": "甲", "count": 1}]}).data
    document = docx.Document(io.BytesIO(data))
    paragraph = next(p for p in document.paragraphs if p.text == "甲：1名")
    paragraph._p.getparent().remove(paragraph._p)
    buffer = io.BytesIO()
    document.save(buffer)
    assert read(buffer.getvalue(), "x.docx").differences


def test_an_edited_cell_outside_of_the_list_is_noticed(tmp_path: Path) -> None:
    data = of("staff_list", ".xlsx").fill({"members": [], "dossier": {"organisation": {"name": "甲学院"}}}).data
    package = opc.read(data, "")
    name = next(name for name in package.parts if "worksheets" in name)
    changed = {**package.parts, name: package.parts[name].replace("甲学院".encode(), "乙学院".encode())}
    found = read(opc.write(opc.member(n, d) for n, d in changed.items()), "x.xlsx", tmp_path)
    assert [(d.place, d.expected, d.found) for d in found.differences] == [("A2", "甲学院", "乙学院")]


def test_cells_that_excel_has_moved_to_shared_strings_are_read_alike(tmp_path: Path) -> None:
    data = of("staff_list", ".xlsx").fill({"members": [], "dossier": {"organisation": {"name": "甲学院"}}}).data
    workbook = openpyxl.load_workbook(io.BytesIO(data))
    buffer = io.BytesIO()
    workbook.save(buffer)
    saved = opc.read(buffer.getvalue(), "").parts
    carried = {name: part for name, part in opc.read(data, "").parts.items() if name.startswith("customXml/")}
    both = {**saved, **carried}
    found = read(opc.write(opc.member(n, d) for n, d in both.items()), "x.xlsx", tmp_path)
    assert (found.compared, found.differences) == (True, ())


def test_the_data_part_is_found_under_the_name_that_word_gives_it() -> None:
    package = opc.read(of("congress_report").fill({"place": "礼堂", "dossier": {}}).data, "")
    renamed = {name.replace("item1000", "item1"): part for name, part in package.parts.items()}
    found = read(opc.write(opc.member(n, d) for n, d in renamed.items()), "x.docx")
    assert found.values["place"] == "礼堂"


def test_a_document_of_another_template_is_read_but_not_compared() -> None:
    template = of("congress_report")
    package = opc.read(template.fill({"place": "礼堂", "dossier": {}}).data, "")
    other = {name: part.replace(template.digest.encode(), b"sha256:0") for name, part in package.parts.items()}
    found = read(opc.write(opc.member(n, d) for n, d in other.items()), "x.docx")
    assert (found.values["place"], found.compared, found.differences) == ("礼堂", False, ())


def plain() -> bytes:
    buffer = io.BytesIO()
    docx.Document().save(buffer)
    return buffer.getvalue()


def damaged(change: Callable[[bytes], bytes]) -> bytes:
    package = opc.read(of("congress_report").fill({"dossier": {}}).data, "")
    parts = {**package.parts, data_part.NAME: change(package.parts[data_part.NAME])}
    return opc.write(opc.member(n, d) for n, d in parts.items())


@pytest.mark.parametrize(
    "data",
    [
        plain(),
        damaged(lambda part: part.replace(b"{", b"[")),
        damaged(lambda part: part.replace(b'form="congress_report"', b'form="other"')),
        damaged(lambda part: part.replace(b"<record ", b"<other ").replace(b"</record>", b"</other>")),
        damaged(lambda part: part[: part.index(b"{")] + b"[]</record>"),
        damaged(lambda part: part[: part.index(b"{")] + b"[" * 100_000 + b"</record>"),
    ],
    ids=["foreign", "no JSON", "unknown form", "other root", "no object", "deep"],
)
def test_a_file_that_formgen_did_not_make_is_said_to_be_so(data: bytes) -> None:
    with pytest.raises((UnknownDocument, opc.PackageError)) as caught:
        read(data, "x.docx")
    assert caught.value.exit_code == 1
    assert "x.docx" in caught.value.sentence("zh")


def test_what_is_no_package_is_refused() -> None:
    with pytest.raises(opc.PackageError):
        read(b"text", "x.docx")
