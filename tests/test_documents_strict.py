"""Files saved as “Strict Open XML” are read, and handed back, as the ordinary ones that they could have been."""

import io
import re
import shutil
from datetime import date
from pathlib import Path

import docx
import pytest

import formgen
import office
from formgen import forms, intake, opc
from formgen.annotation import word_document
from formgen.checks import check
from formgen.dossier import load
from formgen.intake.documents import strict
from office import paragraph, row, run, table
from test_annotation import contents, remark

DEMO = Path(__file__).parent.parent / "inputs" / "demo-2020"
CANDIDATE = forms.catalogue().edition("candidate_registration", date(2020, 11, 18))
STAFF = forms.catalogue().edition("staff_list", date(2020, 11, 18))
ORDINARY = re.compile(
    rb"http://schemas\.openxmlformats\.org/(wordprocessingml|officeDocument|drawingml|spreadsheetml)/2006/"
)


def saved_as_strict(data: bytes) -> bytes:
    """The file under the names of ISO/IEC 29500 Strict, as Word and Excel spell them."""
    parts = {
        name: ORDINARY.sub(rb"http://purl.oclc.org/ooxml/\1/", content)
        .replace(b"extended-properties", b"extendedProperties")
        .replace(b"<w:document ", b'<w:document w:conformance="strict" ')
        if name.endswith((".xml", ".rels"))
        else content
        for name, content in opc.read(data, "").parts.items()
    }
    assert any(b"purl.oclc.org" in content for content in parts.values())
    return opc.write(opc.member(name, content) for name, content in parts.items())


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A registration that somebody has filled in, with a photo."""
    dossier = load(DEMO)
    done = formgen.generate(dossier, check(dossier), tmp_path_factory.mktemp("out"), fillable=True)
    [path] = [done.folder / name for name in done.written if name.endswith("可填写-01.docx")]
    return path.read_bytes()


def test_a_word_form_is_read_as_the_ordinary_one(filled: bytes, tmp_path: Path) -> None:
    readings = []
    for folder, data in (("a", filled), ("b", saved_as_strict(filled))):
        path = tmp_path / folder / "01.docx"
        path.parent.mkdir()
        path.write_bytes(data)
        readings.append(intake.read(path, path.name, CANDIDATE, "01"))
    ordinary, other = readings
    assert other.findings == ordinary.findings == ()
    assert other.record is not None
    assert ordinary.record is not None
    assert other.record.values == ordinary.record.values
    assert other.record.values["photo"]


def test_a_list_in_a_workbook_is_read_as_the_ordinary_one(tmp_path: Path) -> None:
    path = tmp_path / "名单.xlsx"
    path.write_bytes(saved_as_strict((DEMO / "staff_list.xlsx").read_bytes()))
    [other] = intake.read(path, path.name, STAFF, None).records
    shutil.copy(DEMO / "staff_list.xlsx", path)
    [ordinary] = intake.read(path, path.name, STAFF, None).records
    assert other.values == ordinary.values


def test_what_is_handed_back_is_an_ordinary_file_with_the_comment() -> None:
    form = office.docx(table(row(paragraph(run("姓名")), paragraph(run("王静")))))
    made = word_document.annotate(saved_as_strict(form), contents(remark("第1行第2格", sheet="第1个表格"))).data
    opened = docx.Document(io.BytesIO(made))
    assert [each.text.split("\n")[0] for each in opened.comments] == ["错误 R1  写错了"]
    assert opened.tables[0].cell(0, 1).text == "王静"
    assert not any(b"purl.oclc.org" in data or b"conformance" in data for data in opc.read(made, "").parts.values())


def test_names_become_those_of_the_ordinary_file_and_what_a_person_wrote_stays() -> None:
    package = opc.Package(
        {
            "_rels/.rels": b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            b'<Relationship Id="a" Target="word/document.xml" Type='
            b'"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"/><Relationship Id="b" '
            b'Target="docProps/app.xml" Type='
            b"'http://purl.oclc.org/ooxml/officeDocument/relationships/extendedProperties'/></Relationships>",
            "word/document.xml": b'<w:document w:conformance="strict" '
            b'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
            b"><w:t>http://purl.oclc.org/ooxml/drawingml/main</w:t></w:document>",
            "word/media/1.bin": b'="http://purl.oclc.org/ooxml/drawingml/main"',
        }
    )
    parts = strict.as_ordinary(package).parts
    types = re.findall(rb"Type=[\"']([^\"']*)", parts["_rels/.rels"])
    assert [each.rpartition(b"/2006/")[2] for each in types] == [
        b"relationships/officeDocument",
        b"relationships/extended-properties",
    ]
    assert parts["word/document.xml"] == (
        b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
        b"><w:t>http://purl.oclc.org/ooxml/drawingml/main</w:t></w:document>"
    )
    assert parts["word/media/1.bin"] == package.parts["word/media/1.bin"]


def test_an_ordinary_file_is_left_as_it_is() -> None:
    package = opc.read(office.docx(paragraph(run("http://purl.oclc.org/ooxml"))), "")
    assert strict.as_ordinary(package) is package
