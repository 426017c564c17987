"""Compiling a Word part: content controls become slots, and disappear.

Source: ECMA-376 Part 1, 17.5.2 (structured document tags); MS-DOCX 2.6 (w14:checkbox).
"""

import copy
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from formgen import forms
from formgen.filling.assembly import Marks, Misplaced, Region, Scopes, lookup
from formgen.filling.controls import (
    Control,
    Path,
    Problem,
    Role,
    join_path,
    list_prefixes,
    parse_tag,
    problem_with,
    split_path,
)
from formgen.filling.slots import Blank, Body, Each, Line, Lines, Number, Piece, Shape, ShapeAttribute, Value, When
from formgen.filling.typesetting import Typeset, typesetter
from formgen.filling.word_tree import (
    TEXT_BOX,
    W14,
    WP,
    Sdt,
    W,
    alone,
    common_span,
    drop_revision_ids,
    only_run,
    only_text,
    row_or_paragraph,
    run_showing,
    unwrap,
)
from formgen.findings import Text
from formgen.opc import serialise

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
NUMBER = "{urn:formgen:number}"
"""Beside an attribute: the path of the number that it is to be. Bundles of many records have such."""
_NUMBERED = {f"{NUMBER}val": f"{W}val", f"{NUMBER}id": "id"}
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_RELATED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STORIES = (f"{W}tc", f"{W}hdr", f"{W}ftr", f"{W}footnote", f"{W}endnote", TEXT_BOX)
"""What must end with a paragraph: Word opens no document otherwise."""


@dataclass(frozen=True)
class CompiledPart:
    """A part as pieces, and the controls that it had."""

    body: Body
    controls: tuple[Control, ...]
    placeholders: frozenset[str]
    """Relationship ids of the template's pictures that stand where no picture is given."""


class PartCompiler:
    """Turns one part of a template into pieces; problems are collected, not raised."""

    def __init__(self, name: str, root: etree._Element, schema: forms.Schema) -> None:
        self._name = name
        self._root = root
        self._schema = schema
        self._marks = Marks()
        self._placeholders: Counter[str] = Counter()
        self._lines: list[tuple[Region, etree._Element]] = []
        """Paragraphs that are repeated for each line of a value: marked last, inside of every other region."""
        self.problems: list[Problem] = []

    def compile(self) -> CompiledPart | None:
        """The compiled part, or None if there are problems."""
        shown = Counter(v for e in self._root.iter() for k, v in e.attrib.items() if str(k).startswith(_RELATED))
        drop_revision_ids(self._root)
        sdts = self._read_controls()
        explicit = {sdt.element: sdt.control.path for sdt in sdts if sdt.is_region and sdt.control.path[-1] == "[]"}
        enclosing = {
            sdt: frozenset(explicit[e] for e in sdt.element.iterancestors(f"{W}sdt") if e in explicit) for sdt in sdts
        }
        for sdt in reversed(sdts):  # inner ones first
            self._replace(sdt)
        self._mark_regions(sdts, enclosing)
        for region, paragraph in self._lines:
            self._wrap(region, paragraph, paragraph)
        self._mark_numbers()
        for element in list(self._root.iter(f"{W}sdt")):  # page-number galleries and the like
            if not self._stays(element):
                unwrap(element)
        for story in self._root.iter(*_STORIES):
            self._keep_a_paragraph(story)
        if self.problems:
            return None
        try:
            body = self._marks.assemble(serialise(self._root).decode())
        except Misplaced as error:
            self.problems.append(Problem(self._name, "", error.text))
            return None
        # A placeholder that something else shows too (a letterhead) is not one that may go.
        placeholders = frozenset(id for id, count in self._placeholders.items() if count == shown[id])
        return CompiledPart(body, tuple(sdt.control for sdt in sdts if not sdt.is_region), placeholders)

    def _stays(self, element: etree._Element) -> bool:
        """Whether a control is one that the document keeps."""
        return False

    # --- reading the controls ---

    def _read_controls(self) -> list[Sdt]:
        found = []
        for element in self._root.iter(f"{W}sdt"):
            properties = element.find(f"{W}sdtPr")
            tag = properties.find(f"{W}tag") if properties is not None else None
            if tag is None or not tag.get(f"{W}val"):
                if properties is None or properties.find(f"{W}docPartObj") is None:
                    title = "".join(map(str, element.itertext())).strip()[:20]
                    self._problem(title, Text("内容控件没有标记（tag）", "a content control has no tag"))
                continue
            text = tag.get(f"{W}val", "")
            control = parse_tag(text)
            if control is None:
                self._problem(text, Text("标记不是字段路径", "the tag is no path to a field"))
                continue
            sdt = Sdt(element, control)
            if (
                not sdt.is_region
                or control.role is not Role.VALUE
                or forms.field_schema(self._schema, control.path) is None
            ):
                self._check(sdt)
            found.append(sdt)
        return found

    def _check(self, sdt: Sdt) -> None:
        picture, ticks = sdt.has(f"{W}picture"), sdt.has(f"{W14}checkbox")
        problem = problem_with(sdt.control, self._schema, picture=picture, ticks=ticks)
        if problem is not None:
            self._problem(sdt.control.tag, problem)
        elif sdt.control.role is Role.TICK and not ticks:
            self._problem(sdt.control.tag, Text("“字段=值”要用复选框控件", "field=value needs a check-box control"))
        elif sdt.control.role in (Role.PRESENT, Role.ABSENT):
            if picture or ticks:
                text = Text("条件控件不能是复选框或图片", "a condition cannot be a check box or a picture")
                self._problem(sdt.control.tag, text)
        elif next(sdt.content.iter(f"{W}sdt"), None) is not None:
            self._problem(sdt.control.tag, Text("值的控件里又套了控件", "the control of a value holds another control"))

    def _problem(self, control: str, text: Text) -> None:
        self.problems.append(Problem(self._name, control, text))

    def _typeset(self, path: Path) -> Typeset:
        return typesetter(forms.field_schema(self._schema, path) or {})

    # --- replacing them ---

    def _replace(self, sdt: Sdt) -> None:
        """Put slots in the place of a control and remove it; ``anchor`` stays to tell where it was."""
        control = sdt.control
        if sdt.is_region:
            self._replace_region(sdt)
            return
        if sdt.has(f"{W}picture"):
            sdt.anchor = self._replace_picture(sdt)
        elif sdt.has(f"{W14}checkbox"):
            sdt.anchor = self._replace_tick(sdt)
        elif control.role is Role.VALUE:
            sdt.anchor = self._replace_value(sdt)
        else:  # an inline "?path": what it holds is kept with its paragraph or row
            sdt.anchor = next(iter(sdt.content), None)
        unwrap(sdt.element)

    def _replace_region(self, sdt: Sdt) -> None:
        children = list(sdt.content)
        sdt.anchor = children[0] if children else None
        region = self._region(sdt.control)
        if children:
            self._wrap(region, children[0], children[-1])
        unwrap(sdt.element)

    def _replace_value(self, sdt: Sdt) -> etree._Element:
        path, typeset = sdt.control.path, self._typeset(sdt.control.path)
        run = only_run(sdt)
        paragraph = run.getparent()
        inline_alone = paragraph is not None and paragraph.tag == f"{W}sdtContent" and alone(sdt.element)
        block_alone = paragraph is not None and paragraph.tag == f"{W}p"
        kind = sdt.element.find(f"{W}sdtPr/{W}text")
        multiline = kind is not None and kind.get(f"{W}multiLine", "0") in ("1", "true", "on")
        if multiline and (inline_alone or block_alone):
            self._put_line(run)
            holder = paragraph if block_alone else sdt.element.getparent()
            if holder is None:
                raise AssertionError("a run outside of a paragraph")
            self._lines.append((Region((), _Maker(path, lines=typeset).make, always=True), holder))
        else:
            self._put_text(run, path)
        return run

    def _put_text(self, run: etree._Element, path: Path) -> None:
        """Has a run say a value."""
        typeset = self._typeset(path)
        text, line_break, tab = only_text(run)
        text.append(self._marks.slot(lambda scopes: Value(lookup(path, scopes), typeset, line_break, tab)))

    def _put_line(self, run: etree._Element) -> None:
        """Has a run say a line of a value."""
        text, _, tab = only_text(run)
        text.append(self._marks.slot(lambda scopes: Line(tab)))

    def _replace_tick(self, sdt: Sdt) -> etree._Element:
        box = sdt.element.find(f"{W}sdtPr/{W14}checkbox")
        if box is None:
            raise AssertionError("no check box")
        run = only_run(sdt)
        states = []
        for state, default in (("checkedState", "2611"), ("uncheckedState", "2610")):
            element = box.find(f"{W14}{state}")
            code = element.get(f"{W14}val", default) if element is not None else default
            font = element.get(f"{W14}font") if element is not None else None
            states.append(run_showing(run, chr(int(code, 16)), font))
        run.addprevious(states[0])
        run.addprevious(states[1])
        parent = run.getparent()
        if parent is not None:
            parent.remove(run)
        self._wrap(self._region(sdt.control), states[0], states[0], states[1])
        return states[0]

    def _replace_picture(self, sdt: Sdt) -> etree._Element | None:
        run = next((r for r in sdt.content.iter(f"{W}r") if r.find(f".//{_A}blip") is not None), None)
        if run is None:
            self._problem(sdt.control.tag, Text("图片控件里没有图片", "the picture control holds no picture"))
            return next(iter(sdt.content), None)
        empty = copy.deepcopy(run)
        extent = run.find(f".//{WP}extent")
        blip = run.find(f".//{_A}blip")
        if extent is None or blip is None:
            self._problem(sdt.control.tag, Text("图片没有尺寸", "the picture has no size"))
            return run
        box = (int(extent.get("cx", "0")), int(extent.get("cy", "0")))
        placeholder = blip.get(_EMBED, "")
        self._placeholders[placeholder] += 1
        self._mark_shape(run)
        path = sdt.control.path

        def make(scopes: Scopes, body: Body, otherwise: Body) -> Piece:
            return Shape(lookup(path, scopes), box, body, otherwise, (placeholder,))

        run.addnext(empty)
        self._wrap(Region((), make), run, run, empty)
        return run

    def _mark_shape(self, run: etree._Element) -> None:
        def mark(element: etree._Element | None, attribute: str, name: str) -> None:
            if element is not None:
                element.set(attribute, self._marks.attribute(name, lambda scopes: ShapeAttribute(name)))

        mark(run.find(f".//{_A}blip"), _EMBED, "embed")
        for element in (run.find(f".//{WP}extent"), run.find(f".//{_A}xfrm/{_A}ext")):
            mark(element, "cx", "cx")
            mark(element, "cy", "cy")
        mark(run.find(f".//{_A}xfrm"), "rot", "rot")
        mark(run.find(f".//{_A}xfrm"), "flipH", "flip")
        for element in run.iter(f"{WP}docPr"):
            mark(element, "id", "id")
        effect = run.find(f".//{WP}effectExtent")
        for side in ("l", "t", "r", "b"):
            mark(effect, side, "beside" if side in "lr" else "above")

    def _mark_numbers(self) -> None:
        """Put slots in the place of numbers that are not the same for every record."""
        for element in self._root.iter(etree.Element):
            for name, attribute in _NUMBERED.items():
                if name in element.attrib:
                    path = split_path(str(element.attrib.pop(name)))
                    element.set(attribute, self._marks.attribute("number", _numbering(path)))

    # --- regions ---

    def _region(self, control: Control) -> Region:
        if control.path[-1] == "[]" and control.role is Role.VALUE:
            return self._list(control.path, blank=False)
        return Region((), _Maker(control.path, control).make)

    def _list(self, prefix: Path, *, blank: bool) -> Region:
        """What is repeated for each item of a list; ``blank``: where there is none, printed once, empty."""
        return Region(prefix, _Maker(prefix, blank=blank).make)

    def _wrap(
        self,
        region: Region,
        first: etree._Element,
        last: etree._Element,
        otherwise: etree._Element | None = None,
    ) -> None:
        marks = self._marks.region(region)
        first.addprevious(marks.start)
        if otherwise is not None:
            otherwise.addprevious(marks.middle)
            otherwise.addnext(marks.end)
        else:
            last.addnext(marks.end)

    def _mark_regions(self, sdts: list[Sdt], enclosing: dict[Sdt, frozenset[Path]]) -> None:
        """Mark the rows (or paragraphs) that are repeated or kept for controls without a region of their own."""
        wanted: dict[tuple[Path, frozenset[Path], etree._Element | None], list[etree._Element]] = {}
        for sdt in sdts:
            for prefix in list_prefixes(sdt.control.path):
                own = sdt.is_region and prefix == sdt.control.path
                if not own and prefix not in enclosing[sdt] and sdt.anchor is not None:
                    # Word writes a text box twice, for new and for old readers: each has its own repetition.
                    box = next(sdt.anchor.iterancestors(TEXT_BOX), None)
                    wanted.setdefault((prefix, enclosing[sdt], box), []).append(sdt.anchor)
        repeated: dict[etree._Element, Path] = {}
        for (prefix, _, _), anchors in sorted(wanted.items(), key=lambda entry: len(entry[0][0])):  # outer ones first
            units = [row_or_paragraph(anchor) for anchor in anchors]
            for other in (repeated.setdefault(unit, prefix) for unit in units):
                if other != prefix[: len(other)]:
                    text = (
                        f"“{join_path(other)}”和这个列表重复同一行",
                        f"{join_path(other)!r} and this list repeat the same row",
                    )
                    self._problem(join_path(prefix), Text(*text))
            span = common_span(units)
            if span is None:
                self._problem(
                    join_path(prefix), Text("这个列表的控件分散在互不相连的地方", "this list's controls lie apart")
                )
                continue
            self._repeat(prefix, *span)
        for sdt in sdts:
            if sdt.control.role in (Role.PRESENT, Role.ABSENT) and not sdt.is_region and sdt.anchor is not None:
                unit = row_or_paragraph(sdt.anchor)
                self._wrap(self._region(sdt.control), unit, unit)

    def _keep_a_paragraph(self, cell: etree._Element) -> None:
        """End a cell (or the like) with an empty paragraph if the one at its end may vanish."""
        depth = 0
        kept = False
        for child in cell:
            if isinstance(child, etree._ProcessingInstruction):
                sign, number = (child.text or "?")[0], int((child.text or "?0")[1:])
                if self._marks.may_vanish(number):
                    depth += {"[": 1, "]": -1}.get(sign, 0)
            elif depth == 0:
                kept = child.tag in (f"{W}p", f"{W}sdt") or (kept and child.tag != f"{W}tbl")
        if not kept:
            etree.SubElement(cell, f"{W}p")

    def _repeat(self, prefix: Path, first: etree._Element, last: etree._Element) -> None:
        # A table's row is a place to write: without any item it is printed once, empty.
        self._wrap(self._list(prefix, blank=first.tag == f"{W}tr"), first, last)


def _numbering(path: Path) -> Callable[[Scopes], Piece]:
    return lambda scopes: Number(lookup(path, scopes))


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes a region's piece when its place among the scopes is known."""

    path: Path
    control: Control | None = None
    lines: Typeset | None = None
    blank: bool = False

    def make(self, scopes: Scopes, body: Body, otherwise: Body) -> Piece:
        """The piece of the region."""
        if self.lines is not None:
            return Lines(lookup(self.path, scopes), self.lines, body)
        control = self.control
        if control is not None and control.role is not Role.VALUE:
            if control.role is Role.ABSENT:
                body, otherwise = otherwise, body
            equals = control.equals if control.role is Role.TICK else None
            return When(lookup(self.path, scopes), equals, body, otherwise)
        return Each(lookup(self.path[:-1], scopes), body, Body((Blank(body),)) if self.blank else otherwise)
