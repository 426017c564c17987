"""Makes a template of a document in which somebody has typed the names of fields: ``{{members[].name}}``.

For authors without the developer tab, and for those who work in LibreOffice, which drops the tags of controls when it
saves. Word splits what is typed over any number of runs; the formatting of the first one is kept.

Source: ECMA-376 Part 1, 17.5.2 (structured document tags); MS-DOCX 2.6 (w14:checkbox).
"""

import copy
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree
from PIL import Image

from formgen import opc
from formgen.errors import TemplateError
from formgen.filling import adopting_cells
from formgen.filling.controls import Problem
from formgen.filling.outline import Sort, sort_of
from formgen.filling.word_tree import W14, W
from formgen.findings import Text
from formgen.forms import Edition, field_schema
from formgen.tags import Control, Role, parse_tag

TYPED = re.compile(r"[{｛]{2}\s*([^{}｛｝]{1,300}?)\s*[}｝]{2}")
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PARTS = tuple(f"{_WORD}{kind}+xml" for kind in ("document.main", "header", "footer", "footnotes", "endnotes"))
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PIC = "http://schemas.openxmlformats.org/drawingml/2006/picture"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FONT = "Segoe UI Symbol"
"""It has both boxes; the one of the text around may not."""
_ROOM = "\u3000\u3000"
"""What stands in an empty control: room to write, and no words that would be printed."""
_PHOTO = (900_000, 1_260_000)
"""25 × 35 mm, the size of a photo on a Chinese form, in EMU."""
_BREAK = "\0"


@dataclass(frozen=True, slots=True)
class Adopted:
    """The template that was made: its file, the tags that were typed, and what is wrong with them."""

    data: bytes
    tags: tuple[str, ...]
    problems: tuple[Problem, ...]


def adopt(data: bytes, name: str, edition: Edition) -> Adopted:
    """Turns what is typed between double braces into controls (Word) or defined names (Excel).

    Raises:
        TemplateError: the file is no document or workbook.
    """
    try:
        package = opc.read(data, name)
        main = next(iter(package.related("", "officeDocument")), "")
        made = _Word(package, edition) if name.lower().endswith(".docx") else adopting_cells.Cells(package, main)
        parts = made.parts()
    except opc.PackageError as error:
        raise TemplateError(error.problem, place=name, remedy=error.remedy) from error
    return Adopted(
        opc.write(opc.member(part, content) for part, content in parts.items()), tuple(made.tags), tuple(made.problems)
    )


class _Word:
    """Adopts a Word document."""

    def __init__(self, package: opc.Package, edition: Edition) -> None:
        self._package = package
        self._schema = edition.printable
        self.tags: list[str] = []
        self.problems: list[Problem] = []

    def parts(self) -> dict[str, bytes]:
        """The parts of the document with controls in place of what was typed."""
        parts = dict(self._package.parts)
        for name, content in self._package.parts.items():
            if self._package.content_type(name) not in _PARTS:
                continue
            root = opc.parse_xml(content)
            story = _Story(name, root, self)
            if story.adopt():
                parts[name] = opc.serialise(root)
                parts.update(story.pictures(parts))
        return parts

    def field(self, control: Control) -> Sort:
        """What kind of thing a control holds; text where the form has no such field: the check says so."""
        found = field_schema(self._schema, control.path)
        return Sort.TEXT if found is None or "type" not in found else sort_of(found)

    def title(self, control: Control) -> str:
        """The name of a field for the frame of its control."""
        found = field_schema(self._schema, control.path) or {}
        title = str(found.get("title", control.tag))
        return f"{title}：{control.equals}" if control.role is Role.TICK else title


@dataclass
class _Story:
    """One part of a document."""

    name: str
    root: etree._Element
    whole: _Word
    _pictures: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        ids = (element.get(f"{W}val", "") for element in self.root.iter(f"{W}id"))
        taken = {int(id) for id in ids if re.fullmatch(r"-?[0-9]{1,10}", id)}
        self._ids = (number for number in itertools.count(1_000_000) if number not in taken)

    def adopt(self) -> bool:
        """Whether anything was typed here."""
        before = len(self.whole.tags)
        for paragraph in list(self.root.iter(f"{W}p")):
            # The last one first: the places of those before it stay as they are.
            for start, end, tag in reversed(list(self._typed(paragraph))):
                control = parse_tag(tag)
                if control is None:
                    text = Text("标记不是字段路径", "the tag is no path to a field")
                    self.whole.problems.append(Problem(self.name, tag, text))
                else:
                    self._replace(paragraph, start, end, control)
                    self.whole.tags.append(tag)
        return len(self.whole.tags) > before

    def _typed(self, paragraph: etree._Element) -> Iterator[tuple[int, int, str]]:
        text = "".join(piece for _, piece in _pieces(paragraph))
        return ((*match.span(), match[1]) for match in TYPED.finditer(text))

    def _replace(self, paragraph: etree._Element, start: int, end: int, control: Control) -> None:
        _split(paragraph, end)
        _split(paragraph, start)
        covered, position = [], 0
        for element, piece in _pieces(paragraph):
            if start <= position and position + len(piece) <= end and piece:
                covered.append(element)
            position += len(piece)
        runs = list(dict.fromkeys(_run(element) for element in covered))
        alone = len(list(_pieces(paragraph))) == len(covered)
        sdt = self._control(control, runs[0].find(f"{W}rPr"), alone=alone)
        runs[0].addprevious(sdt)
        for run in runs:
            parent = run.getparent()
            if parent is not None:
                parent.remove(run)

    def _control(self, control: Control, formatting: etree._Element | None, *, alone: bool) -> etree._Element:
        sort = self.whole.field(control)
        sdt = etree.Element(f"{W}sdt", nsmap={"w": W[1:-1]})
        properties = etree.SubElement(sdt, f"{W}sdtPr")
        for name, value in (("alias", self.whole.title(control)), ("tag", control.tag), ("id", str(next(self._ids)))):
            etree.SubElement(properties, f"{W}{name}").set(f"{W}val", value)
        run = etree.SubElement(etree.SubElement(sdt, f"{W}sdtContent"), f"{W}r")
        if formatting is not None:
            run.append(copy.deepcopy(formatting))
        if control.role is Role.TICK:
            self._box(properties, run)
        elif control.role is Role.VALUE and sort is Sort.PICTURE:
            etree.SubElement(properties, f"{W}picture")
            self._picture(run)
        elif control.role is Role.VALUE:
            kind = etree.SubElement(properties, f"{W}text")
            if sort is Sort.LINES and alone:
                kind.set(f"{W}multiLine", "1")
            _write(run, _ROOM)
        return sdt

    def _box(self, properties: etree._Element, run: etree._Element) -> None:
        box = etree.SubElement(properties, f"{W14}checkbox", nsmap={"w14": W14[1:-1]})
        etree.SubElement(box, f"{W14}checked").set(f"{W14}val", "0")
        for state, code in (("checkedState", "2611"), ("uncheckedState", "2610")):
            element = etree.SubElement(box, f"{W14}{state}")
            element.set(f"{W14}val", code)
            element.set(f"{W14}font", _FONT)
        formatting = run.find(f"{W}rPr")
        if formatting is None:
            formatting = etree.SubElement(run, f"{W}rPr")
        fonts = formatting.find(f"{W}rFonts")
        if fonts is None:
            fonts = etree.Element(f"{W}rFonts")
            formatting.insert(1 if formatting.find(f"{W}rStyle") is not None else 0, fonts)
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(f"{W}{script}", _FONT)
        _write(run, "☐")

    def _picture(self, run: etree._Element) -> None:
        id = f"rIdAdopted{len(self._pictures) + 1}"
        self._pictures.append(id)
        run.append(etree.fromstring(_DRAWING.format(id=id, number=next(self._ids), cx=_PHOTO[0], cy=_PHOTO[1])))

    def pictures(self, parts: dict[str, bytes]) -> dict[str, bytes]:
        """The picture that stands where no photo is given, with its relationships; nothing if there is none."""
        if not self._pictures:
            return {}
        name = "word/media/adopted.png"
        parts = {**parts, name: _placeholder()}
        for id in self._pictures:
            parts = opc.with_relationship(parts, self.name, id, f"{_RELATED}/image", "media/adopted.png")
        return opc.with_content_types(parts, {}, {"png": "image/png"})


def _placeholder() -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (50, 70), 235).save(buffer, "PNG")
    return buffer.getvalue()


_DRAWING = (
    f'<w:drawing xmlns:w="{W[1:-1]}" xmlns:wp="{_WP}" xmlns:a="{_A}" xmlns:pic="{_PIC}" xmlns:r="{_RELATED}">'
    '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/>'
    '<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:docPr id="{number}" name="图片"/>'
    '<wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/></wp:cNvGraphicFramePr><a:graphic>'
    f'<a:graphicData uri="{_PIC}"><pic:pic><pic:nvPicPr><pic:cNvPr id="{{number}}" name="adopted.png"/><pic:cNvPicPr/>'
    '</pic:nvPicPr><pic:blipFill><a:blip r:embed="{id}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
    '<a:xfrm><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    "</pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
)


# --- the text of a paragraph, and where it stands --------------------------------------------------------------------


def _pieces(paragraph: etree._Element) -> list[tuple[etree._Element, str]]:
    """The texts of a paragraph's own runs; whatever else a run shows is a break, which no name goes over."""
    found = []
    for run in paragraph.iter(f"{W}r"):
        if next(run.iterancestors(f"{W}p"), None) is not paragraph or _is_in_control(run):
            continue
        for child in run:
            if child.tag == f"{W}t":
                found.append((child, child.text or ""))
            elif child.tag != f"{W}rPr":
                found.append((child, _BREAK))
    return found


def _is_in_control(run: etree._Element) -> bool:
    """Whether a run is the content of a control that has a tag already."""
    return any(sdt.find(f"{W}sdtPr/{W}tag") is not None for sdt in run.iterancestors(f"{W}sdt"))


def _run(element: etree._Element) -> etree._Element:
    run = element.getparent()
    if run is None:
        raise AssertionError("a text outside of a run")
    return run


def _split(paragraph: etree._Element, at: int) -> None:
    """Splits a run so that one begins at a place of the paragraph's text."""
    position = 0
    for element, piece in _pieces(paragraph):
        if position < at < position + len(piece):
            second = copy.deepcopy(element)
            element.text, second.text = piece[: at - position], piece[at - position :]
            for part in (element, second):
                part.set(_SPACE, "preserve")
            element.addnext(second)
            _split_before(second)
            return
        before = element.getprevious()
        if position == at and before is not None and before.tag != f"{W}rPr":
            _split_before(element)
            return
        position += len(piece)


def _split_before(element: etree._Element) -> None:
    """Moves an element and what follows it into a run of its own, of the same format."""
    run = _run(element)
    another = etree.Element(f"{W}r")
    formatting = run.find(f"{W}rPr")
    if formatting is not None:
        another.append(copy.deepcopy(formatting))
    another.extend([element, *element.itersiblings()])
    run.addnext(another)


def _write(run: etree._Element, text: str) -> None:
    element = etree.SubElement(run, f"{W}t")
    element.set(_SPACE, "preserve")
    element.text = text
