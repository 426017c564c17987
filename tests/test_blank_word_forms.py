"""Blank Word forms: the template with its controls kept, each of the kind that its field asks for."""

import subprocess
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import office
from formgen import blanks, forms, intake, opc, prompts, schema_checks
from formgen.blanks import word_controls, word_form
from formgen.blanks.fields import Entry, Field, describe
from formgen.errors import TemplateError
from formgen.filling.word_tree import W14, W
from formgen.forms import Edition, catalogue

DAY = date(2020, 11, 18)
EDITIONS = [catalogue().edition(key, DAY) for key in catalogue()]
WITH_WORD = [edition for edition in EDITIONS if ".docx" in edition.templates]
CANDIDATE = catalogue().edition("candidate_registration", DAY)
OF_THE_DOSSIER = ("dossier.", "?dossier.", "!dossier.")

CANDIDATES_OWN = [key for key in CANDIDATE.schema["properties"] if key not in ("photo", "opinions")]
"""What a candidate fills in, but for the picture."""

every_form = pytest.mark.parametrize("edition", WITH_WORD, ids=lambda edition: edition.key)


def body(data: bytes, part: str = "word/document.xml") -> etree._Element:
    return opc.parse_xml(opc.read(data, "").parts[part])


def tag_of(sdt: etree._Element) -> str:
    tag = sdt.find(f"{W}sdtPr/{W}tag")
    return "" if tag is None else tag.get(f"{W}val", "")


def controls(root: etree._Element) -> list[etree._Element]:
    return [sdt for sdt in root.iter(f"{W}sdt") if tag_of(sdt)]


def text_of(element: etree._Element) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))


def control(root: etree._Element, tag: str) -> etree._Element:
    return next(sdt for sdt in controls(root) if tag_of(sdt) == tag)


def made(xml: str, edition: Edition, tmp_path: Path, rows: int = 3, **parts: Any) -> etree._Element:
    """The body of the blank form of a template with this body."""
    path = tmp_path / "trial.docx"
    core = '<p:coreProperties xmlns:p="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
    files = {"docProps/core.xml": core, "word/settings.xml": f"<w:settings {office.NAMESPACES}/>"}
    files["word/styles.xml"] = f"<w:styles {office.NAMESPACES}/>"
    related = {"document": {"rIdS": ("settings", "settings.xml"), "rIdT": ("styles", "styles.xml")}}
    path.write_bytes(office.docx(xml, files=files, related=related, **parts))
    return body(word_form.blank(replace(edition, templates={".docx": path}), rows, {}))


# --- the controls ----------------------------------------------------------------------------------------------------


@every_form
def test_every_field_that_the_template_prints_has_its_control_with_the_same_tag(edition: Edition) -> None:
    template = body(edition.templates[".docx"].read_bytes())
    expected = {tag_of(sdt) for sdt in controls(template)}
    own = {tag for tag in expected if not tag.startswith((*OF_THE_DOSSIER, "?", "!"))}
    regions = {tag for tag in own if tag.endswith("[]") and any(other.startswith(f"{tag}.") for other in own)}
    assert {tag_of(sdt) for sdt in controls(body(blanks.make(edition, ".docx")))} == own - regions


@every_form
def test_no_control_can_be_deleted_and_each_has_a_number_of_its_own(edition: Edition) -> None:
    found = controls(body(blanks.make(edition, ".docx")))
    locks = {sdt.find(f"{W}sdtPr/{W}lock").get(f"{W}val") for sdt in found}  # type: ignore[union-attr]
    assert locks == {"sdtLocked"}
    numbers = Counter(sdt.find(f"{W}sdtPr/{W}id").get(f"{W}val") for sdt in found)  # type: ignore[union-attr]
    assert max(numbers.values()) == 1


@every_form
def test_every_control_is_empty_and_of_the_kind_that_its_field_asks_for(edition: Edition) -> None:
    kinds = {Entry.CHOICE: "dropDownList", Entry.OFFER: "comboBox", Entry.DATE: "date", Entry.MONTH: "date"}
    for sdt in controls(body(blanks.make(edition, ".docx"))):
        path, _, value = tag_of(sdt).partition("=")
        field = describe(forms.field_schema(edition.schema, tuple(path.replace("[]", ".[]").split("."))) or {})
        kind = sdt.find(f"{W}sdtPr")[-1]  # type: ignore[index]
        if value:
            assert kind.tag == f"{W14}checkbox"
            assert kind.find(f"{W14}checked").get(f"{W14}val") == "0"  # type: ignore[union-attr]
        elif field.schema.get("x-typeset") == "picture":
            assert kind.tag == f"{W}picture"
        else:
            assert kind.tag == f"{W}{kinds.get(field.entry, 'showingPlcHdr')}"
            assert sdt.find(f"{W}sdtPr/{W}showingPlcHdr") is not None
            assert prompts.is_prompt(text_of(sdt)), tag_of(sdt)


def test_a_choice_offers_the_words_of_the_schema() -> None:
    root = body(blanks.make(CANDIDATE, ".docx"))
    listed = [item.get(f"{W}displayText") for item in control(root, "gender").iter(f"{W}listItem")]
    assert listed == ["男", "女"]
    offered = [item.get(f"{W}value") for item in control(root, "political_status").iter(f"{W}listItem")]
    assert offered == ["中共党员", "中共预备党员", "共青团员", "群众"]
    day = control(root, "birth").find(f"{W}sdtPr/{W}date/{W}dateFormat")
    assert day is not None
    assert day.get(f"{W}val") == "yyyy-MM"


def test_what_is_typed_looks_as_the_template_would_print_it() -> None:
    root = body(blanks.make(CANDIDATE, ".docx"))
    typed = control(root, "name").find(f"{W}sdtPr/{W}rPr")
    shown = control(root, "name").find(f"{W}sdtContent/{W}r/{W}rPr")
    assert typed is not None
    assert shown is not None
    style = shown[0]
    assert (style.tag, style.get(f"{W}val")) == (f"{W}rStyle", "PlaceholderText")
    assert [etree.tostring(child) for child in typed] == [etree.tostring(child) for child in shown[1:]]
    styles = body(blanks.make(CANDIDATE, ".docx"), "word/styles.xml")
    assert [style.get(f"{W}styleId") for style in styles.iter(f"{W}style")].count("PlaceholderText") == 1


def test_its_title_says_how_a_control_is_filled_in() -> None:
    root = body(blanks.make(CANDIDATE, ".docx"))
    titles = {tag_of(sdt): sdt.find(f"{W}sdtPr/{W}alias").get(f"{W}val") for sdt in controls(root)}  # type: ignore[union-attr]
    assert titles["name"] == "姓名（如 王小明）"
    assert titles["experience[].end"] == "止（写作 2020-06，或“至今”）"
    assert all(len(title) <= 64 for title in titles.values())


# --- protection, rows, what others know ------------------------------------------------------------------------------


@every_form
def test_only_its_controls_can_be_changed_and_no_password_is_in_the_way(edition: Edition) -> None:
    data = blanks.make(edition, ".docx")
    settings = body(data, "word/settings.xml")
    [protection] = settings.iter(f"{W}documentProtection")
    assert dict(protection.attrib) == {f"{W}edit": "forms", f"{W}enforcement": "1"}
    following = protection.getnext()
    assert following is not None
    assert following.tag == f"{W}defaultTabStop"
    assert list(body(data).iter(f"{W}formProt")) == []


def test_a_list_has_rows_enough_each_with_the_same_tags() -> None:
    tags = Counter(tag_of(sdt) for sdt in controls(body(blanks.make(CANDIDATE, ".docx", rows=9))))
    listed = {tag: count for tag, count in tags.items() if "[]" in tag}
    assert listed == {f"experience[].{key}": 9 for key in ("start", "end", "unit", "post")}
    usual = Counter(tag_of(sdt) for sdt in controls(body(blanks.make(CANDIDATE, ".docx"))))
    assert usual["experience[].start"] == word_form.ROWS


def test_a_block_that_repeats_is_repeated_whole_with_the_lists_in_it(tmp_path: Path) -> None:
    inner = office.row(office.value("groups[].people[].name"))
    xml = office.block("groups[]", office.value("groups[].title") + office.table(inner))
    root = made(xml, office.edition("groups"), tmp_path, rows=2)
    assert [tag_of(sdt) for sdt in controls(root)] == [
        "groups[].title",
        "groups[].people[].name",
        "groups[].people[].name",
    ] * 2
    assert len(list(root.iter(f"{W}tbl"))) == 2


def test_a_paragraph_of_a_list_is_repeated_and_stays_in_order(tmp_path: Path) -> None:
    xml = office.paragraph(office.run("前")) + office.value("words[]") + office.paragraph(office.run("后"))
    root = made(xml, office.edition("words"), tmp_path)
    texts = [text_of(paragraph) for paragraph in root.iter(f"{W}p")]
    assert texts == ["前", prompts.WRITE, prompts.WRITE, prompts.WRITE, "后"]


def test_shapes_of_repeated_pictures_have_numbers_of_their_own() -> None:
    root = body(blanks.make(catalogue().edition("congress_report", DAY), ".docx"))
    ids = [e.get("id") for e in root.iter() if str(e.tag).endswith("}docPr")]
    assert len(ids) == len(set(ids)) > 1


def test_room_is_kept_for_what_the_form_prints_only_if_it_is_there(tmp_path: Path) -> None:
    xml = office.block("?note", office.value("note")) + office.block(
        "!note", office.paragraph(office.run("　年　月　日"))
    )
    root = made(
        xml + office.block("?sure", office.paragraph(office.run("甲"))), office.edition("note", "sure"), tmp_path
    )
    assert [text_of(paragraph) for paragraph in root.iter(f"{W}p")] == ["　年　月　日", "甲"]
    assert [tag_of(sdt) for sdt in controls(root)] == ["note"]


def test_a_condition_within_a_paragraph_takes_its_paragraph_or_row_along(tmp_path: Path) -> None:
    hidden = office.paragraph(office.run("没有"), office.control("!note"))
    row = office.table(
        office.row(office.paragraph(office.control("!note"), office.run("行"))), office.row(office.value("note"))
    )
    root = made(hidden + row, office.edition("note"), tmp_path)
    assert len(list(root.iter(f"{W}tr"))) == 1
    assert "没有" not in text_of(root)


def test_what_the_organisations_fill_in_on_paper_shows_no_words() -> None:
    root = body(blanks.make(CANDIDATE, ".docx"))
    shown = {tag_of(sdt): text_of(sdt) for sdt in controls(root) if tag_of(sdt).startswith("opinions.")}
    assert shown
    assert all(not set(text) - set("　年月日") for text in shown.values()), shown


@every_form
def test_without_a_dossier_no_place_of_the_dossier_is_left_to_fill_in(edition: Edition) -> None:
    root = body(blanks.make(edition, ".docx"))
    assert [tag for sdt in controls(root) if (tag := tag_of(sdt)).startswith(OF_THE_DOSSIER)] == []


def test_with_a_dossier_the_form_bears_the_name_of_its_school() -> None:
    dossier = {"organisation": {"name": "青禾职业学院", "kind": "研究生会"}, "filing_date": "2020-12-04"}
    text = text_of(body(blanks.make(CANDIDATE, ".docx", dossier=dossier)))
    assert text.startswith("青禾职业学院研究生会主席团选举候选人登记表")
    without = text_of(body(blanks.make(CANDIDATE, ".docx")))
    assert without.startswith("学生会主席团选举候选人登记表")
    filing = text_of(body(blanks.make(catalogue().edition("assessment_filing", DAY), ".docx", dossier=dossier)))
    assert "☐学生会" in filing
    assert "☑研究生会" in filing


@every_form
def test_the_same_form_gives_the_same_bytes(edition: Edition) -> None:
    assert blanks.make(edition, ".docx") == blanks.make(edition, ".docx")


def test_what_a_template_says_of_sessions_and_exempt_sections_is_gone(tmp_path: Path) -> None:
    xml = '<w:p w:rsidR="00000000" w14:paraId="12345678">' + office.control("note") + "</w:p>"
    section = '<w:sectPr><w:formProt w:val="0"/></w:sectPr>'
    root = made(xml, office.edition("note"), tmp_path, section=section)
    assert b"rsidR" not in etree.tostring(root)
    assert b"paraId" not in etree.tostring(root)
    assert list(root.iter(f"{W}formProt")) == []


def test_a_control_around_a_paragraph_or_without_content_gets_its_prompt_too(tmp_path: Path) -> None:
    two = office.paragraph(office.run("甲")) + office.paragraph(office.run("乙"))
    empty = '<w:sdt><w:sdtPr><w:tag w:val="name"/></w:sdtPr></w:sdt>'
    root = made(office.block("note", two) + empty, office.edition("note", "name"), tmp_path)
    assert [text_of(paragraph) for paragraph in root.iter(f"{W}p")] == [prompts.WRITE] * 2


def test_a_check_box_without_states_is_cleared_with_the_usual_sign(tmp_path: Path) -> None:
    box = office.control("sure=true", office.run("☒"), '<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>')
    root = made(office.paragraph(box), office.edition("sure"), tmp_path)
    assert text_of(root) == "☐"


def test_a_template_without_settings_cannot_be_protected(tmp_path: Path) -> None:
    path = tmp_path / "trial.docx"
    path.write_bytes(office.docx(office.value("note")))
    edition = replace(office.edition("note"), templates={".docx": path})
    with pytest.raises(TemplateError, match="settings"):
        word_form.blank(edition, 1, {})


# --- prompts ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["填写…", "选择…", "选日期…", "选年月…", "年-月…", "如 3/45…", "", "　　", "　年　月　日"]
)
def test_a_prompt_is_told_from_what_somebody_wrote(text: str) -> None:
    assert prompts.is_prompt(text)


@pytest.mark.parametrize("text", ["填写", "王小明", "2020年11月18日", "如 3/45", "如下…所述", "无"])
def test_what_somebody_wrote_is_no_prompt(text: str) -> None:
    assert not prompts.is_prompt(text)


# --- the way back ----------------------------------------------------------------------------------------------------


def field_of(tag: str) -> Field:
    path = tuple(tag.partition("=")[0].replace("[]", ".[]").split("."))
    return describe(forms.field_schema(CANDIDATE.schema, path) or {})


def filled() -> bytes:
    """The registration as a candidate fills it in, in Word: two lines of experience, the rest left as it is."""
    parts = dict(opc.read(blanks.make(CANDIDATE, ".docx"), "").parts)
    root = opc.parse_xml(parts["word/document.xml"])
    seen: Counter[str] = Counter()
    for sdt in controls(root):
        tag, field = tag_of(sdt), field_of(tag_of(sdt))
        seen[tag] += 1
        if tag == "failed_course=false":
            word_controls.tick(sdt, on=True)
        elif "=" not in tag and field.schema.get("x-typeset") != "picture" and seen[tag] <= 2 and "opinions" not in tag:
            prompt = sdt.find(f"{W}sdtPr/{W}showingPlcHdr")
            prompt.getparent().remove(prompt)  # type: ignore[union-attr]
            next(sdt.iter(f"{W}t")).text = (*field.examples[-1:], *field.words, "文字")[0]
    parts["word/document.xml"] = opc.serialise(root)
    return opc.write(opc.member(name, data) for name, data in parts.items())


def test_a_form_filled_in_by_hand_is_read_without_a_finding_and_without_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "王小明.docx"
    path.write_bytes(filled())
    reading = intake.read(path, path.name, CANDIDATE, "王小明")
    assert reading.findings == ()
    [record] = reading.records
    assert schema_checks.check(record.values, CANDIDATE.schema, record.address) == ()
    assert record.values["failed_course"] is False
    assert (record.values["name"], record.values["birth"], record.values["gender"]) == ("王小明", "2002-05", "男")
    line = {"start": "2002-05", "end": "至今", "unit": "文字", "post": "文字"}
    assert record.values["experience"] == [line, line]
    assert "opinions" not in record.values
    assert set(record.values) == {tag.partition("=")[0].partition("[")[0] for tag in CANDIDATES_OWN}


def test_an_untouched_blank_is_read_as_a_form_that_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "空.docx"
    path.write_bytes(blanks.make(CANDIDATE, ".docx"))
    reading = intake.read(path, path.name, CANDIDATE, "空")
    [record] = reading.records
    assert record.values == {}


# --- in LibreOffice --------------------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_keeps_the_controls_the_prompts_and_the_protection_and_writes_no_text_twice(tmp_path: Path) -> None:
    for edition in WITH_WORD:
        (tmp_path / f"{edition.key}.docx").write_bytes(blanks.make(edition, ".docx"))
    (tmp_path / "filled.docx").write_bytes(filled())
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
        "--outdir",
        str(tmp_path / "o"),
    ]
    subprocess.run([*convert, *map(str, sorted(tmp_path.glob("*.docx")))], check=True, capture_output=True, timeout=180)
    for edition in WITH_WORD:
        data = (tmp_path / "o" / f"{edition.key}.docx").read_bytes()
        before, after = body(blanks.make(edition, ".docx")), body(data)
        assert text_of(after).count(prompts.WRITE) == text_of(before).count(prompts.WRITE)
        shown = [sdt for sdt in after.iter(f"{W}sdt") if sdt.find(f"{W}sdtPr/{W}showingPlcHdr") is not None]
        assert len(shown) == len(list(before.iter(f"{W}showingPlcHdr")))
        assert all(prompts.is_prompt(text_of(sdt)) for sdt in shown)
        [protection] = body(data, "word/settings.xml").iter(f"{W}documentProtection")
        assert protection.get(f"{W}edit") == "forms"
        assert protection.get(f"{W}enforcement") in ("1", "true")
    saved = tmp_path / "o" / "filled.docx"
    before, after = (
        intake.read(path, "王小明.docx", CANDIDATE, "王小明") for path in (tmp_path / "filled.docx", saved)
    )
    assert after.records[0].values == before.records[0].values
    assert after.findings == ()
