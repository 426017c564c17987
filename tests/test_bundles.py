"""Many documents in one: for the printer, in an archive, as PDFs."""

import json
import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

import formgen
from formgen import cli, forms, opc
from formgen.delivery import bundles, disk, pdf
from formgen.errors import FormgenError, TemplateError
from formgen.filling.bundle import Bundle
from formgen.filling.word_tree import W
from formgen.pictures import read
from office import (
    block,
    docx_parts,
    drawing,
    edition,
    pack,
    paragraph,
    parts_of,
    picture,
    row,
    run,
    table,
    text_of,
    value,
)

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "inputs" / "demo-2020"
CANDIDATES = "学生会主席团选举候选人登记表"
NUMBERED = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr></w:pPr>{}</w:p>'
_LEVELS = '<w:lvl w:ilvl="0"><w:start w:val="3"/></w:lvl><w:lvl w:ilvl="1"/>'
NUMBERING = (
    f'<w:numbering xmlns:w="{W[1:-1]}"><w:abstractNum w:abstractNumId="5">{_LEVELS}</w:abstractNum>'
    '<w:num w:numId="2"><w:abstractNumId w:val="5"/></w:num><w:num w:numId="7"><w:abstractNumId w:val="5"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num><w:numIdMacAtCleanup w:val="1"/>'
    "</w:numbering>"
)


def command(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        cli.main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out, printed.err


def root_of(data: bytes, part: str = "word/document.xml") -> Any:
    return opc.parse_xml(parts_of(data)[part])


def sections(data: bytes) -> list[dict[str, str]]:
    """How each section begins: its type and the number of its first page."""
    found = []
    for section in root_of(data).iter(f"{W}sectPr"):
        said = {}
        for tag, attribute in (("type", "val"), ("pgNumType", "start")):
            element = section.find(f"{W}{tag}")
            if element is not None:
                said[tag] = element.get(f"{W}{attribute}", "")
        found.append(said)
    return found


def records(count: int) -> list[dict[str, Any]]:
    return [{"name": f"甲{number}", "words": [f"{number}a", f"{number}b"]} for number in range(count)]


# --- for the printer -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 300])
def test_each_record_has_sections_of_its_own_that_begin_on_a_sheet_as_page_one(count: int) -> None:
    body = value("name") + table(row(value("words[]"))) + paragraph(run("完"))
    bundle = Bundle(pack(docx_parts(body)), "试验.docx", edition("name", "words"), count)
    data = bundle.fill(records(count), {})
    assert text_of(data) == [text for n in range(count) for text in (f"甲{n}", f"{n}a", f"{n}b", "完")]
    assert sections(data) == [{"type": "oddPage", "pgNumType": "1"}] * count
    # No paragraph is added: the last one of each record ends its section.
    assert len(list(root_of(data).iter(f"{W}p"))) == 4 * count


def test_a_section_ends_in_a_paragraph_of_its_own_behind_a_table_and_between_sections_only() -> None:
    inner = '<w:p><w:pPr><w:sectPr><w:pgNumType w:start="4"/></w:sectPr></w:pPr></w:p>'
    body = value("name") + inner + table(row(value("words[]")))
    data = Bundle(pack(docx_parts(body)), "试验.docx", edition("name", "words"), 2).fill(records(2), {})
    first = {"type": "oddPage", "pgNumType": "1"}
    assert sections(data) == [first, {}, first, {}]
    assert root_of(data).find(f"{W}body")[-1].tag == f"{W}sectPr"


def test_pictures_lie_in_it_once_and_shapes_have_numbers_of_their_own() -> None:
    photos = {name: read((DEMO / "photos" / f"{name}.jpg").read_bytes()) for name in ("01", "02")}
    body = value("name") + paragraph(picture("photo")) + paragraph(drawing())
    bundle = Bundle(pack(docx_parts(body)), "试验.docx", edition("name", "photo"), 4)
    values = [{"name": str(n), "photo": name} for n, name in enumerate(("01", "02", "01", "none"))]
    data = bundle.fill(values, photos)
    media = [name for name in parts_of(data) if name.startswith("word/media/")]
    assert sorted(media) == ["word/media/dot.png", "word/media/picture1.jpg", "word/media/picture2.jpg"]
    assert {"picture1.jpg", "picture2.jpg", "dot.png"} == {
        relationship.target.rpartition("/")[2]
        for relationship in opc.read(data, "x").relationships("word/document.xml").values()
    }
    ids = [shape.get("id") for shape in root_of(data).iter() if str(shape.tag).endswith("}docPr")]
    assert len(ids) == len(set(ids)) == 8
    assert b"customXml" not in b"".join(name.encode() for name in parts_of(data))
    assert bundle.fill(values, photos) == data


def test_numbered_lists_begin_anew_for_each_record() -> None:
    body = NUMBERED.format(2, run("一")) + NUMBERED.format(7, run("二")) + NUMBERED.format(0, run("三")) + value("name")
    parts = docx_parts(body, related={"document": {"rIdN": ("numbering", "numbering.xml")}})
    data = pack({**parts, "word/numbering.xml": NUMBERING})
    filled = Bundle(data, "试验.docx", edition("name"), 3).fill(records(3), {})
    used = [element.get(f"{W}val") for element in root_of(filled).iter(f"{W}numId")]
    assert used == ["8", "9", "0", "10", "11", "0", "12", "13", "0"]
    instances = {
        instance.get(f"{W}numId"): [
            (override.get(f"{W}ilvl"), override.find(f"{W}startOverride").get(f"{W}val"))
            for override in instance.iter(f"{W}lvlOverride")
        ]
        for instance in root_of(filled, "word/numbering.xml").iter(f"{W}num")
    }
    assert list(instances) == ["2", "7", *(str(number) for number in range(8, 14))]
    assert instances["8"] == instances["12"] == [("0", "3"), ("1", "0")]
    assert instances["9"] == [("0", "9"), ("1", "0")]


def test_bookmarks_are_left_out_and_page_number_galleries_taken_out_of_their_control() -> None:
    marks = '<w:bookmarkStart w:id="0" w:name="x"/><w:bookmarkEnd w:id="0"/>'
    gallery = f"<w:sdt><w:sdtPr><w:docPartObj/></w:sdtPr><w:sdtContent>{paragraph(run('第1页'))}</w:sdtContent></w:sdt>"
    body = marks + block("?name", value("name")) + gallery + paragraph(run("完"))
    data = Bundle(pack(docx_parts(body)), "试验.docx", edition("name"), 2).fill(records(2), {})
    assert text_of(data) == ["甲0", "第1页", "完", "甲1", "第1页", "完"]
    assert b"bookmark" not in parts_of(data)["word/document.xml"]


def test_a_template_that_prints_a_field_in_its_header_is_refused() -> None:
    data = pack(docx_parts(value("name"), stories={"header1": value("name")}))
    with pytest.raises(TemplateError, match="outside of its body"):
        Bundle(data, "试验.docx", edition("name"), 2)


def test_a_template_that_does_not_match_its_form_is_refused() -> None:
    with pytest.raises(TemplateError, match="no field 'records"):
        Bundle(pack(docx_parts(value("nmae"))), "试验.docx", edition("name"), 2)


def test_a_body_without_a_section_gets_one() -> None:
    body = f'<w:document xmlns:w="{W[1:-1]}"><w:body>{value("name")}</w:body></w:document>'
    parts = {
        **docx_parts(""),
        "word/document.xml": body,
    }
    data = Bundle(pack(parts), "试验.docx", edition("name"), 2).fill(records(2), {})
    assert len(sections(data)) == 2


# --- delivered -------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo with three of its candidates."""
    copy = tmp_path / "demo"
    shutil.copytree(DEMO, copy)
    for file in sorted((copy / "candidate_registration").iterdir())[3:]:
        file.unlink()
    return copy


def edit(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}, ensure_ascii=False), "utf-8")


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_bundles_lie_beside_the_documents_and_are_made_again_only_when_those_change(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "VOLUME", 2)
    out = tmp_path / "out" / "demo"
    asked = ("generate", folder, "-o", out.parent, "--bundle", "print", "--bundle", "zip")
    code, printed, _ = command(capsys, *asked, "--dry-run")
    assert (code, out.exists()) == (0, False)
    assert f"{CANDIDATES}-打印-2.docx" in printed
    code, printed, _ = command(capsys, *asked)
    made = {f"{CANDIDATES}-打印-1.docx", f"{CANDIDATES}-打印-2.docx", "demo.zip"}
    assert made <= files(out).keys()
    assert len(docx.Document(str(out / f"{CANDIDATES}-打印-1.docx")).sections) == 2
    with zipfile.ZipFile(out / "demo.zip") as archive:
        assert {name.removeprefix("demo/") for name in archive.namelist()} == {
            path for path in files(out) if path.endswith(("docx", "xlsx")) and path not in made
        }
        assert archive.read(f"demo/{CANDIDATES}/01.docx") == files(out)[f"{CANDIDATES}/01.docx"]
    before = files(out)
    assert "10 份没有变化" in command(capsys, *asked)[1]
    command(capsys, "generate", folder, "-o", out.parent)
    assert files(out) == before
    edit(folder / "candidate_registration" / "03.json", phone="000-0000-9999")
    _, printed, _ = command(capsys, "generate", folder, "-o", out.parent)
    # What nobody asked for again and is no longer so goes: it would mislead.
    assert f"已删去旧文件：{out / f'{CANDIDATES}-打印-2.docx'}" in printed
    assert made & files(out).keys() == {f"{CANDIDATES}-打印-1.docx"}
    shutil.rmtree(out)
    command(capsys, *asked)
    again = files(out)
    shutil.rmtree(out)
    command(capsys, *asked)
    assert files(out) == again


def test_a_bundle_never_takes_the_name_of_a_document(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folder / "candidate_registration" / "01.json", name=f"{CANDIDATES}-打印")
    arguments = ("generate", folder, "-o", tmp_path / "out", "--name", "{name}", "--bundle", "print")
    code, _, noted = command(capsys, *arguments)
    assert code == 2
    assert "会写成同名文件" in noted


def test_a_draft_bundle_is_marked_and_goes_with_the_drafts(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "demo"
    command(capsys, "generate", folder, "-o", out.parent, "--bundle", "print", "--bundle", "zip", "--draft")
    drafts = {f"草稿-{CANDIDATES}-打印.docx", "草稿-demo.zip"}
    assert drafts <= files(out).keys()
    data = files(out)[f"草稿-{CANDIDATES}-打印.docx"]
    assert any("草稿" in part.decode() for name, part in parts_of(data).items() if "header" in name)
    command(capsys, "generate", folder, "-o", out.parent)
    assert not drafts & files(out).keys()


# --- PDFs ------------------------------------------------------------------------------------------------------------

# Converts what it is given, except what is called like the file; notes each call.
FAKE = """#!/bin/sh
while [ "$1" != --outdir ]; do shift; done
out=$2; shift 2; mkdir -p "$out"; echo "$#" >> "{log}"
for file; do
  case $# in {hang}) sleep 600;; esac
  name=$(basename "$file"); [ "$(wc -c < "$file")" = "{fails}" ] || echo "%PDF of $name" > "$out/${{name%.*}}.pdf"
done
"""


def fake_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, fails: int = 0, hang: str = "none") -> Path:
    """A LibreOffice that fails on files of a size, and hangs when it is given a number of files."""
    program, log = tmp_path / "bin" / "soffice", tmp_path / "calls"
    program.parent.mkdir(exist_ok=True)
    program.write_text(FAKE.format(log=log, fails=fails, hang=hang))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return log


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_each_document_has_a_pdf_that_is_made_again_only_when_its_content_changes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = fake_office(tmp_path, monkeypatch)
    monkeypatch.setattr(pdf, "_BATCH", 4)
    out = tmp_path / "out" / "demo"
    asked = ("generate", folder, "-o", out.parent, "--pdf")
    assert command(capsys, *asked)[0] == 0
    pdfs = {path for path in files(out) if path.endswith(".pdf")}
    # The staff list is a Word document and a workbook: the Word document it is.
    assert len(pdfs) == 6
    assert sorted(log.read_text().split()) == ["2", "4"]
    command(capsys, *asked)
    edit(folder / "candidate_registration" / "03.json", phone="000-0000-9999")
    assert command(capsys, *asked)[0] == 0
    assert sorted(log.read_text().split()) == ["1", "2", "4"]
    edit(folder / "candidate_registration" / "02.json", phone="000-0000-9998")
    _, printed, _ = command(capsys, "generate", folder, "-o", out.parent)
    assert f"已删去旧文件：{out / CANDIDATES / '02.pdf'}" in printed
    assert {path for path in files(out) if path.endswith(".pdf")} == pdfs - {f"{CANDIDATES}/02.pdf"}


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_document_that_cannot_be_converted_is_told_and_stops_no_other(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out" / "demo"
    command(capsys, "generate", folder, "-o", out.parent)
    log = fake_office(tmp_path, monkeypatch, fails=(out / CANDIDATES / "02.docx").stat().st_size)
    code, _, noted = command(capsys, "generate", folder, "-o", out.parent, "--pdf")
    assert code == 3
    assert f"没有转换成：{CANDIDATES}/02.pdf" in noted
    assert log.read_text().split() == ["6", "1"]
    assert len([path for path in files(out) if path.endswith(".pdf")]) == 5


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_conversion_that_hangs_is_ended_and_its_files_tried_one_by_one(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_office(tmp_path, monkeypatch, hang="6")
    monkeypatch.setattr(pdf, "_TO_BEGIN", 0)
    monkeypatch.setattr(pdf, "_EACH", 1)
    assert command(capsys, "generate", folder, "-o", tmp_path / "out", "--pdf")[0] == 0
    assert len([path for path in files(tmp_path / "out") if path.endswith(".pdf")]) == 6


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_pdfs_that_a_killed_run_has_made_are_used_by_the_next(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = fake_office(tmp_path, monkeypatch)

    def die(_paths: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync", die)
        patch.setattr(disk, "clear", lambda _folder: None)
        assert command(capsys, "generate", folder, "-o", tmp_path / "out", "--pdf")[0] == 9
    assert command(capsys, "generate", folder, "-o", tmp_path / "out", "--pdf")[0] == 0
    assert log.read_text().split() == ["6"]


def test_an_interrupt_ends_the_conversion_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", interrupt)
    ended: list[object] = []
    monkeypatch.setattr(
        pdf, "_end", lambda process: (ended.append(process), process.kill(), os.waitpid(process.pid, 0))
    )
    with pytest.raises(KeyboardInterrupt):
        pdf._wait(["sleep", "600"], 1)
    assert len(ended) == 1


def test_without_libreoffice_it_is_said_before_anything_is_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    code, _, noted = command(capsys, "generate", folder, "-o", tmp_path / "out", "--pdf")
    assert code == 3
    assert "请安装 LibreOffice" in noted
    assert not (tmp_path / "out").exists()
    with pytest.raises(FormgenError, match="not installed"):
        pdf.office()


# --- as LibreOffice sees it ------------------------------------------------------------------------------------------


@pytest.mark.office
def test_in_libreoffice_a_bundle_has_the_pages_of_its_documents(tmp_path: Path) -> None:
    dossier = formgen.load(DEMO)
    out = formgen.generate(dossier, formgen.check(dossier), tmp_path).folder
    # One conversion for the bundle and one single form.
    edition_ = forms.catalogue()["candidate_registration"][0]
    template = edition_.templates[".docx"]
    kept = dossier.records["candidate_registration"]
    photos = {r.values["photo"]: read((DEMO / r.values["photo"]).read_bytes()) for r in kept}
    bundle = Bundle(template.read_bytes(), template.name, edition_, len(kept))
    whole = tmp_path / "whole.docx"
    whole.write_bytes(bundle.fill([{**r.values, "dossier": dossier.values} for r in kept], photos))
    made = {"whole": whole, "single": out / CANDIDATES / "01.docx"}
    done = pdf._run(pdf.office(), [(name, file, tmp_path / f"{name}.pdf") for name, file in made.items()])
    assert done == ["whole", "single"]
    whole_pages, single_pages = (_pages(tmp_path / f"{name}.pdf") for name in made)
    assert len(single_pages) == 2
    assert whole_pages[:2] == single_pages
    assert len(whole_pages) == 2 * len(kept)
    for number, record in enumerate(kept):
        assert record.values["student_number"] in whole_pages[2 * number]
        for page in (0, 1):
            assert f"—{page + 1}—" in "".join(whole_pages[2 * number + page].split())


def _pages(file: Path) -> list[str]:
    text = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True).stdout
    return text.decode().split("\f")[:-1]
