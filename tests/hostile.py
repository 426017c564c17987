"""Files that do harm, or look as if they did: each made here from nothing, with what must be said of it.

``FILES`` holds them. A verdict is the set of findings of reading (``I-…``) and of shape (``S-…``) without the one that
says that there is no dossier; ``names`` are the people that are read all the same, in order, or None where the file as
a whole is refused.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

import xlwt
from odf import table as ods
from odf import text as odt
from odf.opendocument import OpenDocumentSpreadsheet

from office import Sheet, docx, pack, paragraph, xlsx, xlsx_parts

HEADINGS = (
    "序号", "姓名", "政治面貌", "院系", "年级", "最近1个学期/最近1学年/入学以来学习成绩综合排名（一年级新生不需填写）",
    "是否存在课程不及格情况", "院系、班级学生工作经历", "备注",
)  # fmt: skip
PEOPLE = (
    ("1", "王静", "共青团员", "理工学院", "19级", "3/45", "否", "2019年任理工1901班班长，现任学生会主席团成员", ""),
    ("2", "李𠮷", "中共党员", "文学院", "18级", "5/60", "否", "2018年任汉文1801班团支书，现任学习部部长", ""),
    ("3", "阿丽娅·叶尔兰", "共青团员", "护理学院", "20级", "", "否", "2020年任护理2001班学委，现任学习部干事", ""),
)
NAMES = tuple(person[1] for person in PEOPLE)
SHEET = "xl/worksheets/sheet1.xml"
CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@dataclass(frozen=True)
class Hostile:
    """A file, and what must be said of it."""

    name: str
    make: Callable[[], bytes]
    verdict: frozenset[str]
    names: tuple[str | None, ...] | None = None
    form: str = "staff_list"

    @property
    def suffix(self) -> str:
        """Its name's end, with the dot."""
        return "." + self.name.rpartition(".")[2]

    def __str__(self) -> str:
        return self.name


FILES: list[Hostile] = []


def file(name: str, *verdict: str, names: Sequence[str] | None = None) -> Callable[[Callable[[], bytes]], Any]:
    """Adds the file that a function makes."""

    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        FILES.append(Hostile(name, make, frozenset(verdict), None if names is None else tuple(names)))
        return make

    return add


# --- a sound list, and changes of it ---------------------------------------------------------------------------------


def grid(people: Sequence[Sequence[str]] = PEOPLE, headings: Sequence[str] = HEADINGS) -> list[Sequence[str]]:
    """The rows of a sound list."""
    return [headings, *people]


def column(index: int) -> str:
    """The letters of a column counted from 0."""
    return (chr(64 + index // 26) if index >= 26 else "") + chr(65 + index % 26)


def cells(rows: Sequence[Sequence[Any]], top: int = 1) -> dict[str, Any]:
    """Rows of texts as cells by reference; empty ones are left out."""
    return {
        f"{column(at)}{top + number}": value
        for number, row in enumerate(rows)
        for at, value in enumerate(row)
        if value != ""
    }


def book(rows: Sequence[Sequence[Any]] | None = None, *, top: int = 1, **more: Any) -> bytes:
    """A workbook with one sheet 名单."""
    files = more.pop("files", None)
    return xlsx({"名单": Sheet(cells(grid() if rows is None else rows, top), **more)}, files=files)


def parts(**more: Any) -> dict[str, bytes | str]:
    """The parts of a sound workbook."""
    return xlsx_parts({"名单": Sheet(cells(grid()), **more)})


def with_part(name: str, change: Callable[[str], bytes | str]) -> bytes:
    """A sound workbook with one part changed."""
    found = parts()
    return pack({**found, name: change(str(found[name]))})


def sheet_xml(change: Callable[[str], bytes | str]) -> bytes:
    """A sound workbook whose sheet's XML is changed."""
    return with_part(SHEET, change)


def with_cell(reference: str, xml: str) -> bytes:
    """A sound workbook in which one cell is this XML."""
    return xlsx({"名单": Sheet({**cells(grid()), reference: xml})})


def member_of(index: int, at: int, text: str) -> list[Sequence[str]]:
    """A sound list in which one entry is another text."""
    people = [list(person) for person in PEOPLE]
    people[index][at] = text
    return grid(people)


def shared(table: Sequence[str], indices: Mapping[str, str]) -> bytes:
    """A workbook whose texts are shared strings; ``indices`` replace those of some cells."""
    strings = list(dict.fromkeys(value for row in grid() for value in row if value))
    body = {
        reference: f"<v>{indices.get(reference, strings.index(value))}</v>"
        for reference, value in cells(grid()).items()
    }
    rows: dict[int, list[str]] = {}
    for reference, xml in body.items():
        rows.setdefault(int(re.sub("[A-Z]", "", reference)), []).append(f'<c r="{reference}" t="s">{xml}</c>')
    data = "".join(f'<row r="{row}">{"".join(found)}</row>' for row, found in sorted(rows.items()))
    listed = [*table] if table else [f"<si><t>{escape(text)}</t></si>" for text in strings]
    found = parts()
    found[SHEET] = f'<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'
    if table != ("absent",):
        found["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{"".join(listed)}</sst>'
        found["[Content_Types].xml"] = str(found["[Content_Types].xml"]).replace(
            "</Types>",
            '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'spreadsheetml.sharedStrings+xml"/></Types>',
        )
        found["xl/_rels/workbook.xml.rels"] = str(found["xl/_rels/workbook.xml.rels"]).replace(
            "</Relationships>",
            '<Relationship Id="rIdS" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
            'sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
    return pack(found)


# --- the zip ---------------------------------------------------------------------------------------------------------


def zeros(size: int) -> bytes:
    """Raw deflate data that unpacks to so many zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


@dataclass(frozen=True)
class Entry:
    """A member of a zip as it is written, true or not."""

    name: bytes
    packed: bytes
    size: int
    crc: int
    method: int = 8
    flags: int = 0
    at: int | None = None
    """Where the directory says that it lies, if not where it does."""


def archive(entries: Sequence[Entry]) -> bytes:
    """A zip of these members, whatever they say of themselves."""
    body, directory = b"", b""
    for entry in entries:
        offset = len(body) if entry.at is None else entry.at
        head = (20, entry.flags, entry.method, 0, 33, entry.crc, len(entry.packed), entry.size, len(entry.name))
        if entry.at is None:
            body += b"PK\x03\x04" + struct.pack("<5H3I2H", *head, 0) + entry.name + entry.packed
        directory += b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, *head, 0, 0, 0, 0, 0, offset) + entry.name
    count = len(entries)
    return body + directory + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, count, count, len(directory), len(body), 0)


def sound_entries() -> list[Entry]:
    """The members of a sound workbook."""
    found = []
    for name, content in parts().items():
        data = content.encode() if isinstance(content, str) else content
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        found.append(Entry(name.encode(), packer.compress(data) + packer.flush(), len(data), zlib.crc32(data)))
    return found


def changed(part: str, **changes: Any) -> bytes:
    """A sound workbook in whose zip one member says something else of itself."""
    return archive([replace(entry, **changes) if entry.name == part.encode() else entry for entry in sound_entries()])


@file("bomb.xlsx", "I-package")
def _bomb() -> bytes:
    size = 1 << 30
    return archive([*sound_entries(), Entry(b"xl/media/a.bin", zeros(size), size, 0)])


@file("bomb-that-lies-of-its-size.xlsx", names=NAMES)
def _lying_bomb() -> bytes:
    return archive([*sound_entries(), Entry(b"xl/media/a.bin", zeros(1 << 28), 100, 0)])


@file("bomb-in-a-bomb.xlsx", names=NAMES)
def _nested_bomb() -> bytes:
    inner = archive([Entry(b"a", zeros(1 << 28), 1 << 28, 0)])
    return pack({**parts(), "xl/embeddings/inner.zip": inner})


@file("bomb-of-overlapping-members.xlsx", "I-package")
def _overlapping() -> bytes:
    one = zeros(1 << 24)
    many = [Entry(b"xl/media/%d" % number, one, 1 << 24, 0, at=0) for number in range(200)]
    return archive([*sound_entries(), *many])


@file("five-thousand-parts.xlsx", "I-package")
def _many_parts() -> bytes:
    return archive([*sound_entries(), *(Entry(b"a/%d" % number, b"", 0, 0, 0) for number in range(5_001))])


FILES += [
    Hostile(name, make, frozenset(verdict), names)
    for name, make, verdict, names in (
        ("encrypted-member.xlsx", partial(changed, SHEET, flags=1), {"I-package"}, None),
        ("unknown-compression.xlsx", partial(changed, SHEET, method=12), {"I-package"}, None),
        ("wrong-checksum.xlsx", partial(changed, SHEET, crc=1), {"I-package"}, None),
        ("size-too-small.xlsx", partial(changed, SHEET, size=10), {"I-package"}, None),
        ("name-with-nul.xlsx", partial(changed, SHEET, name=b"xl/worksheets/sheet1.xml\0.exe"), {"I-package"}, None),
        ("two-parts-of-one-name.xlsx", lambda: archive([*sound_entries(), sound_entries()[-1]]), {"I-package"}, None),
        ("path-upwards.xlsx", lambda: pack({**parts(), "../../evil.sh": "x"}), {"I-package"}, None),
        ("path-from-the-root.xlsx", lambda: pack({**parts(), "/etc/evil": "x"}), {"I-package"}, None),
        ("path-with-backslash.xlsx", lambda: pack({**parts(), "xl\\..\\..\\evil": "x"}), {"I-package"}, None),
        ("data-before-the-zip.xlsx", lambda: b"MZ" + bytes(510) + book(), {"I-package"}, None),
        ("half.xlsx", lambda: book()[: len(book()) // 2], {"I-package"}, None),
        ("without-its-last-byte.xlsx", lambda: book()[:-1], {"I-package"}, None),
        ("empty.xlsx", lambda: b"", {"I-package"}, None),
        ("one-byte.xlsx", lambda: b"P", {"I-package"}, None),
        ("only-an-end-record.xlsx", lambda: b"PK\x05\x06" + bytes(18), {"I-package"}, None),
        ("text.xlsx", lambda: "序号,姓名\n1,王静\n".encode(), {"I-package"}, None),
        ("pdf.xlsx", lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", {"I-package"}, None),
        ("picture.xlsx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(64), {"I-package"}, None),
        (
            "password.xlsx",
            lambda: CFB + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(96),
            {"I-other-format"},
            None,
        ),
        ("word-document.xlsx", lambda: docx(paragraph("名单")), {"I-other-format"}, None),
    )
]


# --- XML -------------------------------------------------------------------------------------------------------------

_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10)
)


def _doctype(part: str) -> bytes:
    return with_part(part, lambda xml: f'<?xml version="1.0"?>{_LAUGHS}]>{xml}')


def _external(xml: str) -> str:
    return f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>{xml.replace("王静", "&e;", 1)}'


def _utf16(xml: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "x">]>{xml}'.encode("utf-16")


def _deep(xml: str) -> str:
    return xml.replace("</worksheet>", "<a>" * 100_000 + "</a>" * 100_000 + "</worksheet>")


def _replace(old: str, new: str) -> Callable[[str], str]:
    def change(xml: str) -> str:
        assert old in xml
        return xml.replace(old, new)

    return change


FILES += [
    Hostile(name, make, frozenset(verdict), names)
    for name, make, verdict, names in (
        ("billion-laughs-in-the-sheet.xlsx", partial(_doctype, SHEET), {"I-package"}, None),
        ("billion-laughs-in-the-workbook.xlsx", partial(_doctype, "xl/workbook.xml"), {"I-package"}, None),
        ("billion-laughs-in-relationships.xlsx", partial(_doctype, "_rels/.rels"), {"I-package"}, None),
        ("external-entity.xlsx", partial(sheet_xml, _external), {"I-package"}, None),
        ("doctype-in-utf-16.xlsx", partial(sheet_xml, _utf16), {"I-package"}, None),
        ("unclosed-element.xlsx", partial(sheet_xml, _replace("</sheetData>", "")), {"I-workbook-damaged"}, None),
        ("sheet-is-no-xml.xlsx", partial(sheet_xml, lambda _: "no xml"), {"I-workbook-damaged"}, None),
        ("sheet-is-empty.xlsx", partial(sheet_xml, lambda _: ""), {"I-workbook-damaged"}, None),
        ("sheet-is-another-element.xlsx", partial(sheet_xml, lambda _: "<a/>"), {"I-no-table"}, None),
        (
            "unknown-encoding.xlsx",
            partial(sheet_xml, lambda xml: f'<?xml version="1.0" encoding="x-none"?>{xml}'),
            {"I-workbook-damaged"},
            None,
        ),
        (
            "sheet-in-utf-16.xlsx",
            partial(sheet_xml, lambda xml: f'<?xml version="1.0" encoding="UTF-16"?>{xml}'.encode("utf-16")),
            set(),
            NAMES,
        ),
        ("a-hundred-thousand-levels.xlsx", partial(sheet_xml, _deep), set(), NAMES),
        (
            "an-attribute-of-ten-megabytes.xlsx",
            partial(sheet_xml, _replace("<sheetData>", f'<sheetData x="{"a" * 10_000_000}">')),
            {"I-workbook-damaged"},
            None,
        ),
        ("control-character.xlsx", partial(sheet_xml, _replace("王静", "王&#1;静")), {"I-workbook-damaged"}, None),
        (
            "prefixed-names.xlsx",
            partial(sheet_xml, lambda xml: re.sub(r"<(/?)(\w)", r"<\1x:\2", xml).replace("xmlns=", "xmlns:x=")),
            set(),
            NAMES,
        ),
        (
            "strict-namespace.xlsx",
            lambda: pack(
                {
                    name: str(xml)
                    .replace(_MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main")
                    .replace(
                        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                        "http://purl.oclc.org/ooxml/officeDocument/relationships",
                    )
                    for name, xml in parts().items()
                }
            ),
            set(),
            NAMES,
        ),
    )
]


# --- parts that are not there or lead elsewhere ----------------------------------------------------------------------


def without(name: str) -> bytes:
    """A sound workbook with one part less."""
    return pack({key: content for key, content in parts().items() if key != name})


@file("external-link.xlsx", names=NAMES)
def _external_link() -> bytes:
    found = parts()
    found["xl/externalLinks/externalLink1.xml"] = (
        f'<externalLink xmlns="{_MAIN}"><externalBook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships" r:id="rId1"/></externalLink>'
    )
    found["xl/externalLinks/_rels/externalLink1.xml.rels"] = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" '
        'Target="http://127.0.0.1/x.xlsx" TargetMode="External"/></Relationships>'
    )
    return pack(found)


FILES += [
    Hostile("no-content-types.xlsx", partial(without, "[Content_Types].xml"), frozenset(), NAMES),
    Hostile("no-workbook.xlsx", partial(without, "xl/workbook.xml"), frozenset({"I-workbook-damaged"})),
    Hostile("no-sheet.xlsx", partial(without, SHEET), frozenset({"I-workbook-damaged"})),
    Hostile("no-relationships.xlsx", partial(without, "xl/_rels/workbook.xml.rels"), frozenset({"I-workbook-damaged"})),
    Hostile("no-package-relationships.xlsx", partial(without, "_rels/.rels"), frozenset({"I-workbook-damaged"})),
    Hostile("macros.xlsm", lambda: pack({**parts(), "xl/vbaProject.bin": CFB + bytes(512)}), frozenset(), NAMES),
    Hostile(
        "no-sheets-listed.xlsx",
        partial(with_part, "xl/workbook.xml", lambda xml: re.sub("<sheets>.*</sheets>", "<sheets/>", xml)),
        frozenset({"I-workbook-damaged"}),
    ),
]


# --- shared strings --------------------------------------------------------------------------------------------------

FILES += [
    Hostile("shared-strings.xlsx", partial(shared, (), {}), frozenset(), NAMES),
    Hostile("shared-string-minus-one.xlsx", partial(shared, (), {"B2": "-1"}), frozenset({"I-workbook-damaged"})),
    Hostile(
        "shared-string-beyond-the-last.xlsx", partial(shared, (), {"B2": "999"}), frozenset({"I-workbook-damaged"})
    ),
    Hostile(
        "shared-string-that-is-no-number.xlsx", partial(shared, (), {"B2": "x"}), frozenset({"I-workbook-damaged"})
    ),
    Hostile("shared-string-of-the-last-cell.xlsx", partial(shared, (), {"H4": "x"}), frozenset({"I-workbook-damaged"})),
    Hostile("shared-strings-missing.xlsx", partial(shared, ("absent",), {}), frozenset({"I-workbook-damaged"})),
]


# --- cells and rows --------------------------------------------------------------------------------------------------


def _rows(xml: str) -> list[str]:
    return re.findall("<row.*?</row>", xml)


def _no_references(xml: str) -> str:
    assert 'r="A1"' in xml
    full = xlsx_parts(
        {"名单": Sheet({f"{column(x)}{y + 1}": row[x] or None for y, row in enumerate(grid()) for x in range(9)})}
    )
    return re.sub(r' r="[A-Z]*[0-9]+"', "", str(full[SHEET]))


def _backwards(xml: str) -> str:
    rows = _rows(xml)
    return xml.replace("".join(rows), "".join([rows[0], *reversed(rows[1:])]))


def _empty_rows(xml: str) -> str:
    more = "".join(f'<row r="{row}" s="1" customFormat="1"/>' for row in range(5, 1_048_577))
    return xml.replace("</sheetData>", more + "</sheetData>")


def _styled_cells(xml: str) -> str:
    wide = "".join(f'<c r="{letters}5" s="0"/>' for letters in _letters(16_384))
    return xml.replace("</sheetData>", f'<row r="5">{wide}</row></sheetData>')


def _letters(count: int) -> list[str]:
    found = []
    for number in range(1, count + 1):
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        found.append(letters)
    return found


def _merged(*references: str) -> dict[str, str]:
    listed = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
    return {"after": f"<mergeCells>{listed}</mergeCells>"}


def _errors(xml: str) -> str:
    for reference, error in (("B2", "#REF!"), ("D3", "#N/A")):
        xml = re.sub(f'<c r="{reference}".*?</c>', f'<c r="{reference}" t="e"><v>{error}</v></c>', xml)
    return xml


def _hidden_row(xml: str) -> str:
    return xml.replace('<row r="3">', '<row r="3" hidden="1">')


FILES += [
    Hostile(name, make, frozenset(verdict), names)
    for name, make, verdict, names in (
        ("dimension-of-one-cell.xlsx", lambda: book(before='<dimension ref="A1"/>'), set(), NAMES),
        ("dimension-of-everything.xlsx", lambda: book(before='<dimension ref="A1:XFD1048576"/>'), set(), NAMES),
        ("dimension-of-nonsense.xlsx", lambda: book(before='<dimension ref="-1:Ω"/>'), set(), NAMES),
        ("a-million-formatted-empty-rows.xlsx", partial(sheet_xml, _empty_rows), set(), NAMES),
        ("a-row-of-16384-formatted-cells.xlsx", partial(sheet_xml, _styled_cells), set(), NAMES),
        (
            "columns-to-the-last.xlsx",
            lambda: book(before='<cols><col min="1" max="16384" width="9"/></cols>'),
            set(),
            NAMES,
        ),
        ("a-cell-in-the-last-corner.xlsx", partial(with_cell, "XFD1048576", "<v>1</v>"), {"I-untitled-column"}, NAMES),
        ("cells-without-references.xlsx", partial(sheet_xml, _no_references), set(), NAMES),
        ("rows-out-of-order.xlsx", partial(sheet_xml, _backwards), {"I-workbook-damaged"}, None),
        (
            "cell-reference-negative.xlsx",
            partial(sheet_xml, _replace('r="B2"', 'r="B-2"')),
            {"I-workbook-damaged"},
            None,
        ),
        (
            "cell-reference-row-zero.xlsx",
            partial(sheet_xml, _replace('r="B2"', 'r="B0"')),
            {"I-workbook-damaged"},
            None,
        ),
        (
            "cell-reference-without-letters.xlsx",
            partial(sheet_xml, _replace('r="B2"', 'r="22"')),
            {"I-workbook-damaged"},
            None,
        ),
        (
            "cell-reference-beyond-the-sheet.xlsx",
            partial(sheet_xml, _replace('r="B2"', 'r="ZZZZ2"')),
            {"I-workbook-damaged"},
            None,
        ),
        (
            "row-number-of-twenty-digits.xlsx",
            partial(sheet_xml, _replace('<row r="2">', f'<row r="{"9" * 20}">')),
            {"I-workbook-damaged"},
            None,
        ),
        ("cell-given-twice.xlsx", partial(sheet_xml, _replace('<c r="C2"', '<c r="B2"')), {"I-workbook-damaged"}, None),
        ("error-cells.xlsx", partial(sheet_xml, _errors), {"I-error-cell"}, (None, *NAMES[1:])),
        ("everything-merged.xlsx", lambda: book(**_merged("A1:XFD1048576")), {"I-no-table"}, None),
        (
            "a-hundred-thousand-merges.xlsx",
            lambda: book(**_merged(*(f"K{n}:L{n}" for n in range(1, 100_003)))),
            {"I-too-large"},
            None,
        ),
        ("merges-that-overlap.xlsx", lambda: book(**_merged("A6:C8", "B7:D9")), set(), NAMES),
        ("merge-of-nonsense.xlsx", lambda: book(**_merged("A1:", ":", "")), {"I-workbook-damaged"}, None),
        ("hidden-row.xlsx", partial(sheet_xml, _hidden_row), {"I-hidden-rows"}, NAMES),
        (
            "hidden-column.xlsx",
            lambda: book(before='<cols><col min="2" max="2" width="9" hidden="1"/></cols>'),
            {"I-hidden-columns"},
            NAMES,
        ),
        ("a-text-of-32767-characters.xlsx", lambda: book(member_of(0, 8, "长" * 32_767)), {"S-length"}, NAMES),
        ("a-text-of-a-million-characters.xlsx", lambda: book(member_of(0, 8, "长" * 1_000_000)), {"S-length"}, NAMES),
        (
            "lone-surrogate.xlsx",
            lambda: book(member_of(0, 1, "王_xD800_静")),
            {"I-character"},
            ("王\ufffd静", *NAMES[1:]),
        ),
        ("escaped-control-character.xlsx", lambda: book(member_of(0, 8, "甲_x0001_乙")), {"I-character"}, NAMES),
        ("zero-width-characters.xlsx", lambda: book(member_of(0, 1, "\u200b王\u200d静\ufeff")), set(), NAMES),
        ("formula-as-text.xlsx", lambda: book(member_of(0, 8, "@SUM(1)+cmd|' /C calc'!A0")), set(), NAMES),
        ("formula-without-result.xlsx", partial(with_cell, "B2", "<f>CONCAT(1,2)</f>"), {"I-formula-no-value"}, None),
        ("serial-is-not-a-number.xlsx", partial(with_cell, "A2", "<v>nan</v>"), {"I-rounded"}, NAMES),
        ("serial-beyond-all-numbers.xlsx", partial(with_cell, "A2", "<v>1e999</v>"), {"I-rounded"}, NAMES),
        ("serial-of-300-digits.xlsx", partial(with_cell, "A2", f"<v>{'9' * 300}</v>"), {"I-rounded"}, NAMES),
        ("serial-with-a-fraction.xlsx", partial(with_cell, "A2", "<v>1.5</v>"), {"S-type"}, NAMES),
        (
            "unknown-cell-type.xlsx",
            partial(sheet_xml, _replace('<c r="B2" t="inlineStr"', '<c r="B2" t="zzz"')),
            {"I-workbook-damaged"},
            None,
        ),
        (
            "style-beyond-the-last.xlsx",
            partial(sheet_xml, _replace('<c r="B2"', '<c s="4000000000" r="B2"')),
            set(),
            NAMES,
        ),
        ("heading-twice.xlsx", lambda: book(grid(headings=(*HEADINGS, "姓名"))), {"I-duplicate-column"}, None),
        ("no-headings.xlsx", lambda: book(PEOPLE), {"I-no-table"}, None),
        ("headings-only.xlsx", lambda: book(grid([])), set(), ()),
        ("headings-in-row-200.xlsx", lambda: book(top=200), {"I-no-table"}, None),
        (
            "half-the-columns.xlsx",
            lambda: book([row[:5] for row in grid()]),
            {"I-missing-column", "I-blank-column"},
            NAMES,
        ),
        (
            "two-sheets-with-a-list.xlsx",
            lambda: xlsx({"甲": Sheet(cells(grid())), "乙": Sheet(cells(grid()))}),
            {"I-second-table"},
            NAMES,
        ),
    )
]


@file("very-hidden-sheet-first.xlsx", "I-second-table", names=NAMES)
def _very_hidden() -> bytes:
    found = xlsx_parts({"旧": Sheet(cells(grid(PEOPLE[:1]))), "名单": Sheet(cells(grid()))})
    found["xl/workbook.xml"] = str(found["xl/workbook.xml"]).replace('name="旧"', 'name="旧" state="veryHidden"')
    return pack(found)


@file("only-sheet-hidden.xlsx", "I-hidden-sheet", names=NAMES)
def _only_hidden() -> bytes:
    return with_part("xl/workbook.xml", _replace('name="名单"', 'name="名单" state="hidden"'))


# --- text with separators --------------------------------------------------------------------------------------------


def csv(rows: Sequence[Sequence[str]] | None = None, separator: str = ",", end: str = "\r\n") -> str:
    """Rows as text, an entry in quotation marks where it needs them."""

    def quoted(entry: str) -> str:
        return f'"{entry.replace(chr(34), chr(34) * 2)}"' if re.search(f'["\n\r{separator}]', entry) else entry

    return end.join(separator.join(map(quoted, row)) for row in (grid() if rows is None else rows)) + end


_PLAIN = [list(row) for row in grid()]
_PLAIN[2][1] = "李吉"
"""A list that older encodings can hold as well."""
_PLAIN_NAMES = ("王静", "李吉", "阿丽娅·叶尔兰")

FILES += [
    Hostile(name, make, frozenset(verdict), names)
    for name, make, verdict, names in (
        ("utf-8.csv", lambda: csv().encode(), set(), NAMES),
        ("utf-8-with-mark.csv", lambda: csv().encode("utf-8-sig"), set(), NAMES),
        ("utf-16.csv", lambda: csv(separator="\t").encode("utf-16"), set(), NAMES),
        ("gb18030.csv", lambda: csv().encode("gb18030"), set(), NAMES),
        ("gbk.csv", lambda: csv(_PLAIN).encode("gbk"), set(), _PLAIN_NAMES),
        ("tabs.tsv", lambda: csv(separator="\t").encode(), set(), NAMES),
        ("semicolons.csv", lambda: csv(separator=";").encode(), set(), NAMES),
        ("old-mac-lines.csv", lambda: csv(end="\r").encode(), set(), NAMES),
        ("lines-in-quotation-marks.csv", lambda: csv(member_of(0, 8, "第一行\n第二行")).encode(), set(), NAMES),
        ("nul-bytes.csv", lambda: csv(member_of(0, 8, "甲\0乙")).encode(), {"I-csv-nul"}, NAMES),
        ("unclosed-quotation-mark.csv", lambda: csv().encode() + '4,"王'.encode(), {"I-csv-quote"}, None),
        (
            "ragged-rows.csv",
            lambda: csv([*grid(), ["4", "赵云"], ["5", *[""] * 12, "多"]]).encode(),
            {"I-ragged", "I-untitled-column"},
            (*NAMES, "赵云", None),
        ),
        ("empty.csv", lambda: b"", {"I-no-table"}, None),
        ("headings-only.csv", lambda: csv(grid([])).encode(), set(), ()),
        ("one-line-of-a-megabyte.csv", lambda: b"a," * 500_000, {"I-too-large"}, None),
        ("binary.csv", lambda: bytes(range(256)) * 40, {"I-csv-encoding"}, None),
        ("mixed-encodings.csv", lambda: csv().encode() + "4,赵云\r\n".encode("gbk"), {"I-csv-encoding"}, None),
        ("formulas.csv", lambda: csv(member_of(0, 8, '=HYPERLINK("http://127.0.0.1")')).encode(), set(), NAMES),
        ("workbook.csv", book, {"I-other-format"}, None),
    )
]


# --- old workbooks, open documents, other programs -------------------------------------------------------------------


def xls(rows: Sequence[Sequence[Any]] | None = None) -> bytes:
    """A workbook of the old binary format."""
    found = xlwt.Workbook(encoding="utf-8")
    sheet = found.add_sheet("名单")
    for y, row in enumerate(grid(_PLAIN[1:]) if rows is None else rows):
        for x, value in enumerate(row):
            if value != "":
                sheet.write(y, x, value)
    stream = io.BytesIO()
    found.save(stream)
    return stream.getvalue()


def _fat_in_a_circle() -> bytes:
    data = bytearray(xls())
    sector = int.from_bytes(data[76:80], "little")  # the first sector of the allocation table
    start = 512 * (sector + 1)
    for at in range(start, start + 512, 4):
        entry = int.from_bytes(data[at : at + 4], "little")
        if entry < 0xFFFFFFFA:
            data[at : at + 4] = struct.pack("<I", (at - start) // 4)  # each sector follows itself
    return bytes(data)


def _dimensions_of_everything() -> bytes:
    data = bytearray(xls())
    at = data.index(struct.pack("<HH", 0x0200, 14))
    data[at + 4 : at + 16] = struct.pack("<IIHH", 0, 65_536, 0, 256)
    return bytes(data)


def ods_book(repeat_rows: int = 1, repeat_columns: int = 1) -> bytes:
    """An open document; its last row is empty and may be repeated."""
    document = OpenDocumentSpreadsheet()
    sheet = ods.Table(name="名单")
    for row in grid():
        line = ods.TableRow()
        for value in row:
            cell = ods.TableCell(valuetype="string")
            if value:
                cell.addElement(odt.P(text=value))
            line.addElement(cell)
        sheet.addElement(line)
    last = ods.TableRow(numberrowsrepeated=str(repeat_rows))
    last.addElement(ods.TableCell(numbercolumnsrepeated=str(repeat_columns)))
    sheet.addElement(last)
    document.spreadsheet.addElement(sheet)
    stream = io.BytesIO()
    document.write(stream)
    return stream.getvalue()


def _in_ods(name: str, change: Callable[[bytes], bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ods_book())) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            new.writestr(entry, change(old.read(entry)) if entry == name else old.read(entry))
    return stream.getvalue()


def _filled_to_the_end(content: bytes) -> bytes:
    last = content.rindex(b"<table:table-row")
    row = (
        b'<table:table-row table:number-rows-repeated="1048571"><table:table-cell office:value-type="string" '
        b'table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'
    )
    return content[:last] + row + content[last:]


FILES += [
    Hostile(name, make, frozenset(verdict), names)
    for name, make, verdict, names in (
        ("sound.xls", xls, set(), _PLAIN_NAMES),
        ("half.xls", lambda: xls()[: len(xls()) // 2], {"I-workbook-damaged"}, None),
        ("allocation-table-in-a-circle.xls", _fat_in_a_circle, {"I-workbook-damaged"}, None),
        ("dimensions-of-everything.xls", _dimensions_of_everything, set(), _PLAIN_NAMES),
        ("only-a-signature.xls", lambda: CFB + bytes(504), {"I-workbook-damaged"}, None),
        (
            "web-page.xls",
            lambda: b"<html><table><tr><td>\xd0\xf2\xba\xc5</td></tr></table></html>",
            {"I-other-format"},
            None,
        ),
        ("workbook-of-today.xls", book, {"I-other-format"}, None),
        ("workbook-of-old.xlsx", xls, {"I-other-format"}, None),
        ("sound.ods", ods_book, set(), NAMES),
        ("a-million-repeated-empty-rows.ods", partial(ods_book, 1_048_572, 16_384), set(), NAMES),
        (
            "a-million-repeated-filled-rows.ods",
            partial(_in_ods, "content.xml", _filled_to_the_end),
            {"I-too-large"},
            None,
        ),
        (
            "password.ods",
            partial(
                _in_ods,
                "META-INF/manifest.xml",
                lambda xml: xml.replace(
                    b"</manifest:manifest>",
                    b'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
                    b"<manifest:encryption-data/></manifest:file-entry></manifest:manifest>",
                ),
            ),
            {"I-other-format"},
            None,
        ),
        (
            "billion-laughs.ods",
            partial(_in_ods, "content.xml", lambda xml: (_LAUGHS + "]>").encode() + xml[xml.index(b"?>") + 2 :]),
            {"I-package"},
            None,
        ),
        ("letter.doc", lambda: CFB + bytes(2048), {"I-format"}, None),
        ("letter.wps", lambda: CFB + bytes(2048), {"I-format"}, None),
        ("table.et", lambda: CFB + bytes(2048), {"I-format"}, None),
        ("list.numbers", lambda: pack({"Index/Document.iwa": b"x"}), {"I-format"}, None),
    )
]
