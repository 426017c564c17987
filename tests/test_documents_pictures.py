"""The photo that was put into a Word form is the record's photo: by its control, else by its place, never a guess."""

import datetime
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import by_hand
import office
from formgen import blanks, checks, dossier, forms, intake, opc, pictures, submission
from formgen.intake import Reading
from office import drawing, paragraph, run
from typed_forms import cell, said

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "inputs" / "demo-2020"
CANDIDATE = forms.catalogue().edition("candidate_registration", datetime.date(2020, 12, 4))
PHOTO = (DEMO / "photos" / "05.jpg").read_bytes()
OTHER = (DEMO / "photos" / "07.png").read_bytes()


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blank") / "blank.docx"
    path.write_bytes(blanks.make(CANDIDATE, ".docx"))
    return path


def formgen(*arguments: object) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "formgen", *map(str, arguments)]
    return subprocess.run(line, capture_output=True, text=True, encoding="utf-8", check=False)


def filled(blank: Path) -> bytes:
    """The blank form, filled in by hand as one of the demo's candidates."""
    values = json.loads((DEMO / "candidate_registration" / "05.json").read_text("utf-8"))
    texts = {key: value for key, value in values.items() if isinstance(value, str) and key != "photo"}
    texts |= {"grade": "19级", "class_rank": values["class_rank"]["text"]}
    for who, opinion in values["opinions"].items():
        texts |= {f"opinions.{who}.{key}": value for key, value in opinion.items()}
    rows = [{f"experience[].{key}": value for key, value in entry.items()} for entry in values["experience"]]
    return by_hand.with_picture(by_hand.filled(blank, texts, ["failed_course=false"], rows), "photo", PHOTO)


def read(data: bytes, folder: Path) -> Reading:
    path = folder / "01.docx"
    path.write_bytes(data)
    return intake.read(path, path.name, CANDIDATE, "01")


def photo(reading: Reading) -> Any:
    assert reading.record is not None
    return reading.record.values.get("photo")


def pictures_of(path: Path) -> list[bytes]:
    parts = opc.read(path.read_bytes(), "").parts
    return [data for name, data in parts.items() if name.startswith("word/media/")]


# --- from the blank form to the official one -------------------------------------------------------------------------


def test_a_blank_filled_in_with_text_and_photo_becomes_the_official_form_with_that_photo(
    blank: Path, tmp_path: Path
) -> None:
    form = tmp_path / "罗小满.docx"
    form.write_bytes(filled(blank))
    before = form.read_bytes()
    done = formgen("generate", form, "--dossier", DEMO, "-o", tmp_path / "out", "--lang", "en")
    assert (done.returncode, done.stderr) == (0, "")
    [made] = (tmp_path / "out").rglob("*.docx")
    assert pictures_of(made) == [pictures.read(PHOTO).data]
    assert form.read_bytes() == before
    manifest = json.loads(next((tmp_path / "out").rglob("manifest.json")).read_text("utf-8"))
    named = {name: digest for name, digest in manifest["inputs"].items() if "#" in name}
    assert named == {"罗小满.docx#word/media/mine.jpg": f"sha256:{hashlib.sha256(PHOTO).hexdigest()}"}


def test_forms_in_a_dossier_and_in_a_folder_bring_their_photos_with_them(blank: Path, tmp_path: Path) -> None:
    folder = tmp_path / "案卷"
    (folder / "candidate_registration").mkdir(parents=True)
    (folder / "dossier.json").write_bytes((DEMO / "dossier.json").read_bytes())
    (folder / "candidate_registration" / "05.docx").write_bytes(filled(blank))
    loaded = dossier.load(folder)
    [record] = loaded.records["candidate_registration"]
    assert record.values["photo"] == "candidate_registration/05.docx#word/media/mine.jpg"
    assert record.values["photo"] in loaded.inputs
    alone = submission.load(folder / "candidate_registration", as_of=datetime.date(2020, 12, 4))
    assert [finding.kind.id for finding in alone.findings] == ["I-no-dossier"]
    beside = submission.load(folder / "candidate_registration", beside=DEMO)
    assert beside.apart.keys() == {"candidate_registration/05.docx"}
    assert not [finding for finding in beside.findings if "photo" in finding.kind.id]


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"GIF89a", "I-photo-damaged", "JPEG"),
        (PHOTO[:-900], "I-photo-damaged", "cut off"),
        (b"\xff\xd8\xff" + bytes(21 * 1024 * 1024), "I-photo-damaged", "20 MB"),
    ],
)
def test_what_is_no_picture_withholds_the_form_and_says_so(
    data: bytes, kind: str, words: str, blank: Path, tmp_path: Path
) -> None:
    form = tmp_path / "05.docx"
    form.write_bytes(office.pack(opc.read(by_hand.with_picture(filled(blank), "photo", data), "").parts))
    loaded = submission.load(form, beside=DEMO)
    found = [finding for finding in checks.check(loaded).findings if finding.kind.id == kind]
    assert [finding.at.pointer for finding in found] == [("photo",)]
    assert words in found[0].message("en")


def test_a_record_cannot_name_a_picture_in_a_form_outside_of_the_dossier_or_in_none(tmp_path: Path) -> None:
    folder = tmp_path / "案卷"
    (folder / "candidate_registration").mkdir(parents=True)
    (folder / "dossier.json").write_bytes((DEMO / "dossier.json").read_bytes())
    (tmp_path / "别人.docx").write_bytes(office.docx(paragraph(run())))
    (folder / "空.docx").write_bytes(office.docx(paragraph(run())))
    (folder / "坏.docx").write_bytes(b"no package")
    names = {
        "01": ("../别人.docx#word/media/dot.png", "I-photo-outside"),
        "02": ("空.docx#word/media/none.png", "I-photo-missing"),
        "03": ("没有.docx#word/media/dot.png", "I-photo-missing"),
        "04": ("坏.docx#word/media/dot.png", "I-photo-damaged"),
        "05": ("空.docx#word/media/dot.png", None),
    }
    for id, (name, _) in names.items():
        record = json.dumps({"name": "王静", "photo": name}, ensure_ascii=False)
        (folder / "candidate_registration" / f"{id}.json").write_text(record, "utf-8")
    loaded = dossier.load(folder)
    told = {finding.at.record: finding.kind.id for finding in loaded.findings if finding.at.record is not None}
    assert told == {id: kind for id, (_, kind) in names.items() if kind is not None}


# --- without the tag of a control ------------------------------------------------------------------------------------

LABELS = [("姓名", "王静"), ("性别", "女"), ("民族", "汉族"), ("学院", "机电学院")]


def typed(photo_cell: str, before: str = "", more: str = "", **parts: Any) -> bytes:
    rows = "".join(
        f"<w:tr>{cell(paragraph(run(label)))}{cell(paragraph(run(text)))}{photo_cell if index == 0 else ''}</w:tr>"
        for index, (label, text) in enumerate(LABELS)
    )
    files = {"word/media/mine.jpg": PHOTO, "word/media/other.png": OTHER}
    types = {"word/media/mine.jpg": "image/jpeg"}
    related = {"document": {"rIdMine": ("image", "media/mine.jpg"), "rIdOther": ("image", "media/other.png")}}
    made = office.docx_parts(f"{before}<w:tbl>{rows}</w:tbl>{more}<w:p/>", related=related, files=files, **parts)
    made["[Content_Types].xml"] = str(made["[Content_Types].xml"]).replace(
        "</Types>", "".join(f'<Override PartName="/{n}" ContentType="{t}"/>' for n, t in types.items()) + "</Types>"
    )
    return office.pack(made)


def told(reading: Reading) -> list[tuple[str, str]]:
    return [entry for entry in said(reading) if entry[0] != "I-field-unreadable"]


MINE = drawing("rIdMine")
OLD = '<w:r><w:pict><v:shape><v:imagedata r:id="rIdMine" {}/></v:shape></w:pict></w:r>'
TWICE = (
    f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{MINE.removeprefix("<w:r>").removesuffix("</w:r>")}'
    f"</mc:Choice><mc:Fallback>{OLD.format('').removeprefix('<w:r>').removesuffix('</w:r>')}</mc:Fallback>"
    "</mc:AlternateContent></w:r>"
)


@pytest.mark.parametrize(
    ("photo_cell", "before", "parts"),
    [
        (cell(paragraph(MINE)), "", {}),
        (cell(paragraph(run("照片"), MINE)), paragraph(drawing("rIdOther")), {}),  # a badge above the table
        (cell(paragraph(run("相片"))), paragraph(MINE), {}),  # it floats over the table, and is anchored above it
        (cell(paragraph(OLD.format(""))), "", {}),
        (cell(paragraph(TWICE)), "", {}),
        (cell(paragraph(MINE)), "", {"stories": {"header1": paragraph(drawing("rIdOther"))}}),  # a letterhead
    ],
)
def test_the_picture_in_the_photos_place_is_the_photo(
    photo_cell: str, before: str, parts: dict[str, Any], tmp_path: Path
) -> None:
    reading = read(typed(photo_cell, before, **parts), tmp_path)
    assert photo(reading) == "01.docx#word/media/mine.jpg"
    assert told(reading) == [("I-picture-told", "photo")]


def test_of_several_pictures_that_may_be_it_none_is_taken(tmp_path: Path) -> None:
    two = cell(paragraph(MINE) + paragraph(drawing("rIdOther")))
    reading = read(typed(two), tmp_path)
    assert (photo(reading), told(reading)) == (None, [("I-picture-unclear", "photo")])
    own = f"{cell(paragraph(run('照片')))}{cell(paragraph(MINE))}"
    reading = read(typed(own, more=office.table(office.row(paragraph(drawing("rIdOther"))))), tmp_path)
    assert photo(reading) == "01.docx#word/media/mine.jpg"  # the cell beside the words


@pytest.mark.parametrize(
    "shown",
    [
        MINE.replace("<a:stretch>", '<a:srcRect l="20000" r="1000"/><a:stretch>'),
        MINE.replace("<a:xfrm>", '<a:xfrm rot="5400000">'),
        OLD.format('cropleft="13107f"'),
    ],
)
def test_a_picture_that_the_page_shows_cropped_or_turned_is_taken_whole_and_that_is_said(
    shown: str, tmp_path: Path
) -> None:
    reading = read(typed(cell(paragraph(shown))), tmp_path)
    assert photo(reading) == "01.docx#word/media/mine.jpg"
    assert ("I-picture-altered", "photo") in told(reading)


def test_a_picture_that_lies_on_another_machine_is_none(tmp_path: Path) -> None:
    linked = MINE.replace("r:embed", "r:link")
    reading = read(typed(cell(paragraph(linked))), tmp_path)
    assert (photo(reading), told(reading)) == (None, [])


def test_two_controls_of_one_photo_with_different_pictures_are_no_photo(tmp_path: Path) -> None:
    data = typed("", paragraph(office.picture("photo", "rIdMine")) + paragraph(office.picture("photo", "rIdOther")))
    assert ("I-picture-unclear", "photo") in told(read(data, tmp_path))


# --- into a folder ---------------------------------------------------------------------------------------------------


def test_reading_saves_the_photo_where_it_is_asked_to_and_never_over_another(blank: Path, tmp_path: Path) -> None:
    form = tmp_path / "罗小满.docx"
    form.write_bytes(filled(blank))
    folder = tmp_path / "photos"
    for _ in range(2):  # the same picture once more is no harm
        done = formgen("read", form, "--photos", folder)
        assert (done.returncode, json.loads(done.stdout)["values"]["photo"]) == (0, "photos/罗小满.jpg")
    assert [path.name for path in folder.iterdir()] == ["罗小满.jpg"]
    assert (folder / "罗小满.jpg").read_bytes() == PHOTO
    (folder / "罗小满.jpg").write_bytes(OTHER)
    done = formgen("read", form, "--photos", folder, "--lang", "en")
    assert (done.returncode, done.stdout) == (2, "")
    assert "was not replaced" in done.stderr
    assert (folder / "罗小满.jpg").read_bytes() == OTHER


def test_reading_saves_no_picture_that_is_none_and_none_from_a_table(blank: Path, tmp_path: Path) -> None:
    form = tmp_path / "05.docx"
    form.write_bytes(by_hand.with_picture(filled(blank), "photo", b"GIF89a"))
    done = formgen("read", form, "--photos", tmp_path / "photos", "--lang", "en")
    assert (done.returncode, done.stdout, (tmp_path / "photos").exists()) == (1, "", False)
    done = formgen("read", DEMO / "staff_list.xlsx", "--photos", tmp_path / "photos", "--lang", "en")
    assert (done.returncode, "Word forms only" in done.stderr) == (2, True)
    (tmp_path / "file").write_bytes(b"")
    form.write_bytes(filled(blank))
    done = formgen("read", form, "--photos", tmp_path / "file", "--lang", "en")
    assert (done.returncode, "cannot be written" in done.stderr) == (2, True)
