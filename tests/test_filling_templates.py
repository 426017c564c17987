"""Do the templates that ship print every value of a record: the two dossiers' and any that the schemas allow?"""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape

import docx as python_docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from formgen import opc, pictures
from formgen.filling import data_part
from formgen.filling.template import Document, Template, compile_template
from formgen.filling.typesetting import typesetter
from formgen.filling.xml_text import escape
from formgen.forms import catalogue, dossier_schema
from formgen.pictures import Picture
from making import broken, leaves, values
from office import text_of

ROOT = Path(__file__).parents[1]
SHIPPED = [(key, suffix) for key in sorted(catalogue()) for suffix in sorted(catalogue()[key][0].templates)]


@cache
def template(key: str, suffix: str, draft: bool = False) -> Template:
    edition = catalogue()[key][0]
    return compile_template(edition.templates[suffix].read_bytes(), f"{key}{suffix}", edition, draft=draft)


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def records(dossier: str) -> Iterator[tuple[str, str, Any]]:
    """Form, file name and values of every record of a dossier, the dossier's own among them."""
    folder = ROOT / "inputs" / dossier
    own = read(folder / "dossier.json")
    staff = {"lzmvc-2020": "tests/seed/staff_list.json", "demo-2020": "tests/drawing/demo_staff_list.json"}[dossier]
    yield "staff_list", "名单", {**read(ROOT / staff), "dossier": own}
    for key in ("assessment_filing", "congress_report"):
        yield key, key, {**read(folder / f"{key}.json"), "dossier": own}
    for path in sorted(folder.glob("candidate_registration/*.json")):
        yield "candidate_registration", path.stem, {**read(path), "dossier": own}


def photos(dossier: str) -> dict[str, Picture]:
    folder = ROOT / "inputs" / dossier
    files = [path for path in sorted(folder.glob("photos/*")) if path.suffix in (".jpg", ".png")]
    return {f"photos/{path.name}": pictures.read(path.read_bytes()) for path in files}


def text(document: Document, suffix: str) -> str:
    """All that a document says, as python-docx and openpyxl see it, without white space."""
    if suffix == ".docx":
        python_docx.Document(io.BytesIO(document.data))
        package = opc.read(document.data, "a")
        stories = [part for part in package.parts if re.match(r"word/(document|header|footer)[^/]*\.xml$", part)]
        whole = "".join("".join(text_of(document.data, part)) for part in stories)
        return squeezed(whole.replace("<br>", "").replace("<tab>", ""))
    book = load_workbook(io.BytesIO(document.data))
    return squeezed("".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def printed(record: Any, key: str) -> list[str]:
    """The text of every value of a record that is printed as such."""
    fields = [entry for entry in leaves(record, catalogue()[key][0].schema) if not ticked(*entry)]
    texts = [typesetter(field)(value) for value, field in fields if field.get("x-typeset") != "picture"]
    # What XML cannot hold is printed as a replacement character.
    return [found for found in (squeezed(unescape(escape(text))) for text in texts) if found]


def ticked(value: Any, field: Any) -> bool:
    return value in ("met", "unmet", "undetermined") or field.get("title") == "有无挂科"


@pytest.mark.parametrize("dossier", ["lzmvc-2020", "demo-2020"])
@pytest.mark.parametrize(("key", "suffix"), SHIPPED)
@pytest.mark.parametrize("draft", [False, True])
def test_every_value_of_the_dossiers_is_in_the_document(dossier: str, key: str, suffix: str, draft: bool) -> None:
    given = photos(dossier)
    for form, name, record in records(dossier):
        if form != key:
            continue
        document = template(key, suffix, draft).fill(record, given)
        whole = text(document, suffix)
        own = {field: value for field, value in record.items() if field != "dossier"}
        wanted = printed(own, key)
        assert len(wanted) >= 4
        missing = [value for value in wanted if value not in whole]
        assert missing == [], name
        assert record["dossier"]["organisation"]["name"] in whole
        package = opc.read(document.data, "a")
        assert package.content_digest == document.content_digest
        assert not any(b"w:sdt>" in part or b"w:rsidR" in part for part in package.parts.values())
        shown = {
            pictures_of(value) for value, field in leaves(own, catalogue()[key][0].schema) if "picture" in str(field)
        }
        held = {data for part, data in package.parts.items() if "media/picture" in part}
        assert held == {given[file].data for file in shown if file in given}


def pictures_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def test_the_boxes_of_the_filing_are_ticked_as_it_says() -> None:
    (record,) = [values for form, _, values in records("demo-2020") if form == "assessment_filing"]
    whole = text(template("assessment_filing", ".docx").fill(record), ".docx")
    conclusions = [item.get("conclusion") for item in record["items"].values()]
    # The two boxes of the kind of organisation are ticked too where the dossier says it.
    kind = 1 if record["dossier"]["organisation"].get("kind") else 0
    assert sum(map(whole.count, "☑☒")) == sum(c in ("met", "unmet") for c in conclusions) + kind


def test_a_document_carries_nothing_that_it_does_not_print() -> None:
    (record,) = [values for form, _, values in records("demo-2020") if form == "staff_list"]
    assert any("role" in member for member in record["members"])
    word = data_part.find(opc.read(template("staff_list", ".docx").fill(record).data, "a"))
    sheet = data_part.find(opc.read(template("staff_list", ".xlsx").fill(record).data, "a"))
    assert word is not None
    assert sheet is not None
    assert {key for member in word.values["members"] for key in member} <= {
        "serial",
        "name",
        "political_status",
        "college",
        "grade",
        "rank",
        "failed_course",
        "experience",
        "remark",
    }
    assert "members" not in sheet.values
    assert set(word.values["dossier"]) == set(sheet.values["dossier"]) == {"organisation", "filing_date"}
    assert word.schema == catalogue()["staff_list"][0].schema_digest
    path = catalogue()["staff_list"][0].templates[".docx"]
    assert word.template == "sha256:" + hashlib.sha256(path.read_bytes()).hexdigest()


def test_another_process_with_another_hash_seed_fills_the_same_bytes() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests'); import test_filling_templates as t, hashlib\n"
        "for dossier in ('demo-2020', 'lzmvc-2020'):\n"
        "    given = t.photos(dossier)\n"
        "    for key, name, record in t.records(dossier):\n"
        "        for suffix in sorted(t.catalogue()[key][0].templates):\n"
        "            for draft in (False, True)[: 2 if key == 'staff_list' else 1]:\n"
        "                print(hashlib.sha256(t.template(key, suffix, draft).fill(record, given).data).hexdigest())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**environment, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("0", "12345")
    }
    assert len(found) == 1
    assert len(found.pop().split()) >= 20


# --- any record ------------------------------------------------------------------------------------------------------


def record_of(key: str) -> st.SearchStrategy[Any]:
    schema = catalogue()[key][0].schema
    return st.tuples(values(schema), values(dossier_schema())).map(lambda pair: {**pair[0], "dossier": pair[1]})


@pytest.mark.parametrize(("key", "suffix"), SHIPPED)
def test_any_record_of_the_schema_is_printed_whole(key: str, suffix: str) -> None:
    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(record_of(key))
    def check(record: Any) -> None:
        document = template(key, suffix).fill(record)
        whole = text(document, suffix)
        for value in printed({field: value for field, value in record.items() if field != "dossier"}, key):
            assert value in whole

    check()


@pytest.mark.parametrize(("key", "suffix"), SHIPPED)
@pytest.mark.parametrize("draft", [False, True])
def test_any_json_fills_every_template(key: str, suffix: str, draft: bool) -> None:
    schema = catalogue()[key][0].printable

    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    @given(broken(schema))
    def check(record: Any) -> None:
        document = template(key, suffix, draft).fill(record)
        package = opc.read(document.data, "a")
        assert package.content_digest == document.content_digest
        for part in package.parts:
            if part.endswith((".xml", ".rels")):
                opc.parse_xml(package.parts[part])
        assert data_part.find(package) is not None

    check()


# --- as LibreOffice shows them ---------------------------------------------------------------------------------------


@pytest.mark.office
def test_libreoffice_shows_every_value(tmp_path: Path) -> None:
    wanted: dict[str, list[str]] = {}
    for dossier in ("lzmvc-2020", "demo-2020"):
        given = photos(dossier)
        for key, name, record in records(dossier):
            if key == "candidate_registration" and name not in ("01", "04", "07"):
                continue
            for suffix in sorted(catalogue()[key][0].templates):
                file = tmp_path / f"{dossier}-{key}-{name}-{suffix[1:]}{suffix}"
                file.write_bytes(template(key, suffix).fill(record, given).data)
                wanted[file.stem] = printed({k: v for k, v in record.items() if k != "dossier"}, key)
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    files = [str(path) for path in sorted(tmp_path.iterdir()) if path.is_file()]
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), *files]
    subprocess.run(convert, check=True, capture_output=True, timeout=300)
    for stem, found in wanted.items():
        pdf = subprocess.run(["pdftotext", "-raw", str(tmp_path / f"{stem}.pdf"), "-"], check=True, capture_output=True)
        whole = shown(pdf.stdout.decode())
        # A line that a page or a cell breaks is found by its pieces: of each value every run of four characters.
        missing = [value for value in found if not all(piece in whole for piece in pieces(shown(value)))]
        assert missing == [], stem


def shown(text: str) -> str:
    """Text as it is compared: PDFs hold compatibility forms of some characters."""
    return squeezed(unicodedata.normalize("NFKC", text))


def pieces(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(max(1, len(text) - 3))]
