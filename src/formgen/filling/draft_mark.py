"""The mark of a draft: on every page of a Word document, on every printed page and every sheet's tab of a workbook."""

import re
from collections.abc import Container

from lxml import etree

from formgen import opc
from formgen.filling.docx import W
from formgen.filling.references import rename_sheets
from formgen.filling.xlsx import XM, S

WORDS = "草稿　不得报送"
PREFIX = "草稿-"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEADER_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
_HEADER = "formgen-draft-header.xml"
_KINDS = ("default", "first", "even")
_PARAGRAPH = (
    f'<w:p xmlns:w="{W[1:-1]}"><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr>'
    '<w:rFonts w:ascii="黑体" w:hAnsi="黑体" w:eastAsia="黑体"/><w:color w:val="C00000"/><w:sz w:val="28"/></w:rPr>'
    f"<w:t>{WORDS}</w:t></w:r></w:p>"
)
_PRINT_HEADER = f'&C&"黑体"&14&KC00000{WORDS}'
_SHEET_NAME_LIMIT = 31
_HEADER_LIMIT = 255
_FORMULAS = (f"{S}f", f"{S}formula", f"{S}formula1", f"{S}formula2", f"{XM}f")


def marked(package: opc.Package, main: str) -> opc.Package:
    """The template with the mark, so that every document filled from it is marked."""
    if package.content_type(main).endswith("sheet.main+xml"):
        return opc.Package(_marked_workbook(package, main))
    return opc.Package(_marked_document(package, main))


def _marked_document(package: opc.Package, main: str) -> dict[str, bytes]:
    """Put the mark first in every header there is, and a header with it wherever a section has none of a kind.

    A later section without a header of a kind shows the one of the section before: only the first needs all three.
    """
    parts = dict(package.parts)
    for name in package.parts:
        if package.content_type(name) == _HEADER_TYPE:
            root = opc.parse_xml(parts[name])
            root.insert(0, etree.fromstring(_PARAGRAPH))
            parts[name] = opc.serialise(root)
    root = opc.parse_xml(parts[main])
    section = next(root.iter(f"{W}sectPr"), None)
    if section is None:
        body = root.find(f"{W}body")
        section = etree.SubElement(root if body is None else body, f"{W}sectPr")
    present = {reference.get(f"{W}type", "default") for reference in section.findall(f"{W}headerReference")}
    for kind in reversed([kind for kind in _KINDS if kind not in present]):
        section.insert(0, section.makeelement(f"{W}headerReference", {f"{W}type": kind, f"{_R}id": "rIdFormgenDraft"}))
    parts[main] = opc.serialise(root)
    folder = main.rpartition("/")[0]
    header = f"{folder}/{_HEADER}".lstrip("/")
    parts[header] = opc.serialise(etree.fromstring(f'<w:hdr xmlns:w="{W[1:-1]}">{_PARAGRAPH}</w:hdr>'))
    parts = opc.with_relationship(parts, main, "rIdFormgenDraft", f"{_OFFICE}/header", _HEADER)
    return opc.with_content_types(parts, {header: _HEADER_TYPE}, {})


def _marked_workbook(package: opc.Package, main: str) -> dict[str, bytes]:
    parts = dict(package.parts)
    workbook = opc.parse_xml(parts[main])
    renamed: dict[str, str] = {}
    for sheet in workbook.iter(f"{S}sheet"):
        name = sheet.get("name", "")
        renamed[name] = _sheet_name(name, {taken.lower() for taken in renamed.values()})
        sheet.set("name", renamed[name])
    for element in workbook.iter(f"{S}definedName"):
        element.text = rename_sheets(element.text or "", renamed)
    parts[main] = opc.serialise(workbook)
    for part in package.related(main, "worksheet"):
        root = opc.parse_xml(parts.get(part, b""))
        for formula in root.iter(*_FORMULAS):
            formula.text = rename_sheets(formula.text or "", renamed)
        for link in root.iter(f"{S}hyperlink"):
            if link.get("location"):
                link.set("location", rename_sheets(link.get("location", ""), renamed))
        _mark_print_header(root)
        parts[part] = opc.serialise(root)
    return parts


def _sheet_name(name: str, taken: Container[str]) -> str:
    """The name of a sheet with the mark, cut where Excel ends, and unlike those that were cut before."""
    number = 1
    while True:
        end = f"~{number}" if number > 1 else ""
        marked = f"{PREFIX}{name}"[: _SHEET_NAME_LIMIT - len(end)].rstrip("'") + end
        if marked.lower() not in taken:
            return marked
        number += 1


def _mark_print_header(root: etree._Element) -> None:
    """Put the mark into the middle of the odd, even and first header."""
    element = root.find(f"{S}headerFooter")
    if element is None:
        element = root.makeelement(f"{S}headerFooter", {})
        _insert_in_order(root, element)
    for position, name in enumerate(
        ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
    ):
        if name.endswith("Footer"):
            continue
        if name != "oddHeader" and element.get("differentOddEven" if name[0] == "e" else "differentFirst") not in (
            "1",
            "true",
        ):
            continue
        header = element.find(f"{S}{name}")
        if header is None:
            header = element.makeelement(f"{S}{name}", {})
            before = [child for child in element if _ORDER.get(etree.QName(child).localname, 9) < position]
            element.insert(len(before), header)
        header.text = _marked_header(header.text or "")


def _marked_header(text: str) -> str:
    """A print header with the mark in its middle, above what stood there."""
    sections = {"L": "", "C": "", "R": ""}
    section = "C"  # where what has no section stands
    for piece in re.findall(r"&&|&[LCRlcr]|[^&]+|&", text):
        if piece[0] == "&" and piece[1:].upper() in sections:
            section = piece[1].upper()
        else:
            sections[section] += piece
    middle = f"\n{sections['C']}" if sections["C"] else ""
    sides = "".join(f"&{side}{sections[side]}" for side in "LR" if sections[side])
    marked = f"{_PRINT_HEADER}{middle}{sides}"
    return marked if len(marked) <= _HEADER_LIMIT else _PRINT_HEADER


_ORDER = {"oddHeader": 0, "oddFooter": 1, "evenHeader": 2, "evenFooter": 3, "firstHeader": 4, "firstFooter": 5}
# What follows headerFooter in a worksheet (ECMA-376 Part 1, 18.3.1.99): Excel refuses another order.
_AFTER = [
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]


def _insert_in_order(root: etree._Element, element: etree._Element) -> None:
    for index, child in enumerate(root):
        if isinstance(child.tag, str) and etree.QName(child).localname in _AFTER:
            root.insert(index, element)
            return
    root.append(element)
