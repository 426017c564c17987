"""Small Office packages for tests: a .docx from the XML of its body, an .xlsx from its cells."""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from formgen import opc
from formgen.filling.template import Template, compile_template, examine
from formgen.forms import Edition

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACES = (
    f'xmlns:w="{W}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
"""A PNG of one pixel: the placeholder of picture controls."""

FIELD = {
    "name": {"type": "string", "title": "姓名"},
    "note": {"type": "string"},
    "count": {"type": "integer"},
    "sure": {"type": "boolean"},
    "state": {"type": "string", "enum": ["met", "unmet"]},
    "born": {"type": "string", "x-typeset": "date"},
    "photo": {"type": "string", "x-typeset": "picture"},
    "words": {"type": "array", "items": {"type": "string"}},
    "groups": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "size": {"type": "integer"},
                "photo": {"type": "string", "x-typeset": "picture"},
                "people": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"name": {"type": "string"}, "ok": {"type": "boolean"}}},
                },
            },
        },
    },
}
"""Fields of every kind; :func:`edition` picks some of them."""


def edition(*keys: str, **fields: Any) -> Edition:
    """An edition whose form has the named fields of :data:`FIELD`, and ``fields``."""
    schema = {"title": "试验", "type": "object", "properties": {**{key: FIELD[key] for key in keys}, **fields}}
    return Edition("trial", date.min, schema, "sha256:0", {})


# --- packages --------------------------------------------------------------------------------------------------------


def pack(parts: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The zip of ``parts``, made by the standard library."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            # A ZipInfo of its own: without one, the clock would be written.
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return file.getvalue()


def relationships(entries: Mapping[str, tuple[str, str]]) -> str:
    """A .rels part: id -> type (its last word) and target."""
    body = "".join(
        f'<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"/>' for id, (kind, target) in entries.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{body}</Relationships>'


def content_types(overrides: Mapping[str, str]) -> str:
    body = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in overrides.items())
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="png" ContentType="image/png"/>{body}</Types>'
    )


def docx_parts(
    body: str,
    *,
    section: str = "<w:sectPr/>",
    stories: Mapping[str, str] | None = None,
    related: Mapping[str, Mapping[str, tuple[str, str]]] | None = None,
    files: Mapping[str, bytes | str] | None = None,
) -> dict[str, bytes | str]:
    """The parts of a document.

    ``stories`` are headers and the like by name (``header1``), ``related`` more relationships by part.
    """
    stories = stories or {}
    roots = {"header": "hdr", "footer": "ftr", "footnotes": "footnotes", "endnotes": "endnotes"}
    kinds = {name: re.sub(r"[0-9]+", "", name) for name in stories}
    types = {"word/document.xml": f"{_WORD}.document.main+xml"}
    types |= {f"word/{name}.xml": f"{_WORD}.{kinds[name]}+xml" for name in stories}
    own = {f"rId_{name}": (kinds[name], f"{name}.xml") for name in stories}
    links: dict[str, Mapping[str, tuple[str, str]]] = {**(related or {})}
    links["document"] = {**own, "rIdDot": ("image", "media/dot.png"), **links.get("document", {})}
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(types),
        "_rels/.rels": relationships({"rId1": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}{section}</w:body></w:document>",
        "word/media/dot.png": DOT,
    }
    for name, content in stories.items():
        root = roots[kinds[name]]
        parts[f"word/{name}.xml"] = f"<w:{root} {NAMESPACES}>{content}</w:{root}>"
    for name, entries in links.items():
        parts[f"word/_rels/{name}.xml.rels"] = relationships(entries)
    return {**parts, **(files or {})}


def docx(body: str, **parts: Any) -> bytes:
    """A document with that body."""
    return pack(docx_parts(body, **parts))


@dataclass
class Sheet:
    """A sheet: cells by reference (``=…`` is a formula, an integer a number), and XML around them."""

    cells: Mapping[str, Any]
    after: str = ""
    before: str = ""
    rels: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def xml(self) -> str:
        rows: dict[int, list[str]] = {}
        for reference, value in self.cells.items():
            rows.setdefault(int(re.sub("[A-Z]", "", reference)), []).append(_cell(reference, value))
        data = "".join(f'<row r="{row}">{"".join(cells)}</row>' for row, cells in sorted(rows.items()))
        return (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'xmlns:r="{OFFICE}" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" '
            'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
            f"{self.before}<sheetData>{data}</sheetData>{self.after}</worksheet>"
        )


def _cell(reference: str, value: Any) -> str:
    if value is None:
        return f'<c r="{reference}"/>'
    if isinstance(value, int):
        return f'<c r="{reference}"><v>{value}</v></c>'
    if value.startswith("<"):
        return f'<c r="{reference}">{value}</c>'
    if value.startswith("="):
        return f'<c r="{reference}"><f>{escape(value[1:])}</f><v>-7</v></c>'
    return f'<c r="{reference}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def xlsx_parts(
    sheets: Mapping[str, Sheet],
    names: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    files: Mapping[str, bytes | str] | None = None,
    more: str = "",
) -> dict[str, bytes | str]:
    """The parts of a workbook; ``names`` are its defined names, ``name@0`` is local to the first sheet."""
    main = f"{_SHEET}.sheet.main+xml"
    types = {"xl/workbook.xml": main}
    types |= {f"xl/worksheets/sheet{n}.xml": f"{_SHEET}.worksheet+xml" for n in range(1, len(sheets) + 1)}
    listed = "".join(
        f'<sheet name="{escape(title)}" sheetId="{n}" r:id="rId{n}"/>' for n, title in enumerate(sheets, start=1)
    )
    pairs: Iterable[tuple[str, str]] = names.items() if isinstance(names, Mapping) else names
    defined = ""
    for name, text in pairs:
        title, _, local = name.partition("@")
        scope = f' localSheetId="{local}"' if local else ""
        defined += f'<definedName name="{title}"{scope}>{escape(text)}</definedName>'
    defined = f"<definedNames>{defined}</definedNames>" if defined else ""
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": content_types(types),
        "_rels/.rels": relationships({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": (
            f'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="{OFFICE}">'
            f"<sheets>{listed}</sheets>{defined}{more or '<calcPr/>'}</workbook>"
        ),
        "xl/_rels/workbook.xml.rels": relationships(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
        ),
    }
    for n, sheet in enumerate(sheets.values(), start=1):
        parts[f"xl/worksheets/sheet{n}.xml"] = sheet.xml()
        if sheet.rels:
            parts[f"xl/worksheets/_rels/sheet{n}.xml.rels"] = relationships(sheet.rels)
    return {**parts, **(files or {})}


def xlsx(sheets: Mapping[str, Sheet], names: Any = (), **parts: Any) -> bytes:
    """A workbook of these sheets."""
    return pack(xlsx_parts(sheets, names, **parts))


# --- Word controls ---------------------------------------------------------------------------------------------------


def run(text: str = "占位", properties: str = "") -> str:
    return f"<w:r>{properties}<w:t>{escape(text)}</w:t></w:r>"


def paragraph(*content: str) -> str:
    return f"<w:p>{''.join(content)}</w:p>"


def control(tag: str, content: str | None = None, properties: str = "") -> str:
    """A content control around ``content``, a run if none is given."""
    held = run() if content is None else content
    return (
        f'<w:sdt><w:sdtPr><w:tag w:val="{escape(tag)}"/>{properties}</w:sdtPr>'
        f"<w:sdtContent>{held}</w:sdtContent></w:sdt>"
    )


def value(tag: str, properties: str = "") -> str:
    """A paragraph that holds nothing but a text control."""
    return paragraph(control(tag, properties=properties))


def block(tag: str, content: str, properties: str = "") -> str:
    """A control around whole paragraphs, rows or cells."""
    return control(tag, content, properties)


def tick(tag: str, states: str = "", content: str | None = None) -> str:
    return control(tag, content, f"<w14:checkbox>{states}</w14:checkbox>")


def drawing(embed: str = "rIdDot", width: int = 900_000, height: int = 1_200_000) -> str:
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{width}" cy="{height}"/><wp:effectExtent l="0" t="0" r="0" b="0"/>'
        '<wp:docPr id="1" name="照片"/><a:graphic><a:graphicData '
        'uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr><pic:cNvPr id="0" '
        'name="照片"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="{embed}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r>"
    )


def picture(tag: str, embed: str = "rIdDot") -> str:
    return control(tag, drawing(embed), "<w:picture/>")


def row(*cells: str) -> str:
    return "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"


def table(*rows: str) -> str:
    return "<w:tbl><w:tblPr/><w:tblGrid/>" + "".join(rows) + "</w:tbl>"


# --- compiling and reading -------------------------------------------------------------------------------------------


def word(body: str, form: Edition, *, draft: bool = False, **parts: Any) -> Template:
    """The compiled template with that body."""
    return compile_template(docx(body, **parts), "试验.docx", form, draft=draft)


def problems(data: bytes, form: Edition, name: str = "试验.docx") -> list[str]:
    """What examining says, as ``part|control|sentence``; every sentence exists in both languages."""
    template, found = examine(data, name, form)
    assert (template is None) == bool(found)
    assert all(problem.text.zh and problem.text.en for problem in found)
    return [f"{problem.part}|{problem.control}|{problem.text.en}" for problem in found]


def parts_of(data: bytes) -> dict[str, bytes]:
    return dict(opc.read(data, "试验").parts)


def body_of(data: bytes, part: str = "word/document.xml") -> str:
    """The XML of a part between its root's tags."""
    text = parts_of(data)[part].decode()
    inner = re.sub(r"^<\?xml[^>]*>\s*<[^>]+>|</[^>]+>$", "", text)
    return re.sub(r'^<w:body>|<w:sectPr/></w:body>$| xml:space="preserve"', "", inner)


def text_of(data: bytes, part: str = "word/document.xml") -> list[str]:
    """The text of each paragraph that holds any, ``<br>`` and ``<tab>`` written out."""
    root = opc.parse_xml(parts_of(data)[part])
    signs = {f"{{{W}}}br": "<br>", f"{{{W}}}tab": "<tab>"}
    found = []
    for p in root.iter(f"{{{W}}}p"):
        pieces = [
            e.text or "" if e.tag == f"{{{W}}}t" else signs.get(e.tag, "") for e in p.iter() if isinstance(e.tag, str)
        ]
        found.append("".join(pieces))
    return [text for text in found if text]
