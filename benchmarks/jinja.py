"""Writes a template of formgen's as docxtpl wants it: the same document, with Jinja2 in the place of its controls."""

import re
from pathlib import Path

from lxml import etree

from formgen import opc
from formgen.filling.controls import Role, join_path, parse_tag
from formgen.filling.docx import W14, W

_NAMES = re.compile(r"[a-z_]+")


def write(template: Path, target: Path) -> int:
    """Writes it, and says how many fields it prints."""
    package = opc.read(template.read_bytes(), template.name)
    parts = dict(package.parts)
    root = opc.parse_xml(parts["word/document.xml"])
    fields = 0
    for sdt in reversed(list(root.iter(f"{W}sdt"))):
        fields += _replace(sdt)
    for row in list(root.iter(f"{W}tr")):
        loop = row.attrib.pop("loop", None)
        if loop is not None:
            row.addprevious(_row(f"{{%tr for item in {loop} %}}"))
            row.addnext(_row("{%tr endfor %}"))
    parts["word/document.xml"] = opc.serialise(root)
    target.write_bytes(opc.write([opc.member(name, data) for name, data in parts.items()]))
    return fields


def _replace(sdt: etree._Element) -> int:
    """Puts Jinja2 in the place of a control; of two texts of which one is printed, the first stays."""
    tag = sdt.find(f"{W}sdtPr/{W}tag")
    control = parse_tag(tag.get(f"{W}val", "")) if tag is not None else None
    content = sdt.find(f"{W}sdtContent")
    printed = 0
    if control is not None and content is not None:
        if control.role is Role.ABSENT:
            content.clear()
        elif control.role is not Role.PRESENT:
            _print(sdt, content, control.role, join_path(control.path), control.equals)
            printed = 1
    for child in list(content) if content is not None else []:
        sdt.addprevious(child)
    parent = sdt.getparent()
    if parent is not None:
        parent.remove(sdt)
    return printed


def _print(sdt: etree._Element, content: etree._Element, role: Role, path: str, equals: str) -> None:
    runs = list(content.iter(f"{W}r"))
    for other in runs[1:]:
        other.getparent().remove(other)  # type: ignore[union-attr]
    run = runs[0]
    for child in list(run):
        if child.tag != f"{W}rPr":
            run.remove(child)
    name, _, inner = path.partition("[].")
    if inner:
        row = next(run.iterancestors(f"{W}tr"))
        row.set("loop", name)
        path = f"item.{inner}"
    path = path.replace("class_rank", "class_rank.text")
    text = f"{{{{ {path} }}}}"
    if role is Role.TICK or sdt.find(f"{W}sdtPr/{W14}checkbox") is not None:
        value = equals.capitalize() if equals in ("true", "false") else repr(equals)
        text = f'{{{{ "☑" if {path} == {value} else "☐" }}}}'
    etree.SubElement(run, f"{W}t").text = text


def _row(text: str) -> etree._Element:
    row = etree.Element(f"{W}tr")
    paragraph = etree.SubElement(etree.SubElement(row, f"{W}tc"), f"{W}p")
    etree.SubElement(etree.SubElement(paragraph, f"{W}r"), f"{W}t").text = text
    return row


def as_word_saves(template: Path, target: Path) -> int:
    """The same document with the ids that Word gives to editing sessions and paragraphs; the bytes of its main part."""
    package = opc.read(template.read_bytes(), template.name)
    parts = dict(package.parts)
    root = opc.parse_xml(parts["word/document.xml"])
    for number, element in enumerate(root.iter(f"{W}p", f"{W}r", f"{W}tr")):
        ids = iter(f"{(number * 7 + index) * 2_654_435_761 % 2**32:08X}" for index in range(6))
        names = {
            "p": ("rsidR", "rsidRPr", "rsidRDefault", "rsidP"),
            "r": ("rsidR", "rsidRPr"),
            "tr": ("rsidR", "rsidTr"),
        }
        for name in names[etree.QName(element).localname]:
            element.set(f"{W}{name}", next(ids))
        if element.tag != f"{W}r":
            element.set(f"{W14}paraId", next(ids))
            element.set(f"{W14}textId", next(ids))
    parts["word/document.xml"] = opc.serialise(root)
    target.write_bytes(opc.write([opc.member(name, data) for name, data in parts.items()]))
    return len(parts["word/document.xml"])
