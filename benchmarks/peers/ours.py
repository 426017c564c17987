"""formgen, as ``generate`` uses it, and the floor: what no program in Python that writes the same bytes can do without.

The floor is written by hand for these forms: the document's XML cut at its places, values escaped and set between them,
joined, deflated by ISA-L at level 2, put behind the unchanged parts, written. It checks nothing, makes no picture fit,
carries no data, and takes no digest.
"""

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import forms
import measure
from isal import isal_zlib

import formgen
from formgen import forms as catalogue
from formgen import opc, pictures
from formgen.filling import Template, compile_template
from formgen.forms import Edition

TEXT = {"type": "string"}
CANDIDATE = {
    "title": "候选人",
    "type": "object",
    "properties": {
        **{key: {"title": label, **TEXT} for key, label in zip(forms.FIELDS, forms.LABELS, strict=True)},
        **{key: {"title": key, **TEXT} for key in forms.PARAGRAPHS},
        "state": {"title": "结论", "type": "string", "enum": forms.BOXES["state"]},
        "photo": {"title": "照片", "type": "string", "x-typeset": "picture"},
    },
}
DAY = date(2020, 11, 18)
DOSSIER = {"organisation": {"name": "某某学院"}, "filing_date": "2020-11-20"}


def _write(out: Path, data: bytes) -> None:
    file = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        os.write(file, data)
    finally:
        os.close(file)


def _members(rows: int) -> list[dict[str, Any]]:
    """So many people; their texts are shared, as those of the peers are."""
    people = [forms.member(number) for number in range(min(rows, 2_000))]
    return [{**people[number % len(people)], "serial": number + 1} for number in range(rows)]


def candidate(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """Everything on: data part, digest, ticks; the photo was judged when the dossier was read."""
    data = (workshop / "candidate-formgen.docx").read_bytes()
    template = compile_template(data, "candidate.docx", Edition("candidate", DAY, CANDIDATE, "sha256:0", {}))
    photo = pictures.read((workshop / "photo.jpg").read_bytes())
    records = [{**forms.candidate(number), "photo": "photo.jpg"} for number in range(50)]

    def make(number: int, out: Path) -> None:
        _write(out, template.fill(records[number % 50], {"photo.jpg": photo}).data)

    return make, ".docx", formgen.__version__


def staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """The staff list of the comparison, filled by the schema of the real one."""
    edition = catalogue.catalogue().edition("staff_list", DAY)
    template = compile_template((workshop / "staff-formgen.docx").read_bytes(), "staff_list.docx", edition)
    return _list(template, rows, ".docx")


def workbook(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """The shipped workbook template."""
    edition = catalogue.catalogue().edition("staff_list", DAY)
    path = edition.templates[".xlsx"]
    return _list(compile_template(path.read_bytes(), path.name, edition), rows, ".xlsx")


def _list(template: Template, rows: int, suffix: str) -> tuple[measure.Make, str, str]:
    values = {"members": _members(rows), "dossier": DOSSIER}

    def make(number: int, out: Path) -> None:
        _write(out, template.fill(values).data)

    return make, suffix, formgen.__version__


# --- the floor -------------------------------------------------------------------------------------------------------

_SPECIAL = re.compile("[&<>]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], text)


class _Packed:
    """A member: deflated chunk by chunk, or a picture as it is."""

    def __init__(self, name: str, data: Iterable[bytes], *, stored: bool = False) -> None:
        deflate = isal_zlib.compressobj(2, zlib.DEFLATED, -15)
        self.name, self.method, self.crc, self.size = name.encode(), 0 if stored else 8, 0, 0
        packed = []
        for chunk in data:
            self.crc, self.size = isal_zlib.crc32(chunk, self.crc), self.size + len(chunk)
            packed.append(chunk if stored else deflate.compress(chunk))
        self.packed = b"".join(packed if stored else [*packed, deflate.flush()])


class _Zip:
    """The unchanged parts, deflated once; each document is put behind them."""

    def __init__(self, package: bytes, live: str) -> None:
        with zipfile.ZipFile(BytesIO(package)) as archive:
            names = [name for name in archive.namelist() if name not in (live, "word/media/photo.jpg")]
            members = [_Packed(name, [archive.read(name)]) for name in names]
        self._count = len(members)
        self._body, self._directory = self._behind(b"", b"", members)

    def _behind(self, body: bytes, directory: bytes, members: Iterable[_Packed]) -> tuple[bytes, bytes]:
        for m in members:
            fields = (20, 0, m.method, 0, 33, m.crc, len(m.packed), m.size, len(m.name), 0)
            directory += _CENTRAL.pack(b"PK\x01\x02", 20, *fields, 0, 0, 0, 0, len(body)) + m.name
            body = b"".join((body, _LOCAL.pack(b"PK\x03\x04", *fields), m.name, m.packed))
        return body, directory

    def write(self, out: Path, *members: _Packed) -> None:
        body, directory = self._behind(self._body, self._directory, members)
        count = self._count + len(members)
        end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), len(body), 0)
        _write(out, b"".join((body, directory, end)))


def _without_ids(xml: str) -> str:
    return re.sub(r' w:rsid\w*="[^"]*"| w14:(?:para|text)Id="[^"]*"', "", xml)


def floor_candidate(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    package = (workshop / "candidate-floor.docx").read_bytes()
    pieces = re.split("\x01([^\x01]*)\x01", _without_ids(forms.candidate_form(forms.DIALECTS["floor"])))
    archive = _Zip(package, "word/document.xml")
    photo = (workshop / "photo.jpg").read_bytes()
    records = [forms.candidate(number) for number in range(50)]
    plan: list[tuple[int, str, str, str]] = []
    skeleton = list(pieces)
    at = 1
    while at < len(pieces):
        key = pieces[at]
        if key[0] == "+":  # "+name" paragraph "=name" paragraph "-name"
            plan.append((at, key[1:], pieces[at + 1], pieces[at + 3]))
            skeleton[at : at + 5] = ["", "", "", "", ""]
            at += 6
        else:
            plan.append((at, key, "", ""))
            at += 2

    def make(number: int, out: Path) -> None:
        record = records[number % 50]
        texts = skeleton.copy()
        for index, key, before, after in plan:
            name, _, choice = key.partition("=")
            if before:
                texts[index] = "".join([f"{before}{line}{after}" for line in _escaped(record[key]).split("\n")])
            elif choice:
                texts[index] = "☑" if record[name] == choice else "☐"
            else:
                texts[index] = _escaped(record[key])
        document = _Packed("word/document.xml", ["".join(texts).encode()])
        archive.write(out, document, _Packed("word/media/photo.jpg", [photo], stored=True))

    return make, ".docx", "isal 2"


def floor_staff(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    package = (workshop / "staff-floor.docx").read_bytes()
    before, line, after = _without_ids(forms.staff_list(forms.DIALECTS["floor"])).split("\x02")
    pieces = re.split("\x01([^\x01]*)\x01", line)
    archive = _Zip(package, "word/document.xml")
    people = [forms.printed(forms.member(number)) for number in range(min(rows, 2_000))]
    members = [{**people[number % len(people)], "serial": number + 1} for number in range(rows)]
    keys = pieces[1::2]

    def make(number: int, out: Path) -> None:
        texts = [before]
        for member in members:
            row = pieces.copy()
            row[1::2] = [_escaped(str(member[key])) for key in keys]
            texts += row
        archive.write(out, _Packed("word/document.xml", ["".join([*texts, after]).encode()]))

    return make, ".docx", "isal 2"


def floor_workbook(workshop: Path, rows: int) -> tuple[measure.Make, str, str]:
    """The rows are cut out of a workbook that formgen has filled, so that they are the same."""
    edition = catalogue.catalogue().edition("staff_list", DAY)
    path = edition.templates[".xlsx"]
    people = [forms.printed(forms.member(number)) for number in range(min(rows, 2_000))]
    members = [{**people[number % len(people)], "serial": number + 1} for number in range(rows)]
    template = compile_template(path.read_bytes(), path.name, edition)
    one = template.fill({"members": [forms.member(1)], "dossier": DOSSIER})
    sheet = opc.read(one.data, "a.xlsx").parts["xl/worksheets/sheet1.xml"].decode()
    start, end = sheet.index('<row r="4"'), sheet.index('<row r="5"')
    head, foot = sheet[:start].replace("A1:I5", f"A1:I{rows + 4}"), sheet[end:]
    foot = re.sub('r="([A-I]?)5"', rf'r="\g<1>{rows + 4}"', foot).replace("A5:I5", f"A{rows + 4}:I{rows + 4}")
    styles = [re.search(f'r="{letter}4" s="([0-9]+)"', sheet)[1] for letter in "ABCDEFGHI"]  # type: ignore[index]
    archive = _Zip(one.data, "xl/worksheets/sheet1.xml")

    def row(number: int, member: dict[str, Any]) -> str:
        cells = [f'<row r="{number}" ht="21.95"><c r="A{number}" s="{styles[0]}"><v>{member["serial"]}</v></c>']
        for letter, key, style in zip("BCDEFGHI", forms.COLUMNS[1:], styles[1:], strict=True):
            text = _escaped(member[key])
            cells.append(
                f'<c r="{letter}{number}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
                if text
                else f'<c r="{letter}{number}" s="{style}"/>'
            )
        return "".join(cells) + "</row>"

    def chunks() -> Iterator[bytes]:
        yield head.encode()
        for first in range(0, rows, 1000):
            lines = enumerate(members[first : first + 1000], start=first + 4)
            yield "".join([row(number, member) for number, member in lines]).encode()
        yield foot.encode()

    def make(number: int, out: Path) -> None:
        archive.write(out, _Packed("xl/worksheets/sheet1.xml", chunks()))

    return make, ".xlsx", "isal 2"


CONTENDERS = {
    "formgen-candidate": candidate,
    "formgen-staff": staff,
    "formgen-workbook": workbook,
    "floor-candidate": floor_candidate,
    "floor-staff": floor_staff,
    "floor-workbook": floor_workbook,
}

if __name__ == "__main__":
    measure.main(CONTENDERS)
