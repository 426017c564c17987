"""One document of many records, for the printer: the template itself, made to repeat for each record.

The body is wrapped into a list of records, each in sections of its own: headers, footers and margins are those of the
single form, pages are counted from 1 again, and each record begins on the front of a sheet. Numbered lists begin anew.
The last record stands apart, since a section ends between two records and not behind the last. Compiled, it is filled
like any other template, in a time that grows with the records and not with their square.
Sources: ECMA-376 Part 1, 17.6.17 (sections), 17.9.15 (numbering instances), 17.9.26 (where one begins).
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree

from formgen import opc
from formgen.errors import TemplateError
from formgen.filling import data_part, draft_mark
from formgen.filling.controls import Problem
from formgen.filling.docx import NUMBER
from formgen.filling.template import Template, compile_word, live, mismatch
from formgen.filling.word_tree import WP, W
from formgen.findings import Text
from formgen.forms import Edition
from formgen.pictures import Picture

_RECORDS, _LAST, _NUMBERS = "records", "last", "#"
_BEFORE_NUMBERS = [
    f"{W}{name}"
    for name in (
        "headerReference", "footerReference", "footnotePr", "endnotePr", "type", "pgSz", "pgMar", "paperSrc",
        "pgBorders", "lnNumType",
    )
]  # fmt: skip
"""What comes before the numbers of pages in a section's properties."""
_BEFORE_TYPE = _BEFORE_NUMBERS[:4]
_FIRST_SHAPE = 1_000_000
"""Clear of the numbers that pictures get."""


class Bundle:
    """A template for so many records."""

    def __init__(self, data: bytes, name: str, edition: Edition, count: int, *, draft: bool = False) -> None:
        """Compiles it.

        Raises:
            TemplateError: it prints fields of the record outside of its body.
        """
        package = opc.read(data, name)
        main = next(iter(package.related("", "officeDocument")), "")
        if draft:
            package = draft_mark.marked(package, main)
        parts = opc.without_related(package, "", "thumbnail")
        parts = opc.without(opc.Package(parts), main, set(data_part.names(parts)))
        parts = opc.with_content_types(parts, {}, {"jpg": "image/jpeg", "png": "image/png"})
        _refuse_elsewhere(opc.Package(parts), main, name)
        root = opc.parse_xml(parts[main])
        self._lists = sorted({element.get(f"{W}val", "") for element in root.iter(f"{W}numId")} - {"", "0"})
        self._shapes = sum(1 for _ in root.iter(f"{WP}docPr"))
        self._first = _add_numbering(parts, main, self._lists, count)
        _repeat(root)
        parts[main] = opc.serialise(root)
        problems: list[Problem] = []
        compiled, made, controls = compile_word(opc.Package(parts), _edition(edition), problems)
        if problems:
            raise mismatch(name, problems)
        self._template = Template(edition, "", draft, tuple(controls), live(compiled, made), compiled, carries=False)

    def fill(self, records: Sequence[Mapping[str, Any]], pictures: Mapping[str, Picture]) -> bytes:
        """The document of the records, as many as were announced.

        Args:
            records: the values of each, with those of the dossier under ``dossier``.
            pictures: the pictures by the value of the field that names them.
        """
        *others, last = ({**values, _NUMBERS: dict(self._numbers(position))} for position, values in enumerate(records))
        return self._template.fill({_RECORDS: others, _LAST: last}, pictures).data

    def _numbers(self, position: int) -> Iterator[tuple[str, int]]:
        """The numbers that are the record's own: of its lists and its shapes."""
        for index, name in enumerate(self._lists):
            yield f"list{name}", self._first + position * len(self._lists) + index
        for index in range(self._shapes):
            yield f"shape{index}", _FIRST_SHAPE + position * self._shapes + index


def _edition(edition: Edition) -> Edition:
    """The form of a bundle: many of the form's records, and one more."""
    one = edition.printable
    fields = {_RECORDS: {"type": "array", "items": one}, _LAST: one}
    return replace(edition, schema={"title": edition.title, "type": "object", "properties": fields})


def _refuse_elsewhere(package: opc.Package, main: str, name: str) -> None:
    for part, data in package.parts.items():
        if part != main and "wordprocessingml" in package.content_type(part) and b":tag " in data:
            raise TemplateError(
                Text(
                    "页眉、页脚或脚注里有登记表的字段，多份表单不能合成一份打印",
                    "it prints fields outside of its body, so many forms cannot be one document for the printer",
                ),
                place=f"{name} {part}",
                remedy=Text("请把这些字段移到正文", "move these fields into the body"),
            )


# --- the body --------------------------------------------------------------------------------------------------------


def _repeat(root: etree._Element) -> None:
    """Makes the body one of many records and a last one."""
    body = root.find(f"{W}body")
    if body is None:
        raise AssertionError("a document without a body")
    for tag in ("bookmarkStart", "bookmarkEnd"):
        for mark in list(body.iter(f"{W}{tag}")):
            _remove(mark)
    sections = body.findall(f"{W}sectPr")
    final = sections[-1] if sections else etree.SubElement(body, f"{W}sectPr")
    body.remove(final)
    _begin(next(body.iter(f"{W}sectPr"), final))
    contents = [list(body), [copy.deepcopy(child) for child in body]]
    _end(contents[0], copy.deepcopy(final))
    for content, path in zip(contents, (f"{_RECORDS}[]", _LAST), strict=True):
        for child in content:
            _retag(child, path)
        _number(content, path)
    for child in list(body):
        body.remove(child)
    body.append(_control(f"{_RECORDS}[]", contents[0]))
    body.extend([*contents[1], final])


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _begin(section: etree._Element) -> None:
    """Has a section begin on the front of a sheet, as page 1."""
    for tag, attributes, before in (
        ("type", {f"{W}val": "oddPage"}, _BEFORE_TYPE),
        ("pgNumType", {f"{W}start": "1"}, _BEFORE_NUMBERS),
    ):
        found = section.find(f"{W}{tag}")
        if found is None:
            found = section.makeelement(f"{W}{tag}")
            section.insert(sum(1 for child in section if child.tag in before), found)
        for name, value in attributes.items():
            found.set(name, value)


def _end(content: list[etree._Element], section: etree._Element) -> None:
    """Ends the section of a record: in its last paragraph, or in one that takes no room."""
    last = content[-1] if content else None
    if last is None or last.tag != f"{W}p" or last.find(f"{W}pPr/{W}sectPr") is not None:
        last = etree.Element(f"{W}p")
        spacing = {f"{W}before": "0", f"{W}after": "0", f"{W}line": "20", f"{W}lineRule": "exact"}
        etree.SubElement(etree.SubElement(last, f"{W}pPr"), f"{W}spacing", spacing)
        content.append(last)
    properties = last.find(f"{W}pPr")
    if properties is None:
        properties = last.makeelement(f"{W}pPr")
        last.insert(0, properties)
    properties.append(section)


def _retag(element: etree._Element, path: str) -> None:
    """Has the controls mean the fields of one of the records."""
    for tag in element.iter(f"{W}tag"):
        text = tag.get(f"{W}val", "").strip()
        mark = text[:1] if text[:1] in ("?", "!") else ""
        if text:
            tag.set(f"{W}val", f"{mark}{path}.{text[len(mark) :]}")


def _number(content: list[etree._Element], path: str) -> None:
    """Has lists and shapes take the record's own numbers."""
    shapes = [shape for element in content for shape in element.iter(f"{WP}docPr")]
    for index, shape in enumerate(shapes):
        shape.set(f"{NUMBER}id", f"{path}.{_NUMBERS}.shape{index}")
    for element in content:
        for number in element.iter(f"{W}numId"):
            if number.get(f"{W}val", "0") != "0":
                number.set(f"{NUMBER}val", f"{path}.{_NUMBERS}.list{number.get(f'{W}val')}")


def _control(tag: str, content: list[etree._Element]) -> etree._Element:
    control = etree.Element(f"{W}sdt")
    properties = etree.SubElement(control, f"{W}sdtPr")
    etree.SubElement(properties, f"{W}tag", {f"{W}val": tag})
    etree.SubElement(control, f"{W}sdtContent").extend(content)
    return control


# --- numbered lists --------------------------------------------------------------------------------------------------


def _add_numbering(parts: dict[str, bytes], main: str, lists: Sequence[str], count: int) -> int:
    """Adds to the numbering, for each record and list, an instance that begins anew; the number of the first."""
    name = next(iter(opc.Package(parts).related(main, "numbering")), "")
    if not lists or name not in parts:
        return 0
    root = opc.parse_xml(parts[name])
    there = {element.get(f"{W}numId", ""): element for element in root.findall(f"{W}num")}
    first = max((int(number) for number in there if number.isdecimal()), default=0) + 1
    place = root.index(list(there.values())[-1]) + 1 if there else len(root)
    new = [
        _begun_anew(root, there[number], first + position * len(lists) + index)
        for position in range(count)
        for index, number in enumerate(lists)
        if number in there
    ]
    root[place:place] = new
    parts[name] = opc.serialise(root)
    return first


def _begun_anew(root: etree._Element, instance: etree._Element, number: int) -> etree._Element:
    new = copy.deepcopy(instance)
    new.set(f"{W}numId", str(number))
    abstract = instance.find(f"{W}abstractNumId")
    key = abstract.get(f"{W}val") if abstract is not None else None
    of = next((each for each in root.findall(f"{W}abstractNum") if each.get(f"{W}abstractNumId") == key), None)
    own = {override.get(f"{W}ilvl") for override in new.findall(f"{W}lvlOverride")}
    for level in of.findall(f"{W}lvl") if of is not None else ():
        start = level.find(f"{W}start")
        if level.get(f"{W}ilvl") not in own:
            override = etree.SubElement(new, f"{W}lvlOverride", {f"{W}ilvl": level.get(f"{W}ilvl", "0")})
            value = start.get(f"{W}val", "1") if start is not None else "0"
            etree.SubElement(override, f"{W}startOverride", {f"{W}val": value})
    return new
