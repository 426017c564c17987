"""A Word form to be filled in: a form's template with its controls kept, and everything else protected.

In Word a document protected for forms lets a person change the content of its controls and nothing else. Whether rows
can be added there was not tried, so a list gets as many rows as it may need.
"""

import copy
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from formgen import forms, opc, own_files, prompts
from formgen.blanks import word_controls
from formgen.blanks.fields import describe
from formgen.errors import TemplateError
from formgen.filling import kept
from formgen.filling.controls import Control, Path, Role, list_prefixes, parse_tag
from formgen.filling.template import Template
from formgen.filling.typesetting import typesetter
from formgen.filling.word_tree import W14, W
from formgen.findings import Text
from formgen.forms import Edition
from formgen.intake import headings

ROWS = 6
"""Rows of a list: what a person usually has to say, and the form stays on its pages."""
ROWS_OF_A_LIST = 20
"""Rows of a form that is nothing but a list."""
_PROTECTION = f"{W}documentProtection"
_BEHIND_PROTECTION = (
    "autoFormatOverride",
    "styleLockTheme",
    "styleLockQFSet",
    "defaultTabStop",
    "autoHyphenation",
    "consecutiveHyphenLimit",
    "hyphenationZone",
    "doNotHyphenateCaps",
    "showEnvelope",
    "summaryLength",
    "clickAndTypeStyle",
    "defaultTableStyle",
    "evenAndOddHeaders",
    "bookFoldRevPrinting",
    "bookFoldPrinting",
    "bookFoldPrintingSheets",
    "drawingGridHorizontalSpacing",
    "drawingGridVerticalSpacing",
    "displayHorizontalDrawingGridEvery",
    "displayVerticalDrawingGridEvery",
    "doNotUseMarginsForDrawingGridOrigin",
    "drawingGridHorizontalOrigin",
    "drawingGridVerticalOrigin",
    "doNotShadeFormData",
    "noPunctuationKerning",
    "characterSpacingControl",
)
"""What may follow the protection in the settings and comes first in them, in the order of the standard."""
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PARTS = tuple(f"{_WORD}{kind}+xml" for kind in ("document.main", "header", "footer", "footnotes", "endnotes"))
_TEXT_BOX = f"{W}txbxContent"
_PLACEHOLDER_STYLE = (
    f'<w:style xmlns:w="{W[1:-1]}" w:type="character" w:styleId="{word_controls.PLACEHOLDER_STYLE}">'
    '<w:name w:val="Placeholder Text"/><w:uiPriority w:val="99"/><w:semiHidden/>'
    '<w:rPr><w:color w:val="808080"/></w:rPr></w:style>'
)


def usual_rows(edition: Edition) -> int:
    """How many rows a list of the form has, if nobody says."""
    table = headings.table(edition.schema)
    return ROWS_OF_A_LIST if table is not None and table.key is not None else ROWS


def blank(edition: Edition, rows: int, dossier: Mapping[str, Any]) -> bytes:
    """The form for a person to fill in, with so many rows in each list.

    ``dossier`` is what dossier.json says: as far as it is there, the form prints it as finished documents do.
    """
    path = edition.templates[".docx"]
    package = _to_fill_in(path.read_bytes(), path.name, _Filler(edition, rows, dossier))
    return own_files.sealed(package.parts, package.related("", "officeDocument")[0])


def filled(data: bytes, name: str, edition: Edition, dossier: Mapping[str, Any]) -> Template:
    """The same form as a template that is filled and keeps its controls, for a person to correct and complete.

    A list has the rows that a blank has; where a record needs them, more.

    Args:
        data: the form's template, as it lies on the disk.
        name: the name of its file.
        edition: the form.
        dossier: what dossier.json says.

    Raises:
        TemplateError: it is no Word template, or does not match the form.
    """
    try:
        package = _to_fill_in(data, name, _Filler(edition, None, dossier))
    except opc.PackageError as error:
        raise TemplateError(error.problem, place=name, remedy=error.remedy) from error
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return kept.compile_form(package, name, digest, edition, usual_rows(edition))


def _to_fill_in(data: bytes, name: str, filler: "_Filler") -> opc.Package:
    """A template's package as one to be filled in."""
    package = opc.read(data, name)
    parts = opc.without_related(package, "", "thumbnail")
    main = package.related("", "officeDocument")[0]
    for each, content in package.parts.items():
        if package.content_type(each) in _PARTS:
            root = opc.parse_xml(content)
            filler.prepare(root)
            parts[each] = opc.serialise(root)
    for kind, change in (("settings", _protect), ("styles", _add_placeholder_style)):
        part = next(iter(package.related(main, kind)), None)
        if part is None:
            raise TemplateError(
                Text(f"模板里没有 {kind} 部件", f"the template has no part {kind}"),
                place=name,
                remedy=Text("请在 Word 中打开并保存一次", "open and save it once in Word"),
            )
        root = opc.parse_xml(parts[part])
        change(root)
        parts[part] = opc.serialise(root)
    return opc.Package(parts)


def _protect(settings: etree._Element) -> None:
    """Only controls can be changed; no password."""
    for element in settings.findall(_PROTECTION):
        settings.remove(element)
    protection = etree.Element(_PROTECTION, {f"{W}edit": "forms", f"{W}enforcement": "1"})
    behind = {f"{W}{name}" for name in _BEHIND_PROTECTION}
    following = next((element for element in settings if element.tag in behind), None)
    if following is not None:
        following.addprevious(protection)
    else:
        settings.append(protection)


def _add_placeholder_style(styles: etree._Element) -> None:
    ids = {style.get(f"{W}styleId") for style in styles.iter(f"{W}style")}
    if word_controls.PLACEHOLDER_STYLE not in ids:
        styles.append(opc.parse_xml(_PLACEHOLDER_STYLE.encode()))


class _Filler:
    """Turns the parts of a template into those of a form to be filled in; numbers its controls.

    Without ``rows`` what is repeated is left for whoever fills the form.
    """

    def __init__(self, edition: Edition, rows: int | None, dossier: Mapping[str, Any]) -> None:
        self._schema = edition.printable
        self._rows = rows
        self._dossier = dossier
        self._number = 1000
        self._shape = 10_000

    def prepare(self, root: etree._Element) -> None:
        """Changes one part."""
        _forget_sessions(root)
        for section in root.iter(f"{W}sectPr"):
            for exempt in section.findall(f"{W}formProt"):
                section.remove(exempt)
        instead = self._decide_conditions(root)
        self._print_known(root)
        for sdt, control in list(_controls(root)):
            if control.role in (Role.VALUE, Role.TICK) and not _is_region(sdt, control):
                self._settle(sdt, control, instead)
        if self._rows is None:
            return
        self._repeat(root, self._rows)
        for sdt, control in list(_controls(root)):
            if _is_region(sdt, control):
                _unwrap(sdt)
        self._renumber(root)

    def _settle(self, sdt: etree._Element, control: Control, instead: Mapping[Path, str]) -> None:
        field = describe(forms.field_schema(self._schema, control.path) or {}, self._dossier)
        shown = instead.get(control.path) or (
            prompts.ROOM if self._is_for_others(control.path) else word_controls.placeholder(field)
        )
        word_controls.prepare(sdt, field, shown)

    def _is_for_others(self, path: Path) -> bool:
        """Whether a field belongs to a group of which the schema says who else fills it in."""
        return any("x-ask" in (forms.field_schema(self._schema, path[:length]) or {}) for length in range(1, len(path)))

    # --- what the dossier decides ---

    def _known(self, path: Path) -> Any:
        value: Any = self._dossier
        for key in path[1:]:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _decide_conditions(self, root: etree._Element) -> dict[Path, str]:
        """Keeps of every condition the one side that a form to be filled in has: room for a value.

        What the other side would print, such as “年　月　日”, is shown until there is a value.
        """
        instead: dict[Path, str] = {}
        for sdt, control in list(_controls(root)):
            if control.role not in (Role.PRESENT, Role.ABSENT):
                continue
            there = self._known(control.path) is not None if control.path[0] == "dossier" else True
            if there == (control.role is Role.PRESENT):
                _unwrap(sdt)
                continue
            if control.path[0] != "dossier":
                instead[control.path] = "".join(text.text or "" for text in sdt.iter(f"{W}t"))
            _remove(_row_or_paragraph(sdt))
        return instead

    def _print_known(self, root: etree._Element) -> None:
        for sdt, control in list(_controls(root)):
            if control.path[0] != "dossier":
                continue
            value = self._known(control.path)
            if control.role is Role.TICK:
                word_controls.tick(sdt, on=str(value) == control.equals)
                _unwrap(sdt)
                continue
            text = typesetter(forms.field_schema(self._schema, control.path) or {})(value)
            if not text and _is_all_of_its_paragraph(sdt):
                _remove(sdt.getparent())
                continue
            for number, element in enumerate(list(sdt.iter(f"{W}t"))):
                element.text = text if number == 0 and text else "\u3000" if number == 0 else ""
            _unwrap(sdt)

    # --- rows ---

    def _repeat(self, root: etree._Element, rows: int) -> None:
        """Repeats the rows of lists; those within other lists first, so that each copy has its own."""
        depth = max((control.path.count("[]") for _, control in _controls(root)), default=0)
        for level in range(depth, 0, -1):
            units: dict[tuple[Path, etree._Element], list[etree._Element]] = {}
            for sdt, control in _controls(root):
                prefixes = [prefix for prefix in list_prefixes(control.path) if prefix.count("[]") == level]
                if prefixes:
                    for unit in _units(sdt, control, prefixes[0], root):
                        parent = unit.getparent()
                        if parent is not None:
                            units.setdefault((prefixes[0], parent), []).append(unit)
            for (_, parent), found in units.items():
                first, last = (min(map(parent.index, found)), max(map(parent.index, found)))
                span = list(parent)[first : last + 1]
                for copies in range(rows - 1):
                    for offset, element in enumerate(span):
                        parent.insert(last + 1 + copies * len(span) + offset, copy.deepcopy(element))

    def _renumber(self, root: etree._Element) -> None:
        """Gives each control and each shape a number of its own."""
        for sdt, _ in _controls(root):
            self._number += 1
            id = sdt.find(f"{W}sdtPr/{W}id")
            if id is not None:
                id.set(f"{W}val", str(self._number))
        for shape in root.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"):
            self._shape += 1
            shape.set("id", str(self._shape))


def _controls(root: etree._Element) -> Iterator[tuple[etree._Element, Control]]:
    """The controls of a part that have a tag, outer ones first."""
    for sdt in root.iter(f"{W}sdt"):
        tag = sdt.find(f"{W}sdtPr/{W}tag")
        control = parse_tag(tag.get(f"{W}val", "")) if tag is not None else None
        if control is not None:
            yield sdt, control


def _is_region(sdt: etree._Element, control: Control) -> bool:
    """Whether a control marks what is repeated, and holds the controls of its values."""
    return control.path[-1] == "[]" and next(sdt.iterfind(f".//{W}sdt"), None) is not None


def _units(sdt: etree._Element, control: Control, prefix: Path, root: etree._Element) -> Iterator[etree._Element]:
    """What is repeated for a control: what a region of its list holds, else its table row or paragraph."""
    regions = [
        (outer, each)
        for outer, each in _controls(root)
        if each.path == prefix and _is_region(outer, each) and outer in (sdt, *sdt.iterancestors(f"{W}sdt"))
    ]
    if regions:
        content = regions[0][0].find(f"{W}sdtContent")
        yield from [] if content is None else content
        return
    yield _row_or_paragraph(sdt)


def _is_all_of_its_paragraph(sdt: etree._Element) -> bool:
    paragraph = sdt.getparent()
    if paragraph is None or paragraph.tag != f"{W}p":
        return False
    parent = paragraph.getparent()
    beside = [] if parent is None else [child for child in parent if child.tag in (f"{W}p", f"{W}tbl")]
    return len(beside) > 1 and all(child is sdt or child.tag == f"{W}pPr" for child in paragraph)


def _row_or_paragraph(sdt: etree._Element) -> etree._Element:
    """The table row in which a control within a paragraph stands, else its paragraph; a larger control itself."""
    if sdt.find(f"{W}sdtContent/{W}p") is None and sdt.find(f"{W}sdtContent/{W}tr") is None:
        for unit in (f"{W}tr", f"{W}p"):
            found = next(sdt.iterancestors(unit, _TEXT_BOX), None)
            if found is not None and found.tag == unit:
                return found
    return sdt


def _remove(element: etree._Element | None) -> None:
    parent = None if element is None else element.getparent()
    if parent is not None and element is not None:
        parent.remove(element)


def _unwrap(sdt: etree._Element) -> None:
    """Puts what a control holds in its place."""
    parent, content = sdt.getparent(), sdt.find(f"{W}sdtContent")
    if parent is not None:
        for child in [] if content is None else list(content):
            sdt.addprevious(child)
        parent.remove(sdt)


def _forget_sessions(root: etree._Element) -> None:
    """Removes what tells editing sessions and paragraphs apart: in repeated rows it would not be unique."""
    for element in root.iter():
        for attribute in list(element.attrib):
            name = str(attribute)
            if name.startswith(f"{W}rsid") or name in (f"{W14}paraId", f"{W14}textId"):
                del element.attrib[attribute]
