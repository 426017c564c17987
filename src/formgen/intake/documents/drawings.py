"""What is drawn in a Word document: pictures, and the boxes that text is written into.

Newer programs write each twice, the second time for older ones; it is there once.
Source: ECMA-376 Part 1, 20.4 (drawings in a document), 20.1.8 (pictures); Part 3, 9 (alternate content); Part 4 (VML).
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from formgen import opc, pictures
from formgen.intake.documents.structured import W

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_VML = "{urn:schemas-microsoft-com:vml}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_BOX = f"{W}txbxContent"
_SHOWN = (f"{_A}blip", f"{_VML}imagedata")
_QUARTER = 5_400_000
"""A quarter turn clockwise, as a shape says it."""
_UNTURNED = ("", "0", "false")
DRAWN = frozenset({f"{W}drawing", f"{W}pict", f"{W}object", f"{_MC}AlternateContent"})
"""What of a run may hold pictures and boxes."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that lies in the package. ``altered``: the page crops it, or turns it other than it asks for."""

    part: str
    digest: str
    altered: bool = False


def boxes(drawn: etree._Element) -> Iterator[etree._Element]:
    """The text boxes in a drawing; those within one of them are its own matter."""
    for element in _once(drawn):
        if element.tag == _BOX:
            yield element
        else:
            yield from boxes(element)


def shown(drawn: etree._Element) -> Iterator[etree._Element]:
    """The elements of a drawing that show a picture, those in its text boxes left out."""
    for element in _once(drawn):
        if element.tag in _SHOWN:
            yield element
        elif element.tag != _BOX:
            yield from shown(element)


def _once(element: etree._Element) -> Iterator[etree._Element]:
    """The children of an element, or of that branch of it that is read: the newer one, unless nothing is in it."""
    if element.tag != f"{_MC}AlternateContent":
        yield from element
        return
    branches = [element.find(f"{_MC}{name}") for name in ("Choice", "Fallback")]
    there = [branch for branch in branches if branch is not None]
    full = (branch for branch in there if next(branch.iter(*_SHOWN, _BOX), None) is not None)
    chosen = next(full, there[0] if there else None)
    yield from () if chosen is None else chosen


@dataclass
class Images:
    """The pictures of a package, each digested once."""

    package: opc.Package
    _digests: dict[str, str] = field(default_factory=dict)

    def image(self, part: str, element: etree._Element) -> Image | None:
        """The picture that ``element`` shows in a part; None for one that lies outside of the package."""
        links: Mapping[str, opc.Relationship] = self.package.relationships(part)
        link = links.get(element.get(f"{_R}embed", element.get(f"{_R}id", "")))
        name = link.part if link is not None else None
        if name is None or name not in self.package.parts:
            return None
        if name not in self._digests:
            self._digests[name] = f"sha256:{hashlib.sha256(self.package.parts[name]).hexdigest()}"
        return Image(name, self._digests[name], _is_altered(element, self.package.parts[name]))


def _is_altered(element: etree._Element, data: bytes) -> bool:
    """Whether the page shows another part of the picture than the whole, or turns it in a way it does not ask for."""
    cut = next(element.itersiblings(f"{_A}srcRect"), None)
    if cut is not None and any(value not in _UNTURNED for value in cut.attrib.values()):
        return True
    if any(element.get(side, "0").rstrip("f") not in _UNTURNED for side in _CROPS):
        return True
    picture = next(element.iterancestors("{*}pic"), None)
    frame = None if picture is None else picture.find(f"{{*}}spPr/{_A}xfrm")
    if frame is None or all(frame.get(name, "") in _UNTURNED for name in ("rot", "flipH", "flipV")):
        return False
    turns, mirrored = pictures.position(data)
    asked = (str(turns * _QUARTER), mirrored, False)
    return asked != (frame.get("rot", "0"), *(frame.get(name, "") not in _UNTURNED for name in ("flipH", "flipV")))


_CROPS = ("cropleft", "croptop", "cropright", "cropbottom")
