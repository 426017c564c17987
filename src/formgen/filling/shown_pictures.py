"""The pictures that a document holds, and how it shows them."""

from collections.abc import Container
from dataclasses import replace

from formgen import opc, pictures
from formgen.pictures import Picture, PictureError

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_QUARTERS = {"5400000": 1, "10800000": 2, "16200000": 3}


def stored(package: opc.Package) -> dict[str, bytes]:
    """The files of all pictures, by part."""
    return {n: data for n, data in package.parts.items() if n.rpartition(".")[2].lower() in ("jpg", "png")}


def shown(package: opc.Package, but: Container[str]) -> list[Picture]:
    """The pictures in the order in which filling numbers them, turned as their shapes turn them; damaged ones left out.

    How a photo was stored is no part of its bytes in a document: only the shape that shows it still says so.

    Args:
        package: a document.
        but: the parts of its template, whose pictures are its own.
    """
    turned = _turned(package)
    found = []
    for name in sorted(stored(package), key=lambda name: (len(name), name)):
        if name in but:
            continue
        turns, mirrored = turned.get(name, (0, False))
        try:
            found.append(replace(pictures.read(package.parts[name]), turns=turns, mirrored=mirrored))
        except PictureError:
            continue  # what was not put there by filling need not be a picture; the content then differs
    return found


def _turned(package: opc.Package) -> dict[str, tuple[int, bool]]:
    found = {}
    for part in package.parts:
        related = package.relationships(part)
        if not any(each.type.endswith("/image") for each in related.values()):
            continue
        for picture in opc.parse_xml(package.parts[part]).iter(f"{_PIC}pic"):
            blip, frame = picture.find(f".//{_A}blip"), picture.find(f".//{_A}xfrm")
            target = related.get(blip.get(_EMBED, "")) if blip is not None else None
            if target is not None and target.part is not None and frame is not None:
                found[target.part] = (_QUARTERS.get(frame.get("rot", ""), 0), frame.get("flipH") == "1")
    return found
