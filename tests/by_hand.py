"""Fills the content controls of a form as a person does in Word: by tag, with placeholders where nothing is typed."""

import copy
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from lxml import etree

from formgen import opc

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"


def filled(
    template: Path, texts: Mapping[str, str], ticked: Sequence[str] = (), rows: Sequence[Mapping[str, str]] = ()
) -> bytes:
    """The form with texts in the controls of these tags, and boxes ticked; ``rows`` fill the row of a list."""
    data = template.read_bytes()
    root = body(data)
    if rows:
        every = [sdt for sdt in root.iter(f"{W}sdt") if tag(sdt) in rows[0]]
        found = list(dict.fromkeys(next(sdt.iterancestors(f"{W}tr")) for sdt in every))
        while len(found) < len(rows):
            found.append(copy.deepcopy(found[0]))
            found[-2].addnext(found[-1])
        for row, values in zip(found, rows, strict=False):
            fill(row, values, ())
    fill(root, texts, ticked)
    return with_body(data, root)


def raw(data: bytes) -> bytes:
    return opc.read(data, "").parts["word/document.xml"]


def body(data: bytes) -> etree._Element:
    return opc.parse_xml(raw(data))


def with_body(data: bytes, root: etree._Element) -> bytes:
    return pack({**opc.read(data, "").parts, "word/document.xml": opc.serialise(root)})


def typed(text: str) -> etree._Element:
    run = etree.Element(f"{W}r")
    etree.SubElement(run, f"{W}t").text = text
    return run


def pack(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def tag(sdt: etree._Element) -> str:
    found = sdt.find(f"{W}sdtPr/{W}tag")
    return "" if found is None else found.get(f"{W}val", "")


def fill(root: etree._Element, texts: Mapping[str, str], ticked: Sequence[str]) -> None:
    for sdt in root.iter(f"{W}sdt"):
        if tag(sdt) in ticked:
            tick(sdt)
        elif tag(sdt) in texts:
            write(sdt, texts[tag(sdt)])


def tick(sdt: etree._Element) -> None:
    box = sdt.find(f"{W}sdtPr/{W14}checkbox")
    assert box is not None
    checked = box.find(f"{W14}checked")
    if checked is None:
        checked = etree.SubElement(box, f"{W14}checked")
        box.insert(0, checked)
    checked.set(f"{W14}val", "1")
    next(sdt.iter(f"{W}t")).text = "☑"


def write(sdt: etree._Element, text: str) -> None:
    """Types a text; Word takes the mark of the placeholder away as soon as somebody does."""
    shows = sdt.find(f"{W}sdtPr/{W}showingPlcHdr")
    if shows is not None:
        shows.getparent().remove(shows)  # type: ignore[union-attr]
    content = sdt.find(f"{W}sdtContent")
    assert content is not None
    run = next(content.iter(f"{W}r"))
    for old in list(run.iter(f"{W}t", f"{W}br")):
        old.getparent().remove(old)  # type: ignore[union-attr]
    for number, line in enumerate(text.split("\n")):
        if number:
            etree.SubElement(run, f"{W}br")
        etree.SubElement(run, f"{W}t").text = line


def with_picture(data: bytes, tag_: str, picture: bytes, suffix: str = "jpg") -> bytes:
    """The form with another picture in the picture control of that tag, as Word puts it in."""
    package = opc.read(data, "")
    main = package.related("", "officeDocument")[0]
    root = opc.parse_xml(package.parts[main])
    control = next(sdt for sdt in root.iter(f"{W}sdt") if tag(sdt) == tag_)
    blip = next(control.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}blip"))
    blip.set("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed", "rIdMine")
    parts = {**package.parts, main: opc.serialise(root), f"word/media/mine.{suffix}": picture}
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    parts = opc.with_relationship(parts, main, "rIdMine", kind, f"/word/media/mine.{suffix}")
    kinds = {"jpg": "image/jpeg", "png": "image/png"}
    return pack(opc.with_content_types(parts, {}, {suffix: kinds[suffix]}))
