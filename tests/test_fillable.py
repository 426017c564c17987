"""Filled Word forms that keep their controls: written in spite of findings, corrected by a person, read back."""

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import formgen
import office
from calling import Command
from formgen import intake, opc, pictures, prompts
from formgen.blanks import word_form
from formgen.checks import check
from formgen.delivery import plan as planning
from formgen.delivery.carrying import carry_out
from formgen.dossier import load
from formgen.errors import TemplateError
from formgen.filling import data_part
from formgen.filling.word_tree import W14, W
from formgen.forms import Edition, Forms, catalogue
from formgen.intake import Reading
from formgen.pictures import Picture
from test_blank_word_forms import controls, tag_of, text_of
from test_filling_docx import photo

INPUTS = Path(__file__).parent.parent / "inputs"
DEMO = INPUTS / "demo-2020"
CANDIDATES = "学生会主席团选举候选人登记表"
DAY = date(2020, 12, 4)
WITH_WORD = [edition for key in catalogue() if ".docx" in (edition := catalogue().edition(key, DAY)).templates]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is written for the demo."""
    dossier = load(DEMO)
    plan = planning.plan(dossier, tmp_path_factory.mktemp("out"), draft=True, fillable=True)
    carry_out(plan, check(dossier))
    return plan.folder


def place(folder: Path, edition: Edition, record: str | None) -> Path:
    return folder / (f"{edition.title}/可填写-{record}.docx" if edition.many else f"可填写-{edition.title}.docx")


def read_all(folder: Path) -> dict[tuple[str, str | None], Reading]:
    ids: dict[str, list[str | None]] = {"candidate_registration": ["01", "04"]}
    return {
        (edition.key, id): intake.read(place(folder, edition, id), place(folder, edition, id).name, edition, id)
        for edition in WITH_WORD
        for id in ids.get(edition.key, [None])
    }


def body(data: bytes, part: str = "word/document.xml") -> etree._Element:
    return opc.parse_xml(opc.read(data, "").parts[part])


def with_pictures_named_alike(values: Any) -> Any:
    """The values without the names of their pictures: those in a form are called by their part."""
    if isinstance(values, dict):
        return {k: "…" if k in ("photo", "file") else with_pictures_named_alike(v) for k, v in values.items()}
    return [with_pictures_named_alike(each) for each in values] if isinstance(values, list) else values


# --- there and back --------------------------------------------------------------------------------------------------


def test_an_untouched_form_is_read_back_as_its_record_without_a_finding(written: Path) -> None:
    records = {(form, each.id): each.values for form, kept in load(DEMO).records.items() for each in kept}
    readings = read_all(written)
    assert len(readings) == 5
    for key, reading in readings.items():
        assert reading.findings == (), key
        [record] = reading.records
        assert with_pictures_named_alike(record.values) == with_pictures_named_alike(records[key]), key


def test_put_back_into_its_dossier_it_gives_the_same_finished_form(
    command: Command, written: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    shutil.copytree(DEMO, again)
    for id in ("01", "04"):
        (again / "candidate_registration" / f"{id}.json").unlink()
        made = written / CANDIDATES / f"可填写-{id}.docx"
        (again / "candidate_registration" / f"{id}.docx").write_bytes(made.read_bytes())
    for folder in (DEMO, again):
        assert command("generate", folder, "-o", tmp_path / "out").code == 0
    for id in ("01", "04"):
        one, other = (
            opc.read((tmp_path / "out" / name / CANDIDATES / f"{id}.docx").read_bytes(), "").parts
            for name in (DEMO.name, "again")
        )
        same = {name for name in one if one[name] == other.get(name)}
        # The data part names the photo by where it lies; the pixels are the same.
        assert one.keys() == other.keys()
        assert one.keys() - same == {data_part.NAME}
        assert any("media/picture" in name for name in same)


@pytest.mark.office
def test_what_libreoffice_has_saved_is_read_back_but_for_photos_that_no_label_names(
    written: Path, tmp_path: Path
) -> None:
    before = read_all(written)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "docx:MS Word 2007 XML", "--outdir"]
    files = sorted(written.rglob("*.docx"))
    subprocess.run([*convert, tmp_path / "o", *files], check=True, capture_output=True, timeout=180)
    for file in files:
        target = tmp_path / "saved" / file.relative_to(written)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(tmp_path / "o" / file.name, target)
    for key, after in read_all(tmp_path / "saved").items():
        [one], [other] = before[key].records, after.records
        expected = {k: v for k, v in one.values.items() if k != "photos"}
        if key[0] == "assessment_filing":  # without tags, what is printed of each item is read, too
            items = {n: {k: v for k, v in item.items() if k != "wording"} for n, item in other.values["items"].items()}
            assert {**other.values, "items": items} == expected
        else:
            assert with_pictures_named_alike(other.values) == with_pictures_named_alike(expected), key


# --- its controls ----------------------------------------------------------------------------------------------------


def test_every_control_has_a_number_of_its_own_its_tag_and_either_a_value_or_a_prompt(written: Path) -> None:
    for file in written.rglob("*.docx"):
        root = body(file.read_bytes())
        found = controls(root)
        numbers = Counter(sdt.find(f"{W}sdtPr/{W}id").get(f"{W}val") for sdt in found)  # type: ignore[union-attr]
        assert max(numbers.values()) == 1
        shapes = [e.get("id") for e in root.iter() if str(e.tag).endswith("}docPr")]
        assert len(shapes) == len(set(shapes))
        for sdt in found:
            if sdt.find(f"{W}sdtPr/{W14}checkbox") is None and sdt.find(f"{W}sdtPr/{W}picture") is None:
                shows = sdt.find(f"{W}sdtPr/{W}showingPlcHdr") is not None
                assert prompts.is_prompt(text_of(sdt)) == shows, (tag_of(sdt), text_of(sdt))
        [protection] = body(file.read_bytes(), "word/settings.xml").iter(f"{W}documentProtection")
        assert dict(protection.attrib) == {f"{W}edit": "forms", f"{W}enforcement": "1"}
        assert not any(name.startswith("customXml") for name in opc.read(file.read_bytes(), "").parts)


def test_a_list_has_the_rows_of_a_blank_and_two_to_spare_where_it_is_longer(written: Path) -> None:
    tags = Counter(tag_of(sdt) for sdt in controls(body((written / CANDIDATES / "可填写-01.docx").read_bytes())))
    assert tags["experience[].unit"] == word_form.ROWS
    staff = next(edition for edition in WITH_WORD if edition.key == "staff_list")
    tags = Counter(tag_of(sdt) for sdt in controls(body(place(written, staff, None).read_bytes())))
    assert tags["members[].name"] == len(load(DEMO).records["staff_list"][0].values["members"]) + 2


def made(
    xml: str,
    edition: Edition,
    values: Mapping[str, Any],
    given: Mapping[str, Picture] | None = None,
    **parts: Any,
) -> etree._Element:
    """The body of a form with this body, filled in."""
    files = {"word/settings.xml": f"<w:settings {office.NAMESPACES}/>"}
    files["word/styles.xml"] = f"<w:styles {office.NAMESPACES}/>"
    related = {"document": {"rIdS": ("settings", "settings.xml"), "rIdT": ("styles", "styles.xml")}}
    data = office.docx(xml, **{"files": files, "related": related, **parts})
    return body(word_form.filled(data, "试验.docx", edition, {}).fill(values, given).data)


def test_a_calendar_opens_on_the_day_that_is_filled_in_and_on_none_for_what_is_no_day() -> None:
    xml, form = office.value("born"), office.edition("born")
    days = {"2020-11-08": "2020-11-08T00:00:00Z", "2020-11-31": None, "不详": None, "2020年": None}
    for value, day in days.items():
        [calendar] = made(xml, form, {"born": value}).iter(f"{W}date")
        assert calendar.get(f"{W}fullDate") == day
    [calendar] = made(xml, form, {}).iter(f"{W}date")
    assert calendar.get(f"{W}fullDate") is None
    form = office.edition(month={"type": "string", "x-typeset": "month", "pattern": "^[0-9]{4}-[0-9]{2}$"})
    [control] = controls(made(office.value("month"), form, {"month": "2020-11"}))
    assert [each.get(f"{W}fullDate") for each in control.iter(f"{W}date")] == ["2020-11-01T00:00:00Z"]


def test_a_box_is_ticked_in_its_properties_and_on_the_page() -> None:
    xml = office.paragraph(office.tick("state=met"), office.tick("state=unmet"))
    root = made(xml, office.edition("state"), {"state": "unmet"})
    said = [(box.get(f"{W14}val"), text_of(sdt)) for sdt in controls(root) for box in sdt.iter(f"{W14}checked")]
    assert said == [("0", "☐"), ("1", "☑")]


def test_lines_become_paragraphs_in_a_control_around_them_and_breaks_within_a_paragraph() -> None:
    form = office.edition("name", "note")
    xml = office.block("note", office.paragraph(office.run())) + office.value("name")
    root = made(xml, form, {"note": "甲\n乙 & <丙>", "name": "一\n二"})
    note, name = controls(root)
    assert [text_of(paragraph) for paragraph in note.iter(f"{W}p")] == ["甲", "乙 & <丙>"]
    assert len(list(name.iter(f"{W}br"))) == 1
    note, name = controls(made(xml, form, {}))
    assert [text_of(note), text_of(name)] == [prompts.WRITE] * 2


def test_a_list_around_paragraphs_and_one_within_it_have_room_at_each_of_their_ends() -> None:
    inner = office.table(office.row(office.value("groups[].people[].name")))
    xml = office.block("groups[]", office.value("groups[].title") + inner)
    groups = [{"title": "甲", "people": [{"name": str(n)} for n in range(25)]}]
    root = made(xml, office.edition("groups"), {"groups": groups})
    titles = [text_of(sdt) for sdt in controls(root) if tag_of(sdt) == "groups[].title"]
    rows = word_form.ROWS_OF_A_LIST  # it is nothing but a list
    assert titles == ["甲", *[prompts.WRITE] * (rows - 1)]
    people = [len(list(each.iter(f"{W}tr"))) for each in root.iter(f"{W}tbl")]
    assert people == [27, *[rows] * (rows - 1)]


def test_a_cell_that_ends_with_a_control_gets_no_empty_paragraph_behind_it() -> None:
    xml = office.table(office.row(office.block("note", office.paragraph(office.run()))))
    [cell] = made(xml, office.edition("note"), {"note": "甲"}).iter(f"{W}tc")
    assert [child.tag for child in cell] == [f"{W}sdt"]


def test_a_picture_stands_in_its_control_or_the_placeholder_stays() -> None:
    xml, form = office.paragraph(office.picture("photo")), office.edition("photo")
    for given, embedded in (({}, "rIdDot"), ({"a": photo()}, "rIdPicture1")):
        [control] = controls(made(xml, form, {"photo": "a"}, given))
        [blip] = (e for e in control.iter() if str(e.tag).endswith("}blip"))
        assert [value for key, value in blip.attrib.items() if str(key).endswith("}embed")] == [embedded]


def test_values_of_any_kind_are_printed_as_a_draft_prints_them() -> None:
    xml = office.value("name") + office.value("words[]") + office.value("born") + office.value("groups[].title")
    form = office.edition("name", "words", "born", "groups")
    for odd in (None, 7, True, {"a": [1]}, [["x"]], "", "x" * 3000, "\ud800"):
        root = made(xml, form, dict.fromkeys(("name", "words", "born", "groups"), odd))
        assert len(controls(root)) >= 3


# --- templates that cannot be taken ----------------------------------------------------------------------------------


def test_a_template_that_cannot_be_filled_in_is_named() -> None:
    form = office.edition("name")
    with pytest.raises(TemplateError) as no_package:
        word_form.filled(b"PK", "坏.docx", form, {})
    assert no_package.value.place == "坏.docx"
    with pytest.raises(TemplateError, match="settings"):
        made(office.value("name"), form, {}, related={})
    with pytest.raises(TemplateError, match="no field 'nane'"):
        made(office.value("nane"), form, {})


def test_of_a_form_without_a_word_template_it_is_said_that_there_is_none() -> None:
    dossier = load(DEMO)
    editions = {key: catalogue()[key] for key in catalogue()}
    [staff] = catalogue()["staff_list"]
    bare = replace(staff, templates={".xlsx": staff.templates[".xlsx"]})
    forms = Forms({**editions, "staff_list": (bare,)})
    assert planning.without_word(dossier, forms) == (bare,)
    assert planning.without_word(dossier, catalogue()) == ()
    jobs = planning.plan(dossier, Path("out"), draft=True, forms=forms, fillable=True).jobs
    assert {job.form for job in jobs} == {"assessment_filing", "candidate_registration", "congress_report"}


# --- the command -----------------------------------------------------------------------------------------------------


def test_it_is_written_in_spite_of_errors_as_a_draft_and_never_the_workbook(command: Command, tmp_path: Path) -> None:
    ended = command("generate", INPUTS / "lzmvc-2020", "--fillable", "-o", tmp_path, "--format", "json")
    assert ended.code == 1
    listed = json.loads((tmp_path / "lzmvc-2020" / "manifest.json").read_text("utf-8"))["files"]
    documents = [each for each in listed if each["path"].endswith((".docx", ".xlsx"))]
    assert documents
    assert all(each["draft"] and "可填写-" in each["path"] and each["path"].endswith(".docx") for each in documents)


def test_in_python_it_is_one_argument_and_the_bytes_are_the_command_s(written: Path, tmp_path: Path) -> None:
    dossier = load(DEMO)
    done = formgen.generate(dossier, check(dossier), tmp_path, fillable=True)
    names = [name for name in done.written if name.endswith(".docx")]
    assert len(names) == len(list(written.rglob("*.docx"))) > 0
    for name in names:
        assert (done.folder / name).read_bytes() == (written / name).read_bytes()
    wrong = load(INPUTS / "lzmvc-2020")
    report = check(wrong)
    assert report.blocks
    done = formgen.generate(wrong, report, tmp_path, fillable=True)  # in spite of errors
    assert {Path(name).name.partition("-")[0] for name in done.written if name.endswith(".docx")} == {"可填写"}


def test_a_later_run_takes_away_what_nobody_has_touched_and_leaves_what_somebody_has(
    command: Command, tmp_path: Path
) -> None:
    command("generate", DEMO, "-o", tmp_path)
    command("generate", DEMO, "--fillable", "-o", tmp_path)
    folder = tmp_path / DEMO.name / CANDIDATES
    assert (folder / "01.docx").is_file()
    (folder / "可填写-01.docx").write_bytes(b"mine")
    refused = command("generate", DEMO, "--fillable", "-o", tmp_path)
    assert (refused.code, "可填写-01.docx" in refused.err) == (2, True)
    assert command("generate", DEMO, "-o", tmp_path).code == 0
    assert sorted(each.name for each in folder.iterdir()) == [*(f"{n:02}.docx" for n in range(1, 13)), "可填写-01.docx"]
    assert (folder / "可填写-01.docx").read_bytes() == b"mine"


def test_the_bytes_do_not_depend_on_who_renders(command: Command, written: Path, tmp_path: Path) -> None:
    assert command("generate", DEMO, "--fillable", "-o", tmp_path, "-j", "2").code == 0
    files = sorted(path.relative_to(written) for path in written.rglob("*.docx"))
    assert all((tmp_path / DEMO.name / each).read_bytes() == (written / each).read_bytes() for each in files)


@pytest.mark.parametrize("other", [["--draft"], ["--bundle", "zip"], ["--pdf"]])
def test_it_does_not_go_with_what_makes_something_else(other: list[str], command: Command, tmp_path: Path) -> None:
    ended = command("generate", DEMO, "--fillable", *other, "-o", tmp_path / "out")
    assert (ended.code, other[0] in ended.err) == (2, True)
    assert not (tmp_path / "out").exists()


def test_a_form_without_word_template_is_named_by_the_command(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [staff] = catalogue()["staff_list"]
    monkeypatch.setattr("formgen.delivery.plan.without_word", lambda *_: (staff,))
    ended = command("generate", DEMO, "--fillable", "-o", tmp_path)
    assert "没有 Word 模板" in ended.err
    assert "没有 Word 模板" not in command("generate", DEMO, "--draft", "-o", tmp_path).err


def test_it_is_not_signed(command: Command, written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORMGEN_KEY_PASSPHRASE", "geheim-und-lang")
    assert command("keys", "new", "校团委", "-o", tmp_path / "keys").code == 0
    file = written / CANDIDATES / "可填写-01.docx"
    ended = command("sign", file, "--key", tmp_path / "keys" / "校团委.p12", "-o", tmp_path / "signed")
    assert (ended.code, "这是草稿" in ended.err) == (2, True)
    assert not list(tmp_path.glob("signed/*"))


# --- what reading had to learn for it --------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["jpg", "png"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_says_its_position_is_the_same_picture(orientation: int, suffix: str) -> None:
    given = photo(60, 40, orientation=orientation)
    if suffix == "png":
        given = replace(pictures.read(office.DOT), turns=given.turns, mirrored=given.mirrored)
    said = pictures.saying_its_position(given)
    assert pictures.read(said.data) == given
    assert pictures.position(said.data) == (given.turns, given.mirrored)
    assert (said.data == given.data) == (orientation == 1)


def test_what_is_no_picture_is_upright() -> None:
    assert pictures.position(b"GIF89a") == (0, False)


CONGRESS = catalogue().edition("congress_report", DAY)


def photos(xml: str, tmp_path: Path) -> Any:
    path = tmp_path / "report.docx"
    path.write_bytes(office.docx(xml))
    [record] = intake.read(path, path.name, CONGRESS, None).records
    return record.values.get("photos")


def test_a_photo_and_the_caption_in_the_next_paragraph_are_one_item(tmp_path: Path) -> None:
    shown = office.paragraph(office.picture("photos[].file"))
    caption = [office.paragraph(office.control("photos[].caption", office.run(text))) for text in ("会场", "投票")]
    named = "report.docx#word/media/dot.png"
    both = [{"file": named, "caption": "会场"}, {"file": named, "caption": "投票"}]
    assert photos(shown + caption[0] + shown + caption[1], tmp_path) == both
    assert photos(shown + caption[0], tmp_path) == both[:1]


def test_where_paragraphs_do_not_follow_in_one_order_none_is_joined_to_another(tmp_path: Path) -> None:
    shown = office.paragraph(office.picture("photos[].file"))
    caption = office.paragraph(office.control("photos[].caption", office.run("会场")))
    lost = photos(caption + shown + caption + caption, tmp_path)
    assert [sorted(item) for item in lost] == [["caption"], ["file"], ["caption"], ["caption"]]
    rows = office.table(office.row(shown), office.row(caption))
    assert [sorted(item) for item in photos(rows, tmp_path)] == [["file"], ["caption"]]
