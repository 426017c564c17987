"""Text on every page: in the headers or footers of a Word document, in print headers and footers of a sheet."""

import re
from typing import Literal

from lxml import etree

from formgen import opc
from formgen.filling.word_tree import W
from formgen.filling.xlsx import S

Story = Literal["header", "footer"]
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.{}+xml"
_ROOTS = {"header": "hdr", "footer": "ftr"}
_KINDS = ("default", "first", "even")
_LIMIT = 255
"""Characters of a print header or footer."""


def in_every_story(package: opc.Package, main: str, story: Story, paragraph: str, name: str) -> dict[str, bytes]:
    """The parts with ``paragraph`` first in every header (or footer), and one with it for each kind that is missing.

    A later section without a header of a kind shows the one of the section before: only the first needs all three.

    Args:
        package: the document.
        main: the name of its main part.
        story: headers or footers.
        paragraph: the XML of a paragraph.
        name: what the new part and its relationship are named by.
    """
    parts = dict(package.parts)
    for part in package.parts:
        if package.content_type(part) == _TYPE.format(story):
            root = opc.parse_xml(parts[part])
            root.insert(0, etree.fromstring(paragraph))
            parts[part] = opc.serialise(root)
    root = opc.parse_xml(parts[main])
    section = next(root.iter(f"{W}sectPr"), None)
    if section is None:
        body = root.find(f"{W}body")
        section = etree.SubElement(root if body is None else body, f"{W}sectPr")
    id = f"rIdFormgen{name.title()}"
    present = {reference.get(f"{W}type", "default") for reference in section.findall(f"{W}{story}Reference")}
    for kind in reversed([kind for kind in _KINDS if kind not in present]):
        section.insert(0, section.makeelement(f"{W}{story}Reference", {f"{W}type": kind, f"{_R}id": id}))
    parts[main] = opc.serialise(root)
    file = f"formgen-{name}-{story}.xml"
    part = f"{main.rpartition('/')[0]}/{file}".lstrip("/")
    rest = f'<w:p xmlns:w="{W[1:-1]}"/>' if story == "footer" else ""
    parts[part] = opc.serialise(
        etree.fromstring(f'<w:{_ROOTS[story]} xmlns:w="{W[1:-1]}">{paragraph}{rest}</w:{_ROOTS[story]}>')
    )
    parts = opc.with_relationship(parts, main, id, f"{_OFFICE}/{story}", file)
    return opc.with_content_types(parts, {part: _TYPE.format(story)}, {})


def in_print(root: etree._Element, story: Story, side: Literal["L", "C", "R"], text: str) -> None:
    """Puts ``text`` into one side of a sheet's odd, even and first print header (or footer), above what stood there.

    Where both together are longer than Excel takes, what stood there goes.
    """
    element = root.find(f"{S}headerFooter")
    if element is None:
        element = root.makeelement(f"{S}headerFooter", {})
        _insert_in_order(root, element)
    for position, name in enumerate(_ORDER):
        if not name.endswith(story.title()):
            continue
        if not name.startswith("odd") and element.get(
            "differentOddEven" if name.startswith("even") else "differentFirst"
        ) not in ("1", "true"):
            continue
        found = element.find(f"{S}{name}")
        if found is None:
            found = element.makeelement(f"{S}{name}", {})
            before = [child for child in element if _position(child) < position]
            element.insert(len(before), found)
        found.text = _with_text(found.text or "", side, text)


def _with_text(present: str, side: str, text: str) -> str:
    sections = {"L": "", "C": "", "R": ""}
    section = "C"  # where what has no section stands
    for piece in re.findall(r"&&|&[LCRlcr]|[^&]+|&", present):
        if piece[0] == "&" and piece[1:].upper() in sections:
            section = piece[1].upper()
        else:
            sections[section] += piece
    alone = f"&{side}{text}"
    own = f"{alone}\n{sections[side]}" if sections[side] else alone
    others = "".join(f"&{other}{kept}" for other, kept in sections.items() if kept and other != side)
    whole = f"{own}{others}"
    return whole if len(whole) <= _LIMIT else alone


_ORDER = ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter")
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


def _position(child: etree._Element) -> int:
    name = etree.QName(child).localname if isinstance(child.tag, str) else ""
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _insert_in_order(root: etree._Element, element: etree._Element) -> None:
    for index, child in enumerate(root):
        if isinstance(child.tag, str) and etree.QName(child).localname in _AFTER:
            root.insert(index, element)
            return
    root.append(element)
