"""The tree of a Word part: content controls in it, and what compiling does to the elements around them.

Source: ECMA-376 Part 1, 17.5.2 (structured document tags); MS-DOCX 2.6 (w14:checkbox).
"""

import copy
from dataclasses import dataclass

from lxml import etree

from formgen.filling.controls import Control, Role

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
TEXT_BOX = f"{W}txbxContent"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


@dataclass(eq=False)
class Sdt:
    """A content control in the tree of a template."""

    element: etree._Element
    control: Control
    anchor: etree._Element | None = None
    """An element of its content, once the control itself is gone."""
    is_region: bool = False

    @property
    def content(self) -> etree._Element:
        """The element that holds its content."""
        found = self.element.find(f"{W}sdtContent")
        return found if found is not None else etree.SubElement(self.element, f"{W}sdtContent")

    def has(self, name: str) -> bool:
        """Whether its properties hold an element of that name."""
        return self.element.find(f"{W}sdtPr/{name}") is not None

    @property
    def inline(self) -> bool:
        """Whether it stands inside a paragraph."""
        nearest = next(self.element.iterancestors(f"{W}p", TEXT_BOX), None)
        return nearest is not None and nearest.tag == f"{W}p"

    def __post_init__(self) -> None:
        # Decided while the tree is as the author made it: compiling takes controls out of it.
        holds_controls = next(self.content.iter(f"{W}sdt"), None) is not None
        marks = self.control.role in (Role.PRESENT, Role.ABSENT)
        repeats = self.control.path[-1] == "[]" and holds_controls
        self.is_region = not self.inline and (marks or repeats)
        """Whether it marks what is repeated or kept, and prints nothing itself."""


def row_or_paragraph(element: etree._Element) -> etree._Element:
    """What is repeated for a control: its innermost table row, else its paragraph, else the element itself."""
    for unit in (f"{W}tr", f"{W}p"):
        found = element if element.tag == unit else next(element.iterancestors(unit, TEXT_BOX), None)
        if found is not None and found.tag == unit:
            return found
    return element


def common_span(units: list[etree._Element]) -> tuple[etree._Element, etree._Element] | None:
    """The first and the last of the siblings that hold all ``units``."""
    chains = [[*reversed(list(unit.iterancestors())), unit] for unit in units]
    depth = min(map(len, chains)) - 1
    while depth > 0 and len({chain[depth - 1] for chain in chains}) > 1:
        depth -= 1
    if depth <= 0:
        return None
    siblings = {chain[depth] for chain in chains}
    parent = chains[0][depth - 1]
    ordered = [child for child in parent if child in siblings]
    tags = {child.tag for child in ordered}
    if len(units) > 1 and (tags & {f"{W}tc", f"{W}r"} or (tags == {f"{W}tbl"} and len(ordered) > 1)):
        return None
    return ordered[0], ordered[-1]


def only_text(run: etree._Element) -> tuple[etree._Element, str, str]:
    """The one text element of a run, what breaks its line, and what puts a tab into it."""
    for child in list(run):
        if child.tag != f"{W}rPr":
            run.remove(child)
    text = etree.SubElement(run, f"{W}t")
    text.set(_SPACE, "preserve")
    prefix = f"{text.prefix}:" if text.prefix else ""
    opening, closing = f'<{prefix}t xml:space="preserve">', f"</{prefix}t>"
    return text, f"{closing}<{prefix}br/>{opening}", f"{closing}<{prefix}tab/>{opening}"


def only_run(sdt: Sdt) -> etree._Element:
    """The first run of a control's content; everything beside it is removed, paragraphs included."""
    content = sdt.content
    paragraph = next(content.iter(f"{W}p"), None)
    if paragraph is None and not sdt.inline:
        paragraph = etree.SubElement(content, f"{W}p")
    holder = paragraph if paragraph is not None else content
    run = next(holder.iter(f"{W}r"), None)
    if run is None:
        run = etree.SubElement(holder, f"{W}r")
        properties = sdt.element.find(f"{W}sdtPr/{W}rPr")
        if properties is not None:
            run.append(copy.deepcopy(properties))
    if sdt.has(f"{W}showingPlcHdr"):
        for style in run.findall(f"{W}rPr/{W}rStyle"):
            style.getparent().remove(style)  # type: ignore[union-attr]
    for child in list(holder):
        if child.tag != f"{W}pPr":
            holder.remove(child)
    holder.append(run)
    if paragraph is not None:
        parent = paragraph.getparent()
        if parent is not None:
            for other in [other for other in parent.findall(f"{W}p") if other is not paragraph]:
                parent.remove(other)
    return run


def alone(sdt: etree._Element) -> bool:
    """Whether a control is all that its paragraph holds."""
    paragraph = sdt.getparent()
    return (
        paragraph is not None
        and paragraph.tag == f"{W}p"
        and all(child is sdt or child.tag == f"{W}pPr" for child in paragraph)
    )


def run_showing(run: etree._Element, glyph: str, font: str | None) -> etree._Element:
    """A copy of ``run`` that shows one character."""
    shown = copy.deepcopy(run)
    for child in list(shown):
        if child.tag != f"{W}rPr":
            shown.remove(child)
    if font:
        properties = shown.find(f"{W}rPr")
        if properties is None:
            properties = etree.Element(f"{W}rPr")
            shown.insert(0, properties)
        fonts = properties.find(f"{W}rFonts")
        if fonts is None:
            fonts = etree.Element(f"{W}rFonts")
            # Only a character style stands before the fonts.
            properties.insert(1 if properties.find(f"{W}rStyle") is not None else 0, fonts)
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(f"{W}{script}", font)
    etree.SubElement(shown, f"{W}t").text = glyph
    return shown


def unwrap(sdt: etree._Element) -> None:
    """Put a control's content in its place."""
    parent = sdt.getparent()
    content = sdt.find(f"{W}sdtContent")
    if parent is None:
        return
    for child in [] if content is None else list(content):
        sdt.addprevious(child)
    parent.remove(sdt)


def drop_revision_ids(root: etree._Element) -> None:
    """Remove what Word keeps to tell editing sessions apart; in repeated rows the ids would not be unique."""
    for element in root.iter():
        for attribute in list(element.attrib):
            name = str(attribute)
            if name.startswith(f"{W}rsid") or name in (f"{W14}paraId", f"{W14}textId"):
                del element.attrib[attribute]
