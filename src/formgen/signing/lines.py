"""Signature lines: the places in a document that Word marks with an X, and the pictures that a signature shows."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageDraw

from formgen import opc
from formgen.opc import Package
from formgen.signing.signature import OnLine

_LINE = "{urn:schemas-microsoft-com:office:office}signatureline"
_SIZE = (384, 192)
_INK, _RULE, _RIGHT, _WRONG = (32, 32, 32), (128, 128, 128), (0, 112, 60), (192, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A signature line: its id, and whose signature it asks for."""

    id: str
    signer: str
    title: str


def find(package: Package) -> list[Line]:
    """The signature lines of a document, in the order of its parts."""
    return [line for name, data in package.parts.items() if b"signatureline" in data for line in _in_part(name, data)]


def _in_part(name: str, data: bytes) -> Iterator[Line]:
    if not name.endswith((".xml", ".vml")):
        return
    office = f"{{{_LINE[1:].partition('}')[0]}}}"
    for element in opc.parse_xml(data).iter(_LINE):
        if element.get("issignatureline") in ("t", "true", "1"):
            signer, title = (element.get(f"{office}{key}", "") for key in ("suggestedsigner", "suggestedsigner2"))
            yield Line(element.get("id", ""), signer, title)


def signed_on(line: Line, picture: bytes | None = None) -> OnLine:
    """What is needed to sign on a line.

    Args:
        line: the line.
        picture: a PNG of the handwritten signature, shown while the signature is valid; without one a tick is drawn. No
            font is used, so the bytes are the same everywhere.
    """
    return OnLine(line.id, picture or _drawn(valid=True), _drawn(valid=False))


def _drawn(*, valid: bool) -> bytes:
    image = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(image)
    width, height = _SIZE
    draw.line([(24, height - 40), (width - 24, height - 40)], fill=_RULE, width=2)
    draw.line([(24, height - 76), (48, height - 48)], fill=_INK, width=4)
    draw.line([(48, height - 76), (24, height - 48)], fill=_INK, width=4)
    if valid:
        draw.line([(150, 84), (182, 122), (250, 34)], fill=_RIGHT, width=12, joint="curve")
    else:
        draw.line([(150, 34), (250, 122)], fill=_WRONG, width=12)
        draw.line([(250, 34), (150, 122)], fill=_WRONG, width=12)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
